//! What a chat is told that goes wrong, before the answer and in the middle of it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::with;
use crate::support::{Gateway, Options, Script, Scripted};

#[tokio::test]
async fn a_fault_in_mid_stream_is_a_chunk_whose_first_key_is_error() {
    for (path, code) in [
        ("/v1/chat/completions", json!("model_failed")),
        ("/api/v1/chat/completions", json!(502)),
    ] {
        let gateway = Gateway::scripted(Script::Fails);
        let reply = gateway.post_json(path, &with("stream", json!(true))).await;
        assert_eq!(reply.status, StatusCode::OK);
        let events = reply.events();
        let fault = &events[events.len() - 2];
        assert!(fault.starts_with("{\"error\":{"), "{fault}");
        let fault: Value = serde_json::from_str(fault).unwrap();
        assert_eq!(fault["error"]["code"], code);
        assert!(fault["error"]["message"].is_string());
        assert_eq!(fault["choices"][0]["finish_reason"], "error");
        assert_eq!(events.last().unwrap(), "[DONE]");
        assert!(!format!("{reply:?}").contains("secret"));
    }
}

#[tokio::test]
async fn a_fault_before_the_stream_is_a_status() {
    let mut request = with("stream", json!(true));
    request["model"] = json!("broken");
    let reply = Gateway::scripted(Script::Fails).chat(request).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.header("retry-after"), "1");
}

#[tokio::test]
async fn faults_have_openais_form_under_v1_and_openrouters_under_api_v1() {
    let gateway = Gateway::scripted(Script::text("x"));
    let request = with("model", json!("none/such"));
    let openai = gateway.chat(request.clone()).await;
    assert_eq!(openai.status, StatusCode::NOT_FOUND);
    let error = &openai.json()["error"];
    assert_eq!(
        (&error["type"], &error["param"], &error["code"]),
        (
            &json!("not_found_error"),
            &json!("model"),
            &json!("model_not_found")
        )
    );
    let openrouter = gateway
        .post_json("/api/v1/chat/completions", &request)
        .await;
    assert_eq!(openrouter.status, StatusCode::NOT_FOUND);
    assert_eq!(openrouter.json()["error"]["code"], 404);
    assert!(openrouter.json()["error"]["message"].is_string());
    assert_eq!(
        gateway.get("/v1/nothing").await.json()["error"]["code"],
        "not_found"
    );
    assert_eq!(
        gateway.get("/api/v1/nothing").await.json()["error"]["code"],
        404
    );
    assert!(gateway.get("/v1x").await.json()["error"].is_string());
}

#[tokio::test]
async fn a_choice_that_fails_ends_the_stream_and_the_others() {
    let engine = Scripted::gated([Script::Fails, Script::text("on and on")]);
    engine.gate.add_permits(2);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let mut request = with("n", json!(2));
    request["stream"] = json!(true);
    let events = gateway.chat(request).await.events();
    assert!(events[events.len() - 2].starts_with("{\"error\":{"));
    engine.until_idle().await;
}
