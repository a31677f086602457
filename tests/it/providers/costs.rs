//! What the tokens of a provider cost: as it states it, or by the prices of the configuration.

use axum::{body::Body, http::Request};
use receipt_gateway::{
    engine::remote::{RemoteSettings, StructuredOutput},
    generation::Prices,
};
use serde_json::{Value, json};

use super::Routed;
use crate::{
    support::{
        Gateway, Options, Reply, Script, Scripted, data_uri, invoice, json_request, key, png,
        with_key,
    },
    upstream::{Does, delta},
};

/// An answer of "Hi" with that usage.
fn costs(usage: Value) -> Does {
    answers("Hi", usage)
}

fn answers(text: &str, mut usage: Value) -> Does {
    usage["prompt_tokens"] = json!(1000);
    usage["completion_tokens"] = json!(200);
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let usage = json!({"choices": [], "usage": usage});
    let events = [delta(text), end.to_string(), usage.to_string()];
    Does::Streams(events.into_iter().chain(["[DONE]".to_owned()]).collect())
}

/// 0.30 dollars for a million tokens of prompts, 2.50 for generated ones, a tenth of a cent for a picture.
fn prices() -> Prices {
    let decimal = |text: &str| text.parse().unwrap();
    Prices {
        prompt: decimal("0.0000003"),
        completion: decimal("0.0000025"),
        cached_prompt: decimal("0.00000003"),
        image: decimal("0.001"),
        request: decimal("0"),
    }
}

async fn priced(options: Options, does: impl IntoIterator<Item = Does>) -> Routed {
    let settings = RemoteSettings {
        model: "their/model".into(),
        context_length: 8000,
        reads_pictures: true,
        structured_output: StructuredOutput::JsonSchema,
        logprobs: false,
    };
    let options = Options {
        prices: Some(prices()),
        ..options
    };
    Routed::with_options(settings, options, does).await
}

/// The usage of the whole answer and of the streamed one, from each of the routes below `base`.
async fn told(routed: &Routed, base: &str) -> Vec<Value> {
    let messages = json!([{"role": "user", "content": "Hello"}]);
    let mut found = Vec::new();
    for (route, mut body) in [
        ("chat/completions", json!({"messages": messages})),
        ("completions", json!({"prompt": "Hello"})),
        ("responses", json!({"input": "Hello"})),
    ] {
        body["model"] = json!("org/scripted");
        let path = format!("{base}/{route}");
        let whole = routed.gateway.post_json(&path, &body).await;
        assert_eq!(whole.status, 200, "{whole:?}");
        found.push(whole.json()["usage"].clone());
        body["stream"] = json!(true);
        if route != "responses" {
            body["stream_options"] = json!({"include_usage": true});
        }
        let streamed = routed.gateway.post_json(&path, &body).await;
        found.push(last_usage(&streamed));
    }
    found
}

/// The usage that a stream ends with.
fn last_usage(streamed: &Reply) -> Value {
    let text = std::str::from_utf8(&streamed.body).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let events = lines.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    let mut usages = events.map(|event| match event.get("response") {
        Some(response) => response["usage"].clone(),
        None => event["usage"].clone(),
    });
    usages.rfind(|usage| !usage.is_null()).unwrap()
}

#[tokio::test]
async fn what_a_provider_states_is_passed_on_by_every_route() {
    let stated = json!({
        "cost": 0.000_149_25,
        "cost_details": {"upstream_inference_cost": null, "upstream_inference_prompt_cost": 0.0001,
            "upstream_inference_completions_cost": 0.000_049_25},
        "completion_tokens_details": {"reasoning_tokens": 64},
        "prompt_tokens_details": {"cached_tokens": 512},
    });
    let routed = Routed::new([costs(stated)]).await;
    for base in ["/v1", "/api/v1"] {
        let found = told(&routed, base).await;
        assert_eq!(found.len(), 6);
        for usage in found {
            assert_eq!(usage["cost"], 0.000_149_25, "{base} {usage}");
            let details = &usage["cost_details"];
            let is_response = usage.get("input_tokens").is_some();
            let [prompt, answer] = if is_response {
                ["input", "output"]
            } else {
                ["prompt", "completions"]
            };
            let part = |name| details[format!("upstream_inference_{name}_cost")].clone();
            assert_eq!(
                (part(prompt), part(answer)),
                (json!(0.0001), json!(0.000_049_25))
            );
            assert_eq!(details.get("upstream_inference_cost"), None);
            let [prompt, answer] = if is_response {
                ["input_tokens_details", "output_tokens_details"]
            } else {
                ["prompt_tokens_details", "completion_tokens_details"]
            };
            assert_eq!(usage[prompt]["cached_tokens"], 512);
            assert_eq!(usage[answer]["reasoning_tokens"], 64);
        }
    }
}

