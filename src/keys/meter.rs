//! Counts of a key's recent requests and tokens, and what it has spent. The code is our own because tokens are counted
//! after the fact and may lead into debt, which existing rate limiters do not support.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::Utc;
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::spending::{Ledger, Spending};
use crate::generation::Usage;

/// Period of the limits.
const MINUTE: Duration = Duration::from_mins(1);

/// Limits of a key; `None` for no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyLimits {
    /// Most requests in a minute.
    pub requests_per_minute: Option<u32>,
    /// Most tokens of prompts and answers in a minute.
    pub tokens_per_minute: Option<u32>,
    /// Most requests that run at once.
    pub concurrency: Option<u32>,
}

/// The remainder of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The limit per minute.
    pub limit: u32,
    /// Amount that may be used now.
    pub remaining: u32,
    /// Time until the whole limit is available again.
    pub reset: Duration,
}

/// A limit that is used up, so that a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// The limit of requests.
    Requests {
        /// The limit per minute.
        limit: u32,
        /// Time until a request would be admitted.
        retry_after: Duration,
    },
    /// The limit of tokens.
    Tokens {
        /// The limit per minute.
        limit: u32,
        /// Time until a request would be admitted.
        retry_after: Duration,
    },
    /// The limit of concurrent requests; a request is admitted when another ends.
    Concurrency {
        /// The limit.
        limit: u32,
    },
}

/// A token bucket that fills up within a minute, stored as the time at which it is full. That time
/// needs no updates, and stays right when the limit changes.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    full_at: Instant,
}

impl Bucket {
    fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Returns the time in which one unit is refilled.
    fn interval(limit: u32) -> Duration {
        MINUTE / limit.max(1)
    }

    /// Returns the time until one unit is available.
    fn wait(&self, limit: u32, now: Instant) -> Duration {
        let missing = self.full_at.saturating_duration_since(now);
        (missing + Self::interval(limit)).saturating_sub(MINUTE)
    }

    /// Takes `count` units, into debt if there are fewer.
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

/// Counts of one key's requests, tokens and costs.
#[derive(Debug)]
pub struct Meter(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    requests: Bucket,
    tokens: Bucket,
    running: u32,
    ledger: Ledger,
}

impl Default for Meter {
    fn default() -> Self {
        let full = Bucket::full(Instant::now());
        Self(Mutex::new(Counts {
            requests: full,
            tokens: full,
            running: 0,
            ledger: Ledger::default(),
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

    pub(super) fn spend(&self, amount: Decimal) {
        let today = Utc::now().date_naive();
        self.counts().ledger.add(amount, today);
    }

    pub(super) fn spending(&self) -> Spending {
        self.counts().ledger.on(Utc::now().date_naive())
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

/// A permit for one running request, which counts until it is dropped.
#[derive(Debug)]
pub struct Pass(Arc<Meter>);

impl Drop for Pass {
    fn drop(&mut self) {
        let mut counts = self.0.counts();
        counts.running = counts.running.saturating_sub(1);
    }
}

/// The meters of all keys by name. They outlive a configuration, so that reloading it does not
/// reset what was used.
#[derive(Debug, Default)]
pub struct Meters(Mutex<HashMap<String, Arc<Meter>>>);

impl Meters {
    /// Returns the meter of the key called `name`, creating it if necessary.
    #[must_use]
    pub fn of(&self, name: &str) -> Arc<Meter> {
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        meters.entry(name.to_owned()).or_default().clone()
    }

    /// Returns what all keys have spent, those too that the configuration no longer has.
    #[must_use]
    pub fn spending(&self) -> Spending {
        let meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spending = meters.values().map(|meter| meter.spending());
        spending.fold(Spending::default(), Spending::and)
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
            ..Usage::default()
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
