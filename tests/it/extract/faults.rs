//! What no receipt comes of: a fault, told apart, whatever is sent.

use axum::http::StatusCode;
use base64::Engine as _;
use serde_json::{Value, json};

use super::{assert_fault, assert_fault_of, e_invoices::ubl, raw, reads_invoices, to};
use crate::support::{
    Gateway, Options, Script, Scripted, data_uri, form, form_request, invoice, json_request, png,
};

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
    for (request, status, code, param) in [
        (raw("image/png", ""), 400, "no_image", None),
        (
            raw("application/json", ""),
            400,
            "no_image",
            Some("image_url"),
        ),
        (
            raw("application/json", "{}"),
            400,
            "no_image",
            Some("image_url"),
        ),
        (
            raw("application/json", r#"{"image_url": null}"#),
            400,
            "no_image",
            Some("image_url"),
        ),
        (
            raw("application/json", r#"{"image_url": 5}"#),
            400,
            "invalid_type",
            Some("image_url"),
        ),
        (
            raw("application/json", r#"{"image_url": "#),
            400,
            "invalid_json",
            None,
        ),
        (
            raw("application/json", "[1]"),
            400,
            "no_image",
            Some("image_url"),
        ),
        (
            raw("multipart/form-data; boundary=b", "--b--\r\n"),
            400,
            "no_image",
            Some("image"),
        ),
        (
            raw("multipart/form-data", "--b--\r\n"),
            400,
            "invalid_body",
            None,
        ),
        (
            raw("text/plain", "hello"),
            415,
            "unsupported_content_type",
            None,
        ),
        (raw("image/png", "hello"), 415, "unsupported_image", None),
        (
            raw("image/heic", "\0\0\0\x18ftypheic\0\0\0\0"),
            415,
            "unsupported_image",
            None,
        ),
        (
            raw("image/png", png(1).slice(..60)),
            422,
            "broken_image",
            None,
        ),
        (
            raw("image/png", wide_png.into_inner()),
            422,
            "image_dimensions",
            None,
        ),
        (large, 413, "image_too_large", None),
        (oversized, 413, "body_too_large", None),
    ] {
        let reply = gateway.send(request).await;
        assert_fault_of(&reply, status, code, param);
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
async fn faults_of_what_is_named_are_told_apart() {
    let gateway = reads_invoices();
    for (request, status, code, param) in [
        (
            json_request("/extract", &json!({"image_url": "data:x"})),
            400,
            "invalid_data_uri",
            Some("image_url"),
        ),
        (
            json_request("/extract", &json!({"image_url": "ftp://x/y"})),
            400,
            "invalid_image_url",
            Some("image_url"),
        ),
        (
            json_request("/extract", &json!({"image_url": "file:///etc/passwd"})),
            400,
            "invalid_image_url",
            Some("image_url"),
        ),
        (
            json_request("/extract", &json!({"image_url": "http://127.0.0.1/x"})),
            400,
            "invalid_image_url",
            Some("image_url"),
        ),
        (
            json_request(
                "/extract",
                &json!({"image_url": data_uri(&png(1)), "model": "x"}),
            ),
            404,
            "model_not_found",
            Some("model"),
        ),
        (
            json_request(
                "/extract",
                &json!({"image_url": data_uri(&png(1)), "model": "broken"}),
            ),
            503,
            "model_not_loaded",
            None,
        ),
    ] {
        let reply = gateway.send(request).await;
        assert_fault_of(&reply, status, code, param);
    }
}

#[tokio::test]
async fn a_fault_names_the_field_that_it_is_about() {
    let gateway = reads_invoices();
    let (good, bad) = (data_uri(&png(1)), "data:image/png;base64,aGVsbG8=");
    let several = |single: &[&str], more: &[&str]| {
        let body = json!({"image_url": single.first(), "image_urls": more});
        json_request("/extract", &body)
    };
    let asking = |query: &str| {
        let mut request = form_request(&png(1));
        *request.uri_mut() = format!("/extract?{query}").parse().unwrap();
        request
    };
    let elsewhere = "--b\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"a.png\"\r\n\r\nx\r\n--b--\r\n";
    let total = ubl("100.00");
    let files: [(&str, &[u8]); 2] = [("a.png", &png(1)), ("b.png", b"hello")];
    let with_xml: [(&str, &[u8]); 2] = [("a.png", &png(1)), ("b.xml", total.as_bytes())];
    for (request, status, code, param) in [
        (several(&[], &[bad]), 415, "unsupported_image", "image_urls"),
        (
            several(&[], &[&good, bad]),
            415,
            "unsupported_image",
            "image_urls[1]",
        ),
        (
            several(&[bad], &[&good]),
            415,
            "unsupported_image",
            "image_url",
        ),
        (
            several(&[&good], &[&good, bad]),
            415,
            "unsupported_image",
            "image_urls[1]",
        ),
        (form("/extract", &files), 415, "unsupported_image", "image"),
        (
            form("/extract", &with_xml),
            422,
            "xml_beside_files",
            "image",
        ),
        (
            raw("multipart/form-data; boundary=b", elsewhere),
            400,
            "no_image",
            "scan",
        ),
        (
            asking("include=everything"),
            400,
            "invalid_query",
            "include",
        ),
        (
            asking("grounding=sometimes"),
            400,
            "invalid_query",
            "grounding",
        ),
        (asking("schema=none"), 404, "schema_not_found", "schema"),
        (asking("model=none"), 404, "model_not_found", "model"),
    ] {
        let reply = gateway.send(request).await;
        assert_fault_of(&reply, status, code, Some(param));
    }
    let blind = Gateway::new(Scripted::blind([Script::text("x")]), Options::default());
    let reply = blind.extract(png(1)).await;
    assert_fault_of(&reply, 400, "model_without_vision", Some("model"));
    // An answer that does not fit is no fault of the request.
    let reply = Gateway::scripted(Script::text("{}")).extract(png(1)).await;
    assert_fault_of(&reply, 502, "invalid_answer", None);
    for path in ["/extract/batch", "/extract"] {
        let mut request = form(path, &[("b.png", b"hello")]);
        let events = "text/event-stream".parse().unwrap();
        request.headers_mut().insert("accept", events);
        let reply = gateway.send(request).await;
        let told = std::str::from_utf8(&reply.body).unwrap();
        let line = told.lines().find(|line| line.contains("unsupported_image"));
        let line = line.unwrap_or_else(|| panic!("{told}"));
        let line: Value = serde_json::from_str(line.trim_start_matches("data: ")).unwrap();
        assert_eq!(
            (&line["param"], &line["status"]),
            (&json!("image"), &json!(415)),
            "{line}"
        );
    }
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

#[tokio::test]
async fn a_route_of_one_form_reads_no_other() {
    let gateway = reads_invoices();
    for (request, status, code) in [
        (to("/extract/file", "image/png", ""), 400, "no_image"),
        (
            to("/extract/file", "application/json", "{}"),
            415,
            "unsupported_image",
        ),
        (to("/extract/url", "application/json", ""), 400, "no_image"),
        (to("/extract/url", "image/png", png(1)), 400, "invalid_json"),
    ] {
        let reply = gateway.send(request).await;
        assert_fault(&reply, StatusCode::from_u16(status).unwrap(), code);
    }
}
