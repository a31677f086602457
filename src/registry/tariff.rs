//! What a generation costs.

use std::sync::Arc;

use super::{ModelSettings, Purse, Ticket};
use crate::generation::{Cost, Generation, Prices, Usage};

/// The prices of one generation, and the purse that pays.
#[derive(Debug, Default)]
pub(super) struct Tariff {
    prices: Option<Prices>,
    /// A model that runs here costs nothing, unless prices are set.
    is_local: bool,
    pictures: usize,
    purse: Option<Arc<dyn Purse>>,
}

impl Tariff {
    pub(super) fn of(settings: &ModelSettings, generation: &Generation, ticket: &Ticket) -> Self {
        let messages = generation.messages().iter();
        Self {
            prices: settings.prices,
            is_local: settings.provider.is_none(),
            pictures: messages.map(|message| message.pictures().count()).sum(),
            purse: ticket.purse().cloned(),
        }
    }

    /// Returns the cost of a generation: what its provider states, else by the prices.
    pub(super) fn cost(&self, usage: &Usage) -> Option<Cost> {
        let by_prices = || match &self.prices {
            Some(prices) => prices.cost(usage, self.pictures),
            None => self.is_local.then_some(Cost::ZERO),
        };
        usage.cost.or_else(by_prices)
    }

    pub(super) fn pay(&self, cost: Option<Cost>) {
        if let Some(purse) = &self.purse {
            purse.spend(cost);
        }
    }
}
