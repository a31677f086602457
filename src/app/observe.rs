//! Starts the log and, if configured, the export of traces.

use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Handle;
use tracing_subscriber::{
    EnvFilter, Layer, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::{
    config::{Config, LogFormat},
    telemetry::{self, Collector, CollectorSettings},
};

/// The running log and export; [`Observing::finish`] sends the last traces, which are lost otherwise.
pub struct Observing(Option<Collector>);

/// Starts to log, and to export traces on `runtime`.
///
/// # Errors
/// An unknown log level, or an exporter that cannot be built.
pub fn start(config: &Config, runtime: Handle) -> anyhow::Result<Observing> {
    let (filter, collector) = parts(config, runtime)?;
    let log = tracing_subscriber::fmt::layer();
    let log = match config.log.format {
        LogFormat::Human => log.with_target(false).boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    tracing_subscriber::registry()
        .with(log.with_filter(filter))
        .with(collector.as_ref().map(telemetry::layer))
        .try_init()?;
    Ok(Observing(collector))
}

/// Builds the log's filter and the collector of traces, and starts nothing.
///
/// # Errors
/// The same as [`start`].
pub fn parts(config: &Config, runtime: Handle) -> anyhow::Result<(EnvFilter, Option<Collector>)> {
    let collector = match &config.telemetry.endpoint {
        None => None,
        Some(endpoint) => {
            let settings = CollectorSettings {
                endpoint: endpoint.clone(),
                timeout: Duration::from_secs(config.telemetry.timeout_seconds),
                sample_ratio: config.telemetry.sample_ratio,
            };
            Some(Collector::new(&settings, runtime).context("telemetry")?)
        }
    };
    Ok((filter(config)?, collector))
}

/// Returns the filter of the log.
///
/// # Errors
/// An unknown level.
pub fn filter(config: &Config) -> anyhow::Result<EnvFilter> {
    // mistral.rs logs much that the gateway logs itself, and exported spans would lengthen every line.
    let quiet = format!(
        "mistralrs_core=warn,mistralrs_quant=warn,{}=off",
        telemetry::TARGET
    );
    let level = &config.log.level;
    let level: LevelFilter = level.parse().map_err(|_| {
        anyhow::anyhow!("log.level: {level:?} is unknown; use error, warn, info, debug or trace")
    })?;
    Ok(EnvFilter::new(format!("{level},{quiet}")))
}

impl Observing {
    /// Creates the export to `collector`, if there is one.
    #[must_use]
    pub fn of(collector: Option<Collector>) -> Self {
        Self(collector)
    }

    /// Sends the last traces.
    pub async fn finish(self) {
        if let Some(collector) = self.0 {
            // `close` blocks until this runtime has sent the traces, so it runs on another thread.
            let _ = tokio::task::spawn_blocking(|| collector.close()).await;
        }
    }
}
