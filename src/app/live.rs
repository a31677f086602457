//! A gateway that runs, and whose configuration changes under it: by SIGHUP, `POST /admin/reload`, or a
//! change of the file.
//!
//! Each request runs on the router that it found. A new configuration becomes a router of its own, which
//! takes the place of the old one in one step; what both have in common they share.

mod proof;
mod running;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::Router;
use tokio::{
    net::TcpListener,
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::{assemble, memory_settings};
use crate::{
    config::{Config, ConfigError, Environment, ServerConfig},
    http::{self, Outcome, ReloadRequests, Reloaded, Reloader, connections::ConnectionSettings},
};
pub use proof::check;
use proof::{Load, Proven};
pub use running::Running;

/// Between looks for models that are idle for too long.
const SWEEP: Duration = Duration::from_secs(1);

/// Where a configuration comes from, again and again.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// What lies over it.
    pub environment: fn() -> Environment,
}

impl ConfigFile {
    /// Reads and checks it.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn read(&self) -> Result<Config, ConfigError> {
        Config::load(&self.path, &(self.environment)())
    }

    /// See [`Config::listener`].
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn listener(&self) -> Result<ServerConfig, ConfigError> {
        Config::listener(&self.path, &(self.environment)())
    }

    /// Changes with what is in the file; none while it cannot be read.
    async fn digest(&self) -> Option<blake3::Hash> {
        let text = tokio::fs::read(&self.path).await.ok()?;
        Some(blake3::hash(&text))
    }
}

/// A gateway before it serves.
pub struct Gateway {
    file: ConfigFile,
    applied: Option<blake3::Hash>,
    hangups: Hangups,
    connections: ConnectionSettings,
    running: Running,
    requests: ReloadRequests,
}

impl Gateway {
    /// `http`, or `https` where there is a certificate.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        match self.connections.tls {
            Some(_) => "https",
            None => "http",
        }
    }

    /// Builds the gateway, loads the models that are to be loaded at the start, and checks that the one
    /// that reads receipts has room for the longest answer.
    ///
    /// # Errors
    /// Files that cannot be used, a model that cannot be loaded, or whose context is too small.
    pub async fn start(config: Config, file: ConfigFile) -> anyhow::Result<Self> {
        // From the beginning, since the signal would end the program otherwise.
        let hangups = Hangups::new();
        let applied = file.digest().await;
        let (reloader, requests) = Reloader::channel();
        let app = assemble(&config, None, Some(reloader))?;
        let Proven {
            running,
            connections,
            unchecked,
        } = Running { config, app }.prove(Load::Preloaded).await?;
        for unchecked in unchecked {
            tracing::info!("not checked: {unchecked}");
        }
        warn(&running.config);
        Ok(Self {
            file,
            applied,
            hangups,
            connections,
            running,
            requests,
        })
    }

    /// Serves until `stop`, then finishes what runs within the grace period.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let grace = Duration::from_secs(self.running.config.server.shutdown_grace_seconds);
        let router = Arc::new(RwLock::new(http::router(self.running.app.clone())));
        let current = router.clone();
        let current = move || {
            let router = current.read().unwrap_or_else(PoisonError::into_inner);
            router.clone()
        };
        let keeper = Keeper {
            started_with: self.running.config.clone(),
            file: self.file,
            applied: self.applied,
            running: self.running,
            router,
        };
        let tls = self.connections.tls.clone();
        let renewing = async {
            match tls {
                Some(tls) => tls.follow().await,
                None => std::future::pending().await,
            }
        };
        // Apart from the connections, which wait for nothing that it does.
        let keeping = tokio::spawn(keeper.keep(self.requests, self.hangups));
        let server = http::connections::serve(listener, current, self.connections, stop.clone());
        let overdue = async {
            stop.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            () = server => {}
            ended = keeping => tracing::error!(?ended, "nobody keeps the gateway in order"),
            () = renewing => {}
            () = overdue => {
                tracing::warn!(seconds = grace.as_secs(), "requests still run after the grace period");
            }
        }
    }
}

/// Keeps a gateway in order while it serves.
struct Keeper {
    started_with: Config,
    file: ConfigFile,
    /// What the file held when it was last read.
    applied: Option<blake3::Hash>,
    running: Running,
    router: Arc<RwLock<Router>>,
}

