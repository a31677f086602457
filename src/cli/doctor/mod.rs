//! `receipt-gateway doctor`: what this machine is, whether a start would succeed on it, and which models it holds.
//! Loads and downloads nothing.

mod facts;
mod model;
mod names;
mod needs;
mod recommend;
mod report;
#[cfg(test)]
mod tests;
mod text;

use std::{
    io::{self, ErrorKind, Write},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use clap::Args;

pub use facts::{Build, DownloadFolder, Host, ModelFacts, Whereabouts};
pub use model::{Fit, Loading, ModelFindings};
pub use needs::MemoryNeeds;
pub use recommend::Recommendation;
pub use report::{Acceleration, DoctorReport, StartFindings};

use crate::{
    config::{Config, ConfigError},
    receipt::ReceiptSizes,
    server,
};

/// The arguments of `doctor`.
#[derive(Debug, Clone, Copy, Args)]
pub struct DoctorArguments {
    /// Write one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Looks at the machine and at the configuration in the file `path`, and writes what it finds to `out`. Returns whether
/// a start would succeed.
///
/// # Errors
/// Fails where the output cannot be written.
pub async fn run(
    asked: DoctorArguments,
    path: PathBuf,
    config: Result<Config, ConfigError>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let report = examine(path, config).await;
    if asked.json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        text::write(&report, out)?;
    }
    Ok(report.start.succeeds)
}

/// Returns what is found.
async fn examine(path: PathBuf, config: Result<Config, ConfigError>) -> DoctorReport {
    let mut start = StartFindings {
        config: path,
        has_config: true,
        ..StartFindings::default()
    };
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            start.has_config = !is_missing(&error);
            if start.has_config {
                start.faults.push(error.to_string());
            }
            let known = recommend::known().into_iter().map(|model| {
                let facts = unknown(&model);
                (model, facts)
            });
            let host = Host::look(None);
            return DoctorReport::of(&host, start, None, &known.collect());
        }
    };
    start.warnings.clone_from(&config.warnings);
    start.warnings.extend(taken_address(&config));
    let app = match server::check_unloaded(config.clone()).await {
        Ok((app, not_checked)) => {
            start.not_checked = not_checked;
            Some(app)
        }
        Err(error) => {
            start.faults.push(format!("{error:#}"));
            None
        }
    };
    let models = config.models.iter();
    let known = models.map(|model| {
        let facts = ModelFacts::look(&config, model, app.as_deref());
        (model.clone(), facts)
    });
    let host = Host::look(Some(&config));
    DoctorReport::of(&host, start, Some(&config), &known.collect())
}

/// Returns whether the error is that there is no file.
fn is_missing(error: &ConfigError) -> bool {
    matches!(error, ConfigError::Read { error, .. } if error.kind() == ErrorKind::NotFound)
}

/// Returns the facts of a model of the hub without a configuration, which tells of no picture and no prompt.
fn unknown(model: &crate::config::ModelConfig) -> ModelFacts {
    ModelFacts {
        source: model.id.clone(),
        whereabouts: Whereabouts::NotDownloaded,
        files: None,
        fault: None,
        picture_tokens: model.reads.shows_pictures().then_some(0),
        sizes: ReceiptSizes {
            prompt_bytes: 0,
            answer_tokens: 0,
        },
    }
}

/// Returns a warning if the gateway could not listen now. No fault: a gateway that runs here has the address.
fn taken_address(config: &Config) -> Option<String> {
    let address = SocketAddr::new(config.server.host, config.server.port);
    let error: io::Error = TcpListener::bind(address).err()?;
    Some(format!(
        "nothing can listen on {address} now ({error}); a gateway may be running there already"
    ))
}
