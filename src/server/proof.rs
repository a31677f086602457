//! Checks a configuration before the gateway serves with it. A start, a reload and `check-config` all use it, so
//! that they refuse the same configurations.

use std::sync::Arc;

use anyhow::Context;

use super::connections::{ConnectionSettings, connections};
use crate::{
    app::{App, Running, assemble, hub, hub_model, model_folder, observe},
    config::{Config, ModelSource},
};

/// The models that are loaded for the check.
#[derive(Clone, Copy)]
pub enum Load<'a> {
    /// The models that a start loads.
    Preloaded,
    /// The models that a start loads and that need no download.
    IfHere,
    /// None but those of providers, which take no memory; of others the files are looked for.
    Nothing,
    /// The models of providers, except those that have not changed since the given configuration: an operator may have
    /// unloaded them.
    Elsewhere(&'a Running),
}

/// A configuration that has passed the check.
pub struct Proven {
    /// The configuration, and the application built from it.
    pub running: Running,
    /// The bounds of connections, and their certificate.
    pub connections: ConnectionSettings,
    /// The facts that could not be checked, with the reasons.
    pub unchecked: Vec<String>,
}

/// Checks a configuration for `check-config`, and returns the application and the facts that could not be checked.
/// Serves and downloads nothing; loads the preloaded models whose files are on this machine.
///
/// # Errors
/// The error that would stop a start.
pub async fn check(config: Config) -> anyhow::Result<(Arc<App>, Vec<String>)> {
    Box::pin(check_loading(config, Load::IfHere)).await
}

/// Checks a configuration as [`check`] does, but loads no model: of those that a start loads, it looks for the files.
///
/// # Errors
/// The error that would stop a start.
pub async fn check_unloaded(config: Config) -> anyhow::Result<(Arc<App>, Vec<String>)> {
    Box::pin(check_loading(config, Load::Nothing)).await
}

async fn check_loading(config: Config, load: Load<'_>) -> anyhow::Result<(Arc<App>, Vec<String>)> {
    let runtime = tokio::runtime::Handle::current();
    let (_, collector) = observe::parts(&config, runtime)?;
    observe::Observing::of(collector).finish().await;
    let app = assemble(&config, None, None)?;
    let proven = prove(Running { config, app }, load).await?;
    Ok((proven.running.app, proven.unchecked))
}

/// Checks that a gateway can serve with this.
///
/// # Errors
/// The reason that it cannot.
pub(super) async fn prove(running: Running, load: Load<'_>) -> anyhow::Result<Proven> {
    let connections = connections(&running.config)?;
    observe::filter(&running.config)?;
    let mut unchecked = Vec::new();
    let models: Vec<_> = match load {
        Load::Preloaded | Load::IfHere | Load::Nothing => running.preloaded().collect(),
        Load::Elsewhere(before) => running.preloaded_after(before).collect(),
    };
    for (model, entry) in models {
        let id = &entry.id;
        let source = entry.source("models")?;
        let is_elsewhere = matches!(source, ModelSource::Provider(_));
        if !is_elsewhere && matches!(load, Load::Elsewhere(_)) {
            continue;
        }
        let is_here = match &source {
            ModelSource::Provider(_) | ModelSource::Path(_) => true,
            ModelSource::Hub { repo, revision } => {
                // A model that must not be downloaded fails here as at a start.
                matches!(load, Load::Preloaded)
                    || running.config.hub.offline
                    || hub(&running.config)?
                        .cached(&hub_model(entry, repo, revision))
                        .is_ok()
            }
        };
        if !is_here {
            unchecked.push(format!("{id} is not downloaded yet, so it was not loaded"));
        } else if matches!(load, Load::Nothing) && !is_elsewhere {
            let folder = model_folder(&running.config, entry);
            folder.with_context(|| format!("models.{id}"))?;
            unchecked.push(format!(
                "{id} was not loaded, only its files were looked for"
            ));
        } else {
            model.lease().await?;
        }
    }
    if !running.check_room().await? {
        let id = &running.config.extract.model;
        unchecked.push(format!(
            "{id} is not in memory, so it was not checked that it reads pictures and that its context holds \
             the longest answer"
        ));
    }
    Ok(Proven {
        running,
        connections,
        unchecked,
    })
}
