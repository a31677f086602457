//! The fields that every part of one answer repeats.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::{http::record::new_id, presets::Preset};

/// The fields that every part of one answer repeats.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Id of the answer.
    pub id: String,
    /// Seconds since 1970.
    pub created: u64,
    /// The requested model or preset.
    pub model: String,
    /// The provider that runs the model.
    pub provider: String,
    /// A text that changes with the weights.
    pub fingerprint: String,
}

impl Envelope {
    /// Creates the envelope of a new answer by `preset`, with a name that begins with `kind`.
    #[must_use]
    pub fn new(kind: &str, preset: &Preset) -> Self {
        let weights = blake3::hash(preset.model.settings().weights.as_bytes()).to_hex();
        Self {
            id: new_id(kind),
            created: now(),
            model: preset.id.clone(),
            provider: preset.model.settings().provider_name().to_owned(),
            fingerprint: format!("rg_{}", weights.get(..12).unwrap_or_default()),
        }
    }
}

/// Returns the seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
