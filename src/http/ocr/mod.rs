//! `POST /v1/ocr`: the text of a document's pages, in the published form of Mistral's OCR API, with the lines, the
//! words and their places beside it.

mod document;
mod request;
mod selection;

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{
    caller::Caller,
    components::OpenAiFaults,
    fault::{Fault, OpenAiErrorBody},
};
use crate::{
    image::{ImageFormat, ImageLoader, ImageSource},
    page::PageSelection,
};
use document::OcrPage;
pub use document::{OcrBody, OcrParts};
use request::{OcrInput, OcrRequest};

/// The dots per inch that the answer states for a picture, whose size on paper is not known.
const PICTURE_DOTS_PER_INCH: f32 = 72.0;

/// Reads the text of a document
///
/// Takes a PDF or a picture, by its address or as a `data:` URI, and returns the text of each page as it is laid out,
/// as Mistral's OCR API does. `lines` has the place of each line and word besides. A PDF's own text is used where it
/// is visible on the page; all other text is read from the picture.
///
/// This route also accepts a form with the document in the field `file`, and the document itself under its own
/// content type.
#[utoipa::path(
    post,
    path = "/v1/ocr",
    operation_id = "readText",
    tag = "ocr",
    request_body = OcrRequest,
    responses(
        (status = 200, description = "The text of the pages.", body = OcrBody),
        (status = 501, description = "A page has no text of its own, and the page reader is off.",
         body = OpenAiErrorBody),
        OpenAiFaults,
    ),
)]
pub async fn create(caller: Caller, request: Request) -> Result<Response, Fault> {
    let OcrInput {
        source,
        field,
        pages,
        parts,
    } = OcrInput::read(request).await?;
    let body = read_document(&caller.images, source, &pages, parts).await;
    let body = body.map_err(|mut fault| {
        if fault.status.is_client_error() {
            fault.param.get_or_insert_with(|| field.to_owned());
        }
        fault
    })?;
    Ok(Json(body).into_response())
}

/// Reads the text of those pages of a document that `pages` selects.
///
/// # Errors
/// The faults of a file that cannot be loaded or decoded, a page whose text cannot be read, and a selection without
/// a page of the document.
pub async fn read_document(
    images: &ImageLoader,
    source: ImageSource,
    pages: &PageSelection,
    parts: OcrParts,
) -> Result<OcrBody, Fault> {
    let file = images.load(source).await;
    let file = file.map_err(|error| Fault::from(&error))?;
    let size = file.bytes.len();
    let dots_per_inch = match file.format {
        ImageFormat::Pdf => images.limits().pdf_dots_per_inch,
        _ => PICTURE_DOTS_PER_INCH,
    };
    let readings = images.read_pages(vec![file], pages.clone()).await;
    let readings = readings.map_err(|error| Fault::from(&error))?;
    let count = readings.len();
    let mut read = Vec::new();
    for (index, reading) in readings.into_iter().enumerate() {
        if let Some(reading) = reading {
            // Other clients look at the text alone, where a page without it would pass for a blank one.
            let text = reading.map_err(|cause| Fault::unread(index + 1, cause))?;
            read.push(OcrPage::new(index, &text, dots_per_inch).with(parts, &text));
        }
    }
    if read.is_empty() && count > 0 {
        let message = format!(
            "pages: none of these is a page of the document, which has {count}; the first is 0 and the last {}.",
            count - 1
        );
        return Err(Fault::invalid("pages", message));
    }
    Ok(OcrBody::new(read, size))
}
