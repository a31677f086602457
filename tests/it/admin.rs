//! `/admin`: who may ask, and the models' states.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use receipt_gateway::registry::Reads;
use serde_json::json;
use tokio::sync::Notify;

use crate::support::{Gateway, Options, Reply, Script, Scripted, eventually};

async fn ask(
    gateway: &Gateway,
    method: &str,
    path: &str,
    from: &str,
    headers: &[(&str, &str)],
) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let peer: SocketAddr = from.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    gateway.send(request).await
}

const HERE: &str = "127.0.0.1:5000";

#[tokio::test]
async fn this_machine_alone_may_ask() {
    let gateway = Gateway::scripted(Script::text("x"));
    for (from, headers, allowed) in [
        (HERE, vec![("host", "localhost:8000")], true),
        (HERE, vec![("host", "127.0.0.1")], true),
        (
            "[::1]:5000",
            vec![("host", "[::1]:8000"), ("origin", "http://localhost:8000")],
            true,
        ),
        ("[::ffff:127.0.0.1]:5000", vec![], true),
        ("192.168.0.7:5000", vec![("host", "localhost")], false),
        // Through a proxy, by another site's page, and by one that has rebound its own name.
        (
            HERE,
            vec![("host", "localhost"), ("x-forwarded-for", "10.0.0.1")],
            false,
        ),
        (
            HERE,
            vec![("host", "localhost"), ("origin", "https://example.com")],
            false,
        ),
        (HERE, vec![("host", "localhost"), ("origin", "null")], false),
        (HERE, vec![("host", "rebound.example.com:8000")], false),
    ] {
        let reply = ask(&gateway, "GET", "/admin/models", from, &headers).await;
        let expected = if allowed {
            StatusCode::OK
        } else {
            StatusCode::FORBIDDEN
        };
        assert_eq!(reply.status, expected, "{from} {headers:?}");
        assert!(allowed || reply.json()["error"].is_string());
    }
    let nobody = gateway.get("/admin/models").await;
    assert_eq!(nobody.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn with_a_key_whoever_has_it_may() {
    let options = Options {
        admin_key: Some("secret"),
        api_key: Some("other"),
        ..Options::default()
    };
    let gateway = Gateway::new(Scripted::new([Script::text("x")]), options);
    let far = "192.168.0.7:5000";
    for (key, status) in [
        ("Bearer secret", StatusCode::OK),
        ("Bearer other", StatusCode::UNAUTHORIZED),
        ("", StatusCode::UNAUTHORIZED),
    ] {
        let reply = ask(
            &gateway,
            "GET",
            "/admin/models",
            far,
            &[("authorization", key)],
        )
        .await;
        assert_eq!(reply.status, status, "{key}");
    }
}

#[tokio::test]
async fn the_states_tell_what_a_model_is_shown() {
    let options = Options {
        reads: Reads::PageText,
        ..Options::default()
    };
    let gateway = Gateway::new(Scripted::blind([Script::text("x")]), options);
    let states = ask(
        &gateway,
        "GET",
        "/admin/models",
        HERE,
        &[("host", "localhost")],
    )
    .await;
    let models = &states.json()["models"];
    assert_eq!(
        (&models[0]["reads"], &models[1]["reads"]),
        (&json!("page_text"), &json!("pictures"))
    );
}

#[tokio::test]
async fn models_are_loaded_and_unloaded() {
    let gateway = Gateway::scripted(Script::text("x"));
    let here = [("host", "localhost")];
    let get = async |path: &str| ask(&gateway, "GET", path, HERE, &here).await;
    let post = async |path: &str| ask(&gateway, "POST", path, HERE, &here).await;
    let states = async || {
        let models = get("/admin/models").await.json()["models"].clone();
        let states = models
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["state"].clone());
        states.collect::<Vec<_>>()
    };
    assert_eq!(states().await, ["unloaded", "unloaded"]);
    assert_eq!(
        gateway.get("/health/ready").await.json()["state"],
        "unloaded"
    );

    let loaded = post("/admin/models/org%2Fscripted/load").await;
    assert_eq!(loaded.json()["state"], "ready", "{loaded:?}");
    let listed = gateway.get("/v1/models/org/scripted").await.json();
    assert_eq!(listed["state"], "ready");
    assert_eq!(gateway.get("/health").await.json()["model_loaded"], true);

    let broken = post("/admin/models/broken/load").await;
    assert_eq!(broken.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(broken.header("retry-after"), "1");
    assert!(
        broken.json()["error"]
            .as_str()
            .unwrap()
            .contains("x.safetensors")
    );
    assert_eq!(states().await, ["ready", "failed"]);
    let failed = get("/admin/models").await.json()["models"][1].clone();
    assert!(
        failed["failure"]
            .as_str()
            .unwrap()
            .contains("x.safetensors")
    );
    assert!(failed["retry_in_seconds"].as_f64().unwrap() > 0.0);

    let unloaded = post("/admin/models/org%2Fscripted/unload").await;
    assert_eq!(unloaded.json()["state"], "unloaded");
    let answer = gateway
        .chat(json!({"messages": [{"role": "user", "content": "Hello"}]}))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let state = get("/admin/models").await.json()["models"][0].clone();
    assert_eq!(
        (&state["state"], &state["loads"]),
        (&json!("ready"), &json!(2))
    );
    assert_eq!(
        post("/admin/models/none/load").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn who_is_not_ready_says_so() {
    let gateway = Gateway::scripted(Script::text("x"));
    assert_eq!(gateway.get("/health/live").await.status, StatusCode::OK);
    let ready = gateway.get("/health/ready").await;
    assert_eq!(
        (ready.status, ready.json()["status"].clone()),
        (StatusCode::OK, json!("ready"))
    );
}

#[tokio::test]
async fn the_progress_of_a_load_is_reported() {
    let hold = Arc::new(Notify::new());
    let engine = Scripted::new([Script::text("x")]);
    let options = Options {
        hold: Some(hold.clone()),
        ..Options::default()
    };
    let gateway = Arc::new(Gateway::new(engine, options));
    let states = || async {
        let ready = gateway.get("/health/ready").await;
        let admin = ask(&gateway, "GET", "/admin/models", HERE, &[]).await;
        (
            ready.status,
            ready.json(),
            admin.json()["models"][0].clone(),
        )
    };
    let (code, ready, admin) = states().await;
    assert_eq!(code, StatusCode::OK);
    assert_eq!(
        (&ready["progress"], &admin["progress"]),
        (&json!(null), &json!(null))
    );

    let load = tokio::spawn({
        let gateway = gateway.clone();
        let path = "/admin/models/org%2Fscripted/load";
        async move { ask(&gateway, "POST", path, HERE, &[]).await }
    });
    eventually(async || states().await.1["state"] == "loading").await;
    let (code, ready, admin) = states().await;
    assert_eq!(code, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        (&ready["progress"], &admin["progress"]),
        (&json!(0.421), &json!(0.421))
    );

    hold.notify_one();
    assert_eq!(load.await.unwrap().json()["progress"], json!(null));
    let (code, ready, _) = states().await;
    assert_eq!((code, &ready["state"]), (StatusCode::OK, &json!("ready")));
}
