//! `/v1/ocr`.

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use receipt_gateway::page::{PageBox, PageReading, PageText, TextLine, TextSource, Unread, Word};
use serde_json::{Value, json};

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, data_uri, json_request, key, png, tiff, with_key,
};

const PATH: &str = "/v1/ocr";

fn word(text: &str, x: f32, confidence: f32) -> Word {
    Word {
        text: text.into(),
        area: PageBox {
            x,
            y: 0.5,
            width: 0.25,
            height: 0.125,
        },
        confidence,
        alternatives: Vec::new(),
    }
}

/// A page with a line that the reader read, and one of the PDF's own text.
fn page(total: &str) -> PageText {
    let read = TextLine {
        words: vec![word("TOTAL", 0.125, 0.75), word(total, 0.5, 0.98764)],
        source: TextSource::Reader,
    };
    let stated = TextLine {
        words: vec![word("Thanks", 0.0, 1.0)],
        source: TextSource::Pdf,
    };
    PageText {
        width: 60,
        height: 90,
        lines: vec![read, stated],
    }
}

fn gateway(pages: Vec<PageReading>) -> Gateway {
    let options = Options {
        page_text: pages,
        ..Options::default()
    };
    Gateway::new(Scripted::new([Script::text("x")]), options)
}

fn document() -> Value {
    json!({"type": "document_url", "document_url": data_uri(&png(1))})
}

/// A document of so many pages.
fn pages(count: u32) -> Value {
    json!({"type": "document_url", "document_url": data_uri(&tiff(count))})
}

fn raw(kind: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(PATH).header(header::CONTENT_TYPE, kind);
    request.body(body.into()).unwrap()
}

fn form(fields: &[(&str, Option<&str>, &[u8])]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, file, bytes) in fields {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    raw("multipart/form-data; boundary=b", body)
}

