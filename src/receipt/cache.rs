//! Remembers extractions by what decides them, and runs the same one once however many ask.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

/// Bounds of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSettings {
    /// Bytes of all answers together; 0 turns the cache off.
    pub max_bytes: u64,
    /// How long an answer is kept.
    pub time_to_live: Duration,
}

/// How an answer was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It was in the cache.
    Hit,
    /// It was run for this request.
    Miss,
    /// It was run for another request that asked the same at the same time.
    Coalesced,
    /// The request, or the settings, asked for none of that.
    Bypass,
}

impl Found {
    /// The value of the `x-cache` header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
            Self::Bypass => "bypass",
        }
    }
}

/// Counts since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStats {
    /// Answers found.
    pub hits: u64,
    /// Answers run.
    pub misses: u64,
    /// Requests that joined the run of another.
    pub coalesced: u64,
    /// Answers dropped for room or age.
    pub evictions: u64,
    /// Answers held.
    pub entries: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// What a cached answer costs.
pub trait Weigh {
    /// Bytes in memory, about.
    fn weight(&self) -> u32;

    /// Whether the same request will get the same answer.
    fn is_worth_keeping(&self) -> bool {
        true
    }
}

type Run<V, E> = Shared<BoxFuture<'static, Result<V, E>>>;

/// Runs under way by key, each with its number.
type Runs<K, V, E> = Mutex<HashMap<K, (u64, WeakShared<BoxFuture<'static, Result<V, E>>>)>>;

/// Answers by key, with runs in flight shared.
pub struct Cache<K, V, E> {
    answers: moka::future::Cache<K, V>,
    runs: Arc<Runs<K, V, E>>,
    hits: AtomicU64,
    misses: AtomicU64,
    coalesced: AtomicU64,
    evictions: Arc<AtomicU64>,
}

impl<K, V, E> Cache<K, V, E>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// An empty cache.
    #[must_use]
    pub fn new(settings: CacheSettings) -> Self {
        let evictions = Arc::new(AtomicU64::new(0));
        let evicted = evictions.clone();
        Self {
            answers: moka::future::Cache::builder()
                .weigher(|_, answer: &V| answer.weight())
                .max_capacity(settings.max_bytes)
                .time_to_live(settings.time_to_live)
                .eviction_listener(move |_, _, cause| {
                    if cause.was_evicted() {
                        evicted.fetch_add(1, Ordering::Relaxed);
                    }
                })
                .build(),
            runs: Arc::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            coalesced: AtomicU64::new(0),
            evictions,
        }
    }

    /// The answer for `key`: kept, on its way, or made by `run`. Faults are not kept. A run goes
    /// on for as long as anybody waits for it, whoever began it, and is dropped with the last.
    ///
    /// # Errors
    /// Those of the run.
    pub async fn get_or_run<F>(&self, key: K, run: impl FnOnce() -> F) -> (Result<V, E>, Found)
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        if let Some(answer) = self.answers.get(&key).await {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return (Ok(answer), Found::Hit);
        }
        let (run, found) = self.join(&key, run);
        (run.await, found)
    }

    fn join<F>(&self, key: &K, run: impl FnOnce() -> F) -> (Run<V, E>, Found)
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = runs.get(key).and_then(|(_, run)| run.upgrade()) {
            self.coalesced.fetch_add(1, Ordering::Relaxed);
            return (running, Found::Coalesced);
        }
        let answers = self.answers.clone();
        let work = run();
        let number = self.misses.fetch_add(1, Ordering::Relaxed);
        let done = Forget {
            runs: self.runs.clone(),
            key: key.clone(),
            number,
        };
        let run = async move {
            let answer = work.await;
            if let Ok(answer) = &answer
                && answer.is_worth_keeping()
            {
                answers.insert(done.key.clone(), answer.clone()).await;
            }
            drop(done);
            answer
        }
        .boxed()
        .shared();
        if let Some(weak) = run.downgrade() {
            runs.insert(key.clone(), (number, weak));
        }
        (run, Found::Miss)
    }

    /// Counts since the start.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            coalesced: self.coalesced.load(Ordering::Relaxed),
            evictions: self.evictions.load(Ordering::Relaxed),
            entries: self.answers.entry_count(),
            bytes: self.answers.weighted_size(),
        }
    }
}

