//! Puts the configured parts together; `live` runs them, and changes them under way.

pub mod live;
mod loader;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use axum::http::HeaderValue;
use secrecy::ExposeSecret;

use crate::{
    chat::{Sampling, tools},
    config::{AdminAccess, Config, KeyConfig, MetricsAccess, ModelConfig, ModelSource},
    engine::{
        LoadSettings,
        remote::{Provider, RemoteEngine},
    },
    grammar::{Compiler, CompilerSettings},
    http::{
        Access, App, AppState, BatchSettings, ChatSettings, Reloader, ServerSettings,
        connections::ConnectionSettings,
        tls::{Tls, TlsFiles},
    },
    hub::{FileSelection, Hub, HubError, HubSettings, ModelRef},
    image::{
        DecodeLimits, GridFit, ImageLoader, Limits, LoaderSettings,
        fetch::{FetchPolicy, Fetcher},
    },
    keys::{KeyHash, KeyLimits, KeySettings, Keys, Meters},
    metrics::Metrics,
    presets::{Preset, Presets},
    receipt::{
        CacheSettings, Calibration, DoubtPolicy, ExtractSettings, Extractor, InlineLimits,
        ReaderSettings, Schemas, SharedCache, SharedSettings,
    },
    registry::{
        AdmissionSettings, LifecycleSettings, Memory, MemorySettings, Model, ModelSettings,
        Registry,
    },
    shared_cache::RedisStore,
};
use live::Running;
use loader::{Elsewhere, Source, SourceLoader};

/// The hub that the configuration names.
///
/// # Errors
/// An endpoint that is no address.
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

/// What to ask the hub for.
#[must_use]
pub fn hub_model(model: &ModelConfig, repo: &str, revision: &str) -> ModelRef {
    let files = if model.gguf.is_empty() {
        FileSelection::Safetensors
    } else {
        FileSelection::Gguf(model.gguf.clone())
    };
    ModelRef::new(repo).at(revision).with_files(files)
}

/// Builds the application; nothing is loaded yet.
///
/// # Errors
/// Files that cannot be read, and a schema that cannot be used.
pub fn build(config: &Config) -> anyhow::Result<AppState> {
    assemble(config, None, None)
}

