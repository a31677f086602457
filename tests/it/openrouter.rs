//! OpenRouter's own routes: the key, what was spent, past answers, providers, and models in its forms.

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

#[tokio::test]
async fn an_answer_is_remembered_by_every_route_for_its_key_alone() {
    let gateway = answering(Options {
        keys: vec![key("a", "first"), key("b", "second")],
        ..Options::default()
    });
    let picture = json!({"type": "image_url", "image_url": {"url": data_uri(&png(1))}});
    let shown = json!([{"role": "user", "content": [picture]}]);
    for (path, body, files) in [
        ("/v1/chat/completions", hello(json!({"messages": shown})), 1),
        (
            "/api/v1/chat/completions",
            hello(json!({"stream": true})),
            0,
        ),
        ("/v1/completions", json!({"prompt": "Hi"}), 0),
        (
            "/api/v1/completions",
            json!({"prompt": ["a", "b"], "stream": true}),
            0,
        ),
        ("/v1/responses", json!({"input": "Hi"}), 0),
        (
            "/api/v1/responses",
            json!({"input": "Hi", "stream": true}),
            0,
        ),
    ] {
        let mut body = body;
        body["model"] = json!("org/scripted");
        let reply = gateway
            .send(with_key(json_request(path, &body), "first"))
            .await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let text = std::str::from_utf8(&reply.body).unwrap();
        let id = text.split("\"id\":\"").nth(1).unwrap();
        let id = id.split('"').next().unwrap();

        let told = past(&gateway, id, "first").await;
        assert_eq!(told.status, StatusCode::OK, "{path} {id} {told:?}");
        let told = told.json()["data"].clone();
        let mut fields = GENERATION.to_vec();
        fields.push("workspace_id");
        assert_eq!(keys(&told), fields);
        assert_eq!(
            (&told["id"], &told["model"]),
            (&json!(id), &json!("org/scripted"))
        );
        assert_eq!(told["provider_name"], "receipt-gateway");
        assert_eq!(told["streamed"], body["stream"] == true);
        assert_eq!(
            (&told["cancelled"], &told["finish_reason"]),
            (&json!(false), &json!("stop"))
        );
        let prompts = if body["prompt"].is_array() { 2 } else { 1 };
        assert_eq!(told["tokens_prompt"], 7 * prompts, "{path}");
        assert_eq!(told["native_tokens_completion"], 5 * prompts);
        assert_eq!(
            (&told["total_cost"], &told["num_media_prompt"]),
            (&json!(0.0), &json!(files))
        );
        let (latency, took) = (told["latency"].as_f64(), told["generation_time"].as_f64());
        assert!(latency.unwrap() <= took.unwrap(), "{told}");
        let created = told["created_at"].as_str().unwrap();
        assert!(
            chrono::DateTime::parse_from_rfc3339(created).is_ok(),
            "{created}"
        );

        let others = past(&gateway, id, "second").await;
        assert_eq!(others.status, StatusCode::NOT_FOUND);
        let never = past(&gateway, "chatcmpl-none", "second").await;
        assert_eq!(
            others.body, never.body,
            "a key learns nothing of another's answers"
        );
    }
    for missing in ["/api/v1/generation", "/api/v1/generation?key=x"] {
        let refused = get(&gateway, missing, "first").await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
        assert_eq!(refused.json()["error"]["code"], 400);
    }
}

#[tokio::test]
async fn no_more_answers_are_remembered_than_the_setting_says() {
    let gateway = answering(Options {
        remembered_answers: 0,
        ..Options::default()
    });
    let id = gateway.chat(hello(json!({}))).await.json()["id"].clone();
    let told = past(&gateway, id.as_str().unwrap(), "").await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    assert_eq!(
        told.json()["error"]["metadata"]["provider_code"],
        "generation_not_found"
    );
}

