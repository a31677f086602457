//! Puts the application together from a configuration.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{
    Access, App, BatchSettings, Parts, Reloader, Running, ServerSettings,
    clients::{cors_origins, keys},
    models::{Sources, hub, memory_settings, presets, providers, served_model},
    receipts::{extract_settings, image_loader, read_prompt, shared_cache},
};
use crate::{
    chat::ChatSettings,
    config::{AdminAccess, Config, MetricsAccess},
    generation::tools,
    grammar::{Compiler, CompilerSettings},
    history::{History, HistorySettings},
    receipt::Extractor,
    registry::{Memory, Registry},
};

/// Time for which an answer is remembered.
const REMEMBERED: Duration = Duration::from_hours(1);

/// Builds the application; nothing is loaded yet.
///
/// # Errors
/// A file that cannot be read, or a setting that cannot be used.
pub fn build(config: &Config) -> anyhow::Result<Arc<App>> {
    assemble(config, None, None)
}

/// Builds the application of `config`, and shares with `before` all that the two configurations have in common:
/// loaded models, caches, and the counts of limits. Does not change `before`.
pub(crate) fn assemble(
    config: &Config,
    before: Option<&Running>,
    reloader: Option<Reloader>,
) -> anyhow::Result<Arc<App>> {
    let metrics = before.map(|before| before.app.metrics.clone());
    let metrics = metrics.unwrap_or_default();
    let sources = Sources {
        metrics: metrics.clone(),
        hub: Arc::new(hub(config)?),
        providers: providers(config, before)?,
        memory: before.map_or_else(
            || Arc::new(Memory::new(memory_settings(config))),
            |before| before.app.registry.memory().clone(),
        ),
        engines: before
            .map(|before| before.app.engines.clone())
            .unwrap_or_default(),
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
        _ => Arc::new(image_loader(config, &sources.hub, metrics.clone())?),
    };
    let settings = extract_settings(config)?;
    let mut extractor = Extractor::new(settings, images.clone(), registry.clone())
        .with_shared(shared_cache(config, before)?);
    if let Some(before) = before {
        extractor = extractor.after(&before.app.extractor);
    }
    let extractor = Arc::new(extractor);
    let presets = presets(config, &registry, extractor.schemas())?;
    let started = before.map(|before| before.app.started);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let meters = before.map(|before| before.app.keys.meters().clone());
    let meters = meters.unwrap_or_default();
    let tools_prompt = config.chat.tools_prompt.as_deref();
    let tools_prompt = tools_prompt.map(|path| {
        let prompt = read_prompt(config, path, "chat.tools_prompt")?;
        anyhow::ensure!(
            prompt.contains("{tools}"),
            "chat.tools_prompt: {} has no placeholder {{tools}}; add it where the functions are to stand",
            path.display()
        );
        Ok(prompt)
    });
    Ok(App::new(Parts {
        registry,
        presets,
        extractor,
        metrics,
        images,
        compiler: compiler(config, before),
        chat_settings: ChatSettings {
            max_tokens: config.chat.max_tokens,
            temperature: config.chat.temperature,
            max_choices: config.chat.max_choices,
            max_images: config.chat.max_images,
            max_file_text_bytes: config.chat.max_file_text_bytes,
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
        history: history(config, before),
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
        engines: sources.engines,
        reloader,
        started: started.unwrap_or(now),
    }))
}

/// Returns the compiler of schemas; that of `before` if its bounds are the same.
fn compiler(config: &Config, before: Option<&Running>) -> Compiler {
    let settings = CompilerSettings {
        timeout: Duration::from_secs(config.chat.schema_seconds),
        remembered: config.chat.remembered_schemas,
    };
    let known = before.map(|before| &before.app.compiler);
    let known = known.filter(|known| known.settings() == settings);
    known.cloned().unwrap_or_else(|| Compiler::new(settings))
}

/// Returns the history; that of `before` if its bounds are the same.
fn history(config: &Config, before: Option<&Running>) -> Arc<History> {
    let settings = HistorySettings {
        entries: config.chat.remembered_answers,
        time_to_live: REMEMBERED,
    };
    let known = before.map(|before| &before.app.history);
    let known = known.filter(|known| known.settings() == settings);
    known
        .cloned()
        .unwrap_or_else(|| Arc::new(History::new(settings)))
}
