//! The OpenAPI document: collected from the handlers, with the invoice's own schema put in.

mod faults;

use serde_json::{Value, json};
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        self, RefOr, Schema,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    chat::response::ChatCompletionChunk,
    completions::CompletionChunk,
    extract::ReadingBody,
    fault::{OpenAiErrorBody, OpenRouterErrorBody},
    responses::ResponseEvent,
};
pub use faults::{OpenAiFaults, OpenRouterFaults, of_keys};

/// Everything that does not come from a handler.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "receipt-gateway",
        description = "Reads receipts and invoices on your own machine, and serves the models \
                       behind it to OpenAI and OpenRouter clients.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "receipts", description = "Pictures in, invoices out."),
        (name = "openai", description = "For OpenAI clients; base URL `/v1`."),
        (name = "openrouter", description = "For OpenRouter clients; base URL `/api/v1`."),
        (name = "service", description = "About the gateway."),
    ),
    security((), ("api_key" = [])),
    components(schemas(
        ChatCompletionChunk,
        CompletionChunk,
        ResponseEvent,
        OpenAiErrorBody,
        OpenRouterErrorBody
    )),
    modifiers(&Key),
)]
pub struct Document;

struct Key;

impl utoipa::Modify for Key {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("Needed where the gateway has a key."))
            .build();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
    }
}

/// A server-sent event as its reader sees it; an answer is a series of them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer that is written as a stream")]
pub struct ServerSentEvent {
    /// `message` where none is written.
    event: Option<String>,
    /// JSON, or `[DONE]` at the end of a chat.
    data: String,
}

/// Stands for the invoice schema, which is a file and not a type.
pub struct Invoice;

impl PartialSchema for Invoice {
    fn schema() -> RefOr<Schema> {
        openapi::ObjectBuilder::new().into()
    }
}

impl ToSchema for Invoice {
    fn name() -> std::borrow::Cow<'static, str> {
        "Invoice".into()
    }
}

/// What `/extract` answers: the invoice, that with all that is known about it (`include=meta`), or an
/// object of another schema that was asked for.
pub struct ExtractAnswer;

impl PartialSchema for ExtractAnswer {
    fn schema() -> RefOr<Schema> {
        let other = openapi::ObjectBuilder::new()
            .description(Some("Of another schema that was asked for."));
        openapi::schema::AnyOfBuilder::new()
            .item(openapi::Ref::from_schema_name(Invoice::name()))
            .item(openapi::Ref::from_schema_name(ReadingBody::name()))
            .item(other)
            .into()
    }
}

impl ToSchema for ExtractAnswer {
    fn name() -> std::borrow::Cow<'static, str> {
        "ExtractAnswer".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Invoice::name().into(), Invoice::schema()));
    }
}

/// The document as JSON, with `invoice` as the component `Invoice`.
#[must_use]
pub fn document(api: &openapi::OpenApi, invoice: &Value) -> Value {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    if let Some(Value::Object(paths)) = document.get_mut("paths") {
        // A name with slashes in it takes a wildcard, which OpenAPI writes as a plain parameter.
        *paths = std::mem::take(paths)
            .into_iter()
            .map(|(path, item)| (path.replace("{*", "{"), item))
            .collect();
    }
    if let Some(Value::Object(content)) =
        document.pointer_mut("/paths/~1extract/post/requestBody/content")
        && let Some(form) = content.shift_remove("multipart/form-data")
    {
        // What comes first is what Swagger UI offers first: a file to choose.
        content.shift_insert(0, "multipart/form-data".to_owned(), form);
    }
    if let Some(Value::Object(keywords)) = document.pointer_mut("/components/schemas/ExtractJson") {
        keywords.insert(
            "anyOf".to_owned(),
            json!([
                {"required": ["image_url"], "properties": {"image_url": {"type": "string"}}},
                {"required": ["image_urls"]},
            ]),
        );
    }
    if let Some(slot) = document.pointer_mut("/components/schemas/Invoice") {
        *slot = inlined(invoice, invoice);
        if let Value::Object(keywords) = slot {
            keywords.shift_remove("$defs");
            keywords.shift_remove("$schema");
            keywords.shift_remove("$id");
            keywords.shift_remove("x-guidance");
        }
    }
    document
}

/// `schema` with its local references replaced by what they refer to: a document has one root,
/// and it is not the invoice. The schema is bounded, so it does not refer to itself.
fn inlined(schema: &Value, root: &Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            let target = keywords
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix('#'))
                .and_then(|pointer| root.pointer(pointer));
            let mut merged = match target.map(|target| inlined(target, root)) {
                Some(Value::Object(target)) => target,
                _ => serde_json::Map::new(),
            };
            for (name, value) in keywords {
                if name != "$ref" && name != "$defs" {
                    merged.insert(name.clone(), inlined(value, root));
                }
            }
            Value::Object(merged)
        }
        Value::Array(values) => values.iter().map(|value| inlined(value, root)).collect(),
        other => other.clone(),
    }
}
