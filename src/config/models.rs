//! `[[models]]`: what is served, from where, and how much of it at once.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Deserialize;

use super::{ConfigError, within};
use crate::engine::{
    Device, Dtype,
    remote::{RemoteSettings, StructuredOutput},
};

/// Model families that read pictures, by the beginning of the hub's model name.
pub const FAMILIES: [&str; 3] = ["Qwen2-VL", "Qwen2.5-VL", "Qwen3-VL"];

/// Where a model's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A folder.
    Path(PathBuf),
    /// A repository of the Hugging Face hub.
    Hub {
        /// `organisation/name`.
        repo: String,
        /// Branch, tag or commit.
        revision: String,
    },
    /// Nowhere here: a provider runs it.
    Provider(String),
}

/// One `[[models]]` entry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are keys of the file")]
pub struct ModelConfig {
    /// Name that clients ask for.
    pub id: String,
    /// Folder with the files, or
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// repository of the hub, or
    #[serde(default)]
    pub repo: Option<String>,
    /// name of the provider that runs it.
    #[serde(default)]
    pub provider: Option<String>,
    /// The provider's name for the model, where it is not the id.
    #[serde(default)]
    pub model: Option<String>,
    /// Tokens that a provider's model holds, prompt and answer together.
    #[serde(default = "context_length")]
    pub context_length: usize,
    /// Whether a provider's model reads pictures.
    #[serde(default = "yes")]
    pub reads_pictures: bool,
    /// How a provider's model is made to answer by a schema.
    #[serde(default)]
    pub structured_output: StructuredOutput,
    /// Whether a provider's model tells log-probabilities.
    #[serde(default)]
    pub logprobs: bool,
    /// Branch, tag or commit of the repository.
    #[serde(default = "main_branch")]
    pub revision: String,
    /// GGUF files of the folder or repository, for text models that come so.
    #[serde(default)]
    pub gguf: Vec<String>,
    /// Number format of the weights.
    #[serde(default)]
    pub dtype: Dtype,
    /// In-situ quantisation.
    #[serde(default)]
    pub isq: Option<String>,
    /// Where the weights run.
    #[serde(default)]
    pub device: Device,
    /// Whether tokens that a schema leaves no choice about go into one pass with the token before them.
    #[serde(default = "yes")]
    pub forced_tokens: bool,
    /// Load at the start rather than on first use.
    #[serde(default)]
    pub preload: bool,
    /// Seconds without use after which it is unloaded; for ever where it is left out.
    #[serde(default)]
    pub ttl_seconds: Option<u64>,
    /// Whether it stays in memory though others want its room.
    #[serde(default)]
    pub pinned: bool,
    /// Bytes of memory that it takes, where that is not the size of its weights' files.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// What the log says when the model has been loaded.
    #[serde(default)]
    pub notice: Option<String>,
    /// Generations that run at once.
    #[serde(default = "one")]
    pub concurrency: usize,
    /// Generations that may wait.
    #[serde(default = "queue_length")]
    pub queue_length: usize,
    /// Seconds that each may wait.
    #[serde(default = "queue_seconds")]
    pub queue_seconds: u64,
    /// Seconds that one generation may take.
    #[serde(default = "deadline_seconds")]
    pub deadline_seconds: u64,
    /// Text of the instructions by the schema's name, where it differs from `extract.prompts`.
    #[serde(default)]
    pub prompts: BTreeMap<String, PathBuf>,
    /// File that tells how often the model is right when it is how sure.
    #[serde(default)]
    pub calibration: Option<PathBuf>,
    /// Fields of a schema that its answers hold at their empty values, since it was not taught them.
    #[serde(default)]
    pub empty_fields: Vec<String>,
    /// Items of an answer, where it is to write fewer than the schema allows.
    #[serde(default)]
    pub max_items: Option<usize>,
    /// Whether the model understands what a client or a retry tells it, or only its `prompts`.
    #[serde(default = "yes")]
    pub takes_instructions: bool,
    /// Whether a receipt's pictures stand before what the model is told; left out, they do for one that
    /// takes no instructions.
    #[serde(default)]
    pub pictures_first: Option<bool>,
    /// Bytes that the keys and values of prompts' beginnings may take, kept so that they are computed once.
    #[serde(default = "prompt_cache_bytes")]
    pub prompt_cache_bytes: u64,
    /// Whether a scan's white margins are cut off, where it differs from `images.trim`.
    #[serde(default)]
    pub trim: Option<bool>,
    /// Longest edge of a picture, where it differs from `images.max_edge`.
    #[serde(default)]
    pub max_edge: Option<u32>,
    /// Tokens of a picture, where they differ from `images.max_tokens`.
    #[serde(default)]
    pub max_image_tokens: Option<u32>,
}

