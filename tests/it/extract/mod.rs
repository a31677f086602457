//! `POST /extract` and the old service's other routes.

mod blank;
mod cache;
mod codes;
mod documents;
mod e_invoices;
mod faults;
mod files;
mod runs;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::json;

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, data_uri, form_request, invoice, json_request,
    pictures, png,
};

fn reads_invoices() -> Gateway {
    Gateway::scripted(Script::text(&invoice().to_string()))
}

/// The old service's shape of a fault, with a name added, and the field that it is about.
fn assert_fault_of(reply: &Reply, status: u16, code: &str, param: Option<&str>) {
    assert_fault(reply, StatusCode::from_u16(status).unwrap(), code);
    let fault = reply.json();
    let told = fault.get("param").map(|param| param.as_str().unwrap());
    assert_eq!(told, param, "{fault}");
}

/// The old service's shape of a fault, with a name added, and perhaps the field that it is about.
fn assert_fault(reply: &Reply, status: StatusCode, code: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    let fault = reply.json();
    assert!(fault["error"].is_string(), "{fault}");
    assert_eq!(fault["code"], code, "{fault}");
    let known = 2 + usize::from(fault.get("param").is_some());
    assert_eq!(fault.as_object().unwrap().len(), known, "{fault}");
}

fn raw(kind: &str, body: impl Into<Body>) -> Request<Body> {
    to("/extract", kind, body)
}

fn to(path: &str, kind: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, kind)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_picture_in_each_form_is_read() {
    let by_address = json!({ "image_url": data_uri(&png(1)) });
    for request in [
        form_request(&png(1)),
        raw("image/png", png(1)),
        raw("image/jpeg", png(1)),
        raw("application/octet-stream", png(1)),
        to("/extract/file", "application/octet-stream", png(1)),
        to("/extract/file", "application/x-www-form-urlencoded", png(1)),
        to("/extract/url", "text/plain", by_address.to_string()),
        json_request("/extract/url", &by_address),
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
async fn a_clients_own_request_id_comes_back_within_bounds() {
    let gateway = reads_invoices();
    for (sent, told) in [
        ("till-7".to_owned(), "till-7".to_owned()),
        ("a".repeat(201), "a".repeat(200)),
    ] {
        let request = Request::get("/health")
            .header("x-request-id", sent)
            .body(Body::empty())
            .unwrap();
        assert_eq!(gateway.send(request).await.header("x-request-id"), told);
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
