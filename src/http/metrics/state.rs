//! The metrics of current state, read from the registry and the cache at each scrape.

use std::{
    fmt::{self, Debug, Formatter},
    sync::Arc,
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::{Registry as Families, Unit},
};

use crate::{
    app::App,
    engine::remote::Provider,
    metrics::PREFIX,
    receipt::Extractor,
    registry::{ModelStage, Registry},
};

/// Returns the metric families of `app`'s state.
pub fn families(app: &Arc<App>) -> Families {
    let mut families = Families::with_prefix(PREFIX);
    families.register_collector(Box::new(Now {
        registry: app.registry.clone(),
        extractor: app.extractor.clone(),
        providers: app.providers.clone(),
    }));
    families
}

struct Now {
    registry: Arc<Registry>,
    extractor: Arc<Extractor>,
    providers: Vec<Arc<Provider>>,
}

impl Debug for Now {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Now").finish_non_exhaustive()
    }
}

impl Collector for Now {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Out(encoder);
        self.models(&mut out)?;
        self.providers(&mut out)?;
        self.memory(&mut out)?;
        self.cache(&mut out)
    }
}

impl Now {
    fn models(&self, out: &mut Out<'_>) -> fmt::Result {
        let models: Vec<_> = self
            .registry
            .iter()
            .map(|model| (&*model.settings().id, model, model.status()))
            .collect();
        let running = models.iter().map(|(id, model, _)| {
            let running = model.admission().running() as u64;
            ([("model", *id)], ConstGauge::new(running))
        });
        out.each(
            "generations_running",
            "Generations that run on the model",
            running,
        )?;
        let waiting = models.iter().map(|(id, model, _)| {
            let waiting = model.admission().waiting() as u64;
            ([("model", *id)], ConstGauge::new(waiting))
        });
        out.each(
            "generations_waiting",
            "Generations that wait for a place on the model",
            waiting,
        )?;
        let states = models.iter().flat_map(|(id, _, status)| {
            ModelStage::ALL.map(|stage| {
                let is_in_it = u64::from(status.stage == stage);
                let labels = [("model", *id), ("state", stage.as_str())];
                (labels, ConstGauge::new(is_in_it))
            })
        });
        out.each(
            "model_state",
            "1 for the current state of the model, 0 for the others",
            states,
        )?;
        let kept = models.iter().map(|(id, model, _)| {
            let bytes = model.prompt_cache_used();
            ([("model", *id)], ConstGauge::new(bytes))
        });
        out.each(
            "prompt_cache_size_bytes",
            "Memory of the kept beginnings of prompts",
            kept,
        )?;
        let loads = models
            .iter()
            .map(|(id, _, status)| ([("model", *id)], ConstCounter::new(status.loads)));
        out.each("model_loads", "Times that the model was loaded", loads)
    }

    fn providers(&self, out: &mut Out<'_>) -> fmt::Result {
        let providers = self.providers.iter().map(|provider| {
            let is_left_alone = u64::from(provider.is_left_alone());
            (
                [("provider", provider.name())],
                ConstGauge::new(is_left_alone),
            )
        });
        out.each(
            "provider_left_alone",
            "1 while requests skip the provider after repeated failures",
            providers,
        )
    }

    fn memory(&self, out: &mut Out<'_>) -> fmt::Result {
        let memory = self.registry.memory();
        let used = ConstGauge::new(memory.used());
        out.bytes("model_memory_used", "Memory of the loaded models", &used)?;
        if let Some(budget) = memory.budget() {
            let budget = ConstGauge::new(budget);
            out.bytes(
                "model_memory_budget",
                "Memory that all models may take",
                &budget,
            )?;
        }
        Ok(())
    }

    fn cache(&self, out: &mut Out<'_>) -> fmt::Result {
        let stats = self.extractor.cache_stats();
        let lookups = [
            ("hit", stats.hits),
            ("hit-shared", stats.shared_hits),
            ("miss", stats.misses),
            ("coalesced", stats.coalesced),
        ];
        let lookups = lookups
            .into_iter()
            .map(|(result, times)| ([("result", result)], ConstCounter::new(times)));
        out.each(
            "cache_lookups",
            "Lookups of receipts in the cache; coalesced ones joined the run of another request",
            lookups,
        )?;
        let evictions = ConstCounter::new(stats.evictions);
        out.one(
            "cache_evictions",
            "Answers removed from the cache for room or age",
            &evictions,
        )?;
        let entries = ConstGauge::new(stats.entries);
        out.one("cache_entries", "Answers in the cache", &entries)?;
        out.bytes(
            "cache_size",
            "Size of the answers in the cache",
            &ConstGauge::new(stats.bytes),
        )
    }
}

/// Writes metric families.
struct Out<'a>(DescriptorEncoder<'a>);

impl Out<'_> {
    fn each<'l, const N: usize, M: EncodeMetric>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl Iterator<Item = ([(&'l str, &'l str); N], M)>,
    ) -> fmt::Result {
        let mut samples = samples.peekable();
        let Some((_, first)) = samples.peek() else {
            return Ok(());
        };
        let kind = first.metric_type();
        let mut family = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, metric) in samples {
            metric.encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn one(&mut self, name: &str, help: &str, metric: &impl EncodeMetric) -> fmt::Result {
        let kind = metric.metric_type();
        metric.encode(self.0.encode_descriptor(name, help, None, kind)?)
    }

    fn bytes(&mut self, name: &str, help: &str, metric: &impl EncodeMetric) -> fmt::Result {
        let kind = metric.metric_type();
        let unit = Some(&Unit::Bytes);
        metric.encode(self.0.encode_descriptor(name, help, unit, kind)?)
    }
}
