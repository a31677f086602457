//! The object that was read, as the `OpenAPI` document describes it.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Object, Ref, RefOr, Schema,
        schema::{AnyOfBuilder, ObjectBuilder, SchemaType, Type},
    },
};

use crate::http::components::Invoice;

/// The invoice, or an object of another requested schema.
pub struct Extracted;

impl PartialSchema for Extracted {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .description(Some(
                "The invoice, or an object of another requested schema.",
            ))
            .item(Ref::from_schema_name(Invoice::name()))
            .item(other())
            .into()
    }
}

impl ToSchema for Extracted {
    fn name() -> Cow<'static, str> {
        "Extracted".into()
    }
}

/// Describes an object of another schema than the invoice.
pub(super) fn other() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Object))
        .description(Some("An object of another requested schema."))
        .build()
}
