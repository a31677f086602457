//! Two gateways that share a cache, and what they do without it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::body::Bytes;
use receipt_gateway::receipt::{SharedCache, SharedSettings, SharedStore, StoreError};
use tokio::sync::Notify;

use crate::support::{Gateway, Options, Script, Scripted, invoice, png};

/// A store in memory.
#[derive(Default)]
struct Store {
    held: Mutex<HashMap<Vec<u8>, Bytes>>,
    written: Notify,
    /// Instead of an answer.
    fault: Option<Fault>,
}

enum Fault {
    Fails,
    Hangs,
    /// Whatever is asked for.
    Holds(&'static str),
}

#[async_trait]
impl SharedStore for Store {
    async fn get(&self, key: &[u8], _: usize) -> Result<Option<Bytes>, StoreError> {
        match self.fault {
            Some(Fault::Fails) => Err(StoreError::Failed("secret detail".into())),
            Some(Fault::Hangs) => std::future::pending().await,
            Some(Fault::Holds(text)) => Ok(Some(text.into())),
            None => Ok(self.held.lock().unwrap().get(key).cloned()),
        }
    }

    async fn put(&self, key: &[u8], value: Bytes, _: Duration) -> Result<(), StoreError> {
        self.held.lock().unwrap().insert(key.to_vec(), value);
        self.written.notify_one();
        Ok(())
    }
}

/// A gateway with an engine and a memory of its own.
fn gateway(store: &Arc<Store>) -> (Gateway, Arc<Scripted>) {
    let settings = SharedSettings {
        prefix: "p:".into(),
        timeout: Duration::from_millis(100),
        max_value_bytes: 1 << 16,
        time_to_live: Duration::from_mins(1),
        max_writes: 8,
    };
    let engine = Scripted::new([Script::text(&invoice().to_string())]);
    let options = Options {
        shared: Some(Arc::new(SharedCache::new(store.clone(), settings))),
        ..Options::default()
    };
    (Gateway::new(engine.clone(), options), engine)
}

#[tokio::test]
async fn what_one_has_read_another_answers() {
    let store = Arc::new(Store::default());
    let ((one, _), (other, engine)) = (gateway(&store), gateway(&store));
    let read = one.extract(png(1)).await;
    assert_eq!(read.header("x-cache"), "miss");
    store.written.notified().await;
    let shared = other.extract(png(1)).await;
    assert_eq!(shared.header("x-cache"), "hit-shared");
    assert_eq!(shared.body, read.body);
    assert_eq!(other.extract(png(1)).await.header("x-cache"), "hit");
    assert_eq!(engine.times_asked(), 0);
    assert_eq!(other.extract(png(2)).await.header("x-cache"), "miss");
}

#[tokio::test(start_paused = true)]
async fn without_the_shared_cache_all_is_read_here() {
    for fault in [Fault::Fails, Fault::Hangs, Fault::Holds("garbage")] {
        let store = Arc::new(Store {
            fault: Some(fault),
            ..Store::default()
        });
        let (gateway, engine) = gateway(&store);
        let read = gateway.extract(png(1)).await;
        assert_eq!((read.header("x-cache"), read.json()), ("miss", invoice()));
        assert_eq!(gateway.extract(png(1)).await.header("x-cache"), "hit");
        assert_eq!(engine.times_asked(), 1);
    }
}
