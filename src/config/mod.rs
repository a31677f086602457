//! The gateway's configuration: a TOML file, values of the environment that override it, and the checks of
//! both. Only `main`, `cli`, `server` and `app` use it; the domain gets its own settings.

mod cache;
mod codes;
mod dotenv;
mod e_invoices;
mod env;
mod images;
mod keys;
mod metrics;
mod models;
mod presets;
mod prices;
mod providers;
mod reader;
mod sections;
mod server;
mod telemetry;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use thiserror::Error;

use crate::registry::Reads;
pub use cache::CacheConfig;
pub use codes::CodesConfig;
pub use e_invoices::EInvoicesConfig;
pub use env::Environment;
pub use images::{FetchConfig, ImageConfig};
pub use keys::{KeyConfig, check_name as check_key_name};
pub use metrics::{MetricsAccess, MetricsConfig};
pub use models::{FAMILIES, ModelConfig, ModelSource};
pub use presets::PresetConfig;
pub use prices::{Price, PriceConfig, PriceCurrency, PriceUnit};
pub use providers::ProviderConfig;
pub use reader::{ReaderConfig, ReaderModel};
pub use sections::{
    AdminAccess, AdminConfig, BatchConfig, ChatConfig, DoubtConfig, ExtractConfig, HubConfig,
    LogConfig, LogFormat, MemoryConfig,
};
pub use server::ServerConfig;
pub use telemetry::TelemetryConfig;

/// An error in the configuration, which prevents a start.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: the configuration cannot be read: {error}; check --config")]
    Read {
        /// The file.
        path: String,
        /// The system's error.
        error: std::io::Error,
    },
    /// A field is unknown or has a value of the wrong type.
    #[error("{path}: {field}: {reason}")]
    Field {
        /// The file.
        path: String,
        /// Path of the field, `models[1].dtype`.
        field: String,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// An environment variable has an invalid value.
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
        /// What is wrong, and how to correct it.
        reason: String,
    },
    /// A value is out of its range or contradicts another.
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
    /// The address to listen on, and the limits of requests.
    #[serde(default)]
    pub server: ServerConfig,
    /// Access to the models' states.
    #[serde(default)]
    pub admin: AdminConfig,
    /// Access to the metrics.
    #[serde(default)]
    pub metrics: MetricsConfig,
    /// The API keys of clients.
    #[serde(default)]
    pub keys: Vec<KeyConfig>,
    /// The log.
    #[serde(default)]
    pub log: LogConfig,
    /// The export of traces.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// The reading of receipts.
    pub extract: ExtractConfig,
    /// The treatment of doubtful receipts.
    #[serde(default)]
    pub doubt: DoubtConfig,
    /// Limits of batches of receipts.
    #[serde(default)]
    pub batch: BatchConfig,
    /// Defaults of chats.
    #[serde(default)]
    pub chat: ChatConfig,
    /// Limits of pictures.
    #[serde(default)]
    pub images: ImageConfig,
    /// XML that states an invoice.
    #[serde(default)]
    pub e_invoices: EInvoicesConfig,
    /// Codes that are printed on pages.
    #[serde(default)]
    pub codes: CodesConfig,
    /// The page reader.
    #[serde(default)]
    pub reader: ReaderConfig,
    /// Limits of downloads of pictures.
    #[serde(default)]
    pub fetch: FetchConfig,
    /// The cache of answers.
    #[serde(default)]
    pub cache: CacheConfig,
    /// The memory that models share.
    #[serde(default)]
    pub memory: MemoryConfig,
    /// The Hugging Face hub.
    #[serde(default)]
    pub hub: HubConfig,
    /// Providers that run models elsewhere.
    #[serde(default)]
    pub providers: BTreeMap<String, ProviderConfig>,
    /// Other names for models, with settings and the schema of their answers.
    #[serde(default)]
    pub presets: BTreeMap<String, PresetConfig>,
    /// The models served.
    #[serde(default)]
    pub models: Vec<ModelConfig>,
    /// Folder that relative paths start from, that of the file.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Warnings for the operator about values that are valid but probably not intended.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads the file, overrides its values with those of the environment, and checks the result.
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

    /// Reads only the address, port and certificate, and ignores errors in the rest of the file, since a running
    /// gateway keeps its earlier configuration when the file becomes invalid.
    ///
    /// # Errors
    /// Fails for an invalid `HOST` or `PORT` in the environment.
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
        env::apply_address(&mut server, environment)?;
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

    /// Resolves a path of the file against the file's folder.
    #[must_use]
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Returns whether clients must send a key.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        self.server.api_key.is_some() || !self.keys.is_empty()
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.models.is_empty() {
            return Err(ConfigError::invalid(
                "models",
                "is empty; add at least one [[models]] entry",
            ));
        }
        for (i, model) in self.models.iter().enumerate() {
            model.check(&format!("models[{i}]"))?;
            if let Some(provider) = &model.provider
                && !self.providers.contains_key(provider)
            {
                let reason = format!(
                    "{provider:?} is not configured; add [providers.{provider}], or name another"
                );
                return Err(ConfigError::invalid(
                    format!("models[{i}].provider"),
                    reason,
                ));
            }
            if self.models.iter().take(i).any(|other| other.id == model.id) {
                let reason = format!(
                    "{:?} is the id of an earlier model too; give each model its own",
                    model.id
                );
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
                return Err(ConfigError::invalid(
                    field,
                    "is the id of a model too; rename one of the two",
                ));
            }
        }
        self.server.check()?;
        self.telemetry.check()?;
        self.extract.check()?;
        self.doubt.check()?;
        self.batch.check()?;
        self.chat.check()?;
        self.images.check()?;
        self.e_invoices.check()?;
        self.codes.check()?;
        self.reader.check()?;
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

    /// Returns warnings about values that do not prevent a start.
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
        if matches!(self.reader.source(), Ok(ReaderModel::Off)) {
            let asked = |id: &String| {
                *id == self.extract.model
                    || self.extract.fallback.contains(id)
                    || self.doubt.escalate_to.contains(id)
            };
            let models = self.models.iter();
            let models = models.filter(|model| model.reads == Reads::PageText && asked(&model.id));
            warnings.extend(models.map(|model| {
                let id = &model.id;
                format!(
                    "models.{id} reads page text, but reader.model is \"off\": it reads PDFs that state their \
                     text, and no pictures."
                )
            }));
        }
        warnings
    }

    fn check_is_model(&self, field: &str, id: &str) -> Result<(), ConfigError> {
        if self.models.iter().any(|model| model.id == id) {
            return Ok(());
        }
        let known: Vec<_> = self.models.iter().map(|model| &*model.id).collect();
        let reason = format!(
            "{id:?} is not a configured model; name one of {}",
            known.join(", ")
        );
        Err(ConfigError::invalid(field, reason))
    }
}

/// Checks that `value` is from `least` to `most`.
fn within<T: PartialOrd + std::fmt::Display + Copy>(
    field: &str,
    value: T,
    least: T,
    most: T,
) -> Result<(), ConfigError> {
    if value >= least && value <= most {
        return Ok(());
    }
    let reason = format!("must be from {least} to {most}, but is {value}");
    Err(ConfigError::invalid(field, reason))
}

#[cfg(test)]
mod tests;
