//! A gateway in process: the real router over engines that answer by script.

use std::{
    collections::{HashMap, VecDeque},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderValue, Method, Request, Response, StatusCode, header},
};
use receipt_gateway::{
    chat::{Event, FinishReason, Generation, Part, Sampling, Token, Usage},
    engine::{Engine, EngineError, Generating, ModelInfo, remote::Provider},
    grammar::{Compiler, CompilerSettings},
    http::{Access, App, AppState, BatchSettings, ChatSettings, ServerSettings, router},
    image::{
        DecodeLimits, GridFit, ImageLoader, Limits, LoaderSettings, PatchGrid,
        fetch::{FetchPolicy, Fetcher},
    },
    keys::{KeyHash, KeyLimits, KeySettings, Keys, Meters},
    metrics::Metrics,
    presets::{Preset, Presets},
    receipt::{
        CacheSettings, Currency, DoubtPolicy, ExtractSettings, Extractor, InlineLimits, OnDoubt,
        Schemas, SharedCache,
    },
    registry::{
        AdmissionSettings, LifecycleSettings, Loader, Memory, MemorySettings, Model, ModelSettings,
        Registry,
    },
};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tower::ServiceExt;

/// What a scripted engine does with the next generation.
#[derive(Clone)]
pub enum Script {
    /// Writes these tokens and stops.
    Tokens(Vec<Vec<u8>>),
    /// Writes this text, a character a token, each of that log-probability, and stops.
    Unsure(String, f32),
    /// Writes this text, a character a token, and is cut off.
    CutShort(&'static str),
    /// Writes a token, then fails.
    Fails,
    /// Refuses.
    Refuses,
}

impl Script {
    /// Writes `text`, a character a token.
    pub fn text(text: &str) -> Self {
        Self::Tokens(text.chars().map(|c| c.to_string().into_bytes()).collect())
    }
}

/// An engine that answers by script: the next of `scripts`, or the last again.
pub struct Scripted {
    info: ModelInfo,
    scripts: Mutex<VecDeque<Script>>,
    /// What it was asked, in order.
    pub asked: Mutex<Vec<Generation>>,
    /// Generations that run now.
    pub running: Arc<AtomicUsize>,
    /// A permit for each token; closed for an engine that does not wait.
    pub gate: Arc<Semaphore>,
}

impl Scripted {
    pub fn new(scripts: impl IntoIterator<Item = Script>) -> Arc<Self> {
        let gate = Semaphore::new(0);
        gate.close();
        Self::with_gate(scripts, gate)
    }

    /// An engine whose every token waits for a permit.
    pub fn gated(scripts: impl IntoIterator<Item = Script>) -> Arc<Self> {
        Self::with_gate(scripts, Semaphore::new(0))
    }

    fn with_gate(scripts: impl IntoIterator<Item = Script>, gate: Semaphore) -> Arc<Self> {
        Arc::new(Self {
            info: ModelInfo {
                context_length: 100_000,
                vision: Some(PatchGrid {
                    cell: 28,
                    min_pixels: 56 * 56,
                    max_pixels: 1 << 23,
                }),
                device: "cpu".into(),
            },
            scripts: Mutex::new(scripts.into_iter().collect()),
            asked: Mutex::default(),
            running: Arc::default(),
            gate: Arc::new(gate),
        })
    }

    /// Answers by that script from now on.
    pub fn say(&self, script: Script) {
        *self.scripts.lock().unwrap() = VecDeque::from([script]);
    }

