//! The OpenAPI document: collected from the handlers, with the invoice's own schema put in.

mod faults;
mod invoice;
mod readings;
mod shape;

use serde_json::Value;
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        self, RefOr, Schema,
        schema::AdditionalProperties,
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
use readings::ExtractAnswer;
pub use readings::{Extracted, ReadingAnswers};

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
        Invoice,
        ExtractAnswer,
        ReadingBody,
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
        invoice::NAME.into()
    }
}

/// A JSON Schema of a client's own.
pub struct JsonSchema;

impl PartialSchema for JsonSchema {
    fn schema() -> RefOr<Schema> {
        let title = openapi::ObjectBuilder::new()
            .schema_type(openapi::Type::String)
            .description(Some("Its name, for people."));
        // Without a property of its own, some generators take it for no type at all.
        openapi::ObjectBuilder::new()
            .description(Some("A JSON Schema, draft 2020-12, with all its keywords."))
            .property("title", title)
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
            .into()
    }
}

impl ToSchema for JsonSchema {
    fn name() -> std::borrow::Cow<'static, str> {
        "JsonSchema".into()
    }
}

/// The document as JSON, with the schema `invoice` as the component `Invoice`.
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
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        schemas.extend(invoice::components(invoice));
    }
    shape::shape(&mut document);
    document
}
