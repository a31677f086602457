//! Files as parts of messages: pictures and PDFs, however they are handed over.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{fault_of, reads, says};
use crate::support::{Gateway, Options, Script, Scripted, data_uri, invoice, pictures, png};

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";

fn pdf() -> Vec<u8> {
    std::fs::read("tests/fixtures/two-pages.pdf").unwrap()
}

/// A request of either API that shows that file.
fn showing(path: &str, file: &Value) -> Value {
    let words = "What is it?";
    if path == RESPONSES {
        let mut part = file.clone();
        part["type"] = json!("input_file");
        let text = json!({"type": "input_text", "text": words});
        json!({"input": [{"role": "user", "content": [text, part]}]})
    } else {
        let part = json!({"type": "file", "file": file});
        let text = json!({"type": "text", "text": words});
        json!({"messages": [{"role": "user", "content": [text, part]}]})
    }
}

#[tokio::test]
async fn a_file_is_shown_page_by_page() {
    let of_pdf = format!("data:application/pdf;base64,{}", STANDARD.encode(pdf()));
    for (file, pages) in [
        (
            json!({"filename": "a.png", "file_data": data_uri(&png(1))}),
            1,
        ),
        (json!({"file_data": STANDARD.encode(png(1))}), 1),
        (json!({"filename": "a.pdf", "file_data": of_pdf}), 2),
        (
            json!({"filename": "a.pdf", "file_data": STANDARD.encode(pdf()), "file_id": null}),
            2,
        ),
        (json!({"file_url": data_uri(&png(1))}), 1),
        (
            json!({"file_id": data_uri(&png(1)), "format": "image/png"}),
            1,
        ),
    ] {
        for path in [CHAT, RESPONSES] {
            let engine = Scripted::new([Script::text("Hi")]);
            let gateway = Gateway::new(engine.clone(), Options::default());
            let reply = gateway.post_json(path, &showing(path, &file)).await;
            assert_eq!(reply.status, StatusCode::OK, "{path}: {reply:?}");
            assert_eq!(pictures(&engine.asked.lock().unwrap()[0]), pages);
        }
    }
}

#[tokio::test]
async fn a_preset_reads_a_file() {
    for (path, stream) in [
        (CHAT, false),
        (RESPONSES, false),
        (CHAT, true),
        (RESPONSES, true),
    ] {
        let (gateway, engine) = reads();
        let mut request = showing(path, &json!({"file_data": STANDARD.encode(pdf())}));
        request["model"] = json!("receipt");
        request["stream"] = json!(stream);
        let reply = gateway.post_json(path, &request).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {reply:?}");
        let body = std::str::from_utf8(&reply.body).unwrap();
        let vendor = invoice()["vendor_name"].as_str().unwrap().to_owned();
        assert!(body.contains(&vendor), "{body}");
        assert_eq!(pictures(&engine.asked.lock().unwrap()[0]), 2);
    }
}

#[tokio::test]
async fn what_is_no_file_is_refused_by_its_field() {
    for (file, name, code) in [
        (json!({"file_id": "file-1"}), "file_id", "invalid_value"),
        (json!({"filename": "a.pdf"}), "file_data", "invalid_value"),
        (json!({"file_data": ""}), "file_data", "invalid_value"),
        (
            json!({"file_data": "no base64!"}),
            "file_data",
            "invalid_data_uri",
        ),
        (
            json!({"file_data": "http://127.0.0.1/a.pdf"}),
            "file_data",
            "invalid_image_url",
        ),
        (
            json!({"file_url": "ftp://x/a.pdf"}),
            "file_url",
            "invalid_image_url",
        ),
    ] {
        for (path, field) in [
            (CHAT, format!("messages[0].content[1].file.{name}")),
            (RESPONSES, format!("input[0].content[1].{name}")),
        ] {
            let reply = says("Hi").post_json(path, &showing(path, &file)).await;
            fault_of(&reply, &field);
            assert_eq!(reply.json()["error"]["code"], code, "{reply:?}");
        }
    }
    let stored = json!({"input": [{"role": "user", "content": [
        {"type": "input_image", "file_id": "file-1"},
    ]}]});
    let reply = says("Hi").post_json(RESPONSES, &stored).await;
    let message = fault_of(&reply, "input[0].content[0].file_id");
    assert!(message.contains("No files are stored"), "{message}");
}

#[tokio::test]
async fn files_count_as_pictures() {
    let part = json!({"type": "file", "file": {"file_data": data_uri(&png(1))}});
    let content = vec![part; 3];
    let reply = says("Hi")
        .chat(json!({"messages": [{"role": "user", "content": content}]}))
        .await;
    let message = fault_of(&reply, "messages[0].content[2].file.file_data");
    assert!(message.contains("2 images at most"), "{message}");
}
