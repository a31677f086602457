//! Answers that are remembered, and what is told of them.

use super::*;

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
        ("/v1/messages", hello(json!({"max_tokens": 9})), 0),
        (
            "/api/v1/messages",
            hello(json!({"max_tokens": 9, "stream": true})),
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
