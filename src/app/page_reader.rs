//! Builds the page reader.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::runtime::Handle;

use crate::{
    config::{Config, ConfigError, ReaderConfig, ReaderModel},
    hub::{FileSelection, Hub, ModelRef},
    ocr::{FindReader, Ocr, OcrError, OcrSettings, ReadPage, ReaderSource},
};

/// A page reader in a repository of the hub.
struct Repository {
    hub: Arc<Hub>,
    model: ModelRef,
}

impl FindReader for Repository {
    fn folder(&self) -> Result<PathBuf, OcrError> {
        // The reader is loaded on a blocking thread of the runtime, which may wait for it.
        let runtime =
            Handle::try_current().map_err(|error| OcrError::Download(error.to_string()))?;
        let folder = runtime.block_on(self.hub.pull(&self.model));
        folder.map_err(|error| OcrError::Download(error.to_string()))
    }
}

/// Returns the reference of the page reader's files on the hub; `None` if it is not there.
///
/// # Errors
/// A `model` of none of the forms.
pub fn hub_reader(settings: &ReaderConfig) -> Result<Option<ModelRef>, ConfigError> {
    Ok(match settings.source()? {
        ReaderModel::Repo(repo) => Some(in_repository(repo, &settings.revision)),
        _ => None,
    })
}

fn in_repository(repo: String, revision: &str) -> ModelRef {
    ModelRef::new(repo)
        .at(revision)
        .with_files(FileSelection::PageReader)
}

/// Returns the page reader, unless it is off. It is loaded on first use.
///
/// # Errors
/// A folder that has no reader, and a build without an embedded one.
pub fn page_reader(config: &Config, hub: &Arc<Hub>) -> anyhow::Result<Option<Arc<dyn ReadPage>>> {
    let settings = &config.reader;
    let source = match settings.source()? {
        ReaderModel::Off => return Ok(None),
        ReaderModel::Embedded => ReaderSource::Embedded,
        ReaderModel::Path(path) => ReaderSource::Folder(config.resolve(&path)),
        ReaderModel::Repo(repo) => ReaderSource::Elsewhere(Box::new(Repository {
            hub: hub.clone(),
            model: in_repository(repo, &settings.revision),
        })),
    };
    let reader = Ocr::new(
        source,
        OcrSettings {
            max_pixels: settings.max_pixels,
            max_lines: settings.max_lines,
            max_time: Duration::from_secs(settings.seconds),
            max_document_time: Duration::from_secs(settings.document_seconds),
            threads: settings.threads,
        },
    );
    reader.check().context("reader.model")?;
    Ok(Some(Arc::new(reader)))
}