fn main_branch() -> String {
    "main".to_owned()
}

fn prompt_cache_bytes() -> u64 {
    256 << 20
}

fn yes() -> bool {
    true
}

fn context_length() -> usize {
    32_768
}

fn one() -> usize {
    1
}

fn queue_length() -> usize {
    32
}

fn queue_seconds() -> u64 {
    60
}

fn deadline_seconds() -> u64 {
    240
}

impl ModelConfig {
    /// An entry for a hub repository, everything else at its default.
    #[must_use]
    pub fn from_repo(repo: &str) -> Self {
        Self {
            id: repo.to_owned(),
            path: None,
            repo: Some(repo.to_owned()),
            provider: None,
            model: None,
            context_length: context_length(),
            reads_pictures: yes(),
            structured_output: StructuredOutput::default(),
            logprobs: false,
            revision: main_branch(),
            gguf: Vec::new(),
            dtype: Dtype::default(),
            isq: None,
            device: Device::default(),
            forced_tokens: yes(),
            preload: false,
            ttl_seconds: None,
            pinned: false,
            memory_bytes: None,
            notice: None,
            concurrency: one(),
            queue_length: queue_length(),
            queue_seconds: queue_seconds(),
            deadline_seconds: deadline_seconds(),
            prompts: BTreeMap::new(),
            calibration: None,
            empty_fields: Vec::new(),
            max_items: None,
            takes_instructions: yes(),
            pictures_first: None,
            prompt_cache_bytes: prompt_cache_bytes(),
            trim: None,
            max_edge: None,
            max_image_tokens: None,
        }
    }

    /// Whether a receipt's pictures stand before what the model is told.
    #[must_use]
    pub fn pictures_first(&self) -> bool {
        self.pictures_first.unwrap_or(!self.takes_instructions)
    }

    /// Where the files are.
    ///
    /// # Errors
    /// Where not exactly one of `path`, `repo` and `provider` is set.
    pub fn source(&self, field: &str) -> Result<ModelSource, ConfigError> {
        match (&self.path, &self.repo, &self.provider) {
            (Some(path), None, None) => Ok(ModelSource::Path(path.clone())),
            (None, Some(repo), None) => Ok(ModelSource::Hub {
                repo: repo.clone(),
                revision: self.revision.clone(),
            }),
            (None, None, Some(provider)) => Ok(ModelSource::Provider(provider.clone())),
            _ => Err(ConfigError::invalid(
                field,
                "exactly one of path, repo and provider is needed",
            )),
        }
    }

    /// What is asked of the provider.
    #[must_use]
    pub fn remote(&self) -> RemoteSettings {
        RemoteSettings {
            model: self.model.clone().unwrap_or_else(|| self.id.clone()),
            context_length: self.context_length,
            reads_pictures: self.reads_pictures,
            structured_output: self.structured_output,
            logprobs: self.logprobs,
        }
    }

    /// What is loaded, in words that change whenever an answer may.
    #[must_use]
    pub fn weights(&self) -> String {
        format!(
            "{:?} {:?} {} {:?} {:?} {:?} {:?} {:?} {:?} {} {} {} {}",
            self.path,
            self.repo,
            self.revision,
            self.gguf,
            self.dtype,
            self.isq,
            self.provider,
            self.model,
            self.structured_output,
            self.context_length,
            self.reads_pictures,
            self.logprobs,
            self.forced_tokens,
        )
    }

    /// Whether a model loaded for this entry is the one that `other` describes. A provider's takes no
    /// loading.
    #[must_use]
    pub fn loads_like(&self, other: &Self) -> bool {
        self.provider.is_none()
            && self.weights() == other.weights()
            && self.device == other.device
            && self.concurrency == other.concurrency
            && self.prompt_cache_bytes == other.prompt_cache_bytes
    }

