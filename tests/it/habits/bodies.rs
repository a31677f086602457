//! How bodies come: packed, behind a mark, cut in the middle of a character, and far too long.

use std::io::Write;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use serde_json::{Value, json};

use super::{ask, reads, says, shows};
use crate::support::{Gateway, Options, Reply, data_uri, form, invoice, png};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    request.body(body.into()).unwrap()
}

fn encoded(mut request: Request<Body>, coding: &'static str) -> Request<Body> {
    let value = header::HeaderValue::from_static(coding);
    request
        .headers_mut()
        .insert(header::CONTENT_ENCODING, value);
    request
}

/// The request with its body packed.
async fn packed(request: Request<Body>) -> Request<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    encoded(Request::from_parts(head, Body::from(gzip(&body))), "gzip")
}

fn code(reply: &Reply) -> (u16, Value) {
    let fault = reply.json();
    let code = match &fault["error"] {
        Value::String(_) => fault["code"].clone(),
        error => error["code"].clone(),
    };
    (reply.status.as_u16(), code)
}

#[tokio::test]
async fn packed_bodies_are_read_on_every_route() {
    for (path, body) in [
        ("/v1/chat/completions", ask()),
        ("/api/v1/chat/completions", ask()),
        ("/v1/responses", json!({"input": "Hello"})),
        ("/v1/completions", json!({"prompt": "Hello"})),
        (
            "/v1/messages",
            json!({"max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}),
        ),
    ] {
        let text = body.to_string();
        for (coding, body) in [
            ("gzip", gzip(text.as_bytes())),
            ("X-GZIP", gzip(text.as_bytes())),
            ("deflate", deflate(text.as_bytes())),
            ("identity", text.clone().into_bytes()),
        ] {
            let reply = says("Hi").send(encoded(post(path, body), coding)).await;
            assert_eq!(reply.status, StatusCode::OK, "{path} {coding}: {reply:?}");
        }
    }
    let json = post(
        "/extract",
        json!({"image_url": data_uri(&png(1))}).to_string(),
    );
    let mut picture = post("/extract", png(1));
    let kind = header::HeaderValue::from_static("image/png");
    picture.headers_mut().insert(header::CONTENT_TYPE, kind);
    let upload = form("/extract", &[("a.png", &png(1))]);
    for request in [json, picture, upload] {
        let (gateway, _) = reads();
        let reply = gateway.send(packed(request).await).await;
        assert_eq!(reply.json(), invoice(), "{reply:?}");
    }
    let (gateway, _) = reads();
    let batch = form("/extract/batch", &[("a.png", &png(1)), ("b.png", &png(2))]);
    let reply = gateway.send(packed(batch).await).await;
    assert_eq!(
        std::str::from_utf8(&reply.body).unwrap().lines().count(),
        2,
        "{reply:?}"
    );
}

#[tokio::test]
async fn a_packed_body_is_bounded_before_and_after() {
    // The bound is 1 MiB.
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..))
        .take(2 << 20)
        .collect();
    for body in [bomb, gzip(&noise)] {
        let gateway = says("Hi");
        let reply = gateway
            .send(encoded(post("/v1/chat/completions", body.clone()), "gzip"))
            .await;
        assert_eq!(code(&reply), (413, json!("body_too_large")));
        let mut upload = post("/extract", body.clone());
        let kind = header::HeaderValue::from_static("image/png");
        upload.headers_mut().insert(header::CONTENT_TYPE, kind);
        let reply = gateway.send(encoded(upload, "gzip")).await;
        assert_eq!(code(&reply), (413, json!("body_too_large")));
    }
    // A form is read as it comes, and its bound is another.
    let picture = vec![0; 8 << 20];
    for path in ["/extract", "/extract/batch"] {
        let reply = says("Hi")
            .send(packed(form(path, &[("a.png", &picture)])).await)
            .await;
        assert_eq!(code(&reply), (413, json!("body_too_large")), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_packed_as_it_says_is_refused() {
    let whole = gzip(ask().to_string().as_bytes());
    for (coding, body, expected) in [
        (
            "gzip",
            ask().to_string().into_bytes(),
            (400, "invalid_body"),
        ),
        (
            "gzip",
            whole[..whole.len() - 4].to_vec(),
            (400, "invalid_body"),
        ),
        ("gzip", Vec::new(), (400, "invalid_body")),
        ("deflate", whole.clone(), (400, "invalid_body")),
        ("br", whole.clone(), (415, "unsupported_content_encoding")),
        ("zstd", whole.clone(), (415, "unsupported_content_encoding")),
        (
            "gzip, gzip",
            whole.clone(),
            (415, "unsupported_content_encoding"),
        ),
    ] {
        let gateway = says("Hi");
        let reply = gateway
            .send(encoded(post("/v1/chat/completions", body.clone()), coding))
            .await;
        assert_eq!(code(&reply), (expected.0, json!(expected.1)), "{coding}");
        let accepted = if expected.0 == 415 {
            "gzip, deflate"
        } else {
            ""
        };
        assert_eq!(reply.header("accept-encoding"), accepted);
        let mut upload = form("/extract", &[]);
        *upload.body_mut() = Body::from(body);
        let reply = gateway.send(encoded(upload, coding)).await;
        assert_eq!(code(&reply), (expected.0, json!(expected.1)), "{coding}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped() {
    for (path, body) in [
        ("/v1/chat/completions", ask()),
        ("/v1/responses", json!({"input": "Hello"})),
        ("/v1/completions", json!({"prompt": "Hello"})),
    ] {
        let reply = says("Hi").send(post(path, format!("\u{FEFF}{body}"))).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    }
    let (gateway, _) = reads();
    let body = json!({"image_url": data_uri(&png(1))});
    let reply = gateway
        .send(post("/extract", format!("\u{FEFF}{body}")))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
}

#[tokio::test]
async fn half_a_character_is_replaced() {
    for half in ["\\ud83d", "\\uDE00", "\\uD83D\\uD83D"] {
        let engine = crate::support::Scripted::new([crate::support::Script::text("Hi")]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let whole = "\\ud83d\\ude00 \\\\ud83d";
        let body = format!(r#"{{"messages": [{{"role": "user", "content": "{whole} {half}"}}]}}"#);
        let reply = gateway.send(post("/v1/chat/completions", body)).await;
        assert_eq!(reply.status, StatusCode::OK, "{half}: {reply:?}");
        let asked = engine.asked.lock().unwrap();
        let told = format!("{:?}", asked[0].messages());
        assert!(told.contains("\u{1F600} \\\\ud83d \u{FFFD}"), "{told}");
    }
}

#[tokio::test]
async fn no_error_repeats_a_large_value() {
    let long = "x".repeat(600_000);
    let mut preset = shows();
    preset["response_format"] = json!({"type": long});
    for (path, body) in [
        ("/extract", json!({"image_urls": long})),
        ("/extract", json!({"image_url": {"a": long}})),
        ("/extract", json!({"image_url": long})),
        (
            "/extract",
            json!({"image_url": data_uri(&png(1)), "model": long}),
        ),
        (
            "/extract",
            json!({"image_url": data_uri(&png(1)), "schema": long}),
        ),
        ("/v1/chat/completions", json!({"messages": long})),
        (
            "/v1/chat/completions",
            json!({"messages": [{"role": long}]}),
        ),
        (
            "/v1/chat/completions",
            json!({"messages": [{"role": "user", "content": [{"type": long}]}]}),
        ),
        (
            "/v1/chat/completions",
            json!({"model": long, "messages": ask()["messages"]}),
        ),
        (
            "/v1/chat/completions",
            json!({"messages": ask()["messages"], "logit_bias": {&long: 1}}),
        ),
        (
            "/v1/chat/completions",
            json!({"messages": ask()["messages"], "logit_bias": {&long: long}}),
        ),
        (
            "/v1/chat/completions",
            json!({"messages": ask()["messages"], "tool_choice": long}),
        ),
        (
            "/v1/chat/completions",
            json!({"messages": ask()["messages"], "tools": [
            {"type": "function", "function": {"name": long}}]}),
        ),
        ("/v1/chat/completions", preset),
        ("/v1/responses", json!({"input": [{"type": long}]})),
        (
            "/v1/responses",
            json!({"input": "Hello", "previous_response_id": {"a": long}}),
        ),
        ("/v1/completions", json!({"prompt": {"a": long}})),
        (
            "/v1/completions",
            json!({"prompt": "Hello", "best_of": long}),
        ),
        ("/v1/messages", json!({"messages": [{"role": long}]})),
        (
            "/v1/messages",
            json!({"model": long, "max_tokens": 9, "messages": ask()["messages"]}),
        ),
        (
            "/v1/messages/count_tokens",
            json!({"messages": ask()["messages"], "tools": [{"type": long, "name": long}]}),
        ),
    ] {
        for path in [path.to_owned(), format!("/api{path}")] {
            let reply = says("Hi").post_json(&path, &body).await;
            assert!(reply.status.is_client_error(), "{path}: {}", reply.status);
            let shown: String = body.to_string().chars().take(100).collect();
            assert!(
                reply.body.len() < 4000,
                "{path} {shown}: {} bytes",
                reply.body.len()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_coming_is_told_so() {
    for (path, kind) in [
        ("/v1/chat/completions", "application/json"),
        ("/extract", "image/png"),
        ("/extract", "multipart/form-data; boundary=b"),
        ("/extract/batch", "multipart/form-data; boundary=b"),
    ] {
        for coding in ["identity", "gzip"] {
            let body = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, String>>());
            let request = Request::post(path).header(header::CONTENT_TYPE, kind);
            let request = encoded(request.body(body).unwrap(), coding);
            let reply = says("Hi").send(request).await;
            assert_eq!(
                code(&reply),
                (408, json!("timeout")),
                "{path} {kind} {coding}"
            );
        }
    }
}
