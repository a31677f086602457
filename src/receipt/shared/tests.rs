use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{sync::Notify, time::advance};

use super::*;
use crate::receipt::{Grounding, GroundingOutcome};

/// A store with scripted behaviour.
#[derive(Default)]
struct Fake {
    asked: AtomicUsize,
    mood: Mutex<Mood>,
    written: Mutex<Vec<(Vec<u8>, Bytes, Duration)>>,
    wrote: Notify,
}

#[derive(Default, Clone, Copy)]
enum Mood {
    #[default]
    Well,
    Failing,
    Hanging,
    /// Refuses writes.
    Full,
}

impl Fake {
    async fn act(&self) -> Result<(), StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Well | Mood::Full => Ok(()),
            Mood::Failing => Err(StoreError::Failed("no".to_owned())),
            Mood::Hanging => std::future::pending().await,
        }
    }

    fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn times_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl SharedStore for Fake {
    async fn get(&self, key: &[u8], _: usize) -> Result<Option<Bytes>, StoreError> {
        self.act().await?;
        let written = self.written.lock().unwrap();
        let found = written.iter().rev().find(|(written, ..)| written == key);
        Ok(found.map(|(_, value, _)| value.clone()))
    }

    async fn put(&self, key: &[u8], value: Bytes, ttl: Duration) -> Result<(), StoreError> {
        self.act().await?;
        if matches!(*self.mood.lock().unwrap(), Mood::Full) {
            return Err(StoreError::Refused("full".to_owned()));
        }
        self.written
            .lock()
            .unwrap()
            .push((key.to_vec(), value, ttl));
        self.wrote.notify_one();
        Ok(())
    }
}

const TIMEOUT: Duration = Duration::from_millis(100);

fn cache(store: &Arc<Fake>) -> SharedCache {
    let settings = SharedSettings {
        prefix: "p:".to_owned(),
        timeout: TIMEOUT,
        max_value_bytes: 10_000,
        time_to_live: Duration::from_mins(1),
        max_writes: 1,
    };
    SharedCache::new(store.clone(), settings)
}

