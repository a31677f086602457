//! Documents the answers of the routes that read one receipt.

use std::{borrow::Cow, collections::BTreeMap};

use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, Object, Ref, RefOr, Response, ResponseBuilder, Schema,
        schema::{AnyOfBuilder, SchemaType, Type},
    },
};

use super::{extracted::other, meta::ReadingBody};
use crate::http::{
    components::{Invoice, ServerSentEvent, response},
    fault::ErrorBody,
};

/// The documented answers of a route that reads one receipt.
pub struct ReadingAnswers;

const FAULTS: [(&str, &str); 12] = [
    (
        "400",
        "The request has no picture, an address or schema that cannot be used, or a body that cannot be parsed.",
    ),
    ("401", "The API key is missing or wrong."),
    (
        "404",
        "The model or schema does not exist, or the key may not use the model.",
    ),
    ("408", "The request body did not arrive in time."),
    ("413", "The picture or the request body is too large."),
    (
        "415",
        "The picture's format, or the body's content type or encoding, is not supported.",
    ),
    (
        "422",
        "The picture or PDF is damaged, cut off, encrypted or blank, or its dimensions or number of pages are out of \
         bounds; or the XML is no invoice that can be read, or does not state what the schema requires.",
    ),
    ("429", "The model is busy, or the key has reached a limit."),
    (
        "502",
        "The model failed, its answer was not valid, or the download failed.",
    ),
    (
        "501",
        "The model reads page text, and the page reader is off.",
    ),
    (
        "503",
        "The model cannot be loaded, or the page reader that it needs.",
    ),
    (
        "504",
        "The model, the download, or the page reader that the model needs took too long.",
    ),
];

const HEADERS: [(&str, Type, &str); 9] = [
    (
        "x-source",
        Type::String,
        "Where the values come from: `model`, or the kind of e-invoice that states them, such as `factur-x`.",
    ),
    (
        "x-cache",
        Type::String,
        "Result of the cache lookup: `hit`, `hit-shared`, `miss`, `coalesced` or `bypass`.",
    ),
    (
        "x-model",
        Type::String,
        "The model that gave the answer; absent if none was asked.",
    ),
    (
        "x-provider",
        Type::String,
        "The provider that runs the model; `receipt-gateway` for the gateway itself.",
    ),
    (
        "x-attempts",
        Type::Integer,
        "Number of attempts that were made.",
    ),
    (
        "x-confidence",
        Type::Number,
        "Lowest confidence among amounts and dates, 0 to 1; absent if there are none.",
    ),
    (
        "x-evidence",
        Type::String,
        "Values that are printed or follow from printed ones, of all that have to be printed: `9/10`; absent if the text \
         of a page is not known.",
    ),
    (
        "x-checks",
        Type::String,
        "`ok`, `none` if there was nothing to check, or the names of the checks that failed.",
    ),
    (
        "x-generation-id",
        Type::String,
        "Id of the answer; `GET /api/v1/generation` tells for an hour what it took.",
    ),
];

impl IntoResponses for ReadingAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let faults = FAULTS.into_iter().map(|(status, description)| {
            let fault = response(status, description, &ErrorBody::name());
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
    // Generated clients ask for the first content type.
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

/// The answer to a receipt: the invoice, the invoice with the facts about its reading (`include=meta`), or an
/// object of another requested schema.
pub struct ExtractAnswer;

impl PartialSchema for ExtractAnswer {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .description(Some(
                "The invoice; with `include=meta`, the invoice and the facts about its reading; or an object of \
                 another requested schema.",
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
