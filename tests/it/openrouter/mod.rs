//! OpenRouter's own routes: the key, what was spent, past answers, providers, and models in its forms.

mod models;
mod past;
mod receipts;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures::StreamExt;
use receipt_gateway::keys::{KeyLimits, KeySettings};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, data_uri, eventually, json_request, key, png,
    with_key,
};

fn answering(options: Options) -> Gateway {
    Gateway::new(Scripted::new([Script::text("Hello")]), options)
}

async fn get(gateway: &Gateway, path: &str, secret: &str) -> Reply {
    let request = Request::get(path).body(Body::empty()).unwrap();
    gateway.send(with_key(request, secret)).await
}

/// What a key is told of an answer.
async fn past(gateway: &Gateway, id: &str, secret: &str) -> Reply {
    get(gateway, &format!("/api/v1/generation?id={id}"), secret).await
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with fresh values"
)]
fn hello(more: Value) -> Value {
    let mut body =
        json!({"model": "org/scripted", "messages": [{"role": "user", "content": "Hi"}]});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

fn keys(of: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = of.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The fields that OpenRouter's SDKs require of a key.
const KEY: [&str; 26] = [
    "allowed_data_regions",
    "budgets",
    "byok_usage",
    "byok_usage_daily",
    "byok_usage_monthly",
    "byok_usage_weekly",
    "creator_user_id",
    "effective_budget",
    "expires_at",
    "free_model_daily_requests",
    "include_byok_in_limit",
    "is_free_tier",
    "is_management_key",
    "is_provisioning_key",
    "label",
    "limit",
    "limit_remaining",
    "limit_reset",
    "limits",
    "organization_id",
    "rate_limit",
    "usage",
    "usage_daily",
    "usage_monthly",
    "usage_weekly",
    "workspace_id",
];

#[tokio::test]
async fn a_key_learns_its_limits_and_what_is_left() {
    let gateway = answering(Options {
        keys: vec![
            KeySettings {
                limits: KeyLimits {
                    requests_per_minute: Some(60),
                    tokens_per_minute: Some(1000),
                    concurrency: Some(4),
                },
                ..key("till", "secret")
            },
            KeySettings {
                admin: true,
                ..key("chief", "admin")
            },
        ],
        ..Options::default()
    });
    let told = get(&gateway, "/api/v1/key", "secret").await;
    assert_eq!(told.status, StatusCode::OK, "{told:?}");
    let told = told.json()["data"].clone();
    assert_eq!(keys(&told), KEY);
    assert_eq!(told["label"], "till");
    assert_eq!(
        (&told["usage"], &told["limit"]),
        (&json!(0.0), &Value::Null)
    );
    assert_eq!(told["is_management_key"], false);
    let rate = &told["rate_limit"];
    assert_eq!(
        (&rate["requests"], &rate["interval"]),
        (&json!(60), &json!("1m"))
    );
    let limits = &told["limits"];
    // The request itself is one.
    assert_eq!(limits["requests_per_minute"]["remaining"], 59);
    assert_eq!(limits["tokens_per_minute"]["limit"], 1000);
    assert_eq!(limits["concurrency"], 4);

    let told = get(&gateway, "/api/v1/key", "admin").await.json()["data"].clone();
    assert_eq!(told["is_management_key"], true);
    assert_eq!(told["rate_limit"]["requests"], -1);
    assert_eq!(told["limits"]["requests_per_minute"], Value::Null);
    for path in [
        "key",
        "credits",
        "providers",
        "generation?id=x",
        "models/user",
        "models/count",
    ] {
        let refused = get(&gateway, &format!("/api/v1/{path}"), "none").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(refused.json()["error"]["code"], 401, "{path}");
    }
}

#[tokio::test]
async fn without_keys_all_clients_are_one() {
    let gateway = answering(Options::default());
    let told = get(&gateway, "/api/v1/key", "any").await.json()["data"].clone();
    assert_eq!(
        (keys(&told).len(), &told["label"]),
        (KEY.len(), &json!("no key"))
    );
    let credits = gateway.get("/api/v1/credits").await.json();
    assert_eq!(
        credits,
        json!({"data": {"total_credits": 0, "total_usage": 0.0}})
    );
    let id = gateway.chat(hello(json!({}))).await.json()["id"].clone();
    let id = id.as_str().unwrap();
    assert_eq!(past(&gateway, id, "other").await.status, StatusCode::OK);
}

#[tokio::test]
async fn credits_are_those_of_the_key_and_an_administrator_sees_all() {
    let one = "1".parse().unwrap();
    let prices = receipt_gateway::generation::Prices {
        prompt: one,
        completion: one,
        cached_prompt: one,
        image: one,
        request: one,
    };
    let gateway = answering(Options {
        keys: vec![
            key("a", "first"),
            key("b", "second"),
            KeySettings {
                admin: true,
                ..key("chief", "admin")
            },
        ],
        prices: Some(prices),
        ..Options::default()
    });
    // 7 tokens, 5 tokens and a request.
    for (secret, times) in [("first", 2), ("second", 1)] {
        for _ in 0..times {
            let request = json_request("/v1/chat/completions", &hello(json!({})));
            gateway.send(with_key(request, secret)).await;
        }
    }
    for (secret, spent) in [("first", 26.0), ("second", 13.0), ("admin", 39.0)] {
        let credits = get(&gateway, "/api/v1/credits", secret).await.json();
        assert_eq!(credits["data"]["total_usage"], spent, "{secret}");
    }
}

/// The fields that OpenRouter's SDKs require of a generation.
const GENERATION: [&str; 41] = [
    "api_type",
    "app_id",
    "cache_discount",
    "cancelled",
    "created_at",
    "data_region",
    "external_user",
    "finish_reason",
    "generation_time",
    "http_referer",
    "id",
    "is_byok",
    "latency",
    "model",
    "moderation_latency",
    "native_finish_reason",
    "native_tokens_cached",
    "native_tokens_completion",
    "native_tokens_completion_images",
    "native_tokens_prompt",
    "native_tokens_reasoning",
    "num_fetches",
    "num_input_audio_prompt",
    "num_media_completion",
    "num_media_prompt",
    "num_search_results",
    "origin",
    "preset_id",
    "provider_name",
    "provider_responses",
    "router",
    "service_tier",
    "streamed",
    "tokens_completion",
    "tokens_prompt",
    "total_cost",
    "upstream_id",
    "upstream_inference_cost",
    "usage",
    "user_agent",
    "web_search_engine",
];
