//! Builds the served models with their sources, and the presets.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;

use super::{
    Running,
    loader::{Elsewhere, Source, SourceLoader},
};
use crate::{
    config::{Config, ModelConfig, ModelSource, PriceConfig},
    engine::{
        LoadSettings, SharedEngines,
        remote::{Provider, RemoteEngine},
    },
    hub::{FileSelection, Hub, HubError, HubSettings, ModelRef},
    image::GridFit,
    metrics::Metrics,
    presets::{Preset, Presets},
    receipt::Schemas,
    registry::{
        AdmissionSettings, LifecycleSettings, Memory, MemorySettings, Model, ModelSettings,
        Registry,
    },
};

/// Returns the hub of the configuration.
///
/// # Errors
/// An endpoint that is not an address.
pub fn hub(config: &Config) -> Result<Hub, HubError> {
    Hub::new(HubSettings {
        cache: config
            .hub
            .cache
            .as_deref()
            .map(|cache| config.resolve(cache)),
        endpoint: config.hub.endpoint.clone(),
        token: None,
        offline: config.hub.offline,
        progress: true,
    })
}

/// Returns the reference of a model's files on the hub.
#[must_use]
pub fn hub_model(model: &ModelConfig, repo: &str, revision: &str) -> ModelRef {
    ModelRef::new(repo).at(revision).with_files(files_of(model))
}

/// Returns the folder of a local model's files, if all that it needs are on this machine; `None` for a provider's
/// model.
///
/// # Errors
/// The first file that is missing, or that cannot be read.
pub fn model_folder(config: &Config, model: &ModelConfig) -> anyhow::Result<Option<PathBuf>> {
    match model.source("models")? {
        ModelSource::Provider(_) => Ok(None),
        ModelSource::Hub { repo, revision } => {
            let files = hub_model(model, &repo, &revision);
            Ok(Some(hub(config)?.cached(&files)?))
        }
        ModelSource::Path(path) => {
            let folder = config.resolve(&path);
            match Hub::missing_file(&folder, &files_of(model))? {
                None => Ok(Some(folder)),
                Some(file) => anyhow::bail!("{} has no file {file}", folder.display()),
            }
        }
    }
}

fn files_of(model: &ModelConfig) -> FileSelection {
    if model.gguf.is_empty() {
        FileSelection::Safetensors
    } else {
        FileSelection::Gguf(model.gguf.clone())
    }
}

/// Returns the bounds of the memory that models share.
#[must_use]
pub fn memory_settings(config: &Config) -> MemorySettings {
    MemorySettings {
        budget: config.memory.budget_bytes,
        min_residency: Duration::from_secs(config.memory.min_residency_seconds),
        wait: Duration::from_secs(config.memory.load_wait_seconds),
    }
}

/// The parts that all models share.
pub struct Sources {
    /// The hub.
    pub hub: Arc<Hub>,
    /// The providers that run models, by name.
    pub providers: HashMap<String, Arc<Provider>>,
    /// The memory of the loaded models.
    pub memory: Arc<Memory>,
    /// The engines of the loaded models.
    pub engines: Arc<SharedEngines>,
    /// The metrics of the models.
    pub metrics: Arc<Metrics>,
}

/// Returns the providers; one with the same settings in `before` is kept.
///
/// # Errors
/// Settings that cannot be used.
pub fn providers(
    config: &Config,
    before: Option<&Running>,
) -> anyhow::Result<HashMap<String, Arc<Provider>>> {
    let known = before.map_or(&[][..], |before| &before.app.providers);
    let providers = config.providers.iter().map(|(name, provider)| {
        let settings = provider.settings(name);
        if let Some(known) = known.iter().find(|known| known.is_set_so(&settings)) {
            return Ok((name.clone(), known.clone()));
        }
        let provider = Provider::new(settings);
        let provider = provider.map_err(|reason| anyhow::anyhow!("providers.{name}: {reason}"))?;
        Ok((name.clone(), Arc::new(provider)))
    });
    providers.collect()
}

