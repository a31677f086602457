//! Errors of fetching a model's files, worded for the operator. Each message includes its cause, so
//! none has a `source`.

use std::{
    io,
    path::{Path, PathBuf},
};

/// An error of fetching a model's files.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// A needed file is not in the cache, and the network may not be used.
    #[error("{file} of {repo} is not in the cache: looked in {}; fetch it with `{command}`", folder.display())]
    NotCached {
        /// The repository.
        repo: String,
        /// The file.
        file: String,
        /// The folder that was searched.
        folder: PathBuf,
        /// The command that fetches it.
        command: String,
    },

    /// The hub has no such repository.
    #[error("there is no model `{repo}` at {host} (revision `{revision}`): check the name")]
    RepoNotFound {
        /// The repository.
        repo: String,
        /// The requested revision.
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
        /// The requested revision.
        revision: String,
    },

    /// The repository is gated or private.
    #[error("{host} refuses `{repo}` (HTTP {status}): {advice}")]
    AccessDenied {
        /// The repository.
        repo: String,
        /// The hub.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The advice.
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
        /// A possible explanation.
        hint: String,
    },

    /// The hub cannot be reached.
    #[error(
        "cannot reach {host}: {reason}; if the model is in the cache, set HF_HUB_OFFLINE=1 to use it without the network"
    )]
    Network {
        /// The hub.
        host: String,
        /// The cause.
        reason: String,
    },

    /// A download broke off; the bytes received are kept.
    #[error(
        "{file} stopped after {received} of {size} bytes: {reason}; these are kept, pull again to continue"
    )]
    Interrupted {
        /// The file.
        file: String,
        /// Bytes received.
        received: u64,
        /// Bytes expected.
        size: String,
        /// The cause.
        reason: String,
    },

    /// The hub answers with an unexpected status.
    #[error("{host} answers HTTP {status} for {what}: {advice}")]
    Status {
        /// The hub.
        host: String,
        /// The requested file or listing.
        what: String,
        /// The HTTP status.
        status: u16,
        /// The advice.
        advice: &'static str,
    },

    /// The hub's answer cannot be interpreted.
    #[error(
        "{host} gave an invalid answer for {what}: {reason}; check HF_ENDPOINT if it is set, or try again later"
    )]
    Malformed {
        /// The hub.
        host: String,
        /// The requested file or listing.
        what: String,
        /// The cause.
        reason: String,
    },

    /// A file does not have the size that the hub gives.
    #[error(
        "{file} came with {received} bytes, but the hub gives its size as {size}: it was discarded, pull again"
    )]
    WrongSize {
        /// The file.
        file: String,
        /// Bytes received.
        received: u64,
        /// Bytes expected.
        size: u64,
    },

    /// The cache cannot be read or written.
    #[error("cannot {action} {}: {error}", path.display())]
    Disk {
        /// The attempted action.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },

    /// A list of weight files is damaged.
    #[error("{} is not a valid list of weight files: {reason}; delete it and pull again", path.display())]
    BadIndex {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        reason: String,
    },

    /// The repository's name is not valid.
    #[error("`{repo}` is not a model name: it should read like `Qwen/Qwen2-VL-2B-Instruct`")]
    BadRepo {
        /// The repository.
        repo: String,
    },

    /// The revision's name is not valid.
    #[error("`{revision}` is not a revision: give a branch, a tag or a commit")]
    BadRevision {
        /// The requested revision.
        revision: String,
    },

    /// The file's name is not valid.
    #[error("`{file}` cannot be a file of a model repository: give a path such as `model-q4.gguf`")]
    BadFile {
        /// The file.
        file: String,
    },

    /// The hub's endpoint is not a valid URL.
    #[error("the hub endpoint (HF_ENDPOINT) is not an http or https URL: {reason}")]
    BadEndpoint {
        /// The cause.
        reason: String,
    },

    /// The token is not valid.
    #[error(
        "the hub token (HF_TOKEN or the token file) has characters that no token has: set it again"
    )]
    BadToken,

    /// There is no folder for the cache.
    #[error("there is no home folder for the model cache: set HF_HOME or HF_HUB_CACHE")]
    NoCacheFolder,

    /// The HTTPS client cannot be built.
    #[error("cannot set up an HTTPS client: {reason}")]
    Client {
        /// The cause.
        reason: String,
    },
}

impl HubError {
    /// Returns a function that converts an error of a file operation, for `map_err`.
    pub(super) fn disk(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Disk {
            action,
            path,
            error,
        }
    }
}

/// Returns the innermost cause of a request's error. The layers above only say that a request
/// failed, and the URL, which may be signed, is left out.
pub(super) fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
