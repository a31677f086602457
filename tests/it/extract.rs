//! `POST /extract` and the old service's other routes.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use base64::Engine as _;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, data_uri, form_request, invoice, json_request,
    pictures, png,
};

fn reads_invoices() -> Gateway {
    Gateway::scripted(Script::text(&invoice().to_string()))
}

/// The old service's shape of a fault, with a name added.
fn assert_fault(reply: &Reply, status: StatusCode, code: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    let fault = reply.json();
    assert!(fault["error"].is_string(), "{fault}");
    assert_eq!(fault["code"], code, "{fault}");
    assert_eq!(fault.as_object().unwrap().len(), 2, "{fault}");
}

fn raw(kind: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/extract")
        .header(header::CONTENT_TYPE, kind)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_picture_in_each_form_is_read() {
    for request in [
        form_request(&png(1)),
        raw("image/png", png(1)),
        raw("image/jpeg", png(1)),
        raw("application/octet-stream", png(1)),
        json_request("/extract", &json!({ "image_url": data_uri(&png(1)) })),
        json_request(
            "/extract",
            &json!({ "image_url": data_uri(&png(1)), "more": [] }),
        ),
    ] {
        let engine = Scripted::new([Script::text(&invoice().to_string())]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!(reply.json(), invoice());
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("x-cache"), "miss");
        assert_eq!(reply.header("x-model"), "org/scripted");
        assert_eq!(reply.header("x-checks"), "total_adds_up");
        assert_eq!(reply.header("x-confidence"), "0.89");
        assert!(!reply.header("x-request-id").is_empty());
        let asked = engine.asked.lock().unwrap();
        assert_eq!(pictures(&asked[0]), 1);
        assert_eq!(asked[0].sampling.temperature, 0.0);
    }
}

#[tokio::test]
async fn the_order_of_the_keys_is_the_schemas() {
    let reply = reads_invoices().extract(png(1)).await;
    let keys: Vec<_> = reply.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys[..5],
        [
            "vendor_name",
            "invoice_number",
            "invoice_date",
            "due_date",
            "items"
        ]
    );
}

#[tokio::test]
async fn what_is_no_receipt_is_an_error_and_never_an_object() {
    let mut wrong = invoice();
    wrong["invoice_date"] = json!("2023-02-29");
    for (script, status, code) in [
        (Script::CutShort("{\"vendor_name\":"), 502, "invalid_answer"),
        (Script::text("{}"), 502, "invalid_answer"),
        (Script::text("I cannot read this."), 502, "invalid_answer"),
        (
            Script::text(&format!("```json\n{}\n```", invoice())),
            502,
            "invalid_answer",
        ),
        (Script::text(&wrong.to_string()), 502, "invalid_answer"),
        (Script::Fails, 502, "model_failed"),
        (Script::Refuses, 400, "invalid_request"),
    ] {
        let reply = Gateway::scripted(script).extract(png(1)).await;
        assert_fault(&reply, StatusCode::from_u16(status).unwrap(), code);
        assert!(!reply.json().to_string().contains("secret"), "{reply:?}");
    }
}

