//! `/metrics`: that it tells what happened, with labels that no client can make up, to those who may ask.

mod dashboard;
mod scrape;

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use receipt_gateway::app::Access;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Gateway, Options, Script, Scripted, eventually, invoice, json_request, png};
use scrape::scrape;

fn hello(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "Hello"}]})
}

const MODEL: (&str, &str) = ("model", "org/scripted");

#[tokio::test]
async fn requests_are_counted_with_the_status_that_they_got() {
    let gateway = Gateway::scripted(Script::text("Hi"));
    for (model, status) in [("org/scripted", 200), ("no-such", 404), ("broken", 503)] {
        assert_eq!(gateway.chat(hello(model)).await.status, status);
    }
    let no_json = Request::post("/v1/chat/completions")
        .header("content-type", "application/json")
        .body(Body::from("{"));
    assert_eq!(gateway.send(no_json.unwrap()).await.status, 400);

    let after = scrape(&gateway).await;
    let route = ("route", "/v1/chat/completions");
    for status in ["200", "400", "404", "503"] {
        let labels = [route, ("method", "POST"), ("status", status)];
        assert_eq!(after.get("http_requests_total", &labels), 1.0, "{status}");
    }
    let durations = after.get("http_request_duration_seconds_count", &[route]);
    assert_eq!(durations, 4.0);
    // The scrape itself.
    assert_eq!(after.get("http_requests_in_flight", &[]), 1.0);
}

#[tokio::test]
async fn a_stream_lasts_until_its_body_is_dropped() {
    let engine = Scripted::gated([Script::text("Hi")]);
    let gateway = Gateway::new(engine, Options::default());
    let mut body = hello("org/scripted");
    body["stream"] = json!(true);
    let request = json_request("/v1/chat/completions", &body);
    let response = gateway.0.clone().oneshot(request).await.unwrap();
    let labels = [("route", "/v1/chat/completions"), ("status", "200")];

    let during = scrape(&gateway).await;
    assert_eq!(during.get("http_requests_in_flight", &[]), 2.0);
    assert_eq!(during.get("http_requests_total", &labels), 0.0);
    drop(response);
    let after = scrape(&gateway).await;
    assert_eq!(after.get("http_requests_in_flight", &[]), 1.0);
    assert_eq!(after.get("http_requests_total", &labels), 1.0);
}

#[tokio::test]
async fn clients_cannot_make_up_labels() {
    let gateway = Gateway::scripted(Script::text("Hi"));
    gateway.chat(hello("org/scripted")).await;
    let before = scrape(&gateway).await.0.len();
    for n in 0..20 {
        gateway.get(&format!("/nowhere/{n}")).await;
        gateway.get(&format!("/v1/models/made-up-{n}")).await;
        gateway.chat(hello(&format!("made-up-{n}"))).await;
        let request = Request::builder().method(&*format!("MAKE{n}"));
        let request = request.uri("/health").body(Body::empty()).unwrap();
        gateway.send(request).await;
    }
    let after = scrape(&gateway).await;
    assert_eq!(
        after.get("http_requests_total", &[("route", "-"), ("status", "404")]),
        20.0
    );
    let odd = [("method", "OTHER"), ("route", "/health")];
    assert_eq!(after.get("http_requests_total", &odd), 20.0);
    assert_eq!(
        after.values("model"),
        BTreeSet::from(["broken", "org/scripted"])
    );
    let text = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(" ");
    let labels = text(after.values("route")) + &text(after.values("method"));
    assert!(
        !labels.contains("made-up") && !labels.contains("MAKE"),
        "{labels}"
    );
    // A histogram of some 18 series for each of three new routes, and their counters.
    assert!(after.0.len() < before + 80, "{before} {}", after.0.len());
}

#[tokio::test]
async fn generations_and_their_tokens_are_counted() {
    let scripts = [
        Script::text("Hi"),
        Script::text("A stop. More"),
        Script::Fails,
        Script::CutShort("abc"),
    ];
    let gateway = Gateway::new(Scripted::new(scripts), Options::default());
    gateway.chat(hello("org/scripted")).await;
    let mut stopped = hello("org/scripted");
    stopped["stop"] = json!(".");
    gateway.chat(stopped).await;
    assert_eq!(gateway.chat(hello("org/scripted")).await.status, 502);
    gateway.chat(hello("org/scripted")).await;
    gateway.chat(hello("broken")).await;

    let after = scrape(&gateway).await;
    for (end, times) in [
        ("stop", 2.0),
        ("error", 1.0),
        ("length", 1.0),
        ("abandoned", 0.0),
    ] {
        let labels = [MODEL, ("end", end)];
        assert_eq!(after.get("generations_total", &labels), times, "{end}");
    }
    assert_eq!(after.get("prompt_tokens_total", &[MODEL]), 28.0);
    // "Hi", "A stop.", one before the fault, "abc"; a token may be read ahead of the stop.
    let written = after.get("completion_tokens_total", &[MODEL]);
    assert_eq!(written, 13.0);
    for (name, times) in [
        ("generation_queue_seconds_count", 4.0),
        ("generation_first_token_seconds_count", 4.0),
        ("generation_output_token_seconds_count", 3.0),
        ("generation_duration_seconds_count", 3.0),
        ("model_load_duration_seconds_count", 1.0),
        ("model_loads_total", 1.0),
        ("generations_running", 0.0),
    ] {
        assert_eq!(after.get(name, &[MODEL]), times, "{name}");
    }
    for (model, state) in [("org/scripted", "ready"), ("broken", "failed")] {
        let model = ("model", model);
        assert_eq!(after.get("model_state", &[model]), 1.0);
        assert_eq!(after.get("model_state", &[model, ("state", state)]), 1.0);
    }
    let broken = [("model", "broken")];
    assert_eq!(after.get("model_load_failures_total", &broken), 1.0);
}

