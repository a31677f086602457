//! A reading that tells how far it is.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::sound;
use crate::support::{Gateway, Options, Reply, Script, Scripted, form_request, png};

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
