use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::{Notify, mpsc};

use super::*;
use crate::{
    engine::{EngineError, Generating, ModelInfo},
    generation::{Event, FinishReason, Grammar, Logprobs, Message, Prompt, Role, Sampling, Usage},
    image::GridFit,
    metrics::Metrics,
    registry::{AdmissionSettings, Loader, MemorySettings, ModelSettings, Reads, Shared},
};

/// An engine that gives an empty answer after a pause, and counts its instances.
struct Quiet(ModelInfo, Arc<AtomicUsize>);

impl Drop for Quiet {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Engine for Quiet {
    fn info(&self) -> &ModelInfo {
        &self.0
    }

    async fn generate(&self, _: Generation) -> Result<Generating, EngineError> {
        let (sender, events) = mpsc::channel(1);
        let reason = FinishReason::Stop;
        let usage = Usage::default();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = sender.send(Ok(Event::Finished { reason, usage })).await;
        });
        let prompt_tokens = 1;
        Ok(Generating {
            prompt_tokens,
            events: events.into(),
        })
    }

    async fn count_tokens(&self, _: &str) -> Result<usize, EngineError> {
        Ok(1)
    }
}

/// Loads after a permit or a pause, and fails the first few times.
struct Slow {
    go: Arc<Notify>,
    waits: bool,
    failures: AtomicU64,
    alive: Arc<AtomicUsize>,
    of: Option<Shared>,
}

#[async_trait]
impl Loader for Slow {
    fn shared(&self) -> Option<Shared> {
        self.of.clone()
    }

    fn progress(&self) -> Option<LoadProgress> {
        Some(LoadProgress {
            read: 421_999,
            total: 1_000_000,
        })
    }

    async fn load(&self) -> Result<Arc<dyn Engine>, LoadError> {
        if self.waits {
            self.go.notified().await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let left = self.failures.load(Ordering::SeqCst);
        if left > 0 {
            self.failures.store(left - 1, Ordering::SeqCst);
            return Err(LoadError::new("a file is missing"));
        }
        self.alive.fetch_add(1, Ordering::SeqCst);
        let info = ModelInfo {
            context_length: 100,
            vision: None,
            device: "cpu".to_owned(),
            quantisation: None,
        };
        Ok(Arc::new(Quiet(info, self.alive.clone())))
    }
}

#[derive(Clone)]
struct House {
    memory: Arc<Memory>,
    alive: Arc<AtomicUsize>,
    go: Arc<Notify>,
}

impl House {
    fn new(budget: Option<u64>) -> Self {
        let memory = Memory::new(MemorySettings {
            budget,
            min_residency: Duration::from_secs(5),
            wait: Duration::from_mins(1),
        });
        Self {
            memory: Arc::new(memory),
            alive: Arc::default(),
            go: Arc::default(),
        }
    }

    fn model(&self, id: &str, waits: bool, failures: u64, pinned: bool) -> Arc<Model> {
        self.model_of(None, id, waits, failures, pinned)
    }

    fn model_of(
        &self,
        of: Option<Shared>,
        id: &str,
        waits: bool,
        failures: u64,
        pinned: bool,
    ) -> Arc<Model> {
        let settings = ModelSettings {
            id: id.to_owned(),
            owner: String::new(),
            weights: String::new(),
            notice: None,
            admission: AdmissionSettings {
                concurrency: 8,
                queue_length: 100,
                queue_wait: Duration::from_mins(1),
            },
            lifecycle: LifecycleSettings {
                load_wait: Duration::from_mins(2),
                time_to_live: Some(Duration::from_secs(10)),
                pinned,
                bytes: Some(10),
            },
            deadline: Duration::from_mins(1),
            takes_instructions: true,
            reads: Reads::default(),
            provider: None,
            prices: None,
            keeps_prompts: false,
            fit: GridFit {
                trim: false,
                max_edge: 56,
                max_tokens: 4,
            },
        };
        let loader = Slow {
            go: self.go.clone(),
            waits,
            failures: AtomicU64::new(failures),
            alive: self.alive.clone(),
            of,
        };
        let metrics = Metrics::default().model(id);
        Arc::new(Model::new(
            settings,
            Box::new(loader),
            self.memory.clone(),
            metrics,
        ))
    }

