//! Finds a model's files in a folder or a hub, and loads them.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use tokio::sync::OnceCell;
use tracing::info;

use crate::{
    engine::{
        self, Device, Engine, LoadProgress, LoadSettings, ModelFiles, Quantisation, SharedEngines,
        weight_bytes,
    },
    hub::{Hub, ModelRef},
    machine::MachineMemory,
    registry::{LoadError, Loader, Shared},
};

/// Finds a model's files, downloads them if needed, and loads them.
pub struct SourceLoader {
    source: Source,
    settings: LoadSettings,
    quantisation: Quantisation,
    engines: Arc<SharedEngines>,
    found: OnceCell<Found>,
}

/// The folder of a model's files, and how they are loaded.
struct Found {
    folder: PathBuf,
    settings: LoadSettings,
    /// Bytes of the weights in memory.
    weights_bytes: u64,
}

impl SourceLoader {
    /// Creates a loader of the model at `source`, quantised as `quantisation` says once its files are there; an engine
    /// that is already in `engines` is shared.
    #[must_use]
    pub fn new(
        source: Source,
        settings: LoadSettings,
        quantisation: Quantisation,
        engines: Arc<SharedEngines>,
    ) -> Self {
        Self {
            source,
            settings,
            quantisation,
            engines,
            found: OnceCell::new(),
        }
    }

    async fn found(&self) -> Result<&Found, LoadError> {
        let find = || async {
            let folder = match &self.source {
                Source::Folder(folder) => folder.clone(),
                Source::Hub(hub, model) => hub.pull(model).await.map_err(LoadError::new)?,
            };
            self.judged(folder)
        };
        self.found.get_or_try_init(find).await
    }

    /// Returns how the files in `folder` are loaded.
    fn judged(&self, folder: PathBuf) -> Result<Found, LoadError> {
        let mut settings = self.settings.clone();
        let files = ModelFiles::read(&folder, &settings.gguf)
            .map_err(|error| LoadError::new(format!("{}: {error}", folder.display())))?;
        let (weights, dtype, kept) = (files.weights(), settings.dtype, settings.prompt_cache_bytes);
        let is_auto = self.quantisation == Quantisation::Auto;
        // Only then does the device matter, and asking for it may take its driver a while.
        let device = if is_auto && weights.is_some() {
            device_bytes(settings.device)
        } else {
            0
        };
        let isq = self.quantisation.on(device, weights, dtype, kept);
        // The engine has no such setting for GGUF.
        let isq = isq.filter(|_| settings.gguf.is_empty());
        if is_auto && isq.is_some() {
            info!(
                folder = %folder.display(),
                isq,
                device_bytes = device,
                "the weights are quantised, since their device does not hold them as they are; isq sets how"
            );
        }
        settings.isq = isq.map(str::to_owned);
        let quantised = weights.filter(|_| isq.is_some());
        let quantised = quantised.map(|weights| weight_bytes(weights, dtype, isq));
        Ok(Found {
            folder,
            settings,
            weights_bytes: quantised.unwrap_or(files.bytes),
        })
    }
}

/// Returns the memory of the device that models are put on.
fn device_bytes(device: Device) -> u64 {
    let accelerator = match device {
        Device::Auto => engine::facts().accelerator,
        Device::Cpu => None,
    };
    let bytes = accelerator.and_then(|accelerator| accelerator.total_bytes);
    bytes.unwrap_or_else(|| MachineMemory::look().total_bytes)
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
        self.found().await.map(|_| ())
    }

    async fn bytes(&self) -> Result<u64, LoadError> {
        let found = self.found().await?;
        Ok(found
            .weights_bytes
            .saturating_add(self.settings.prompt_cache_bytes))
    }

    fn shared(&self) -> Option<Shared> {
        let found = self.found.get()?;
        Some(self.engines.place(&found.folder, &found.settings))
    }

    fn progress(&self) -> Option<LoadProgress> {
        match (self.found.get(), &self.source) {
            (Some(found), _) => engine::progress(&found.folder, &found.settings),
            (None, Source::Hub(hub, model)) => {
                let (read, total) = hub.progress(model)?;
                Some(LoadProgress { read, total })
            }
            (None, Source::Folder(_)) => None,
        }
    }

    async fn load(&self) -> Result<Arc<dyn Engine>, LoadError> {
        let Found {
            folder, settings, ..
        } = self.found().await?;
        let load = engine::load(folder, settings);
        let engine = self.engines.get(folder, settings, Box::pin(load)).await;
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
