//! What browsers are told: which pages may ask, and what an answer may be used for.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use crate::support::{Gateway, Options, Script, Scripted};

fn gateway(origins: &[&str]) -> Gateway {
    let options = Options {
        cors_origins: origins
            .iter()
            .map(|origin| origin.parse().unwrap())
            .collect(),
        api_key: Some("secret"),
        ..Options::default()
    };
    Gateway::new(Scripted::new([Script::text("x")]), options)
}

fn preflight(origin: &str) -> Request<Body> {
    Request::options("/v1/chat/completions")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn pages_of_listed_origins_may_ask() {
    let gateway = gateway(&["https://app.example"]);
    let allowed = gateway.send(preflight("https://app.example")).await;
    assert_eq!(allowed.status, StatusCode::OK);
    let origin = allowed.header("access-control-allow-origin");
    assert_eq!(origin, "https://app.example");
    let headers = allowed.header("access-control-allow-headers");
    assert!(headers.contains("authorization"), "{headers}");
    let other = gateway.send(preflight("https://other.example")).await;
    assert_eq!(other.header("access-control-allow-origin"), "");

    // A refusal can be read by the page too.
    let refused = Request::get("/v1/models")
        .header("origin", "https://app.example")
        .body(Body::empty())
        .unwrap();
    let refused = gateway.send(refused).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let origin = refused.header("access-control-allow-origin");
    assert_eq!(origin, "https://app.example");
    let exposed = refused.header("access-control-expose-headers");
    for name in [
        "x-request-id",
        "x-cache",
        "x-confidence",
        "x-evidence",
        "x-checks",
    ] {
        assert!(exposed.contains(name), "{exposed}");
    }
}

#[tokio::test]
async fn no_page_may_ask_unless_it_is_said() {
    let reply = gateway(&[]).send(preflight("https://app.example")).await;
    assert_eq!(reply.header("access-control-allow-origin"), "");
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn no_answer_is_framed_or_taken_for_something_else() {
    let gateway = gateway(&[]);
    for path in [
        "/",
        "/docs/",
        "/openapi.json",
        "/health",
        "/v1/models",
        "/none",
    ] {
        let reply = gateway.get(path).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        let runs_scripts =
            !policy.starts_with("default-src 'none'") || policy.contains("script-src");
        assert_eq!(runs_scripts, ["/", "/docs/"].contains(&path), "{path}");
    }
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
