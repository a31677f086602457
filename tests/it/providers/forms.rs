//! What is to be of a form: answers by a schema, and calls of functions.

use axum::http::StatusCode;
use receipt_gateway::engine::remote::StructuredOutput;
use serde_json::{Value, json};

use super::{Routed, content, text_of};
use crate::{
    support::Script,
    upstream::{Does, delta, end, says},
};

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
async fn an_answer_is_judged_by_what_is_written() {
    for misfit in ["{\"a\":1,\"a\":2}", "{\"a\":1.0000000000000000001}"] {
        let routed = Routed::new([says(&[misfit]), says(&["{\"a\":9007199254740993}"])]).await;
        let reply = routed.ask(format()).await;
        assert_eq!(content(&reply), "{\"a\":9007199254740993}", "{reply:?}");
        assert_eq!(routed.upstream.times(), 2);
    }
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

fn call(index: usize, name: &Value, arguments: &str) -> String {
    let function = json!({"name": name, "arguments": arguments});
    let calls = json!([{"index": index, "id": "c", "type": "function", "function": function}]);
    json!({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}).to_string()
}

fn tools(choice: &str) -> Value {
    json!({"tools": [{"type": "function", "function": {
        "name": "add", "parameters": {"type": "object", "required": ["a"],
            "properties": {"a": {"type": "integer"}}}
    }}, {"type": "function", "function": {"name": "now"}}], "tool_choice": choice})
}

#[tokio::test]
async fn an_answer_is_json_or_calls_where_both_are_asked_for() {
    let mut asked = tools("auto");
    asked["response_format"] = format()["response_format"].clone();
    let mut calls = vec![delta("Let me see. "), call(0, &json!("add"), "{\"a\": 1}")];
    calls.extend(end("tool_calls"));
    let misfit = says(&["Let me see."]);
    let routed = Routed::new([Does::Streams(calls), misfit, says(&["{\"a\": ", "1}"])]).await;
    for streams in [false, true] {
        asked["stream"] = json!(streams);
        let reply = routed.ask(asked.clone()).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        if streams {
            // Which came with the second try.
            assert_eq!(text_of(&reply.events()), "{\"a\": 1}");
        } else {
            let message = &reply.json()["choices"][0]["message"];
            let function = &message["tool_calls"][0]["function"];
            assert_eq!(function["arguments"], "{\"a\": 1}", "{message}");
            assert_eq!(message["content"], Value::Null);
        }
    }
    assert_eq!(routed.upstream.times(), 3);
    let first = routed.upstream.asked(0);
    assert_eq!(first["tools"][0]["function"]["name"], "add");
    assert_eq!(first["response_format"]["type"], "json_schema");
}

#[tokio::test]
async fn functions_are_named_and_calls_come_back() {
    let tools = tools("required");
    let mut events = vec![
        call(0, &json!("add"), ""),
        call(0, &Value::Null, "{\"a\""),
        call(0, &Value::Null, ": 1}"),
        call(1, &json!("now"), ""),
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
        call(0, &json!("add"), " {\"a\":"),
        call(0, &Value::Null, " 2} \n"),
        delta("\n"),
        call(1, &json!("add"), "{\"a\":3}"),
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
        let mut events = vec![call(0, &json!("add"), unfit)];
        events.extend(end("tool_calls"));
        let routed = Routed::new([Does::Streams(events)]).await;
        let reply = routed.ask(tools.clone()).await;
        assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{unfit} {reply:?}");
    }
    let mut events = vec![call(0, &json!("add"), "{\"a\": 12")];
    events.extend(end("length"));
    let routed = Routed::new([Does::Streams(events)]).await;
    let cut = routed.ask(tools).await.json()["choices"][0].clone();
    assert_eq!(cut["finish_reason"], "length", "{cut}");
    let calls = &cut["message"]["tool_calls"];
    assert_eq!(calls[0]["function"]["arguments"], "{\"a\": 12", "{cut}");
}
