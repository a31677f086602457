//! How long the model runs for a receipt, and who gets no place on it.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use tower::ServiceExt;

use super::assert_fault;
use crate::support::{Gateway, Options, Script, Scripted, form_request, invoice, png};

#[tokio::test]
async fn a_client_that_leaves_ends_the_run() {
    let engine = Scripted::gated([Script::text(&invoice().to_string())]);
    let gateway = Gateway::new(
        engine.clone(),
        Options {
            concurrency: 1,
            ..Options::default()
        },
    );
    let request = gateway.0.clone().oneshot(form_request(&png(1)));
    let request = tokio::spawn(request);
    engine.until_running().await;
    request.abort();
    engine.until_idle().await;
    engine.gate.close();
    assert_eq!(gateway.extract(png(2)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_full_house_says_when_to_come_back() {
    let engine = Scripted::gated([Script::text(&invoice().to_string())]);
    let options = Options {
        concurrency: 1,
        queue_length: 0,
        ..Options::default()
    };
    let gateway = Arc::new(Gateway::new(engine.clone(), options));
    let first = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.extract(png(1)).await }
    });
    engine.until_running().await;
    let refused = gateway.extract(png(2)).await;
    assert_fault(&refused, StatusCode::TOO_MANY_REQUESTS, "overloaded");
    assert_eq!(refused.header("retry-after"), "1");
    engine.gate.close();
    assert_eq!(first.await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn a_model_that_does_not_end_is_given_up() {
    let engine = Scripted::gated([Script::text("{}")]);
    let options = Options {
        deadline: Duration::from_millis(50),
        ..Options::default()
    };
    let gateway = Gateway::new(engine.clone(), options);
    let reply = gateway.extract(png(1)).await;
    assert_fault(&reply, StatusCode::GATEWAY_TIMEOUT, "deadline_exceeded");
    engine.until_idle().await;
}
