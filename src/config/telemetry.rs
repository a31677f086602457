//! `[telemetry]`: the export of traces.

use serde::{Deserialize, Deserializer};
use url::Url;

use super::{ConfigError, providers::address, within};

/// The section `[telemetry]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// Address of a collector for OTLP over HTTP, without the path `v1/traces`; no traces if left out.
    #[serde(deserialize_with = "some_address")]
    pub endpoint: Option<Url>,
    /// Share of the traces begun by the gateway that are exported, from 0 to 1.
    pub sample_ratio: f64,
    /// Most seconds for the collector to accept spans.
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

/// Checks that `endpoint` can be the address of a collector.
pub(super) fn check_endpoint(endpoint: &Url) -> Result<(), String> {
    match endpoint.scheme() {
        "http" | "https" => Ok(()),
        _ => Err(format!(
            "must begin with http:// or https://, but is {endpoint}"
        )),
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
