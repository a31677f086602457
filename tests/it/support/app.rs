//! The application around such an engine, and what a test may change of it.

use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::http::HeaderValue;
use receipt_gateway::{
    app::{Access, App, BatchSettings, Parts, ServerSettings},
    chat::ChatSettings,
    codes::CodeLimits,
    engine::{Engine, LoadProgress, remote::Provider},
    generation::{Prices, Sampling},
    grammar::{Compiler, CompilerSettings},
    history::{History, HistorySettings},
    image::{
        BlankPages, DecodeLimits, GridFit, ImageLoader, Limits, LoaderSettings,
        fetch::{FetchPolicy, Fetcher},
    },
    keys::{KeyHash, KeyLimits, KeySettings, Keys, Meters},
    metrics::Metrics,
    page::PageReading,
    presets::{Preset, Presets},
    receipt::{
        CacheSettings, Currency, DoubtPolicy, EInvoiceSettings, ExtractSettings, Extractor,
        InlineLimits, OnDoubt, ReaderSettings, ReceiptSchema, Schemas, SharedCache, Weights,
    },
    registry::{
        AdmissionSettings, LifecycleSettings, LoadError, Loader, Memory, MemorySettings, Model,
        ModelSettings, Reads, Registry,
    },
};
use tokio::sync::Notify;

use super::ScriptedReader;

struct Ready {
    engine: Result<Arc<dyn Engine>, &'static str>,
    hold: Option<Arc<Notify>>,
}

#[async_trait]
impl Loader for Ready {
    fn progress(&self) -> Option<LoadProgress> {
        Some(LoadProgress {
            read: 1263,
            total: 3000,
        })
    }

    async fn load(&self) -> Result<Arc<dyn Engine>, LoadError> {
        if let Some(hold) = &self.hold {
            hold.notified().await;
        }
        self.engine.clone().map_err(LoadError::new)
    }
}

/// What a test may change of the gateway.
pub struct Options {
    pub concurrency: usize,
    pub queue_length: usize,
    pub queue_wait: Duration,
    pub deadline: Duration,
    pub api_key: Option<&'static str>,
    pub keys: Vec<KeySettings>,
    /// What was counted of those before.
    pub meters: Arc<Meters>,
    pub cors_origins: Vec<HeaderValue>,
    pub admin_key: Option<&'static str>,
    pub metrics: Access,
    pub memory_budget: Option<u64>,
    pub max_body_bytes: usize,
    pub allowed_hosts: Vec<String>,
    pub sampling: Sampling,
    pub doubt: DoubtPolicy,
    /// Presets of `org/scripted`: name, schema, temperature.
    pub presets: Vec<(&'static str, Option<&'static str>, Option<f64>)>,
    /// What answers of `org/scripted` are held to, by the schema's name, where that is less than the schema.
    pub narrowed: HashMap<String, ReceiptSchema>,
    /// Whether it understands more than its prompts.
    pub takes_instructions: bool,
    /// Whether its pictures stand before its prompt.
    pub pictures_first: bool,
    /// The form in which it gets pictures.
    pub reads: Reads,
    /// The prompt for invoices.
    pub prompt: &'static str,
    /// The prompt of `org/scripted` for all schemas.
    pub own_prompt: Option<&'static str>,
    /// Whether its answers are weighed against others.
    pub weighs_answers: bool,
    /// Those that the gateway knows.
    pub providers: Vec<Arc<Provider>>,
    /// The provider that runs `org/scripted`.
    pub provider: Option<&'static str>,
    /// The prices of `org/scripted`.
    pub prices: Option<Prices>,
    /// Most answers that are remembered.
    pub remembered_answers: u64,
    /// Another model, `org/better`.
    pub better: Option<Arc<dyn Engine>>,
    /// A cache that it shares.
    pub shared: Option<Arc<SharedCache>>,
    /// What becomes of blank pages.
    pub blank_pages: BlankPages,
    /// The use of e-invoices.
    pub e_invoices: EInvoiceSettings,
    /// Bounds of seeking codes, if they are sought.
    pub codes: Option<CodeLimits>,
    /// What loading waits for.
    pub hold: Option<Arc<Notify>>,
    /// What the page reader finds on the first page that it reads, the next, and so on, over and over; none if it is
    /// off.
    pub page_text: Vec<PageReading>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 4,
            queue_length: 100,
            queue_wait: Duration::from_secs(30),
            deadline: Duration::from_mins(1),
            api_key: None,
            keys: Vec::new(),
            meters: Arc::default(),
            cors_origins: Vec::new(),
            admin_key: None,
            metrics: Access::Open,
            memory_budget: None,
            max_body_bytes: 1 << 20,
            allowed_hosts: Vec::new(),
            sampling: Sampling::greedy(),
            doubt: DoubtPolicy {
                on_doubt: OnDoubt::Report,
                below: 0.5,
                max_attempts: 3,
                max_time: Duration::from_mins(1),
                retry_scale: 2.0,
                retry_temperature: 0.3,
                retry_prompt: "Wrong: {findings}".into(),
                escalate_to: vec!["broken".into(), "org/better".into()],
            },
            presets: Vec::new(),
            narrowed: HashMap::new(),
            takes_instructions: true,
            pictures_first: false,
            reads: Reads::Pictures,
            prompt: "Read it.",
            own_prompt: None,
            weighs_answers: false,
            providers: Vec::new(),
            provider: None,
            prices: None,
            remembered_answers: 100,
            better: None,
            shared: None,
            blank_pages: BlankPages::LeaveOut,
            e_invoices: EInvoiceSettings::default(),
            codes: None,
            hold: None,
            page_text: Vec::new(),
        }
    }
}

