//! The commands beside `serve`.

pub mod eval;
pub mod extract;
pub mod health;
pub mod inputs;
pub mod keys;
pub mod local;
pub mod output;
pub mod progress;
pub mod queue;
pub mod reader;
pub mod remote;
pub mod resume;
pub mod run;
pub mod score;
mod version;

use std::{io::Write, path::PathBuf};

use anyhow::Context;
use clap::{Parser, Subcommand};

pub use run::{End, ServerArguments, stop_on_interrupt};

use crate::{
    app,
    config::{Config, ModelConfig, ModelSource},
    http,
};

/// Reads receipts and invoices on your own machine.
#[derive(Debug, Parser)]
#[command(version, long_version = version::long())]
pub struct Arguments {
    /// Configuration file.
    #[arg(long, global = true, default_value = "config/gateway.toml")]
    pub config: PathBuf,
    /// What to do; serves where nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Serve HTTP (the default).
    Serve,
    /// Read the receipts in files.
    Extract(extract::ExtractArguments),
    /// Say how well receipts are read whose truth is known.
    Eval(eval::EvalArguments),
    /// Ask the gateway that serves here how it is; fails where it does not answer well.
    Health(health::HealthArguments),
    /// Write the OpenAPI document.
    Openapi,
    /// Say whether the configuration is fit to serve with: what stops a start fails here. Loads the models that
    /// a start loads, where that takes no download.
    CheckConfig,
    /// Keys of clients.
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Models of the configuration.
    Models {
        /// What to do with them.
        #[command(subcommand)]
        command: ModelsCommand,
    },
}

/// What to do with keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// Print a new key, and the entry of the configuration that lets it in.
    New {
        /// Name that the log and the limits know it by.
        name: String,
    },
}

/// What to do with models.
#[derive(Debug, Clone, Subcommand)]
pub enum ModelsCommand {
    /// List them, with whether their files are here.
    List,
    /// Download their files.
    Pull {
        /// Id or hub repository of one; all of the configuration otherwise.
        model: Option<String>,
        /// Branch, tag or commit, for a repository that is not in the configuration.
        #[arg(long, default_value = "main")]
        revision: String,
    },
}

/// Writes the OpenAPI document for `config`.
///
/// # Errors
/// A schema that cannot be used, or output that cannot be written.
pub fn openapi(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let app = app::build(config)?;
    let document = http::openapi_document(app.extractor.schemas().default_schema().document());
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)?;
    Ok(())
}

/// Finds out what a start with `config` would.
///
/// # Errors
/// What would stop the start.
pub async fn check_config(config: Config, out: &mut impl Write) -> anyhow::Result<()> {
    let (models, reader) = (config.models.len(), config.extract.model.clone());
    let warnings = config.warnings.clone();
    let (app, unchecked) = app::live::check(config).await?;
    for warning in warnings {
        writeln!(out, "Warning: {warning}")?;
    }
    for unchecked in unchecked {
        writeln!(out, "Not checked: {unchecked}.")?;
    }
    let tokens = app.extractor.schemas().default_schema().max_tokens();
    writeln!(
        out,
        "The configuration is sound: {models} models, receipts are read by {reader}, an answer takes {tokens} \
         tokens at most.",
    )?;
    Ok(())
}

/// Lists the models of `config`.
///
/// # Errors
/// A hub that cannot be set up, or output that cannot be written.
pub fn list_models(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let hub = app::hub(config)?;
    for model in &config.models {
        let (source, here) = match model.source("models")? {
            ModelSource::Path(path) => {
                let folder = config.resolve(&path);
                let here = folder.join("config.json").exists() || !model.gguf.is_empty();
                (folder.display().to_string(), here)
            }
            ModelSource::Hub { repo, revision } => {
                let here = hub.cached(&app::hub_model(model, &repo, &revision)).is_ok();
                (format!("{repo}@{revision}"), here)
            }
            ModelSource::Provider(provider) => {
                writeln!(out, "{}\t{provider}\telsewhere", model.id)?;
                continue;
            }
        };
        let here = if here { "here" } else { "not downloaded" };
        writeln!(out, "{}\t{source}\t{here}", model.id)?;
    }
    Ok(())
}

/// Downloads the files of one model, or of all of `config`.
///
/// # Errors
/// A name that means no model, or a download that fails.
pub async fn pull_models(
    config: &Config,
    name: Option<&str>,
    revision: &str,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let wanted: Vec<ModelConfig> = match name {
        None => config.models.clone(),
        Some(name) => {
            let known = config.models.iter().find(|model| {
                model.id == name
                    || model.repo.as_deref() == Some(name) && model.revision == revision
            });
            match known {
                Some(model) => vec![model.clone()],
                None if name.split('/').count() == 2 => {
                    let mut model = ModelConfig::from_repo(name);
                    revision.clone_into(&mut model.revision);
                    vec![model]
                }
                None => anyhow::bail!(
                    "{name:?} is neither a model of the configuration nor organisation/name"
                ),
            }
        }
    };
    let hub = app::hub(config)?;
    for model in wanted {
        if let ModelSource::Hub { repo, revision } = model.source("models")? {
            let folder = hub
                .pull(&app::hub_model(&model, &repo, &revision))
                .await
                .with_context(|| model.id.clone())?;
            writeln!(out, "{}\t{}", model.id, folder.display())?;
        }
    }
    Ok(())
}