#[tokio::test(start_paused = true)]
async fn a_store_that_failed_is_left_alone_for_a_while() {
    let store = Arc::new(Fake::default());
    let cache = cache(&store);
    cache.put("k", "v".into()).await;
    assert_eq!(cache.get("k").await, Some("v".into()));
    store.be(Mood::Failing);
    for _ in 0..10 {
        assert_eq!(cache.get("k").await, None);
    }
    assert_eq!(
        store.times_asked(),
        3,
        "one failed, and the rest were not sent"
    );
    store.be(Mood::Well);
    assert_eq!(cache.get("k").await, None);
    advance(Duration::from_secs(1)).await;
    assert_eq!(cache.get("k").await, Some("v".into()));
    assert_eq!(cache.get("k").await, Some("v".into()));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_costs_one_timeout() {
    let store = Arc::new(Fake::default());
    store.be(Mood::Hanging);
    let (cache, started) = (cache(&store), tokio::time::Instant::now());
    for _ in 0..10 {
        assert_eq!(cache.get("k").await, None);
    }
    assert_eq!(started.elapsed(), TIMEOUT);
    assert_eq!(store.times_asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_full_can_still_be_read() {
    let store = Arc::new(Fake::default());
    let cache = cache(&store);
    cache.put("k", "v".into()).await;
    store.be(Mood::Full);
    for _ in 0..10 {
        cache.put("k", "w".into()).await;
    }
    assert_eq!(store.times_asked(), 2, "one was refused, the rest not sent");
    assert_eq!(cache.get("k").await, Some("v".into()));
    store.be(Mood::Well);
    cache.put("k", "w".into()).await;
    assert_eq!(cache.get("k").await, Some("v".into()));
    advance(Duration::from_secs(1)).await;
    cache.put("k", "w".into()).await;
    cache.put("k", "x".into()).await;
    assert_eq!(cache.get("k").await, Some("x".into()));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_a_write_is_not_read_either() {
    let store = Arc::new(Fake::default());
    let cache = cache(&store);
    store.be(Mood::Full);
    cache.put("k", "v".into()).await;
    advance(Duration::from_secs(1)).await;
    store.be(Mood::Failing);
    cache.put("k", "v".into()).await;
    assert_eq!(cache.get("k").await, None);
    assert_eq!(store.times_asked(), 2, "reading was not sent");
}

#[tokio::test(start_paused = true)]
async fn a_refused_write_ends_no_outage() {
    let store = Arc::new(Fake::default());
    let cache = cache(&store);
    store.be(Mood::Failing);
    assert_eq!(cache.get("k").await, None);
    advance(Duration::from_secs(1)).await;
    store.be(Mood::Full);
    cache.put("k", "v".into()).await;
    assert_eq!(cache.get("k").await, None);
    assert_eq!(store.times_asked(), 2, "reading was not sent");
    advance(Duration::from_secs(1)).await;
    cache.get("k").await;
    assert_eq!(store.times_asked(), 3, "and is tried after one more pause");
}

fn schema() -> ReceiptSchema {
    let limits = crate::receipt::InlineLimits {
        max_bytes: 1000,
        max_tokens: 100,
    };
    ReceiptSchema::inline(serde_json::json!({"type": "object"}), limits).unwrap()
}

fn reading(text: &str) -> Reading {
    Reading {
        receipt: crate::receipt::CheckedReceipt::stated(
            &serde_json::from_str(text).unwrap(),
            &schema(),
        )
        .unwrap(),
        report: Arc::new(crate::receipt::Report {
            model: "m".to_owned(),
            schema: schema().name().to_owned(),
            source: crate::receipt::ReadingSource::Model { passed_over: None },
            pages: 1,
            blank_pages: Vec::new(),
            image_tokens: 1,
            read_as: crate::receipt::ReadAs::Pictures,
            fields: Vec::new(),
            evidence: Vec::new(),
            text: Vec::new(),
            codes: Vec::new(),
            grounding: GroundingOutcome::as_wanted(Grounding::Report),
            is_by_rows: false,
            weighed: Vec::new(),
            checks: Vec::new(),
            attempts: Vec::new(),
            usage: crate::generation::Usage::default(),
            timings: crate::receipt::Timings::default(),
        }),
    }
}

#[tokio::test(start_paused = true)]
async fn a_stored_reading_is_found_by_another_gateway() {
    let store = Arc::new(Fake::default());
    let (one, other) = (Arc::new(cache(&store)), Arc::new(cache(&store)));
    let key = [7; 32];
    assert!(other.place(&key, &schema()).find().await.is_none());
    one.place(&key, &schema())
        .keep(&reading(r#"{"b":1,"a":2.50}"#));
    store.wrote.notified().await;
    let found = other.place(&key, &schema()).find().await.unwrap();
    assert_eq!(found.receipt.as_json().to_string(), r#"{"b":1,"a":2.5}"#);
    let (written, _, time_to_live) = store.written.lock().unwrap()[0].clone();
    let written = String::from_utf8(written).unwrap();
    assert_eq!(written, format!("p:v7:{}", "07".repeat(32)));
    assert_eq!(time_to_live, Duration::from_mins(1));
}

#[tokio::test(start_paused = true)]
async fn garbage_is_a_miss_and_no_outage() {
    let store = Arc::new(Fake::default());
    let (cache, key) = (Arc::new(cache(&store)), [7; 32]);
    cache
        .put(&format!("p:v7:{}", "07".repeat(32)), "garbage".into())
        .await;
    assert!(cache.place(&key, &schema()).find().await.is_none());
    assert!(cache.place(&key, &schema()).find().await.is_none());
    assert_eq!(store.times_asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn writes_are_bounded_in_number_and_size() {
    let store = Arc::new(Fake::default());
    let (cache, key) = (Arc::new(cache(&store)), [7; 32]);
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(10_000));
    cache.place(&key, &schema()).keep(&reading(&large));
    assert_eq!(
        cache.writes.available_permits(),
        1,
        "it is too large to be sent"
    );
    cache.place(&key, &schema()).keep(&reading("{}"));
    cache.place(&key, &schema()).keep(&reading("{}"));
    let all_done = cache.writes.acquire().await.unwrap();
    assert_eq!(store.times_asked(), 1, "the second had no place");
    drop(all_done);
}
