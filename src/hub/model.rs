//! Selects a model and the files that a server needs of it. This module only knows names; the store
//! keeps the files, and the download fetches them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path},
};

use serde::Deserialize;

use super::{HubError, disk::is_whole};

const CONFIG: &str = "config.json";
const INDEX: &str = "model.safetensors.index.json";
const WEIGHTS: &str = "model.safetensors";
/// Alternative names of the tokenizer; the first is the one to suggest.
const TOKENIZERS: [&str; 2] = ["tokenizer.json", "tekken.json"];
/// The nets of a page reader of the gateway's own form.
const PAGE_READER: [&str; 2] = ["detection.onnx", "recognition.onnx"];
const PREPROCESSORS: [&str; 2] = ["preprocessor_config.json", "processor_config.json"];
/// Small files to fetch. `params.json` is left out, since the engine would prefer it to
/// `config.json`.
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

/// The files of a repository with their sizes, if the hub gives them.
pub(super) type Files = BTreeMap<String, Option<u64>>;

/// A model on the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRef {
    /// `organisation/name`.
    pub repo: String,
    /// A branch, a tag or a commit of 40 hex digits, which pins the files.
    pub revision: String,
    /// The needed files.
    pub files: FileSelection,
}

/// The files of a model that a server needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FileSelection {
    /// The safetensors weights and every file that describes the model.
    #[default]
    Safetensors,
    /// The named GGUF files, and the descriptive files that the repository has.
    Gguf(Vec<String>),
    /// The two nets of a page reader in ONNX, and the texts that describe them.
    PageReader,
}

impl ModelRef {
    /// Selects the safetensors files on the main branch.
    #[must_use]
    pub fn new(repo: impl Into<String>) -> Self {
        Self {
            repo: repo.into(),
            revision: "main".to_owned(),
            files: FileSelection::default(),
        }
    }

    /// Selects another branch, tag or commit than `main`.
    #[must_use]
    pub fn at(self, revision: impl Into<String>) -> Self {
        Self {
            revision: revision.into(),
            ..self
        }
    }

    /// Selects other files than those of a safetensors model.
    #[must_use]
    pub fn with_files(self, files: FileSelection) -> Self {
        Self { files, ..self }
    }

    /// Returns whether the revision is a commit, which never changes.
    pub(super) fn is_pinned(&self) -> bool {
        is_commit(&self.revision)
    }

    /// Checks the names by the hub's rules, since they become URLs, paths and a command line.
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
    /// Returns the file to name if no file of the model is there.
    pub(super) fn first_file(&self) -> &str {
        match self {
            Self::Safetensors => CONFIG,
            Self::Gguf(names) => names.first().map_or("*.gguf", String::as_str),
            Self::PageReader => PAGE_READER[0],
        }
    }

    pub(super) fn small_files(&self, listed: &Files) -> Vec<String> {
        if *self == Self::PageReader {
            let names = listed.keys().filter(|name| describes_reader(name));
            return names.cloned().collect();
        }
        let wanted =
            |name: &str| listed.contains_key(name) && (name != INDEX || *self == Self::Safetensors);
        SMALL_FILES
            .into_iter()
            .filter(|name| wanted(name))
            .map(str::to_owned)
            .collect()
    }

    /// Returns the first needed descriptive file that is not in the folder.
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
        // A snapshot of a text-only tool lacks this file, and the engine would use defaults.
        if !has_any(&PREPROCESSORS) && sees_pictures(&folder.join(CONFIG))? {
            return Ok(Some(PREPROCESSORS[0]));
        }
        Ok(None)
    }

    /// Returns the weight files to fetch. The index must be in the folder if the repository has
    /// one.
    pub(super) fn weights(&self, listed: &Files, folder: &Path) -> Result<Vec<String>, HubError> {
        if let Self::Gguf(names) = self {
            return Ok(if names.is_empty() {
                vec![self.first_file().to_owned()]
            } else {
                names.clone()
            });
        }
        if *self == Self::PageReader {
            let nets: Vec<_> = listed.keys().filter(|name| is_net(name)).cloned().collect();
            return Ok(if nets.is_empty() {
                PAGE_READER.map(str::to_owned).to_vec()
            } else {
                nets
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

    /// Returns the first weight file that is not in the folder.
    pub(super) fn missing_weights(&self, folder: &Path) -> Result<Option<String>, HubError> {
        let absent = |names: Vec<String>| {
            names
                .into_iter()
                .find(|name| !is_whole(&folder.join(name), None))
        };
        if let Self::Gguf(_) = self {
            return Ok(absent(self.weights(&Files::new(), folder)?));
        }
        if *self == Self::PageReader {
            return missing_net(folder);
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
            // Without their index, missing shards cannot be detected.
            None if names.is_empty() => Ok(Some(WEIGHTS.to_owned())),
            None => Ok(Some(INDEX.to_owned())),
        }
    }

    /// Returns possible alternatives, for the end of an error message.
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
            Self::PageReader => String::new(),
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

/// Returns whether a relative path stays below its start.
fn is_plain_path(path: &str) -> bool {
    !path.is_empty()
        && path.split('/').all(|part| !part.is_empty())
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

/// Returns whether a file is a weight file at the top of a repository; folders hold other formats
/// of the weights.
fn is_weights(name: &str) -> bool {
    !name.contains('/')
        && Path::new(name)
            .extension()
            .is_some_and(|it| it == "safetensors")
}

/// Returns whether a file at the top of a repository describes a page reader.
fn describes_reader(name: &str) -> bool {
    let extension = Path::new(name).extension();
    !name.contains('/') && extension.is_some_and(|it| it == "toml" || it == "txt")
}

/// Returns whether a file at the top of a repository is a net.
fn is_net(name: &str) -> bool {
    !name.contains('/') && Path::new(name).extension().is_some_and(|it| it == "onnx")
}

/// Returns the file to name if the folder has fewer nets than a page reader.
fn missing_net(folder: &Path) -> Result<Option<String>, HubError> {
    let files = fs::read_dir(folder).map_err(HubError::disk("read", folder))?;
    let names = files
        .flatten()
        .filter_map(|file| file.file_name().into_string().ok());
    let whole = names.filter(|name| is_net(name) && is_whole(&folder.join(name), None));
    let missing = PAGE_READER.get(whole.count());
    Ok(missing.map(|name| (*name).to_owned()))
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
        Some(name) => Err(bad(format!(
            "it names `{name}`, which is not a path within the repository"
        ))),
        None if names.is_empty() => Err(bad("it names no file".to_owned())),
        None => Ok(names.into_iter().collect()),
    }
}

fn sees_pictures(config: &Path) -> Result<bool, HubError> {
    let text = fs::read(config).map_err(HubError::disk("read", config))?;
    // The engine refuses a config that does not parse.
    let config: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    Ok(config.get("vision_config").is_some())
}
