//! Receipts of several pages, and PDFs.

use axum::http::StatusCode;
use serde_json::json;

use super::sound;
use crate::support::{
    Gateway, Options, Script, Scripted, data_uri, form, json_request, pictures, png,
};

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

/// A PDF of one page, with what it draws with and what it draws.
fn one_page(resources: &str, content: &str) -> Vec<u8> {
    let length = content.len();
    format!(
        "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
         3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] \
         /Resources << {resources} >> /Contents 4 0 R >>\nendobj\n\
         4 0 obj\n<< /Length {length} >>\nstream\n{content}\nendstream\nendobj\n\
         trailer\n<< /Root 1 0 R >>\n%%EOF\n"
    )
    .into_bytes()
}

fn without_its_picture() -> Vec<u8> {
    one_page("/XObject << /Im 5 0 R >>", "200 0 0 100 0 0 cm /Im Do")
}

fn without_its_font() -> Vec<u8> {
    let font = "/Font << /F << /Type /Font /Subtype /Type0 /BaseFont /STSong-Light \
                /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 \
                /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) \
                /Supplement 0 >> >>] >> >>";
    one_page(font, "BT /F 20 Tf 10 40 Td <4E2D> Tj ET")
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
        (
            form("/extract", &[("a", &without_its_picture())]),
            "broken_pdf",
        ),
        (
            form("/extract", &[("a", &without_its_font())]),
            "unsupported_pdf",
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

#[tokio::test]
async fn pages_are_counted_before_any_is_fetched() {
    let gateway = Gateway::scripted(Script::text(&sound().to_string()));
    let urls = vec!["https://192.0.2.1/none.png"; 1000];
    let reply = gateway
        .send(json_request("/extract", &json!({ "image_urls": urls })))
        .await;
    assert_eq!(reply.json()["code"], "too_many_pages", "{reply:?}");
}
