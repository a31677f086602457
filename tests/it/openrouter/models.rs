//! Providers, endpoints and lists of models.

use super::*;

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
