//! Builds the OpenAPI document from the handlers' documentation and the invoice's schema.

mod invoice;
mod shape;

use serde_json::Value;
use utoipa::{
    OpenApi,
    openapi::{
        self,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    anthropic::MessageEvent,
    auth::API_KEY,
    components::Invoice,
    extract::{ExtractAnswer, ReadingBody},
    fault::{AnthropicErrorBody, OpenAiErrorBody, OpenRouterErrorBody},
    openai::{ChatCompletionChunk, CompletionChunk, ResponseEvent},
};

/// The parts of the document that come from no handler.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "receipt-gateway",
        description = "Reads receipts and invoices on your own machine, and serves the same models \
                       to clients of OpenAI, OpenRouter and Anthropic.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "receipts", description = "Reads pictures of receipts and invoices into JSON objects."),
        (name = "ocr", description = "Mistral's OCR API: the text of pages, with the places of lines and words."),
        (name = "openai", description = "OpenAI's API; the base URL for its clients is `/v1`."),
        (name = "anthropic", description = "Anthropic's Messages API; the base URL for its clients is that of the gateway."),
        (name = "openrouter", description = "OpenRouter's API; the base URL for its clients is `/api/v1`."),
        (name = "service", description = "Health, metrics and administration of the gateway."),
    ),
    security((), ("api_key" = []), ("x_api_key" = [])),
    components(schemas(
        ChatCompletionChunk,
        CompletionChunk,
        ResponseEvent,
        MessageEvent,
        Invoice,
        ExtractAnswer,
        ReadingBody,
        OpenAiErrorBody,
        OpenRouterErrorBody,
        AnthropicErrorBody
    )),
    modifiers(&Key),
)]
pub struct ApiDocument;

struct Key;

impl utoipa::Modify for Key {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API key of the gateway; required if the gateway has keys.",
            ))
            .build();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
        let header =
            ApiKeyValue::with_description(API_KEY, "The same key, as Anthropic's clients send it.");
        let header = SecurityScheme::ApiKey(ApiKey::Header(header));
        components.add_security_scheme("x_api_key", header);
    }
}

/// Returns the document as JSON, with the schema `invoice` as the component `Invoice`.
#[must_use]
pub fn document(api: &openapi::OpenApi, invoice: &Value) -> Value {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    if let Some(Value::Object(paths)) = document.get_mut("paths") {
        // A name with slashes needs a wildcard, which OpenAPI writes as a plain parameter.
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
