//! The sections `[log]`, `[extract]`, `[doubt]`, `[batch]`, `[chat]`, `[admin]`, `[memory]` and `[hub]`.

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::{ConfigError, within};
use crate::{
    image::BlankPages,
    receipt::{Alphabet, Currency, OnDoubt},
};

/// The form of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// The section `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Form of the lines.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter in the syntax of tracing's `EnvFilter`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Human,
            level: "info".to_owned(),
        }
    }
}

/// The section `[extract]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractConfig {
    /// Model that reads receipts, and that answers chats without a model.
    pub model: String,
    /// Models to try in turn, when that one has no room, fails or takes too long.
    #[serde(default)]
    pub fallback: Vec<String>,
    /// Folder with the JSON Schemas of answers, each in a file `NAME.schema.json`.
    pub schemas: PathBuf,
    /// Name of the schema for requests that name none.
    #[serde(default = "invoice")]
    pub schema: String,
    /// File with the instructions; `{schema}` in it stands for the schema.
    pub prompt: PathBuf,
    /// Files with the instructions of schemas that have their own, by the name of the schema.
    #[serde(default)]
    pub prompts: BTreeMap<String, PathBuf>,
    /// Code of the currency of all invoices, such as `IDR`; `detect` to read it from each invoice.
    #[serde(default = "rupiah")]
    pub currency: Currency,
    /// Scripts that texts may use beside Latin.
    #[serde(default)]
    pub scripts: Vec<Alphabet>,
    /// Number of items of the longest kind that must fit the context of `model`, checked at the start if it is there.
    #[serde(default = "min_items")]
    pub min_items: usize,
    /// Temperature; 0 takes the likeliest token at each step.
    #[serde(default)]
    pub temperature: f64,
    /// Seed that makes answers above temperature 0 repeatable, so that they can be cached.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Treatment of pages without print: `leave_out`, or `read` to read them like others.
    #[serde(default)]
    pub blank_pages: BlankPages,
    /// Most bytes of a schema in a request.
    #[serde(default = "max_schema_bytes")]
    pub max_schema_bytes: usize,
    /// Most tokens of an answer to a schema in a request.
    #[serde(default = "max_schema_tokens")]
    pub max_schema_tokens: usize,
}

fn invoice() -> String {
    "invoice".to_owned()
}

fn max_schema_bytes() -> usize {
    64 << 10
}

fn max_schema_tokens() -> usize {
    4096
}

fn min_items() -> usize {
    10
}

fn rupiah() -> Currency {
    Currency::Fixed("IDR".to_owned())
}

impl ExtractConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("extract.temperature", self.temperature, 0.0, 2.0)?;
        within("extract.min_items", self.min_items, 1, 10_000)?;
        within(
            "extract.max_schema_bytes",
            self.max_schema_bytes,
            64,
            1 << 20,
        )?;
        within(
            "extract.max_schema_tokens",
            self.max_schema_tokens,
            1,
            1 << 20,
        )
    }
}

/// The section `[doubt]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DoubtConfig {
    /// Treatment of a doubtful reading.
    pub on_doubt: OnDoubt,
    /// Confidence of an amount or date below which a reading is doubtful. A failed check makes it doubtful too.
    pub below: f64,
    /// Most attempts in all, with the first.
    pub max_attempts: usize,
    /// Most seconds for all attempts after the first.
    pub max_seconds: u64,
    /// Factor by which a retry raises the most tokens of a picture.
    pub retry_scale: f64,
    /// Temperature of a retry.
    pub retry_temperature: f64,
    /// File with the text that a retry adds; `{findings}` in it stands for the failed checks.
    pub retry_prompt: Option<PathBuf>,
    /// Ids of the models to escalate to, in order.
    pub escalate_to: Vec<String>,
}

impl Default for DoubtConfig {
    fn default() -> Self {
        Self {
            on_doubt: OnDoubt::Report,
            below: 0.5,
            max_attempts: 2,
            max_seconds: 60,
            retry_scale: 1.5,
            retry_temperature: 0.3,
            retry_prompt: None,
            escalate_to: Vec::new(),
        }
    }
}

impl DoubtConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("doubt.below", self.below, 0.0, 1.0)?;
        within("doubt.max_attempts", self.max_attempts, 1, 16)?;
        within("doubt.max_seconds", self.max_seconds, 1, 3600)?;
        within("doubt.retry_scale", self.retry_scale, 1.0, 8.0)?;
        within("doubt.retry_temperature", self.retry_temperature, 0.0, 2.0)?;
        if self.on_doubt == OnDoubt::Escalate && self.escalate_to.is_empty() {
            let reason = "is empty; doubt.on_doubt = \"escalate\" needs at least one model here";
            return Err(ConfigError::invalid("doubt.escalate_to", reason));
        }
        Ok(())
    }
}

/// The section `[batch]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchConfig {
    /// Most pictures in one batch.
    pub max_images: usize,
    /// Most bytes of a batch's body.
    pub max_body_bytes: usize,
    /// Most receipts of one batch that are read at once.
    pub concurrency: usize,
}

