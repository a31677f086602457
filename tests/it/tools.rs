//! Calls of functions, plain and streamed, over the chat's scripted engines.

use axum::http::StatusCode;
use receipt_gateway::generation::{Grammar, Part, Role};
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Script, Scripted};

const WEATHER: &str =
    "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\":\"Bandung\"}}\n</tool_call>";
const CLOCK: &str = "<tool_call>\n{\"name\": \"clock\", \"arguments\": {}}\n</tool_call>";

fn ask() -> Value {
    json!({
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hot?"}],
        "tools": [
            {"type": "function", "function": {
                "name": "weather", "description": "Now.", "strict": true,
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                    "required": ["city"], "additionalProperties": false}
            }},
            {"type": "function", "function": {"name": "clock"}}
        ]
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut request = ask();
    request[name] = value;
    request
}

#[tokio::test]
async fn a_call_and_a_second_after_some_text() {
    let script = Script::text(&format!("I look.\n{WEATHER}\n{CLOCK}"));
    let engine = Scripted::new([script]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let answer = gateway.chat(with("max_tokens", json!(500))).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    let message = &choice["message"];
    assert_eq!(message["content"], "I look.\n");
    let calls = message["tool_calls"].as_array().unwrap();
    let called: Vec<_> = calls.iter().map(|call| &call["function"]).collect();
    assert_eq!(
        called,
        [
            &json!({"name": "weather", "arguments": "{\"city\":\"Bandung\"}"}),
            &json!({"name": "clock", "arguments": "{}"})
        ]
    );
    assert!(calls.iter().all(|call| call["type"] == "function"));
    assert_ne!(calls[0]["id"], calls[1]["id"]);

    let asked = engine.asked.lock().unwrap();
    assert!(matches!(&asked[0].grammar, Grammar::Lark(rules) if rules.contains("weather")));
    let messages = asked[0].messages();
    assert_eq!((messages.len(), messages[0].role), (2, Role::System));
    let told = format!("{:?}", messages[0].parts);
    assert!(
        told.contains("Be brief.") && told.contains("Now."),
        "{told}"
    );
}

#[tokio::test]
async fn a_call_alone_has_no_content_and_no_log_probabilities() {
    let mut request = with("logprobs", json!(true));
    request["max_tokens"] = json!(500);
    let gateway = Gateway::scripted(Script::text(WEATHER));
    let answer = gateway.chat(request).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["message"]["content"], Value::Null);
    assert_eq!(choice["logprobs"], Value::Null);
}

#[tokio::test]
async fn calls_are_streamed_as_they_grow() {
    let mut request = with("stream", json!(true));
    request["max_tokens"] = json!(500);
    let gateway = Gateway::scripted(Script::text(&format!("{WEATHER}\n{CLOCK}")));
    let events = gateway.chat(request).await.events();
    let chunks: Vec<Value> = events
        .iter()
        .filter_map(|event| serde_json::from_str(event).ok())
        .collect();
    let mut calls = vec![(String::new(), String::new()); 2];
    let mut deltas = 0;
    for chunk in &chunks {
        let delta = &chunk["choices"][0]["delta"];
        assert!(
            delta["content"].as_str().is_none_or(str::is_empty),
            "{chunk}"
        );
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            if let Some(name) = call["function"]["name"].as_str() {
                assert!(call["id"].as_str().unwrap().starts_with("call_"));
                name.clone_into(&mut calls[index].0);
            }
            calls[index].1 += call["function"]["arguments"].as_str().unwrap();
            deltas += 1;
        }
    }
    let expected = [("weather", "{\"city\":\"Bandung\"}"), ("clock", "{}")];
    let expected = expected.map(|(name, arguments)| (name.to_owned(), arguments.to_owned()));
    assert_eq!(calls, expected);
    assert!(deltas > 10, "{deltas}");
    let end = &chunks.last().unwrap()["choices"][0];
    assert_eq!(end["finish_reason"], "tool_calls");
}

#[tokio::test]
async fn what_is_no_call_is_text_and_a_stop_sequence_cuts_text_alone() {
    let gateway = Gateway::scripted(Script::text("It is <tool_hot> here"));
    let answer = gateway.chat(ask()).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["message"]["content"], "It is <tool_hot> here");
    assert_eq!(choice["finish_reason"], "stop");
    assert!(choice["message"].get("tool_calls").is_none());

    let mut request = with("stop", json!("city"));
    request["max_tokens"] = json!(500);
    let answer = Gateway::scripted(Script::text(WEATHER))
        .chat(request.clone())
        .await
        .json();
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
    let answer = Gateway::scripted(Script::text("What city?"))
        .chat(request)
        .await
        .json();
    assert_eq!(answer["choices"][0]["message"]["content"], "What ");
}

#[tokio::test]
async fn a_call_that_is_cut_off_says_so() {
    let gateway = Gateway::scripted(Script::text(WEATHER));
    let answer = gateway.chat(with("max_tokens", json!(56))).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "length");
    let arguments = &choice["message"]["tool_calls"][0]["function"]["arguments"];
    assert_eq!(arguments, "{\"city\":\"Ba");

    // Before its name there is nothing to tell of it.
    let mut request = with("max_tokens", json!(20));
    request["logprobs"] = json!(true);
    let gateway = Gateway::scripted(Script::text(WEATHER));
    let answer = gateway.chat(request).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "length");
    assert_eq!(choice["message"]["content"], "");
    assert!(choice["message"].get("tool_calls").is_none());
    assert_eq!(choice["logprobs"], Value::Null);
}

