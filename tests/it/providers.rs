//! Models that run elsewhere: what comes of everything that a provider may do, and who is asked in its
//! place.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use receipt_gateway::{
    engine::remote::{Provider, ProviderSettings, RemoteEngine, RemoteSettings, StructuredOutput},
    http::Access,
};
use serde_json::{Value, json};

use crate::{
    support::{Gateway, Options, Reply, Script, Scripted, invoice, png},
    upstream::{Does, Upstream, delta, end, says},
};

/// A gateway whose `org/scripted` that provider runs, and whose `org/better` runs here and says "local".
struct Routed {
    gateway: Gateway,
    upstream: Arc<Upstream>,
}

impl Routed {
    async fn new(does: impl IntoIterator<Item = Does>) -> Self {
        Self::by(StructuredOutput::JsonSchema, Script::text("local"), does).await
    }

    async fn by(
        structured_output: StructuredOutput,
        local: Script,
        does: impl IntoIterator<Item = Does>,
    ) -> Self {
        let (upstream, address) = Upstream::serve(does).await;
        let provider = Provider::new(ProviderSettings {
            name: "upstream".into(),
            base_url: format!("http://{address}/api/").parse().unwrap(),
            api_key: Some("secret".into()),
            headers: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            first_token_timeout: Duration::from_millis(300),
            idle_timeout: Duration::from_millis(300),
            max_answer_bytes: 10_000,
            failures_to_open: 3,
            open_for: Duration::from_mins(5),
        });
        let settings = RemoteSettings {
            model: "their/model".into(),
            context_length: 8000,
            reads_pictures: true,
            structured_output,
            logprobs: false,
        };
        let provider = Arc::new(provider.unwrap());
        let engine = RemoteEngine::new(provider.clone(), settings);
        let options = Options {
            providers: vec![provider],
            metrics: Access::Open,
            provider: Some("upstream"),
            better: Some(Scripted::new([local])),
            ..Options::default()
        };
        Self {
            gateway: Gateway::new(Arc::new(engine), options),
            upstream,
        }
    }