impl Default for BatchConfig {
    fn default() -> Self {
        Self {
            max_images: 100,
            max_body_bytes: 256 << 20,
            concurrency: 2,
        }
    }
}

impl BatchConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("batch.max_images", self.max_images, 1, 100_000)?;
        within(
            "batch.max_body_bytes",
            self.max_body_bytes,
            1 << 10,
            1 << 36,
        )?;
        within("batch.concurrency", self.concurrency, 1, 256)
    }
}

/// The section `[chat]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChatConfig {
    /// Most tokens of an answer, for requests that set no limit.
    pub max_tokens: usize,
    /// Temperature of requests that set none.
    pub temperature: f64,
    /// Most answers of one request (`n`).
    pub max_choices: usize,
    /// Most pictures in one request; each page of a PDF and each text file counts as one.
    pub max_images: usize,
    /// Most bytes of text in the text files of one request.
    pub max_file_text_bytes: usize,
    /// Most bytes of the schemas in one request.
    pub max_schema_bytes: usize,
    /// Most seconds to compile one schema.
    pub schema_seconds: u64,
    /// Most compiled schemas that are kept.
    pub remembered_schemas: u64,
    /// Most answers whose tokens and costs are remembered, each for an hour; 0 remembers none.
    pub remembered_answers: u64,
    /// File with the instructions for calling functions; `{tools}` in it stands for the functions.
    pub tools_prompt: Option<PathBuf>,
    /// Seconds between the comments that keep an idle stream open.
    pub keep_alive_seconds: u64,
}

impl Default for ChatConfig {
    fn default() -> Self {
        Self {
            max_tokens: 4096,
            temperature: 0.0,
            max_choices: 8,
            max_images: 8,
            max_file_text_bytes: 1 << 20,
            max_schema_bytes: 64 << 10,
            schema_seconds: 5,
            remembered_schemas: 256,
            remembered_answers: 10_000,
            tools_prompt: None,
            keep_alive_seconds: 10,
        }
    }
}

impl ChatConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("chat.max_tokens", self.max_tokens, 1, 1 << 20)?;
        within("chat.temperature", self.temperature, 0.0, 2.0)?;
        within("chat.max_choices", self.max_choices, 1, 128)?;
        within("chat.max_images", self.max_images, 1, 128)?;
        within(
            "chat.max_file_text_bytes",
            self.max_file_text_bytes,
            1,
            64 << 20,
        )?;
        within("chat.max_schema_bytes", self.max_schema_bytes, 1, 16 << 20)?;
        within("chat.schema_seconds", self.schema_seconds, 1, 3600)?;
        let answers = self.remembered_answers;
        within("chat.remembered_answers", answers, 0, 10_000_000)?;
        within("chat.keep_alive_seconds", self.keep_alive_seconds, 1, 3600)
    }
}

/// The clients that may see and change the models' states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdminAccess {
    /// No client.
    Off,
    /// Clients on this machine.
    #[default]
    Loopback,
    /// Clients with the key.
    Key,
}

/// The section `[admin]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminConfig {
    /// The clients that may see and change the models' states.
    pub access: AdminAccess,
    /// Key that they send as `Authorization: Bearer`, if access is `key`; `[[keys]]` with `admin` work as well.
    pub key: Option<SecretString>,
}

impl AdminConfig {
    pub(super) fn check(&self, has_admin_keys: bool) -> Result<(), ConfigError> {
        match (self.access, &self.key) {
            (AdminAccess::Key, None) if !has_admin_keys => {
                let reason = "is missing; admin.access = \"key\" needs it or one of [[keys]] with admin = true";
                Err(ConfigError::invalid("admin.key", reason))
            }
            (AdminAccess::Off | AdminAccess::Loopback, Some(_)) => {
                let reason = "must be \"key\", since admin.key is set; change it or remove the key";
                Err(ConfigError::invalid("admin.access", reason))
            }
            _ => Ok(()),
        }
    }
}

/// The section `[memory]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MemoryConfig {
    /// Most bytes of all loaded models together; no limit if left out.
    pub budget_bytes: Option<u64>,
    /// Seconds that a loaded model stays at least, even if another needs room.
    pub min_residency_seconds: u64,
    /// Most seconds that a request waits for a model to load, and that a model waits for room.
    pub load_wait_seconds: u64,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self {
            budget_bytes: None,
            min_residency_seconds: 10,
            load_wait_seconds: 600,
        }
    }
}

impl MemoryConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within(
            "memory.budget_bytes",
            self.budget_bytes.unwrap_or(1),
            1,
            u64::MAX,
        )?;
        let residency = self.min_residency_seconds;
        within("memory.min_residency_seconds", residency, 0, 86_400)?;
        within(
            "memory.load_wait_seconds",
            self.load_wait_seconds,
            1,
            86_400,
        )
    }
}

/// The section `[hub]`.
#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct HubConfig {
    /// Whether the hub is never contacted; a model that is not in the cache is an error.
    pub offline: bool,
    /// Folder of downloaded models; that of the Hugging Face tools if left out.
    pub cache: Option<PathBuf>,
    /// Address of another hub with the same interface.
    pub endpoint: Option<String>,
}
