//! `[presets.NAME]`: other names for models, with settings of their own.

use serde::Deserialize;

use super::{ConfigError, models::check_id, within};
use crate::receipt::Grounding;

/// An entry `[presets.NAME]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetConfig {
    /// Model that answers; `extract.model` if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// Models to try in turn, when one has no room, fails or takes too long.
    #[serde(default)]
    pub models: Vec<String>,
    /// Weights of `models` for the choice of the first to try; always the first listed if left out.
    #[serde(default)]
    pub weights: Vec<u32>,
    /// Name of the schema in `extract.schemas` that answers must follow.
    #[serde(default)]
    pub schema: Option<String>,
    /// Temperature of requests that set none; `chat.temperature` if left out.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Most tokens of an answer if a request sets no limit; `chat.max_tokens` if left out. Not for presets with a
    /// schema, which limits its answers itself.
    #[serde(default)]
    pub max_tokens: Option<usize>,
    /// Whether values of receipts are held to what is printed; the setting of the model if left out.
    #[serde(default)]
    pub grounding: Option<Grounding>,
}

impl PresetConfig {
    pub(super) fn check(&self, id: &str, field: &str) -> Result<(), ConfigError> {
        let named = |name: &str| format!("{field}.{name}");
        check_id(id, field)?;
        if self.model.is_some() && !self.models.is_empty() {
            let reason = "is set beside model; leave one of the two out";
            return Err(ConfigError::invalid(named("models"), reason));
        }
        let weights = self.weights.iter();
        let total: u64 = weights.map(|weight| u64::from(*weight)).sum();
        let are_of_models = self.weights.len() == self.models.len();
        let is_sound = are_of_models && (1..=1_000_000).contains(&total);
        if !(self.weights.is_empty() || is_sound) {
            let reason = "must have one weight for each of models, with a sum from 1 to 1000000";
            return Err(ConfigError::invalid(named("weights"), reason));
        }
        if self.schema.is_some() && self.max_tokens.is_some() {
            let reason =
                "is set beside schema, which limits its answers itself; leave one of the two out";
            return Err(ConfigError::invalid(named("max_tokens"), reason));
        }
        within(
            &named("temperature"),
            self.temperature.unwrap_or(0.0),
            0.0,
            2.0,
        )?;
        within(
            &named("max_tokens"),
            self.max_tokens.unwrap_or(1),
            1,
            1 << 20,
        )
    }
}
