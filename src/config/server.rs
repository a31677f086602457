//! `[server]`: the address to listen on, and the limits of requests.

use std::{net::IpAddr, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;
use url::{Origin, Url};

use super::{ConfigError, within};

/// The section `[server]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// Most bytes of a request's body.
    pub max_body_bytes: usize,
    /// Most seconds between two pieces of a request's body.
    pub body_timeout_seconds: u64,
    /// Most bytes of a request's head.
    pub max_header_bytes: usize,
    /// Most seconds for a request's head, and between two requests of a connection.
    pub header_timeout_seconds: u64,
    /// Seconds without progress after which a client that does not read its answer is disconnected.
    pub write_timeout_seconds: u64,
    /// Most connections at once; others wait.
    pub max_connections: usize,
    /// Seconds for running requests to finish when the gateway stops.
    pub shutdown_grace_seconds: u64,
    /// Seconds between checks of the configuration for changes; 0 turns them off.
    pub watch_seconds: u64,
    /// Key that clients must send as `Authorization: Bearer`; without it and `[[keys]]`, no client needs a key.
    pub api_key: Option<SecretString>,
    /// PEM file with the certificate and its intermediate ones; plain HTTP if left out.
    pub tls_certificate: Option<PathBuf>,
    /// PEM file with the certificate's private key.
    pub tls_key: Option<PathBuf>,
    /// Most seconds of a TLS handshake.
    pub tls_handshake_seconds: u64,
    /// Origins whose pages may send requests from a browser, such as `https://app.example`.
    pub cors_origins: Vec<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 8000,
            max_body_bytes: 32 << 20,
            body_timeout_seconds: 30,
            max_header_bytes: 32 << 10,
            header_timeout_seconds: 30,
            write_timeout_seconds: 60,
            max_connections: 512,
            shutdown_grace_seconds: 30,
            watch_seconds: 2,
            api_key: None,
            tls_certificate: None,
            tls_key: None,
            tls_handshake_seconds: 10,
            cors_origins: Vec::new(),
        }
    }
}

impl ServerConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within(
            "server.max_body_bytes",
            self.max_body_bytes,
            1 << 10,
            1 << 30,
        )?;
        within(
            "server.body_timeout_seconds",
            self.body_timeout_seconds,
            1,
            3600,
        )?;
        let header_bytes = self.max_header_bytes;
        within("server.max_header_bytes", header_bytes, 1 << 10, 256 << 10)?;
        let header_seconds = self.header_timeout_seconds;
        within("server.header_timeout_seconds", header_seconds, 1, 3600)?;
        let write_seconds = self.write_timeout_seconds;
        within("server.write_timeout_seconds", write_seconds, 1, 3600)?;
        within("server.max_connections", self.max_connections, 1, 100_000)?;
        within(
            "server.shutdown_grace_seconds",
            self.shutdown_grace_seconds,
            0,
            3600,
        )?;
        within("server.watch_seconds", self.watch_seconds, 0, 3600)?;
        let handshake = self.tls_handshake_seconds;
        within("server.tls_handshake_seconds", handshake, 1, 600)?;
        let lacking = match (&self.tls_certificate, &self.tls_key) {
            (Some(_), None) => Some(("server.tls_key", "server.tls_certificate")),
            (None, Some(_)) => Some(("server.tls_certificate", "server.tls_key")),
            _ => None,
        };
        if let Some((field, other)) = lacking {
            let reason = format!("is missing; {other} needs it");
            return Err(ConfigError::invalid(field, reason));
        }
        self.cors_origins
            .iter()
            .try_for_each(|origin| check_origin(origin))
    }
}

/// Checks that `origin` has the form that browsers send, to which it is compared.
fn check_origin(origin: &str) -> Result<(), ConfigError> {
    let is_origin = Url::parse(origin).is_ok_and(|url| {
        let parsed = url.origin();
        matches!(parsed, Origin::Tuple(..)) && parsed.ascii_serialization() == origin
    });
    if is_origin {
        return Ok(());
    }
    let reason =
        format!("must be like https://app.example or https://app.example:8443, but is {origin:?}");
    Err(ConfigError::invalid("server.cors_origins", reason))
}
