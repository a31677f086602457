//! Builds the settings for reading receipts: pictures, schemas, prompts, doubt and caches.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;

use super::{Running, page_reader::page_reader};
use crate::{
    config::{Config, ModelConfig},
    generation::Sampling,
    hub::Hub,
    image::{
        DecodeLimits, ImageLoader, Limits, LoaderSettings,
        fetch::{FetchPolicy, Fetcher},
    },
    metrics::Metrics,
    receipt::{
        CacheSettings, Calibration, DoubtPolicy, ExtractSettings, InlineLimits, Narrowing, Printed,
        ReaderSettings, ReceiptSchema, Schemas, SharedCache, SharedSettings, Weights,
    },
    shared_cache::RedisStore,
};

/// Returns the cache that gateways share, if one is configured; it is not connected yet.
///
/// # Errors
/// An address that is not valid, and certificates that cannot be read.
pub fn shared_cache(
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
    let ca = cache.shared_ca.as_deref().map(|path| config.resolve(path));
    let store = RedisStore::new(address, ca.as_deref()).context("cache.shared, cache.shared_ca")?;
    let settings = SharedSettings {
        prefix: cache.shared_prefix.clone(),
        timeout: Duration::from_millis(cache.shared_timeout_ms),
        max_value_bytes: cache.shared_max_value_bytes,
        time_to_live: cache.time_to_live(),
        max_writes: cache.shared_max_writes,
    };
    Ok(Some(Arc::new(SharedCache::new(Arc::new(store), settings))))
}

/// Builds the loader of pictures.
///
/// # Errors
/// Allowed hosts that are not valid, and a page reader that is not there.
pub fn image_loader(
    config: &Config,
    hub: &Arc<Hub>,
    metrics: Arc<Metrics>,
) -> anyhow::Result<ImageLoader> {
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
    let loader = ImageLoader::new(fetcher, settings, metrics);
    Ok(loader.with_reader(page_reader(config, hub)?))
}

/// Builds the settings for reading receipts.
///
/// # Errors
/// Files that cannot be read, and a schema that cannot be used.
pub fn extract_settings(config: &Config) -> anyhow::Result<ExtractSettings> {
    let extract = &config.extract;
    let printed = Printed {
        currency: extract.currency.clone(),
        scripts: extract.scripts.clone(),
    };
    let schemas = Schemas::load(&config.resolve(&extract.schemas), &extract.schema, &printed)
        .context("extract.schemas, extract.schema")?;
    let readers = config
        .models
        .iter()
        .map(|model| Ok((model.id.clone(), reader_settings(config, model, &schemas)?)))
        .collect::<anyhow::Result<_>>()?;
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
        min_items: extract.min_items,
        doubt: doubt_policy(config)?,
        blank_pages: extract.blank_pages,
        e_invoices: config.e_invoices.settings(),
        codes: config.codes.limits(),
        inline: InlineLimits {
            max_bytes: extract.max_schema_bytes,
            max_tokens: extract.max_schema_tokens,
        },
        cache: CacheSettings {
            max_bytes: config.cache.max_bytes,
            time_to_live: config.cache.time_to_live(),
        },
        weights: Weights::measured()?,
        today: || chrono::Utc::now().date_naive(),
    })
}

fn reader_settings(
    config: &Config,
    model: &ModelConfig,
    schemas: &Schemas,
) -> anyhow::Result<ReaderSettings> {
    let field = format!("models.{}", model.id);
    let calibration = model.calibration.as_deref().map(|path| {
        let path = config.resolve(path);
        Calibration::load(&path).with_context(|| format!("{field}.calibration"))
    });
    let prompt = model.prompt.as_deref();
    let prompt = prompt.map(|path| read_prompt(config, path, &format!("{field}.prompt")));
    Ok(ReaderSettings {
        prompts: read_prompts(config, &model.prompts, &format!("{field}.prompts"))?,
        prompt: prompt.transpose()?,
        calibration: calibration.transpose()?.map(Arc::new),
        narrowed: narrowed(model, schemas, &field)?,
        pictures_first: model.pictures_first(),
        weighs_answers: model.weigh_answers,
        grounding: model.grounding,
    })
}

