//! Metrics of what generations cost.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric, counter::Counter, family::Family},
    registry::{Registry, Unit},
};
use rust_decimal::Decimal;

use super::count;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Spender {
    model: String,
}

/// A counter of US dollars, which adds up exactly and is a float only where it is written.
#[derive(Debug, Clone, Default)]
struct Dollars(Arc<Mutex<Decimal>>);

impl Dollars {
    fn add(&self, amount: Decimal) {
        let mut sum = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *sum = sum.saturating_add(amount);
    }
}

impl TypedMetric for Dollars {
    const TYPE: MetricType = MetricType::Counter;
}

impl EncodeMetric for Dollars {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let sum = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A decimal's own conversion divides, which rounds twice.
        let sum: f64 = sum.to_string().parse().unwrap_or_default();
        encoder.encode_counter::<NoLabelSet, _, u64>(&sum, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[derive(Debug)]
pub(super) struct Costs {
    known: Family<Spender, Dollars>,
    unknown: Family<Spender, Counter>,
}

impl Costs {
    pub(super) fn new(families: &mut Registry) -> Self {
        let known = Family::default();
        families.register_with_unit(
            "generation_cost",
            "Cost of generations, as the provider states it or by the prices in the configuration",
            Unit::Other("usd".to_owned()),
            known.clone(),
        );
        Self {
            known,
            unknown: count(
                families,
                "generations_without_cost",
                "Generations whose cost is not known: the provider states none and there are no prices, or they did \
                 not end",
                Family::default(),
            ),
        }
    }

    pub(super) fn of(&self, id: &str) -> ModelCosts {
        let model = Spender {
            model: id.to_owned(),
        };
        ModelCosts {
            known: self.known.get_or_create_owned(&model),
            unknown: self.unknown.get_or_create_owned(&model),
        }
    }
}

/// The costs of one model.
#[derive(Debug, Clone)]
pub(super) struct ModelCosts {
    known: Dollars,
    unknown: Counter,
}

impl ModelCosts {
    /// Counts the cost of a generation in US dollars, if it is known.
    pub(super) fn add(&self, cost: Option<Decimal>) {
        match cost {
            Some(cost) => self.known.add(cost),
            None => {
                self.unknown.inc();
            }
        }
    }
}
