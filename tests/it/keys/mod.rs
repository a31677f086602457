//! The keys of clients: what each may use, how much it may ask for, and what it is told of that.

mod scope;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use futures::StreamExt;
use receipt_gateway::keys::{KeyLimits, KeySettings, Meters};
use serde_json::json;
use tower::ServiceExt;

use crate::support::{
    Gateway, Options, Script, Scripted, form_request, invoice, json_request, key, png, with_key,
};

fn limited(limits: KeyLimits) -> Options {
    Options {
        keys: vec![KeySettings {
            limits,
            ..key("till", "secret")
        }],
        ..Options::default()
    }
}

fn answering(options: Options) -> Gateway {
    Gateway::new(Scripted::new([Script::text("Hello")]), options)
}

fn chat(model: &str, secret: &str) -> Request<Body> {
    let body = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]});
    with_key(json_request("/v1/chat/completions", &body), secret)
}

#[tokio::test]
async fn any_of_the_keys_opens_and_no_other() {
    let gateway = answering(Options {
        api_key: Some("old"),
        keys: vec![key("a", "first"), key("b", "second")],
        ..Options::default()
    });
    for (secret, status) in [
        ("old", 200),
        ("first", 200),
        ("second", 200),
        ("third", 401),
        ("", 401),
    ] {
        assert_eq!(
            gateway.send(chat("", secret)).await.status,
            status,
            "{secret}"
        );
    }
    let nothing = gateway.chat(json!({"messages": []})).await;
    assert_eq!(nothing.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nothing.json()["error"]["code"], "invalid_api_key");
    assert_eq!(nothing.header("www-authenticate"), "Bearer");
    assert_eq!(gateway.get("/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn keys_with_admin_open_the_administration() {
    let gateway = answering(Options {
        admin_key: Some("admin"),
        keys: vec![
            KeySettings {
                admin: true,
                ..key("a", "chief")
            },
            key("b", "clerk"),
        ],
        ..Options::default()
    });
    for (secret, status) in [("admin", 200), ("chief", 200), ("clerk", 401), ("", 401)] {
        let mut request = Request::get("/admin/models").body(Body::empty()).unwrap();
        let far: SocketAddr = "192.168.0.7:5000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(far));
        let reply = gateway.send(with_key(request, secret)).await;
        assert_eq!(reply.status, status, "{secret}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_limited_and_say_when_to_come_back() {
    let gateway = answering(limited(KeyLimits {
        requests_per_minute: Some(2),
        ..KeyLimits::default()
    }));
    let first = gateway.send(chat("", "secret")).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.header("x-ratelimit-limit-requests"), "2");
    assert_eq!(first.header("x-ratelimit-remaining-requests"), "1");
    assert_eq!(first.header("x-ratelimit-reset-requests"), "30s");
    assert_eq!(first.header("x-ratelimit-limit-tokens"), "");
    let unknown = gateway.send(chat("none", "secret")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.header("x-ratelimit-remaining-requests"), "0");
    let third = gateway.send(chat("", "secret")).await;
    assert_eq!(third.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(third.json()["error"]["code"], "rate_limit_exceeded");
    assert_eq!(third.header("x-ratelimit-reset-requests"), "1m0s");
    let wait: u64 = third.header("retry-after").parse().unwrap();
    assert_eq!(wait, 30);
    tokio::time::advance(Duration::from_secs(wait)).await;
    assert_eq!(
        gateway.send(chat("", "secret")).await.status,
        StatusCode::OK
    );
}

#[tokio::test(start_paused = true)]
async fn tokens_are_counted_once_they_are_known() {
    let gateway = answering(limited(KeyLimits {
        tokens_per_minute: Some(10),
        ..KeyLimits::default()
    }));
    // 7 of the prompt and 5 of the answer.
    let reply = gateway.send(chat("", "secret")).await;
    assert_eq!(reply.json()["usage"]["total_tokens"], 12);
    assert_eq!(reply.header("x-ratelimit-limit-tokens"), "10");
    assert_eq!(reply.header("x-ratelimit-remaining-tokens"), "0");
    assert_eq!(reply.header("x-ratelimit-reset-tokens"), "1m12s");
    let refused = gateway.send(chat("", "secret")).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "18");
}

#[tokio::test(start_paused = true)]
async fn a_receipt_costs_its_tokens_and_one_from_memory_none() {
    let engine = Scripted::new([Script::text(&invoice().to_string())]);
    let gateway = Gateway::new(
        engine,
        limited(KeyLimits {
            tokens_per_minute: Some(1000),
            ..KeyLimits::default()
        }),
    );
    let spent = 7 + invoice().to_string().chars().count();
    for found in ["miss", "hit"] {
        let reply = gateway
            .send(with_key(form_request(&png(1)), "secret"))
            .await;
        assert_eq!(reply.header("x-cache"), found, "{reply:?}");
        let left: usize = reply
            .header("x-ratelimit-remaining-tokens")
            .parse()
            .unwrap();
        assert_eq!(left, 1000 - spent, "{found}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_runs_until_its_reader_leaves() {
    let engine = Scripted::gated([Script::text("Hello")]);
    let limits = KeyLimits {
        concurrency: Some(1),
        tokens_per_minute: Some(1000),
        ..KeyLimits::default()
    };
    let gateway = Gateway::new(engine.clone(), limited(limits));
    let body = json!({"stream": true, "messages": [{"role": "user", "content": "Hi"}]});
    let request = || with_key(json_request("/v1/chat/completions", &body), "secret");
    let running = gateway.0.clone().oneshot(request()).await.unwrap();
    assert_eq!(running.status(), StatusCode::OK);
    let refused = gateway.send(request()).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "1");

    let mut events = running.into_body().into_data_stream();
    engine.gate.add_permits(2);
    let mut text = String::new();
    while !text.contains("\"e\"") {
        let event = events.next().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&event).unwrap());
    }
    drop(events);
    engine.gate.close();
    let next = gateway.send(request()).await;
    assert_eq!(next.status, StatusCode::OK);
    // What was written before the reader left is paid for: the prompt and two tokens.
    let left: usize = next.header("x-ratelimit-remaining-tokens").parse().unwrap();
    assert_eq!(left, 1000 - 7 - 2);
}

#[tokio::test]
async fn what_was_counted_survives_another_configuration() {
    let meters = Arc::<Meters>::default();
    let gateway = || {
        let limits = KeyLimits {
            requests_per_minute: Some(1),
            ..KeyLimits::default()
        };
        answering(Options {
            meters: meters.clone(),
            ..limited(limits)
        })
    };
    assert_eq!(
        gateway().send(chat("", "secret")).await.status,
        StatusCode::OK
    );
    let again = gateway().send(chat("", "secret")).await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
}