#[tokio::test]
async fn the_queue_and_who_it_turns_away_are_told() {
    let engine = Scripted::gated([Script::text("Hi")]);
    let options = Options {
        concurrency: 1,
        queue_length: 1,
        ..Options::default()
    };
    let gateway = Gateway::new(engine, options);
    let mut body = hello("org/scripted");
    body["stream"] = json!(true);
    let ask = || {
        let request = json_request("/v1/chat/completions", &body);
        tokio::spawn(gateway.0.clone().oneshot(request))
    };
    let holds = ask().await.unwrap().unwrap();
    let waits = ask();
    eventually(async || scrape(&gateway).await.get("generations_waiting", &[MODEL]) >= 1.0).await;
    assert_eq!(ask().await.unwrap().unwrap().status(), 429);
    let during = scrape(&gateway).await;
    assert_eq!(during.get("generations_running", &[MODEL]), 1.0);
    assert_eq!(during.get("generations_refused_total", &[MODEL]), 1.0);
    drop(holds);
    waits.abort();
    assert!(waits.await.is_err());
}

#[tokio::test]
async fn receipts_pictures_and_the_cache_are_counted() {
    let mut adds_up = invoice();
    adds_up["total_due"] = json!(10);
    let scripts = [
        Script::text(&adds_up.to_string()),
        Script::text(&invoice().to_string()),
        Script::CutShort("{"),
    ];
    let gateway = Gateway::new(Scripted::new(scripts), Options::default());
    let before = scrape(&gateway).await;
    for (shade, status) in [(1, 200), (1, 200), (2, 200), (3, 502)] {
        assert_eq!(gateway.extract(png(shade)).await.status, status, "{shade}");
    }
    let after = scrape(&gateway).await;
    let grown =
        |name: &str, labels: &[(&str, &str)]| after.get(name, labels) - before.get(name, labels);
    for (outcome, times) in [("ok", 1.0), ("doubtful", 1.0), ("error", 1.0)] {
        let labels = [MODEL, ("outcome", outcome)];
        assert_eq!(grown("receipts_total", &labels), times, "{outcome}");
    }
    let first = [MODEL, ("reason", "first")];
    assert_eq!(grown("receipt_attempts_total", &first), 3.0);
    for (result, times) in [
        ("hit", 1.0),
        ("hit-shared", 0.0),
        ("miss", 3.0),
        ("coalesced", 0.0),
    ] {
        let labels = [("result", result)];
        assert_eq!(grown("cache_lookups_total", &labels), times, "{result}");
    }
    for (stage, times) in [
        ("download", 0.0),
        ("decode", 3.0),
        ("prepare", 3.0),
        ("text", 0.0),
    ] {
        let labels = [("stage", stage)];
        let name = "image_stage_duration_seconds_count";
        assert_eq!(grown(name, &labels), times, "{stage}");
    }
}

#[tokio::test]
async fn those_may_read_them_who_are_let() {
    let far = |gateway: Gateway, key: &'static str| async move {
        let request = Request::get("/metrics").header("authorization", key);
        gateway.send(request.body(Body::empty()).unwrap()).await
    };
    let gateway = |metrics| {
        let options = Options {
            metrics,
            api_key: Some("other"),
            ..Options::default()
        };
        Gateway::new(Scripted::new([Script::text("x")]), options)
    };
    let key = || Access::Key(Some("secret".into()));
    for (access, sent, status) in [
        (Access::Open, "", StatusCode::OK),
        (Access::Off, "", StatusCode::NOT_FOUND),
        (Access::Loopback, "Bearer other", StatusCode::FORBIDDEN),
        (key(), "", StatusCode::UNAUTHORIZED),
        (key(), "Bearer other", StatusCode::UNAUTHORIZED),
        (key(), "Bearer secret", StatusCode::OK),
    ] {
        let reply = far(gateway(access.clone()), sent).await;
        assert_eq!(reply.status, status, "{access:?} {sent}");
        assert!(status.is_success() || reply.json()["error"].is_string());
    }
}
