//! The OpenAPI document: what is served is what is committed, and no route is missing.

use std::path::Path;

use receipt_gateway::{
    config::{Config, Environment},
    http,
    receipt::{Currency, Schemas},
};
use serde_json::Value;

use crate::support::{Gateway, Script};

fn committed() -> Value {
    serde_json::from_slice(&std::fs::read("openapi/openapi.json").unwrap()).unwrap()
}

#[tokio::test]
async fn the_committed_document_is_the_one_served() {
    let config = Config::load(Path::new("config/gateway.toml"), &Environment::default()).unwrap();
    let extract = &config.extract;
    let folder = config.resolve(&extract.schemas);
    let schemas =
        Schemas::load(&folder, &extract.schema, &extract.currency.clone().into()).unwrap();
    let document = http::openapi_document(schemas.default_schema().document());
    assert!(document == committed(), "run: make openapi");
    assert_eq!(config.extract.currency, Currency::Fixed("IDR".into()));
    let served = Gateway::scripted(Script::text("x"))
        .get("/openapi.json")
        .await
        .json();
    assert!(
        served == committed(),
        "the test gateway has the default currency too"
    );
}

#[tokio::test]
async fn every_documented_operation_is_served_and_has_an_example() {
    let gateway = Gateway::scripted(Script::text("x"));
    let document = committed();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 9, "{paths:?}");
    for (path, item) in paths {
        let reply = gateway
            .get(&path.replace("{id}", "x").replace("{file}", "app.js"))
            .await;
        assert!(reply.status != 404 || path.contains("{id}"), "{path}");
        for operation in item.as_object().unwrap().values() {
            assert!(operation["summary"].is_string(), "{path}");
        }
    }
    assert_eq!(document["openapi"], "3.1.0");
}

#[tokio::test]
async fn swagger_ui_is_served_from_here() {
    let gateway = Gateway::scripted(Script::text("x"));
    let page = gateway.get("/docs/").await;
    assert_eq!(page.status, 200);
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(
        page.contains("swagger-ui") && !page.contains("https://"),
        "{page}"
    );
    assert_eq!(gateway.get("/docs/swagger-ui-bundle.js").await.status, 200);
}
