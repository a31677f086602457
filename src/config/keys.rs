//! `[[keys]]`: the API keys of clients, with the models that each may use, and its limits.

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
    /// Name in the log and for the limits.
    pub name: String,
    /// BLAKE3 digest of the key, in hexadecimal.
    pub hash: KeyHash,
    /// Ids of the models and presets that it may use; all if left out.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// Whether it opens `/admin` and `/metrics` if their access is `key`.
    #[serde(default)]
    pub admin: bool,
    /// Most requests in a minute.
    #[serde(default)]
    pub requests_per_minute: Option<u32>,
    /// Most tokens of prompts and answers in a minute.
    #[serde(default)]
    pub tokens_per_minute: Option<u32>,
    /// Most requests that run at once.
    #[serde(default)]
    pub concurrency: Option<u32>,
}

impl KeyConfig {
    /// Returns the settings of the key for the gateway.
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
            let reason = "is empty, so that the key may use no model; name some, or leave models out for all";
            return Err(ConfigError::invalid(named("models"), reason));
        }
        for id in models.unwrap_or_default() {
            let of_schema = id.rsplit_once(SUFFIX).map(|(model, _)| model);
            if !is_model(id) && !of_schema.is_some_and(is_model) {
                let reason = format!("{id:?} is neither a configured model nor a preset");
                return Err(ConfigError::invalid(named("models"), reason));
            }
        }
        Ok(())
    }
}

/// Checks that `name` can be the name of a key.
///
/// # Errors
/// Fails with the characters that are allowed.
pub fn check_name(name: &str, field: &str) -> Result<(), ConfigError> {
    let is_name_char = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if (1..=64).contains(&name.len()) && name.chars().all(is_name_char) {
        return Ok(());
    }
    let reason = format!("must be 1 to 64 letters, digits, - and _, but is {name:?}");
    Err(ConfigError::invalid(field, reason))
}

/// Checks that all `keys` have different names and digests, and name only models that `is_model` knows.
pub(super) fn check(
    keys: &[KeyConfig],
    is_model: &impl Fn(&str) -> bool,
) -> Result<(), ConfigError> {
    for (i, key) in keys.iter().enumerate() {
        let field = format!("keys[{i}]");
        key.check(&field, is_model)?;
        for other in keys.iter().take(i) {
            if other.name == key.name {
                let reason = format!(
                    "{:?} is the name of an earlier key too; give each key its own",
                    key.name
                );
                return Err(ConfigError::invalid(format!("{field}.name"), reason));
            }
            if other.hash == key.hash {
                let reason = format!(
                    "is the hash of the key {:?} too; give each key its own",
                    other.name
                );
                return Err(ConfigError::invalid(format!("{field}.hash"), reason));
            }
        }
    }
    Ok(())
}
