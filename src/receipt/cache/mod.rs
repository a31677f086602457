//! Caches extractions by their inputs, and shares one run between concurrent requests for the same
//! extraction.
//!
//! A further [`Tier`], which other gateways fill too, may lie behind this cache.

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

/// Limits of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSettings {
    /// Most bytes of all answers together; 0 turns the cache off.
    pub max_bytes: u64,
    /// Time for which an answer is kept.
    pub time_to_live: Duration,
}

/// The way an answer was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheOutcome {
    /// Found in this gateway's memory.
    Hit,
    /// Found in the cache that gateways share.
    HitShared,
    /// Run for this request.
    Miss,
    /// Run for a concurrent request with the same inputs.
    Coalesced,
    /// Run without the cache, as the request or the settings ask.
    Bypass,
}

impl CacheOutcome {
    /// Returns the value of the `x-cache` header.
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

/// Counts since the start, and the current size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStats {
    /// Answers found in memory.
    pub hits: u64,
    /// Answers found in the shared cache.
    pub shared_hits: u64,
    /// Answers that were run.
    pub misses: u64,
    /// Requests that joined the run of another request.
    pub coalesced: u64,
    /// Answers dropped for room or age.
    pub evictions: u64,
    /// Answers held.
    pub entries: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// Cost and worth of a cached answer.
pub trait Weigh {
    /// Returns the approximate bytes in memory.
    fn weight(&self) -> u32;

    /// Returns whether the same request would get the same answer.
    fn is_worth_keeping(&self) -> bool {
        true
    }
}

/// A place beside memory where one answer may be stored.
#[async_trait]
pub trait Tier<V>: Send + Sync {
    /// Returns the answer, if it is there. Never fails and never takes long.
    async fn find(&self) -> Option<V>;

    /// Stores a new answer, in the background.
    fn keep(&self, answer: &V);
}

/// The result of a run, and the way it was obtained.
type Outcome<V, E> = (Result<V, E>, CacheOutcome);

type Run<V, E> = Shared<BoxFuture<'static, Outcome<V, E>>>;

/// Runs in flight by key.
type Runs<K, V, E> = Mutex<HashMap<K, UnderWay<V, E>>>;

struct UnderWay<V, E> {
    number: u64,
    /// Ticket of the request that began the run, for a place on the model.
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

/// Answers by key, and the shared runs in flight.
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
    /// Creates an empty cache.
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

    /// Returns the answer for `key`: from memory, from a run in flight, from `tier`, or from `run`.
    /// Errors are not cached. A run goes on while any request waits for it, and is dropped with the
    /// last one. It waits with `ticket`, which becomes as urgent as the most urgent request that
    /// joins.
    ///
    /// # Errors
    /// The errors of the run.
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
            return (Ok(answer), CacheOutcome::Hit);
        }
        match self.join(&key, tier, ticket, run) {
            (run, true) => run.await,
            (run, false) => (run.await.0, CacheOutcome::Coalesced),
        }
    }

    /// Returns the run for `key`, and whether this call began it.
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
            // A run may have ended after the caller looked into the cache.
            if let Some(answer) = answers.get(&done.key).await {
                counts.hits.fetch_add(1, Ordering::Relaxed);
                return (Ok(answer), CacheOutcome::Hit);
            }
            let there = match &tier {
                Some(tier) => tier.find().await,
                None => None,
            };
            let (answer, found) = if let Some(answer) = there {
                counts.shared_hits.fetch_add(1, Ordering::Relaxed);
                (Ok(answer), CacheOutcome::HitShared)
            } else {
                counts.misses.fetch_add(1, Ordering::Relaxed);
                (work.await, CacheOutcome::Miss)
            };
            if let Ok(answer) = &answer
                && answer.is_worth_keeping()
            {
                answers.insert(done.key.clone(), answer.clone()).await;
                if let (Some(tier), CacheOutcome::Miss) = (&tier, found) {
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

    /// Returns the counts since the start, and the current size.
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

/// Removes a run from the list when it has ended or was dropped.
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
