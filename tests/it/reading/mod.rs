//! What `/extract` knows about a reading: confidence, checks, attempts; its other forms.

mod batch;
mod doubt;
mod itemised;
mod narrowed;
mod pages;
mod progress;
mod schemas;
mod summed;
mod weighed;

use axum::http::header;
use receipt_gateway::generation::Part;
use serde_json::{Value, json};

use crate::support::{Gateway, Options, Script, Scripted, form, form_request, invoice, png};

/// An invoice whose sums are sound.
fn sound() -> Value {
    let mut invoice = invoice();
    invoice["total_due"] = json!(10);
    invoice
}

fn asks(path: &str) -> axum::http::Request<axum::body::Body> {
    form(path, &[("r.png", &png(1))])
}

/// What is the same for every receipt comes first, but for a model that was trained otherwise.
#[tokio::test]
async fn pictures_stand_behind_the_instructions_or_before() {
    for pictures_first in [false, true] {
        let engine = Scripted::new([Script::text(&invoice().to_string())]);
        let options = Options {
            pictures_first,
            ..Options::default()
        };
        let gateway = Gateway::new(engine.clone(), options);
        let two = [("a.png", &png(1)[..]), ("b.png", &png(2)[..])];
        assert_eq!(gateway.send(form("/extract", &two)).await.status, 200);
        let asked = engine.asked.lock().unwrap();
        let are_text: Vec<_> = asked[0].messages()[0]
            .parts
            .iter()
            .map(|part| matches!(part, Part::Text(text) if text == "Read it."))
            .collect();
        let expected = if pictures_first {
            [false, false, true]
        } else {
            [true, false, false]
        };
        assert_eq!(are_text, expected);
    }
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
        json!({"confidence": 0.9608, "logprob": -0.04, "printed": "unknown", "evidence": []})
    );
    assert_eq!(meta["fields"]["/due_date"]["printed"], "exempt");
    // The text of the page is not read.
    assert_eq!(meta["text"][0]["unread"], "off");
    assert_eq!(reply.header("x-evidence"), "");
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
