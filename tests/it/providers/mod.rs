//! Models that run elsewhere: what comes of everything that a provider may do, and who is asked in its
//! place.

mod costs;
mod failures;
mod files;
mod forms;
mod usage;

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use receipt_gateway::{
    app::Access,
    engine::remote::{Provider, ProviderSettings, RemoteEngine, RemoteSettings, StructuredOutput},
};
use serde_json::{Value, json};

use crate::{
    support::{Gateway, Options, Reply, Script, Scripted, invoice, png},
    upstream::{Does, Upstream, end, says},
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
        let settings = RemoteSettings {
            model: "their/model".into(),
            context_length: 8000,
            reads_pictures: true,
            structured_output,
            logprobs: false,
        };
        Self::with(settings, local, does).await
    }

    async fn with(
        settings: RemoteSettings,
        local: Script,
        does: impl IntoIterator<Item = Does>,
    ) -> Self {
        let options = Options {
            better: Some(Scripted::new([local])),
            ..Options::default()
        };
        Self::with_options(settings, options, does).await
    }

    async fn with_options(
        settings: RemoteSettings,
        options: Options,
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
        let provider = Arc::new(provider.unwrap());
        let engine = RemoteEngine::new(provider.clone(), settings);
        let options = Options {
            providers: vec![provider],
            metrics: Access::Open,
            provider: Some("upstream"),
            ..options
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
async fn a_connection_is_used_again_though_its_stream_ends_after_the_last_event() {
    let Does::Streams(events) = says(&["Hello"]) else {
        panic!("it streams");
    };
    let routed = Routed::new([Does::Pauses(events, Vec::new())]).await;
    for streams in [false, true].repeat(3) {
        let reply = routed.ask(json!({"stream": streams})).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        routed.upstream.go_on();
        // The end of the stream comes after the answer, on its own way.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(routed.upstream.times(), 6);
    assert!(routed.upstream.connections() < 6);
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

#[tokio::test]
async fn a_text_completion_tells_the_log_probabilities_of_the_provider() {
    let piece = |text: &str, logprobs: Value| {
        json!({"choices": [{"index": 0, "text": text, "logprobs": logprobs}]}).to_string()
    };
    let mut events = vec![
        piece(
            "Hello",
            json!({"tokens": ["Hel", "lo"], "token_logprobs": [-0.5, -0.25],
                "top_logprobs": [{"Hel": -0.5, "Hi": -1.5}, {"lo": -0.25}], "text_offset": [0, 3]}),
        ),
        // Some tell them late, in forms of their own, or not at all.
        piece(
            "!",
            json!({"tokens": null, "token_logprobs": null, "top_logprobs": {"!": -1.0}}),
        ),
        piece("", Value::Null),
    ];
    events.extend(end("stop"));
    let routed = Routed::new([Does::Streams(events)]).await;
    let body = json!({"model": "org/scripted", "prompt": "Say", "logprobs": 2});
    let reply = routed.gateway.post_json("/v1/completions", &body).await;
    let choice = &reply.json()["choices"][0];
    assert_eq!(choice["text"], "Hello!", "{reply:?}");
    let logprobs = &choice["logprobs"];
    assert_eq!(logprobs["tokens"], json!(["Hel", "lo"]), "{logprobs}");
    assert_eq!(logprobs["token_logprobs"], json!([-0.5, -0.25]));
    assert_eq!(
        logprobs["top_logprobs"][0],
        json!({"Hel": -0.5, "Hi": -1.5})
    );
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
    let picture = &routed.upstream.asked(0)["messages"][0]["content"][1];
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
