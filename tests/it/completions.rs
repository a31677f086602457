//! `/v1/completions`.

use axum::http::StatusCode;
use receipt_gateway::generation::Prompt;
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Script, Scripted};

const PATH: &str = "/v1/completions";

#[tokio::test]
async fn a_text_goes_on_without_a_template() {
    let engine = Scripted::new([Script::text("12.50")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let reply = gateway
        .post_json(
            PATH,
            &json!({"prompt": "TOTAL ", "logprobs": 2, "echo": false}),
        )
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let answer = reply.json();
    assert!(answer["id"].as_str().unwrap().starts_with("cmpl-"));
    assert_eq!(answer["object"], "text_completion");
    let choice = &answer["choices"][0];
    assert_eq!(
        (&choice["text"], &choice["finish_reason"]),
        (&json!("12.50"), &json!("stop"))
    );
    let logprobs = &choice["logprobs"];
    assert_eq!(logprobs["tokens"], json!(["1", "2", ".", "5", "0"]));
    assert_eq!(logprobs["text_offset"], json!([0, 1, 2, 3, 4]));
    assert_eq!(logprobs["token_logprobs"].as_array().unwrap().len(), 5);
    let asked = engine.asked.lock().unwrap();
    assert!(matches!(&asked[0].prompt, Prompt::Text(text) if text == "TOTAL "));
    assert_eq!((asked[0].max_tokens, asked[0].top_logprobs), (16, 2));
}

#[tokio::test]
async fn several_prompts_wait_for_one_place() {
    let scripts = ["a", "b", "c", "d"].map(Script::text);
    let options = Options {
        concurrency: 1,
        ..Options::default()
    };
    let gateway = Gateway::new(Scripted::new(scripts), options);
    let request = json!({"prompt": ["one ", "two "], "n": 2, "echo": true});
    let answer = gateway.post_json(PATH, &request).await.json();
    let texts: Vec<_> = answer["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["one a", "one b", "two c", "two d"]);
    // Each prompt counts once.
    assert_eq!(answer["usage"]["prompt_tokens"], 14);
    assert_eq!(answer["usage"]["completion_tokens"], 4);
}

#[tokio::test]
async fn offsets_count_characters_however_tokens_and_stops_cut_them() {
    let tokens = [&b"a\n"[..], &[0xC3], &[0xA9], b"\n", b"b"];
    let script = Script::Tokens(tokens.map(<[u8]>::to_vec).to_vec());
    let mut request = json!({"prompt": "x", "logprobs": 1, "stop": "\n\n"});
    let whole = Gateway::scripted(script.clone())
        .post_json(PATH, &request)
        .await
        .json();
    let expected = json!([0, 2, 3, 3, 4]);
    assert_eq!(whole["choices"][0]["logprobs"]["text_offset"], expected);
    request["stream"] = json!(true);
    let events = Gateway::scripted(script)
        .post_json(PATH, &request)
        .await
        .events();
    let offsets: Vec<Value> = events
        .iter()
        .filter_map(|event| serde_json::from_str::<Value>(event).ok())
        .filter_map(|chunk| {
            chunk["choices"][0]["logprobs"]["text_offset"]
                .as_array()
                .cloned()
        })
        .flatten()
        .collect();
    assert_eq!(json!(offsets), expected);
}

#[tokio::test]
async fn a_stream_echoes_and_counts_each_prompt_once() {
    let request = json!({
        "prompt": ["one ", "two "], "n": 2, "echo": true, "stream": true,
        "stream_options": {"include_usage": true}
    });
    let scripts = ["a", "b", "c", "d"].map(Script::text);
    let options = Options {
        concurrency: 1,
        ..Options::default()
    };
    let gateway = Gateway::new(Scripted::new(scripts), options);
    let events = gateway.post_json(PATH, &request).await.events();
    let mut texts = vec![String::new(); 4];
    let mut usage = Value::Null;
    for chunk in events
        .iter()
        .filter_map(|event| serde_json::from_str::<Value>(event).ok())
    {
        usage = chunk["usage"].clone();
        for choice in chunk["choices"].as_array().unwrap() {
            let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
            texts[index] += choice["text"].as_str().unwrap();
        }
    }
    assert_eq!(texts, ["one a", "one b", "two c", "two d"]);
    assert_eq!(
        (&usage["prompt_tokens"], &usage["completion_tokens"]),
        (&json!(14), &json!(4))
    );
}

#[tokio::test]
async fn a_stream_of_chunks() {
    let request = json!({
        "prompt": "x", "stream": true, "stream_options": {"include_usage": true}, "logprobs": 0
    });
    let gateway = Gateway::scripted(Script::text("ab"));
    let mut events = gateway.post_json(PATH, &request).await.events();
    assert_eq!(events.pop().unwrap(), "[DONE]");
    let chunks: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(event).unwrap())
        .collect();
    let text: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["text"].as_str())
        .collect();
    assert_eq!(text, "ab");
    let offsets: Vec<_> = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["logprobs"]["text_offset"][0].as_u64())
        .collect();
    assert_eq!(offsets, [0, 1]);
    assert_eq!(chunks.last().unwrap()["usage"]["completion_tokens"], 2);

    let gateway = Gateway::scripted(Script::Fails);
    let events = gateway.post_json(PATH, &request).await.events();
    assert!(events[events.len() - 2].starts_with("{\"error\":{"));
}

#[tokio::test]
async fn what_is_not_done_is_refused_by_name() {
    let options = Options {
        presets: vec![("receipt", Some("invoice"), None)],
        ..Options::default()
    };
    let gateway = Gateway::new(Scripted::new([Script::text("x")]), options);
    for (name, value) in [
        ("prompt", json!("")),
        ("prompt", json!([])),
        ("prompt", json!([1, 2])),
        ("prompt", json!(["a", "a", "a", "a", "a"])),
        ("n", json!(5)),
        ("suffix", json!("x")),
        ("best_of", json!(3)),
        ("logprobs", json!(6)),
        ("model", json!("receipt")),
        ("temperature", json!(3)),
    ] {
        let mut request = json!({"prompt": "x"});
        request[name] = value;
        let reply = gateway.post_json(PATH, &request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{request}");
        let param = reply.json()["error"]["param"].clone();
        assert!(param.as_str().unwrap().starts_with(name), "{param}");
    }
    let many = json!({"prompt": ["a", "b", "c"], "n": 2});
    let many = gateway.post_json(PATH, &many).await;
    assert_eq!(many.json()["error"]["param"], "n");
    let openrouter = gateway
        .post_json(
            "/api/v1/completions",
            &json!({"prompt": "x", "model": "none"}),
        )
        .await;
    assert_eq!(openrouter.json()["error"]["code"], 404);
}
