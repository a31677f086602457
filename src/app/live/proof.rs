//! What is found out of a configuration before anything serves by it: by a start, by a reload, and by
//! `check-config`, which all refuse the same.

use super::Running;
use crate::{
    app::{assemble, connections, hub, hub_model, observe},
    config::{Config, ModelSource},
    http::{AppState, connections::ConnectionSettings},
};

/// Which models are loaded for the proof.
#[derive(Clone, Copy)]
pub enum Load<'a> {
    /// Those that a start loads.
    Preloaded,
    /// Of these, those that take no download.
    IfHere,
    /// Of those that this does not have, or not so, the ones that a provider runs, which take no loading.
    Anew(&'a Running),
}

/// A configuration that is fit to serve with.
pub struct Proven {
    /// It, and what is built by it.
    pub running: Running,
    /// How connections are taken.
    pub connections: ConnectionSettings,
    /// What could not be found out, and why.
    pub unchecked: Vec<String>,
}

/// What `check-config` finds out. Nothing is served, and nothing downloaded; the models that a start loads are
/// loaded where their files are here.
///
/// # Errors
/// What would stop the start.
pub async fn check(config: Config) -> anyhow::Result<(AppState, Vec<String>)> {
    let runtime = tokio::runtime::Handle::current();
    let (_, collector) = observe::parts(&config, runtime)?;
    observe::Observing::of(collector).finish().await;
    let app = assemble(&config, None, None)?;
    let proven = Running { config, app }.prove(Load::IfHere).await?;
    Ok((proven.running.app, proven.unchecked))
}

impl Running {
    /// Finds out whether it can serve.
    ///
    /// # Errors
    /// What keeps it from that.
    pub(super) async fn prove(self, load: Load<'_>) -> anyhow::Result<Proven> {
        let connections = connections(&self.config)?;
        observe::filter(&self.config)?;
        let mut unchecked = Vec::new();
        for (model, entry) in self.preloaded() {
            if let Load::Anew(before) = load
                && self.has_as_before(model, before)
            {
                // Somebody may have unloaded it.
                continue;
            }
            let is_here = match entry.source("models")? {
                ModelSource::Provider(_) => true,
                _ if matches!(load, Load::Anew(_)) => continue,
                ModelSource::Path(_) => true,
                ModelSource::Hub { repo, revision } => {
                    // One that must not be downloaded fails here as it would fail there.
                    matches!(load, Load::Preloaded)
                        || self.config.hub.offline
                        || hub(&self.config)?
                            .cached(&hub_model(entry, &repo, &revision))
                            .is_ok()
                }
            };
            if is_here {
                model.lease().await?;
            } else {
                let id = &entry.id;
                unchecked.push(format!(
                    "{id} is not downloaded yet, so that it was not loaded"
                ));
            }
        }
        if !self.check_room().await? {
            let id = &self.config.extract.model;
            unchecked.push(format!(
                "{id} is not in memory, so that it is not known whether it reads pictures and its context holds \
                 the longest answer"
            ));
        }
        Ok(Proven {
            running: self,
            connections,
            unchecked,
        })
    }
}
