//! `[cache]`: the cache of answers, of this gateway and shared with others.

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, within};

/// The section `[cache]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// Most bytes of all answers together; 0 turns the cache off.
    pub max_bytes: u64,
    /// Seconds that an answer is kept.
    pub time_to_live_seconds: u64,
    /// Address of a Redis or Valkey that gateways share; it may contain a password.
    pub shared: Option<SecretString>,
    /// PEM file of the authorities that may have signed its certificate; the system's authorities if left out.
    pub shared_ca: Option<PathBuf>,
    /// Most milliseconds of an operation on it.
    pub shared_timeout_ms: u64,
    /// Prefix of its keys.
    pub shared_prefix: String,
    /// Most bytes of an answer in it.
    pub shared_max_value_bytes: usize,
    /// Most answers being written to it at once; further ones are not written.
    pub shared_max_writes: usize,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            time_to_live_seconds: 24 * 3600,
            shared: None,
            shared_ca: None,
            shared_timeout_ms: 100,
            shared_prefix: "receipt-gateway:".to_owned(),
            shared_max_value_bytes: 256 << 10,
            shared_max_writes: 64,
        }
    }
}

impl CacheConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let field = |name| format!("cache.{name}");
        within(
            &field("shared_timeout_ms"),
            self.shared_timeout_ms,
            1,
            10_000,
        )?;
        within(
            &field("shared_max_value_bytes"),
            self.shared_max_value_bytes,
            1 << 10,
            64 << 20,
        )?;
        within(
            &field("shared_max_writes"),
            self.shared_max_writes,
            1,
            10_000,
        )?;
        let prefix = &self.shared_prefix;
        if prefix.len() > 100 || !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "must be at most 100 visible ASCII characters, without spaces";
            return Err(ConfigError::invalid(field("shared_prefix"), reason));
        }
        // A hundred years, the longest that the stores' clocks can hold.
        let least = u64::from(self.shared.is_some());
        let seconds = self.time_to_live_seconds;
        within(
            &field("time_to_live_seconds"),
            seconds,
            least,
            3_153_600_000,
        )?;
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        let is = |kind| shared.expose_secret().starts_with(kind);
        if !["redis://", "rediss://", "unix://"].into_iter().any(is) {
            let reason = "must begin with redis://, rediss:// (for TLS) or unix://";
            return Err(ConfigError::invalid(field("shared"), reason));
        }
        if self.shared_ca.is_some() && !is("rediss://") {
            let reason = "is for TLS, but cache.shared does not begin with rediss://; change that or leave this out";
            return Err(ConfigError::invalid(field("shared_ca"), reason));
        }
        if self.max_bytes == 0 {
            let reason = "has no effect with cache.max_bytes = 0, which turns caches off; leave one of the two out";
            return Err(ConfigError::invalid(field("shared"), reason));
        }
        Ok(())
    }

    /// Returns whether `other` describes the same shared cache.
    #[must_use]
    pub fn shares_like(&self, other: &Self) -> bool {
        let told = |config: &Self| {
            let address = config.shared.as_ref();
            (
                address.map(|address| address.expose_secret().to_owned()),
                config.shared_ca.clone(),
                config.shared_timeout_ms,
                config.shared_prefix.clone(),
                config.shared_max_value_bytes,
                config.shared_max_writes,
                config.time_to_live_seconds,
            )
        };
        told(self) == told(other)
    }

    /// Returns the time that an answer is kept.
    #[must_use]
    pub fn time_to_live(&self) -> Duration {
        Duration::from_secs(self.time_to_live_seconds)
    }
}