/// The application by `config`, with all of `before` that the change leaves as it is: models in memory,
/// what is remembered, bounds that count. Nothing of `before` changes.
fn assemble(
    config: &Config,
    before: Option<&Running>,
    reloader: Option<Reloader>,
) -> anyhow::Result<AppState> {
    let metrics = match before {
        Some(before) => before.app.metrics.clone(),
        None => Arc::default(),
    };
    let sources = Sources {
        metrics: metrics.clone(),
        hub: Arc::new(hub(config)?),
        providers: providers(config, before)?,
        memory: match before {
            Some(before) => before.app.registry.memory().clone(),
            None => Arc::new(Memory::new(memory_settings(config))),
        },
    };
    let models = config
        .models
        .iter()
        .map(|model| served_model(config, model, before, &sources))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let registry = Registry::new(models, &config.extract.model)
        .and_then(|registry| registry.with_fallback(&config.extract.fallback))
        .map_err(anyhow::Error::msg)?;
    let registry = Arc::new(registry);
    let images = match before {
        Some(before) if before.loads_pictures_like(config) => before.app.images.clone(),
        _ => Arc::new(image_loader(config, metrics.clone())?),
    };
    let settings = extract_settings(config)?;
    let mut extractor = Extractor::new(settings, images.clone(), registry.clone())
        .with_shared(shared_cache(config, before)?);
    if let Some(before) = before {
        extractor = extractor.after(&before.app.extractor);
    }
    let extractor = Arc::new(extractor);
    let presets = presets(config, &registry, extractor.schemas())?;
    let started = match before {
        Some(before) => before.app.started,
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    };
    let meters = before.map(|before| before.app.keys.meters().clone());
    let meters = meters.unwrap_or_default();
    let compiling = CompilerSettings {
        timeout: Duration::from_secs(config.chat.schema_seconds),
        remembered: config.chat.remembered_schemas,
    };
    let compiler = before.map(|before| &before.app.compiler);
    let compiler = compiler.filter(|compiler| compiler.settings() == compiling);
    let tools_prompt = config.chat.tools_prompt.as_deref();
    let tools_prompt = tools_prompt.map(|path| {
        let prompt = read_prompt(config, path, "chat.tools_prompt")?;
        anyhow::ensure!(
            prompt.contains("{tools}"),
            "chat.tools_prompt: {} has no {{tools}} for the functions",
            path.display()
        );
        Ok(prompt)
    });
    Ok(AppState::new(App {
        registry,
        presets,
        extractor,
        metrics,
        images,
        compiler: compiler
            .cloned()
            .unwrap_or_else(|| Compiler::new(compiling)),
        chat: ChatSettings {
            max_tokens: config.chat.max_tokens,
            temperature: config.chat.temperature,
            max_choices: config.chat.max_choices,
            max_images: config.chat.max_images,
            max_schema_bytes: config.chat.max_schema_bytes,
            tools_prompt: tools_prompt.unwrap_or_else(|| Ok(tools::PROMPT.into()))?,
            keep_alive: Duration::from_secs(config.chat.keep_alive_seconds),
        },
        batch: BatchSettings {
            max_images: config.batch.max_images,
            max_body_bytes: config.batch.max_body_bytes,
            concurrency: config.batch.concurrency,
        },
        keys: keys(config, meters),
        server: ServerSettings {
            max_body_bytes: config.server.max_body_bytes,
            body_timeout: Duration::from_secs(config.server.body_timeout_seconds),
            admin: match (config.admin.access, &config.admin.key) {
                (AdminAccess::Off, _) => Access::Off,
                (AdminAccess::Loopback, _) => Access::Loopback,
                (AdminAccess::Key, key) => Access::Key(key.clone()),
            },
            metrics: match (config.metrics.access, &config.metrics.key) {
                (MetricsAccess::Off, _) | (MetricsAccess::Key, None) => Access::Off,
                (MetricsAccess::Loopback, _) => Access::Loopback,
                (MetricsAccess::Key, key) => Access::Key(key.clone()),
                (MetricsAccess::Open, _) => Access::Open,
            },
            cors_origins: cors_origins(config)?,
        },
        providers: sources.providers.into_values().collect(),
        reloader,
        started,
    }))
}

fn memory_settings(config: &Config) -> MemorySettings {
    MemorySettings {
        budget: config.memory.budget_bytes,
        min_residency: Duration::from_secs(config.memory.min_residency_seconds),
        wait: Duration::from_secs(config.memory.load_wait_seconds),
    }
}

/// Where models come from, and where they go.
struct Sources {
    hub: Arc<Hub>,
    providers: HashMap<String, Arc<Provider>>,
    memory: Arc<Memory>,
    metrics: Arc<Metrics>,
}

