//! What runs by a configuration, and what of it another configuration leaves as it is.

use std::sync::Arc;

use crate::{
    config::{Config, ModelConfig},
    engine::remote::Provider,
    http::AppState,
    registry::{Model, Stage},
};

/// A configuration and the application built by it.
pub struct Running {
    pub(in crate::app) config: Config,
    pub(in crate::app) app: AppState,
}

impl Running {
    pub(in crate::app) fn shares_cache_like(&self, config: &Config) -> bool {
        self.config.cache.shares_like(&config.cache)
    }

    pub(in crate::app) fn loads_pictures_like(&self, config: &Config) -> bool {
        self.config.images == config.images && self.config.fetch == config.fetch
    }

    /// The model of that name, if what is in memory of it is what `model` describes.
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

    /// The model of that name, if the same is asked of the same provider.
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

    /// Fails where the model that reads receipts is in memory and has no room for the longest answer; tells
    /// whether it is.
    pub(super) async fn check_room(&self) -> anyhow::Result<bool> {
        let model = self.app.registry.default_model();
        if model.status().stage != Stage::Ready {
            return Ok(false);
        }
        let lease = model.lease().await?;
        let room = self.app.extractor.check_room(lease.engine(), model).await;
        let id = &model.settings().id;
        room.map_err(|reason| anyhow::anyhow!("extract.model {id}: {reason}"))?;
        Ok(true)
    }

    /// The models that are to be in memory before anybody asks for them, and their entries.
    pub(super) fn preloaded(&self) -> impl Iterator<Item = (&Arc<Model>, &ModelConfig)> {
        let models = self.config.models.iter();
        let models = models.filter(|model| model.preload || model.provider.is_some());
        models.filter_map(|model| Some((self.app.registry.get(&model.id)?, model)))
    }

    /// Of these, the ones to be loaded now that this has taken the place of `before`: not those that are
    /// what they were, which somebody may have unloaded, unless they could not be loaded.
    pub(super) fn preloaded_after(&self, before: &Self) -> impl Iterator<Item = &Arc<Model>> {
        let models = self.preloaded().map(|(model, _)| model);
        models.filter(move |model| {
            model.status().stage == Stage::Failed || !self.has_as_before(model, before)
        })
    }

    /// Whether `model` is what it was in `before`, by the same entry.
    pub(super) fn has_as_before(&self, model: &Model, before: &Self) -> bool {
        let id = &model.settings().id;
        let old = before.app.registry.get(id);
        old.is_some_and(|old| model.is_one_with(old)) && self.entry(id) == before.entry(id)
    }
}