    fn alive(&self) -> usize {
        self.alive.load(Ordering::SeqCst)
    }
}

fn hello() -> Generation {
    Generation {
        prompt: Prompt::Chat(vec![Message::text(Role::User, "Hello")]),
        sampling: Sampling::greedy(),
        max_tokens: 1,
        grammar: Grammar::Free,
        logprobs: Logprobs::All,
        top_logprobs: 0,
        tools: None,
    }
}

async fn until(model: &Model, stage: ModelStage) {
    while model.status().stage != stage {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_requests_share_one_load_that_outlives_them() {
    let house = House::new(None);
    let model = house.model("a", true, 0, false);
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let model = model.clone();
            tokio::spawn(async move { model.lease().await.map(drop) })
        })
        .collect();
    until(&model, ModelStage::Loading).await;
    for asking in &asking[..10] {
        asking.abort();
    }
    house.go.notify_one();
    for asking in asking.into_iter().skip(10) {
        assert!(asking.await.unwrap().is_ok());
    }
    let status = model.status();
    assert_eq!((status.loads, status.users, house.alive()), (1, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_failure_says_why_and_is_tried_again_after_a_growing_pause() {
    let house = House::new(None);
    let (model, other) = (
        house.model("a", false, 3, false),
        house.model("b", false, 0, false),
    );
    for pause in [1, 2, 4] {
        let error = model.lease().await.unwrap_err();
        assert!(error.to_string().contains("a file is missing"), "{error}");
        let status = model.status();
        assert_eq!(status.stage, ModelStage::Failed);
        assert!(status.retry_in.unwrap() <= Duration::from_secs(pause));
        // No load is tried before the pause is over.
        assert!(model.lease().await.is_err());
        tokio::time::sleep(Duration::from_millis(pause * 1000 - 100)).await;
        assert!(model.lease().await.is_err());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(other.lease().await.is_ok());
    assert!(model.lease().await.is_ok());
    assert_eq!(model.status().failure, None);
}

#[tokio::test(start_paused = true)]
async fn unloading_a_failed_model_allows_a_new_try_at_once() {
    let model = House::new(None).model("a", false, 1, false);
    assert!(model.lease().await.is_err());
    model.unload();
    assert!(model.lease().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_model_in_use_is_unloaded_after_its_last_user() {
    let house = House::new(None);
    let model = house.model("a", false, 0, false);
    let lease = model.lease().await.unwrap();
    model.unload();
    assert_eq!(model.status().stage, ModelStage::Draining);
    // A request that comes now loads it again.
    let next = tokio::spawn({
        let model = model.clone();
        async move { model.lease().await.map(drop) }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((house.alive(), model.status().loads), (1, 1));
    drop(lease);
    assert!(next.await.unwrap().is_ok());
    assert_eq!((house.alive(), model.status().loads), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_idle_model_is_unloaded_unless_it_is_pinned() {
    let house = House::new(None);
    let (model, pinned) = (
        house.model("a", false, 0, false),
        house.model("b", false, 0, true),
    );
    let time_to_live = model.settings().lifecycle.time_to_live.unwrap();
    drop((model.lease().await.unwrap(), pinned.lease().await.unwrap()));
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert!(!model.slot.sweep(time_to_live));
    let lease = model.lease().await.unwrap();
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(!model.slot.sweep(time_to_live), "it is in use");
    drop(lease);
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert!(model.slot.sweep(time_to_live) && !pinned.slot.sweep(time_to_live));
    assert_eq!(
        (model.status().stage, house.alive()),
        (ModelStage::Unloaded, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn models_that_share_memory_count_once_and_leave_together() {
    let house = House::new(Some(15));
    let one: Shared = Arc::new("one file");
    let of_one = |id| house.model_of(Some(one.clone()), id, false, 0, false);
    let (a, b) = (of_one("a"), of_one("b"));
    let other = house.model_of(Some(Arc::new("one file")), "c", false, 0, false);
    drop((a.lease().await.unwrap(), b.lease().await.unwrap()));
    assert_eq!(house.memory.used(), 10);
    a.unload();
    assert_eq!(house.memory.used(), 10);
    drop(a.lease().await.unwrap());
    // While one of them is in use, unloading the other would free nothing.
    let lease = b.lease().await.unwrap();
    let waiting = tokio::spawn({
        let other = other.clone();
        async move { other.lease().await.map(drop) }
    });
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(!waiting.is_finished());
    drop(lease);
    waiting.await.unwrap().unwrap();
    let stages = [&a, &b, &other].map(|model| model.status().stage);
    assert_eq!(
        stages,
        [
            ModelStage::Unloaded,
            ModelStage::Unloaded,
            ModelStage::Ready
        ]
    );
    assert_eq!(house.memory.used(), 10);
}

#[tokio::test(start_paused = true)]
async fn the_progress_of_a_load_is_known() {
    let house = House::new(None);
    let model = house.model("a", true, 0, false);
    assert_eq!(model.status().progress, None);
    let asking = tokio::spawn({
        let model = model.clone();
        async move { model.lease().await.map(drop) }
    });
    until(&model, ModelStage::Loading).await;
    let progress = model.status().progress.unwrap();
    assert_eq!((progress.read, progress.total), (421_999, 1_000_000));
    assert!((progress.share() - 0.421).abs() < 1e-9);
    house.go.notify_one();
    asking.await.unwrap().unwrap();
    assert_eq!(model.status().progress, None);
}

#[tokio::test(start_paused = true)]
async fn two_models_share_the_room_of_one() {
    let house = House::new(Some(15));
    let models = [
        house.model("a", false, 0, false),
        house.model("b", false, 0, false),
    ];
    let clients: Vec<_> = (0..8)
        .map(|client: usize| {
            let (models, alive) = (models.clone(), house.alive.clone());
            tokio::spawn(async move {
                for request in 0..25 {
                    let model = &models[(client + request) % 2];
                    let answer = model.generate(hello(), &Ticket::default()).await.unwrap();
                    // During the generation this engine exists, and the other model's does not.
                    assert_eq!(alive.load(Ordering::SeqCst), 1);
                    answer.complete().await.unwrap();
                }
            })
        })
        .collect();
    let started = Instant::now();
    for client in clients {
        client.await.unwrap();
    }
    let loads: u64 = models.iter().map(|model| model.status().loads).sum();
    // Each stays for at least five seconds.
    let most = started.elapsed().as_secs() / 5 + 2;
    assert!((2..=most).contains(&loads), "{loads} loads, {most} at most");
    println!("200 requests, {loads} loads in {:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_model_may_find_no_room() {
    let house = House::new(Some(15));
    let pinned = house.model("a", false, 0, true);
    let lease = pinned.lease().await.unwrap();
    let other = house.model("b", false, 0, false);
    let error = other.lease().await.unwrap_err();
    assert!(error.to_string().contains("no room"), "{error}");
    drop(lease);
    let small = House::new(Some(5)).model("c", false, 0, false);
    let error = small.lease().await.unwrap_err();
    assert!(error.to_string().contains("budget_bytes"), "{error}");
}
