//! `[telemetry]`: where traces go.

use serde::{Deserialize, Deserializer};
use url::Url;

use super::{ConfigError, providers::address, within};

/// `[telemetry]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// Address of a collector that takes OTLP over HTTP, without the path `v1/traces`; none for no traces.
    #[serde(deserialize_with = "some_address")]
    pub endpoint: Option<Url>,
    /// Share of the traces that begin here and are exported, 0 to 1.
    pub sample_ratio: f64,
    /// Seconds that the collector may take to take spans.
    pub timeout_seconds: u64,
}

fn some_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    address(from).map(Some)
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            endpoint: None,
            sample_ratio: 1.0,
            timeout_seconds: 10,
        }
    }
}

/// Fails where that is no address of a collector.
pub(super) fn check_endpoint(endpoint: &Url) -> Result<(), String> {
    match endpoint.scheme() {
        "http" | "https" => Ok(()),
        _ => Err(format!("{endpoint} is neither http:// nor https://")),
    }
}

impl TelemetryConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if let Some(endpoint) = &self.endpoint {
            check_endpoint(endpoint)
                .map_err(|reason| ConfigError::invalid("telemetry.endpoint", reason))?;
        }
        within("telemetry.sample_ratio", self.sample_ratio, 0.0, 1.0)?;
        within("telemetry.timeout_seconds", self.timeout_seconds, 1, 300)
    }
}
