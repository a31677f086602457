//! The routes of `/v1` under `/api/v1`, for clients of OpenRouter, and routes of OpenRouter's own about keys, costs and
//! providers.

pub mod credits;
pub mod generation;
pub mod key;
pub mod providers;

use utoipa::{
    ToSchema,
    openapi::{Paths, RefOr, path::Operation},
};
use utoipa_axum::router::UtoipaMethodRouter;

use super::fault::{Dialect, OpenAiErrorBody, OpenRouterErrorBody};

/// Puts the routes of `/v1` under `/api/v1`, and documents there which of them have faults in OpenRouter's form.
pub fn mirrored<S>((schemas, paths, methods): UtoipaMethodRouter<S>) -> UtoipaMethodRouter<S> {
    let mut mirrored = Paths::new();
    for (path, mut item) in paths.paths {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            document(operation, &path);
        }
        mirrored.paths.insert(format!("/api{path}"), item);
    }
    (schemas, mirrored, methods)
}

fn document(operation: &mut Operation, path: &str) {
    let path = path.replace("{*", "{");
    let form = if Dialect::of(&format!("/api{path}")) == Dialect::OpenRouter {
        ", with errors in OpenRouter's form"
    } else {
        ""
    };
    operation.description = Some(format!("The same as `{path}`{form}."));
    operation.operation_id = operation.operation_id.take().map(|id| id + "OpenRouter");
    operation.tags = Some(vec!["openrouter".to_owned()]);
    let openai = format!("/{}", OpenAiErrorBody::name());
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else {
            continue;
        };
        for content in response.content.values_mut() {
            if let RefOr::T(content) = content
                && let Some(RefOr::Ref(schema)) = &mut content.schema
                && let Some(components) = schema.ref_location.strip_suffix(&openai)
            {
                schema.ref_location = format!("{components}/{}", OpenRouterErrorBody::name());
            }
        }
    }
}
