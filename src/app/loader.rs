//! Finds a model's files, wherever they are, and loads them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::{
    engine::{self, Engine, LoadSettings, SharedEngines},
    hub::{Hub, ModelRef},
    registry::Loader,
};

/// Finds a model's files, downloads them if need be, and loads them.
pub struct SourceLoader {
    source: Source,
    settings: LoadSettings,
    engines: Arc<SharedEngines>,
    folder: OnceCell<PathBuf>,
}

impl SourceLoader {
    /// A loader of what lies at `source`, which it takes from `engines` where it is loaded already.
    #[must_use]
    pub fn new(source: Source, settings: LoadSettings, engines: Arc<SharedEngines>) -> Self {
        Self {
            source,
            settings,
            engines,
            folder: OnceCell::new(),
        }
    }

    async fn folder(&self) -> Result<&PathBuf, String> {
        let find = || async {
            match &self.source {
                Source::Folder(folder) => Ok(folder.clone()),
                Source::Hub(hub, model) => hub.pull(model).await.map_err(|e| e.to_string()),
            }
        };
        self.folder.get_or_try_init(find).await
    }
}

/// Where a model's files are.
pub enum Source {
    /// In a folder.
    Folder(PathBuf),
    /// In a repository of a hub.
    Hub(Arc<Hub>, ModelRef),
}

#[async_trait]
impl Loader for SourceLoader {
    async fn fetch(&self) -> Result<(), String> {
        self.folder().await.map(|_| ())
    }

    async fn bytes(&self) -> Result<u64, String> {
        let folder = self.folder().await?;
        let weights = |path: &Path| match self.settings.gguf.as_slice() {
            [] => path.extension().is_some_and(|kind| kind == "safetensors"),
            files => files.iter().any(|file| path.ends_with(file)),
        };
        let of_file = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry?.path();
            // Through the links that the hub's cache makes of files.
            if weights(&path) {
                Ok(std::fs::metadata(path)?.len())
            } else {
                Ok(0)
            }
        };
        let files = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
        let weights: std::io::Result<u64> = files.map(of_file).sum();
        let weights = weights.map_err(|error| error.to_string())?;
        Ok(weights.saturating_add(self.settings.prompt_cache_bytes))
    }

    async fn load(&self) -> Result<Arc<dyn Engine>, String> {
        let folder = self.folder().await?;
        let load = engine::load(folder, &self.settings);
        let engine = self
            .engines
            .get(folder, &self.settings, Box::pin(load))
            .await;
        engine.map_err(|error| error.to_string())
    }
}

/// A model that a provider runs, which takes no loading.
pub struct Elsewhere(pub Arc<dyn Engine>);

#[async_trait]
impl Loader for Elsewhere {
    async fn load(&self) -> Result<Arc<dyn Engine>, String> {
        Ok(self.0.clone())
    }
}
