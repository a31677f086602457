//! What the routes that read one receipt answer, documented once.

use std::{borrow::Cow, collections::BTreeMap};

use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, Object, Ref, RefOr, Response, ResponseBuilder, Schema,
        schema::{AnyOfBuilder, ObjectBuilder, SchemaType, Type},
    },
};

use super::{Invoice, ServerSentEvent};
use crate::http::{extract::ReadingBody, fault::ErrorBody};

/// The answers to a receipt.
pub struct ReadingAnswers;

const FAULTS: [(&str, &str); 11] = [
    (
        "400",
        "No picture, a bad address, a schema that cannot be used, or a body that does not parse.",
    ),
    ("401", "The key is missing or wrong."),
    (
        "404",
        "There is no such model or schema, or the key may not use the model.",
    ),
    ("408", "The body did not arrive in time."),
    ("413", "The picture or the body is too large."),
    ("415", "No picture format that is read."),
    (
        "422",
        "The picture or PDF is damaged, cut off or encrypted, nothing is printed on it, or its dimensions or pages \
         are out of bounds.",
    ),
    (
        "429",
        "The model is busy, or a limit of the key is reached.",
    ),
    (
        "502",
        "The model's answer was not valid, or the download failed.",
    ),
    ("503", "The model cannot be loaded."),
    ("504", "The model or the download took too long."),
];

const HEADERS: [(&str, Type, &str); 6] = [
    (
        "x-cache",
        Type::String,
        "`hit`, `hit-shared`, `miss`, `coalesced` or `bypass`.",
    ),
    ("x-model", Type::String, "The model whose answer it is."),
    (
        "x-provider",
        Type::String,
        "Who runs it; `receipt-gateway` for one that runs here.",
    ),
    (
        "x-attempts",
        Type::Integer,
        "Attempts that were made, whichever gave the answer.",
    ),
    (
        "x-confidence",
        Type::Number,
        "Lowest confidence among amounts and dates, 0 to 1; absent where there are none.",
    ),
    (
        "x-checks",
        Type::String,
        "`ok`, `none` where there was nothing to check, or the names of the checks that failed.",
    ),
];

impl IntoResponses for ReadingAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let faults = FAULTS.into_iter().map(|(status, description)| {
            let fault = super::faults::response(status, description, &ErrorBody::name());
            (status.to_owned(), RefOr::T(fault))
        });
        faults
            .chain([("200".to_owned(), RefOr::T(read()))])
            .collect()
    }
}

fn read() -> Response {
    let content = |name: Cow<'static, str>| {
        let schema = Ref::from_schema_name(name);
        ContentBuilder::new().schema(Some(schema)).build()
    };
    // Clients ask for what comes first.
    let answer = ResponseBuilder::new()
        .description("The invoice.")
        .content("application/json", content(ExtractAnswer::name()))
        .content("application/vnd.receipt+json", content(ReadingBody::name()))
        .content("text/event-stream", content(ServerSentEvent::name()));
    HEADERS
        .into_iter()
        .fold(answer, |answer, (name, kind, description)| {
            let header = HeaderBuilder::new()
                .schema(Some(Object::with_type(SchemaType::Type(kind))))
                .description(Some(description));
            answer.header(name, header.build())
        })
        .build()
}

/// The invoice, or an object of another schema that was asked for.
pub struct Extracted;

impl PartialSchema for Extracted {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .description(Some(
                "The invoice, or an object of another schema that was asked for.",
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

/// What the routes answer: the invoice, that with all that is known about it (`include=meta`), or an
/// object of another schema that was asked for.
pub struct ExtractAnswer;

impl PartialSchema for ExtractAnswer {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .description(Some(
                "The invoice; with `include=meta` that with what is known about it; or an object of \
                 another schema that was asked for.",
            ))
            .item(Ref::from_schema_name(Invoice::name()))
            .item(Ref::from_schema_name(ReadingBody::name()))
            .item(other())
            .into()
    }
}

impl ToSchema for ExtractAnswer {
    fn name() -> Cow<'static, str> {
        "ExtractAnswer".into()
    }
}

fn other() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Object))
        .description(Some("Of another schema that was asked for."))
        .build()
}
