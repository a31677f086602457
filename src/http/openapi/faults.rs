//! The faults that every route of a model, and every route with a key, documents alike.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, Object, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        schema::{SchemaType, Type},
    },
};

use crate::http::fault::{Dialect, ErrorBody, OpenAiErrorBody, OpenRouterErrorBody};

/// In OpenAI's form.
pub struct OpenAiFaults;

/// In OpenRouter's form.
pub struct OpenRouterFaults;

const FAULTS: [(&str, &str); 11] = [
    ("400", "A field is wrong, or the prompt is too long."),
    ("401", "The key is missing or wrong."),
    ("404", "There is no such model, or the key may not use it."),
    ("408", "The body did not arrive in time."),
    ("413", "A picture or the body is too large."),
    ("415", "No picture format that is read."),
    (
        "422",
        "A picture is damaged or cut off, nothing is printed on it, or its dimensions are out of bounds.",
    ),
    (BUSY, "The model is busy, or a limit of the key is reached."),
    (
        "502",
        "The model or a download failed, or the answer is not what was asked for.",
    ),
    ("503", "The model cannot be loaded."),
    ("504", "The model or a download took too long."),
];

const BUSY: &str = "429";

impl IntoResponses for OpenAiFaults {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&OpenAiErrorBody::name())
    }
}

impl IntoResponses for OpenRouterFaults {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&OpenRouterErrorBody::name())
    }
}

/// Adds to the operations of `api`, which all need a key, what that leads to, where they do not say.
pub fn of_keys(api: &mut OpenApi) {
    for (path, item) in &mut api.paths.paths {
        let body = match Dialect::of(path) {
            Dialect::Receipt => ErrorBody::name(),
            Dialect::OpenAi => OpenAiErrorBody::name(),
            Dialect::OpenRouter => OpenRouterErrorBody::name(),
        };
        let operations = [&mut item.get, &mut item.post];
        for operation in operations.into_iter().flatten() {
            let own = &mut operation.responses.responses;
            for (status, description) in [
                ("401", "The key is missing or wrong."),
                (BUSY, "A limit of the key is reached."),
            ] {
                let fault = || RefOr::T(response(status, description, &body));
                own.entry(status.to_owned()).or_insert_with(fault);
            }
        }
    }
}

fn responses(body: &str) -> BTreeMap<String, RefOr<Response>> {
    let faults = FAULTS.into_iter().map(|(status, description)| {
        let fault = response(status, description, body);
        (status.to_owned(), RefOr::T(fault))
    });
    faults.collect()
}

/// A fault of that status.
pub fn response(status: &str, description: &str, body: &str) -> Response {
    let schema = Ref::from_schema_name(body);
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let mut response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content);
    if status == BUSY {
        let seconds = Object::with_type(SchemaType::Type(Type::Integer));
        let header = HeaderBuilder::new()
            .schema(Some(seconds))
            .description(Some("Seconds to wait."));
        response = response.header("retry-after", header.build());
    }
    response.build()
}
