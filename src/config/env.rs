//! Environment variables, which override the file: those of the old receipt service, and secrets.

use std::{collections::BTreeMap, ffi::OsString, fmt::Display, str::FromStr};

use url::Url;

use super::{
    AdminAccess, Config, ConfigError, FAMILIES, MetricsAccess, ModelConfig, ServerConfig,
    dotenv::{Dotenv, DotenvFault},
    telemetry,
};

const COLLECTOR: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// The prefix of the gateway's own variables.
const OWN: &str = "RECEIPT_GATEWAY_";

/// The gateway's own variables, without the keys of providers.
const OWN_NAMES: [&str; 4] = [API_KEY, ADMIN_KEY, CACHE_URL, METRICS_KEY];

const API_KEY: &str = "RECEIPT_GATEWAY_API_KEY";
const ADMIN_KEY: &str = "RECEIPT_GATEWAY_ADMIN_KEY";
const CACHE_URL: &str = "RECEIPT_GATEWAY_CACHE_URL";
const METRICS_KEY: &str = "RECEIPT_GATEWAY_METRICS_KEY";

/// A set of environment variables, read once, so that tests can make their own.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// The fault that hides further variables: a gateway must not start without a key that is among them.
    fault: Option<DotenvFault>,
}

impl Environment {
    /// Returns the process's variables, and those of the nearest `.env` from the working directory upwards. The
    /// process's win.
    #[must_use]
    pub fn from_process() -> Self {
        let Dotenv { variables, fault } = Dotenv::nearest();
        let text = |text: OsString| text.to_string_lossy().into_owned();
        let own = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        Self {
            variables: variables.into_iter().chain(own).collect(),
            fault,
        }
    }

    /// Fails if `.env` could not be read whole.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.fault.clone().map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// Creates an environment of just these variables.
    pub fn new<K: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables.into_iter();
        Self {
            variables: variables.map(|(k, v)| (k.into(), v.into())).collect(),
            fault: None,
        }
    }

    /// Returns a warning for each variable that looks like one of the gateway's own and is not.
    pub(super) fn strangers(&self, known: &[&str]) -> Vec<String> {
        let names = self.variables.keys();
        let names = names.filter(|name| name.starts_with(OWN) && !known.contains(&&***name));
        let names = names.filter(|name| !OWN_NAMES.contains(&&***name));
        let names = names.map(|name| {
            let likeness = |known: &&&str| (strsim::jaro(known, name) * 1000.0) as u32;
            let meant = OWN_NAMES.iter().max_by_key(likeness);
            let meant = meant.map(|meant| format!(" Did you mean {meant}?"));
            format!(
                "environment variable {name} is unknown to the gateway and is ignored.{}",
                meant.unwrap_or_default()
            )
        });
        names.collect()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Returns a key of the gateway. A variable that is set and empty is an error, since a key was intended.
    fn key(&self, name: &'static str) -> Result<Option<&str>, ConfigError> {
        match self.get(name) {
            None if self.variables.contains_key(name) => Err(ConfigError::Environment {
                name,
                reason: "is set but empty; give it a key, or unset it for no key".to_owned(),
            }),
            key => Ok(key),
        }
    }

    fn parse<T: FromStr<Err: Display>>(
        &self,
        name: &'static str,
        what: &str,
    ) -> Result<Option<T>, ConfigError> {
        self.get(name)
            .map(|value| {
                value.parse().map_err(|error| ConfigError::Environment {
                    name,
                    reason: format!("must be {what}, but is {value:?}: {error}"),
                })
            })
            .transpose()
    }

    fn flag(&self, name: &'static str) -> Result<Option<bool>, ConfigError> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true" | "1" | "yes" | "on") => Ok(Some(true)),
            Some("false" | "0" | "no" | "off") => Ok(Some(false)),
            Some(other) => Err(ConfigError::Environment {
                name,
                reason: format!("must be true or false, but is {other:?}"),
            }),
        }
    }
}

