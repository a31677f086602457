//! Documents the faults that routes have in common: those of all models, and those of all keys.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, Object, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        schema::{SchemaType, Type},
    },
};

use crate::http::fault::{
    AnthropicErrorBody, Dialect, ErrorBody, OpenAiErrorBody, OpenRouterErrorBody,
};

/// The documented faults of a route in OpenAI's form.
pub struct OpenAiFaults;

/// The documented faults of a route in Anthropic's form.
pub struct AnthropicFaults;

const FAULTS: [(&str, &str); 12] = [
    ("400", "A field is not valid, or the prompt is too long."),
    ("401", "The API key is missing or wrong."),
    (
        "404",
        "The model does not exist, or the key may not use it.",
    ),
    ("408", "The request body did not arrive in time."),
    ("413", "A picture or the request body is too large."),
    (
        "415",
        "A picture has an unsupported format, or the body an unsupported encoding.",
    ),
    (
        "422",
        "A picture is damaged, cut off or blank, or its dimensions are out of bounds.",
    ),
    (BUSY, "The model is busy, or the key has reached a limit."),
    (
        "502",
        "The model or a download failed, or the answer does not have the requested form.",
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
        "The model, a download, or the page reader that the model needs took too long.",
    ),
];

const BUSY: &str = "429";

const OVERLOADED: &str = "529";

const LIMITED: &str = "The key has reached a limit.";

impl IntoResponses for OpenAiFaults {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&FAULTS, &OpenAiErrorBody::name())
    }
}

impl IntoResponses for AnthropicFaults {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let body = AnthropicErrorBody::name();
        let mut faults = documented(&FAULTS, &body);
        // A model that is busy has a status of its own.
        for (status, description) in [(BUSY, LIMITED), (OVERLOADED, "The model is busy.")] {
            let fault = response(status, description, &body);
            faults.insert(status.to_owned(), RefOr::T(fault));
        }
        faults
    }
}

fn documented(faults: &[(&str, &str)], body: &str) -> BTreeMap<String, RefOr<Response>> {
    let faults = faults.iter().map(|(status, description)| {
        let fault = response(status, description, body);
        ((*status).to_owned(), RefOr::T(fault))
    });
    faults.collect()
}

/// Adds the faults of a key to the operations of `api`, which all need one, unless they document their own.
pub fn of_keys(api: &mut OpenApi) {
    for (path, item) in &mut api.paths.paths {
        let body = match Dialect::of(path) {
            Dialect::Receipt => ErrorBody::name(),
            Dialect::OpenAi => OpenAiErrorBody::name(),
            Dialect::OpenRouter => OpenRouterErrorBody::name(),
            Dialect::Anthropic => AnthropicErrorBody::name(),
        };
        let operations = [&mut item.get, &mut item.post];
        for operation in operations.into_iter().flatten() {
            let own = &mut operation.responses.responses;
            for (status, description) in
                [("401", "The API key is missing or wrong."), (BUSY, LIMITED)]
            {
                let fault = || RefOr::T(response(status, description, &body));
                own.entry(status.to_owned()).or_insert_with(fault);
            }
        }
    }
}

/// Documents a fault of `status` with the schema `body`.
pub fn response(status: &str, description: &str, body: &str) -> Response {
    let schema = Ref::from_schema_name(body);
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let mut response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content);
    if [BUSY, OVERLOADED].contains(&status) {
        let seconds = Object::with_type(SchemaType::Type(Type::Integer));
        let header = HeaderBuilder::new()
            .schema(Some(seconds))
            .description(Some("Seconds to wait before the next attempt."));
        response = response.header("retry-after", header.build());
    }
    response.build()
}
