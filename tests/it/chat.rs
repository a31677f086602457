//! `/v1/chat/completions` and `/api/v1`, plain and streamed.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::http::StatusCode;
use receipt_gateway::chat::{Grammar, Part, Role};
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Script, Scripted, data_uri, json_request, pictures, png};

fn ask() -> Value {
    json!({"messages": [{"role": "user", "content": "Hello"}]})
}

fn with(name: &str, value: Value) -> Value {
    let mut request = ask();
    request[name] = value;
    request
}

fn tools() -> Value {
    json!([{"type": "function", "function": {"name": "f"}}, {"type": "web_search"}])
}

#[tokio::test]
async fn a_plain_answer() {
    let reply = Gateway::scripted(Script::text("Hi €")).chat(ask()).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("content-type"), "application/json");
    let mut answer = reply.json();
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert!(answer["created"].as_u64().unwrap() > 1_700_000_000);
    answer["id"] = json!("chatcmpl-x");
    answer["created"] = json!(0);
    insta::assert_json_snapshot!(answer);
}

#[tokio::test]
async fn a_streamed_answer() {
    let mut request = with("stream", json!(true));
    request["stream_options"] = json!({"include_usage": true});
    let reply = Gateway::scripted(Script::text("Hi €")).chat(request).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let mut events = reply.events();
    assert_eq!(events.pop().unwrap(), "[DONE]");
    let mut chunks: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(event).unwrap())
        .collect();
    for chunk in &mut chunks {
        chunk["id"] = json!("chatcmpl-x");
        chunk["created"] = json!(0);
    }
    insta::assert_json_snapshot!(chunks);
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(
        !text.contains("\nid:") && !text.contains("null,\"usage\""),
        "{text}"
    );
}

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
async fn what_is_wrong_is_named_by_its_path() {
    let gateway = Gateway::scripted(Script::text("x"));
    let schema = |schema: Value| json!({"type": "json_schema", "json_schema": {"name": "a", "schema": schema}});
    let content = |content: Value| json!([{"role": "user", "content": content}]);
    let picture = |url: &str| content(json!([{"type": "image_url", "image_url": {"url": url}}]));
    let three = json!(vec![
        json!({"type": "image_url", "image_url": data_uri(&png(1))});
        3
    ]);
    for (name, value, param) in [
        ("messages", json!([]), "messages"),
        ("messages", json!("x"), "messages"),
        (
            "messages",
            json!([{"role": "king", "content": "x"}]),
            "messages[0].role",
        ),
        ("messages", content(json!(5)), "messages[0].content"),
        (
            "messages",
            content(json!([{"type": "video"}])),
            "messages[0].content[0].type",
        ),
        (
            "messages",
            content(json!([{"type": "text", "text": 1}])),
            "messages[0].content[0]",
        ),
        (
            "messages",
            picture("http://10.0.0.1/x"),
            "messages[0].content[0].image_url",
        ),
        (
            "messages",
            picture("data:image/png;base64,aGk="),
            "messages[0].content[0].image_url",
        ),
        ("messages", content(three), "messages[0].content[2]"),
        ("temperature", json!(3), "temperature"),
        ("temperature", json!("hot"), "temperature"),
        ("top_p", json!(-0.1), "top_p"),
        ("min_p", json!(2), "min_p"),
        ("frequency_penalty", json!(9), "frequency_penalty"),
        ("n", json!(0), "n"),
        ("n", json!(5), "n"),
        ("max_tokens", json!(0), "max_tokens"),
        ("max_completion_tokens", json!(-1), "max_completion_tokens"),
        ("stop", json!(["a", "b", "c", "d", "e"]), "stop"),
        ("stop", json!(7), "stop"),
        ("top_logprobs", json!(3), "top_logprobs"),
        ("top_logprobs", json!(21), "top_logprobs"),
        ("logit_bias", json!({"x": 1}), "logit_bias.x"),
        ("logit_bias", json!({"5": 101}), "logit_bias.5"),
        ("tools", json!([{"type": "function"}]), "tools[0]"),
        ("tool_choice", json!([null]), "tool_choice"),
        ("tool_choice", json!("some"), "tool_choice"),
        (
            "tool_choice",
            json!({"type": 0, "function": {"name": "f"}}),
            "tool_choice",
        ),
        (
            "response_format",
            json!({"type": "xml"}),
            "response_format.type",
        ),
        (
            "response_format",
            schema(json!(true)),
            "response_format.json_schema.schema",
        ),
        (
            "response_format",
            schema(json!({"type": "array", "uniqueItems": true})),
            "response_format.json_schema.schema",
        ),
    ] {
        let reply = gateway.chat(with(name, value.clone())).await;
        assert!(reply.status.is_client_error(), "{name} {value} {reply:?}");
        let error = &reply.json()["error"];
        let found = error["param"].as_str().unwrap_or_default();
        assert!(
            found.starts_with(param) || param.starts_with(found) && !found.is_empty(),
            "{name} {value}: {error}"
        );
        assert!(
            error["message"].is_string() && error["type"].is_string(),
            "{error}"
        );
    }
}