#[tokio::test]
async fn in_an_answer_of_json_the_mark_is_text() {
    let text = format!("{{\"a\":\"{}\"}}", "<tool_call>");
    let mut request = with("response_format", json!({"type": "json_object"}));
    request["max_tokens"] = json!(500);
    let gateway = |text: &str| Gateway::scripted(Script::text(text));
    let answer = gateway(&text).chat(request.clone()).await.json();
    assert_eq!(answer["choices"][0]["message"]["content"], text);
    let answer = gateway(WEATHER).chat(request).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
}

#[tokio::test]
async fn what_earlier_calls_came_to_is_told() {
    let engine = Scripted::new([Script::text("Hot.")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let call = |id: &str| {
        json!({"id": id, "type": "function", "function": {
            "name": "weather", "arguments": "{\"city\":\"Bandung\"}"}})
    };
    let reply = gateway
        .chat(json!({"messages": [
            {"role": "user", "content": "Hot?"},
            {"role": "assistant", "content": null, "tool_calls": [call("a"), call("b")]},
            {"role": "tool", "tool_call_id": "a", "content": "31"},
            {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "32"}]},
            {"role": "user", "content": "So?"}
        ]}))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let asked = engine.asked.lock().unwrap();
    let said: Vec<_> = asked[0]
        .messages()
        .iter()
        .map(|message| {
            let texts = message.parts.iter().map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Picture(_) => panic!("a picture"),
            });
            (message.role, texts.collect::<String>())
        })
        .collect();
    let results = "<tool_response>\n31\n</tool_response>\n<tool_response>\n32\n</tool_response>";
    assert_eq!(
        said,
        [
            (Role::User, "Hot?".to_owned()),
            (Role::Assistant, format!("{WEATHER}\n{WEATHER}")),
            (Role::User, results.to_owned()),
            (Role::User, "So?".to_owned())
        ]
    );
}

#[tokio::test]
async fn arguments_that_no_grammar_enforces_are_checked_when_they_are_there() {
    let parameters = json!({"properties": {"ids": {"type": "array", "uniqueItems": true}}});
    let request = |strict: bool| {
        let function = json!({"name": "f", "parameters": parameters, "strict": strict});
        let mut request = with("tools", json!([{"type": "function", "function": function}]));
        request["max_tokens"] = json!(500);
        request
    };
    let call = |ids: &str| {
        let text = format!(
            "<tool_call>\n{{\"name\": \"f\", \"arguments\": {{\"ids\":{ids}}}}}\n</tool_call>"
        );
        Gateway::scripted(Script::text(&text))
    };
    let refused = call("[1]").chat(request(true)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let error = &refused.json()["error"];
    assert_eq!(error["param"], "tools[0].function.parameters");
    assert!(error["message"].as_str().unwrap().contains("uniqueItems"));
    let fits = call("[1,2]").chat(request(false)).await;
    assert_eq!(fits.json()["choices"][0]["finish_reason"], "tool_calls");
    let unfit = call("[1,1]").chat(request(false)).await;
    assert_eq!(unfit.status, StatusCode::BAD_GATEWAY);
    assert_eq!(unfit.json()["error"]["code"], "invalid_answer");
}

#[tokio::test]
async fn what_is_wrong_with_tools_is_named() {
    let gateway = Gateway::scripted(Script::text("x"));
    let function = |function: Value| json!([{"type": "function", "function": function}]);
    let many: Vec<_> = (0..129)
        .map(|i| json!({"type": "function", "function": {"name": format!("f{i}")}}))
        .collect();
    for (name, value, param) in [
        ("tools", json!([{"type": "web_search"}]), "tools[0].type"),
        (
            "tools",
            function(json!({"name": "a b"})),
            "tools[0].function.name",
        ),
        (
            "tools",
            function(json!({"name": ""})),
            "tools[0].function.name",
        ),
        (
            "tools",
            json!([
                {"type": "function", "function": {"name": "f"}},
                {"type": "function", "function": {"name": "f"}}
            ]),
            "tools[1].function.name",
        ),
        (
            "tools",
            function(json!({"name": "f", "parameters": {"type": "array"}})),
            "tools[0].function.parameters",
        ),
        (
            "tools",
            function(json!({"name": "f", "parameters": {"description": "x".repeat(1 << 16)}})),
            "tools[0].function.parameters",
        ),
        ("tools", json!(many), "tools"),
        (
            "tool_choice",
            json!({"type": "function", "function": {"name": "none"}}),
            "tool_choice",
        ),
    ] {
        let reply = gateway.chat(with(name, value.clone())).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{name} {value}");
        assert_eq!(reply.json()["error"]["param"], param, "{:?}", reply.json());
    }
    let mut without = with("tool_choice", json!("required"));
    without["tools"] = json!([]);
    let reply = gateway.chat(without).await;
    assert_eq!(reply.json()["error"]["param"], "tool_choice");
}

#[tokio::test]
async fn a_model_that_takes_no_instructions_calls_nothing() {
    let options = || Options {
        takes_instructions: false,
        ..Options::default()
    };
    let gateway = Gateway::new(Scripted::new([Script::text("x")]), options());
    let reply = gateway.chat(ask()).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.json()["error"]["param"], "tools");
    let reply = gateway.chat(with("tool_choice", json!("none"))).await;
    assert_eq!(reply.status, StatusCode::OK);
}
