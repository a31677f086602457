//! Puts the configured parts together and runs the service.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use async_trait::async_trait;
use axum::http::HeaderValue;
use secrecy::ExposeSecret;
use tokio::{net::TcpListener, sync::OnceCell};
use tokio_util::sync::CancellationToken;

use crate::{
    chat::{Sampling, tools},
    config::{AdminAccess, Config, KeyConfig, ModelConfig, ModelSource},
    engine::{self, Engine, LoadSettings},
    grammar::{Compiler, CompilerSettings},
    http::{
        self, Access, App, AppState, BatchSettings, ChatSettings, ServerSettings,
        connections::ConnectionSettings,
        tls::{Tls, TlsFiles},
    },
    hub::{FileSelection, Hub, HubError, HubSettings, ModelRef},
    image::{
        DecodeLimits, GridFit, ImageLoader, Limits, LoaderSettings,
        fetch::{FetchPolicy, Fetcher},
    },
    keys::{KeyHash, KeyLimits, KeySettings, Keys, Meters},
    presets::{Preset, Presets},
    receipt::{
        CacheSettings, Calibration, DoubtPolicy, ExtractSettings, Extractor, InlineLimits,
        ReaderSettings, Schemas,
    },
    registry::{
        AdmissionSettings, LifecycleSettings, Loader, Memory, MemorySettings, Model, ModelSettings,
        Registry,
    },
};

/// Finds a model's files, downloads them if need be, and loads them.
struct SourceLoader {
    source: Source,
    settings: LoadSettings,
    folder: OnceCell<PathBuf>,
}

impl SourceLoader {
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

enum Source {
    Folder(PathBuf),
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
        let bytes: std::io::Result<u64> = files.map(of_file).sum();
        bytes.map_err(|error| error.to_string())
    }

    async fn load(&self) -> Result<Arc<dyn Engine>, String> {
        let folder = self.folder().await?;
        let engine = engine::load(folder, &self.settings).await;
        engine.map_err(|error| error.to_string())
    }
}

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
    let hub = Arc::new(hub(config)?);
    let memory = Arc::new(Memory::new(MemorySettings {
        budget: config.memory.budget_bytes,
        min_residency: Duration::from_secs(config.memory.min_residency_seconds),
        wait: Duration::from_secs(config.memory.load_wait_seconds),
    }));
    let models = config
        .models
        .iter()
        .map(|model| served_model(config, model, &hub, &memory))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let registry = Registry::new(models, &config.extract.model).map_err(anyhow::Error::msg)?;
    let registry = Arc::new(registry);
    let images = Arc::new(image_loader(config)?);
    let settings = extract_settings(config)?;
    let extractor = Arc::new(Extractor::new(settings, images.clone(), registry.clone()));
    let presets = presets(config, &registry, extractor.schemas())?;
    let started = SystemTime::now().duration_since(UNIX_EPOCH)?;
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
        images,
        compiler: Compiler::new(CompilerSettings {
            timeout: Duration::from_secs(config.chat.schema_seconds),
            remembered: config.chat.remembered_schemas,
        }),
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
        keys: keys(config, Arc::default()),
        server: ServerSettings {
            max_body_bytes: config.server.max_body_bytes,
            body_timeout: Duration::from_secs(config.server.body_timeout_seconds),
            admin: match (config.admin.access, &config.admin.key) {
                (AdminAccess::Off, _) => Access::Off,
                (AdminAccess::Loopback, _) => Access::Loopback,
                (AdminAccess::Key, key) => Access::Key(key.clone()),
            },
            cors_origins: cors_origins(config)?,
        },
        started: started.as_secs(),
    }))
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
    hub: &Arc<Hub>,
    memory: &Arc<Memory>,
) -> anyhow::Result<Model> {
    let source = match model.source("models")? {
        ModelSource::Path(path) => Source::Folder(config.resolve(&path)),
        ModelSource::Hub { repo, revision } => {
            Source::Hub(hub.clone(), hub_model(model, &repo, &revision))
        }
    };
    let settings = ModelSettings {
        id: model.id.clone(),
        owner: model.owner().to_owned(),
        weights: model.weights(),
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
        fit: GridFit {
            trim: model.trim.unwrap_or(config.images.trim),
            max_edge: model.max_edge.unwrap_or(config.images.max_edge),
            max_tokens: model.max_image_tokens.unwrap_or(config.images.max_tokens),
        },
    };
    let loader = SourceLoader {
        source,
        settings: LoadSettings {
            gguf: model.gguf.clone(),
            dtype: model.dtype,
            isq: model.isq.clone(),
            device: model.device,
            max_batch: model.concurrency,
        },
        folder: OnceCell::new(),
    };
    Ok(Model::new(settings, Box::new(loader), memory.clone()))
}

fn presets(config: &Config, registry: &Registry, schemas: &Schemas) -> anyhow::Result<Presets> {
    let presets = config.presets.iter().map(|(id, preset)| {
        let schema = preset.schema.as_deref().map(|name| {
            schemas.get(name).cloned().with_context(|| {
                format!("presets.{id}.schema: there is no schema {name:?} in extract.schemas")
            })
        });
        let model = preset.model.as_ref().unwrap_or(&config.extract.model);
        let model = registry.get(model);
        Ok(Preset {
            id: id.clone(),
            model: model.context(format!("presets.{id}.model"))?.clone(),
            schema: schema.transpose()?,
            temperature: preset.temperature,
            max_tokens: preset.max_tokens,
        })
    });
    Ok(Presets::new(presets.collect::<anyhow::Result<Vec<_>>>()?))
}

fn image_loader(config: &Config) -> anyhow::Result<ImageLoader> {
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
    Ok(ImageLoader::new(fetcher, settings))
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

/// Loads the models that are to be loaded at the start, and checks that the one that reads
/// receipts has room for the longest answer.
///
/// # Errors
/// A model that cannot be loaded, or whose context is too small.
pub async fn preload(app: &AppState, config: &Config) -> anyhow::Result<()> {
    for model in config.models.iter().filter(|model| model.preload) {
        let Some(served) = app.registry.get(&model.id) else {
            continue;
        };
        let lease = served.lease().await?;
        if model.id == config.extract.model {
            app.extractor
                .check_room(lease.engine(), served)
                .await
                .map_err(|reason| anyhow::anyhow!("extract.model {}: {reason}", model.id))?;
        }
    }
    Ok(())
}

/// Between looks for models that are idle for too long.
const SWEEP: Duration = Duration::from_secs(1);

/// Serves until `stop`, then finishes what runs within the grace period.
pub async fn serve(
    app: AppState,
    listener: TcpListener,
    connections: ConnectionSettings,
    stop: CancellationToken,
    grace: Duration,
) {
    let registry = app.registry.clone();
    let sweeping = async move {
        let mut ticks = tokio::time::interval(SWEEP);
        loop {
            ticks.tick().await;
            registry.sweep();
        }
    };
    let tls = connections.tls.clone();
    let renewing = async {
        match tls {
            Some(tls) => tls.follow().await,
            None => std::future::pending().await,
        }
    };
    let server = http::connections::serve(listener, http::router(app), connections, stop.clone());
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        () = server => {}
        () = sweeping => {}
        () = renewing => {}
        () = overdue => {
            tracing::warn!(seconds = grace.as_secs(), "requests still run after the grace period");
        }
    }
}
