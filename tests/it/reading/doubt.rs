//! What follows doubt: other attempts, other models.

use axum::http::StatusCode;
use receipt_gateway::{
    generation::{Part, Role},
    receipt::{DoubtPolicy, OnDoubt},
};
use serde_json::{Value, json};

use super::{asks, sound};
use crate::support::{Gateway, Options, Script, Scripted, invoice, png};

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
    assert_eq!(
        body["meta"]["attempts"][1]["error"],
        "The time for further attempts ran out."
    );
}
