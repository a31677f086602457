//! Runs a gateway and reloads its configuration: on SIGHUP, on `POST /admin/reload`, and when the file changes.
//!
//! Each request runs on the router that was current when it came. A new configuration gets a router of its own,
//! which replaces the old one in one step; the two share all that the configurations have in common.

mod connections;
mod proof;
mod tls;

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

use crate::{
    app::{ReloadOutcome, ReloadRequests, Reloader, Running, assemble, memory_settings},
    config::{Config, ConfigError, Environment, ServerConfig},
    http,
};
pub use connections::{ConnectionSettings, serve};
use proof::{Load, Proven, prove};
pub use proof::{check, check_unloaded};
pub use tls::{Tls, TlsError, TlsFiles};

/// Time between two looks for models that have been idle for too long.
const SWEEP: Duration = Duration::from_secs(1);

/// The source of the configuration, which can be read repeatedly.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// Returns the environment, which overrides the file.
    pub environment: fn() -> Environment,
}

impl ConfigFile {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn read(&self) -> Result<Config, ConfigError> {
        Config::load(&self.path, &(self.environment)())
    }

    /// Reads the listener's settings; see [`Config::listener`].
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn listener(&self) -> Result<ServerConfig, ConfigError> {
        Config::listener(&self.path, &(self.environment)())
    }

    /// Returns the hash of the file's content; none while it cannot be read.
    async fn digest(&self) -> Option<blake3::Hash> {
        let text = tokio::fs::read(&self.path).await.ok()?;
        Some(blake3::hash(&text))
    }
}

/// A gateway that is ready to serve.
pub struct Gateway {
    file: ConfigFile,
    applied: Option<blake3::Hash>,
    hangups: Hangups,
    connections: ConnectionSettings,
    running: Running,
    requests: ReloadRequests,
}

impl Gateway {
    /// Returns `https` if there is a certificate, else `http`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        match self.connections.tls {
            Some(_) => "https",
            None => "http",
        }
    }

    /// Builds the gateway, loads the preloaded models, and checks that the model that reads receipts has room for the
    /// longest answer.
    ///
    /// # Errors
    /// A file that cannot be used, or a model that cannot be loaded or has too small a context.
    pub async fn start(config: Config, file: ConfigFile) -> anyhow::Result<Self> {
        // Registered first, since the signal would end the program until then.
        let hangups = Hangups::new();
        let applied = file.digest().await;
        let (reloader, requests) = Reloader::channel();
        let app = assemble(&config, None, Some(reloader))?;
        let Proven {
            running,
            connections,
            unchecked,
        } = prove(Running { config, app }, Load::Preloaded).await?;
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

    /// Serves until `stop`, then finishes the running requests within the grace period.
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
        // A task of its own, so that connections do not wait for it.
        let keeping = tokio::spawn(keeper.keep(self.requests, self.hangups));
        let server = serve(listener, current, self.connections, stop.clone());
        let overdue = async {
            stop.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            () = server => {}
            ended = keeping => tracing::error!(?ended, "the task that reloads and unloads has ended"),
            () = renewing => {}
            () = overdue => {
                tracing::warn!(seconds = grace.as_secs(), "requests still run after the grace period");
            }
        }
    }
}

/// Reloads the configuration and unloads idle models while the gateway serves.
struct Keeper {
    started_with: Config,
    file: ConfigFile,
    /// The hash of the file when it was last read.
    applied: Option<blake3::Hash>,
    running: Running,
    router: Arc<RwLock<Router>>,
}

impl Keeper {
    /// Unloads idle models and reloads the configuration; never ends.
    async fn keep(mut self, mut requests: ReloadRequests, mut hangups: Hangups) {
        let mut sweeps = interval(SWEEP);
        let mut looks = self.looks();
        // A change counts when the file is the same at two looks, so that a half-written file is not read.
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

    /// Reads and applies the configuration, or changes nothing.
    async fn reload(&mut self) -> ReloadOutcome {
        self.applied = self.file.digest().await;
        match self.apply().await {
            Ok(needs_restart) => {
                tracing::info!(?needs_restart, "the configuration is reloaded");
                Ok(needs_restart)
            }
            Err(error) => {
                tracing::error!("the configuration is not valid and was not applied: {error:#}");
                Err(format!("{error:#}"))
            }
        }
    }

    async fn apply(&mut self) -> anyhow::Result<Vec<&'static str>> {
        let config = self.file.read()?;
        let reloader = self.running.app.reloader.clone();
        // A panic over a setting must not end the gateway.
        let assembled = || assemble(&config, Some(&self.running), reloader);
        let assembled = tokio::task::block_in_place(|| catch_unwind(AssertUnwindSafe(assembled)));
        let app = assembled.map_err(|_| {
            anyhow::anyhow!("the application panicked with these settings; the log has the cause")
        })??;
        let needs_restart = needs_restart(&self.started_with, &config);
        let next = Running { config, app };
        let next = prove(next, Load::Elsewhere(&self.running)).await?.running;
        warn(&next.config);

        let router = http::router(next.app.clone());
        *self.router.write().unwrap_or_else(PoisonError::into_inner) = router;
        let registry = &next.app.registry;
        registry.memory().configure(memory_settings(&next.config));
        registry.succeed(&self.running.app.registry);
        for (model, _) in next.preloaded_after(&self.running) {
            let model = model.clone();
            // A failure is logged, and reported to requests for the model.
            tokio::spawn(async move { model.lease().await.map(drop) });
        }
        self.running = next;
        Ok(needs_restart)
    }
}

/// Logs the warnings of a valid configuration.
fn warn(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
}

/// Returns the settings that differ and take effect only at a start.
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

/// The signal that requests a reload, on systems that have it.
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
