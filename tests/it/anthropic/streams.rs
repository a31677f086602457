//! Streams, byte for byte.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{CALL, PATH, asking, tool};
use crate::support::{Gateway, Options, Reply, Script, Scripted};

/// The data of the events, each of which is named by its type.
pub fn events(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let body = std::str::from_utf8(&reply.body).unwrap();
    let events = body.strip_suffix("\n\n").unwrap().split("\n\n");
    let events = events.map(|event| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: ").unwrap(), data["type"]);
        data
    });
    events.collect()
}

/// The body with `ID` in place of what is drawn.
fn bytes(reply: &Reply) -> String {
    let mut body = String::from_utf8(reply.body.to_vec()).unwrap();
    for kind in ["msg_", "toolu_"] {
        let at = body.match_indices(kind).map(|(at, _)| at + kind.len());
        let ids: Vec<_> = at.map(|at| body[at..at + 32].to_owned()).collect();
        for id in ids {
            body = body.replace(&id, "ID");
        }
    }
    body
}

async fn streamed(script: Script, more: Value) -> Reply {
    let mut request = asking(json!("x"), more);
    request["stream"] = json!(true);
    Gateway::scripted(script).post_json(PATH, &request).await
}

#[tokio::test]
async fn text() {
    let reply = streamed(Script::text("Hé"), json!({})).await;
    let expected = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_ID","type":"message","role":"assistant","model":"org/scripted","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"H"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"é"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":2}}

event: message_stop
data: {"type":"message_stop"}

"#;
    assert_eq!(bytes(&reply), expected);
    assert!(!reply.header("request-id").is_empty());
}

#[tokio::test]
async fn text_and_calls() {
    let text = format!("Ok{CALL}\n{CALL}");
    let reply = streamed(Script::text(&text), json!({"tools": [tool()]})).await;
    let events = events(&reply);
    let mut shown: Vec<String> = Vec::new();
    for event in &events {
        let line = match event["type"].as_str().unwrap() {
            "content_block_delta" => {
                let delta = &event["delta"];
                let piece = delta.get("text").or(delta.get("partial_json")).unwrap();
                let kind = delta["type"].as_str().unwrap();
                let last = shown.last_mut().unwrap();
                if !last.starts_with(kind) {
                    shown.push(format!("{kind} {} ", event["index"]));
                }
                shown.last_mut().unwrap().push_str(piece.as_str().unwrap());
                continue;
            }
            "content_block_start" => {
                let block = &event["content_block"];
                let name = block.get("name").unwrap_or(&Value::Null);
                let input = block.get("input").unwrap_or(&Value::Null);
                format!("start {} {} {name} {input}", event["index"], block["type"])
            }
            "content_block_stop" => format!("stop {}", event["index"]),
            "message_delta" => event["delta"]["stop_reason"].to_string(),
            other => other.to_owned(),
        };
        shown.push(line);
    }
    assert_eq!(
        shown,
        [
            "message_start",
            "start 0 \"text\" null null",
            "text_delta 0 Ok",
            "stop 0",
            "start 1 \"tool_use\" \"f\" {}",
            "input_json_delta 1 {\"a\":1}",
            "stop 1",
            "start 2 \"tool_use\" \"f\" {}",
            "input_json_delta 2 {\"a\":1}",
            "stop 2",
            "\"tool_use\"",
            "message_stop",
        ]
    );
    let ids = events
        .iter()
        .filter_map(|event| event["content_block"]["id"].as_str());
    let ids: Vec<_> = ids.collect();
    assert!(ids.len() == 2 && ids[0] != ids[1], "{ids:?}");
}

#[tokio::test]
async fn ends() {
    for (script, more, delta, last) in [
        (
            Script::text("abc"),
            json!({"max_tokens": 2}),
            json!({"stop_reason": "max_tokens", "stop_sequence": null}),
            2,
        ),
        (
            Script::text("abc"),
            json!({"stop_sequences": ["bc"]}),
            json!({"stop_reason": "stop_sequence", "stop_sequence": "bc"}),
            3,
        ),
    ] {
        let events = events(&streamed(script, more).await);
        let [.., end, stop] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!(end["delta"], delta);
        assert_eq!(end["usage"]["output_tokens"], last);
        assert_eq!(stop, &json!({"type": "message_stop"}));
    }
    // An answer without text has no block.
    let silent = events(&streamed(Script::text(""), json!({})).await);
    assert_eq!(silent.len(), 3, "{silent:?}");
}

#[tokio::test]
async fn a_fault_in_mid_stream() {
    let reply = streamed(Script::Fails, json!({})).await;
    let body = bytes(&reply);
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"The model failed; \
                 try again, or see the gateway's log for the cause.\"}}\n\n";
    assert!(body.ends_with(error), "{body}");
    assert_eq!(events(&reply).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_is_kept_open_by_pings() {
    let engine = Scripted::gated([Script::text("Hi")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let mut request = asking(json!("x"), json!({}));
    request["stream"] = json!(true);
    let answering = tokio::spawn(async move { gateway.post_json(PATH, &request).await });
    engine.until_running().await;
    tokio::time::sleep(Duration::from_secs(25)).await;
    engine.gate.add_permits(2);
    let reply = answering.await.unwrap();
    let body = std::str::from_utf8(&reply.body).unwrap();
    assert!(
        body.contains("event: ping\ndata: {\"type\":\"ping\"}\n\n"),
        "{body}"
    );
    let events = events(&reply);
    assert_eq!(events.last().unwrap()["type"], "message_stop");
}
