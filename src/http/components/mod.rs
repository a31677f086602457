//! Parts of the OpenAPI document that handlers share: answers, faults, and types without a Rust type.

mod faults;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, RefOr, Schema, schema::AdditionalProperties},
};

pub use faults::{AnthropicFaults, OpenAiFaults, of_keys, response};

/// Name of the component with the invoice's schema; the names of its parts begin with it.
pub const INVOICE: &str = "Invoice";

/// One server-sent event; a streamed answer is a series of them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer that is written as a stream")]
pub struct ServerSentEvent {
    /// Type of the event; `message` if it is left out.
    event: Option<String>,
    /// Data of the event: JSON, or `[DONE]` at the end of a chat or completion.
    data: String,
}

/// The invoice's schema, which is read from a file; this type holds its place.
pub struct Invoice;

impl PartialSchema for Invoice {
    fn schema() -> RefOr<Schema> {
        openapi::ObjectBuilder::new().into()
    }
}

impl ToSchema for Invoice {
    fn name() -> std::borrow::Cow<'static, str> {
        INVOICE.into()
    }
}

/// A JSON Schema that a client sends.
pub struct JsonSchema;

impl PartialSchema for JsonSchema {
    fn schema() -> RefOr<Schema> {
        let title = openapi::ObjectBuilder::new()
            .schema_type(openapi::Type::String)
            .description(Some("Title of the schema, for people."));
        // Some generators create no type for a schema without properties.
        openapi::ObjectBuilder::new()
            .description(Some(
                "A JSON Schema, draft 2020-12; all its keywords are allowed.",
            ))
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
