//! Shares engines between models: the same files with the same settings are loaded once.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use super::{Engine, EngineError, LoadSettings};

/// The folder, and the settings without the batch size, which does not affect what is loaded.
type Key = (PathBuf, LoadSettings);

/// The engine, if a model uses it; locked while it is loaded.
pub type Place = tokio::sync::Mutex<Option<Weak<dyn Engine>>>;

/// The engines in use, by folder and settings.
#[derive(Default)]
pub struct SharedEngines {
    places: Mutex<HashMap<Key, Arc<Place>>>,
}

impl SharedEngines {
    /// Returns the engine of the model in `folder`: one in use with the same settings, else the
    /// result of `load`. It is unloaded when its last user drops it.
    ///
    /// # Errors
    /// Those of `load`.
    pub async fn get(
        &self,
        folder: &Path,
        settings: &LoadSettings,
        load: impl Future<Output = Result<Arc<dyn Engine>, EngineError>>,
    ) -> Result<Arc<dyn Engine>, EngineError> {
        let place = self.place(folder, settings);
        let mut kept = place.lock().await;
        if let Some(engine) = kept.as_ref().and_then(Weak::upgrade) {
            return Ok(engine);
        }
        let engine = load.await?;
        *kept = Some(Arc::downgrade(&engine));
        Ok(engine)
    }

    /// Returns the place of an engine: the same one while the place is held or the engine is in use.
    pub fn place(&self, folder: &Path, settings: &LoadSettings) -> Arc<Place> {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let settings = LoadSettings {
            max_batch: 0,
            ..settings.clone()
        };
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|_, place| {
            let is_used = |kept: &Option<Weak<dyn Engine>>| {
                kept.as_ref()
                    .is_some_and(|engine| engine.strong_count() > 0)
            };
            // A locked place is being loaded; one with other holders is about to be.
            Arc::strong_count(place) > 1 || place.try_lock().is_ok_and(|kept| is_used(&kept))
        });
        places.entry((folder, settings)).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::{
        engine::{Device, Dtype, Generating, ModelInfo},
        generation::Generation,
    };

    struct Fake(ModelInfo);

    #[async_trait]
    impl Engine for Fake {
        fn info(&self) -> &ModelInfo {
            &self.0
        }

        async fn generate(&self, _: Generation) -> Result<Generating, EngineError> {
            Err(EngineError::Stopped)
        }

        async fn count_tokens(&self, _: &str) -> Result<usize, EngineError> {
            Err(EngineError::Stopped)
        }
    }

    fn settings(isq: Option<&str>) -> LoadSettings {
        LoadSettings {
            gguf: Vec::new(),
            dtype: Dtype::Auto,
            isq: isq.map(str::to_owned),
            chat_template: None,
            device: Device::Cpu,
            max_batch: 1,
            forced_tokens: true,
            prompt_cache_bytes: 0,
        }
    }

    async fn load(loads: &AtomicUsize) -> Result<Arc<dyn Engine>, EngineError> {
        loads.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Ok(Arc::new(Fake(ModelInfo {
            context_length: 1,
            vision: None,
            device: "cpu".to_owned(),
            quantisation: None,
        })))
    }

    #[tokio::test]
    async fn what_is_loaded_alike_is_loaded_once() {
        let (engines, loads) = (SharedEngines::default(), AtomicUsize::new(0));
        let (a, mut b) = (settings(None), settings(None));
        b.max_batch = 2;
        let folder = Path::new("models/tiny-qwen2-vl");
        let (a, b) = tokio::join!(
            engines.get(folder, &a, load(&loads)),
            engines.get(
                Path::new("models/../models/tiny-qwen2-vl"),
                &b,
                load(&loads)
            ),
        );
        assert!(Arc::ptr_eq(&a.unwrap(), &b.unwrap()));
        assert_eq!(loads.into_inner(), 1);
    }

    #[tokio::test]
    async fn what_is_loaded_otherwise_is_another() {
        let (engines, loads) = (SharedEngines::default(), AtomicUsize::new(0));
        let folder = Path::new("models");
        let _a = engines.get(folder, &settings(None), load(&loads)).await;
        let _b = engines
            .get(folder, &settings(Some("Q4K")), load(&loads))
            .await;
        assert_eq!(loads.into_inner(), 2);
    }

    #[tokio::test]
    async fn it_goes_with_the_last_who_uses_it_and_is_loaded_again() {
        let (engines, loads) = (SharedEngines::default(), AtomicUsize::new(0));
        let folder = Path::new("models");
        let first = engines.get(folder, &settings(None), load(&loads)).await;
        let gone = Arc::downgrade(&first.unwrap());
        assert!(gone.upgrade().is_none());
        let _again = engines.get(folder, &settings(None), load(&loads)).await;
        assert_eq!(loads.into_inner(), 2);
        assert_eq!(engines.places.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_load_that_fails_leaves_the_place_to_the_next() {
        let (engines, loads) = (SharedEngines::default(), AtomicUsize::new(0));
        let failing = async { Err(EngineError::Failed("no".to_owned())) };
        let folder = Path::new("models");
        assert!(engines.get(folder, &settings(None), failing).await.is_err());
        let engine = engines.get(folder, &settings(None), load(&loads)).await;
        assert!(engine.is_ok());
    }
}
