//! Finds a model's files in a folder or a hub, and loads them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::{
    engine::{self, Engine, LoadProgress, LoadSettings, SharedEngines},
    hub::{Hub, ModelRef},
    registry::{LoadError, Loader, Shared},
};

/// Finds a model's files, downloads them if needed, and loads them.
pub struct SourceLoader {
    source: Source,
    settings: LoadSettings,
    engines: Arc<SharedEngines>,
    folder: OnceCell<PathBuf>,
}

impl SourceLoader {
    /// Creates a loader of the model at `source`; an engine that is already in `engines` is shared.
    #[must_use]
    pub fn new(source: Source, settings: LoadSettings, engines: Arc<SharedEngines>) -> Self {
        Self {
            source,
            settings,
            engines,
            folder: OnceCell::new(),
        }
    }

    async fn folder(&self) -> Result<&PathBuf, LoadError> {
        let find = || async {
            match &self.source {
                Source::Folder(folder) => Ok(folder.clone()),
                Source::Hub(hub, model) => hub.pull(model).await.map_err(LoadError::new),
            }
        };
        self.folder.get_or_try_init(find).await
    }
}

/// The place of a model's files.
pub enum Source {
    /// A folder.
    Folder(PathBuf),
    /// A repository of a hub.
    Hub(Arc<Hub>, ModelRef),
}

#[async_trait]
impl Loader for SourceLoader {
    async fn fetch(&self) -> Result<(), LoadError> {
        self.folder().await.map(|_| ())
    }

    async fn bytes(&self) -> Result<u64, LoadError> {
        let folder = self.folder().await?;
        let weights = |path: &Path| match self.settings.gguf.as_slice() {
            [] => path.extension().is_some_and(|kind| kind == "safetensors"),
            files => files.iter().any(|file| path.ends_with(file)),
        };
        let of_file = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry?.path();
            // The files of the hub's cache are links, which `metadata` follows.
            if weights(&path) {
                Ok(std::fs::metadata(path)?.len())
            } else {
                Ok(0)
            }
        };
        let files = std::fs::read_dir(folder).map_err(LoadError::new)?;
        let weights: std::io::Result<u64> = files.map(of_file).sum();
        let weights = weights.map_err(LoadError::new)?;
        Ok(weights.saturating_add(self.settings.prompt_cache_bytes))
    }

    fn shared(&self) -> Option<Shared> {
        let folder = self.folder.get()?;
        Some(self.engines.place(folder, &self.settings))
    }

    fn progress(&self) -> Option<LoadProgress> {
        match (self.folder.get(), &self.source) {
            (Some(folder), _) => engine::progress(folder, &self.settings),
            (None, Source::Hub(hub, model)) => {
                let (read, total) = hub.progress(model)?;
                Some(LoadProgress { read, total })
            }
            (None, Source::Folder(_)) => None,
        }
    }

    async fn load(&self) -> Result<Arc<dyn Engine>, LoadError> {
        let folder = self.folder().await?;
        let load = engine::load(folder, &self.settings);
        let engine = self
            .engines
            .get(folder, &self.settings, Box::pin(load))
            .await;
        engine.map_err(LoadError::new)
    }
}

/// The loader of a model that a provider runs; there is nothing to load.
pub struct Elsewhere(pub Arc<dyn Engine>);

#[async_trait]
impl Loader for Elsewhere {
    async fn load(&self) -> Result<Arc<dyn Engine>, LoadError> {
        Ok(self.0.clone())
    }
}
