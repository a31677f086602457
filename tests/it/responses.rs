//! `/v1/responses`.

use axum::http::StatusCode;
use receipt_gateway::generation::{Grammar, Role};
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Script, Scripted, data_uri, invoice, pictures, png};

const PATH: &str = "/v1/responses";
const CALL: &str = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\":1}}\n</tool_call>";

fn events(body: &str) -> Vec<Value> {
    let lines = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let events: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    events
}

fn names(events: &[Value]) -> Vec<&str> {
    let names = events.iter().map(|event| event["type"].as_str().unwrap());
    let mut names: Vec<_> = names.collect();
    names.dedup();
    names
}

#[tokio::test]
async fn a_plain_answer() {
    let engine = Scripted::new([Script::text("Hi")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let request = json!({"input": "Hello", "instructions": "Be brief.", "max_output_tokens": 9});
    let reply = gateway.post_json(PATH, &request).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let mut answer = reply.json();
    assert!(answer["id"].as_str().unwrap().starts_with("resp_"));
    answer["id"] = json!("resp_x");
    answer["created_at"] = json!(0);
    answer["completed_at"] = json!(0);
    answer["output"][0]["id"] = json!("msg_x");
    insta::assert_json_snapshot!(answer);
    let asked = engine.asked.lock().unwrap();
    let roles: Vec<_> = asked[0].messages().iter().map(|m| m.role).collect();
    assert_eq!(roles, [Role::System, Role::User]);
    assert_eq!(asked[0].max_tokens, 9);
}

#[tokio::test]
async fn a_conversation_with_a_picture_a_call_and_a_schema() {
    let engine = Scripted::new([Script::text("{}")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let reply = gateway
        .post_json(PATH, &json!({
            "input": [
                {"role": "user", "content": [
                    {"type": "input_text", "text": "What is it?"},
                    {"type": "input_image", "image_url": data_uri(&png(1)), "detail": "auto"}
                ]},
                {"type": "reasoning", "summary": []},
                {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed",
                 "content": [{"type": "output_text", "text": "I look.", "annotations": []}]},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "7"}
            ],
            "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}}},
            "store": false, "metadata": {"order": "7"}, "never_heard_of": 1
        }))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(reply.json()["output"][0]["content"][0]["text"], "{}");
    assert_eq!(reply.json()["metadata"]["order"], "7");
    let asked = engine.asked.lock().unwrap();
    assert_eq!(pictures(&asked[0]), 1);
    assert!(matches!(asked[0].grammar, Grammar::JsonSchema(_)));
    let said: Vec<_> = asked[0]
        .messages()
        .iter()
        .map(|message| (message.role, format!("{:?}", message.parts)))
        .collect();
    assert_eq!(said.len(), 3);
    assert!(said[1].1.contains("I look.") && said[1].1.contains("tool_call"));
    assert!(said[2].1.contains("tool_response"));
}

#[tokio::test]
async fn text_is_streamed_as_events() {
    let request = json!({"input": "x", "stream": true,
        "include": ["message.output_text.logprobs"]});
    let reply = Gateway::scripted(Script::text("Hi"))
        .post_json(PATH, &request)
        .await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let body = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(
        body.starts_with("event: response.created\ndata: "),
        "{body}"
    );
    let events = events(&body);
    assert_eq!(
        names(&events),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed"
        ]
    );
    let answer = &events.last().unwrap()["response"];
    assert_eq!(answer["status"], "completed");
    let text = &answer["output"][0]["content"][0];
    assert_eq!(text["text"], "Hi");
    assert_eq!(text["logprobs"].as_array().unwrap().len(), 2);
    assert_eq!(answer["usage"]["total_tokens"], 9);
}

#[tokio::test]
async fn calls_are_items_of_their_own() {
    let tools = json!([{"type": "function", "name": "f", "parameters": null, "strict": false}]);
    let mut request = json!({"input": "x", "tools": tools, "max_output_tokens": 500});
    let gateway = || Gateway::scripted(Script::text(&format!("I do.\n{CALL}\n{CALL}")));
    let answer = gateway().post_json(PATH, &request).await.json();
    let kinds = |answer: &Value| {
        let output = answer["output"].as_array().unwrap().clone();
        let kinds = output
            .iter()
            .map(|item| item["type"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    let expected = ["message", "function_call", "function_call"];
    assert_eq!(kinds(&answer), expected);
    assert_eq!(answer["output"][1]["arguments"], "{\"a\":1}");
    request["max_output_tokens"] = json!(110);
    let cut = gateway().post_json(PATH, &request).await.json();
    let statuses: Vec<_> = cut["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["completed", "completed", "incomplete"]);
    request["max_output_tokens"] = json!(500);
    assert_eq!(answer["tools"][0]["name"], "f");

    request["stream"] = json!(true);
    let reply = gateway().post_json(PATH, &request).await;
    let events = events(std::str::from_utf8(&reply.body).unwrap());
    let arguments: String = events
        .iter()
        .filter(|event| event["output_index"] == 2)
        .filter_map(|event| event["delta"].as_str())
        .collect();
    assert_eq!(arguments, "{\"a\":1}");
    let done = |event: &&Value| event["type"] == "response.function_call_arguments.done";
    assert_eq!(events.iter().filter(done).count(), 2);
    assert_eq!(kinds(&events.last().unwrap()["response"]), expected);
}

#[tokio::test]
async fn what_is_cut_off_is_incomplete_and_what_breaks_has_failed() {
    let request = json!({"input": "x", "max_output_tokens": 2});
    let answer = Gateway::scripted(Script::text("abc"))
        .post_json(PATH, &request)
        .await
        .json();
    assert_eq!(answer["status"], "incomplete");
    assert_eq!(answer["incomplete_details"]["reason"], "max_output_tokens");
    assert_eq!(answer["output"][0]["status"], "incomplete");
    let silent = json!({"input": "x", "stream": true});
    let reply = Gateway::scripted(Script::text(""))
        .post_json(PATH, &silent)
        .await;
    let silent = events(std::str::from_utf8(&reply.body).unwrap());
    let answer = &silent.last().unwrap()["response"];
    assert_eq!(answer["output"][0]["content"][0]["text"], "");
    let request = json!({"input": "x", "stream": true});
    let reply = Gateway::scripted(Script::Fails)
        .post_json(PATH, &request)
        .await;
    let events = events(std::str::from_utf8(&reply.body).unwrap());
    let failed = events.last().unwrap();
    assert_eq!(failed["type"], "response.failed");
    assert_eq!(failed["response"]["error"]["code"], "server_error");
    // What had begun is closed first.
    assert_eq!(
        events[events.len() - 2]["type"],
        "response.output_item.done"
    );
    assert_eq!(failed["response"]["output"][0]["status"], "incomplete");
    assert!(!format!("{reply:?}").contains("secret"));
}

#[tokio::test]
async fn a_preset_reads_a_receipt() {
    let options = Options {
        presets: vec![("receipt", Some("invoice"), None)],
        ..Options::default()
    };
    let script = Script::text(&invoice().to_string());
    let gateway = Gateway::new(Scripted::new([script]), options);
    let image = json!({"type": "input_image", "image_url": data_uri(&png(1))});
    let request = json!({"model": "receipt", "input": [{"role": "user", "content": [image]}]});
    let reply = gateway.post_json(PATH, &request).await;
    assert_eq!(reply.header("x-cache"), "miss");
    let text = reply.json()["output"][0]["content"][0]["text"].clone();
    let read: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    assert_eq!(read, invoice());
}

#[tokio::test]
async fn faults_name_the_fields_of_this_api() {
    let gateway = Gateway::scripted(Script::text("x"));
    let item = |item: Value| json!([item]);
    let image = json!({"type": "input_image", "image_url": "http://10.0.0.1/x"});
    let nothing = gateway.post_json(PATH, &json!({"input": []})).await;
    assert_eq!(nothing.json()["error"]["param"], "input");
    for (name, value, param) in [
        ("input", json!(5), "input"),
        (
            "input",
            item(json!({"role": "king", "content": "x"})),
            "input[0].role",
        ),
        ("input", item(json!({"content": "x"})), "input[0].role"),
        (
            "input",
            item(json!({"type": "item_reference", "id": "x"})),
            "input[0].type",
        ),
        (
            "input",
            item(json!({"type": "function_call", "name": "f"})),
            "input[0].arguments",
        ),
        (
            "input",
            item(json!({"role": "user", "content": [image]})),
            "input[0].content[0].image_url",
        ),
        ("max_output_tokens", json!(0), "max_output_tokens"),
        (
            "previous_response_id",
            json!("resp_1"),
            "previous_response_id",
        ),
        ("background", json!(true), "background"),
        (
            "tools",
            json!([{"type": "web_search_preview"}]),
            "tools[0].type",
        ),
        ("tool_choice", json!("required"), "tool_choice"),
        (
            "text",
            json!({"format": {"type": "json_schema", "name": "a", "schema": true}}),
            "text.format.schema",
        ),
    ] {
        let mut request = json!({"input": "x", "instructions": "y"});
        request[name] = value;
        let reply = gateway.post_json(PATH, &request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{request} {reply:?}");
        assert_eq!(reply.json()["error"]["param"], param, "{:?}", reply.json());
    }
}
