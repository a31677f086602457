//! Recommends a model for a machine: the largest reader of receipts that it holds and runs in bearable time.

use serde::Serialize;

use super::{
    facts::{Host, Whereabouts},
    model::ModelFindings,
    names::millions,
};
use crate::{
    config::{Config, ModelConfig},
    engine::MEMORY_SHARE,
    registry::Reads,
};

/// The models to choose among where there is no configuration; `MODEL_NAME` takes them as they are.
const WITHOUT_CONFIG: [&str; 3] = [
    "Qwen/Qwen2-VL-2B-Instruct",
    "Qwen/Qwen3-VL-4B-Instruct",
    "Qwen/Qwen2-VL-7B-Instruct",
];

/// The largest model that reads pictures on a CPU, in millions of weights by its name. One of two billion needed half
/// a minute for an invoice on two cores (README.md, Speed), and time grows with the weights.
const LARGEST_ON_CPU: u64 = 2500;

/// A recommended model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// The model; `None` if none suits.
    pub model: Option<String>,
    /// The line to write, and where.
    pub line: Option<String>,
    /// Why.
    pub reason: String,
}

/// Returns the models that a machine without a configuration may choose among.
pub(super) fn known() -> Vec<ModelConfig> {
    WITHOUT_CONFIG.map(ModelConfig::from_repo).to_vec()
}

/// Recommends one of `models`, which `config` has, or which are known without one.
pub(super) fn recommend(
    models: &[(&ModelConfig, &ModelFindings)],
    config: Option<&Config>,
    host: &Host,
) -> Recommendation {
    let none = |reason: &str| Recommendation {
        model: None,
        line: None,
        reason: reason.to_owned(),
    };
    if !host.engine.has_engine {
        return none("this build has no engine; name a model of a provider");
    }
    let suitable = models
        .iter()
        .filter(|(model, found)| suits(model, found, host));
    let mut best: Option<(&ModelConfig, &ModelFindings, (bool, u64))> = None;
    for &(model, found) in suitable {
        let reads_pictures = model.reads.shows_pictures();
        let size = model.repo.as_deref().and_then(millions).unwrap_or(0);
        if reads_pictures && !found.is_accelerated() && size > LARGEST_ON_CPU {
            continue;
        }
        let rank = (reads_pictures, size);
        // Of equals the one that is listed first.
        if best.is_none_or(|(.., other)| rank > other) {
            best = Some((model, found, rank));
        }
    }
    let Some((model, found, _)) = best else {
        return none(
            "no configured model of the hub that reads receipts fits this machine; receipt-nano needs the least",
        );
    };
    let is_set = config.is_some_and(|config| config.extract.model == model.id);
    Recommendation {
        model: Some(model.id.clone()),
        line: match config {
            _ if is_set => None,
            Some(_) => Some(format!("model = \"{}\"  # in [extract]", model.id)),
            None => Some(format!("MODEL_NAME={}  # in the environment", model.id)),
        },
        reason: reason(model, found, is_set),
    }
}

/// Returns whether `model` reads receipts, has no faults, and leaves room for other programs.
fn suits(model: &ModelConfig, found: &ModelFindings, host: &Host) -> bool {
    let is_family = |repo: &str| {
        let name = repo.rsplit('/').next().unwrap_or(repo);
        let mut families = crate::config::FAMILIES.iter();
        families.any(|family| name.starts_with(family))
    };
    let reads = match model.reads {
        Reads::PageText => model.repo.is_some(),
        _ => model.repo.as_deref().is_some_and(is_family),
    };
    let (part, of) = MEMORY_SHARE;
    let fits = found.needs.is_some_and(|needs| {
        let total = found.memory_total(host);
        needs.total_bytes.saturating_mul(of) <= total.saturating_mul(part)
    });
    reads && fits && found.faults.is_empty() && found.doubts.is_empty()
}

fn reason(model: &ModelConfig, found: &ModelFindings, is_set: bool) -> String {
    let what = match (model.reads, found.is_accelerated()) {
        (Reads::PageText, _) => "it reads the text of pages; no reader of pictures fits",
        (_, true) => "the largest reader of pictures that fits the accelerator",
        (_, false) => "the largest reader of pictures that a CPU runs in bearable time",
    };
    let set = if is_set { "; it is set already" } else { "" };
    let away = if found.files == Whereabouts::NotDownloaded {
        "; it is downloaded on first use"
    } else {
        ""
    };
    format!("{what}{set}{away}; `eval` measures how well a model reads your receipts")
}