fn extract_settings(options: &Options) -> ExtractSettings {
    let currency = Currency::Fixed("IDR".into());
    ExtractSettings {
        schemas: Schemas::load(Path::new("schemas"), "invoice", &currency.into()).unwrap(),
        prompts: HashMap::from([("invoice".into(), options.prompt.into())]),
        any_prompt: "By the schema: {schema}".into(),
        readers: HashMap::from([(
            "org/scripted".into(),
            ReaderSettings {
                narrowed: options.narrowed.clone(),
                prompt: options.own_prompt.map(Arc::from),
                pictures_first: options.pictures_first,
                weighs_answers: options.weighs_answers,
                ..ReaderSettings::default()
            },
        )]),
        sampling: options.sampling.clone(),
        min_items: 10,
        doubt: options.doubt.clone(),
        blank_pages: options.blank_pages,
        e_invoices: options.e_invoices,
        codes: options.codes,
        inline: InlineLimits {
            max_bytes: 1000,
            max_tokens: 100,
        },
        cache: CacheSettings {
            max_bytes: 1 << 20,
            time_to_live: Duration::from_mins(1),
        },
        weights: Weights::measured().unwrap(),
        today: || "2026-06-15".parse().unwrap(),
    }
}

fn image_loader(options: &Options, metrics: Arc<Metrics>) -> ImageLoader {
    let fetcher = Fetcher::new(FetchPolicy {
        timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(5),
        max_bytes: 100_000,
        max_redirects: 2,
        allowed_hosts: options
            .allowed_hosts
            .iter()
            .map(|host| host.parse().unwrap())
            .collect(),
        user_agent: "test".into(),
    })
    .unwrap();
    let limits = Limits {
        decode: DecodeLimits {
            max_side: 2000,
            max_pixels: 1_000_000,
            max_aspect_ratio: 20.0,
        },
        max_pages: 3,
        pdf_dots_per_inch: 72.0,
    };
    let bounds = LoaderSettings {
        max_bytes: 100_000,
        limits,
        decoders: 2,
        downloads: 4,
    };
    ImageLoader::new(fetcher, bounds, metrics).with_reader(ScriptedReader::of(&options.page_text))
}

fn chat_settings() -> ChatSettings {
    ChatSettings {
        max_tokens: 100,
        temperature: 0.0,
        max_choices: 4,
        max_images: 2,
        max_file_text_bytes: 1000,
        max_schema_bytes: 1 << 16,
        tools_prompt: "Functions:\n{tools}".into(),
        keep_alive: Duration::from_secs(10),
    }
}

fn compiler() -> Compiler {
    Compiler::new(CompilerSettings {
        timeout: Duration::from_secs(30),
        remembered: 10,
    })
}

