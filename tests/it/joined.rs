//! Requests that ask the same at the same time and share a run.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, Request},
};
use receipt_gateway::{
    app::App,
    http::router,
    keys::{KeyLimits, KeySettings},
};
use tokio::task::JoinHandle;

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, app, eventually, form_request, invoice, key, png,
    with_key,
};

/// A gateway, and the state behind it.
struct Watched {
    gateway: Arc<Gateway>,
    app: Arc<App>,
}

impl Watched {
    fn new(engine: Arc<Scripted>, options: Options) -> Self {
        let app = app(engine, options);
        let gateway = Arc::new(Gateway(router(app.clone())));
        Self { gateway, app }
    }

    fn send(&self, request: Request<Body>) -> JoinHandle<Reply> {
        let gateway = self.gateway.clone();
        tokio::spawn(async move { gateway.send(request).await })
    }

    /// Until so many wait for the model.
    async fn until_waiting(&self, count: usize) {
        let model = self.app.registry.default_model();
        eventually(async || model.admission().waiting() >= count).await;
    }

    /// Until so many have joined the run of another.
    async fn until_joined(&self, count: u64) {
        eventually(async || self.app.extractor.cache_stats().coalesced >= count).await;
    }
}

fn that_can_wait(mut request: Request<Body>) -> Request<Body> {
    let value = HeaderValue::from_static("u=5");
    request.headers_mut().insert("priority", value);
    request
}

/// What an engine answers that tells its answers apart.
fn signed(vendor: &str) -> Script {
    let mut invoice = invoice();
    invoice["vendor_name"] = vendor.into();
    Script::text(&invoice.to_string())
}

#[tokio::test]
async fn a_run_that_somebody_urgent_joins_does_not_wait_behind_batches() {
    let engine = Scripted::gated(["first", "second", "third"].map(signed));
    let options = Options {
        concurrency: 1,
        ..Options::default()
    };
    let watched = Watched::new(engine.clone(), options);
    let first = watched.send(form_request(&png(1)));
    engine.until_running().await;
    let before = watched.send(that_can_wait(form_request(&png(2))));
    watched.until_waiting(1).await;
    let joined = watched.send(that_can_wait(form_request(&png(3))));
    watched.until_waiting(2).await;
    let urgent = watched.send(form_request(&png(3)));
    watched.until_joined(1).await;
    engine.gate.close();
    for (sent, expected) in [
        (first, "first"),
        (urgent, "second"),
        (joined, "second"),
        (before, "third"),
    ] {
        assert_eq!(sent.await.unwrap().json()["vendor_name"], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_began_a_run_pays_for_it_though_they_left() {
    const LIMIT: usize = 1000;
    let engine = Scripted::gated([Script::text(&invoice().to_string())]);
    let limited = |name| KeySettings {
        limits: KeyLimits {
            tokens_per_minute: Some(LIMIT as u32),
            ..KeyLimits::default()
        },
        ..key(name, name)
    };
    let options = Options {
        keys: vec![limited("began"), limited("joined")],
        ..Options::default()
    };
    let watched = Watched::new(engine.clone(), options);
    let ask = |secret| watched.send(with_key(form_request(&png(1)), secret));
    let began = ask("began");
    engine.until_running().await;
    let joined = ask("joined");
    watched.until_joined(1).await;
    began.abort();
    assert!(began.await.is_err());
    engine.gate.close();
    assert_eq!(joined.await.unwrap().header("x-cache"), "coalesced");
    let spent = 7 + invoice().to_string().chars().count();
    for (secret, left) in [("began", LIMIT - spent), ("joined", LIMIT)] {
        let reply = ask(secret).await.unwrap();
        assert_eq!(reply.header("x-cache"), "hit");
        let told = reply.header("x-ratelimit-remaining-tokens");
        assert_eq!(told, left.to_string(), "{secret}");
    }
}