    /// Asks the provider's model alone.
    async fn ask(&self, more: Value) -> Reply {
        let mut body = json!({
            "model": "org/scripted", "messages": [{"role": "user", "content": "Hello"}]
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        self.gateway.chat(body).await
    }

    /// Asks the provider's model, and the local one behind it.
    async fn ask_both(&self, streams: bool) -> Reply {
        let both = json!(["org/scripted", "org/better"]);
        self.ask(json!({"models": both, "stream": streams})).await
    }
}

fn content(reply: &Reply) -> String {
    let message = &reply.json()["choices"][0]["message"];
    message["content"].as_str().unwrap().to_owned()
}

fn text_of(events: &[String]) -> String {
    let chunks = events.iter().filter(|event| *event != "[DONE]");
    let chunks = chunks.map(|event| serde_json::from_str::<Value>(event).unwrap());
    let texts = chunks.filter_map(|chunk| {
        let text = chunk["choices"][0]["delta"]["content"].as_str();
        text.map(ToOwned::to_owned)
    });
    texts.collect()
}

#[tokio::test]
async fn an_answer_comes_through_as_it_is() {
    let routed = Routed::new([says(&["Hel", "lo", " you"])]).await;
    let whole = routed
        .ask(json!({"temperature": 0.5, "seed": 3, "max_tokens": 9}))
        .await;
    assert_eq!(whole.status, StatusCode::OK, "{whole:?}");
    assert_eq!(content(&whole), "Hello you");
    let body = whole.json();
    assert_eq!(
        (
            &body["usage"]["prompt_tokens"],
            &body["provider"],
            &body["model"]
        ),
        (&json!(11), &json!("upstream"), &json!("org/scripted"))
    );
    assert_eq!(
        (
            whole.header("x-model"),
            whole.header("x-provider"),
            whole.header("x-attempts")
        ),
        ("org/scripted", "upstream", "1")
    );
    let asked = routed.upstream.asked(0);
    assert_eq!(
        (
            &asked["model"],
            &asked["temperature"],
            &asked["seed"],
            &asked["max_tokens"]
        ),
        (&json!("their/model"), &json!(0.5), &json!(3), &json!(9))
    );
    assert_eq!(
        asked["messages"],
        json!([{"role": "user", "content": "Hello"}])
    );
    let headers = routed.upstream.asked.lock().unwrap()[0].0.clone();
    assert_eq!(headers["authorization"], "Bearer secret");

    let streamed = routed.ask(json!({"stream": true})).await;
    assert_eq!(text_of(&streamed.events()), "Hello you");
    assert_eq!(streamed.events().last().unwrap(), "[DONE]");
}

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

fn format() -> Value {
    json!({"response_format": {"type": "json_schema", "json_schema": {
        "name": "n", "strict": true,
        "schema": {"type": "object", "properties": {"a": {"type": "integer"}},
                   "required": ["a"], "additionalProperties": false}
    }}})
}

#[tokio::test]
async fn a_schema_is_passed_on_and_the_answer_checked() {
    let misfit = says(&["{\"a\": ", "\"x\"}"]);
    let routed = Routed::new([misfit.clone(), says(&["{\"a\": ", "1}"])]).await;
    let reply = routed.ask(format()).await;
    assert_eq!(content(&reply), "{\"a\": 1}", "{reply:?}");
    let (first, second) = (routed.upstream.asked(0), routed.upstream.asked(1));
    let schema = &first["response_format"]["json_schema"]["schema"];
    assert_eq!(schema["properties"]["a"]["type"], "integer");
    assert!(schema.get("x-guidance").is_none());
    assert_eq!(first["messages"].as_array().unwrap().len(), 1);
    assert_eq!(second["messages"][1]["content"], "{\"a\": \"x\"}");

    let routed = Routed::new([misfit]).await;
    let reply = routed.ask(format()).await;
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
    assert_eq!(reply.json()["error"]["code"], "invalid_answer");
    assert_eq!(routed.upstream.times(), 2);
}

#[tokio::test]
async fn an_upstream_that_knows_no_schemas_is_told_in_words() {
    for (how, kind) in [
        (StructuredOutput::JsonObject, json!({"type": "json_object"})),
        (StructuredOutput::Prompt, Value::Null),
    ] {
        let routed = Routed::by(how, Script::text("local"), [says(&["{\"a\":1}"])]).await;
        assert_eq!(content(&routed.ask(format()).await), "{\"a\":1}");
        let asked = routed.upstream.asked(0);
        assert_eq!(asked["response_format"], kind);
        let told = asked["messages"][0]["content"].as_str().unwrap();
        assert!(told.contains("\"integer\""), "{told}");
    }
}

#[tokio::test]
async fn a_receipt_is_read_by_the_provider_or_whoever_comes_next() {
    let text = invoice().to_string();
    let routed = Routed::new([says(&[&text])]).await;
    let reply = routed.gateway.extract(png(1)).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(reply.json(), invoice());
    assert_eq!(
        (reply.header("x-provider"), reply.header("x-confidence")),
        ("upstream", "")
    );
    let picture = &routed.upstream.asked(0)["messages"][0]["content"][0];
    let url = picture["image_url"]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/png;base64,"), "{picture}");

    let routed = Routed::by(
        StructuredOutput::JsonSchema,
        Script::text(&text),
        [Does::Says(500, json!({}))],
    )
    .await;
    let alone = routed.gateway.extract(png(1)).await;
    assert_eq!(alone.status, StatusCode::BAD_GATEWAY);
    assert_eq!(alone.json()["code"], "provider_failed");
}

#[tokio::test]
async fn functions_are_named_and_calls_come_back() {
    let call = |index: usize, name: Value, arguments: &str| {
        let function = json!({"name": name, "arguments": arguments});
        let calls = json!([{"index": index, "id": "c", "type": "function", "function": function}]);
        json!({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}).to_string()
    };
    let tools = json!({"tools": [{"type": "function", "function": {
        "name": "add", "parameters": {"type": "object", "required": ["a"],
            "properties": {"a": {"type": "integer"}}}
    }}, {"type": "function", "function": {"name": "now"}}], "tool_choice": "required"});
    let mut events = vec![
        call(0, json!("add"), ""),
        call(0, Value::Null, "{\"a\""),
        call(0, Value::Null, ": 1}"),
        call(1, json!("now"), ""),
    ];
    events.extend(end("tool_calls"));
    let routed = Routed::new([Does::Streams(events)]).await;
    let reply = routed.ask(tools.clone()).await;
    let choice = reply.json()["choices"][0].clone();
    assert_eq!(choice["finish_reason"], "tool_calls", "{reply:?}");
    let calls = choice["message"]["tool_calls"].as_array().unwrap();
    let calls: Vec<_> = calls.iter().map(|call| &call["function"]).collect();
    assert_eq!(
        calls,
        [
            &json!({"name": "add", "arguments": "{\"a\": 1}"}),
            &json!({"name": "now", "arguments": "{}"})
        ]
    );
    let asked = routed.upstream.asked(0);
    assert_eq!(asked["tools"][0]["function"]["name"], "add");
    assert_eq!(asked["tool_choice"], "required");
    assert_eq!(asked["messages"].as_array().unwrap().len(), 1);

    // Blanks around arguments and between calls change nothing.
    let mut events = vec![
        call(0, json!("add"), " {\"a\":"),
        call(0, Value::Null, " 2} \n"),
        delta("\n"),
        call(1, json!("add"), "{\"a\":3}"),
        delta("Done."),
    ];
    events.extend(end("tool_calls"));
    let routed = Routed::new([Does::Streams(events)]).await;
    let reply = routed.ask(tools.clone()).await.json();
    let calls = reply["choices"][0]["message"]["tool_calls"].clone();
    let calls: Vec<_> = calls.as_array().unwrap().iter().collect();
    let arguments: Vec<_> = calls
        .iter()
        .map(|call| &call["function"]["arguments"])
        .collect();
    assert_eq!(arguments, ["{\"a\": 2}", "{\"a\":3}"], "{reply}");

    // Arguments that do not fit, or end too early, are never passed on as a finished call.
    for unfit in ["{\"a\": \"x\"}", "{\"a\": 1", "{\"a\": 1} 2", "[1]"] {
        let mut events = vec![call(0, json!("add"), unfit)];
        events.extend(end("tool_calls"));
        let routed = Routed::new([Does::Streams(events)]).await;
        let reply = routed.ask(tools.clone()).await;
        assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{unfit} {reply:?}");
    }
    let mut events = vec![call(0, json!("add"), "{\"a\": 12")];
    events.extend(end("length"));
    let routed = Routed::new([Does::Streams(events)]).await;
    let cut = routed.ask(tools).await.json()["choices"][0].clone();
    assert_eq!(cut["finish_reason"], "length", "{cut}");
    let calls = &cut["message"]["tool_calls"];
    assert_eq!(calls[0]["function"]["arguments"], "{\"a\": 12", "{cut}");
}

#[tokio::test]
async fn wishes_choose_among_providers() {
    let routed = Routed::new([says(&["remote"])]).await;
    let both = json!(["org/better"]);
    let by = |provider: Value| json!({"models": both, "provider": provider});
    for (wishes, answer) in [
        (json!({}), "remote"),
        (json!({"order": ["receipt-gateway"]}), "local"),
        (json!({"only": ["Receipt-Gateway"]}), "local"),
        (json!({"ignore": ["upstream"]}), "local"),
        (json!({"sort": "price", "order": ["else"]}), "remote"),
    ] {
        let reply = routed.ask(by(wishes.clone())).await;
        assert_eq!(content(&reply), answer, "{wishes}");
    }
    let none = routed.ask(by(json!({"only": ["else"]}))).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);

    let routed = Routed::new([Does::Says(500, json!({}))]).await;
    let alone = routed.ask(by(json!({"allow_fallbacks": false}))).await;
    assert_eq!(alone.status, StatusCode::BAD_GATEWAY);
}
