//! The gateway's configuration: a TOML file, over it the environment, and from both checked
//! settings. Only `main` and `app` see all of it.

mod cache;
mod dotenv;
mod env;
mod images;
mod keys;
mod metrics;
mod models;
mod providers;
mod sections;
mod server;
mod telemetry;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use thiserror::Error;

pub use cache::CacheConfig;
pub use env::Environment;
pub use images::{FetchConfig, ImageConfig};
pub use keys::{KeyConfig, check_name as check_key_name};
pub use metrics::{MetricsAccess, MetricsConfig};
pub use models::{FAMILIES, ModelConfig, ModelSource, PresetConfig};
pub use providers::ProviderConfig;
pub use sections::{
    AdminAccess, AdminConfig, BatchConfig, ChatConfig, DoubtConfig, ExtractConfig, HubConfig,
    LogConfig, LogFormat, MemoryConfig,
};
pub use server::ServerConfig;
pub use telemetry::TelemetryConfig;

/// Why the gateway does not start.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// A key is unknown, or a value is not of its kind.
    #[error("{path}: {field}: {reason}")]
    Field {
        /// The file.
        path: String,
        /// Path of the field, `models[1].dtype`.
        field: String,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// An environment variable has a value that it cannot have.
    #[error("environment variable {name}: {reason}")]
    Environment {
        /// The variable.
        name: &'static str,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// A file of environment variables cannot be read whole.
    #[error("{place}: {reason}")]
    Dotenv {
        /// The file, and the line.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Values that do not go together.
    #[error("{field}: {reason}")]
    Invalid {
        /// Path of the field.
        field: String,
        /// What is wrong, and what is allowed.
        reason: String,
    },
}

impl ConfigError {
    pub(crate) fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            reason: reason.into(),
        }
    }
}

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the gateway listens and what it takes in.
    #[serde(default)]
    pub server: ServerConfig,
    /// Who may see and change the models' states.
    #[serde(default)]
    pub admin: AdminConfig,
    /// Who may read what it counts.
    #[serde(default)]
    pub metrics: MetricsConfig,
    /// The keys of clients.
    #[serde(default)]
    pub keys: Vec<KeyConfig>,
    /// What it writes about itself.
    #[serde(default)]
    pub log: LogConfig,
    /// Where traces go.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// How receipts are read.
    pub extract: ExtractConfig,
    /// What follows a reading that cannot be trusted.
    #[serde(default)]
    pub doubt: DoubtConfig,
    /// Bounds on batches of receipts.
    #[serde(default)]
    pub batch: BatchConfig,
    /// Defaults of chats.
    #[serde(default)]
    pub chat: ChatConfig,
    /// Bounds on pictures.
    #[serde(default)]
    pub images: ImageConfig,
    /// Bounds on downloads of pictures.
    #[serde(default)]
    pub fetch: FetchConfig,
    /// What is remembered.
    #[serde(default)]
    pub cache: CacheConfig,
    /// The memory that models share.
    #[serde(default)]
    pub memory: MemoryConfig,
    /// Where models come from.
    #[serde(default)]
    pub hub: HubConfig,
    /// Who runs models elsewhere.
    #[serde(default)]
    pub providers: BTreeMap<String, ProviderConfig>,
    /// Other names for models, with settings and the schema of their answers.
    #[serde(default)]
    pub presets: BTreeMap<String, PresetConfig>,
    /// The models served.
    #[serde(default)]
    pub models: Vec<ModelConfig>,
    /// Folder that relative paths start from: the file's own.
    #[serde(skip)]
    pub folder: PathBuf,
    /// What is sound and still not what anybody wants, for the operator.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads the file, lays the environment over it and checks the whole.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
            path: path.display().to_string(),
            error,
        })?;
        let mut config = Self::parse(&text, path)?;
        environment.check()?;
        config.apply(environment)?;
        config.check()?;
        config.warnings = config.warn(environment);
        Ok(config)
    }

    /// Where a gateway with this file listens: address, port and certificate, whatever else is wrong with the
    /// file, since a gateway that runs goes on without what it cannot use.
    ///
    /// # Errors
    /// An environment that says no address.
    pub fn listener(path: &Path, environment: &Environment) -> Result<ServerConfig, ConfigError> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let file = text.parse::<toml::Table>().unwrap_or_default();
        let field = |name| file.get("server").and_then(|server| server.get(name));
        let text = |name| field(name).and_then(toml::Value::as_str);
        let mut server = ServerConfig::default();
        if let Some(host) = text("host").and_then(|host| host.parse().ok()) {
            server.host = host;
        }
        let port = field("port").and_then(toml::Value::as_integer);
        if let Some(port) = port.and_then(|port| port.try_into().ok()) {
            server.port = port;
        }
        server.tls_certificate = text("tls_certificate").map(PathBuf::from);
        server.apply(environment)?;
        Ok(server)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let field_error = |field: String, reason: String| ConfigError::Field {
            path: path.display().to_string(),
            field,
            reason,
        };
        let document = toml::Deserializer::parse(text)
            .map_err(|error| field_error("syntax".to_owned(), error.to_string()))?;
        let mut config: Self = serde_path_to_error::deserialize(document).map_err(|error| {
            let reason = error.inner().message().to_owned();
            field_error(error.path().to_string(), reason)
        })?;
        config.folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(config)
    }

    /// A path of the file, relative to where the file lies.
    #[must_use]
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Whether clients must send a key.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        self.server.api_key.is_some() || !self.keys.is_empty()
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.models.is_empty() {
            return Err(ConfigError::invalid("models", "at least one is needed"));
        }
        for (i, model) in self.models.iter().enumerate() {
            model.check(&format!("models[{i}]"))?;
            if let Some(provider) = &model.provider
                && !self.providers.contains_key(provider)
            {
                let reason = format!("{provider:?} is none of [providers]");
                return Err(ConfigError::invalid(
                    format!("models[{i}].provider"),
                    reason,
                ));
            }
            if self.models.iter().take(i).any(|other| other.id == model.id) {
                let reason = format!("{:?} is the name of two models", model.id);
                return Err(ConfigError::invalid(format!("models[{i}].id"), reason));
            }
        }
        for (name, provider) in &self.providers {
            provider.check(name)?;
        }
        for (id, preset) in &self.presets {
            let field = format!("presets.{id}");
            preset.check(id, &field)?;
            if let Some(model) = &preset.model {
                self.check_is_model(&format!("{field}.model"), model)?;
            }
            for model in &preset.models {
                self.check_is_model(&format!("{field}.models"), model)?;
            }
            if self.models.iter().any(|model| model.id == *id) {
                return Err(ConfigError::invalid(field, "is the name of a model too"));
            }
        }
        self.server.check()?;
        self.telemetry.check()?;
        self.extract.check()?;
        self.doubt.check()?;
        self.batch.check()?;
        self.chat.check()?;
        self.images.check()?;
        self.fetch.check()?;
        self.cache.check()?;
        self.memory.check()?;
        let is_model = |id: &str| {
            self.presets.contains_key(id) || self.models.iter().any(|model| model.id == id)
        };
        keys::check(&self.keys, &is_model)?;
        let has_admin = self.keys.iter().any(|key| key.admin);
        self.admin.check(has_admin)?;
        self.metrics.check()?;
        self.check_is_model("extract.model", &self.extract.model)?;
        for id in &self.extract.fallback {
            self.check_is_model("extract.fallback", id)?;
        }
        for id in &self.doubt.escalate_to {
            self.check_is_model("doubt.escalate_to", id)?;
        }
        Ok(())
    }

    /// What does not stop a start and still needs a look.
    fn warn(&self, environment: &Environment) -> Vec<String> {
        let providers = self.providers.values();
        let keys: Vec<_> = providers.filter_map(|p| p.api_key_env.as_deref()).collect();
        let mut warnings = environment.strangers(&keys);
        let most = self.images.max_bytes;
        for (field, bytes) in [
            ("server.max_body_bytes", self.server.max_body_bytes),
            ("batch.max_body_bytes", self.batch.max_body_bytes),
        ] {
            if most > bytes as u64 {
                warnings.push(format!(
                    "images.max_bytes (MAX_IMAGE_SIZE) is {most}, but {field} is {bytes}: a larger picture is \
                     refused with its request; raise {field}."
                ));
            }
        }
        warnings
    }

    fn check_is_model(&self, field: &str, id: &str) -> Result<(), ConfigError> {
        if self.models.iter().any(|model| model.id == id) {
            return Ok(());
        }
        let known: Vec<_> = self.models.iter().map(|model| &*model.id).collect();
        let reason = format!("{id:?} is none of the models: {}", known.join(", "));
        Err(ConfigError::invalid(field, reason))
    }
}

/// Fails unless `value` lies between `least` and `most`.
fn within<T: PartialOrd + std::fmt::Display + Copy>(
    field: &str,
    value: T,
    least: T,
    most: T,
) -> Result<(), ConfigError> {
    if value >= least && value <= most {
        return Ok(());
    }
    let reason = format!("{value} is not within {least} to {most}");
    Err(ConfigError::invalid(field, reason))
}

#[cfg(test)]
mod tests;