#[tokio::test]
async fn bodies_that_do_not_parse() {
    let gateway = Gateway::scripted(Script::text("x"));
    for body in ["", "{", "nope", "[]", "{\"messages\": [}"] {
        let mut request = json_request("/v1/chat/completions", &Value::Null);
        *request.body_mut() = body.into();
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body} {reply:?}");
        assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
    }
    let mut request = json_request("/v1/chat/completions", &Value::Null);
    *request.body_mut() = vec![b' '; 2 << 20].into();
    let reply = gateway.send(request).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reply.json()["error"]["code"], "body_too_large");
}

#[tokio::test]
async fn every_documented_field_and_any_other_is_taken() {
    let engine = Scripted::new([Script::text("x")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let reply = gateway
        .chat(json!({
            "model": "none", "models": ["nor/this", "org/scripted"],
            "messages": [
                {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
                {"role": "assistant", "content": null},
                {"role": "user", "name": "u", "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image_url", "image_url": {"url": data_uri(&png(1)), "detail": "high"}},
                    {"type": "image_url", "image_url": data_uri(&png(2))},
                    {"type": "text", "text": "b"}
                ]}
            ],
            "max_tokens": 9, "max_completion_tokens": 5, "temperature": 0.5, "top_p": 0.9,
            "top_k": 40, "min_p": 0.1, "frequency_penalty": 0.1, "presence_penalty": 0.2,
            "repetition_penalty": 1.1, "seed": -3, "stop": "zz", "n": 1,
            "logit_bias": {"5": -100}, "logprobs": true, "top_logprobs": 2, "stream": false,
            "tools": tools(), "tool_choice": "none", "user": "u", "metadata": {}, "store": true,
            "service_tier": "auto", "provider": {"order": ["x"]}, "transforms": [], "plugins": [],
            "reasoning": {}, "usage": {"include": true}, "never_heard_of": [1, {"a": null}]
        }))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let asked = engine.asked.lock().unwrap();
    let asked = &asked[0];
    assert_eq!(
        (asked.max_tokens, asked.top_logprobs, pictures(asked)),
        (5, 2, 2)
    );
    let sampling = &asked.sampling;
    assert_eq!(
        (sampling.temperature, sampling.top_k, sampling.seed),
        (0.5, Some(40), Some(-3i64 as u64))
    );
    assert_eq!(sampling.logit_bias.get(&5), Some(&-100.0));
    assert_eq!(asked.messages()[0].role, Role::System);
    let order: Vec<_> = asked.messages()[2]
        .parts
        .iter()
        .map(|part| matches!(part, Part::Picture(_)))
        .collect();
    assert_eq!(order, [false, true, true, false]);
}

#[tokio::test]
async fn defaults_are_deterministic_and_bounded() {
    let engine = Scripted::new([Script::text("x")]);
    Gateway::new(engine.clone(), Options::default())
        .chat(ask())
        .await;
    let asked = engine.asked.lock().unwrap();
    assert_eq!(
        (asked[0].sampling.temperature, asked[0].max_tokens),
        (0.0, 100)
    );
}

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
            Grammar::Free | Grammar::Lark(_) => None,
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

#[tokio::test]
async fn stop_sequences_cut_the_answer_and_end_the_run() {
    for stream in [false, true] {
        let engine = Scripted::gated([Script::text("one two three")]);
        engine.gate.add_permits(8);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let mut request = with("stop", json!([" tw", "zzz"]));
        request["stream"] = json!(stream);
        let reply = gateway.chat(request).await;
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(
            !text.contains("tw") && text.contains("\"finish_reason\":\"stop\""),
            "{text}"
        );
        if !stream {
            assert_eq!(reply.json()["choices"][0]["message"]["content"], "one");
            assert_eq!(reply.json()["usage"]["prompt_tokens"], 7);
        }
        while engine.running.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn several_choices() {
    let scripts = ["a", "b", "c"].map(Script::text);
    let engine = Scripted::new(scripts.clone());
    let options = || Options {
        concurrency: 1,
        ..Options::default()
    };
    let mut request = with("n", json!(3));
    request["seed"] = json!(5);
    let answer = Gateway::new(engine.clone(), options())
        .chat(request.clone())
        .await
        .json();
    let contents: Vec<_> = answer["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| {
            (
                choice["index"].as_u64().unwrap(),
                choice["message"]["content"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(contents, [(0, "a"), (1, "b"), (2, "c")]);
    assert_eq!(
        (
            &answer["usage"]["prompt_tokens"],
            &answer["usage"]["completion_tokens"]
        ),
        (&json!(7), &json!(3))
    );
    let mut seeds: Vec<_> = engine
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|asked| asked.sampling.seed)
        .collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [Some(5), Some(6), Some(7)]);

    request["stream"] = json!(true);
    let reply = Gateway::new(Scripted::new(scripts), options())
        .chat(request)
        .await;
    let chunks: Vec<Value> = reply
        .events()
        .iter()
        .filter_map(|event| serde_json::from_str(event).ok())
        .collect();
    for index in 0..3 {
        let of_choice = |chunk: &&Value| chunk["choices"][0]["index"] == index;
        let mine: Vec<_> = chunks.iter().filter(of_choice).collect();
        assert_eq!(mine[0]["choices"][0]["delta"]["role"], "assistant");
        assert_eq!(mine.last().unwrap()["choices"][0]["finish_reason"], "stop");
    }
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
    while engine.running.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_to_wait_begins_with_comments() {
    let engine = Scripted::gated([Script::text("a"), Script::text("b")]);
    let options = Options {
        concurrency: 1,
        ..Options::default()
    };
    let gateway = Arc::new(Gateway::new(engine.clone(), options));
    let asking = |request: Value| {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.chat(request).await })
    };
    let first = asking(ask());
    while engine.running.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let second = asking(with("stream", json!(true)));
    let third = {
        let gateway = gateway.clone();
        let text = json!({"prompt": "Hello", "stream": true});
        tokio::spawn(async move { gateway.post_json("/v1/completions", &text).await })
    };
    tokio::time::sleep(Duration::from_secs(25)).await;
    engine.gate.add_permits(10);
    assert_eq!(first.await.unwrap().status, StatusCode::OK);
    for waited in [second, third] {
        let reply = waited.await.unwrap();
        let text = std::str::from_utf8(&reply.body).unwrap();
        assert!(text.starts_with(": keep-alive\n\ndata: {"), "{text}");
        assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
        // Nobody had answered when it began.
        assert_eq!(reply.header("x-model"), "");
    }
}

#[tokio::test]
async fn log_probabilities() {
    let mut request = with("logprobs", json!(true));
    let gateway = || {
        Gateway::scripted(Script::Tokens(vec![
            b"a".to_vec(),
            vec![0xE2, 0x82],
            vec![0xAC],
        ]))
    };
    let answer = gateway().chat(request.clone()).await.json();
    assert_eq!(answer["choices"][0]["message"]["content"], "a€");
    let content = &answer["choices"][0]["logprobs"]["content"];
    assert_eq!(content.as_array().unwrap().len(), 3);
    assert_eq!(
        content[0],
        json!({"token": "a", "logprob": -0.01, "bytes": [97], "top_logprobs": []})
    );
    assert_eq!(content[1]["bytes"], json!([0xE2, 0x82]));
    request["stream"] = json!(true);
    let streamed: usize = gateway()
        .chat(request)
        .await
        .events()
        .iter()
        .filter_map(|event| serde_json::from_str::<Value>(event).ok())
        .filter_map(|chunk| {
            chunk["choices"][0]["logprobs"]["content"]
                .as_array()
                .map(Vec::len)
        })
        .sum();
    assert_eq!(streamed, 3);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_says_so() {
    let answer = Gateway::scripted(Script::text("abcdef"))
        .chat(with("max_tokens", json!(3)))
        .await
        .json();
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["choices"][0]["message"]["content"], "abc");
}

#[tokio::test]
async fn models_are_listed_and_found_with_their_slashes() {
    let gateway = Gateway::scripted(Script::text("x"));
    for base in ["/v1", "/api/v1"] {
        let list = gateway.get(&format!("{base}/models")).await.json();
        assert_eq!(
            (&list["object"], &list["data"][0]["id"]),
            (&json!("list"), &json!("org/scripted"))
        );
        assert!(list["data"][0]["created"].is_u64());
        for id in ["org/scripted", "org%2Fscripted", "org%2fscripted"] {
            let model = gateway.get(&format!("{base}/models/{id}")).await;
            assert_eq!(model.json()["id"], "org/scripted", "{id}");
        }
        assert_eq!(
            gateway.get(&format!("{base}/models/none")).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

/// The Go backend's OpenRouter call: no `response_format`, a system message of one text part.
#[tokio::test]
async fn the_go_backends_call() {
    let gateway = Gateway::scripted(Script::text("{}"));
    let reply = gateway
        .post_json(
            "/api/v1/chat/completions",
            &json!({
                "model": "org/scripted",
                "messages": [
                    {"role": "system", "content": [{"type": "text", "text": "You read receipts."}]},
                    {"role": "user", "content": [
                        {"type": "text", "text": "Read this."},
                        {"type": "image_url", "image_url": {"url": data_uri(&png(1))}}
                    ]}
                ]
            }),
        )
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json()["choices"][0]["message"]["content"], "{}");
}
