//! The OpenAPI document: what is served is what is committed, no route is missing, and nothing is in it
//! that generators of clients lose or break on.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

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
            .get(
                &path
                    .replace("{id}", "x")
                    .replace("{author}/{slug}", "x/y")
                    .replace("{file}", "app.js"),
            )
            .await;
        let names_one = path.contains("{id}") || path.contains("{slug}");
        assert!(reply.status != 404 || names_one, "{path}");
        for operation in item.as_object().unwrap().values() {
            assert!(operation["summary"].is_string(), "{path}");
        }
    }
    assert_eq!(document["openapi"], "3.1.0");
}

/// Every operation with its method and path.
fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

/// Every object inside of `value`, with its JSON pointer.
fn objects<'v>(value: &'v Value, pointer: &str, visit: &mut impl FnMut(&str, &'v Value)) {
    match value {
        Value::Object(members) => {
            visit(pointer, value);
            for (name, member) in members {
                objects(member, &format!("{pointer}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(item, &format!("{pointer}/{index}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = committed();
    let mut names = HashMap::new();
    for (operation, described) in operations(&document) {
        let name = described["operationId"].as_str().unwrap();
        let first = names.insert(name, operation.clone());
        assert_eq!(first, None, "{operation} is called {name} too");
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(
            is_plain && name.starts_with(|c: char| c.is_lowercase()),
            "{name}"
        );
        let tags = described["tags"].as_array().unwrap();
        assert_eq!(tags.len(), 1, "{operation}");
    }
    for expected in [
        "extractReceipt",
        "extractReceiptFromUrl",
        "extractReceiptFromFile",
        "extractReceipts",
        "createChatCompletion",
        "createChatCompletionOpenRouter",
        "createCompletion",
        "createResponse",
        "listModels",
    ] {
        assert!(names.contains_key(expected), "{expected}");
    }
}

#[test]
fn every_operation_has_one_form_of_body_and_json_first_among_its_answers() {
    let document = committed();
    for (operation, described) in operations(&document) {
        if let Some(body) = described.get("requestBody") {
            let forms = body["content"].as_object().unwrap();
            assert_eq!(forms.len(), 1, "{operation}");
        }
        let mut named = HashSet::new();
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            assert!(named.insert(name), "{operation} {name}");
        }
        let answers = described["responses"]["200"]["content"].as_object();
        let kinds: Vec<_> = answers.unwrap().keys().collect();
        if let Some(at) = kinds.iter().position(|kind| *kind == "application/json") {
            assert_eq!(at, 0, "{operation}: {kinds:?}");
        }
    }
    let form = &document["components"]["schemas"]["ExtractForm"]["properties"]["image"];
    let file = serde_json::json!({"type": "string", "format": "binary"});
    assert_eq!((&form["type"], &form["items"]), (&"array".into(), &file));
    // Go's generator writes code for a bound of files that does not compile.
    assert_eq!(form.get("minItems"), None);
    let body = &document["paths"]["/extract/file"]["post"]["requestBody"]["content"];
    let body = &body["application/octet-stream"]["schema"];
    assert_eq!(
        (&body["type"], &body["format"]),
        (&file["type"], &file["format"])
    );
}

#[test]
fn nothing_is_in_the_document_that_generators_lose() {
    let document = committed();
    let names = document["components"]["schemas"].as_object().unwrap();
    objects(&document, "", &mut |pointer, schema| {
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            kind => vec![kind.clone()],
        };
        let is = |kind: &str| kinds.iter().any(|other| other == kind);
        if is("number") {
            assert_eq!(schema["format"], "double", "{pointer}");
        }
        if is("integer") {
            let format = schema["format"].as_str();
            assert!(matches!(format, Some("int64" | "uint64")), "{pointer}");
        }
        if is("object") {
            let told = schema
                .get("properties")
                .or(schema.get("additionalProperties"));
            assert!(told.is_some(), "{pointer}: what is in it?");
        }
        for lost in [
            "oneOf",
            "allOf",
            "propertyNames",
            "multipleOf",
            "x-guidance",
        ] {
            assert!(schema.get(lost).is_none(), "{pointer}/{lost}");
        }
        for part in schema["anyOf"].as_array().into_iter().flatten() {
            assert!(
                part.get("properties").is_none(),
                "{pointer}: a part without a name"
            );
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            assert!(names.contains_key(name), "{pointer}: {name}");
        }
    });
}

#[test]
fn the_invoice_of_the_document_is_one_of_any_currency() {
    let document = committed();
    let schemas = &document["components"]["schemas"];
    let currency = &schemas["InvoiceItem"]["properties"]["currency"];
    assert_eq!(currency["pattern"], "^[A-Z]{3}$");
    let total = &schemas["Invoice"]["properties"]["total_due"];
    assert_eq!(total["type"], serde_json::json!(["number", "null"]));
    let item = &schemas["Invoice"]["properties"]["items"]["items"]["$ref"];
    assert_eq!(item, "#/components/schemas/InvoiceItem");
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
