//! `[providers.NAME]`: providers that run models elsewhere, with their limits.

use std::{collections::BTreeMap, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::{ConfigError, models::check_id, within};
use crate::engine::remote::ProviderSettings;

/// An entry `[providers.NAME]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Base address of its routes, such as `https://openrouter.ai/api/v1`.
    #[serde(deserialize_with = "address")]
    pub base_url: Url,
    /// Name of the environment variable with its key.
    #[serde(default)]
    pub api_key_env: Option<String>,
    /// The value of that variable.
    #[serde(skip)]
    pub(super) api_key: Option<SecretString>,
    /// Further headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Most seconds to connect.
    #[serde(default = "five")]
    pub connect_timeout_seconds: u64,
    /// Most seconds from a request to the first piece of its answer.
    #[serde(default = "sixty")]
    pub first_token_seconds: u64,
    /// Most seconds between one piece of an answer and the next.
    #[serde(default = "thirty")]
    pub idle_seconds: u64,
    /// Most bytes of an answer as sent by the provider.
    #[serde(default = "max_answer_bytes")]
    pub max_answer_bytes: usize,
    /// Failures in a row after which no requests go to it for a while.
    #[serde(default = "failures")]
    pub failures_to_open: u32,
    /// Seconds without requests, before one request tries it again.
    #[serde(default = "thirty")]
    pub open_seconds: u64,
}

pub(super) fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn five() -> u64 {
    5
}

fn thirty() -> u64 {
    30
}

fn sixty() -> u64 {
    60
}

fn failures() -> u32 {
    5
}

fn max_answer_bytes() -> usize {
    8 << 20
}

impl ProviderConfig {
    /// Returns the settings of the provider `name`.
    #[must_use]
    pub fn settings(&self, name: &str) -> ProviderSettings {
        let headers = self.headers.iter();
        ProviderSettings {
            name: name.to_owned(),
            base_url: self.base_url.clone(),
            api_key: self.api_key.clone(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            connect_timeout: Duration::from_secs(self.connect_timeout_seconds),
            first_token_timeout: Duration::from_secs(self.first_token_seconds),
            idle_timeout: Duration::from_secs(self.idle_seconds),
            max_answer_bytes: self.max_answer_bytes,
            failures_to_open: self.failures_to_open,
            open_for: Duration::from_secs(self.open_seconds),
        }
    }

    pub(super) fn check(&self, name: &str) -> Result<(), ConfigError> {
        // The name is used in a header and in the metrics.
        check_id(name, &format!("providers.{name:?}"))?;
        let named = |field: &str| format!("providers.{name}.{field}");
        if !matches!(self.base_url.scheme(), "http" | "https") || self.base_url.cannot_be_a_base() {
            let reason = format!(
                "must be an address with http:// or https://, but is {}",
                self.base_url
            );
            return Err(ConfigError::invalid(named("base_url"), reason));
        }
        if !self.base_url.username().is_empty() || self.base_url.password().is_some() {
            let reason = "must not contain a user or password; put the key in the variable that api_key_env names";
            return Err(ConfigError::invalid(named("base_url"), reason));
        }
        if let (Some(variable), None) = (&self.api_key_env, &self.api_key) {
            let reason = format!(
                "names the environment variable {variable}, which is not set; set it, or leave api_key_env out"
            );
            return Err(ConfigError::invalid(named("api_key_env"), reason));
        }
        for (field, seconds) in [
            ("connect_timeout_seconds", self.connect_timeout_seconds),
            ("first_token_seconds", self.first_token_seconds),
            ("idle_seconds", self.idle_seconds),
            ("open_seconds", self.open_seconds),
        ] {
            within(&named(field), seconds, 1, 3600)?;
        }
        within(&named("failures_to_open"), self.failures_to_open, 1, 1000)?;
        let bytes = self.max_answer_bytes;
        within(&named("max_answer_bytes"), bytes, 1 << 10, 1 << 30)
    }
}