/// Returns a model without loading it; the model of `before` is kept if its entry is the same.
///
/// # Errors
/// An entry without a valid source.
pub fn served_model(
    config: &Config,
    model: &ModelConfig,
    before: Option<&Running>,
    Sources {
        hub,
        providers,
        memory,
        engines,
        metrics,
    }: &Sources,
) -> anyhow::Result<Model> {
    let source = model.source("models")?;
    let settings = ModelSettings {
        id: model.id.clone(),
        owner: model.owner().to_owned(),
        weights: match model.provider.as_ref().and_then(|name| providers.get(name)) {
            Some(provider) => format!("{} {}", model.weights(), provider.address()),
            None => model.weights(),
        },
        notice: model.notice.clone(),
        admission: AdmissionSettings {
            concurrency: model.concurrency,
            queue_length: model.queue_length,
            queue_wait: Duration::from_secs(model.queue_seconds),
        },
        deadline: model.deadline(),
        lifecycle: LifecycleSettings {
            load_wait: Duration::from_secs(config.memory.load_wait_seconds),
            time_to_live: model.ttl_seconds.map(Duration::from_secs),
            pinned: model.pinned,
            bytes: model.memory_bytes,
        },
        takes_instructions: model.takes_instructions,
        provider: model.provider.clone(),
        prices: model.price.as_ref().map(PriceConfig::prices),
        keeps_prompts: model.provider.is_none() && model.prompt_cache_bytes > 0,
        reads: model.reads,
        fit: GridFit {
            trim: model.trim.unwrap_or(config.images.trim),
            max_edge: model.max_edge.unwrap_or(config.images.max_edge),
            max_tokens: model.max_image_tokens.unwrap_or(config.images.max_tokens),
        },
    };
    if let Some(known) = before.and_then(|before| before.model_loaded_like(config, model)) {
        return Ok(known.renewed(settings));
    }
    let source = match source {
        ModelSource::Path(path) => Source::Folder(config.resolve(&path)),
        ModelSource::Hub { repo, revision } => {
            Source::Hub(hub.clone(), hub_model(model, &repo, &revision))
        }
        ModelSource::Provider(name) => {
            let provider = providers.get(&name).with_context(|| {
                format!("models.provider: there is no entry providers.{name}; add it")
            })?;
            if let Some(known) = before.and_then(|before| before.asked_like(provider, model)) {
                return Ok(known.renewed(settings));
            }
            let engine = RemoteEngine::new(provider.clone(), model.remote());
            let loader = Elsewhere(Arc::new(engine));
            let (memory, metrics) = (memory.clone(), metrics.model(&model.id));
            return Ok(Model::new(settings, Box::new(loader), memory, metrics));
        }
    };
    let metrics = metrics.model(&model.id);
    let how = LoadSettings {
        gguf: model.gguf.clone(),
        dtype: model.dtype,
        isq: None,
        chat_template: chat_template(config, model)?,
        device: model.device,
        max_batch: sharing(config, model).map(|other| other.concurrency).sum(),
        forced_tokens: model.forced_tokens,
        prompt_cache_bytes: model.prompt_cache_bytes,
    };
    let loader = SourceLoader::new(source, how, model.isq.clone(), engines.clone());
    Ok(Model::new(
        settings,
        Box::new(loader),
        memory.clone(),
        metrics,
    ))
}

/// Returns the file with the form of chats, if the entry names one.
///
/// # Errors
/// A file that is not there.
fn chat_template(config: &Config, model: &ModelConfig) -> anyhow::Result<Option<PathBuf>> {
    let Some(path) = &model.chat_template else {
        return Ok(None);
    };
    let path = config.resolve(path);
    let is_there = path.is_file();
    anyhow::ensure!(
        is_there,
        "models.{}.chat_template: there is no file {}",
        model.id,
        path.display()
    );
    Ok(Some(path))
}

/// Returns the entries of models that share an engine with `model`, including `model`.
fn sharing<'a>(
    config: &'a Config,
    model: &'a ModelConfig,
) -> impl Iterator<Item = &'a ModelConfig> {
    let models = config.models.iter();
    models.filter(|other| {
        other.provider.is_none()
            && other.weights() == model.weights()
            && other.device == model.device
            && other.forced_tokens == model.forced_tokens
            && other.prompt_cache_bytes == model.prompt_cache_bytes
    })
}

/// Returns the presets: names for models with settings.
///
/// # Errors
/// A preset with an unknown schema or model.
pub fn presets(config: &Config, registry: &Registry, schemas: &Schemas) -> anyhow::Result<Presets> {
    let presets = config.presets.iter().map(|(id, preset)| {
        let schema = preset.schema.as_deref().map(|name| {
            schemas.get(name).cloned().with_context(|| {
                format!("presets.{id}.schema: extract.schemas has no schema {name:?}; name one that it has")
            })
        });
        let names = match (&preset.model, &preset.models[..]) {
            (Some(model), _) => std::slice::from_ref(model),
            (None, []) => std::slice::from_ref(&config.extract.model),
            (None, models) => models,
        };
        let models = names.iter().map(|name| registry.get(name).cloned());
        let models: Option<Vec<_>> = models.collect();
        let mut models = models.unwrap_or_default().into_iter();
        Ok(Preset {
            id: id.clone(),
            model: models.next().with_context(|| {
format!("presets.{id}.model: no entry of models has this id; name one that has")
})?,
            others: models.collect(),
            weights: preset.weights.clone(),
            schema: schema.transpose()?,
            temperature: preset.temperature,
            max_tokens: preset.max_tokens,
            grounding: preset.grounding,
        })
    });
    Ok(Presets::new(presets.collect::<anyhow::Result<Vec<_>>>()?))
}
