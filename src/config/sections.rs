//! The sections of the file, field by field, with their defaults.

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::{ConfigError, within};
use crate::{
    image::BlankPages,
    receipt::{Alphabet, Currency, OnDoubt},
};

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// How lines look.
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

/// `[extract]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractConfig {
    /// Model that reads receipts, and answers chats that name no model.
    pub model: String,
    /// Models that are asked in turn where that one has no room, fails or takes too long.
    #[serde(default)]
    pub fallback: Vec<String>,
    /// Folder of the JSON Schemas that an answer may be asked for by, each `NAME.schema.json`.
    pub schemas: PathBuf,
    /// Name of the schema where a request names none.
    #[serde(default = "invoice")]
    pub schema: String,
    /// Text of the instructions; `{schema}` in it stands for the schema.
    pub prompt: PathBuf,
    /// Text of the instructions for schemas that have their own, by the schema's name.
    #[serde(default)]
    pub prompts: BTreeMap<String, PathBuf>,
    /// `IDR` or another code for invoices of one currency; `detect` to read it off the paper.
    #[serde(default = "rupiah")]
    pub currency: Currency,
    /// Scripts beside Latin that texts may be written in.
    #[serde(default)]
    pub scripts: Vec<Alphabet>,
    /// Items, each as long as it can be, that must fit the context of `model` when it is there at the start.
    #[serde(default = "min_items")]
    pub min_items: usize,
    /// 0 for the likeliest token at each step.
    #[serde(default)]
    pub temperature: f64,
    /// Makes answers above temperature 0 repeatable, and so fit for the cache.
    #[serde(default)]
    pub seed: Option<u64>,
    /// `leave_out` for pages on which nothing is printed, or `read` to read them like others.
    #[serde(default)]
    pub blank_pages: BlankPages,
    /// Bytes of a schema that a request brings, at most.
    #[serde(default = "max_schema_bytes")]
    pub max_schema_bytes: usize,
    /// Tokens of an answer to a schema that a request brings, at most.
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

/// `[doubt]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DoubtConfig {
    /// What a doubtful reading leads to.
    pub on_doubt: OnDoubt,
    /// A reading is doubtful where a check fails, or an amount or date is less sure than this.
    pub below: f64,
    /// Attempts in all, the first among them.
    pub max_attempts: usize,
    /// Seconds for all attempts after the first.
    pub max_seconds: u64,
    /// Pictures of a retry may take this many times the tokens.
    pub retry_scale: f64,
    /// Temperature of a retry.
    pub retry_temperature: f64,
    /// Text that a retry adds; `{findings}` in it stands for what does not agree.
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
            let reason = "on_doubt = \"escalate\" needs at least one model to escalate to";
            return Err(ConfigError::invalid("doubt.escalate_to", reason));
        }
        Ok(())
    }
}

/// `[batch]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchConfig {
    /// Pictures in one batch, at most.
    pub max_images: usize,
    /// Bytes of a batch's body, at most.
    pub max_body_bytes: usize,
    /// Receipts of one batch that are read at once.
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

/// `[chat]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChatConfig {
    /// Tokens generated where a request sets no limit.
    pub max_tokens: usize,
    /// Temperature where a request sets none.
    pub temperature: f64,
    /// Answers asked for at once (`n`), at most.
    pub max_choices: usize,
    /// Pictures in one request, at most.
    pub max_images: usize,
    /// Bytes of the schemas in one request, at most.
    pub max_schema_bytes: usize,
    /// Seconds that compiling one schema may take.
    pub schema_seconds: u64,
    /// Compiled schemas that are remembered, at most.
    pub remembered_schemas: u64,
    /// File with what a model is told of the functions that it may call; `{tools}` stands for them.
    pub tools_prompt: Option<PathBuf>,
    /// Seconds between comments that keep a silent stream open.
    pub keep_alive_seconds: u64,
}

impl Default for ChatConfig {
    fn default() -> Self {
        Self {
            max_tokens: 4096,
            temperature: 0.0,
            max_choices: 8,
            max_images: 8,
            max_schema_bytes: 64 << 10,
            schema_seconds: 5,
            remembered_schemas: 256,
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
        within("chat.max_schema_bytes", self.max_schema_bytes, 1, 16 << 20)?;
        within("chat.schema_seconds", self.schema_seconds, 1, 3600)?;
        within("chat.keep_alive_seconds", self.keep_alive_seconds, 1, 3600)
    }
}

/// Who may see and change the models' states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdminAccess {
    /// Nobody.
    Off,
    /// This machine.
    #[default]
    Loopback,
    /// Whoever has the key.
    Key,
}

/// `[admin]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminConfig {
    /// Who may see and change the models' states.
    pub access: AdminAccess,
    /// What they send as `Authorization: Bearer`, where access is by key; keys with `admin` do as well.
    pub key: Option<SecretString>,
}

impl AdminConfig {
    pub(super) fn check(&self, has_admin_keys: bool) -> Result<(), ConfigError> {
        match (self.access, &self.key) {
            (AdminAccess::Key, None) if !has_admin_keys => {
                let reason =
                    "or one of keys with admin = true is needed where admin.access is \"key\"";
                Err(ConfigError::invalid("admin.key", reason))
            }
            (AdminAccess::Off | AdminAccess::Loopback, Some(_)) => {
                let reason = "a key is set, so it must be \"key\"";
                Err(ConfigError::invalid("admin.access", reason))
            }
            _ => Ok(()),
        }
    }
}

/// `[memory]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MemoryConfig {
    /// Bytes of all loaded models together; any number stays where it is left out.
    pub budget_bytes: Option<u64>,
    /// Seconds that a loaded model stays at least, whoever wants its room.
    pub min_residency_seconds: u64,
    /// Seconds that a request waits for a model to be loaded, and that one waits for room.
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

/// `[hub]`
#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct HubConfig {
    /// Never ask the hub: what is not in the cache is an error.
    pub offline: bool,
    /// Folder of downloaded models; else that of the Hugging Face tools.
    pub cache: Option<PathBuf>,
    /// Another hub with the same interface.
    pub endpoint: Option<String>,
}
