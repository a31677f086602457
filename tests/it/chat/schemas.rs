//! Answers by a schema that the client brings.

use axum::http::StatusCode;
use receipt_gateway::generation::Grammar;
use serde_json::json;

use super::with;
use crate::support::{Gateway, Options, Script, Scripted};

#[tokio::test]
async fn schemas_reach_the_grammar_without_the_clients_guidance() {
    let engine = Scripted::new([Script::text("{}")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let schema = json!({"type": "object", "x-guidance": {"lenient": true}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "a", "schema": schema}});
    assert_eq!(
        gateway.chat(with("response_format", format)).await.status,
        StatusCode::OK
    );
    gateway
        .chat(with("response_format", json!({"type": "json_object"})))
        .await;
    gateway
        .chat(with("response_format", json!({"type": "text"})))
        .await;
    let asked = engine.asked.lock().unwrap();
    let schemas: Vec<_> = asked
        .iter()
        .map(|generation| match &generation.grammar {
            Grammar::JsonSchema(schema) => Some(schema["x-guidance"].clone()),
            Grammar::Free | Grammar::Lark(_) | Grammar::Once(_) => None,
        })
        .collect();
    let ours = Some(json!({"whitespace_flexible": false}));
    assert_eq!(schemas, [ours.clone(), ours, None]);
}

#[tokio::test]
async fn what_no_grammar_enforces_is_checked_afterwards_if_that_is_enough() {
    let format = |strict| {
        let schema = json!({"type": "array", "uniqueItems": true});
        json!({"type": "json_schema", "json_schema": {
            "name": "a", "schema": schema, "strict": strict
        }})
    };
    let gateway = |text| Gateway::scripted(Script::text(text));
    let refused = gateway("[1,2]")
        .chat(with("response_format", format(true)))
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(format!("{:?}", refused.json()).contains("uniqueItems"));

    let mut lenient = with("response_format", format(false));
    let fits = gateway("[1,2]").chat(lenient.clone()).await;
    assert_eq!(fits.json()["choices"][0]["message"]["content"], "[1,2]");
    for text in ["[1,1]", "[1,"] {
        let fails = gateway(text).chat(lenient.clone()).await;
        assert_eq!(fails.status, StatusCode::BAD_GATEWAY);
        assert_eq!(fails.json()["error"]["code"], "invalid_answer");
    }
    // One that is cut off says so, as without a schema.
    lenient["max_tokens"] = json!(2);
    let cut = gateway("[1,1]").chat(lenient.clone()).await;
    assert_eq!(cut.json()["choices"][0]["finish_reason"], "length");
    lenient["max_tokens"] = json!(9);
    let mut stopped = lenient.clone();
    stopped["stop"] = json!("]");
    let refused = gateway("[1,1]").chat(stopped).await;
    assert_eq!(refused.json()["error"]["param"], "stop");
    lenient["stream"] = json!(true);
    let events = gateway("[1,1]").chat(lenient).await.events();
    let fault = &events[events.len() - 2];
    assert!(fault.starts_with("{\"error\":{"), "{fault}");
}
