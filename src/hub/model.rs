//! Which model, and which of its files a server needs. Knows names only: where they are kept and
//! how they come there is left to the store and the download.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path},
};

use serde::Deserialize;

use super::{HubError, store::is_whole};

const CONFIG: &str = "config.json";
const INDEX: &str = "model.safetensors.index.json";
const WEIGHTS: &str = "model.safetensors";
/// Either will do; the first is the one to ask for.
const TOKENIZERS: [&str; 2] = ["tokenizer.json", "tekken.json"];
const PREPROCESSORS: [&str; 2] = ["preprocessor_config.json", "processor_config.json"];
/// Not `params.json`: the engine would prefer it to `config.json`.
const SMALL_FILES: [&str; 15] = [
    CONFIG,
    INDEX,
    TOKENIZERS[0],
    TOKENIZERS[1],
    PREPROCESSORS[0],
    PREPROCESSORS[1],
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "generation_config.json",
    "merges.txt",
    "special_tokens_map.json",
    "tokenizer_config.json",
    "video_preprocessor_config.json",
    "vocab.json",
];

/// The files of a repository with their sizes, where the hub gives them.
pub(super) type Files = BTreeMap<String, Option<u64>>;

/// A model on the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRef {
    /// `organisation/name`.
    pub repo: String,
    /// A branch, a tag or a commit; 40 hex digits pin the files for good.
    pub revision: String,
    /// Which of its files are needed.
    pub files: FileSelection,
}

/// The files of a model that are needed to serve it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FileSelection {
    /// The safetensors weights with every file that describes the model.
    #[default]
    Safetensors,
    /// The named GGUF files, and what describes the model where the repository has it.
    Gguf(Vec<String>),
}

impl ModelRef {
    /// The safetensors files on the main branch.
    #[must_use]
    pub fn new(repo: impl Into<String>) -> Self {
        Self {
            repo: repo.into(),
            revision: "main".to_owned(),
            files: FileSelection::default(),
        }
    }

    /// Another branch, tag or commit than `main`.
    #[must_use]
    pub fn at(self, revision: impl Into<String>) -> Self {
        Self {
            revision: revision.into(),
            ..self
        }
    }

    /// Other files than those of a safetensors model.
    #[must_use]
    pub fn with_files(self, files: FileSelection) -> Self {
        Self { files, ..self }
    }

    /// Whether the revision is a commit, which never changes.
    pub(super) fn is_pinned(&self) -> bool {
        is_commit(&self.revision)
    }

    /// The names become addresses, paths and a command line, so they are held to the hub's rules.
    pub(super) fn check(&self) -> Result<(), HubError> {
        let plain = |text: &str, also: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
        };
        let segment =
            |part: &str| !part.is_empty() && !part.starts_with(['.', '-']) && !part.contains("--");
        if !plain(&self.repo, "._-/")
            || !self.repo.split('/').all(segment)
            || self.repo.split('/').count() > 2
        {
            return Err(HubError::BadRepo {
                repo: self.repo.clone(),
            });
        }
        if !plain(&self.revision, "._-/+@#=")
            || self.revision.starts_with('-')
            || !is_plain_path(&self.revision)
        {
            return Err(HubError::BadRevision {
                revision: self.revision.clone(),
            });
        }
        if let FileSelection::Gguf(names) = &self.files
            && let Some(file) = names.iter().find(|name| !is_plain_path(name))
        {
            return Err(HubError::BadFile { file: file.clone() });
        }
        Ok(())
    }

    pub(super) fn pull_command(&self) -> String {
        let mut command = format!("receipt-gateway models pull {}", self.repo);
        if self.revision != "main" {
            command.push_str(" --revision ");
            command.push_str(&self.revision);
        }
        command
    }
}

impl FileSelection {
    /// The file to name when nothing of the model is there.
    pub(super) fn first_file(&self) -> &str {
        match self {
            Self::Safetensors => CONFIG,
            Self::Gguf(names) => names.first().map_or("*.gguf", String::as_str),
        }
    }

    pub(super) fn small_files(&self, listed: &Files) -> Vec<String> {
        let wanted =
            |name: &str| listed.contains_key(name) && (name != INDEX || *self == Self::Safetensors);
        SMALL_FILES
            .into_iter()
            .filter(|name| wanted(name))
            .map(str::to_owned)
            .collect()
    }

