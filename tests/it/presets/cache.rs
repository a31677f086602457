//! Who shares an answer with whom.

use axum::http::{StatusCode, header};
use receipt_gateway::receipt::OnDoubt;
use serde_json::json;

use super::{ask, content, gateway, options, reads, with};
use crate::support::{Gateway, Options, Script, Scripted, invoice, json_request, png};

#[tokio::test]
async fn the_cache_is_shared_where_everything_agrees() {
    let (gateway, engine) = gateway(reads());
    let extracted = gateway.extract(png(1)).await;
    assert_eq!(extracted.header("x-cache"), "miss");
    let same = gateway.chat(ask("receipt", "Read it.")).await;
    assert_eq!(same.header("x-cache"), "hit");
    assert_eq!(content(&same), invoice());
    let by_suffix = gateway.chat(ask("org/scripted:invoice", "Read it.")).await;
    assert_eq!(by_suffix.header("x-cache"), "hit");
    assert_eq!(by_suffix.json()["model"], "org/scripted:invoice");
    assert_eq!(engine.times_asked(), 1);

    for other in [
        ask("receipt", "Read it well."),
        with("temperature", json!(0.5)),
    ] {
        assert_ne!(gateway.chat(other).await.header("x-cache"), "hit");
    }
    let mut fresh = json_request("/v1/chat/completions", &ask("receipt", "Read it."));
    let no_cache = "no-cache".parse().unwrap();
    fresh.headers_mut().insert(header::CACHE_CONTROL, no_cache);
    assert_eq!(gateway.send(fresh).await.header("x-cache"), "bypass");
    assert_eq!(engine.times_asked(), 4);
}

#[tokio::test]
async fn a_model_that_takes_no_instructions_is_told_its_own() {
    let engine = Scripted::new([reads()]);
    let options = Options {
        takes_instructions: false,
        ..options()
    };
    let gateway = Gateway::new(engine.clone(), options);
    let first = gateway.chat(ask("receipt", "What does it say?")).await;
    assert_eq!(content(&first), invoice());
    let second = gateway.chat(ask("receipt", "And now?")).await;
    assert_eq!(second.header("x-cache"), "hit");
    assert_eq!(gateway.extract(png(1)).await.header("x-cache"), "hit");
    let asked = engine.asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert!(format!("{:?}", asked[0].messages()).contains("Read it."));
}

#[tokio::test]
async fn who_may_be_told_other_words_shares_no_answer() {
    let doubtful = Script::Unsure(invoice().to_string(), -3.0);
    let (engine, better) = (Scripted::new([doubtful]), Scripted::new([reads()]));
    let mut escalating = Options {
        takes_instructions: false,
        better: Some(better.clone()),
        ..options()
    };
    escalating.doubt.on_doubt = OnDoubt::Escalate;
    escalating.doubt.escalate_to = vec!["org/better".into()];
    let gateway = Gateway::new(engine, escalating);
    for words in ["In French.", "In German.", "In German."] {
        assert_eq!(
            content(&gateway.chat(ask("receipt", words)).await),
            invoice()
        );
    }
    let asked = better.asked.lock().unwrap();
    let told: Vec<_> = asked
        .iter()
        .map(|asked| format!("{:?}", asked.messages()))
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("In French.") && told[1].contains("In German."));
}

#[tokio::test]
async fn a_stream_that_joins_another_run_waits_for_its_end() {
    let engine = Scripted::gated([Script::text("{}")]);
    let gateway = Gateway::new(engine.clone(), options());
    let first = tokio::spawn({
        let router = gateway.0.clone();
        async move { Gateway(router).chat(ask("receipt", "Read it.")).await }
    });
    engine.until_running().await;
    let second = tokio::spawn({
        let router = gateway.0.clone();
        async move { Gateway(router).chat(with("stream", json!(true))).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    engine.gate.close();
    assert_eq!(first.await.unwrap().status, StatusCode::BAD_GATEWAY);
    assert_eq!(second.await.unwrap().status, StatusCode::BAD_GATEWAY);
}
