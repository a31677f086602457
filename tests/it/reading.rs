//! What `/extract` knows about a reading: confidence, checks, attempts; its other forms.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use receipt_gateway::{
    chat::{Grammar, Part, Role},
    receipt::{DoubtPolicy, OnDoubt},
};
use serde_json::{Value, json};

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, data_uri, form, form_request, invoice, json_request,
    pictures, png,
};

/// An invoice whose sums are sound.
fn sound() -> Value {
    let mut invoice = invoice();
    invoice["total_due"] = json!(10);
    invoice
}

fn asks(path: &str) -> axum::http::Request<axum::body::Body> {
    form(path, &[("r.png", &png(1))])
}

#[tokio::test]
async fn meta_tells_what_is_known() {
    let gateway = Gateway::scripted(Script::text(&invoice().to_string()));
    let reply = gateway.send(asks("/extract?include=meta")).await;
    assert_eq!(reply.header("content-type"), "application/json");
    let body = reply.json();
    assert_eq!(body["invoice"], invoice());
    let meta = &body["meta"];
    assert_eq!(meta["model"], "org/scripted");
    assert_eq!(meta["schema"], "invoice");
    assert_eq!(meta["cache"], "miss");
    assert_eq!(meta["pages"], 1);
    assert_eq!(meta["usage"]["prompt_tokens"], 7);
    // Four characters, each of log-probability -0.01.
    assert_eq!(
        meta["fields"]["/total_due"],
        json!({"confidence": 0.9608, "logprob": -0.04})
    );
    // Eleven with the closing quote, and the opening one, which begins the value.
    assert_eq!(meta["fields"]["/invoice_date"]["logprob"], -0.12);
    assert_eq!(meta["confidence"], 0.8869);
    let checks = meta["checks"].as_array().unwrap();
    let failed: Vec<_> = checks.iter().filter(|c| c["passed"] == false).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["name"], "total_adds_up");
    assert_eq!(
        failed[0]["message"],
        "The subtotal 10 plus tax 0 less discount 0 makes 10, not 10.5."
    );
    assert_eq!(meta["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(meta["attempts"][0]["reason"], "first");

    let mut named = form_request(&png(1));
    let accept = "text/html, application/vnd.receipt+json;q=0.9";
    named
        .headers_mut()
        .insert(header::ACCEPT, accept.parse().unwrap());
    let reply = gateway.send(named).await;
    assert_eq!(reply.header("content-type"), "application/vnd.receipt+json");
    assert_eq!(reply.json()["meta"]["cache"], "hit");
}

#[tokio::test]
async fn other_schemas_are_named_or_sent() {
    let brief = json!({"merchant": "Toko", "date": null, "total": 5, "currency": "IDR"});
    let engine = Scripted::new([Script::text(&brief.to_string())]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let reply = gateway.send(asks("/extract?schema=receipt-brief")).await;
    assert_eq!(
        (reply.status, reply.json()),
        (StatusCode::OK, brief.clone())
    );
    assert_eq!(reply.header("x-checks"), "none");

    let body = json!({"image_url": data_uri(&png(1)), "schema": "receipt-brief"});
    let reply = gateway.send(json_request("/extract", &body)).await;
    assert_eq!(reply.header("x-cache"), "hit");

    let schema =
        json!({"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}});
    let mut sent = schema.clone();
    sent["x-guidance"] = json!({"lenient": true});
    let body = json!({"image_url": data_uri(&png(1)), "schema": sent});
    let reply = gateway
        .send(json_request("/extract?include=meta", &body))
        .await;
    assert_eq!(reply.json()["invoice"], brief, "{reply:?}");
    assert_eq!(reply.json()["meta"]["schema"], "inline");
    let asked = engine.asked.lock().unwrap();
    let Some(Part::Text(prompt)) = asked[1].messages()[0].parts.last() else {
        panic!("no text");
    };
    assert_eq!(*prompt, format!("By the schema: {schema}"));
    let Grammar::JsonSchema(grammar) = &asked[1].grammar else {
        panic!("no schema");
    };
    assert_eq!(grammar["x-guidance"], json!({"whitespace_flexible": false}));
}

#[tokio::test]
async fn schemas_that_cannot_be_used_are_refused() {
    let gateway = Gateway::scripted(Script::text("{}"));
    let with = |schema: Value| {
        json_request(
            "/extract",
            &json!({"image_url": data_uri(&png(1)), "schema": schema}),
        )
    };
    for (request, status, code) in [
        (asks("/extract?schema=nothing"), 404, "schema_not_found"),
        (with(json!("nothing")), 404, "schema_not_found"),
        (with(json!(5)), 400, "invalid_schema"),
        (with(json!(true)), 400, "invalid_schema"),
        (
            with(json!({"type": "array", "items": {"$ref": "#"}, "maxItems": 2})),
            400,
            "invalid_schema",
        ),
        (with(json!({"type": 5})), 400, "invalid_schema"),
        (
            with(json!({"type": "array", "uniqueItems": true})),
            400,
            "invalid_schema",
        ),
        (
            with(json!({"type": "string", "description": "x".repeat(1000)})),
            400,
            "invalid_schema",
        ),
        (asks("/extract?include=everything"), 400, "invalid_query"),
    ] {
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.json()["code"], code, "{reply:?}");
    }
    let listed = gateway.get("/schemas").await.json();
    assert_eq!(listed["default"], "invoice");
    assert_eq!(listed["schemas"][1]["name"], "receipt-brief");
    assert_eq!(listed["schemas"][0]["schema"]["title"], "Invoice");
}

#[tokio::test]
async fn an_answer_that_passes_the_bound_of_a_sent_schema_is_an_error() {
    let long = json!({"a": "x".repeat(100)}).to_string();
    let gateway = Gateway::scripted(Script::text(&long));
    let schema = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let body = json!({"image_url": data_uri(&png(1)), "schema": schema});
    let reply = gateway.send(json_request("/extract", &body)).await;
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{reply:?}");
    assert_eq!(reply.json()["code"], "invalid_answer");
}

#[tokio::test]
async fn pages_make_one_receipt() {
    let two_pages = std::fs::read("tests/fixtures/two-pages.pdf").unwrap();
    let pdf_uri = data_uri(&two_pages);
    let urls = json!({"image_urls": [data_uri(&png(1)), data_uri(&png(2))]});
    for (request, pages) in [
        (form("/extract", &[("a", &png(1)), ("b", &png(2))]), 2),
        (form("/extract", &[("a", &two_pages)]), 2),
        (form("/extract", &[("a", &two_pages), ("b", &png(2))]), 3),
        (json_request("/extract", &json!({"image_url": pdf_uri})), 2),
        (json_request("/extract", &urls), 2),
    ] {
        let engine = Scripted::new([Script::text(&sound().to_string())]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!(pictures(&engine.asked.lock().unwrap()[0]), pages);
    }
}

#[tokio::test]
async fn faults_of_pdfs_and_pages_are_told_apart() {
    let gateway = Gateway::scripted(Script::text(&sound().to_string()));
    let two_pages = std::fs::read("tests/fixtures/two-pages.pdf").unwrap();
    let encrypted = std::fs::read("tests/fixtures/encrypted.pdf").unwrap();
    let four = [
        ("a", &png(1)[..]),
        ("b", &png(2)),
        ("c", &png(3)),
        ("d", &png(4)),
    ];
    for (request, code) in [
        (form("/extract", &[("a", &encrypted)]), "encrypted_pdf"),
        (form("/extract", &[("a", &two_pages[..300])]), "broken_pdf"),
        (
            form("/extract", &[("a", b"%PDF-1.7 and no more")]),
            "broken_pdf",
        ),
        (form("/extract", &four), "too_many_pages"),
        (
            form("/extract", &[("a", &two_pages), ("b", &two_pages)]),
            "too_many_pages",
        ),
    ] {
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{reply:?}");
        assert_eq!(reply.json()["code"], code, "{reply:?}");
    }
}

#[tokio::test]
async fn a_chat_can_show_a_pdf() {
    let engine = Scripted::new([Script::text("hello")]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let two_pages = std::fs::read("tests/fixtures/two-pages.pdf").unwrap();
    let part = json!({"type": "image_url", "image_url": {"url": data_uri(&two_pages)}});
    let body = json!({"model": "org/scripted", "messages": [{"role": "user", "content": [part]}]});
    assert_eq!(gateway.chat(body).await.status, StatusCode::OK);
    assert_eq!(pictures(&engine.asked.lock().unwrap()[0]), 2);
}

/// Names and data of server-sent events.
fn events(reply: &Reply) -> Vec<(String, Value)> {
    let text = std::str::from_utf8(&reply.body).unwrap();
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    let events = blocks.map(|block| {
        let line = |name: &str| {
            let found = block.lines().find_map(|line| line.strip_prefix(name));
            found.unwrap_or_else(|| panic!("{block}"))
        };
        let data = serde_json::from_str(line("data: ")).unwrap();
        (line("event: ").to_owned(), data)
    });
    events.collect()
}

fn streamed() -> axum::http::Request<axum::body::Body> {
    let mut request = form_request(&png(1));
    let accept = "text/event-stream".parse().unwrap();
    request.headers_mut().insert(header::ACCEPT, accept);
    request
}

#[tokio::test]
async fn progress_is_told_stage_by_stage() {
    let gateway = Gateway::scripted(Script::text(&sound().to_string()));
    let told = events(&gateway.send(streamed()).await);
    let mut names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    // Stages that pass unseen are left out; the order stays.
    let order = ["queued", "reading", "generating", "checking", "done"];
    let places = names
        .iter()
        .map(|n| order.iter().position(|o| o == n).unwrap());
    assert!(places.is_sorted_by(|a, b| a < b), "{names:?}");
    for (name, data) in &told {
        if name == "generating" {
            assert!(data["partial"].is_object(), "{data}");
        }
    }
    assert!(names.contains(&"generating"), "{names:?}");
    let (name, data) = told.last().unwrap();
    assert_eq!((name.as_str(), &data["invoice"]), ("done", &sound()));
    assert_eq!(data["meta"]["cache"], "miss");

    let again = events(&gateway.send(streamed()).await);
    assert_eq!(again.len(), 1, "{again:?}");
    assert_eq!(again[0].1["meta"]["cache"], "hit");
}

#[tokio::test]
async fn the_object_is_seen_to_grow() {
    let engine = Scripted::gated([Script::text(&sound().to_string())]);
    let gateway = Gateway::new(engine.clone(), Options::default());
    let request = gateway.send(streamed());
    let one_by_one = async {
        for _ in 0..1000 {
            engine.gate.add_permits(1);
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
    };
    let (reply, ()) = tokio::join!(request, one_by_one);
    let told = events(&reply);
    let partials: Vec<_> = told
        .iter()
        .filter(|(name, _)| name == "generating")
        .map(|(_, data)| data["partial"].as_object().unwrap().len())
        .collect();
    assert!(partials.len() > 10, "{partials:?}");
    assert!(partials.is_sorted(), "{partials:?}");
}

#[tokio::test]
async fn faults_are_told_before_or_within_the_stream() {
    let gateway = Gateway::scripted(Script::text("{}"));
    let told = events(&gateway.send(streamed()).await);
    let (name, data) = told.last().unwrap();
    assert_eq!(name, "error");
    assert_eq!(
        (&data["code"], &data["status"]),
        (&json!("invalid_answer"), &json!(502))
    );
    let mut request = streamed();
    *request.uri_mut() = "/extract?model=none".parse().unwrap();
    let reply = gateway.send(request).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert_eq!(reply.header("content-type"), "application/json");
}

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

fn doubting(on_doubt: OnDoubt) -> Options {
    let options = Options::default();
    Options {
        doubt: DoubtPolicy {
            on_doubt,
            ..options.doubt
        },
        ..options
    }
}

async fn meta(gateway: &Gateway) -> Value {
    let reply = gateway.send(asks("/extract?include=meta")).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    reply.json()
}

#[tokio::test]
async fn a_doubtful_reading_is_tried_again() {
    let engine = Scripted::new([
        Script::text(&invoice().to_string()),
        Script::text(&sound().to_string()),
    ]);
    let gateway = Gateway::new(engine.clone(), doubting(OnDoubt::Retry));
    let body = meta(&gateway).await;
    assert_eq!(body["invoice"], sound());
    let attempts = body["meta"]["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0]["failed_checks"], json!(["total_adds_up"]));
    assert_eq!(attempts[1]["reason"], "retry");
    assert_eq!(attempts[1]["failed_checks"], json!([]));
    let asked = engine.asked.lock().unwrap();
    assert_eq!(asked[1].sampling.temperature, 0.3);
    let roles: Vec<_> = asked[1].messages().iter().map(|m| m.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
    let Part::Text(objection) = &asked[1].messages()[2].parts[0] else {
        panic!("no text");
    };
    assert!(
        objection.starts_with("Wrong: The subtotal 10"),
        "{objection}"
    );
}

#[tokio::test]
async fn the_best_attempt_wins_and_attempts_are_bounded() {
    // The same check fails in all; the second is the surest.
    let text = invoice().to_string();
    let engine = Scripted::new([
        Script::Unsure(text.clone(), -0.3),
        Script::Unsure(text.clone(), -0.1),
        Script::Unsure(text, -0.2),
    ]);
    let gateway = Gateway::new(engine.clone(), doubting(OnDoubt::Retry));
    let body = meta(&gateway).await;
    assert_eq!(body["meta"]["fields"]["/total_due"]["logprob"], -0.4);
    assert_eq!(engine.times_asked(), 3);
}

#[tokio::test]
async fn a_sound_but_unsure_reading_is_doubtful_too() {
    let engine = Scripted::new([
        Script::Unsure(sound().to_string(), -0.3),
        Script::Unsure(sound().to_string(), -0.01),
    ]);
    let gateway = Gateway::new(engine.clone(), doubting(OnDoubt::Retry));
    meta(&gateway).await;
    assert_eq!(engine.times_asked(), 2);
    // Nothing is wrong that the model could be told.
    assert_eq!(engine.asked.lock().unwrap()[1].messages().len(), 1);
}

#[tokio::test]
async fn doubt_goes_up_the_list_past_models_that_fail() {
    let better = Scripted::new([Script::text(&sound().to_string())]);
    for first in [Script::text(&invoice().to_string()), Script::Fails] {
        let gateway = Gateway::new(
            Scripted::new([first]),
            Options {
                better: Some(better.clone()),
                ..doubting(OnDoubt::Escalate)
            },
        );
        let body = meta(&gateway).await;
        assert_eq!(body["invoice"], sound());
        assert_eq!(body["meta"]["model"], "org/better");
        let attempts = body["meta"]["attempts"].as_array().unwrap();
        let models: Vec<_> = attempts.iter().map(|a| &a["model"]).collect();
        assert_eq!(models, ["org/scripted", "broken", "org/better"]);
        assert!(attempts[1]["error"].is_string());
        assert!(!format!("{attempts:?}").contains("secret"), "{attempts:?}");
    }
}

#[tokio::test]
async fn where_every_attempt_fails_the_request_does() {
    let gateway = Gateway::new(
        Scripted::new([Script::text("{}")]),
        doubting(OnDoubt::Escalate),
    );
    let reply = gateway.extract(png(1)).await;
    assert!(reply.status.is_server_error(), "{reply:?}");
    let gateway = Gateway::new(
        Scripted::new([Script::text("{}")]),
        doubting(OnDoubt::Retry),
    );
    assert_eq!(
        gateway.extract(png(1)).await.status,
        StatusCode::BAD_GATEWAY
    );
}

#[tokio::test]
async fn the_time_for_more_attempts_is_bounded() {
    let engine = Scripted::new([Script::text(&invoice().to_string())]);
    let stuck = Scripted::gated([Script::text("{}")]);
    let mut options = doubting(OnDoubt::Escalate);
    options.doubt.max_time = std::time::Duration::from_millis(50);
    options.doubt.escalate_to = vec!["org/better".into()];
    let gateway = Gateway::new(
        engine,
        Options {
            better: Some(stuck.clone()),
            ..options
        },
    );
    let body = meta(&gateway).await;
    assert_eq!(body["invoice"], invoice());
    assert_eq!(body["meta"]["attempts"][1]["error"], "out of time");
}

#[tokio::test]
async fn the_playground_is_served_with_a_strict_policy() {
    let gateway = Gateway::scripted(Script::text("{}"));
    let page = gateway.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let text = std::str::from_utf8(&page.body).unwrap();
    let mut files = 0;
    for attribute in ["src=\"/playground/", "href=\"/playground/"] {
        for rest in text.split(attribute).skip(1) {
            let name = rest.split('"').next().unwrap();
            let file = gateway.get(&format!("/playground/{name}")).await;
            assert_eq!(file.status, StatusCode::OK, "{name}");
            files += 1;
        }
    }
    assert!(files >= 2);
    let sample = gateway.get("/playground/sample.png").await;
    assert_eq!(sample.header("content-type"), "image/png");
    for missing in ["/playground/nothing.js", "/playground/..%2fCargo.toml"] {
        assert_eq!(
            gateway.get(missing).await.status,
            StatusCode::NOT_FOUND,
            "{missing}"
        );
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
    while engine.running.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    drop(reply);
    let ended = async {
        while engine.running.load(std::sync::atomic::Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
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

#[tokio::test]
async fn pages_are_counted_before_any_is_fetched() {
    let gateway = Gateway::scripted(Script::text(&sound().to_string()));
    let urls = vec!["https://192.0.2.1/none.png"; 1000];
    let reply = gateway
        .send(json_request("/extract", &json!({ "image_urls": urls })))
        .await;
    assert_eq!(reply.json()["code"], "too_many_pages", "{reply:?}");
}
