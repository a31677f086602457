//! OpenRouter's plugins.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{fault_of, says};

/// A request of either API with those plugins.
fn with(path: &str, plugins: &Value) -> Value {
    let mut request = if path.ends_with("responses") {
        json!({"input": "Hello"})
    } else {
        json!({"messages": [{"role": "user", "content": "Hello"}]})
    };
    request["plugins"] = plugins.clone();
    request
}

const PATHS: [&str; 3] = ["/v1/chat/completions", "/v1/responses", "/api/v1/responses"];

#[tokio::test]
async fn what_is_done_anyway_is_accepted() {
    let engines = ["native", "mistral-ocr", "cloudflare-ai", "pdf-text"];
    let parsers = engines.map(|engine| json!([{"id": "file-parser", "pdf": {"engine": engine}}]));
    for plugins in parsers.into_iter().chain([
        json!([{"id": "response-healing"}, {"id": "file-parser", "max_files": 3}]),
        json!([{"id": "web", "enabled": false}]),
        json!([{"id": "context-compression", "enabled": true}]),
        json!([]),
        json!(null),
    ]) {
        for path in PATHS {
            let reply = says("Hi").post_json(path, &with(path, &plugins)).await;
            assert_eq!(reply.status, StatusCode::OK, "{path} {plugins}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn what_would_not_be_done_is_refused() {
    for (id, words) in [
        ("web", "search the web"),
        ("web-fetch", "fetch pages"),
        ("moderation", "moderate"),
    ] {
        let plugins = json!([{"id": "file-parser"}, {"id": id}]);
        for path in ["/v1/chat/completions", "/v1/responses"] {
            let reply = says("Hi").post_json(path, &with(path, &plugins)).await;
            let message = fault_of(&reply, "plugins[1].id");
            assert!(message.contains(words), "{message}");
        }
    }
}
