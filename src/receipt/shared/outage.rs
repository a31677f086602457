//! Outages of a store: after a failure it is tried once after a pause, which doubles with each
//! failed try.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The first pause, and the longest to which it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Permission for one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admittance {
    /// The store was working.
    Well,
    /// The store was failing; the operation is a try.
    Try,
}

/// The state of a store: working, or out for a pause.
#[derive(Debug, Default)]
pub struct Outage(Mutex<Option<Pause>>);

#[derive(Debug)]
struct Pause {
    until: Instant,
    lasts: Duration,
}

impl Outage {
    /// Returns a ticket if the store may be used now. A try without a reported outcome is repeated
    /// after a pause.
    pub fn admit(&self) -> Option<Admittance> {
        let now = Instant::now();
        match &mut *self.pause() {
            None => Some(Admittance::Well),
            Some(pause) if now >= pause.until => {
                pause.until = now + pause.lasts;
                Some(Admittance::Try)
            }
            Some(_) => None,
        }
    }

    /// Records a success, and returns whether it ends an outage. An operation that began before the
    /// outage does not.
    pub fn succeeded(&self, ticket: Admittance) -> bool {
        ticket == Admittance::Try && self.pause().take().is_some()
    }

    /// Records a failure, and returns whether it begins an outage.
    pub fn failed(&self, ticket: Admittance) -> bool {
        let mut pause = self.pause();
        let lasts = match (&*pause, ticket) {
            (None, _) => FIRST_PAUSE,
            (Some(pause), Admittance::Try) => (pause.lasts * 2).min(LONGEST_PAUSE),
            // The operation was in flight when the outage began.
            (Some(_), Admittance::Well) => return false,
        };
        let until = Instant::now() + lasts;
        pause.replace(Pause { until, lasts }).is_none()
    }

    fn pause(&self) -> std::sync::MutexGuard<'_, Option<Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_doubles_up_to_the_longest_and_lets_one_try_through() {
        let outage = Outage::default();
        assert_eq!(outage.admit(), Some(Admittance::Well));
        assert!(outage.failed(Admittance::Well));
        assert!(!outage.failed(Admittance::Well), "one outage is one");
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            advance(Duration::from_millis(seconds * 1000 - 1)).await;
            assert_eq!(outage.admit(), None, "after {seconds} s");
            advance(Duration::from_millis(1)).await;
            assert_eq!(outage.admit(), Some(Admittance::Try));
            assert_eq!(outage.admit(), None, "one at a time");
            assert!(!outage.failed(Admittance::Try));
        }
        advance(LONGEST_PAUSE).await;
        assert!(!outage.succeeded(Admittance::Well), "it was sent before");
        assert_eq!(outage.admit(), Some(Admittance::Try));
        assert!(outage.succeeded(Admittance::Try));
        assert!(!outage.succeeded(Admittance::Well));
        assert_eq!(outage.admit(), Some(Admittance::Well));
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_try_is_repeated() {
        let outage = Outage::default();
        outage.failed(Admittance::Well);
        advance(FIRST_PAUSE).await;
        assert_eq!(outage.admit(), Some(Admittance::Try));
        advance(FIRST_PAUSE).await;
        assert_eq!(outage.admit(), Some(Admittance::Try));
    }
}
