//! What a key has asked for of late. Own code, because tokens are counted after the fact and may lead
//! into debt, which the limiters that there are do not know.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::chat::Usage;

/// What limits count over.
const MINUTE: Duration = Duration::from_mins(1);

/// How much a key may ask for; what is left out is not limited.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyLimits {
    /// Requests in a minute, at most.
    pub requests_per_minute: Option<u32>,
    /// Tokens of prompts and answers in a minute, at most.
    pub tokens_per_minute: Option<u32>,
    /// Requests that run at once, at most.
    pub concurrency: Option<u32>,
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The limit, for a minute.
    pub limit: u32,
    /// How much could be asked for now.
    pub remaining: u32,
    /// Until all of it could be asked for again.
    pub reset: Duration,
}

/// A limit that leaves nothing for another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// That of requests; one would pass after so long.
    Requests {
        /// The limit, for a minute.
        limit: u32,
        /// When a request would pass.
        retry_after: Duration,
    },
    /// That of tokens; a request would pass after so long.
    Tokens {
        /// The limit, for a minute.
        limit: u32,
        /// When a request would pass.
        retry_after: Duration,
    },
    /// That of requests at once; one passes when another ends.
    Concurrency {
        /// The limit.
        limit: u32,
    },
}

/// A bucket that fills up within a minute, kept as the moment at which it is full: that moment needs no
/// upkeep, and stays true where the limit changes.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    full_at: Instant,
}

impl Bucket {
    fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Time in which one comes back.
    fn interval(limit: u32) -> Duration {
        MINUTE / limit.max(1)
    }

    /// Until there is one.
    fn wait(&self, limit: u32, now: Instant) -> Duration {
        let missing = self.full_at.saturating_duration_since(now);
        (missing + Self::interval(limit)).saturating_sub(MINUTE)
    }

    /// Takes `count`, whether they are there or not.
    fn take(&mut self, count: usize, limit: u32, now: Instant) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let missing = Self::interval(limit).saturating_mul(count);
        let full_at = self.full_at.max(now).checked_add(missing);
        self.full_at = full_at.unwrap_or(self.full_at);
    }

    fn allowance(&self, limit: u32, now: Instant) -> Allowance {
        let reset = self.full_at.saturating_duration_since(now);
        let left = MINUTE.saturating_sub(reset).as_nanos();
        let remaining = left / Self::interval(limit).as_nanos().max(1);
        Allowance {
            limit,
            remaining: u32::try_from(remaining).map_or(limit, |remaining| remaining.min(limit)),
            reset,
        }
    }
}

/// What one key has asked for.
#[derive(Debug)]
pub struct Meter(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    requests: Bucket,
    tokens: Bucket,
    running: u32,
}

impl Default for Meter {
    fn default() -> Self {
        let full = Bucket::full(Instant::now());
        Self(Mutex::new(Counts {
            requests: full,
            tokens: full,
            running: 0,
        }))
    }
}

impl Meter {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(self: &Arc<Self>, limits: &KeyLimits) -> Result<Pass, Spent> {
        let mut counts = self.counts();
        let now = Instant::now();
        if let Some(limit) = limits.concurrency
            && counts.running >= limit
        {
            return Err(Spent::Concurrency { limit });
        }
        if let Some(limit) = limits.tokens_per_minute {
            let retry_after = counts.tokens.wait(limit, now);
            if !retry_after.is_zero() {
                return Err(Spent::Tokens { limit, retry_after });
            }
        }
        if let Some(limit) = limits.requests_per_minute {
            let retry_after = counts.requests.wait(limit, now);
            if !retry_after.is_zero() {
                return Err(Spent::Requests { limit, retry_after });
            }
            counts.requests.take(1, limit, now);
        }
        counts.running += 1;
        Ok(Pass(self.clone()))
    }

    pub(super) fn charge(&self, limits: &KeyLimits, usage: Usage) {
        if let Some(limit) = limits.tokens_per_minute {
            let tokens = usage.prompt_tokens + usage.completion_tokens;
            self.counts().tokens.take(tokens, limit, Instant::now());
        }
    }

