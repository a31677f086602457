//! A configuration with its application, and the parts that the next configuration keeps.

use std::sync::Arc;

use super::App;
use crate::{
    config::{Config, ModelConfig},
    engine::remote::Provider,
    registry::{Model, ModelStage},
};

/// A configuration and the application built from it.
pub struct Running {
    pub(crate) config: Config,
    pub(crate) app: Arc<App>,
}

impl Running {
    pub(in crate::app) fn shares_cache_like(&self, config: &Config) -> bool {
        self.config.cache.shares_like(&config.cache)
    }

    pub(in crate::app) fn loads_pictures_like(&self, config: &Config) -> bool {
        let Config {
            images,
            fetch,
            reader,
            ..
        } = &self.config;
        let has_same_reader = *reader == config.reader
            && (self.config.folder == config.folder && self.config.hub == config.hub);
        *images == config.images && *fetch == config.fetch && has_same_reader
    }

    /// Returns the model of the same name, if it was loaded as `model` describes.
    pub(in crate::app) fn model_loaded_like(
        &self,
        config: &Config,
        model: &ModelConfig,
    ) -> Option<&Arc<Model>> {
        let old = self.entry(&model.id)?;
        let comes_from_there = self.config.folder == config.folder && self.config.hub == config.hub;
        let same = comes_from_there && old.loads_like(model);
        self.app.registry.get(&model.id).filter(|_| same)
    }

    /// Returns the model of the same name, if `provider` already runs it with the same settings.
    pub(in crate::app) fn asked_like(
        &self,
        provider: &Arc<Provider>,
        model: &ModelConfig,
    ) -> Option<&Arc<Model>> {
        let old = self.entry(&model.id)?;
        let is_known = self
            .app
            .providers
            .iter()
            .any(|known| Arc::ptr_eq(known, provider));
        let same = is_known && old.provider == model.provider && old.remote() == model.remote();
        self.app.registry.get(&model.id).filter(|_| same)
    }

    fn entry(&self, id: &str) -> Option<&ModelConfig> {
        self.config.models.iter().find(|entry| entry.id == id)
    }

    /// Checks that the model that reads receipts has room for the longest answer. Returns false if the model is not in
    /// memory, so that nothing was checked.
    pub(crate) async fn check_room(&self) -> anyhow::Result<bool> {
        let model = self.app.registry.default_model();
        if model.status().stage != ModelStage::Ready {
            return Ok(false);
        }
        let lease = model.lease().await?;
        let room = self.app.extractor.check_room(lease.engine(), model).await;
        let id = &model.settings().id;
        room.map_err(|reason| anyhow::anyhow!("extract.model {id}: {reason}"))?;
        Ok(true)
    }

    /// Returns the models to load before the first request, with their entries.
    pub(crate) fn preloaded(&self) -> impl Iterator<Item = (&Arc<Model>, &ModelConfig)> {
        let models = self.config.models.iter();
        let models = models.filter(|model| model.preload || model.provider.is_some());
        models.filter_map(|model| Some((self.app.registry.get(&model.id)?, model)))
    }

    /// Returns the models of [`Self::preloaded`] to load when this replaces `before`: new and changed models, and those
    /// that failed to load. An unchanged model may have been unloaded on purpose.
    pub(crate) fn preloaded_after(
        &self,
        before: &Self,
    ) -> impl Iterator<Item = (&Arc<Model>, &ModelConfig)> {
        let is_as_before = |model: &Model, entry: &ModelConfig| {
            let old = before.app.registry.get(&entry.id);
            old.is_some_and(|old| model.is_one_with(old)) && Some(entry) == before.entry(&entry.id)
        };
        self.preloaded().filter(move |(model, entry)| {
            model.status().stage == ModelStage::Failed || !is_as_before(model, entry)
        })
    }
}
