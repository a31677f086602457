//! `[[models]]`: the models, their sources and limits.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Deserialize;
use serde_json::json;

use super::{ConfigError, prices::PriceConfig, within};
use crate::{
    engine::{
        Device, Dtype, Quantisation,
        remote::{RemoteSettings, StructuredOutput},
    },
    receipt::Grounding,
    registry::Reads,
};

/// The model families that read pictures, by the prefix of the hub's model names.
pub const FAMILIES: [&str; 3] = ["Qwen2-VL", "Qwen2.5-VL", "Qwen3-VL"];

/// The source of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A folder with its files.
    Path(PathBuf),
    /// A repository of the Hugging Face hub.
    Hub {
        /// `organisation/name`.
        repo: String,
        /// Branch, tag or commit.
        revision: String,
    },
    /// A provider that runs it, by name.
    Provider(String),
}

/// An entry of `[[models]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the file")]
pub struct ModelConfig {
    /// Name that clients ask for.
    pub id: String,
    /// Folder with the files; one of `path`, `repo` and `provider` is needed.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// Repository of the hub.
    #[serde(default)]
    pub repo: Option<String>,
    /// Name of the provider that runs it.
    #[serde(default)]
    pub provider: Option<String>,
    /// The provider's name for the model; the id if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// Context length of a provider's model in tokens, for prompt and answer together.
    #[serde(default = "context_length")]
    pub context_length: usize,
    /// Whether a provider's model reads pictures.
    #[serde(default = "yes")]
    pub reads_pictures: bool,
    /// The form in which the model gets the pages of pictures.
    #[serde(default)]
    pub reads: Reads,
    /// Method that makes a provider's model follow a schema.
    #[serde(default)]
    pub structured_output: StructuredOutput,
    /// Whether a provider's model returns log-probabilities.
    #[serde(default)]
    pub logprobs: bool,
    /// Branch, tag or commit of the repository.
    #[serde(default = "main_branch")]
    pub revision: String,
    /// GGUF files of the folder or repository, for text models in that format.
    #[serde(default)]
    pub gguf: Vec<String>,
    /// Number format of the weights.
    #[serde(default)]
    pub dtype: Dtype,
    /// Quantisation while loading.
    #[serde(default)]
    pub isq: Quantisation,
    /// Device that the model runs on.
    #[serde(default)]
    pub device: Device,
    /// Whether tokens that the schema forces are computed in one pass with the token before them.
    #[serde(default = "yes")]
    pub forced_tokens: bool,
    /// Whether it is loaded at the start rather than on first use.
    #[serde(default)]
    pub preload: bool,
    /// Seconds without use after which it is unloaded; never if left out.
    #[serde(default)]
    pub ttl_seconds: Option<u64>,
    /// Whether it stays in memory when other models need room.
    #[serde(default)]
    pub pinned: bool,
    /// Bytes of memory that it needs; the size of its weights' files and `prompt_cache_bytes` if left out.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// Message for the log when the model has been loaded.
    #[serde(default)]
    pub notice: Option<String>,
    /// Most generations that run at once.
    #[serde(default = "one")]
    pub concurrency: usize,
    /// Most generations that wait.
    #[serde(default = "queue_length")]
    pub queue_length: usize,
    /// Most seconds that a generation waits.
    #[serde(default = "queue_seconds")]
    pub queue_seconds: u64,
    /// Most seconds of a generation.
    #[serde(default = "deadline_seconds")]
    pub deadline_seconds: u64,
    /// Files with the instructions, by the name of the schema; else those of `extract`.
    #[serde(default)]
    pub prompts: BTreeMap<String, PathBuf>,
    /// File with the instructions for all schemas that `prompts` does not name.
    #[serde(default)]
    pub prompt: Option<PathBuf>,
    /// Jinja file with the form of chats, instead of the model's own.
    #[serde(default)]
    pub chat_template: Option<PathBuf>,
    /// File with the model's calibration: the share of correct values by the model's own probability.
    #[serde(default)]
    pub calibration: Option<PathBuf>,
    /// Fields of the schema that always get their empty value, since the model was not trained on them.
    #[serde(default)]
    pub empty_fields: Vec<String>,
    /// Most items of an answer, if fewer than the schema allows.
    #[serde(default)]
    pub max_items: Option<usize>,
    /// Whether the model follows instructions of clients and retries, and not only its `prompts`.
    #[serde(default = "yes")]
    pub takes_instructions: bool,
    /// Whether a receipt's pictures come before the instructions; if left out, they do for a model that takes no
    /// instructions.
    #[serde(default)]
    pub pictures_first: Option<bool>,
    /// Whether an answer is weighed against others that are nearly as likely, by sums, labels and the model's own
    /// probabilities.
    #[serde(default)]
    pub weigh_answers: bool,
    /// Whether the fields that a schema marks as printed are held to what is printed.
    #[serde(default)]
    pub grounding: Grounding,
    /// Most bytes of kept keys and values of the prompts' beginnings, which are then computed only once.
    #[serde(default = "prompt_cache_bytes")]
    pub prompt_cache_bytes: u64,
    /// Whether a scan's white margins are cut off; `images.trim` if left out.
    #[serde(default)]
    pub trim: Option<bool>,
    /// Longest edge of a picture; `images.max_edge` if left out.
    #[serde(default)]
    pub max_edge: Option<u32>,
    /// Most tokens of a picture; `images.max_tokens` if left out.
    #[serde(default)]
    pub max_image_tokens: Option<u32>,
    /// Prices of its tokens; what the provider states is used if left out.
    #[serde(default)]
    pub price: Option<PriceConfig>,
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
    /// Creates an entry for a repository of the hub, with defaults for everything else.
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
            reads: Reads::default(),
            structured_output: StructuredOutput::default(),
            logprobs: false,
            revision: main_branch(),
            gguf: Vec::new(),
            dtype: Dtype::default(),
            isq: Quantisation::default(),
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
            prompt: None,
            chat_template: None,
            calibration: None,
            empty_fields: Vec::new(),
            max_items: None,
            takes_instructions: yes(),
            pictures_first: None,
            weigh_answers: false,
            grounding: Grounding::default(),
            prompt_cache_bytes: prompt_cache_bytes(),
            trim: None,
            max_edge: None,
            max_image_tokens: None,
            price: None,
        }
    }

    /// Returns whether a receipt's pictures come before the instructions.
    #[must_use]
    pub fn pictures_first(&self) -> bool {
        self.pictures_first.unwrap_or(!self.takes_instructions)
    }

    /// Returns the source of the model.
    ///
    /// # Errors
    /// Fails unless exactly one of `path`, `repo` and `provider` is set.
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
                "needs exactly one of path, repo and provider",
            )),
        }
    }

    /// Returns the settings of the model for its provider.
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

    /// Returns a text about what is loaded, which differs whenever answers may.
    #[must_use]
    pub fn weights(&self) -> String {
        let weights = json!({
            "path": self.path,
            "repo": self.repo,
            "revision": self.revision,
            "gguf": self.gguf,
            "dtype": self.dtype,
            "isq": self.isq,
            "chat_template": self.chat_template,
            "provider": self.provider,
            "model": self.model,
            "structured_output": self.structured_output,
            "context_length": self.context_length,
            "reads_pictures": self.reads_pictures,
            "logprobs": self.logprobs,
            "forced_tokens": self.forced_tokens,
        });
        weights.to_string()
    }

    /// Returns whether a model loaded for this entry also serves `other`. Never for a provider's model, which is not
    /// loaded.
    #[must_use]
    pub fn loads_like(&self, other: &Self) -> bool {
        self.provider.is_none()
            && self.weights() == other.weights()
            && self.device == other.device
            && self.concurrency == other.concurrency
            && self.prompt_cache_bytes == other.prompt_cache_bytes
    }

    /// Returns the owner of the model for listings: the hub's organisation, the provider or the gateway.
    #[must_use]
    pub fn owner(&self) -> &str {
        let repo = self.repo.as_deref().and_then(|repo| repo.split_once('/'));
        let provider = self.provider.as_deref();
        repo.map(|(owner, _)| owner)
            .or(provider)
            .unwrap_or("receipt-gateway")
    }

    /// Returns the longest time of a generation.
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
            let reason = format!("must be of the form organisation/name, but is {repo:?}");
            return Err(ConfigError::invalid(named("repo"), reason));
        }
        let template = self.chat_template.as_deref();
        if template.is_some_and(|file| file.extension() != Some("jinja".as_ref())) {
            let reason = "must be a file whose name ends with .jinja";
            return Err(ConfigError::invalid(named("chat_template"), reason));
        }
        if let Some(price) = &self.price {
            price.check(&named("price"))?;
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
    let reason = format!("must be 1 to 200 letters, digits and any of - _ . : /, but is {id:?}");
    Err(ConfigError::invalid(field, reason))
}
