//! `[metrics]`: access to the metrics.

use secrecy::SecretString;
use serde::Deserialize;

use super::ConfigError;

/// The clients that may read the metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricsAccess {
    /// Clients on this machine.
    #[default]
    Loopback,
    /// Clients with the key.
    Key,
    /// All clients.
    Open,
    /// No client.
    Off,
}

/// The section `[metrics]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsConfig {
    /// The clients that may read the metrics.
    pub access: MetricsAccess,
    /// Key that they send as `Authorization: Bearer`, if access is `key`.
    pub key: Option<SecretString>,
}

impl MetricsConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match (self.access, &self.key) {
            (MetricsAccess::Key, None) => {
                let reason = "is missing; metrics.access = \"key\" needs it";
                Err(ConfigError::invalid("metrics.key", reason))
            }
            (MetricsAccess::Loopback | MetricsAccess::Open | MetricsAccess::Off, Some(_)) => {
                let reason =
                    "must be \"key\", since metrics.key is set; change it or remove the key";
                Err(ConfigError::invalid("metrics.access", reason))
            }
            _ => Ok(()),
        }
    }
}