    /// The first needed file that describes the model and is not in the folder.
    pub(super) fn missing_small_file(
        &self,
        folder: &Path,
    ) -> Result<Option<&'static str>, HubError> {
        if *self != Self::Safetensors {
            return Ok(None);
        }
        let has_any = |names: &[&str]| names.iter().any(|name| is_whole(&folder.join(name), None));
        if !has_any(&[CONFIG]) {
            return Ok(Some(CONFIG));
        }
        if !has_any(&TOKENIZERS) {
            return Ok(Some(TOKENIZERS[0]));
        }
        // A snapshot that a text-only tool has fetched lacks this, and the engine would go by defaults.
        if !has_any(&PREPROCESSORS) && sees_pictures(&folder.join(CONFIG))? {
            return Ok(Some(PREPROCESSORS[0]));
        }
        Ok(None)
    }

    /// The weight files to fetch. The index must be in the folder if the repository has one.
    pub(super) fn weights(&self, listed: &Files, folder: &Path) -> Result<Vec<String>, HubError> {
        if let Self::Gguf(names) = self {
            return Ok(if names.is_empty() {
                vec![self.first_file().to_owned()]
            } else {
                names.clone()
            });
        }
        if listed.contains_key(INDEX) {
            return shards(&folder.join(INDEX));
        }
        let mut names = vec![WEIGHTS.to_owned()];
        if !listed.contains_key(WEIGHTS) && listed.keys().any(|name| is_weights(name)) {
            names = listed
                .keys()
                .filter(|name| is_weights(name))
                .cloned()
                .collect();
        }
        Ok(names)
    }

    /// The first weight file that is not in the folder.
    pub(super) fn missing_weights(&self, folder: &Path) -> Result<Option<String>, HubError> {
        let absent = |names: Vec<String>| {
            names
                .into_iter()
                .find(|name| !is_whole(&folder.join(name), None))
        };
        if let Self::Gguf(_) = self {
            return Ok(absent(self.weights(&Files::new(), folder)?));
        }
        let index = folder.join(INDEX);
        if is_whole(&index, None) {
            return Ok(absent(shards(&index)?));
        }
        let files = fs::read_dir(folder)
            .map_err(HubError::disk("read", folder))?
            .flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        let names: Vec<_> = names
            .filter(|name| is_weights(name) && is_whole(&folder.join(name), None))
            .collect();
        match names.iter().find(|name| !name.contains("-of-")) {
            Some(_) => Ok(None),
            // Shards without their index: nobody can say whether they are all there.
            None if names.is_empty() => Ok(Some(WEIGHTS.to_owned())),
            None => Ok(Some(INDEX.to_owned())),
        }
    }

    /// What else could have been meant, to end an error message with.
    pub(super) fn alternatives(&self, listed: &Files) -> String {
        let has_gguf = |name: &&String| {
            Path::new(name)
                .extension()
                .is_some_and(|it| it.eq_ignore_ascii_case("gguf"))
        };
        let files: Vec<_> = listed.keys().filter(has_gguf).map(String::as_str).collect();
        match self {
            _ if files.is_empty() => String::new(),
            Self::Gguf(_) => format!("; it has {}", files.join(", ")),
            Self::Safetensors => format!(
                "; it has GGUF files, which must be asked for by name: {}",
                files.join(", ")
            ),
        }
    }
}

pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A relative path that stays below where it starts.
fn is_plain_path(path: &str) -> bool {
    !path.is_empty()
        && path.split('/').all(|part| !part.is_empty())
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

/// Weights at the top of a repository; folders hold other formats of the same.
fn is_weights(name: &str) -> bool {
    !name.contains('/')
        && Path::new(name)
            .extension()
            .is_some_and(|it| it == "safetensors")
}

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

fn shards(path: &Path) -> Result<Vec<String>, HubError> {
    let bad = |reason: String| HubError::BadIndex {
        path: path.to_owned(),
        reason,
    };
    let text = fs::read(path).map_err(HubError::disk("read", path))?;
    let index: Index = serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
    let names: BTreeSet<_> = index.weight_map.into_values().collect();
    match names.iter().find(|name| !is_plain_path(name)) {
        Some(name) => Err(bad(format!("it names `{name}`"))),
        None if names.is_empty() => Err(bad("it names no file".to_owned())),
        None => Ok(names.into_iter().collect()),
    }
}

fn sees_pictures(config: &Path) -> Result<bool, HubError> {
    let text = fs::read(config).map_err(HubError::disk("read", config))?;
    // A config that does not parse is for the engine to refuse.
    let config: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    Ok(config.get("vision_config").is_some())
}
