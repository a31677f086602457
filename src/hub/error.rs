//! What can go wrong on the way to a model's files, in words for the person who asked for them.
//! Each message is whole: it carries its cause, so none is chained behind it.

use std::{
    io,
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error("{file} of {repo} is not in the cache: looked in {}; fetch it with `{command}`", folder.display())]
    NotCached {
        repo: String,
        file: String,
        folder: PathBuf,
        command: String,
    },

    #[error("there is no model `{repo}` at {host} (revision `{revision}`): check the name")]
    RepoNotFound {
        repo: String,
        revision: String,
        host: String,
    },

    #[error(
        "model `{repo}` has no revision `{revision}`: give one of its branches, tags or commits"
    )]
    RevisionNotFound { repo: String, revision: String },

    #[error("{host} refuses `{repo}` (HTTP {status}): {advice}")]
    AccessDenied {
        repo: String,
        host: String,
        status: u16,
        advice: String,
    },

    #[error("`{repo}` at `{revision}` has no {file}, so it cannot be served{hint}")]
    NotInRepo {
        repo: String,
        revision: String,
        file: String,
        hint: String,
    },

    #[error(
        "cannot reach {host}: {reason}; if the model is in the cache, HF_HUB_OFFLINE=1 does without the network"
    )]
    Network { host: String, reason: String },

    #[error(
        "{file} stopped after {received} of {size} bytes: {reason}; what came is kept, pull again to continue"
    )]
    Interrupted {
        file: String,
        received: u64,
        size: String,
        reason: String,
    },

    #[error("{host} answers HTTP {status} for {what}: {advice}")]
    Status {
        host: String,
        what: String,
        status: u16,
        advice: &'static str,
    },

    #[error("{host} gives an answer for {what} that makes no sense: {reason}")]
    Malformed {
        host: String,
        what: String,
        reason: String,
    },

    #[error(
        "{file} came with {received} bytes, and the hub says it has {size}: it was discarded, pull again"
    )]
    WrongSize {
        file: String,
        received: u64,
        size: u64,
    },

    #[error("cannot {action} {}: {error}", path.display())]
    Disk {
        action: &'static str,
        path: PathBuf,
        error: io::Error,
    },

    #[error("{} is no list of weight files: {reason}; delete it and pull again", path.display())]
    BadIndex { path: PathBuf, reason: String },

    #[error("`{repo}` is no model name: it should read like `Qwen/Qwen2-VL-2B-Instruct`")]
    BadRepo { repo: String },

    #[error("`{revision}` is no revision: give a branch, a tag or a commit")]
    BadRevision { revision: String },

    #[error("`{file}` is no file of a model repository")]
    BadFile { file: String },

    #[error("the hub endpoint (HF_ENDPOINT) is no http or https address: {reason}")]
    BadEndpoint { reason: String },

    #[error("the hub token (HF_TOKEN or the token file) holds characters that no token has")]
    BadToken,

    #[error("there is no home folder for the model cache: set HF_HOME or HF_HUB_CACHE")]
    NoCacheFolder,

    #[error("cannot set up an HTTPS client: {reason}")]
    Client { reason: String },
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
