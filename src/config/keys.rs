//! `[[keys]]`: the keys of clients, the models that each may use, and its limits.

use serde::Deserialize;

use super::{ConfigError, within};
use crate::{
    keys::{KeyHash, KeyLimits, KeySettings},
    presets::SUFFIX,
};

/// An entry of `[[keys]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyConfig {
    /// Name that the log and the limits know it by.
    pub name: String,
    /// BLAKE3 of the key, in hexadecimal.
    pub hash: KeyHash,
    /// Ids of the models and presets that it may use; all where it is left out.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// Whether it opens `/admin`, where `admin.access` is `key`.
    #[serde(default)]
    pub admin: bool,
    /// Requests in a minute, at most.
    #[serde(default)]
    pub requests_per_minute: Option<u32>,
    /// Tokens of prompts and answers in a minute, at most.
    #[serde(default)]
    pub tokens_per_minute: Option<u32>,
    /// Requests that run at once, at most.
    #[serde(default)]
    pub concurrency: Option<u32>,
}

impl KeyConfig {
    /// What the gateway keeps of it.
    #[must_use]
    pub fn settings(&self) -> KeySettings {
        KeySettings {
            name: self.name.clone(),
            hash: self.hash,
            models: self.models.clone(),
            admin: self.admin,
            limits: KeyLimits {
                requests_per_minute: self.requests_per_minute,
                tokens_per_minute: self.tokens_per_minute,
                concurrency: self.concurrency,
            },
        }
    }

    fn check(&self, field: &str, is_model: &impl Fn(&str) -> bool) -> Result<(), ConfigError> {
        let named = |name: &str| format!("{field}.{name}");
        check_name(&self.name, &named("name"))?;
        for (name, limit, most) in [
            ("requests_per_minute", self.requests_per_minute, 1_000_000),
            ("tokens_per_minute", self.tokens_per_minute, 100_000_000),
            ("concurrency", self.concurrency, 100_000),
        ] {
            within(&named(name), limit.unwrap_or(1), 1, most)?;
        }
        let models = self.models.as_deref();
        if models.is_some_and(<[String]>::is_empty) {
            let reason = "is empty, so that the key may use none; leave it out for all";
            return Err(ConfigError::invalid(named("models"), reason));
        }
        for id in models.unwrap_or_default() {
            let of_schema = id.rsplit_once(SUFFIX).map(|(model, _)| model);
            if !is_model(id) && !of_schema.is_some_and(is_model) {
                let reason = format!("{id:?} is neither a model nor a preset");
                return Err(ConfigError::invalid(named("models"), reason));
            }
        }
        Ok(())
    }
}

/// Fails unless `name` can be the name of a key.
///
/// # Errors
/// What is allowed.
pub fn check_name(name: &str, field: &str) -> Result<(), ConfigError> {
    let is_name_char = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if (1..=64).contains(&name.len()) && name.chars().all(is_name_char) {
        return Ok(());
    }
    let reason = format!("{name:?} is not 1 to 64 letters, digits and any of - _");
    Err(ConfigError::invalid(field, reason))
}

/// Fails unless all `keys` can be told apart, and name nothing that `is_model` does not know.
pub(super) fn check(
    keys: &[KeyConfig],
    is_model: &impl Fn(&str) -> bool,
) -> Result<(), ConfigError> {
    for (i, key) in keys.iter().enumerate() {
        let field = format!("keys[{i}]");
        key.check(&field, is_model)?;
        for other in keys.iter().take(i) {
            if other.name == key.name {
                let reason = format!("{:?} is the name of two keys", key.name);
                return Err(ConfigError::invalid(format!("{field}.name"), reason));
            }
            if other.hash == key.hash {
                let reason = format!("is that of {:?} too", other.name);
                return Err(ConfigError::invalid(format!("{field}.hash"), reason));
            }
        }
    }
    Ok(())
}
