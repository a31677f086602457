//! `/extract/batch`: many receipts, a line each.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};

use super::sound;
use crate::support::{Gateway, Options, Script, Scripted, form, json_request, png};

#[tokio::test]
async fn a_batch_answers_line_by_line() {
    let gateway = Gateway::scripted(Script::text(&sound().to_string()));
    let files: [(&str, &[u8]); 3] = [("a.png", &png(1)), ("b.txt", b"hello"), ("c.png", &png(2))];
    let reply = gateway.send(form("/extract/batch", &files)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    let mut lines: Vec<Value> = std::str::from_utf8(&reply.body)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    lines.sort_by_key(|line| line["index"].as_u64());
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0]["name"], &lines[0]["invoice"]),
        (&json!("a.png"), &sound())
    );
    assert_eq!(lines[0]["meta"]["model"], "org/scripted");
    assert_eq!(
        (&lines[1]["code"], &lines[1]["status"]),
        (&json!("unsupported_image"), &json!(415))
    );
    assert_eq!(lines[2]["invoice"], sound());
}

fn for_an_array(mut request: Request<Body>) -> Request<Body> {
    let json = header::HeaderValue::from_static("application/json, text/plain, */*");
    request.headers_mut().insert(header::ACCEPT, json);
    request
}

#[tokio::test]
async fn a_batch_answers_one_array_where_that_is_asked_for() {
    let gateway = Gateway::scripted(Script::text(&sound().to_string()));
    let pictures: Vec<_> = (1..=3).map(png).collect();
    let mut files: Vec<(&str, &[u8])> = pictures.iter().map(|p| ("a.png", &p[..])).collect();
    files.insert(1, ("b.txt", b"hello"));
    let reply = gateway
        .send(for_an_array(form("/extract/batch", &files)))
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("content-type"), "application/json");
    let receipts = reply.json();
    let told: Vec<_> = receipts
        .as_array()
        .unwrap()
        .iter()
        .map(|receipt| (receipt["index"].as_u64(), receipt["code"].as_str()))
        .collect();
    let expected = [
        (Some(0), None),
        (Some(1), Some("unsupported_image")),
        (Some(2), None),
        (Some(3), None),
    ];
    assert_eq!(told, expected);
    assert_eq!(receipts[3]["invoice"], sound());

    // What is one too many is told behind what was read, and an empty form is refused.
    files.push(("e.png", &pictures[0]));
    let reply = gateway
        .send(for_an_array(form("/extract/batch", &files)))
        .await;
    let receipts = reply.json();
    assert_eq!(receipts.as_array().unwrap().len(), 5);
    assert_eq!(receipts[4]["code"], "too_many_images");
    let reply = gateway
        .send(for_an_array(form("/extract/batch", &[])))
        .await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.json()["code"], "no_image");
}

#[tokio::test]
async fn a_batch_is_bounded() {
    let gateway = Gateway::scripted(Script::text(&sound().to_string()));
    let pictures: Vec<_> = (1..=5).map(png).collect();
    let files: Vec<(&str, &[u8])> = pictures.iter().map(|p| ("a.png", &p[..])).collect();
    let reply = gateway.send(form("/extract/batch", &files)).await;
    let text = std::str::from_utf8(&reply.body).unwrap();
    assert_eq!(text.lines().count(), 5);
    assert!(text.contains("too_many_images"), "{text}");
    for (request, status) in [
        (
            form("/extract/batch?model=none", &files),
            StatusCode::NOT_FOUND,
        ),
        (
            json_request("/extract/batch", &json!({})),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        assert_eq!(gateway.send(request).await.status, status);
    }
}

#[tokio::test]
async fn a_batch_ends_with_its_client() {
    let engine = Scripted::gated([Script::text(&sound().to_string())]);
    let gateway = Arc::new(Gateway::new(engine.clone(), Options::default()));
    let (one, two) = (png(1), png(2));
    let request = form("/extract/batch", &[("a.png", &one), ("b.png", &two)]);
    let reply = tower::ServiceExt::oneshot(gateway.0.clone(), request)
        .await
        .unwrap();
    engine.until_running().await;
    drop(reply);
    let ended = async {
        engine.until_idle().await;
    };
    let limit = std::time::Duration::from_secs(20);
    tokio::time::timeout(limit, ended).await.unwrap();
}

#[tokio::test]
async fn a_batch_reads_while_its_client_still_sends() {
    let gateway = Gateway::scripted(Script::text(&sound().to_string()));
    let whole = form("/extract/batch", &[("a.png", &png(1)), ("b.png", &png(2))]);
    let (head, body) = whole.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    // The first picture and the head of the second; then the client falls silent.
    let first = body.slice(..body.len() - 40);
    let sent = futures::stream::iter([Ok::<_, std::io::Error>(first)]);
    let body = futures::StreamExt::chain(sent, futures::stream::pending());
    let request = axum::http::Request::from_parts(head, axum::body::Body::from_stream(body));
    let reply = tower::ServiceExt::oneshot(gateway.0.clone(), request)
        .await
        .unwrap();
    let mut lines = reply.into_body().into_data_stream();
    let line = futures::StreamExt::next(&mut lines).await.unwrap().unwrap();
    let line: Value = serde_json::from_slice(&line).unwrap();
    assert_eq!((&line["index"], &line["invoice"]), (&json!(0), &sound()));
}
