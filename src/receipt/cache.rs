//! Remembers extractions by what decides them, and runs the same one once however many ask.
//!
//! Behind what is kept here may lie a [`Tier`] that others fill too.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use crate::registry::Ticket;

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
    /// It was in this gateway's memory.
    Hit,
    /// It was in the cache that gateways share.
    HitShared,
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
            Self::HitShared => "hit-shared",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
            Self::Bypass => "bypass",
        }
    }
}

/// Counts since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStats {
    /// Answers found in memory.
    pub hits: u64,
    /// Answers found in the shared cache.
    pub shared_hits: u64,
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

/// Where one answer may lie beside memory.
#[async_trait]
pub trait Tier<V>: Send + Sync {
    /// The answer, if it is there. Never fails and never takes long.
    async fn find(&self) -> Option<V>;

    /// Takes a new answer in; whoever waits for that answer does not wait for this.
    fn keep(&self, answer: &V);
}

/// What a run comes to, and how.
type Outcome<V, E> = (Result<V, E>, Found);

type Run<V, E> = Shared<BoxFuture<'static, Outcome<V, E>>>;

/// Runs under way by key.
type Runs<K, V, E> = Mutex<HashMap<K, UnderWay<V, E>>>;

struct UnderWay<V, E> {
    number: u64,
    /// Of whoever began it, for a place on the model.
    ticket: Ticket,
    run: WeakShared<BoxFuture<'static, Outcome<V, E>>>,
}

#[derive(Default)]
struct Counts {
    begun: AtomicU64,
    hits: AtomicU64,
    shared_hits: AtomicU64,
    misses: AtomicU64,
    coalesced: AtomicU64,
    evictions: AtomicU64,
}

/// Answers by key, with runs in flight shared.
pub struct Cache<K, V, E> {
    answers: moka::future::Cache<K, V>,
    runs: Arc<Runs<K, V, E>>,
    counts: Arc<Counts>,
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
        let counts = Arc::new(Counts::default());
        let counted = counts.clone();
        Self {
            answers: moka::future::Cache::builder()
                .weigher(|_, answer: &V| answer.weight())
                .max_capacity(settings.max_bytes)
                .time_to_live(settings.time_to_live)
                .eviction_listener(move |_, _, cause| {
                    if cause.was_evicted() {
                        counted.evictions.fetch_add(1, Ordering::Relaxed);
                    }
                })
                .build(),
            runs: Arc::default(),
            counts,
        }
    }

    /// The answer for `key`: kept, on its way, in `tier`, or made by `run`. Faults are not kept. A
    /// run goes on for as long as anybody waits for it, whoever began it, and is dropped with the
    /// last; `ticket` is what it waits with, which those who join make as urgent as theirs.
    ///
    /// # Errors
    /// Those of the run.
    pub async fn get_or_run<F>(
        &self,
        key: K,
        tier: Option<Box<dyn Tier<V>>>,
        ticket: Ticket,
        run: impl FnOnce() -> F,
    ) -> Outcome<V, E>
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        if let Some(answer) = self.answers.get(&key).await {
            self.counts.hits.fetch_add(1, Ordering::Relaxed);
            return (Ok(answer), Found::Hit);
        }
        match self.join(&key, tier, ticket, run) {
            (run, true) => run.await,
            (run, false) => (run.await.0, Found::Coalesced),
        }
    }

    /// The run for `key`, and whether it began here.
    fn join<F>(
        &self,
        key: &K,
        tier: Option<Box<dyn Tier<V>>>,
        ticket: Ticket,
        run: impl FnOnce() -> F,
    ) -> (Run<V, E>, bool)
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = runs.get(key)
            && let Some(run) = under_way.run.upgrade()
        {
            self.counts.coalesced.fetch_add(1, Ordering::Relaxed);
            under_way.ticket.join(&ticket);
            return (run, false);
        }
        let (answers, counts) = (self.answers.clone(), self.counts.clone());
        let work = run();
        let number = counts.begun.fetch_add(1, Ordering::Relaxed);
        let done = Forget {
            runs: self.runs.clone(),
            key: key.clone(),
            number,
        };
        let run = async move {
            // Kept by a run that ended after whoever asks had looked there.
            if let Some(answer) = answers.get(&done.key).await {
                counts.hits.fetch_add(1, Ordering::Relaxed);
                return (Ok(answer), Found::Hit);
            }
            let there = match &tier {
                Some(tier) => tier.find().await,
                None => None,
            };
            let (answer, found) = if let Some(answer) = there {
                counts.shared_hits.fetch_add(1, Ordering::Relaxed);
                (Ok(answer), Found::HitShared)
            } else {
                counts.misses.fetch_add(1, Ordering::Relaxed);
                (work.await, Found::Miss)
            };
            if let Ok(answer) = &answer
                && answer.is_worth_keeping()
            {
                answers.insert(done.key.clone(), answer.clone()).await;
                if let (Some(tier), Found::Miss) = (&tier, found) {
                    tier.keep(answer);
                }
            }
            drop(done);
            (answer, found)
        }
        .boxed()
        .shared();
        if let Some(weak) = run.downgrade() {
            let under_way = UnderWay {
                number,
                ticket,
                run: weak,
            };
            runs.insert(key.clone(), under_way);
        }
        (run, true)
    }

    /// Counts since the start.
    pub fn stats(&self) -> CacheStats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CacheStats {
            hits: count(&self.counts.hits),
            shared_hits: count(&self.counts.shared_hits),
            misses: count(&self.counts.misses),
            coalesced: count(&self.counts.coalesced),
            evictions: count(&self.counts.evictions),
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
            .is_some_and(|under_way| under_way.number == self.number)
        {
            runs.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests;