impl Config {
    /// Overrides values of the file with those of the environment.
    pub(super) fn apply(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        apply_address(&mut self.server, environment)?;
        set(
            &mut self.images.max_bytes,
            environment.parse("MAX_IMAGE_SIZE", "a number of bytes")?,
        );
        set(
            &mut self.images.max_edge,
            environment.parse("MAX_IMAGE_DIMENSION", "a number of pixels")?,
        );
        set(
            &mut self.chat.max_tokens,
            environment.parse("MAX_TOKENS", "a number of tokens")?,
        );
        if let Some(temperature) = environment.parse("TEMPERATURE", "a number")? {
            self.extract.temperature = temperature;
            self.chat.temperature = temperature;
        }
        if let Some(key) = environment.key(API_KEY)? {
            self.server.api_key = Some(key.to_owned().into());
        }
        if let Some(key) = environment.key(ADMIN_KEY)? {
            self.admin.key = Some(key.to_owned().into());
            self.admin.access = AdminAccess::Key;
        }
        for provider in self.providers.values_mut() {
            let variable = provider.api_key_env.as_deref();
            let key = variable.and_then(|variable| environment.get(variable));
            provider.api_key = key.map(|key| key.to_owned().into());
        }
        if let Some(address) = environment.get(CACHE_URL) {
            self.cache.shared = Some(address.to_owned().into());
        }
        if let Some(key) = environment.get(METRICS_KEY) {
            self.metrics.key = Some(key.to_owned().into());
            self.metrics.access = MetricsAccess::Key;
        }
        if let Some(endpoint) = environment.parse::<Url>(COLLECTOR, "an address")? {
            let fault = |reason| ConfigError::Environment {
                name: COLLECTOR,
                reason,
            };
            telemetry::check_endpoint(&endpoint).map_err(fault)?;
            self.telemetry.endpoint = Some(endpoint);
        }
        if environment.flag("HF_HUB_OFFLINE")? == Some(true) {
            self.hub.offline = true;
        }
        if let Some(name) = environment.get("MODEL_NAME") {
            self.extract.model = self.model_named(name)?;
        }
        if let Some(preload) = environment.flag("PRELOAD_MODEL")? {
            for model in &mut self.models {
                if model.id == self.extract.model {
                    model.preload = preload;
                }
            }
        }
        Ok(())
    }

    /// Returns the id of the model with the id or repository `name`, and adds an entry for a repository of a family
    /// that reads pictures.
    fn model_named(&mut self, name: &str) -> Result<String, ConfigError> {
        let matches = |model: &&ModelConfig| {
            model.id.eq_ignore_ascii_case(name)
                || model
                    .repo
                    .as_ref()
                    .is_some_and(|repo| repo.eq_ignore_ascii_case(name))
        };
        if let Some(model) = self.models.iter().find(matches) {
            return Ok(model.id.clone());
        }
        let repo_name = name
            .split_once('/')
            .map(|(_, name)| name.to_ascii_lowercase());
        let is_known = repo_name.is_some_and(|repo_name| {
            FAMILIES
                .iter()
                .any(|family| repo_name.starts_with(&family.to_ascii_lowercase()))
        });
        if !is_known {
            let entries: Vec<_> = self.models.iter().map(|model| &*model.id).collect();
            return Err(ConfigError::Environment {
                name: "MODEL_NAME",
                reason: format!(
                    "must be a configured model ({}) or a hub model (organisation/name) of a family that reads \
                     pictures ({}), but is {name:?}",
                    entries.join(", "),
                    FAMILIES.join(", ")
                ),
            });
        }
        self.models.push(ModelConfig::from_repo(name));
        Ok(name.to_owned())
    }
}

/// Overrides the address and port of `server` with those of the environment.
pub(super) fn apply_address(
    server: &mut ServerConfig,
    environment: &Environment,
) -> Result<(), ConfigError> {
    let host = environment.get("HOST").map(|host| match host {
        "localhost" => "127.0.0.1",
        other => other,
    });
    if let Some(host) = host {
        server.host = host.parse().map_err(|_| ConfigError::Environment {
            name: "HOST",
            reason: format!("must be an IP address or localhost, but is {host:?}"),
        })?;
    }
    set(
        &mut server.port,
        environment.parse("PORT", "a port number")?,
    );
    Ok(())
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