    pub(super) fn requests(&self, limits: &KeyLimits) -> Option<Allowance> {
        let limit = limits.requests_per_minute?;
        Some(self.counts().requests.allowance(limit, Instant::now()))
    }

    pub(super) fn tokens(&self, limits: &KeyLimits) -> Option<Allowance> {
        let limit = limits.tokens_per_minute?;
        Some(self.counts().tokens.allowance(limit, Instant::now()))
    }
}

/// Counts a request as running while it lives.
#[derive(Debug)]
pub struct Pass(Arc<Meter>);

impl Drop for Pass {
    fn drop(&mut self) {
        let mut counts = self.0.counts();
        counts.running = counts.running.saturating_sub(1);
    }
}

/// The meters of all keys by their names. They outlive a configuration, so that reading it anew does
/// not let anybody have more than the limits.
#[derive(Debug, Default)]
pub struct Meters(Mutex<HashMap<String, Arc<Meter>>>);

impl Meters {
    /// That of the key `name`; a new one where there is none.
    #[must_use]
    pub fn of(&self, name: &str) -> Arc<Meter> {
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        meters.entry(name.to_owned()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn tokens(prompt_tokens: usize, completion_tokens: usize) -> Usage {
        Usage {
            prompt_tokens,
            completion_tokens,
            cached_tokens: 0,
            writing: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_come_back_one_by_one() {
        let meter = Arc::new(Meter::default());
        let limits = KeyLimits {
            requests_per_minute: Some(7),
            ..KeyLimits::default()
        };
        for remaining in (0..7).rev() {
            meter.enter(&limits).unwrap();
            assert_eq!(meter.requests(&limits).unwrap().remaining, remaining);
        }
        let Err(Spent::Requests { limit, retry_after }) = meter.enter(&limits) else {
            panic!("the eighth passes");
        };
        assert_eq!(limit, 7);
        let short = Duration::from_millis(2);
        assert!(retry_after + short > MINUTE / 7);
        advance(retry_after.saturating_sub(short)).await;
        assert!(meter.enter(&limits).is_err());
        advance(short).await;
        meter.enter(&limits).unwrap();
        assert!(meter.enter(&limits).is_err());
        advance(MINUTE).await;
        let all = meter.requests(&limits).unwrap();
        assert_eq!((all.remaining, all.reset), (7, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_in_debt_waits() {
        let meter = Arc::new(Meter::default());
        let limits = KeyLimits {
            tokens_per_minute: Some(60),
            ..KeyLimits::default()
        };
        meter.enter(&limits).unwrap();
        meter.charge(&limits, tokens(100, 20));
        let left = meter.tokens(&limits).unwrap();
        assert_eq!((left.limit, left.remaining), (60, 0));
        assert_eq!(left.reset, Duration::from_mins(2));
        let retry_after = Duration::from_secs(61);
        let spent = meter.enter(&limits).unwrap_err();
        let limit = 60;
        assert_eq!(spent, Spent::Tokens { limit, retry_after });
        advance(retry_after).await;
        meter.enter(&limits).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_request_costs_nothing() {
        let meter = Arc::new(Meter::default());
        let limits = KeyLimits {
            requests_per_minute: Some(10),
            concurrency: Some(1),
            ..KeyLimits::default()
        };
        let pass = meter.enter(&limits).unwrap();
        let spent = meter.enter(&limits).unwrap_err();
        assert_eq!(spent, Spent::Concurrency { limit: 1 });
        assert_eq!(meter.requests(&limits).unwrap().remaining, 9);
        drop(pass);
        meter.enter(&limits).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_grows_counts_at_once() {
        let meter = Arc::new(Meter::default());
        let limits = |limit| KeyLimits {
            requests_per_minute: Some(limit),
            ..KeyLimits::default()
        };
        meter.enter(&limits(1)).unwrap();
        assert!(meter.enter(&limits(1)).is_err());
        advance(MINUTE / 2).await;
        assert_eq!(meter.requests(&limits(10)).unwrap().remaining, 5);
        meter.enter(&limits(10)).unwrap();
    }
}
