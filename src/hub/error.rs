//! What can go wrong on the way to a model's files, in words for the person who asked for them.
//! Each message is whole: it carries its cause, so none is chained behind it.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a model's files are not here.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// A needed file is not in the cache, and the hub may not be asked.
    #[error("{file} of {repo} is not in the cache: looked in {}; fetch it with `{command}`", folder.display())]
    NotCached {
        /// The repository.
        repo: String,
        /// The file.
        file: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// What fetches it.
        command: String,
    },

    /// The hub has no such repository.
    #[error("there is no model `{repo}` at {host} (revision `{revision}`): check the name")]
    RepoNotFound {
        /// The repository.
        repo: String,
        /// The revision asked for.
        revision: String,
        /// The hub.
        host: String,
    },

    /// The repository has no such branch, tag or commit.
    #[error(
        "model `{repo}` has no revision `{revision}`: give one of its branches, tags or commits"
    )]
    RevisionNotFound {
        /// The repository.
        repo: String,
        /// The revision asked for.
        revision: String,
    },

    /// The repository is gated or private.
    #[error("{host} refuses `{repo}` (HTTP {status}): {advice}")]
    AccessDenied {
        /// The repository.
        repo: String,
        /// The hub.
        host: String,
        /// HTTP status.
        status: u16,
        /// What to do about it.
        advice: String,
    },

    /// The repository lacks a file that a model needs.
    #[error("`{repo}` at `{revision}` has no {file}, so it cannot be served{hint}")]
    NotInRepo {
        /// The repository.
        repo: String,
        /// The revision asked for.
        revision: String,
        /// The file.
        file: String,
        /// Why that may be.
        hint: String,
    },

    /// The hub cannot be reached.
    #[error(
        "cannot reach {host}: {reason}; if the model is in the cache, HF_HUB_OFFLINE=1 does without the network"
    )]
    Network {
        /// The hub.
        host: String,
        /// What is behind it.
        reason: String,
    },

    /// A download broke off; what came is kept.
    #[error(
        "{file} stopped after {received} of {size} bytes: {reason}; what came is kept, pull again to continue"
    )]
    Interrupted {
        /// The file.
        file: String,
        /// Bytes that came.
        received: u64,
        /// Bytes that were to come.
        size: String,
        /// What is behind it.
        reason: String,
    },

    /// The hub answers with an unexpected status.
    #[error("{host} answers HTTP {status} for {what}: {advice}")]
    Status {
        /// The hub.
        host: String,
        /// What was asked for.
        what: String,
        /// HTTP status.
        status: u16,
        /// What to do about it.
        advice: &'static str,
    },

    /// The hub's answer is not understood.
    #[error("{host} gives an answer for {what} that makes no sense: {reason}")]
    Malformed {
        /// The hub.
        host: String,
        /// What was asked for.
        what: String,
        /// What is behind it.
        reason: String,
    },

    /// A file is not of the size that the hub names.
    #[error(
        "{file} came with {received} bytes, and the hub says it has {size}: it was discarded, pull again"
    )]
    WrongSize {
        /// The file.
        file: String,
        /// Bytes that came.
        received: u64,
        /// Bytes that were to come.
        size: u64,
    },

    /// The cache cannot be read or written.
    #[error("cannot {action} {}: {error}", path.display())]
    Disk {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },

    /// A list of weight files is damaged.
    #[error("{} is no list of weight files: {reason}; delete it and pull again", path.display())]
    BadIndex {
        /// The file or folder.
        path: PathBuf,
        /// What is behind it.
        reason: String,
    },

    /// No repository is named so.
    #[error("`{repo}` is no model name: it should read like `Qwen/Qwen2-VL-2B-Instruct`")]
    BadRepo {
        /// The repository.
        repo: String,
    },

    /// No revision is named so.
    #[error("`{revision}` is no revision: give a branch, a tag or a commit")]
    BadRevision {
        /// The revision asked for.
        revision: String,
    },

    /// No file is named so.
    #[error("`{file}` is no file of a model repository")]
    BadFile {
        /// The file.
        file: String,
    },

    /// The hub's address is none.
    #[error("the hub endpoint (HF_ENDPOINT) is no http or https address: {reason}")]
    BadEndpoint {
        /// What is behind it.
        reason: String,
    },

    /// The token cannot be one.
    #[error("the hub token (HF_TOKEN or the token file) holds characters that no token has")]
    BadToken,

    /// There is nowhere to keep files.
    #[error("there is no home folder for the model cache: set HF_HOME or HF_HUB_CACHE")]
    NoCacheFolder,

    /// No HTTPS client can be made.
    #[error("cannot set up an HTTPS client: {reason}")]
    Client {
        /// What is behind it.
        reason: String,
    },
}

impl HubError {
    /// For `map_err` on a file operation.
    pub(super) fn disk(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Disk {
            action,
            path,
            error,
        }
    }
}

/// What is at the bottom of a request's error. The layers above only say that a request failed, and
/// the address, which may be signed, is left out.
pub(super) fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
