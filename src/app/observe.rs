//! What the gateway tells of itself: the log, and where it is asked for, traces.

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

/// What `start` begins; dropped, the last traces are lost.
pub struct Observing(Option<Collector>);

/// Begins to log, and to export traces on `runtime`.
///
/// # Errors
/// A log level that is none, or an exporter that cannot be built.
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

/// What the log takes in, and where traces go; nothing begins yet.
///
/// # Errors
/// As [`start`].
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

/// What the log takes in.
///
/// # Errors
/// A level that is none.
pub fn filter(config: &Config) -> anyhow::Result<EnvFilter> {
    // mistral.rs is chatty about what the gateway says itself, and spans that are exported would lengthen
    // every line.
    let quiet = format!(
        "mistralrs_core=warn,mistralrs_quant=warn,{}=off",
        telemetry::TARGET
    );
    let level = &config.log.level;
    let level: LevelFilter = level.parse().map_err(|_| {
        anyhow::anyhow!("log.level: {level:?} is not error, warn, info, debug or trace")
    })?;
    Ok(EnvFilter::new(format!("{level},{quiet}")))
}

impl Observing {
    /// What brings traces to `collector`, if there is one.
    #[must_use]
    pub fn of(collector: Option<Collector>) -> Self {
        Self(collector)
    }

    /// Sends the last traces.
    pub async fn finish(self) {
        if let Some(collector) = self.0 {
            // It waits on a thread of its own for what is sent on this runtime.
            let _ = tokio::task::spawn_blocking(|| collector.close()).await;
        }
    }
}
