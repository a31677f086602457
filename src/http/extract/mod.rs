//! `POST /extract`: a receipt's pictures in, the invoice object out.

pub mod batch;
mod events;
mod input;
mod meta;

use axum::{
    Json,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    body,
    caller::Caller,
    chat::route,
    fault::{ErrorBody, Fault},
    state::AppState,
};
use crate::receipt::{Found, Progress, Reading};
pub use input::cache_use;
use input::{ExtractForm, ExtractJson, ExtractQuery, Include, Input};
pub use meta::ReadingBody;
use meta::checks_header;

/// The media type that asks for the object with all that is known about it.
const WITH_META: &str = "application/vnd.receipt+json";

/// Reads one receipt
///
/// Send the picture as the form field `image`, as JSON with `image_url`, or as the body itself
/// with an `image/*` or `application/pdf` content type. Several pictures, and the pages of a PDF,
/// make one receipt. The answer always validates against the schema, the invoice's where none is
/// named, or is an error. The same picture is answered from memory (`x-cache: hit`);
/// `Cache-Control: no-cache` reads it anew.
///
/// With `include=meta`, or `Accept: application/vnd.receipt+json`, the object comes with the
/// confidence of each value, the checks of its sums and dates, attempts, usage and timings. With
/// `Accept: text/event-stream` the reading is told stage by stage, as events `queued`, `reading`,
/// `generating` (with the `partial` object), `checking`, and at last `done` (with `invoice` and
/// `meta`) or `error`.
#[utoipa::path(
    post,
    path = "/extract",
    tag = "receipts",
    params(ExtractQuery),
    request_body(
        description = "The pictures of one receipt or invoice.",
        content(
            (ExtractForm = "multipart/form-data"),
            (ExtractJson = "application/json"),
            (Vec<u8> = "image/jpeg"),
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/webp"),
            (Vec<u8> = "application/pdf"),
        ),
    ),
    responses(
        (status = 200, description = "The invoice.", content(
            (super::openapi::ExtractAnswer = "application/json"),
            (ReadingBody = "application/vnd.receipt+json"),
            (super::openapi::ServerSentEvent = "text/event-stream"),
         ),
         headers(("x-cache" = String, description = "`hit`, `hit-shared`, `miss`, `coalesced` or `bypass`."),
                 ("x-model" = String, description = "The model whose answer it is."),
                 ("x-provider" = String, description = "Who runs it; `receipt-gateway` for one that runs here."),
                 ("x-attempts" = u64, description = "Attempts that were made, whichever gave the answer."),
                 ("x-confidence" = f64, description = "Lowest confidence among amounts and dates, 0 to 1; absent where there are none."),
                 ("x-checks" = String, description = "`ok`, `none` where there was nothing to check, or the names of the checks that failed."))),
        (status = 400, description = "No picture, a bad address, a schema that cannot be used, or a body that does not parse.", body = ErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 404, description = "There is no such model or schema, or the key may not use the model.", body = ErrorBody),
        (status = 408, description = "The body did not arrive in time.", body = ErrorBody),
        (status = 413, description = "The picture or the body is too large.", body = ErrorBody),
        (status = 415, description = "No picture format that is read.", body = ErrorBody),
        (status = 422, description = "The picture or PDF is damaged, cut off or encrypted, nothing is printed on it, or its dimensions or pages are out of bounds.", body = ErrorBody),
        (status = 429, description = "The model is busy, or a limit of the key is reached.", body = ErrorBody,
         headers(("retry-after" = u64, description = "Seconds to wait."))),
        (status = 502, description = "The model's answer was not valid, or the download failed.", body = ErrorBody),
        (status = 503, description = "The model cannot be loaded.", body = ErrorBody),
        (status = 504, description = "The model or the download took too long.", body = ErrorBody),
    ),
)]
pub async fn extract(
    app: Caller,
    query: Result<Query<ExtractQuery>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Fault> {
    let query = body::query(query)?;
    let input = Input::read(request).await?;
    let cache = cache_use(&headers);
    if accepts(&headers, "text/event-stream") {
        let (progress, stages) = Progress::watched();
        let request = input.into_request(&query, cache, progress, &app).await?;
        return Ok(events::answer(app, request, stages));
    }
    let progress = Progress::default();
    let request = input.into_request(&query, cache, progress, &app).await?;
    let (reading, found) = app.extractor.extract(request).await;
    let reading = reading.map_err(|error| Fault::from(&*error))?;
    let named = accepts(&headers, WITH_META);
    let mut response = if named || query.include == Some(Include::Meta) {
        Json(ReadingBody::new(&reading, found)).into_response()
    } else {
        Json(reading.receipt.as_json()).into_response()
    };
    if named {
        let kind = HeaderValue::from_static(WITH_META);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    describe(&reading, found, &app, response.headers_mut());
    Ok(response)
}

/// What every answer's headers tell.
pub fn describe(reading: &Reading, found: Found, app: &Caller, headers: &mut HeaderMap) {
    let report = &reading.report;
    if let Some(model) = app.registry.get(&report.model) {
        route::tell(model, report.attempts.len(), headers);
    }
    let confidence = report.confidence().map(|c| format!("{c:.2}"));
    for (name, value) in [
        ("x-cache", Some(found.as_str().to_owned())),
        ("x-confidence", confidence),
        ("x-checks", Some(checks_header(report))),
    ] {
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
}

fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|range| range.trim().eq_ignore_ascii_case(kind))
}

/// The schemas that answers can be asked for.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SchemaList {
    /// The one for requests that name none.
    #[schema(example = "invoice")]
    pub default: String,
    /// All, in the order of their names.
    pub schemas: Vec<SchemaBody>,
}

/// A schema that an answer can be asked for.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SchemaBody {
    /// What requests call it.
    #[schema(example = "receipt-brief")]
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The JSON Schema, draft 2020-12.
    #[schema(value_type = Object)]
    pub schema: Value,
}

/// Lists the schemas
#[utoipa::path(
    get,
    path = "/schemas",
    tag = "receipts",
    responses(
        (status = 200, description = "The schemas.", body = SchemaList),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
    ),
)]
pub async fn schemas(State(app): State<AppState>) -> Json<SchemaList> {
    let schemas = app.extractor.schemas();
    let listed = schemas.iter().map(|schema| {
        let text = |keyword| Some(schema.document().get(keyword)?.as_str()?.to_owned());
        SchemaBody {
            name: schema.name().to_owned(),
            title: text("title"),
            description: text("description"),
            schema: (**schema.document()).clone(),
        }
    });
    Json(SchemaList {
        default: schemas.default_schema().name().to_owned(),
        schemas: listed.collect(),
    })
}
