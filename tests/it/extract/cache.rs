//! Answers from memory, and runs that requests share.

use std::sync::Arc;

use axum::http::{StatusCode, header};

use super::raw;
use crate::support::{Gateway, Options, Script, Scripted, form_request, invoice, png};

#[tokio::test]
async fn the_same_picture_is_answered_from_memory() {
    let engine = Scripted::new([Script::text(&invoice().to_string())]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    assert_eq!(gateway.extract(png(1)).await.header("x-cache"), "miss");
    let again = gateway.send(raw("image/png", png(1))).await;
    assert_eq!((again.header("x-cache"), again.json()), ("hit", invoice()));
    assert_eq!(gateway.extract(png(2)).await.header("x-cache"), "miss");
    let mut fresh = form_request(&png(1));
    fresh.headers_mut().insert(
        header::CACHE_CONTROL,
        "max-age=0, no-cache".parse().unwrap(),
    );
    assert_eq!(gateway.send(fresh).await.header("x-cache"), "bypass");
    assert_eq!(engine.times_asked(), 3);
}

#[tokio::test]
async fn a_fault_is_not_remembered() {
    let engine = Scripted::new([Script::Fails, Script::text(&invoice().to_string())]);
    let gateway = Gateway::new(engine, Options::default());
    assert_eq!(
        gateway.extract(png(1)).await.status,
        StatusCode::BAD_GATEWAY
    );
    assert_eq!(gateway.extract(png(1)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn above_temperature_0_only_a_seed_makes_an_answer_worth_keeping() {
    for (seed, expected) in [(None, "bypass"), (Some(5), "hit")] {
        let mut options = Options::default();
        options.sampling.temperature = 0.5;
        options.sampling.seed = seed;
        let engine = Scripted::new([Script::text(&invoice().to_string())]);
        let gateway = Gateway::new(engine, options);
        gateway.extract(png(1)).await;
        assert_eq!(gateway.extract(png(1)).await.header("x-cache"), expected);
    }
}

#[tokio::test]
async fn twenty_at_once_run_the_model_once() {
    let engine = Scripted::gated([Script::text(&invoice().to_string())]);
    let gateway = Arc::new(Gateway::new(engine.clone(), Options::default()));
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let gateway = gateway.clone();
            tokio::spawn(async move { gateway.extract(png(1)).await })
        })
        .collect();
    engine.until_running().await;
    engine.gate.close();
    let mut found = Vec::new();
    for reply in waiting {
        let reply = reply.await.unwrap();
        assert_eq!(reply.json(), invoice());
        found.push(reply.header("x-cache").to_owned());
    }
    assert_eq!(engine.times_asked(), 1);
    assert_eq!(
        found.iter().filter(|found| *found == "miss").count(),
        1,
        "{found:?}"
    );
}
