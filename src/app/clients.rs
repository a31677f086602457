//! Who may ask, and over what connections.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use axum::http::HeaderValue;
use secrecy::ExposeSecret;

use crate::{
    config::{Config, KeyConfig},
    http::{
        connections::ConnectionSettings,
        tls::{Tls, TlsFiles},
    },
    keys::{KeyHash, KeyLimits, KeySettings, Keys, Meters},
};

/// The keys of clients, `server.api_key` among them, which may do all and has no limits.
pub fn keys(config: &Config, meters: Arc<Meters>) -> Keys {
    let api_key = config.server.api_key.as_ref().map(|key| KeySettings {
        // No entry can have that name.
        name: "server.api_key".to_owned(),
        hash: KeyHash::of(key.expose_secret().as_bytes()),
        models: None,
        admin: false,
        limits: KeyLimits::default(),
    });
    let entries = config.keys.iter().map(KeyConfig::settings);
    Keys::new(api_key.into_iter().chain(entries), meters)
}

/// The origins whose pages may ask from a browser.
///
/// # Errors
/// One that cannot stand in a header.
pub fn cors_origins(config: &Config) -> anyhow::Result<Vec<HeaderValue>> {
    let origins = config.server.cors_origins.iter();
    let origins = origins.map(|origin| origin.parse());
    origins
        .collect::<Result<_, _>>()
        .context("server.cors_origins")
}

/// Bounds of connections, and their certificate, which is read here.
///
/// # Errors
/// A certificate or key that cannot be used.
pub fn connections(config: &Config) -> anyhow::Result<ConnectionSettings> {
    let server = &config.server;
    let files = server
        .tls_certificate
        .as_deref()
        .zip(server.tls_key.as_deref());
    let tls = files.map(|(certificate, key)| {
        Tls::load(TlsFiles {
            certificate: config.resolve(certificate),
            key: config.resolve(key),
        })
    });
    Ok(ConnectionSettings {
        max: server.max_connections,
        handshake_timeout: Duration::from_secs(server.tls_handshake_seconds),
        header_timeout: Duration::from_secs(server.header_timeout_seconds),
        write_timeout: Duration::from_secs(server.write_timeout_seconds),
        max_header_bytes: server.max_header_bytes,
        tls: tls
            .transpose()
            .context("server.tls_certificate, server.tls_key")?
            .map(Arc::new),
    })
}
