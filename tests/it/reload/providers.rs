//! Providers that change under requests, and those that do not.

use futures::StreamExt;
use reqwest::StatusCode;
use serde_json::json;

use super::{Served, json_of, remote};
use crate::upstream::{Does, Upstream, delta, end, says};

#[tokio::test(flavor = "multi_thread")]
async fn the_next_request_goes_to_the_new_address_and_a_stream_ends_at_the_old() {
    let rest = [vec![delta("lo")], end("stop")].concat();
    let (old, old_address) = Upstream::serve([Does::Pauses(vec![delta("Hel")], rest)]).await;
    let (new, new_address) = Upstream::serve([says(&["new"])]).await;
    let served = Served::start(&remote(old_address, ""), 0).await;
    let asked = served.chat("first", 9, true).send().await.unwrap();
    let mut body = asked.bytes_stream();
    let mut text = Vec::new();
    while !String::from_utf8_lossy(&text).contains("Hel") {
        text.extend_from_slice(&body.next().await.unwrap().unwrap());
    }

    served.becomes(&remote(new_address, "")).await;
    assert_eq!(served.answer("first").await, "new");
    old.go_on();
    while let Some(more) = body.next().await {
        text.extend_from_slice(&more.unwrap());
    }
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("\"lo\"") && !text.contains("\"error\""),
        "{text}"
    );
    assert!(text.trim_end().ends_with("data: [DONE]"), "{text}");
    assert_eq!((old.times(), new.times()), (1, 1));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_request_is_sent_with_the_new_key() {
    let (upstream, address) = Upstream::serve([says(&["Hi"])]).await;
    let with = |variable: &str| remote(address, &format!("api_key_env = \"{variable}\""));
    let served = Served::start(&with("FIRST_KEY"), 0).await;
    served.answer("first").await;
    served.becomes(&with("SECOND_KEY")).await;
    served.answer("first").await;
    served.end().await;
    let asked = upstream.asked.lock().unwrap();
    let keys: Vec<_> = asked
        .iter()
        .map(|(headers, _)| &headers["authorization"])
        .collect();
    assert_eq!(keys, ["Bearer one", "Bearer two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_left_alone_is_so_until_it_changes() {
    let (upstream, address) = Upstream::serve([Does::Says(500, json!({}))]).await;
    let failing = |open_seconds: u32| {
        let settings = format!("failures_to_open = 2\nopen_seconds = {open_seconds}");
        remote(address, &settings)
    };
    let served = Served::start(&failing(600), 0).await;
    let code = async |model: &str| {
        let answer = served.chat(model, 9, false).send().await.unwrap();
        let status = answer.status();
        (status, json_of(answer).await["error"]["code"].clone())
    };
    let failed = (StatusCode::BAD_GATEWAY, json!("provider_failed"));
    let left_alone = (
        StatusCode::SERVICE_UNAVAILABLE,
        json!("provider_unavailable"),
    );
    assert_eq!(code("first").await, failed);
    assert_eq!(code("first").await, failed);
    assert_eq!(code("first").await, left_alone);

    let second = "concurrency = 2\n[[models]]\nid = \"second\"\nprovider = \"upstream\"\n";
    served.becomes(&(failing(600) + second)).await;
    assert_eq!(code("first").await, left_alone);
    assert_eq!(code("second").await, left_alone);
    assert_eq!(upstream.times(), 2);

    served.becomes(&(failing(601) + second)).await;
    assert_eq!(code("second").await, failed);
    assert_eq!(upstream.times(), 3);
    served.end().await;
}
