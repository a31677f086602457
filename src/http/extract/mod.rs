//! `POST /extract`: reads a receipt's pictures and returns the invoice object. JSON and raw pictures also have
//! paths of their own, because an OpenAPI operation cannot describe them beside the form.

mod accept;
mod asked;
pub mod batch;
mod documented;
mod events;
mod extracted;
mod form;
mod input;
mod meta;
mod page_fields;
mod query;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    answer, body,
    caller::Caller,
    fault::{ErrorBody, Fault},
};
use crate::{app::App, receipt::Progress};
use asked::ReadReceipt;
pub use documented::ExtractAnswer;
use documented::ReadingAnswers;
pub use input::PictureBody;
use input::{ExtractForm, ExtractInput, ExtractJson};
pub use meta::ReadingBody;
use query::{ExtractQuery, Include, IncludeQuery};

/// The media type that asks for the object with the facts about its reading.
const WITH_META: &str = "application/vnd.receipt+json";

/// Reads one receipt
///
/// Send the pictures in the form field `image`; several pictures, or the pages of a PDF, are one receipt. The
/// answer always validates against the schema, by default the invoice's, or is an error. Pictures that were read
/// before are answered from the cache (`x-cache: hit`); `Cache-Control: no-cache` reads them again.
///
/// An e-invoice, as XML (UBL, CII or `FatturaPA`) or within a PDF (Factur-X, `ZUGFeRD`), is answered with what its XML
/// states, exactly and without a model (`x-source` names its kind).
///
/// With `include=meta` or `Accept: application/vnd.receipt+json`, the answer also holds the
/// confidence of each value, the checks of sums and dates, attempts, usage and timings. With
/// `Accept: text/event-stream`, the answer reports the progress as events: `queued`, `reading`,
/// `generating` (with the `partial` object), `checking`, and finally `done` (with `invoice` and
/// `meta`) or `error`.
///
/// This route also accepts the JSON of `/extract/url`, and a picture as in `/extract/file` under its own content
/// type. `model` and `schema` may also be sent in the query.
#[utoipa::path(
    post,
    path = "/extract",
    operation_id = "extractReceipt",
    tag = "receipts",
    params(IncludeQuery),
    request_body(
        content = ExtractForm,
        content_type = "multipart/form-data",
        description = "A form with the files of one receipt or invoice: `image/png`, `image/jpeg`, `image/webp`, `image/gif`, \
                       `image/tiff`, `image/bmp` or `application/pdf`, or one e-invoice as `application/xml`. Their \
                       content is what counts, not the media type that is declared.",
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
    read(app, query, &headers, ExtractInput::read(request).await?).await
}

/// Reads one receipt from its address
///
/// Send the addresses of the pages as JSON: one as `image_url`, or several as `image_urls`. The
/// answer is the same as that of `/extract`.
#[utoipa::path(
    post,
    path = "/extract/url",
    operation_id = "extractReceiptFromUrl",
    tag = "receipts",
    params(IncludeQuery),
    request_body(
        content = ExtractJson,
        description = "The addresses of the pictures of one receipt or invoice.",
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
    read(
        app,
        query,
        &headers,
        ExtractInput::read_json(request).await?,
    )
    .await
}

/// Reads one receipt sent as the body
///
/// The body is the picture, PDF or XML e-invoice itself; its content type is ignored. The answer is the same as that of
/// `/extract`.
#[utoipa::path(
    post,
    path = "/extract/file",
    operation_id = "extractReceiptFromFile",
    tag = "receipts",
    params(ExtractQuery),
    request_body(
        content = inline(PictureBody),
        content_type = "application/octet-stream",
        description = "The picture, PDF or XML e-invoice of one receipt or invoice: PNG, JPEG, WebP, GIF, TIFF, BMP, PDF, or \
                       UBL, CII or FatturaPA as XML.",
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
    read(
        app,
        query,
        &headers,
        ExtractInput::read_picture(request).await?,
    )
    .await
}

/// Reads the receipt of `input` and answers in the form that the client prefers.
async fn read(
    app: Caller,
    query: ExtractQuery,
    headers: &HeaderMap,
    input: ExtractInput,
) -> Result<Response, Fault> {
    let cache = answer::cache_use(headers);
    let form = accept::preferred(headers, [accept::JSON, WITH_META, accept::EVENTS]);
    if form == accept::EVENTS {
        let (progress, stages) = Progress::watched();
        let asked = input.into_request(&query, cache, progress, &app).await?;
        return Ok(events::answer(app, asked, stages));
    }
    let progress = Progress::default();
    let asked = input.into_request(&query, cache, progress, &app).await?;
    let read = asked.read(&app).await?;
    let ReadReceipt { id, reading, found } = &read;
    let named = form == WITH_META;
    let mut response = if named || query.include == Some(Include::Meta) {
        Json(read.with_meta()).into_response()
    } else {
        Json(reading.receipt.as_json()).into_response()
    };
    if named {
        let kind = HeaderValue::from_static(WITH_META);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    answer::describe(reading, *found, &app, response.headers_mut());
    answer::name(id, response.headers_mut());
    Ok(response)
}

/// The schemas that a request can name.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SchemaList {
    /// Name of the schema for requests that name none.
    #[schema(example = "invoice")]
    pub default: String,
    /// All schemas, sorted by name.
    pub schemas: Vec<SchemaBody>,
}

/// A schema that a request can name.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SchemaBody {
    /// Name of the schema in requests.
    #[schema(example = "receipt-brief")]
    pub name: String,
    /// Title of the schema.
    pub title: Option<String>,
    /// Purpose of the schema.
    pub description: Option<String>,
    /// The JSON Schema, draft 2020-12.
    #[schema(value_type = Object)]
    pub schema: Value,
}

/// Lists the schemas
///
/// The schemas are listed in the form for validators, without `multipleOf` and other keywords that only guide the
/// grammar.
#[utoipa::path(
    get,
    path = "/schemas",
    operation_id = "listSchemas",
    tag = "receipts",
    responses(
        (status = 200, description = "All schemas.", body = SchemaList),
        (status = 401, description = "The API key is missing or wrong.", body = ErrorBody),
    ),
)]
pub async fn schemas(State(app): State<Arc<App>>) -> Json<SchemaList> {
    let schemas = app.extractor.schemas();
    let listed = schemas.iter().map(|schema| {
        let text = |keyword| Some(schema.document().get(keyword)?.as_str()?.to_owned());
        SchemaBody {
            name: schema.name().to_owned(),
            title: text("title"),
            description: text("description"),
            schema: schema.published().clone(),
        }
    });
    Json(SchemaList {
        default: schemas.default_schema().name().to_owned(),
        schemas: listed.collect(),
    })
}