    /// Who made it, as listings say it.
    #[must_use]
    pub fn owner(&self) -> &str {
        let repo = self.repo.as_deref().and_then(|repo| repo.split_once('/'));
        let provider = self.provider.as_deref();
        repo.map(|(owner, _)| owner)
            .or(provider)
            .unwrap_or("receipt-gateway")
    }

    /// How long one generation may take.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    pub(super) fn check(&self, field: &str) -> Result<(), ConfigError> {
        let named = |name: &str| format!("{field}.{name}");
        check_id(&self.id, &named("id"))?;
        self.source(field)?;
        if let Some(repo) = &self.repo
            && repo.split('/').filter(|part| !part.is_empty()).count() != 2
        {
            let reason = format!("{repo:?} is not of the form organisation/name");
            return Err(ConfigError::invalid(named("repo"), reason));
        }
        within(&named("concurrency"), self.concurrency, 1, 256)?;
        within(&named("queue_length"), self.queue_length, 0, 100_000)?;
        within(&named("queue_seconds"), self.queue_seconds, 0, 3600)?;
        within(&named("deadline_seconds"), self.deadline_seconds, 1, 86_400)?;
        let kept = self.prompt_cache_bytes;
        within(&named("prompt_cache_bytes"), kept, 0, 1 << 40)?;
        within(&named("context_length"), self.context_length, 256, 1 << 24)?;
        let ttl = self.ttl_seconds.unwrap_or(1);
        within(&named("ttl_seconds"), ttl, 1, 31_536_000)?;
        within(&named("max_items"), self.max_items.unwrap_or(1), 1, 10_000)?;
        within(&named("max_edge"), self.max_edge.unwrap_or(56), 56, 8192)?;
        within(
            &named("max_image_tokens"),
            self.max_image_tokens.unwrap_or(4),
            4,
            16_384,
        )
    }
}

pub(super) fn check_id(id: &str, field: &str) -> Result<(), ConfigError> {
    let is_id_char = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    if (1..=200).contains(&id.len()) && id.chars().all(is_id_char) {
        return Ok(());
    }
    let reason = format!("{id:?} is not 1 to 200 letters, digits and any of - _ . : /");
    Err(ConfigError::invalid(field, reason))
}

/// One `[presets.NAME]` entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetConfig {
    /// The model that answers; else the one that reads receipts.
    #[serde(default)]
    pub model: Option<String>,
    /// Several, asked in turn where one has no room, fails or takes too long.
    #[serde(default)]
    pub models: Vec<String>,
    /// How often each of `models` is asked first, relative to the others; the first always where it is
    /// left out.
    #[serde(default)]
    pub weights: Vec<u32>,
    /// Schema that answers are held to, of those in `extract.schemas`.
    #[serde(default)]
    pub schema: Option<String>,
    /// Temperature of requests that send none, where it differs from `chat.temperature`.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Tokens of an answer where a request sets no limit, where they differ from
    /// `chat.max_tokens`; a schema bounds its answers itself.
    #[serde(default)]
    pub max_tokens: Option<usize>,
}

impl PresetConfig {
    pub(super) fn check(&self, id: &str, field: &str) -> Result<(), ConfigError> {
        let named = |name: &str| format!("{field}.{name}");
        check_id(id, field)?;
        if self.model.is_some() && !self.models.is_empty() {
            let reason = "leave one of model and models out";
            return Err(ConfigError::invalid(named("models"), reason));
        }
        let weights = self.weights.iter();
        let total: u64 = weights.map(|weight| u64::from(*weight)).sum();
        let are_of_models = self.weights.len() == self.models.len();
        let is_sound = are_of_models && (1..=1_000_000).contains(&total);
        if !(self.weights.is_empty() || is_sound) {
            let reason = "one for each of models is needed, and a sum of 1 to 1000000";
            return Err(ConfigError::invalid(named("weights"), reason));
        }
        if self.schema.is_some() && self.max_tokens.is_some() {
            let reason = "a schema bounds its answers itself; leave one of the two out";
            return Err(ConfigError::invalid(named("max_tokens"), reason));
        }
        within(
            &named("temperature"),
            self.temperature.unwrap_or(0.0),
            0.0,
            2.0,
        )?;
        within(
            &named("max_tokens"),
            self.max_tokens.unwrap_or(1),
            1,
            1 << 20,
        )
    }
}
