//! Builds the clients' keys and the origins of their pages.

use std::sync::Arc;

use anyhow::Context;
use axum::http::HeaderValue;
use secrecy::ExposeSecret;

use crate::{
    config::{Config, KeyConfig},
    keys::{KeyHash, KeyLimits, KeySettings, Keys, Meters},
};

/// Returns the keys of clients, including `server.api_key`, which may use all models and has no limits.
pub fn keys(config: &Config, meters: Arc<Meters>) -> Keys {
    let api_key = config.server.api_key.as_ref().map(|key| KeySettings {
        // No entry of `keys` can have this name.
        name: "server.api_key".to_owned(),
        hash: KeyHash::of(key.expose_secret().as_bytes()),
        models: None,
        admin: false,
        limits: KeyLimits::default(),
    });
    let entries = config.keys.iter().map(KeyConfig::settings);
    Keys::new(api_key.into_iter().chain(entries), meters)
}

/// Returns the origins whose pages may send requests from a browser.
///
/// # Errors
/// An origin that cannot stand in a header.
pub fn cors_origins(config: &Config) -> anyhow::Result<Vec<HeaderValue>> {
    let origins = config.server.cors_origins.iter();
    let origins = origins.map(|origin| origin.parse());
    origins
        .collect::<Result<_, _>>()
        .context("server.cors_origins")
}
