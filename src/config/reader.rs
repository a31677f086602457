//! `[reader]`: the page reader, which finds and recognises the text of pages.

use std::path::PathBuf;

use serde::Deserialize;

use super::{ConfigError, within};

/// The section `[reader]`.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ReaderConfig {
    /// `embedded`, `off`, a folder that begins with `.` or `/`, or a repository `organisation/name` of the hub.
    pub model: String,
    /// Branch, tag or commit of the repository.
    pub revision: String,
    /// Most pixels of a page as the reader looks for its lines.
    pub max_pixels: u32,
    /// Most lines of a page.
    pub max_lines: usize,
    /// Most seconds for a page.
    pub seconds: u64,
    /// Most seconds for all pages of a document, with decoding them.
    pub document_seconds: u64,
    /// Threads that read; never more than there are cores.
    pub threads: usize,
}

impl Default for ReaderConfig {
    fn default() -> Self {
        Self {
            model: "embedded".to_owned(),
            revision: "main".to_owned(),
            max_pixels: 600_000,
            max_lines: 400,
            seconds: 20,
            document_seconds: 60,
            threads: 4,
        }
    }
}

/// Where the page reader comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderModel {
    /// There is none.
    Off,
    /// It is part of the program.
    Embedded,
    /// A folder has its files.
    Path(PathBuf),
    /// A repository of the hub has its files.
    Repo(String),
}

impl ReaderConfig {
    /// Returns where the reader comes from.
    ///
    /// # Errors
    /// Text that is none of the forms.
    pub fn source(&self) -> Result<ReaderModel, ConfigError> {
        match &*self.model {
            "off" => Ok(ReaderModel::Off),
            "embedded" => Ok(ReaderModel::Embedded),
            path if path.starts_with(['.', '/']) => Ok(ReaderModel::Path(path.into())),
            repo if repo.split('/').count() == 2 => Ok(ReaderModel::Repo(repo.to_owned())),
            other => {
                let reason = format!(
                    "must be \"embedded\", \"off\", a folder that begins with \".\" or \"/\", or a repository \
                     \"organisation/name\", but is {other:?}"
                );
                Err(ConfigError::invalid("reader.model", reason))
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.source()?;
        within("reader.max_pixels", self.max_pixels, 1 << 14, 1 << 24)?;
        within("reader.max_lines", self.max_lines, 1, 10_000)?;
        within("reader.seconds", self.seconds, 1, 3600)?;
        within("reader.document_seconds", self.document_seconds, 1, 3600)?;
        within("reader.threads", self.threads, 1, 256)
    }
}