    pub fn times_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn token(bytes: &[u8], logprob: f32) -> Event {
    Event::Token(Token {
        id: 1,
        bytes: bytes.to_vec(),
        logprob: Some(logprob),
        top: Vec::new(),
    })
}

#[async_trait]
impl Engine for Scripted {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn generate(&self, generation: Generation) -> Result<Generating, EngineError> {
        let script = {
            let mut scripts = self.scripts.lock().unwrap();
            let script = scripts.front().unwrap().clone();
            if scripts.len() > 1 {
                scripts.pop_front();
            }
            script
        };
        let max_tokens = generation.max_tokens;
        self.asked.lock().unwrap().push(generation);
        let (sender, events) = mpsc::channel(1);
        let (gate, running) = (self.gate.clone(), self.running.clone());
        running.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            let _running = Running(running);
            let mut logprob = -0.01;
            let (tokens, mut end) = match script {
                Script::Unsure(text, unsure) => {
                    logprob = unsure;
                    let tokens = text.bytes().map(|b| vec![b]).collect();
                    (tokens, Ok(FinishReason::Stop))
                }
                Script::Tokens(tokens) => (tokens, Ok(FinishReason::Stop)),
                Script::CutShort(text) => (
                    text.bytes().map(|b| vec![b]).collect(),
                    Ok(FinishReason::Length),
                ),
                Script::Fails => (
                    vec![b"some".to_vec()],
                    Err(EngineError::Failed("secret detail".into())),
                ),
                Script::Refuses => (
                    Vec::new(),
                    Err(EngineError::Invalid("no such thing".into())),
                ),
            };
            let mut written = 0;
            for bytes in tokens {
                if written == max_tokens {
                    end = Ok(FinishReason::Length);
                    break;
                }
                let pass = async {
                    if let Ok(permit) = gate.acquire().await {
                        permit.forget();
                    }
                };
                tokio::select! {
                    () = pass => {}
                    () = sender.closed() => return,
                }
                written += 1;
                if sender.send(Ok(token(&bytes, logprob))).await.is_err() {
                    return;
                }
            }
            let usage = Usage {
                prompt_tokens: 7,
                completion_tokens: written,
            };
            let end = end.map(|reason| Event::Finished { reason, usage });
            let _ = sender.send(end).await;
        });
        Ok(Generating {
            prompt_tokens: 7,
            events,
        })
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, EngineError> {
        Ok(text.len())
    }
}

struct Ready(Result<Arc<dyn Engine>, String>);

#[async_trait]
impl Loader for Ready {
    async fn load(&self) -> Result<Arc<dyn Engine>, String> {
        self.0.clone()
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
    /// Whether it understands more than its prompts.
    pub takes_instructions: bool,
    /// Those that the gateway knows.
    pub providers: Vec<Arc<Provider>>,
    /// The provider that runs `org/scripted`.
    pub provider: Option<&'static str>,
    /// Another model, `org/better`.
    pub better: Option<Arc<dyn Engine>>,
    /// A cache that it shares.
    pub shared: Option<Arc<SharedCache>>,
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
            takes_instructions: true,
            providers: Vec::new(),
            provider: None,
            better: None,
            shared: None,
        }
    }
}

