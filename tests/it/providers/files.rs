//! What a provider is sent of the files in a chat.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::Routed;
use crate::upstream::says;

/// The parts that a provider is sent for a chat with that file.
async fn sent(name: &str, bytes: &[u8]) -> Vec<Value> {
    let routed = Routed::new([says(&["Hi"])]).await;
    let file = json!({"filename": name, "file_data": STANDARD.encode(bytes)});
    let content = json!([
        {"type": "text", "text": "What is it?"}, {"type": "file", "file": file}
    ]);
    let reply = routed
        .ask(json!({
            "messages": [{"role": "user", "content": content}],
            "plugins": [{"id": "file-parser", "pdf": {"engine": "native"}}],
        }))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let asked = routed.upstream.asked(0);
    assert!(asked.get("plugins").is_none());
    let parts = asked["messages"][0]["content"].as_array();
    parts.unwrap().clone()
}

#[tokio::test]
async fn each_page_of_a_pdf_is_sent_as_a_picture() {
    let pdf = std::fs::read("tests/fixtures/two-pages.pdf").unwrap();
    let parts = sent("a.pdf", &pdf).await;
    let [text, first, second] = &parts[..] else {
        panic!("{parts:?}");
    };
    assert_eq!(text["text"], "What is it?");
    for page in [first, second] {
        assert_eq!(page["type"], "image_url");
        let url = page["image_url"]["url"].as_str().unwrap();
        assert!(url.starts_with("data:image/png;base64,"));
    }
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_text_file_is_sent_as_text() {
    let parts = sent("a.csv", b"Tea;2,50").await;
    assert_eq!(
        parts[1],
        json!({"type": "text", "text": "\n\nFile a.csv:\nTea;2,50"})
    );
    assert_eq!(parts.len(), 2);
}