/// Takes a run off the list when it is over or dropped.
struct Forget<K: Hash + Eq, V, E> {
    runs: Arc<Runs<K, V, E>>,
    key: K,
    number: u64,
}

impl<K: Hash + Eq, V, E> Drop for Forget<K, V, E> {
    fn drop(&mut self) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        // A run that was dropped may have been replaced by now.
        if runs
            .get(&self.key)
            .is_some_and(|(number, _)| *number == self.number)
        {
            runs.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Notify;

    use super::*;

    impl Weigh for String {
        fn weight(&self) -> u32 {
            u32::try_from(self.len()).unwrap()
        }
    }

    fn cache(max_bytes: u64) -> Arc<Cache<u32, String, String>> {
        Arc::new(Cache::new(CacheSettings {
            max_bytes,
            time_to_live: Duration::from_mins(1),
        }))
    }

    #[tokio::test]
    async fn an_answer_is_kept_and_a_fault_is_not() {
        let cache = cache(1000);
        let fault = cache.get_or_run(1, || async { Err("no".to_owned()) }).await;
        assert_eq!(fault, (Err("no".to_owned()), Found::Miss));
        let made = cache.get_or_run(1, || async { Ok("a".to_owned()) }).await;
        assert_eq!(made, (Ok("a".to_owned()), Found::Miss));
        let kept = cache.get_or_run(1, || async { Ok("b".to_owned()) }).await;
        assert_eq!(kept, (Ok("a".to_owned()), Found::Hit));
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.coalesced), (1, 2, 0));
        assert!(cache.runs.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_run_outlives_the_one_who_began_it() {
        let cache = cache(1000);
        let (runs, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let ask = || {
            let (cache, runs, go) = (cache.clone(), runs.clone(), go.clone());
            tokio::spawn(async move {
                let run = || async move {
                    runs.fetch_add(1, Ordering::SeqCst);
                    go.notified().await;
                    Ok("a".to_owned())
                };
                cache.get_or_run(7, run).await
            })
        };
        let first = ask();
        while runs.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (0..20).map(|_| ask()).collect();
        while cache.stats().coalesced < 20 {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.is_err());
        go.notify_one();
        for other in others {
            assert_eq!(other.await.unwrap(), (Ok("a".to_owned()), Found::Coalesced));
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_run_that_nobody_waits_for_is_dropped() {
        struct Dropped(Arc<AtomicUsize>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let cache = cache(1000);
        let dropped = Arc::new(AtomicUsize::new(0));
        let ask = || {
            let (cache, guard) = (cache.clone(), Dropped(dropped.clone()));
            tokio::spawn(async move {
                let run = || async move {
                    let _guard = guard;
                    std::future::pending().await
                };
                cache.get_or_run(7, run).await
            })
        };
        let (first, second) = (ask(), ask());
        while cache.stats().coalesced == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.is_err());
        assert_eq!(cache.runs.lock().unwrap().len(), 1);
        second.abort();
        assert!(second.await.is_err());
        assert_eq!(dropped.load(Ordering::SeqCst), 2);
        assert!(cache.runs.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn its_size_is_bounded() {
        let cache = cache(100);
        for key in 0..20 {
            let answer = "x".repeat(10);
            let _ = cache.get_or_run(key, || async { Ok(answer) }).await;
        }
        cache.answers.run_pending_tasks().await;
        let stats = cache.stats();
        assert!(stats.bytes <= 100, "{stats:?}");
        assert_eq!(stats.evictions + stats.entries, 20, "{stats:?}");
    }
}