fn extract_settings(options: &Options) -> ExtractSettings {
    let currency = Currency::Fixed("IDR".into());
    ExtractSettings {
        schemas: Schemas::load(Path::new("schemas"), "invoice", &currency).unwrap(),
        prompts: HashMap::from([("invoice".into(), "Read it.".into())]),
        any_prompt: "By the schema: {schema}".into(),
        readers: HashMap::new(),
        sampling: options.sampling.clone(),
        doubt: options.doubt.clone(),
        inline: InlineLimits {
            max_bytes: 1000,
            max_tokens: 100,
        },
        cache: CacheSettings {
            max_bytes: 1 << 20,
            time_to_live: Duration::from_mins(1),
        },
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
    ImageLoader::new(fetcher, bounds, metrics)
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
pub fn app(engine: Arc<dyn Engine>, options: Options) -> AppState {
    let settings = extract_settings(&options);
    let memory = Arc::new(Memory::new(MemorySettings {
        budget: options.memory_budget,
        min_residency: Duration::ZERO,
        wait: Duration::ZERO,
    }));
    let metrics = Arc::new(Metrics::default());
    let model = |id: &str, engine| {
        let settings = ModelSettings {
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
            provider: options
                .provider
                .filter(|_| id == "org/scripted")
                .map(Into::into),
            takes_instructions: options.takes_instructions || id != "org/scripted",
            fit: GridFit {
                trim: false,
                max_edge: 224,
                max_tokens: 64,
            },
        };
        let metrics = metrics.model(id);
        Model::new(settings, Box::new(Ready(engine)), memory.clone(), metrics)
    };
    let mut models = vec![
        model("org/scripted", Ok(engine)),
        model("broken", Err("its file x.safetensors is missing".into())),
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
    AppState::new(App {
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
        compiler: Compiler::new(CompilerSettings {
            timeout: Duration::from_secs(30),
            remembered: 10,
        }),
        chat: ChatSettings {
            max_tokens: 100,
            temperature: 0.0,
            max_choices: 4,
            max_images: 2,
            max_schema_bytes: 1 << 16,
            tools_prompt: "Functions:\n{tools}".into(),
            keep_alive: Duration::from_secs(10),
        },
        keys: Keys::new(api_key.into_iter().chain(options.keys), options.meters),
        server: ServerSettings {
            max_body_bytes: options.max_body_bytes,
            body_timeout: Duration::from_secs(5),
            admin: match options.admin_key {
                Some(key) => Access::Key(Some(key.into())),
                None => Access::Loopback,
            },
            metrics: options.metrics,
            cors_origins: options.cors_origins,
        },
        providers: options.providers,
        reloader: None,
        started: 1_700_000_000,
    })
}

/// A router to send requests to.
pub struct Gateway(pub Router);

impl Gateway {
    pub fn new(engine: Arc<dyn Engine>, options: Options) -> Self {
        Self(router(app(engine, options)))
    }

    pub fn scripted(script: Script) -> Self {
        Self::new(Scripted::new([script]), Options::default())
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.0.clone().oneshot(request).await.unwrap();
        Reply::read(response).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Reply {
        self.send(json_request(path, body)).await
    }

    pub async fn chat(&self, body: Value) -> Reply {
        self.post_json("/v1/chat/completions", &body).await
    }

    pub async fn extract(&self, picture: Bytes) -> Reply {
        self.send(form_request(&picture)).await
    }
}

pub fn json_request(path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

pub fn form_request(picture: &[u8]) -> Request<Body> {
    form("/extract", &[("r.png", picture)])
}

/// A form with a field `image` for each file.
pub fn form(path: &str, files: &[(&str, &[u8])]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"{name}\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap()
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Bytes,
}

impl Reply {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The `data:` of each server-sent event.
    pub fn events(&self) -> Vec<String> {
        let text = std::str::from_utf8(&self.body).unwrap();
        text.split("\n\n")
            .filter_map(|event| event.strip_prefix("data: ").map(ToOwned::to_owned))
            .collect()
    }
}

pub fn with_key(mut request: Request<Body>, secret: &str) -> Request<Body> {
    let value = format!("Bearer {secret}").parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, value);
    request
}

/// A small receipt-like picture; another for every `shade`.
pub fn png(shade: u8) -> Bytes {
    let picture = image::RgbImage::from_pixel(60, 90, image::Rgb([shade; 3]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner().into()
}

pub fn data_uri(picture: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("data:image/png;base64,{}", STANDARD.encode(picture))
}

/// The committed receipts and their paths.
pub fn receipts() -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<_> = std::fs::read_dir("tests/fixtures")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|e| ["png", "jpg", "webp"].iter().any(|x| e == *x))
        })
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect()
}

pub fn invoice() -> Value {
    json!({
        "vendor_name": "Toko", "invoice_number": null, "invoice_date": "2024-02-29",
        "due_date": null, "items": [], "subtotal": 10, "tax_rate_percent": 0, "tax_amount": 0,
        "discount": 0, "total_due": 10.5
    })
}

/// Pictures in what an engine was asked.
pub fn pictures(generation: &Generation) -> usize {
    let parts = generation
        .messages()
        .iter()
        .flat_map(|message| &message.parts);
    parts
        .filter(|part| matches!(part, Part::Picture(_)))
        .count()
}