impl Keeper {
    /// Lets idle models go and reads the configuration anew, for ever.
    async fn keep(mut self, mut requests: ReloadRequests, mut hangups: Hangups) {
        let mut sweeps = interval(SWEEP);
        let mut looks = self.looks();
        // A change counts once the file has rested between two looks, so that it is not read half written.
        let mut seen = self.applied;
        loop {
            tokio::select! {
                _ = sweeps.tick() => {
                    self.running.app.registry.sweep();
                    continue;
                }
                Some(reply) = requests.recv() => {
                    let _ = reply.send(self.reload().await);
                }
                () = hangups.next() => {
                    let _ = self.reload().await;
                }
                _ = looks.tick(), if self.running.config.server.watch_seconds > 0 => {
                    let last = std::mem::replace(&mut seen, self.file.digest().await);
                    if seen == self.applied || seen != last || seen.is_none() {
                        continue;
                    }
                    let _ = self.reload().await;
                }
            }
            seen = self.applied;
            looks = self.looks();
        }
    }

    fn looks(&self) -> Interval {
        let seconds = self.running.config.server.watch_seconds.max(1);
        let mut looks = interval(Duration::from_secs(seconds));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks
    }

    /// Applies the configuration as it is now, or leaves everything as it is.
    async fn reload(&mut self) -> Outcome {
        self.applied = self.file.digest().await;
        match self.apply().await {
            Ok(needs_restart) => {
                tracing::info!(?needs_restart, "the configuration is reloaded");
                Ok(Reloaded {
                    status: "reloaded",
                    needs_restart,
                })
            }
            Err(error) => {
                tracing::error!("the configuration is not sound and changes nothing: {error:#}");
                Err(format!("{error:#}"))
            }
        }
    }

    async fn apply(&mut self) -> anyhow::Result<Vec<&'static str>> {
        let config = self.file.read()?;
        let reloader = self.running.app.reloader.clone();
        // A part that cannot bear its settings must not take the gateway with it.
        let assembled = || assemble(&config, Some(&self.running), reloader);
        let assembled = tokio::task::block_in_place(|| catch_unwind(AssertUnwindSafe(assembled)));
        let app =
            assembled.map_err(|_| anyhow::anyhow!("a part of the gateway failed with it"))??;
        let needs_restart = needs_restart(&self.started_with, &config);
        let next = Running { config, app }
            .prove(Load::Elsewhere(&self.running))
            .await?
            .running;
        warn(&next.config);

        let router = http::router(next.app.clone());
        *self.router.write().unwrap_or_else(PoisonError::into_inner) = router;
        let registry = &next.app.registry;
        registry.memory().configure(memory_settings(&next.config));
        registry.succeed(&self.running.app.registry);
        for (model, _) in next.preloaded_after(&self.running) {
            let model = model.clone();
            // Whoever asks for it is told why it cannot be loaded, and so is the log.
            tokio::spawn(async move { model.lease().await.map(drop) });
        }
        self.running = next;
        Ok(needs_restart)
    }
}

/// Tells the operator what is sound and still not what anybody wants.
fn warn(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
}

/// Settings that differ and that only a start reads.
fn needs_restart(old: &Config, new: &Config) -> Vec<&'static str> {
    let (ours, theirs) = (&old.server, &new.server);
    let differ = [
        ("server.host", ours.host != theirs.host),
        ("server.port", ours.port != theirs.port),
        (
            "server.shutdown_grace_seconds",
            ours.shutdown_grace_seconds != theirs.shutdown_grace_seconds,
        ),
        (
            "server.max_connections",
            ours.max_connections != theirs.max_connections,
        ),
        (
            "server.max_header_bytes",
            ours.max_header_bytes != theirs.max_header_bytes,
        ),
        (
            "server.header_timeout_seconds",
            ours.header_timeout_seconds != theirs.header_timeout_seconds,
        ),
        (
            "server.write_timeout_seconds",
            ours.write_timeout_seconds != theirs.write_timeout_seconds,
        ),
        (
            "server.tls_handshake_seconds",
            ours.tls_handshake_seconds != theirs.tls_handshake_seconds,
        ),
        (
            "server.tls_certificate",
            ours.tls_certificate != theirs.tls_certificate,
        ),
        ("server.tls_key", ours.tls_key != theirs.tls_key),
        ("log.format", old.log.format != new.log.format),
        ("log.level", old.log.level != new.log.level),
        ("telemetry", old.telemetry != new.telemetry),
    ];
    let differ = differ.into_iter().filter(|(_, differ)| *differ);
    differ.map(|(field, _)| field).collect()
}

/// The signal that asks for a reload, where there is one.
struct Hangups {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