fn history(entries: u64) -> Arc<History> {
    Arc::new(History::new(HistorySettings {
        entries,
        time_to_live: Duration::from_hours(1),
    }))
}

/// A key that may do all but administrate.
pub fn key(name: &str, secret: &str) -> KeySettings {
    KeySettings {
        name: name.into(),
        hash: KeyHash::of(secret.as_bytes()),
        models: None,
        admin: false,
        limits: KeyLimits::default(),
    }
}

/// The gateway with `engine` as the model `org/scripted`, and one, `broken`, that cannot be loaded.
/// The settings of a model; most of what a test may change is of `org/scripted`.
fn model_settings(id: &str, options: &Options) -> ModelSettings {
    let is_scripted = id == "org/scripted";
    ModelSettings {
        id: id.into(),
        owner: "org".into(),
        weights: "w".into(),
        notice: None,
        admission: AdmissionSettings {
            concurrency: options.concurrency,
            queue_length: options.queue_length,
            queue_wait: options.queue_wait,
        },
        deadline: options.deadline,
        lifecycle: LifecycleSettings {
            load_wait: Duration::from_secs(30),
            time_to_live: None,
            pinned: false,
            bytes: None,
        },
        provider: options.provider.filter(|_| is_scripted).map(Into::into),
        prices: options.prices.filter(|_| is_scripted),
        keeps_prompts: options.provider.is_none(),
        takes_instructions: options.takes_instructions || !is_scripted,
        reads: if is_scripted {
            options.reads
        } else {
            Reads::Pictures
        },
        fit: GridFit {
            trim: false,
            max_edge: 224,
            max_tokens: 64,
        },
    }
}

pub fn app(engine: Arc<dyn Engine>, options: Options) -> Arc<App> {
    let settings = extract_settings(&options);
    let memory = Arc::new(Memory::new(MemorySettings {
        budget: options.memory_budget,
        min_residency: Duration::ZERO,
        wait: Duration::ZERO,
    }));
    let metrics = Arc::new(Metrics::default());
    let model = |id: &str, engine| {
        let settings = model_settings(id, &options);
        let metrics = metrics.model(id);
        let hold = options.hold.clone();
        let loader = Box::new(Ready { engine, hold });
        Model::new(settings, loader, memory.clone(), metrics)
    };
    let mut models = vec![
        model("org/scripted", Ok(engine)),
        model("broken", Err("its file x.safetensors is missing")),
    ];
    if let Some(better) = &options.better {
        models.push(model("org/better", Ok(better.clone())));
    }
    let images = Arc::new(image_loader(&options, metrics.clone()));
    let registry = Arc::new(Registry::new(models, "org/scripted").unwrap());
    let schemas = &settings.schemas;
    let presets = options
        .presets
        .into_iter()
        .map(|(id, schema, temperature)| Preset {
            schema: schema.map(|name| schemas.get(name).unwrap().clone()),
            temperature,
            id: id.to_owned(),
            ..Preset::of(registry.default_model())
        });
    let presets = Presets::new(presets.collect::<Vec<_>>());
    let extractor = Extractor::new(settings, images.clone(), registry.clone());
    let api_key = options.api_key.map(|secret| key("api", secret));
    App::new(Parts {
        presets,
        extractor: Arc::new(extractor.with_shared(options.shared)),
        registry,
        batch: BatchSettings {
            max_images: 4,
            max_body_bytes: 2 << 20,
            concurrency: 2,
        },
        images,
        metrics,
        compiler: compiler(),
        chat_settings: chat_settings(),
        keys: Keys::new(api_key.into_iter().chain(options.keys), options.meters),
        history: history(options.remembered_answers),
        server: ServerSettings {
            max_body_bytes: options.max_body_bytes,
            body_timeout: Duration::from_secs(5),
            admin: options
                .admin_key
                .map_or(Access::Loopback, |key| Access::Key(Some(key.into()))),
            metrics: options.metrics,
            cors_origins: options.cors_origins,
        },
        providers: options.providers,
        engines: Arc::default(),
        reloader: None,
        started: 1_700_000_000,
    })
}
