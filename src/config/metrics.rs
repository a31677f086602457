//! `[metrics]`: who may read what the gateway counts.

use secrecy::SecretString;
use serde::Deserialize;

use super::ConfigError;

/// Who may read the metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricsAccess {
    /// Whoever asks from this machine.
    #[default]
    Loopback,
    /// Whoever has the key.
    Key,
    /// Everybody.
    Open,
    /// Nobody.
    Off,
}

/// `[metrics]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsConfig {
    /// Who may read the metrics.
    pub access: MetricsAccess,
    /// What they send as `Authorization: Bearer`, where access is by key.
    pub key: Option<SecretString>,
}

impl MetricsConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match (self.access, &self.key) {
            (MetricsAccess::Key, None) => {
                let reason = "is needed where metrics.access is \"key\"";
                Err(ConfigError::invalid("metrics.key", reason))
            }
            (MetricsAccess::Loopback | MetricsAccess::Open | MetricsAccess::Off, Some(_)) => {
                let reason = "a key is set, so it must be \"key\"";
                Err(ConfigError::invalid("metrics.access", reason))
            }
            _ => Ok(()),
        }
    }
}