#[tokio::test]
async fn what_a_provider_does_not_state_is_left_out() {
    for stated in [json!({}), json!({"cost": null}), json!({"cost": -1})] {
        let routed = Routed::new([costs(stated)]).await;
        for usage in told(&routed, "/api/v1").await {
            assert_eq!(usage.get("cost"), None, "{usage}");
            assert_eq!(usage.get("cost_details"), None);
            let details = &usage["completion_tokens_details"];
            assert_eq!(details.get("reasoning_tokens"), None);
        }
        let scrape = text(&routed, "/metrics").await;
        assert!(scrape.contains("generation_cost_usd_total{model=\"org/scripted\"} 0.0\n"));
        assert!(scrape.contains("generations_without_cost_total{model=\"org/scripted\"} 6\n"));
    }
}

async fn text(routed: &Routed, path: &str) -> String {
    let reply = routed.gateway.get(path).await;
    String::from_utf8(reply.body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_model_that_runs_here_costs_nothing_and_says_so_to_openrouters_clients_alone() {
    let routed = Routed::new([costs(json!({}))]).await;
    let body = json!({"model": "org/better", "messages": [{"role": "user", "content": "Hi"}]});
    for (path, cost) in [
        ("/v1/chat/completions", None),
        ("/api/v1/chat/completions", Some(&json!(0.0))),
    ] {
        let reply = routed.gateway.post_json(path, &body).await.json();
        assert_eq!(reply["usage"].get("cost"), cost, "{reply}");
    }
}

#[tokio::test]
async fn prices_tell_what_a_provider_does_not() {
    let cached = json!({"prompt_tokens_details": {"cached_tokens": 400}});
    for (stated, cost) in [
        // 1000 * 0.30 + 200 * 2.50, for a million.
        (json!({}), 0.0008),
        (cached, 0.000_692),
        (json!({"cost": 0.25}), 0.25),
        (json!({"cost": 0}), 0.0),
    ] {
        let routed = priced(Options::default(), [costs(stated)]).await;
        for usage in told(&routed, "/api/v1").await {
            assert_eq!(usage["cost"], cost, "{usage}");
        }
    }
}

#[tokio::test]
async fn pictures_choices_and_answers_asked_for_again_cost_too() {
    let routed = priced(Options::default(), [costs(json!({}))]).await;
    let picture = json!({"type": "image_url", "image_url": {"url": data_uri(&png(1))}});
    let shown = json!({"messages": [{"role": "user", "content": [picture, picture]}]});
    let usage = routed.ask(shown).await.json()["usage"].clone();
    assert_eq!(usage["cost"], 0.0028, "{usage}");
    // The provider is asked once for each choice.
    let usage = routed.ask(json!({"n": 3})).await.json()["usage"].clone();
    assert_eq!(
        (&usage["cost"], &usage["prompt_tokens"]),
        (&json!(0.0024), &json!(1000))
    );

    let format = json!({"response_format": {"type": "json_schema", "json_schema": {
        "name": "n", "strict": true, "schema": {"type": "object", "properties": {"a": {"type": "integer"}},
            "required": ["a"], "additionalProperties": false}}}});
    for (stated, cost) in [(json!({}), 0.0016), (json!({"cost": 0.1}), 0.2)] {
        let both = ["{\"a\":\"x\"}", "{\"a\":1}"].map(|text| answers(text, stated.clone()));
        let routed = priced(Options::default(), both).await;
        let usage = routed.ask(format.clone()).await.json()["usage"].clone();
        assert_eq!(routed.upstream.times(), 2);
        assert_eq!(
            (&usage["cost"], &usage["prompt_tokens"]),
            (&json!(cost), &json!(1000))
        );
    }
}

#[tokio::test]
async fn costs_add_up_by_model_and_by_key() {
    let options = Options {
        keys: vec![key("a", "first"), key("b", "second")],
        ..Options::default()
    };
    let routed = priced(options, [costs(json!({"cost": 0.1})), costs(json!({}))]).await;
    let ask = async |secret: &str| {
        let body =
            json!({"model": "org/scripted", "messages": [{"role": "user", "content": "Hi"}]});
        let request = with_key(json_request("/v1/chat/completions", &body), secret);
        assert_eq!(routed.gateway.send(request).await.status, 200);
    };
    ask("first").await;
    ask("first").await;
    ask("second").await;
    for (secret, spent) in [("first", 0.1008), ("second", 0.0008)] {
        let request = Request::get("/api/v1/key").body(Body::empty()).unwrap();
        let key = routed.gateway.send(with_key(request, secret)).await.json();
        for sum in ["usage", "usage_daily", "usage_weekly", "usage_monthly"] {
            assert_eq!(key["data"][sum], spent, "{key}");
        }
    }
    let scrape = text(&routed, "/metrics").await;
    let line = "generation_cost_usd_total{model=\"org/scripted\"} 0.1016\n";
    assert!(scrape.contains(line), "{scrape}");
    assert!(scrape.contains("generations_without_cost_total{model=\"org/scripted\"} 0\n"));
}

#[tokio::test]
async fn a_receipt_costs_all_its_attempts_and_one_from_memory_nothing() {
    let options = Options {
        keys: vec![key("a", "first")],
        ..Options::default()
    };
    let misfit = answers("{}", json!({"cost": 0.5}));
    let fits = answers(&invoice().to_string(), json!({"cost": 0.25}));
    let routed = priced(options, [misfit, fits]).await;
    for (found, cost) in [("miss", 0.75), ("hit", 0.0)] {
        let body = json!({"image_url": data_uri(&png(1)), "include": "meta"});
        let request = with_key(json_request("/extract?include=meta", &body), "first");
        let reply = routed.gateway.send(request).await;
        assert_eq!(reply.header("x-cache"), found, "{reply:?}");
        assert_eq!(reply.json()["meta"]["usage"]["cost"], cost, "{reply:?}");
        let path = format!("/api/v1/generation?id={}", reply.header("x-generation-id"));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let told = routed.gateway.send(with_key(request, "first")).await.json();
        assert_eq!(told["data"]["total_cost"], cost, "{told}");
        assert_eq!(told["data"]["provider_name"], "upstream", "{told}");
    }
    let request = Request::get("/api/v1/key").body(Body::empty()).unwrap();
    let key = routed.gateway.send(with_key(request, "first")).await.json();
    assert_eq!(key["data"]["usage"], 0.75);
}

#[tokio::test]
async fn models_state_the_prices_that_are_set() {
    let options = Options {
        better: Some(Scripted::new([Script::text("local")])),
        ..Options::default()
    };
    let routed = priced(options, [costs(json!({}))]).await;
    let listed = routed.gateway.get("/api/v1/models").await.json();
    let pricing = |id: &str| {
        let models = listed["data"].as_array().unwrap().iter();
        let mut found = models.filter(|model| model["id"] == id);
        found.next().unwrap()["pricing"].clone()
    };
    assert_eq!(
        pricing("org/scripted"),
        json!({"prompt": "0.0000003", "completion": "0.0000025", "input_cache_read": "0.00000003",
            "image": "0.001", "request": "0"})
    );
    assert_eq!(
        pricing("org/better"),
        json!({"prompt": "0", "completion": "0"})
    );
    let unpriced = Routed::new([costs(json!({}))]).await;
    let listed = unpriced
        .gateway
        .get("/api/v1/model/org/scripted")
        .await
        .json();
    let pricing = &listed["data"]["pricing"];
    assert_eq!(*pricing, json!({"prompt": "-1", "completion": "-1"}));
}

#[tokio::test]
async fn an_answer_that_a_stop_sequence_ends_has_no_cost_that_is_known() {
    let routed = priced(Options::default(), [costs(json!({"cost": 0.1}))]).await;
    let reply = routed.ask(json!({"stop": ["i"]})).await.json();
    assert_eq!(reply["choices"][0]["message"]["content"], "H", "{reply}");
    assert_eq!(reply["usage"].get("cost"), None);
    let scrape = text(&routed, "/metrics").await;
    assert!(scrape.contains("generations_without_cost_total{model=\"org/scripted\"} 1\n"));
}

#[tokio::test]
async fn a_model_that_runs_here_may_have_a_price() {
    let options = Options {
        prices: Some(prices()),
        ..Options::default()
    };
    let engine = Scripted::new([Script::text("Hello")]);
    let gateway = Gateway::new(engine, options);
    // 7 tokens of the prompt and 5 of the answer, then 7 and 2: an answer that is cut here costs what was written.
    for (more, cost) in [(json!([]), 0.000_014_6), (json!(["l"]), 0.000_009_6)] {
        let body = json!({"stop": more, "messages": [{"role": "user", "content": "Hi"}]});
        let usage = gateway.chat(body).await.json()["usage"].clone();
        assert_eq!(usage["cost"], cost, "{usage}");
    }
}