#[tokio::test]
async fn faults_of_the_request_are_told_apart() {
    let gateway = reads_invoices();
    let oversized = raw("image/png", vec![0; 2 << 20]);
    let large = raw("image/png", [png(1).to_vec(), vec![0; 200_000]].concat());
    let wide = image::RgbImage::new(1900, 50);
    let mut wide_png = std::io::Cursor::new(Vec::new());
    wide.write_to(&mut wide_png, image::ImageFormat::Png)
        .unwrap();
    for (request, status, code) in [
        (raw("image/png", ""), 400, "no_image"),
        (raw("application/json", ""), 400, "no_image"),
        (raw("application/json", "{}"), 400, "no_image"),
        (
            raw("application/json", r#"{"image_url": null}"#),
            400,
            "no_image",
        ),
        (
            raw("application/json", r#"{"image_url": 5}"#),
            400,
            "invalid_type",
        ),
        (
            raw("application/json", r#"{"image_url": "#),
            400,
            "invalid_json",
        ),
        (raw("application/json", "[1]"), 400, "no_image"),
        (
            raw("multipart/form-data; boundary=b", "--b--\r\n"),
            400,
            "no_image",
        ),
        (raw("multipart/form-data", "--b--\r\n"), 400, "invalid_body"),
        (raw("text/plain", "hello"), 415, "unsupported_content_type"),
        (raw("image/png", "hello"), 415, "unsupported_image"),
        (
            raw("image/heic", "\0\0\0\x18ftypheic\0\0\0\0"),
            415,
            "unsupported_image",
        ),
        (raw("image/png", png(1).slice(..60)), 422, "broken_image"),
        (
            raw("image/png", wide_png.into_inner()),
            422,
            "image_dimensions",
        ),
        (large, 413, "image_too_large"),
        (oversized, 413, "body_too_large"),
        (
            json_request("/extract", &json!({"image_url": "data:x"})),
            400,
            "invalid_data_uri",
        ),
        (
            json_request("/extract", &json!({"image_url": "ftp://x/y"})),
            400,
            "invalid_image_url",
        ),
        (
            json_request("/extract", &json!({"image_url": "file:///etc/passwd"})),
            400,
            "invalid_image_url",
        ),
        (
            json_request("/extract", &json!({"image_url": "http://127.0.0.1/x"})),
            400,
            "invalid_image_url",
        ),
        (
            json_request(
                "/extract",
                &json!({"image_url": data_uri(&png(1)), "model": "x"}),
            ),
            404,
            "model_not_found",
        ),
        (
            json_request(
                "/extract",
                &json!({"image_url": data_uri(&png(1)), "model": "broken"}),
            ),
            503,
            "model_not_loaded",
        ),
    ] {
        let reply = gateway.send(request).await;
        assert_fault(&reply, StatusCode::from_u16(status).unwrap(), code);
    }
    let reply = gateway.get("/extract").await;
    assert_fault(&reply, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed");
    assert_eq!(reply.header("allow"), "POST");
    assert_fault(
        &gateway.get("/nothing").await,
        StatusCode::NOT_FOUND,
        "not_found",
    );
    assert_eq!(gateway.extract(png(1)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_same_picture_is_answered_from_memory() {
    let engine = Scripted::new([Script::text(&invoice().to_string())]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    assert_eq!(gateway.extract(png(1)).await.header("x-cache"), "miss");
    let again = gateway.send(raw("image/png", png(1))).await;
    assert_eq!((again.header("x-cache"), again.json()), ("hit", invoice()));
    assert_eq!(gateway.extract(png(2)).await.header("x-cache"), "miss");
    let mut fresh = form_request(&png(1));
    fresh.headers_mut().insert(
        header::CACHE_CONTROL,
        "max-age=0, no-cache".parse().unwrap(),
    );
    assert_eq!(gateway.send(fresh).await.header("x-cache"), "bypass");
    assert_eq!(engine.times_asked(), 3);
}

#[tokio::test]
async fn a_fault_is_not_remembered() {
    let engine = Scripted::new([Script::Fails, Script::text(&invoice().to_string())]);
    let gateway = Gateway::new(engine, Options::default());
    assert_eq!(
        gateway.extract(png(1)).await.status,
        StatusCode::BAD_GATEWAY
    );
    assert_eq!(gateway.extract(png(1)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn above_temperature_0_only_a_seed_makes_an_answer_worth_keeping() {
    for (seed, expected) in [(None, "bypass"), (Some(5), "hit")] {
        let mut options = Options::default();
        options.sampling.temperature = 0.5;
        options.sampling.seed = seed;
        let engine = Scripted::new([Script::text(&invoice().to_string())]);
        let gateway = Gateway::new(engine, options);
        gateway.extract(png(1)).await;
        assert_eq!(gateway.extract(png(1)).await.header("x-cache"), expected);
    }
}

#[tokio::test]
async fn twenty_at_once_run_the_model_once() {
    let engine = Scripted::gated([Script::text(&invoice().to_string())]);
    let gateway = Arc::new(Gateway::new(engine.clone(), Options::default()));
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let gateway = gateway.clone();
            tokio::spawn(async move { gateway.extract(png(1)).await })
        })
        .collect();
    while engine.times_asked() == 0 {
        tokio::task::yield_now().await;
    }
    engine.gate.close();
    let mut found = Vec::new();
    for reply in waiting {
        let reply = reply.await.unwrap();
        assert_eq!(reply.json(), invoice());
        found.push(reply.header("x-cache").to_owned());
    }
    assert_eq!(engine.times_asked(), 1);
    assert_eq!(
        found.iter().filter(|found| *found == "miss").count(),
        1,
        "{found:?}"
    );
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_run() {
    let engine = Scripted::gated([Script::text(&invoice().to_string())]);
    let gateway = Gateway::new(
        engine.clone(),
        Options {
            concurrency: 1,
            ..Options::default()
        },
    );
    let request = gateway.0.clone().oneshot(form_request(&png(1)));
    let request = tokio::spawn(request);
    while engine.running.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    request.abort();
    while engine.running.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
    engine.gate.close();
    assert_eq!(gateway.extract(png(2)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_full_house_says_when_to_come_back() {
    let engine = Scripted::gated([Script::text(&invoice().to_string())]);
    let options = Options {
        concurrency: 1,
        queue_length: 0,
        ..Options::default()
    };
    let gateway = Arc::new(Gateway::new(engine.clone(), options));
    let first = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.extract(png(1)).await }
    });
    while engine.running.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let refused = gateway.extract(png(2)).await;
    assert_fault(&refused, StatusCode::TOO_MANY_REQUESTS, "overloaded");
    assert_eq!(refused.header("retry-after"), "1");
    engine.gate.close();
    assert_eq!(first.await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn a_model_that_does_not_end_is_given_up() {
    let engine = Scripted::gated([Script::text("{}")]);
    let options = Options {
        deadline: Duration::from_millis(50),
        ..Options::default()
    };
    let gateway = Gateway::new(engine.clone(), options);
    let reply = gateway.extract(png(1)).await;
    assert_fault(&reply, StatusCode::GATEWAY_TIMEOUT, "deadline_exceeded");
    while engine.running.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_old_services_routes() {
    let gateway = reads_invoices();
    let health = gateway.get("/health").await.json();
    assert_eq!(
        health,
        json!({"status": "healthy", "model": "org/scripted", "model_loaded": false})
    );
    gateway.extract(png(1)).await;
    assert_eq!(gateway.get("/health").await.json()["model_loaded"], true);
    assert_eq!(
        gateway.get("/models").await.json(),
        json!({"current_model": "org/scripted", "recommended_models": ["org/scripted", "broken"]})
    );
}

#[tokio::test]
async fn the_key_is_asked_for_where_there_is_one() {
    let engine = Scripted::new([Script::text(&invoice().to_string())]);
    let options = Options {
        api_key: Some("secret"),
        ..Options::default()
    };
    let gateway = Gateway::new(engine, options);
    let with = |value: &str| {
        let mut request = form_request(&png(1));
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, value.parse().unwrap());
        request
    };
    let reply = gateway.extract(png(1)).await;
    assert_fault(&reply, StatusCode::UNAUTHORIZED, "invalid_api_key");
    for value in [
        "Bearer wrong",
        "Bearer",
        "secret",
        "Basic secret",
        "Bearer secret2",
    ] {
        assert_eq!(
            gateway.send(with(value)).await.status,
            StatusCode::UNAUTHORIZED,
            "{value}"
        );
    }
    for value in ["Bearer secret", "bearer secret"] {
        assert_eq!(
            gateway.send(with(value)).await.status,
            StatusCode::OK,
            "{value}"
        );
    }
    assert_eq!(gateway.get("/health").await.status, StatusCode::OK);
    let models = gateway.get("/v1/models").await;
    assert_eq!(models.status, StatusCode::UNAUTHORIZED);
    assert_eq!(models.json()["error"]["code"], "invalid_api_key");
}

/// Whatever is sent, the answer is a fault in the right shape and the gateway goes on.
#[tokio::test]
async fn two_hundred_malformed_requests() {
    let gateway = reads_invoices();
    let whole = png(9);
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let mut requests = Vec::new();
    for cut in (0..whole.len() - 12).step_by(2) {
        requests.push(raw("image/png", whole.slice(..cut)));
        let uri = format!("data:image/png;base64,{}", base64(&whole[..cut]));
        requests.push(json_request("/extract", &json!({ "image_url": uri })));
    }
    for magic in [
        &b"\x89PNG\r\n\x1a\n"[..],
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"RIFF\0\0\0\0WEBP",
    ] {
        for filler in [0u8, 0x41, 0xff] {
            requests.push(raw("image/png", [magic, &[filler; 300]].concat()));
        }
    }
    for body in [
        "",
        "null",
        "1",
        "\"x\"",
        "[]",
        "[[[",
        "{",
        "{\"image_url\":{}}",
        "{\"image_url\":[]}",
        "\u{0}",
        "{\"image_url\":\"\"}",
        "{\"image_url\":\" \"}",
        "{\"image_url\":\"http://\"}",
        "{\"image_url\":\"http://[::1\"}",
        "{\"image_url\":\"data:;base64,\"}",
    ] {
        requests.push(raw("application/json", body));
        requests.push(raw("application/problem+json", body));
    }
    for form in [
        "",
        "--b",
        "--b\r\n\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n",
    ] {
        requests.push(raw("multipart/form-data; boundary=b", form));
    }
    while requests.len() < 200 {
        let noise: Vec<u8> = (0..requests.len() * 3)
            .map(|i| (i * 7919 % 251) as u8)
            .collect();
        requests.push(raw("image/webp", noise));
    }
    for request in requests {
        let shown = format!("{request:?}");
        let reply = gateway.send(request).await;
        assert!(reply.status.is_client_error(), "{shown} {reply:?}");
        let fault: Value = reply.json();
        assert!(
            fault["error"].is_string() && fault["code"].is_string(),
            "{fault}"
        );
    }
    assert_eq!(gateway.extract(png(1)).await.json(), invoice());
}
