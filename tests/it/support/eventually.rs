//! Waits for a state that no event reports.

use std::time::{Duration, Instant};

/// Time after which a test fails that waits in vain.
const LIMIT: Duration = Duration::from_secs(30);

/// Asks for a state until it is so. The limit is in real time, since some tests stop tokio's clock.
pub async fn eventually(is_so: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < LIMIT, "it is not so after {LIMIT:?}");
        tokio::task::yield_now().await;
    }
}