fn indices(reply: &Reply) -> Vec<u64> {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let body = reply.json();
    let pages = body["pages"].as_array().unwrap().iter();
    pages.map(|page| page["index"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn an_answer_has_the_published_form_and_the_places_beside_it() {
    let gateway = gateway(vec![Ok(page("198.800"))]);
    let body = json!({
        "model": "mistral-ocr-latest", "document": document(), "include_image_base64": true,
        "image_limit": 3, "id": "x", "document_annotation_format": null,
    });
    let reply = gateway.post_json(PATH, &body).await;
    assert_eq!(reply.status, StatusCode::OK);
    let bounds = |x: f64| json!([x, 0.5, 0.25, 0.125]);
    assert_eq!(
        reply.json(),
        json!({
            "pages": [{
                "index": 0, "markdown": "   TOTAL 198.800\nThanks\n", "images": [],
                "dimensions": {"dpi": 72, "height": 90, "width": 60},
                "lines": [
                    {"text": "TOTAL 198.800", "box": [0.125, 0.5, 0.625, 0.125], "confidence": 0.75,
                     "source": "reader", "words": [
                        {"text": "TOTAL", "box": bounds(0.125), "confidence": 0.75},
                        {"text": "198.800", "box": bounds(0.5), "confidence": 0.9876},
                    ]},
                    {"text": "Thanks", "box": bounds(0.0), "confidence": 1.0, "source": "pdf",
                     "words": [{"text": "Thanks", "box": bounds(0.0), "confidence": 1.0}]},
                ],
            }],
            "model": "page-reader",
            "document_annotation": null,
            "usage_info": {"pages_processed": 1, "doc_size_bytes": png(1).len()},
        })
    );
}

#[tokio::test]
async fn blocks_and_scores_come_if_they_are_wanted() {
    let gateway = gateway(vec![Ok(page("198.800")), Ok(PageText::default())]);
    let body = json!({
        "document": pages(2), "include_blocks": true, "confidence_scores_granularity": "word",
    });
    let reply = gateway.post_json(PATH, &body).await.json();
    assert_eq!(
        reply["pages"][0]["blocks"][0],
        json!({"type": "text", "content": "TOTAL 198.800", "top_left_x": 8, "top_left_y": 45,
               "bottom_right_x": 45, "bottom_right_y": 56})
    );
    assert_eq!(
        reply["pages"][0]["confidence_scores"],
        json!({"average_page_confidence_score": 0.9125, "minimum_page_confidence_score": 0.75})
    );
    let empty = &reply["pages"][1];
    assert_eq!(empty["blocks"], json!([]));
    assert_eq!(empty.get("confidence_scores"), None);
}

#[tokio::test]
async fn a_document_comes_in_every_form() {
    let gateway = gateway(vec![Ok(page("5"))]);
    let uri = data_uri(&png(1));
    for document in [
        document(),
        json!({"type": "image_url", "image_url": uri}),
        json!({"type": "image_url", "image_url": {"url": uri, "detail": "high"}}),
        json!({"document_url": uri, "document_name": "a.png"}),
        json!({"image_url": uri, "type": null}),
    ] {
        let body = json!({"model": "any", "document": document});
        assert_eq!(
            indices(&gateway.post_json(PATH, &body).await),
            [0],
            "{document}"
        );
    }
    let picture = png(1);
    for request in [
        raw("image/png", picture.clone()),
        raw("application/octet-stream", picture.clone()),
        raw("text/plain", json!({"document": document()}).to_string()),
        form(&[("model", None, b"any"), ("file", Some("a.png"), &picture)]),
        form(&[("file", None, &picture), ("pages", None, b"0-4")]),
    ] {
        assert_eq!(indices(&gateway.send(request).await), [0]);
    }
}

#[tokio::test]
async fn only_the_pages_that_are_asked_for_are_answered() {
    for (wanted, expected) in [
        (json!(null), vec![0, 1, 2]),
        (json!([2, 0]), vec![0, 2]),
        (json!(1), vec![1]),
        (json!("1-7"), vec![1, 2]),
    ] {
        let gateway = gateway(vec![Ok(page("1")), Ok(page("2")), Ok(page("3"))]);
        let body = json!({"document": pages(3), "pages": wanted});
        let reply = gateway.post_json(PATH, &body).await;
        assert_eq!(indices(&reply), expected);
        // The reader has no more pages to read than are answered.
        let first = &reply.json()["pages"][0]["lines"][0]["words"][1]["text"];
        assert_eq!(first, "1");
        assert_eq!(
            reply.json()["usage_info"]["pages_processed"],
            expected.len()
        );
    }
}

#[tokio::test]
async fn a_page_that_was_not_asked_for_need_not_be_read() {
    let gateway = gateway(vec![Ok(page("2")), Err(Unread::Late)]);
    let body = |page: u64| json!({"document": pages(2), "pages": page});
    assert_eq!(indices(&gateway.post_json(PATH, &body(1)).await), [1]);
    let late = gateway.post_json(PATH, &body(0)).await;
    assert_eq!(late.status, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn a_page_without_text_is_no_blank_page() {
    let empty = gateway(vec![Ok(PageText::default())]);
    let reply = empty
        .post_json(PATH, &json!({"document": document()}))
        .await;
    assert_eq!(reply.json()["pages"][0]["markdown"], "");
    for (cause, status, code) in [
        (Unread::Unloaded, 503, "page_reader_not_loaded"),
        (Unread::Late, 504, "page_reader_timeout"),
    ] {
        let gateway = gateway(vec![Ok(page("1")), Err(cause)]);
        let reply = gateway
            .post_json(PATH, &json!({"document": pages(2)}))
            .await;
        let error = &reply.json()["error"];
        assert_eq!(
            (reply.status.as_u16(), &error["code"]),
            (status, &json!(code))
        );
        let message = error["message"].as_str().unwrap();
        assert!(
            message.starts_with("The text of page 2 was not read: "),
            "{message}"
        );
        assert_eq!(error["param"], Value::Null);
    }
    let off = gateway(Vec::new());
    let reply = off.post_json(PATH, &json!({"document": document()})).await;
    assert_eq!(
        (reply.status, &reply.json()["error"]["code"]),
        (StatusCode::NOT_IMPLEMENTED, &json!("page_reader_off"))
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_its_field() {
    let gateway = gateway(vec![Ok(page("1"))]);
    let with = |field: &str, value: Value| {
        let mut body = json!({"document": document()});
        body[field] = value;
        body
    };
    let of = |document: Value| json!({"document": document});
    for (body, status, param) in [
        (json!({}), 400, "document"),
        (of(json!(null)), 400, "document"),
        (of(json!("x")), 400, "document"),
        (of(json!({})), 400, "document.document_url"),
        (of(json!({"type": "image_url"})), 400, "document.image_url"),
        (
            of(json!({"type": "image_url", "image_url": 5})),
            400,
            "document.image_url",
        ),
        (
            of(json!({"type": "file", "file_id": "f"})),
            400,
            "document.file_id",
        ),
        (of(json!({"type": "text"})), 400, "document.type"),
        (
            of(json!({"document_url": "data:,x"})),
            400,
            "document.document_url",
        ),
        (
            of(json!({"document_url": "ftp://x"})),
            400,
            "document.document_url",
        ),
        (
            of(json!({"document_url": data_uri(b"GIF?")})),
            415,
            "document.document_url",
        ),
        (with("pages", json!(-1)), 400, "pages"),
        (with("pages", json!("3-1")), 400, "pages"),
        (with("pages", json!([4])), 400, "pages"),
        (with("model", json!(5)), 400, "model"),
        (
            with("document_annotation_format", json!({"type": "json_schema"})),
            400,
            "document_annotation_format",
        ),
        (
            with("bbox_annotation_format", json!({})),
            400,
            "bbox_annotation_format",
        ),
    ] {
        let reply = gateway.post_json(PATH, &body).await;
        assert_eq!(reply.status.as_u16(), status, "{body} {reply:?}");
        assert_eq!(reply.json()["error"]["param"], param, "{body} {reply:?}");
    }
    let picture = png(1);
    for (request, param) in [
        (raw("application/json", ""), "document"),
        (raw("image/png", ""), "file"),
        (form(&[("model", None, b"any")]), "document"),
        (form(&[("image", Some("a.png"), &picture)]), "image"),
        (
            form(&[("file", None, &picture), ("file", None, &picture)]),
            "file",
        ),
        (
            form(&[("file", None, &picture), ("pages", None, b"x")]),
            "pages",
        ),
    ] {
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{reply:?}");
        assert_eq!(reply.json()["error"]["param"], param, "{reply:?}");
    }
}

#[tokio::test]
async fn the_route_has_the_limits_of_all_routes() {
    let options = Options {
        api_key: Some("secret"),
        keys: vec![key("other", "hidden")],
        page_text: vec![Ok(page("1"))],
        ..Options::default()
    };
    let gateway = Gateway::new(Scripted::new([Script::text("x")]), options);
    let body = json!({"document": document()});
    let refused = gateway.post_json(PATH, &body).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.json()["error"]["code"], "invalid_api_key");
    let answered = gateway.send(with_key(json_request(PATH, &body), "hidden"));
    assert_eq!(indices(&answered.await), [0]);

    let large = Bytes::from([png(1).to_vec(), vec![0; 200_000]].concat());
    let large = gateway
        .send(with_key(raw("image/png", large), "secret"))
        .await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let body = vec![0; 2 << 20];
    let oversized = gateway
        .send(with_key(raw("image/png", body), "secret"))
        .await;
    assert_eq!(oversized.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(oversized.json()["error"]["code"], "body_too_large");
}
