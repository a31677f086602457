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
    let fault = cache
        .get_or_run(1, None, Ticket::default(), || async {
            Err("no".to_owned())
        })
        .await;
    assert_eq!(fault, (Err("no".to_owned()), CacheOutcome::Miss));
    let made = cache
        .get_or_run(1, None, Ticket::default(), || async { Ok("a".to_owned()) })
        .await;
    assert_eq!(made, (Ok("a".to_owned()), CacheOutcome::Miss));
    let kept = cache
        .get_or_run(1, None, Ticket::default(), || async { Ok("b".to_owned()) })
        .await;
    assert_eq!(kept, (Ok("a".to_owned()), CacheOutcome::Hit));
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.coalesced), (1, 2, 0));
    assert!(cache.runs.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_cached_after_the_lookup_is_not_run_again() {
    let cache = cache(1000);
    // At the point where a request has found nothing in memory and is about to look for a run.
    let ask = |text: &'static str| {
        cache.join(&1, None, Ticket::default(), || async {
            Ok(text.to_owned())
        })
    };
    let (first, _) = ask("a");
    assert_eq!(first.await, (Ok("a".to_owned()), CacheOutcome::Miss));
    let (second, began) = ask("b");
    assert!(began, "the first has ended");
    assert_eq!(second.await, (Ok("a".to_owned()), CacheOutcome::Hit));
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses), (1, 1));
    assert!(cache.runs.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_run_outlives_the_request_that_began_it() {
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
            cache.get_or_run(7, None, Ticket::default(), run).await
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
        assert_eq!(
            other.await.unwrap(),
            (Ok("a".to_owned()), CacheOutcome::Coalesced)
        );
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_run_without_waiting_requests_is_dropped() {
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
            cache.get_or_run(7, None, Ticket::default(), run).await
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
        let _ = cache
            .get_or_run(key, None, Ticket::default(), || async { Ok(answer) })
            .await;
    }
    cache.answers.run_pending_tasks().await;
    let stats = cache.stats();
    assert!(stats.bytes <= 100, "{stats:?}");
    assert_eq!(stats.evictions + stats.entries, 20, "{stats:?}");
}

/// A tier that holds one answer and records the answers it is given.
struct Held(Option<String>, Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Tier<String> for Held {
    async fn find(&self) -> Option<String> {
        self.0.clone()
    }

    fn keep(&self, answer: &String) {
        self.1.lock().unwrap().push(answer.clone());
    }
}

#[tokio::test]
async fn a_tier_is_asked_before_a_run_and_fills_memory() {
    let (cache, kept) = (cache(1000), Arc::default());
    let tier = |held: Option<&str>| -> Option<Box<dyn Tier<String>>> {
        Some(Box::new(Held(
            held.map(ToOwned::to_owned),
            Arc::clone(&kept),
        )))
    };
    let no_run = || async { Err("it was run".to_owned()) };
    let found = cache
        .get_or_run(1, tier(Some("a")), Ticket::default(), no_run)
        .await;
    assert_eq!(found, (Ok("a".to_owned()), CacheOutcome::HitShared));
    let found = cache
        .get_or_run(1, tier(None), Ticket::default(), no_run)
        .await;
    assert_eq!(found, (Ok("a".to_owned()), CacheOutcome::Hit));
    assert_eq!(*kept.lock().unwrap(), [""; 0], "it has that already");
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.shared_hits, stats.misses), (1, 1, 0));
}

#[tokio::test]
async fn a_tier_stores_answers_and_not_errors() {
    let (cache, kept) = (cache(1000), Arc::default());
    let tier =
        || -> Option<Box<dyn Tier<String>>> { Some(Box::new(Held(None, Arc::clone(&kept)))) };
    let fault = cache.get_or_run(1, tier(), Ticket::default(), || async {
        Err("no".to_owned())
    });
    assert_eq!(fault.await.1, CacheOutcome::Miss);
    let made = cache.get_or_run(1, tier(), Ticket::default(), || async {
        Ok("b".to_owned())
    });
    assert_eq!(made.await.1, CacheOutcome::Miss);
    assert_eq!(*kept.lock().unwrap(), ["b"]);
    assert_eq!(cache.stats().misses, 2);
}

#[tokio::test]
async fn requests_that_join_a_lookup_share_its_result() {
    struct Slow(Arc<Notify>);
    #[async_trait]
    impl Tier<String> for Slow {
        async fn find(&self) -> Option<String> {
            self.0.notified().await;
            Some("a".to_owned())
        }

        fn keep(&self, _: &String) {}
    }
    let (cache, go) = (cache(1000), Arc::new(Notify::new()));
    let ask = || {
        let tier: Box<dyn Tier<String>> = Box::new(Slow(go.clone()));
        cache.get_or_run(1, Some(tier), Ticket::default(), || async {
            Err("it was run".to_owned())
        })
    };
    let (first, second, ()) = futures::join!(ask(), ask(), async { go.notify_one() });
    assert_eq!(first, (Ok("a".to_owned()), CacheOutcome::HitShared));
    assert_eq!(second, (Ok("a".to_owned()), CacheOutcome::Coalesced));
}