#[tokio::test]
async fn a_stream_whose_client_left_is_remembered_as_cancelled() {
    let engine = Scripted::gated([Script::text("Hello")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let request = json_request("/v1/chat/completions", &hello(json!({"stream": true})));
    engine.gate.add_permits(2);
    let running = gateway.0.clone().oneshot(request).await.unwrap();
    let mut events = running.into_body().into_data_stream();
    let first = events.next().await.unwrap().unwrap();
    let first = std::str::from_utf8(&first).unwrap().trim();
    let first: Value = serde_json::from_str(first.strip_prefix("data: ").unwrap()).unwrap();
    let id = first["id"].as_str().unwrap();
    assert_eq!(
        past(&gateway, id, "").await.status,
        StatusCode::NOT_FOUND,
        "it goes on"
    );
    drop(events);
    eventually(async || past(&gateway, id, "").await.status == StatusCode::OK).await;
    let told = past(&gateway, id, "").await.json()["data"].clone();
    assert_eq!(
        (&told["cancelled"], &told["finish_reason"]),
        (&json!(true), &Value::Null)
    );
    // What was not counted to the end is no number.
    assert_eq!(
        (&told["tokens_prompt"], &told["total_cost"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_fault_in_mid_stream_is_remembered_as_such() {
    let gateway = Gateway::scripted(Script::Fails);
    let reply = gateway.chat(hello(json!({"stream": true}))).await;
    let first: Value = serde_json::from_str(&reply.events()[0]).unwrap();
    let told = past(&gateway, first["id"].as_str().unwrap(), "")
        .await
        .json();
    assert_eq!(told["data"]["finish_reason"], "error", "{told}");
    assert_eq!(told["data"]["cancelled"], false);
}

#[tokio::test]
async fn a_receipt_of_a_preset_is_remembered_too() {
    let engine = Scripted::new([Script::text(&crate::support::invoice().to_string())]);
    let gateway = Gateway::new(
        engine,
        Options {
            presets: vec![("receipt", Some("invoice"), None)],
            ..Options::default()
        },
    );
    let picture = json!({"type": "image_url", "image_url": {"url": data_uri(&png(1))}});
    let shown = json!([{"role": "user", "content": [picture]}]);
    let body = json!({"model": "receipt", "messages": shown});
    let id = gateway.chat(body).await.json()["id"].clone();
    let told = past(&gateway, id.as_str().unwrap(), "").await.json();
    assert_eq!(told["data"]["model"], "receipt", "{told}");
    assert_eq!(
        (
            &told["data"]["total_cost"],
            &told["data"]["num_media_prompt"]
        ),
        (&json!(0.0), &json!(1))
    );
}

#[tokio::test]
async fn providers_are_those_of_the_models_that_a_key_may_use() {
    let gateway = answering(Options {
        keys: vec![
            key("a", "all"),
            KeySettings {
                models: Some(vec!["broken".into()]),
                ..key("b", "local")
            },
        ],
        provider: Some("upstream"),
        ..Options::default()
    });
    let names = async |secret: &str| {
        let listed = get(&gateway, "/api/v1/providers", secret).await.json();
        let listed = listed["data"].as_array().unwrap().clone();
        let fields = keys(&listed[0]);
        assert!(
            ["name", "slug", "privacy_policy_url"]
                .iter()
                .all(|f| fields.contains(f))
        );
        listed
            .iter()
            .map(|one| one["slug"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("all").await, ["receipt-gateway", "upstream"]);
    assert_eq!(names("local").await, ["receipt-gateway"]);
}

/// The fields that OpenRouter's SDKs require of an endpoint.
const ENDPOINT: [&str; 21] = [
    "context_length",
    "latency_last_30m",
    "max_completion_tokens",
    "max_prompt_tokens",
    "model_id",
    "model_name",
    "name",
    "native_tools",
    "pricing",
    "provider_name",
    "quantization",
    "service_tier",
    "supported_parameters",
    "supports_diarization",
    "supports_implicit_caching",
    "supports_tool_choice",
    "supports_voice_cloning",
    "tag",
    "throughput_last_30m",
    "uptime_last_1d",
    "uptime_last_30m",
];

#[tokio::test]
async fn endpoints_tell_who_runs_a_model() {
    let gateway = answering(Options {
        presets: vec![
            ("warm", None, Some(0.7)),
            ("receipt", Some("invoice"), None),
        ],
        ..Options::default()
    });
    let of = async |name: &str| {
        let path = format!("/api/v1/models/{name}/endpoints");
        let reply = gateway.get(&path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path} {reply:?}");
        reply.json()["data"].clone()
    };
    let unloaded = of("org/scripted").await;
    assert_eq!(unloaded["endpoints"][0]["context_length"], 0);
    gateway.chat(hello(json!({}))).await;
    let told = of("org/scripted").await;
    assert_eq!(told["id"], "org/scripted");
    assert_eq!(
        keys(&told),
        [
            "architecture",
            "created",
            "description",
            "endpoints",
            "id",
            "name"
        ]
    );
    assert_eq!(told["architecture"]["tokenizer"], Value::Null);
    assert_eq!(told["architecture"]["modality"], "text+image->text");
    let [endpoint] = &told["endpoints"].as_array().unwrap()[..] else {
        panic!("{told}");
    };
    let mut fields = ENDPOINT.to_vec();
    fields.push("uptime_last_5m");
    assert_eq!(keys(endpoint), fields);
    assert_eq!(
        (&endpoint["provider_name"], &endpoint["tag"]),
        (&json!("receipt-gateway"), &json!("receipt-gateway"))
    );
    assert_eq!(endpoint["context_length"], 100_000);
    assert_eq!(endpoint["supports_implicit_caching"], true);
    assert_eq!(
        endpoint["pricing"],
        json!({"prompt": "0", "completion": "0"})
    );
    assert_eq!(endpoint["supports_tool_choice"]["required"], true);
    assert_eq!(
        of("receipt").await["endpoints"][0]["supports_tool_choice"]["required"],
        false
    );
    assert_eq!(of("org%2Fscripted").await, told);
    assert_eq!(
        of("org/scripted:invoice").await["id"],
        "org/scripted:invoice"
    );

    // A name without an author is found under its owner and under its provider.
    for name in ["warm", "org/warm", "ORG/warm", "receipt-gateway/warm"] {
        let told = of(name).await;
        assert_eq!(
            (&told["id"], &told["endpoints"][0]["model_id"]),
            (&json!("warm"), &json!("org/scripted"))
        );
    }
    let model = gateway.get("/api/v1/model/receipt-gateway/warm").await;
    assert_eq!(model.json()["data"]["id"], "warm");
    let details = &model.json()["data"]["links"]["details"];
    assert_eq!(details, "/api/v1/models/warm/endpoints");
    for unknown in ["else/warm", "org/none", "none"] {
        let path = format!("/api/v1/models/{unknown}/endpoints");
        let reply = gateway.get(&path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(reply.json()["error"]["code"], 404);
    }
    // The route of one model is the same one.
    let model = gateway.get("/api/v1/models/org/scripted").await;
    assert_eq!(model.json()["object"], "model");
}

#[tokio::test]
async fn an_endpoint_names_the_provider_that_runs_the_model() {
    let gateway = answering(Options {
        better: Some(Scripted::new([Script::text("local")])),
        provider: Some("upstream"),
        ..Options::default()
    });
    for (id, provider) in [
        ("org/scripted", "upstream"),
        ("org/better", "receipt-gateway"),
    ] {
        let path = format!("/api/v1/models/{id}/endpoints");
        let told = gateway.get(&path).await.json()["data"].clone();
        let endpoint = &told["endpoints"][0];
        assert_eq!(endpoint["provider_name"], provider);
        assert_eq!(endpoint["name"], format!("{provider} | {id}"));
    }
    // A model whose name has an author is found under its provider too.
    let path = "/api/v1/models/upstream/org/scripted/endpoints";
    let told = gateway.get(path).await.json();
    assert_eq!(told["data"]["id"], "org/scripted", "{told}");
}

#[tokio::test]
async fn models_are_counted_and_listed_page_by_page() {
    let gateway = answering(Options {
        presets: vec![
            ("warm", None, Some(0.7)),
            ("receipt", Some("invoice"), None),
        ],
        ..Options::default()
    });
    let ids = |reply: &Reply| {
        let models = reply.json()["data"].as_array().unwrap().clone();
        models
            .iter()
            .map(|model| model["id"].clone())
            .collect::<Vec<_>>()
    };
    let all = gateway.get("/api/v1/models").await;
    let user = gateway.get("/api/v1/models/user").await;
    assert_eq!(ids(&all), ["org/scripted", "broken", "warm", "receipt"]);
    assert_eq!(user.json(), all.json());
    assert_eq!(user.json()["links"]["next"], Value::Null);
    for (query, counted) in [
        ("", 4),
        ("?output_modalities=text", 4),
        ("?output_modalities=image,text", 4),
        ("?output_modalities=all", 4),
        ("?output_modalities=image", 0),
    ] {
        let told = gateway
            .get(&format!("/api/v1/models/count{query}"))
            .await
            .json();
        assert_eq!(told, json!({"data": {"count": counted}}), "{query}");
        let listed = gateway.get(&format!("/api/v1/models/user{query}")).await;
        assert_eq!(
            (ids(&listed).len(), &listed.json()["total_count"]),
            (counted, &json!(counted))
        );
    }
    let mut path = "/api/v1/models/user?limit=3".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = gateway.get(&path).await;
        assert_eq!(page.json()["total_count"], 4);
        seen.extend(ids(&page));
        match page.json()["links"]["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ids(&all));
    let beyond = gateway.get("/api/v1/models/user?offset=4294967295").await;
    assert_eq!(ids(&beyond).len(), 0);
    for wrong in ["limit=0", "limit=1001", "limit=x", "offset=-1"] {
        let refused = gateway.get(&format!("/api/v1/models/user?{wrong}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(refused.json()["error"]["code"], 400);
    }
}
