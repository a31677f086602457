//! The committed e-invoices of real producers: every amount, date, name and line is the one that went in.

use std::fs;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Script, Scripted, form, invoice};

/// The expectations of `tests/fixtures/documents`, by the name of the document's file.
fn documents() -> Vec<(String, Vec<u8>, Value)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("tests/fixtures/documents").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            continue;
        }
        let expected = fs::read(path.with_extension("json")).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let expected = serde_json::from_slice(&expected).unwrap();
        found.push((name, fs::read(&path).unwrap(), expected));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

#[tokio::test]
async fn documents_of_producers_are_read_exactly() {
    let documents = documents();
    assert!(documents.len() >= 16, "{}", documents.len());
    for (name, file, expected) in documents {
        let engine = Scripted::new([Script::text(&invoice().to_string())]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let reply = gateway
            .send(form("/extract?include=meta", &[(&name, &file)]))
            .await;
        let body = reply.json();
        if expected.get("refused").is_some() {
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert_eq!(body["code"], "invalid_e_invoice", "{name}");
            continue;
        }
        assert_eq!(reply.status, StatusCode::OK, "{name}: {reply:?}");
        let meta = &body["meta"];
        if expected.get("page").is_some() {
            assert_eq!(body["invoice"], invoice(), "{name}");
            assert!(meta["xml_passed_over"].is_string(), "{name}: {meta}");
            continue;
        }
        assert_eq!(body["invoice"], expected["invoice"], "{name}");
        assert_eq!(meta["source"], expected["source"], "{name}");
        assert_eq!(meta["e_invoice"]["profile"], expected["profile"], "{name}");
        assert!(engine.asked.lock().unwrap().is_empty(), "{name}");
        let checks = meta["checks"].as_array().unwrap();
        let failed: Vec<_> = checks
            .iter()
            .filter(|check| check["passed"] == false)
            // The day of these tests is before that of some documents.
            .filter(|check| check["name"] != "date_is_plausible")
            .map(|check| check["name"].clone())
            .collect();
        let forged = name.starts_with("forged");
        let expected = if forged {
            vec![json!("xml_matches_page")]
        } else {
            Vec::new()
        };
        assert_eq!(failed, expected, "{name}");
    }
}
