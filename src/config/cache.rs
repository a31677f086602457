//! `[cache]`: what is remembered, here and between gateways.

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, within};

/// `[cache]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// Bytes of all answers together; 0 turns the cache off.
    pub max_bytes: u64,
    /// Seconds that an answer is kept.
    pub time_to_live_seconds: u64,
    /// Address of a Redis or Valkey that gateways share; it may hold a password.
    pub shared: Option<SecretString>,
    /// Certificates, in PEM, of which one has signed that of the Redis; else the system's.
    pub shared_ca: Option<PathBuf>,
    /// Milliseconds that an operation on it may take.
    pub shared_timeout_ms: u64,
    /// What its keys begin with.
    pub shared_prefix: String,
    /// Bytes of an answer in it, at most.
    pub shared_max_value_bytes: usize,
    /// Answers on their way to it at once; those beyond are not sent.
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
            let reason = "it must be 100 visible ASCII characters at most, without spaces";
            return Err(ConfigError::invalid(field("shared_prefix"), reason));
        }
        // A hundred years: the longest that has room in the stores' own clocks.
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
            let reason = "it must begin with redis://, rediss:// (for TLS) or unix://";
            return Err(ConfigError::invalid(field("shared"), reason));
        }
        if self.shared_ca.is_some() && !is("rediss://") {
            let reason = "it is for TLS, but cache.shared does not begin with rediss://";
            return Err(ConfigError::invalid(field("shared_ca"), reason));
        }
        if self.max_bytes == 0 {
            let reason = "cache.max_bytes is 0, which turns every cache off";
            return Err(ConfigError::invalid(field("shared"), reason));
        }
        Ok(())
    }

    /// Whether the cache that others share is the one that `other` describes.
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

    /// How long an answer is kept.
    #[must_use]
    pub fn time_to_live(&self) -> Duration {
        Duration::from_secs(self.time_to_live_seconds)
    }
}