/// Returns the narrower schemas that a model is held to, if it has any.
fn narrowed(
    model: &ModelConfig,
    schemas: &Schemas,
    field: &str,
) -> anyhow::Result<HashMap<String, ReceiptSchema>> {
    let by = Narrowing {
        empty_fields: model.empty_fields.clone(),
        max_items: model.max_items,
    };
    for name in &by.empty_fields {
        anyhow::ensure!(
            schemas.iter().any(|schema| schema.has_field(name)),
            "{field}.empty_fields: no schema in extract.schemas has a field {name:?}"
        );
    }
    if by.is_none() {
        return Ok(HashMap::new());
    }
    let narrowed = schemas.iter().map(|schema| {
        let narrowed = schema.narrowed(&by);
        let narrowed = narrowed.with_context(|| format!("{field}.empty_fields"))?;
        Ok((schema.name().to_owned(), narrowed))
    });
    narrowed.collect()
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

/// Reads the text of a prompt.
///
/// # Errors
/// A file that cannot be read.
pub fn read_prompt(config: &Config, path: &Path, field: &str) -> anyhow::Result<Arc<str>> {
    let path = config.resolve(path);
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("{field}: {}", path.display()))?;
    Ok(text.trim().into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Environment;

    /// Loads the committed configuration with each `from` replaced by `to`.
    fn settings(changes: &[(&str, &str)]) -> anyhow::Result<ExtractSettings> {
        let here = std::env::current_dir()?;
        let text = std::fs::read_to_string("config/gateway.toml")?;
        let mut text = text
            .replace("\"../", &format!("\"{}/", here.display()))
            .replace(
                "\"prompts/",
                &format!("\"{}/config/prompts/", here.display()),
            );
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("gateway.toml");
        std::fs::write(&file, text)?;
        extract_settings(&Config::load(&file, &Environment::default())?)
    }

    #[test]
    fn receipt_nano_leaves_untaught_fields_empty() {
        let settings = settings(&[]).unwrap();
        let held = &settings.readers["receipt-nano"].narrowed["invoice"];
        let properties = &held.document()["properties"];
        assert_eq!(properties["taxes"]["const"], json!([]));
        assert_eq!(properties["prepaid"]["const"], json!(0));
        assert!(properties["rounding"].get("const").is_none());
        assert_eq!(held.max_items(), Some(50));
        assert!(settings.readers["qwen2-vl-2b"].narrowed.is_empty());
        // The longest answer and the largest picture fit the model's context.
        assert!(held.max_tokens() + 1024 + 256 < 32_768);
        assert!(settings.schemas.default_schema().items_within(30_000) >= Some(45));
    }

    #[test]
    fn a_model_may_have_one_prompt_for_all_schemas() {
        let settings = settings(&[]).unwrap();
        for model in ["nuextract-2b", "nuextract-8b"] {
            let reader = &settings.readers[model];
            assert!(reader.prompts.is_empty());
            let prompt = reader.prompt.as_deref();
            let expected = "# Template:\n{template}\n# Context:\n{pictures}";
            assert_eq!(prompt, Some(expected));
        }
        assert!(settings.readers["qwen2-vl-2b"].prompt.is_none());
    }

    #[test]
    fn scripts_are_a_setting() {
        let receipt = json!({"merchant": "ร้านกาแฟ", "date": null, "total": 1, "currency": "IDR"});
        let brief = |changes: &[(&str, &str)]| {
            let schemas = settings(changes).unwrap().schemas;
            schemas.get("receipt-brief").unwrap().validate(&receipt)
        };
        assert!(brief(&[]).is_err());
        let line = "# scripts = [\"thai\"]";
        assert_eq!(brief(&[(line, "scripts = [\"latin\", \"thai\"]")]), Ok(()));
        let unknown = settings(&[(line, "scripts = [\"runes\"]")]).err().unwrap();
        assert!(format!("{unknown:#}").contains("runes"), "{unknown:#}");
    }

    #[test]
    fn an_empty_field_that_no_schema_has_is_named() {
        let error = settings(&[("\"taxes\", \"prepaid\"]", "\"prepayed\"]")]);
        let error = format!("{:#}", error.err().unwrap());
        assert!(
            error.contains("models.receipt-nano.empty_fields") && error.contains("prepayed"),
            "{error}"
        );
    }
}
