//! What a key may use and see of the models, and what it never learns of the others.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use receipt_gateway::keys::KeySettings;
use serde_json::{Value, json};

use super::{answering, chat, with_key};
use crate::support::{
    Gateway, Options, Reply, data_uri, form, form_request, json_request, key, png,
};

fn scoped(name: &str, secret: &str, models: &[&str]) -> KeySettings {
    KeySettings {
        models: Some(models.iter().map(ToString::to_string).collect()),
        ..key(name, secret)
    }
}

async fn get(gateway: &Gateway, path: &str, secret: &str) -> Reply {
    let request = Request::get(path).body(Body::empty()).unwrap();
    gateway.send(with_key(request, secret)).await
}

fn ids(reply: &Reply) -> Vec<Value> {
    let models = reply.json()["data"].as_array().unwrap().clone();
    models.iter().map(|model| model["id"].clone()).collect()
}

#[tokio::test]
async fn a_key_uses_and_sees_the_models_of_its_scope_alone() {
    let gateway = answering(Options {
        keys: vec![
            scoped("a", "plain", &["org/scripted"]),
            scoped("b", "preset", &["warm"]),
            scoped("c", "schema", &["org/scripted:invoice"]),
        ],
        presets: vec![
            ("warm", None, Some(0.7)),
            ("receipt", Some("invoice"), None),
        ],
        ..Options::default()
    });
    for (secret, model, status) in [
        ("plain", "org/scripted", 200),
        // Taken up, though it shows no picture.
        ("plain", "org/scripted:invoice", 400),
        ("plain", "", 200),
        ("plain", "warm", 404),
        ("plain", "receipt", 404),
        ("plain", "none", 404),
        ("preset", "warm", 200),
        ("preset", "org/scripted", 404),
        ("preset", "", 404),
        ("schema", "org/scripted:invoice", 400),
        ("schema", "org/scripted:receipt-brief", 404),
        ("schema", "org/scripted", 404),
    ] {
        let reply = gateway.send(chat(model, secret)).await;
        assert_eq!(reply.status, status, "{secret} {model}: {reply:?}");
        if status == 404 {
            let error = &reply.json()["error"];
            assert_eq!(error["code"], "model_not_found");
            assert_eq!(error["type"], "not_found_error");
            assert_eq!(error["param"], "model");
        }
    }
    for (secret, path, status) in [
        ("plain", "/v1/models/org/scripted", 200),
        ("plain", "/v1/models/warm", 404),
        ("plain", "/api/v1/model/warm", 404),
        ("preset", "/v1/models/warm", 200),
    ] {
        assert_eq!(get(&gateway, path, secret).await.status, status, "{path}");
    }
    for path in ["/v1/models", "/api/v1/models", "/api/v1/models/user"] {
        assert_eq!(ids(&get(&gateway, path, "plain").await), ["org/scripted"]);
        assert_eq!(ids(&get(&gateway, path, "preset").await), ["warm"]);
    }
    let listed = get(&gateway, "/models", "plain").await.json();
    assert_eq!(listed["recommended_models"], json!(["org/scripted"]));
    let refused = gateway
        .send(with_key(form_request(&png(1)), "preset"))
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(refused.json()["code"], "model_not_found");
    assert!(!refused.json().to_string().contains("org/scripted"));
}

#[tokio::test]
async fn nobody_learns_what_models_there_are_beyond_a_keys_scope() {
    let gateway = answering(Options {
        keys: vec![scoped("a", "plain", &["org/scripted"])],
        presets: vec![("warm", None, Some(0.7))],
        ..Options::default()
    });
    let posts = |model: &str| {
        let messages = json!([{"role": "user", "content": "Hi"}]);
        let picture = data_uri(&png(1));
        [
            ("/v1/chat/completions", json!({"messages": messages})),
            ("/api/v1/chat/completions", json!({"messages": messages})),
            ("/v1/completions", json!({"prompt": "Hi"})),
            ("/v1/responses", json!({"input": "Hi"})),
            ("/api/v1/responses", json!({"input": "Hi"})),
            ("/extract", json!({"image_url": picture})),
            ("/extract/url", json!({"image_url": picture})),
        ]
        .map(|(path, mut body)| {
            body["model"] = json!(model);
            json_request(path, &body)
        })
    };
    let gets = |model: &str| {
        [
            ("/v1/models", ""),
            ("/api/v1/models", ""),
            ("/api/v1/model", ""),
            ("/api/v1/models", "/endpoints"),
            ("/api/v1/models/org", "/endpoints"),
        ]
        .map(|(path, end)| {
            let request = Request::get(format!("{path}/{model}{end}"));
            request.body(Body::empty()).unwrap()
        })
    };
    let requests = |model: &str| {
        let form = form(&format!("/extract/batch?model={model}"), &[("a", &png(1))]);
        posts(model).into_iter().chain(gets(model)).chain([form])
    };
    // Of one length, so that the rest of an answer has to be the same, byte by byte.
    for (there, nowhere) in requests("warm").zip(requests("cold")) {
        let path = there.uri().path().to_owned();
        let there = gateway.send(with_key(there, "plain")).await;
        let nowhere = gateway.send(with_key(nowhere, "plain")).await;
        assert_eq!(there.status, StatusCode::NOT_FOUND, "{path} {there:?}");
        let text = |reply: &Reply| String::from_utf8(reply.body.to_vec()).unwrap();
        assert_eq!(
            text(&there),
            text(&nowhere).replace("cold", "warm"),
            "{path}"
        );
        assert!(text(&there).contains("model_not_found"), "{path} {there:?}");
        let names = |reply: &Reply| reply.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&there), names(&nowhere), "{path}");
    }
}

#[tokio::test]
async fn the_first_model_that_the_key_may_use_answers() {
    let gateway = answering(Options {
        keys: vec![scoped("a", "plain", &["org/scripted"])],
        presets: vec![("warm", None, Some(0.7))],
        ..Options::default()
    });
    let body = json!({"models": ["none", "warm", "org/scripted"],
                      "messages": [{"role": "user", "content": "Hi"}]});
    let request = with_key(json_request("/v1/chat/completions", &body), "plain");
    let reply = gateway.send(request).await;
    assert_eq!(reply.json()["model"], "org/scripted", "{reply:?}");
}
