//! What comes of a provider's failures, and who is asked in its place.

use axum::http::StatusCode;
use serde_json::json;

use super::{Routed, content, text_of};
use crate::upstream::{Does, delta, says};

/// What a provider does before its answer begins, and what a client is told that asked for it alone.
fn failures() -> Vec<(Does, StatusCode, &'static str)> {
    let error = |code: u16| json!({"error": {"code": code, "message": "secret detail"}});
    let unavailable = StatusCode::BAD_GATEWAY;
    vec![
        (Does::Hangs, StatusCode::GATEWAY_TIMEOUT, "provider_timeout"),
        (Does::Drips, StatusCode::GATEWAY_TIMEOUT, "provider_timeout"),
        (
            Does::Says(429, error(429)),
            StatusCode::TOO_MANY_REQUESTS,
            "provider_busy",
        ),
        (Does::Says(500, error(500)), unavailable, "provider_failed"),
        (Does::Says(401, error(401)), unavailable, "provider_failed"),
        (
            Does::Says(404, json!("nothing")),
            unavailable,
            "provider_failed",
        ),
        // As OpenRouter does.
        (Does::Says(200, error(502)), unavailable, "provider_failed"),
        (
            Does::Says(200, error(429)),
            StatusCode::TOO_MANY_REQUESTS,
            "provider_busy",
        ),
        (
            Does::Streams(vec![error(503).to_string()]),
            StatusCode::TOO_MANY_REQUESTS,
            "provider_busy",
        ),
        (
            Does::Streams(vec!["{not json".into()]),
            unavailable,
            "provider_failed",
        ),
        (Does::Breaks(Vec::new()), unavailable, "provider_failed"),
        (Does::Streams(Vec::new()), unavailable, "provider_failed"),
        (
            Does::Streams(vec![delta(&"x".repeat(20_000))]),
            unavailable,
            "provider_failed",
        ),
    ]
}

#[tokio::test]
async fn a_failure_before_the_answer_is_told_and_never_passed_on() {
    for (does, status, code) in failures() {
        let routed = Routed::new([does.clone()]).await;
        for streams in [false, true] {
            let reply = routed.ask(json!({"stream": streams})).await;
            assert_eq!(reply.status, status, "{does:?} {reply:?}");
            let error = reply.json()["error"].clone();
            assert_eq!(error["code"], code, "{does:?}");
            assert!(
                !error["message"].as_str().unwrap().contains("secret"),
                "{error}"
            );
        }
    }
    let routed = Routed::new([Does::Says(429, json!({}))]).await;
    assert_eq!(routed.ask(json!({})).await.header("retry-after"), "7");
}

#[tokio::test]
async fn a_failure_before_the_answer_leads_to_the_next_model() {
    for (does, _, _) in failures() {
        let routed = Routed::new([does.clone()]).await;
        let whole = routed.ask_both(false).await;
        assert_eq!(whole.status, StatusCode::OK, "{does:?} {whole:?}");
        assert_eq!(content(&whole), "local");
        assert_eq!(
            (
                whole.header("x-model"),
                whole.header("x-provider"),
                whole.header("x-attempts")
            ),
            ("org/better", "receipt-gateway", "2")
        );
        assert_eq!(whole.json()["model"], "org/better");
        let streamed = routed.ask_both(true).await;
        assert_eq!(text_of(&streamed.events()), "local", "{does:?}");
    }
}

#[tokio::test]
async fn a_failure_in_the_middle_is_an_error_in_the_stream_and_leads_on_where_nothing_was_sent() {
    for does in [
        Does::Stalls(vec![delta("Hel")]),
        Does::Breaks(vec![delta("Hel")]),
        Does::Streams(vec![delta("Hel")]),
        Does::Streams(vec![
            delta("Hel"),
            json!({"error": {"code": 500, "message": "x"}, "choices": []}).to_string(),
        ]),
    ] {
        let routed = Routed::new([does.clone()]).await;
        let streamed = routed.ask_both(true).await;
        assert_eq!(streamed.status, StatusCode::OK);
        let events = streamed.events();
        assert!(
            events.iter().any(|event| event.starts_with("{\"error\"")),
            "{does:?} {events:?}"
        );
        assert!(!text_of(&events).contains("local"), "{events:?}");
        let whole = routed.ask_both(false).await;
        assert_eq!(content(&whole), "local", "{does:?}");
    }
}

#[tokio::test]
async fn a_clients_mistake_is_told_and_leads_nowhere() {
    let refusal = json!({"error": {"message": "max_tokens is too large"}});
    let routed = Routed::new([Does::Says(400, refusal)]).await;
    let reply = routed.ask_both(false).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    let error = reply.json()["error"].clone();
    assert_eq!(error["code"], "provider_refused");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("max_tokens is too large")
    );
    assert_eq!(routed.upstream.times(), 1);
}

#[tokio::test]
async fn what_one_request_asked_for_is_not_held_against_the_provider() {
    let answers = [
        Does::Says(404, json!({})),
        Does::Says(429, json!({})),
        Does::Streams(vec![delta(&"x".repeat(20_000))]),
    ];
    for does in answers {
        let routed = Routed::new([does.clone(), does.clone(), does, says(&["fine"])]).await;
        for _ in 0..3 {
            assert_ne!(routed.ask(json!({})).await.status, StatusCode::OK);
        }
        assert_eq!(content(&routed.ask(json!({})).await), "fine");
    }
    // Nor do failures far between add up where answers are cut at a stop sequence.
    let failed = Does::Says(500, json!({}));
    let long = says(&["a", "b", "c"]);
    let does = [failed.clone(), failed.clone(), long.clone(), failed, long];
    let routed = Routed::new(does).await;
    for number in 0..5 {
        let reply = routed.ask(json!({"stop": "b"})).await;
        let fails = [0, 1, 3].contains(&number);
        assert_eq!(reply.status != StatusCode::OK, fails, "{number} {reply:?}");
    }
}

#[tokio::test]
async fn a_provider_that_fails_again_and_again_is_left_alone() {
    let routed = Routed::new([Does::Says(500, json!({}))]).await;
    for _ in 0..3 {
        let failed = routed.ask(json!({})).await;
        assert_eq!(failed.json()["error"]["code"], "provider_failed");
    }
    let alone = routed.ask(json!({})).await;
    assert_eq!(alone.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(alone.json()["error"]["code"], "provider_unavailable");
    let wait: u64 = alone.header("retry-after").parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    assert_eq!(content(&routed.ask_both(false).await), "local");
    assert_eq!(routed.upstream.times(), 3);
    let metrics = routed.gateway.get("/metrics").await;
    let metrics = String::from_utf8(metrics.body.to_vec()).unwrap();
    let gauge = "receipt_gateway_provider_left_alone{provider=\"upstream\"} 1\n";
    assert!(metrics.contains(gauge), "{metrics}");
}
