//! The command line: its arguments, and all commands but `serve`.

pub mod bench;
pub mod doctor;
pub mod eval;
pub mod extract;
pub mod figures;
mod grounding;
pub mod health;
pub mod host;
pub mod inputs;
pub mod keys;
pub mod local;
pub mod markdown;
pub mod models;
pub mod output;
pub mod progress;
pub mod queue;
pub mod reader;
pub mod remote;
pub mod resume;
pub mod run;
pub mod samples;
pub mod score;
pub mod text;
pub mod verify;
mod version;

use std::{io::Write, path::PathBuf};

use clap::{Parser, Subcommand};

pub use grounding::GroundingArgument;
pub use run::{End, GatewayArguments, ServerArguments, stop_on_interrupt};

use crate::{app, config::Config, http, server};

/// Reads receipts and invoices on your own machine.
#[derive(Debug, Parser)]
#[command(version, long_version = version::long())]
pub struct Arguments {
    /// Configuration file.
    #[arg(long, global = true, default_value = "config/gateway.toml")]
    pub config: PathBuf,
    /// The command; `serve` if none is given.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A command.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Serve HTTP (the default).
    Serve,
    /// Read the receipts in files.
    Extract(extract::ExtractArguments),
    /// Read receipts whose contents are known, and measure how many fields are right.
    Eval(eval::EvalArguments),
    /// Compare what this machine computes with Hugging Face transformers, and measure a model.
    ///
    /// The references of two tiny models with random weights, those models, and twelve receipts are part of the
    /// program, which unpacks them into a temporary folder. The reference of receipt-nano needs that model in the
    /// configuration with its files; without them the report says that it was not run. All references are computed in
    /// single precision, on the device of MODEL, each prompt alone and then all at once.
    ///
    /// Writes Markdown to paste into an issue. The exit status is 1 if a reference disagrees, or if one of the twelve
    /// receipts cannot be read.
    Verify(verify::VerifyArguments),
    /// Measure how fast receipts are read.
    ///
    /// No answer comes from the cache of answers. "95 %" is the worst of the best 95 of 100 values. Times of the model
    /// are those that /extract states in `meta`: the first token is counted from the moment that the model has a place
    /// for the receipt. Memory and loading are known only where this command loads the model itself.
    Bench(bench::BenchArguments),
    /// Write the text of pictures and PDFs, as it is laid out.
    Text(text::TextArguments),
    /// Check the gateway that runs on this machine; fails unless it is healthy.
    Health(health::HealthArguments),
    /// Write the OpenAPI document.
    Openapi,
    /// Check the configuration: fails wherever a start would. Loads the models that a start loads, unless they
    /// would have to be downloaded.
    CheckConfig,
    /// Tell what this machine is, whether a start would succeed on it, and which models it holds. Loads and
    /// downloads nothing; fails if a start would.
    Doctor(doctor::DoctorArguments),
    /// Make API keys for clients.
    Keys {
        /// The command for keys.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// List or download the models of the configuration.
    Models {
        /// The command for models.
        #[command(subcommand)]
        command: ModelsCommand,
    },
}

/// A command for keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// Print a new key, and the entry of the configuration that admits it.
    New {
        /// Name of the key in the log and for its limits: letters, digits, - and _.
        name: String,
    },
}

/// A command for models.
#[derive(Debug, Clone, Subcommand)]
pub enum ModelsCommand {
    /// List the models, and whether their files are on this machine.
    List,
    /// Download the files of one model, or of all and of the page reader.
    Pull {
        /// Id or hub repository of a model or page reader; all of the configuration if left out.
        model: Option<String>,
        /// Branch, tag or commit, for a repository that is not in the configuration.
        #[arg(long, default_value = "main")]
        revision: String,
    },
}

/// Writes the OpenAPI document for `config` to `out`.
///
/// # Errors
/// Fails for an invalid configuration, and where the output cannot be written.
pub fn openapi(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let app = app::build(config)?;
    let document = http::openapi_document(app.extractor.schemas().default_schema().document());
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)?;
    Ok(())
}

/// Checks `config` as a start would, and writes the findings to `out`.
///
/// # Errors
/// Fails wherever a start would.
pub async fn check_config(config: Config, out: &mut impl Write) -> anyhow::Result<()> {
    let (models, reader) = (config.models.len(), config.extract.model.clone());
    let warnings = config.warnings.clone();
    let (app, unchecked) = server::check(config).await?;
    for warning in warnings {
        writeln!(out, "Warning: {warning}")?;
    }
    for unchecked in unchecked {
        writeln!(out, "Not checked: {unchecked}.")?;
    }
    let tokens = app.extractor.schemas().default_schema().max_tokens();
    writeln!(
        out,
        "The configuration is valid: {models} models; {reader} reads receipts; an answer has at most {tokens} tokens.",
    )?;
    Ok(())
}