fn providers(
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

/// The keys of clients, `server.api_key` among them, which may do all and has no limits.
fn keys(config: &Config, meters: Arc<Meters>) -> Keys {
    let api_key = config.server.api_key.as_ref().map(|key| KeySettings {
        // No entry can have that name.
        name: "server.api_key".to_owned(),
        hash: KeyHash::of(key.expose_secret().as_bytes()),
        models: None,
        admin: false,
        limits: KeyLimits::default(),
    });
    let entries = config.keys.iter().map(KeyConfig::settings);
    Keys::new(api_key.into_iter().chain(entries), meters)
}

fn cors_origins(config: &Config) -> anyhow::Result<Vec<HeaderValue>> {
    let origins = config.server.cors_origins.iter();
    let origins = origins.map(|origin| origin.parse());
    origins
        .collect::<Result<_, _>>()
        .context("server.cors_origins")
}

/// Bounds of connections, and their certificate, which is read here.
///
/// # Errors
/// A certificate or key that cannot be used.
pub fn connections(config: &Config) -> anyhow::Result<ConnectionSettings> {
    let server = &config.server;
    let files = server
        .tls_certificate
        .as_deref()
        .zip(server.tls_key.as_deref());
    let tls = files.map(|(certificate, key)| {
        Tls::load(TlsFiles {
            certificate: config.resolve(certificate),
            key: config.resolve(key),
        })
    });
    Ok(ConnectionSettings {
        max: server.max_connections,
        handshake_timeout: Duration::from_secs(server.tls_handshake_seconds),
        header_timeout: Duration::from_secs(server.header_timeout_seconds),
        write_timeout: Duration::from_secs(server.write_timeout_seconds),
        max_header_bytes: server.max_header_bytes,
        tls: tls
            .transpose()
            .context("server.tls_certificate, server.tls_key")?
            .map(Arc::new),
    })
}

fn served_model(
    config: &Config,
    model: &ModelConfig,
    before: Option<&Running>,
    Sources {
        hub,
        providers,
        memory,
        metrics,
    }: &Sources,
) -> anyhow::Result<Model> {
    let source = model.source("models")?;
    let settings = ModelSettings {
        id: model.id.clone(),
        owner: model.owner().to_owned(),
        weights: match providers.get(model.provider.as_deref().unwrap_or_default()) {
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
            let provider = providers.get(&name).context("models.provider")?;
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
        isq: model.isq.clone(),
        device: model.device,
        max_batch: model.concurrency,
    };
    let loader = SourceLoader::new(source, how);
    Ok(Model::new(
        settings,
        Box::new(loader),
        memory.clone(),
        metrics,
    ))
}

/// The cache that the gateway shares with others, if it is to; nothing is connected yet.
fn shared_cache(
    config: &Config,
    before: Option<&Running>,
) -> anyhow::Result<Option<Arc<SharedCache>>> {
    if let Some(before) = before.filter(|before| before.shares_cache_like(config)) {
        return Ok(before.app.extractor.shared().cloned());
    }
    let cache = &config.cache;
    let Some(address) = &cache.shared else {
        return Ok(None);
    };
    let store = RedisStore::new(address).context("cache.shared")?;
    let settings = SharedSettings {
        prefix: cache.shared_prefix.clone(),
        timeout: Duration::from_millis(cache.shared_timeout_ms),
        max_value_bytes: cache.shared_max_value_bytes,
        time_to_live: cache.time_to_live(),
        max_writes: cache.shared_max_writes,
    };
    Ok(Some(Arc::new(SharedCache::new(Arc::new(store), settings))))
}

fn presets(config: &Config, registry: &Registry, schemas: &Schemas) -> anyhow::Result<Presets> {
    let presets = config.presets.iter().map(|(id, preset)| {
        let schema = preset.schema.as_deref().map(|name| {
            schemas.get(name).cloned().with_context(|| {
                format!("presets.{id}.schema: there is no schema {name:?} in extract.schemas")
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
            model: models.next().context(format!("presets.{id}.model"))?,
            others: models.collect(),
            weights: preset.weights.clone(),
            schema: schema.transpose()?,
            temperature: preset.temperature,
            max_tokens: preset.max_tokens,
        })
    });
    Ok(Presets::new(presets.collect::<anyhow::Result<Vec<_>>>()?))
}

fn image_loader(config: &Config, metrics: Arc<Metrics>) -> anyhow::Result<ImageLoader> {
    let images = &config.images;
    let fetcher = Fetcher::new(FetchPolicy {
        timeout: Duration::from_secs(config.fetch.timeout_seconds),
        connect_timeout: Duration::from_secs(config.fetch.connect_timeout_seconds),
        max_bytes: images.max_bytes,
        max_redirects: config.fetch.max_redirects,
        allowed_hosts: config
            .fetch
            .allowed_hosts
            .iter()
            .map(|host| host.parse())
            .collect::<Result<_, _>>()
            .map_err(|error| anyhow::anyhow!("fetch.allowed_hosts: {error}"))?,
        user_agent: concat!("receipt-gateway/", env!("CARGO_PKG_VERSION")).to_owned(),
    })?;
    let settings = LoaderSettings {
        max_bytes: images.max_bytes,
        limits: Limits {
            decode: DecodeLimits {
                max_side: images.max_side,
                max_pixels: images.max_pixels,
                max_aspect_ratio: images.max_aspect_ratio,
            },
            max_pages: images.max_pages,
            pdf_dots_per_inch: images.pdf_dots_per_inch,
        },
        decoders: images.decoders,
        downloads: config.fetch.concurrency,
    };
    Ok(ImageLoader::new(fetcher, settings, metrics))
}

fn extract_settings(config: &Config) -> anyhow::Result<ExtractSettings> {
    let extract = &config.extract;
    let schemas = config.resolve(&extract.schemas);
    let readers = config
        .models
        .iter()
        .map(|model| Ok((model.id.clone(), reader_settings(config, model)?)))
        .collect::<anyhow::Result<_>>()?;
    let schemas = Schemas::load(&schemas, &extract.schema, &extract.currency)
        .context("extract.schemas, extract.schema")?;
    let prompts = config.models.iter().flat_map(|model| model.prompts.keys());
    for name in prompts.chain(extract.prompts.keys()) {
        anyhow::ensure!(
            schemas.get(name).is_some(),
            "prompts: there is no schema {name:?} in extract.schemas"
        );
    }
    Ok(ExtractSettings {
        schemas,
        prompts: read_prompts(config, &extract.prompts, "extract.prompts")?,
        any_prompt: read_prompt(config, &extract.prompt, "extract.prompt")?,
        readers,
        sampling: Sampling {
            temperature: extract.temperature,
            seed: extract.seed,
            ..Sampling::greedy()
        },
        doubt: doubt_policy(config)?,
        inline: InlineLimits {
            max_bytes: extract.max_schema_bytes,
            max_tokens: extract.max_schema_tokens,
        },
        cache: CacheSettings {
            max_bytes: config.cache.max_bytes,
            time_to_live: config.cache.time_to_live(),
        },
        today: || chrono::Utc::now().date_naive(),
    })
}

fn reader_settings(config: &Config, model: &ModelConfig) -> anyhow::Result<ReaderSettings> {
    let field = format!("models.{}", model.id);
    let calibration = model.calibration.as_deref().map(|path| {
        let path = config.resolve(path);
        Calibration::load(&path).with_context(|| format!("{field}.calibration"))
    });
    Ok(ReaderSettings {
        prompts: read_prompts(config, &model.prompts, &format!("{field}.prompts"))?,
        calibration: calibration.transpose()?.map(Arc::new),
    })
}

fn doubt_policy(config: &Config) -> anyhow::Result<DoubtPolicy> {
    let doubt = &config.doubt;
    let prompt = doubt.retry_prompt.as_deref();
    let prompt = prompt.map(|path| read_prompt(config, path, "doubt.retry_prompt"));
    Ok(DoubtPolicy {
        on_doubt: doubt.on_doubt,
        below: doubt.below,
        max_attempts: doubt.max_attempts,
        max_time: Duration::from_secs(doubt.max_seconds),
        retry_scale: doubt.retry_scale,
        retry_temperature: doubt.retry_temperature,
        retry_prompt: prompt.unwrap_or_else(|| Ok("{findings}".into()))?,
        escalate_to: doubt.escalate_to.clone(),
    })
}

fn read_prompts(
    config: &Config,
    paths: &BTreeMap<String, PathBuf>,
    field: &str,
) -> anyhow::Result<HashMap<String, Arc<str>>> {
    let prompts = paths.iter().map(|(name, path)| {
        let text = read_prompt(config, path, &format!("{field}.{name}"))?;
        Ok((name.clone(), text))
    });
    prompts.collect()
}

fn read_prompt(config: &Config, path: &Path, field: &str) -> anyhow::Result<Arc<str>> {
    let path = config.resolve(path);
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("{field}: {}", path.display()))?;
    Ok(text.trim().into())
}
