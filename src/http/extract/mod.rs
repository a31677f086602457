//! `POST /extract`: a receipt's pictures in, the invoice object out. The two forms of the body that a
//! document cannot describe beside the form have paths of their own.

mod accept;
pub mod batch;
mod events;
mod form;
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
    openapi::ReadingAnswers,
    state::AppState,
};
use crate::receipt::{Found, Progress, Reading};
use input::{ExtractForm, ExtractJson, ExtractQuery, Include, IncludeQuery, Input};
pub use input::{Picture, cache_use};
pub use meta::ReadingBody;
use meta::checks_header;

/// The media type that asks for the object with all that is known about it.
const WITH_META: &str = "application/vnd.receipt+json";

/// Reads one receipt
///
/// Send the pictures as the form field `image`: several, and the pages of a PDF, make one receipt. The
/// answer always validates against the schema, the invoice's where none is named, or is an error. The
/// same picture is answered from memory (`x-cache: hit`); `Cache-Control: no-cache` reads it anew.
///
/// With `include=meta`, or `Accept: application/vnd.receipt+json`, the object comes with the
/// confidence of each value, the checks of its sums and dates, attempts, usage and timings. With
/// `Accept: text/event-stream` the reading is told stage by stage, as events `queued`, `reading`,
/// `generating` (with the `partial` object), `checking`, and at last `done` (with `invoice` and
/// `meta`) or `error`.
///
/// JSON as of `/extract/url`, and a picture as of `/extract/file` under its own content type, are read
/// here too; `model` and `schema` may stand in the query as well.
#[utoipa::path(
    post,
    path = "/extract",
    operation_id = "extractReceipt",
    tag = "receipts",
    params(IncludeQuery),
    request_body(
        content = ExtractForm,
        content_type = "multipart/form-data",
        description = "The pictures of one receipt or invoice.",
    ),
    responses(ReadingAnswers),
)]
pub async fn extract(
    app: Caller,
    query: Result<Query<ExtractQuery>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Fault> {
    let query = body::query(query)?;
    answer(app, query, &headers, Input::read(request).await?).await
}

/// Reads one receipt by address
///
/// The pages' addresses are told as JSON, one of them as `image_url` or several as `image_urls`. The
/// answer is that of `/extract`.
#[utoipa::path(
    post,
    path = "/extract/url",
    operation_id = "extractReceiptFromUrl",
    tag = "receipts",
    params(IncludeQuery),
    request_body(
        content = ExtractJson,
        description = "Where the pictures of one receipt or invoice are.",
    ),
    responses(ReadingAnswers),
)]
pub async fn extract_url(
    app: Caller,
    query: Result<Query<ExtractQuery>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Fault> {
    let query = body::query(query)?;
    answer(app, query, &headers, Input::read_json(request).await?).await
}

/// Reads one receipt out of the body
///
/// The body is the picture or PDF itself, whatever its content type says. The answer is that of
/// `/extract`.
#[utoipa::path(
    post,
    path = "/extract/file",
    operation_id = "extractReceiptFromFile",
    tag = "receipts",
    params(ExtractQuery),
    request_body(
        content = inline(Picture),
        content_type = "application/octet-stream",
        description = "The picture or PDF of one receipt or invoice.",
    ),
    responses(ReadingAnswers),
)]
pub async fn extract_file(
    app: Caller,
    query: Result<Query<ExtractQuery>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Fault> {
    let query = body::query(query)?;
    answer(app, query, &headers, Input::read_picture(request).await?).await
}

/// Reads what `input` names and answers in the form that the client prefers.
async fn answer(
    app: Caller,
    query: ExtractQuery,
    headers: &HeaderMap,
    input: Input,
) -> Result<Response, Fault> {
    let cache = cache_use(headers);
    let form = accept::preferred(headers, [accept::JSON, WITH_META, accept::EVENTS]);
    if form == accept::EVENTS {
        let (progress, stages) = Progress::watched();
        let request = input.into_request(&query, cache, progress, &app).await?;
        return Ok(events::answer(app, request, stages));
    }
    let progress = Progress::default();
    let request = input.into_request(&query, cache, progress, &app).await?;
    let (reading, found) = app.extractor.extract(request).await;
    let reading = reading.map_err(|error| Fault::from(&*error))?;
    let named = form == WITH_META;
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
///
/// As validators read them: without `multipleOf` and what else only guides the grammar.
#[utoipa::path(
    get,
    path = "/schemas",
    operation_id = "listSchemas",
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
            schema: schema.published(),
        }
    });
    Json(SchemaList {
        default: schemas.default_schema().name().to_owned(),
        schemas: listed.collect(),
    })
}
