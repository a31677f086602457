//! Pages on which nothing is printed.

use axum::http::StatusCode;
use receipt_gateway::image::BlankPages;
use serde_json::json;

use super::assert_fault;
use crate::support::{
    Gateway, Options, Script, Scripted, blank, data_uri, form, invoice, json_request, pictures, png,
};

fn reads() -> Script {
    Script::text(&invoice().to_string())
}

#[tokio::test]
async fn blank_pages_are_left_out_and_named() {
    for (files, read, left_out) in [
        (vec![png(250), blank(250)], 1, json!([2])),
        (vec![blank(255), png(250), blank(240)], 1, json!([1, 3])),
        (vec![png(250), blank(250), png(240)], 2, json!([2])),
        (vec![png(250), png(240)], 2, json!([])),
    ] {
        let engine = Scripted::new([reads()]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let parts: Vec<_> = files.iter().map(|file| ("image", &file[..])).collect();
        let reply = gateway.send(form("/extract?include=meta", &parts)).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let meta = &reply.json()["meta"];
        assert_eq!(meta["blank_pages"], left_out);
        assert_eq!(meta["pages"], read);
        assert_eq!(pictures(&engine.asked.lock().unwrap()[0]), read);
    }
}

#[tokio::test]
async fn a_receipt_of_blank_pages_alone_is_not_read() {
    let landscape = std::fs::read("tests/fixtures/doubtful/no-receipt.png").unwrap();
    for files in [
        vec![blank(255).to_vec()],
        vec![landscape],
        vec![blank(255).to_vec(), blank(0).to_vec()],
    ] {
        let engine = Scripted::new([reads()]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let parts: Vec<_> = files.iter().map(|file| ("image", &file[..])).collect();
        let reply = gateway.send(form("/extract", &parts)).await;
        assert_fault(&reply, StatusCode::UNPROCESSABLE_ENTITY, "nothing_to_read");
        assert!(engine.asked.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_setting_reads_them_all_the_same() {
    let engine = Scripted::new([reads()]);
    let options = Options {
        blank_pages: BlankPages::Read,
        ..Options::default()
    };
    let gateway = Gateway::new(engine.clone(), options);
    let reply = gateway.extract(blank(255)).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(pictures(&engine.asked.lock().unwrap()[0]), 1);
}

#[tokio::test]
async fn a_preset_with_a_schema_tells_blank_pages_and_a_free_chat_shows_them() {
    let engine = Scripted::new([reads()]);
    let options = Options {
        presets: vec![("receipt", Some("invoice"), None)],
        ..Options::default()
    };
    let gateway = Gateway::new(engine.clone(), options);
    let chat = |model: &str, pictures: &[&[u8]]| {
        let parts: Vec<_> = pictures
            .iter()
            .map(|picture| json!({"type": "image_url", "image_url": {"url": data_uri(picture)}}))
            .collect();
        let body = json!({"model": model, "messages": [{"role": "user", "content": parts}]});
        json_request("/v1/chat/completions", &body)
    };
    let reply = gateway.send(chat("receipt", &[&blank(255)])).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{reply:?}");
    assert_eq!(reply.json()["error"]["code"], "nothing_to_read");
    let reply = gateway
        .send(chat("receipt", &[&png(250), &blank(255)]))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let reply = gateway
        .send(chat("org/scripted", &[&blank(255), &png(250)]))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let shown: Vec<_> = engine.asked.lock().unwrap().iter().map(pictures).collect();
    assert_eq!(shown, [1, 2]);
}
