//! Forms, and batches of receipts, as browsers and scripts send them.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};

use super::reads;
use crate::support::{Gateway, Reply, Script, invoice, png};

/// A field of a form: its name, its file name, what is in it.
type Field<'a> = (&'a str, Option<&'a str>, &'a [u8]);

fn form(path: &str, fields: &[Field]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, file, bytes) in fields {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Body::from(body))
        .unwrap()
}

/// The same, sent in chunks.
fn chunked(path: &str, fields: &[Field]) -> Request<Body> {
    let mut request = form(path, fields);
    request.headers_mut().remove(header::CONTENT_LENGTH);
    request
}

fn lines(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let text = std::str::from_utf8(&reply.body).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines: Vec<Value> = lines.collect();
    lines.sort_by_key(|line| line["index"].as_u64().unwrap_or(u64::MAX));
    lines
}

#[tokio::test]
async fn a_file_that_nobody_chose_is_skipped() {
    let picture = png(1);
    let fields: [Field; 4] = [
        ("image", Some(""), b""),
        ("image", Some("a.png"), &picture),
        ("image", Some(""), b""),
        ("image", None, b""),
    ];
    let (gateway, engine) = reads();
    let reply = gateway.send(form("/extract", &fields)).await;
    assert_eq!(reply.json(), invoice(), "{reply:?}");
    assert_eq!(
        crate::support::pictures(&engine.asked.lock().unwrap()[0]),
        1
    );
    let lines = lines(&gateway.send(form("/extract/batch", &fields)).await);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        (&lines[0]["index"], &lines[0]["name"]),
        (&json!(0), &json!("a.png"))
    );
    for path in ["/extract", "/extract/batch"] {
        // A file that somebody chose and that is empty is no receipt.
        let empty = gateway
            .send(form(path, &[("image", Some("a.png"), b"")]))
            .await;
        assert!(
            String::from_utf8_lossy(&empty.body).contains("no_image"),
            "{empty:?}"
        );
        let none = gateway.send(form(path, &fields[2..])).await;
        assert_eq!(none.status, StatusCode::BAD_REQUEST);
        assert_eq!(none.json()["code"], "no_image");
    }
}

#[tokio::test]
async fn a_file_in_another_field_is_refused_by_its_name() {
    let picture = png(1);
    let (gateway, engine) = reads();
    for name in ["images", "image[]", "file"] {
        for path in ["/extract", "/extract/batch"] {
            for request in [form, chunked] {
                let reply = gateway
                    .send(request(path, &[(name, Some("a.png"), &picture)]))
                    .await;
                assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{reply:?}");
                let fault = reply.json();
                assert_eq!(fault["code"], "no_image");
                let message = fault["error"].as_str().unwrap();
                assert!(message.contains(&format!("{name:?}")), "{message}");
                assert!(message.contains("named image"), "{message}");
            }
        }
    }
    assert_eq!(engine.times_asked(), 0);
    let fields: [Field; 2] = [
        ("image", Some("a.png"), &picture),
        ("file", Some("b.png"), &picture),
    ];
    let reply = gateway.send(form("/extract", &fields)).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    // What came before is read, and the rest is told.
    let lines = lines(&gateway.send(chunked("/extract/batch", &fields)).await);
    assert_eq!(lines[0]["invoice"], invoice());
    assert_eq!(
        (&lines[1]["index"], &lines[1]["code"]),
        (&json!(null), &json!("no_image"))
    );
}

#[tokio::test]
async fn a_batch_is_asked_by_fields_of_its_form() {
    let picture = png(1);
    let brief = json!({"merchant": "Toko", "date": "2024-02-29", "total": 5, "currency": "IDR"});
    let image: Field = ("image", Some("a.png"), &picture);
    let schema: Field = ("schema", None, b"receipt-brief");
    for fields in [[schema, image], [image, schema]] {
        let gateway = Gateway::scripted(Script::text(&brief.to_string()));
        let lines = lines(&gateway.send(form("/extract/batch", &fields)).await);
        assert_eq!(lines[0]["meta"]["schema"], "receipt-brief", "{lines:?}");
        // The field of the form comes first.
        let path = "/extract/batch?schema=invoice";
        let lines = self::lines(&gateway.send(form(path, &fields)).await);
        assert_eq!(lines[0]["meta"]["schema"], "receipt-brief", "{lines:?}");
    }
    let (gateway, _) = reads();
    for (field, status) in [("model", 404), ("schema", 404)] {
        let fields = [image, (field, None, b"none")];
        let reply = gateway.send(form("/extract/batch", &fields)).await;
        assert_eq!(reply.status.as_u16(), status, "{reply:?}");
    }
    let empty: [Field; 3] = [("model", None, b""), ("schema", None, b""), image];
    let lines = lines(&gateway.send(form("/extract/batch", &empty)).await);
    assert_eq!(lines[0]["invoice"], invoice());
}

#[tokio::test]
async fn what_is_asked_too_late_is_told() {
    let picture = png(1);
    let image: Field = ("image", Some("a.png"), &picture);
    let fields = [image, ("schema", None, &b"receipt-brief"[..]), image];
    let (gateway, _) = reads();
    let lines = lines(&gateway.send(chunked("/extract/batch", &fields)).await);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0]["invoice"], invoice());
    assert_eq!(
        (&lines[1]["index"], &lines[1]["status"]),
        (&json!(null), &json!(400))
    );
    assert!(
        lines[1]["error"]
            .as_str()
            .unwrap()
            .contains("before the first image")
    );
}

#[tokio::test]
async fn a_batch_that_is_no_form_is_told_so() {
    for kind in ["application/json", "multipart/form-data"] {
        let (gateway, _) = reads();
        let request = Request::post("/extract/batch")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from("{}"))
            .unwrap();
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{reply:?}");
        assert_eq!(reply.json()["code"], "invalid_body");
        let told = reply.json()["error"].to_string();
        assert!(told.contains("is not a form"), "{told}");
        assert!(told.contains("field named image"), "{told}");
    }
}
