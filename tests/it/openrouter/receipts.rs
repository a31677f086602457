//! Receipts that were read by `/extract`, and what is told of them later.

use axum::http::header;

use super::*;
use crate::support::{form, form_request, invoice};

/// A gateway that reads invoices.
fn reading(options: Options) -> Gateway {
    Gateway::new(
        Scripted::new([Script::text(&invoice().to_string())]),
        options,
    )
}

fn as_events(mut request: Request<Body>) -> Request<Body> {
    let kind = header::HeaderValue::from_static("text/event-stream");
    request.headers_mut().insert(header::ACCEPT, kind);
    request
}

/// What the first key is told of an answer that it had.
async fn told(gateway: &Gateway, id: &str) -> Value {
    assert!(id.starts_with("reading-") && id.len() > 20, "{id}");
    let told = past(gateway, id, "first").await;
    assert_eq!(told.status, StatusCode::OK, "{id} {told:?}");
    told.json()["data"].clone()
}

#[tokio::test]
async fn a_receipt_is_remembered_for_its_key_alone() {
    let gateway = reading(Options {
        keys: vec![key("a", "first"), key("b", "second")],
        ..Options::default()
    });
    let two: [(&str, &[u8]); 2] = [("a.png", &png(1)), ("b.png", &png(2))];
    let path = "/extract?include=meta";
    let mut ids = Vec::new();
    for found in ["miss", "hit"] {
        let reply = gateway.send(with_key(form(path, &two), "first")).await;
        assert_eq!(reply.header("x-cache"), found, "{reply:?}");
        let id = reply.header("x-generation-id");
        assert_eq!(reply.json()["meta"]["id"], id);
        let told = told(&gateway, id).await;
        let expected = json!({
            "id": id, "model": "org/scripted", "provider_name": "receipt-gateway", "streamed": false,
            "cancelled": false, "finish_reason": "stop", "num_media_prompt": 2, "tokens_prompt": 7,
            "total_cost": 0.0, "usage": 0.0
        });
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(told[field], *value, "{field} of {told}");
        }
        let usage = &reply.json()["meta"]["usage"];
        assert_eq!(told["tokens_completion"], usage["completion_tokens"]);
        assert!(told["latency"].as_f64() <= told["generation_time"].as_f64());
        let others = past(&gateway, id, "second").await;
        assert_eq!(others.status, StatusCode::NOT_FOUND);
        ids.push(id.to_owned());
    }
    assert_ne!(ids[0], ids[1], "each answer has its own");
}

#[tokio::test]
async fn a_receipt_is_remembered_however_it_is_sent_and_answered() {
    let gateway = reading(Options {
        keys: vec![key("a", "first")],
        presets: vec![("bills", Some("invoice"), None)],
        ..Options::default()
    });
    let sent = json!({"image_url": data_uri(&png(1)), "model": "bills"});
    let raw = Request::post("/extract/file").body(Body::from(png(1)));
    for (request, model) in [
        (json_request("/extract", &sent), "bills"),
        (json_request("/extract/url", &sent), "bills"),
        (raw.unwrap(), "org/scripted"),
    ] {
        let reply = gateway.send(with_key(request, "first")).await;
        assert_eq!(reply.json(), invoice(), "the object alone is the answer");
        let told = told(&gateway, reply.header("x-generation-id")).await;
        assert_eq!(
            (&told["model"], &told["num_media_prompt"]),
            (&json!(model), &json!(1))
        );
    }
    let files: [(&str, &[u8]); 2] = [("a.png", &png(1)), ("b.txt", b"hello")];
    let reply = gateway
        .send(with_key(form("/extract/batch", &files), "first"))
        .await;
    let lines = std::str::from_utf8(&reply.body).unwrap().lines();
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (read, refused): (Vec<_>, Vec<_>) =
        lines.iter().partition(|line| line.get("meta").is_some());
    assert_eq!((read.len(), refused.len()), (1, 1), "{lines:?}");
    let of_batch = told(&gateway, read[0]["meta"]["id"].as_str().unwrap()).await;
    assert_eq!(of_batch["finish_reason"], "stop");
}

#[tokio::test]
async fn a_receipt_sent_as_events_is_named_at_its_beginning() {
    let keys = || vec![key("a", "first")];
    let gateway = reading(Options {
        keys: keys(),
        ..Options::default()
    });
    let request = with_key(as_events(form_request(&png(1))), "first");
    let reply = gateway.send(request).await;
    let id = reply.header("x-generation-id");
    let text = std::str::from_utf8(&reply.body).unwrap();
    assert!(
        text.contains(&format!("\"meta\":{{\"id\":\"{id}\"")),
        "{text}"
    );
    let of_events = told(&gateway, id).await;
    assert_eq!(of_events["streamed"], true);
    assert_eq!(
        (&of_events["cancelled"], &of_events["finish_reason"]),
        (&json!(false), &json!("stop"))
    );
    assert_eq!(of_events["tokens_prompt"], 7);

    let failing = Gateway::new(
        Scripted::new([Script::text("{}")]),
        Options {
            keys: keys(),
            ..Options::default()
        },
    );
    let request = with_key(as_events(form_request(&png(1))), "first");
    let reply = failing.send(request).await;
    let failed = told(&failing, reply.header("x-generation-id")).await;
    assert_eq!(
        (&failed["cancelled"], &failed["finish_reason"]),
        (&json!(false), &json!("error"))
    );
    assert_eq!(
        (&failed["tokens_prompt"], &failed["total_cost"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_reading_whose_client_left_is_remembered_as_cancelled() {
    let engine = Scripted::gated([Script::text(&invoice().to_string())]);
    let options = Options {
        keys: vec![key("a", "first")],
        ..Options::default()
    };
    let gateway = Gateway::new(engine.clone(), options);
    let request = with_key(as_events(form_request(&png(1))), "first");
    let running = gateway.0.clone().oneshot(request).await.unwrap();
    let id = running.headers()["x-generation-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let mut events = running.into_body().into_data_stream();
    events.next().await.unwrap().unwrap();
    assert_eq!(
        past(&gateway, &id, "first").await.status,
        StatusCode::NOT_FOUND,
        "it goes on"
    );
    drop(events);
    eventually(async || past(&gateway, &id, "first").await.status == StatusCode::OK).await;
    let told = told(&gateway, &id).await;
    assert_eq!(
        (&told["cancelled"], &told["finish_reason"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        (&told["tokens_prompt"], &told["latency"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn what_is_refused_has_no_name() {
    let gateway = reading(Options::default());
    for picture in [&b"hello"[..], b""] {
        let reply = gateway.send(form_request(picture)).await;
        assert!(reply.status.is_client_error(), "{reply:?}");
        assert_eq!(reply.header("x-generation-id"), "");
    }
}
