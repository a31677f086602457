//! Reads a request of `/v1/ocr` from JSON in the form of Mistral's OCR API, a form, or the document itself.

use axum::{
    extract::{Multipart, Request, multipart::Field},
    http::StatusCode,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{OcrParts, selection};
use crate::{
    http::{
        body::{self, JsonFault, SentBody},
        fault::Fault,
        string_or::string_or_object,
    },
    image::ImageSource,
    page::PageSelection,
};

/// A document whose text is wanted, in the form of Mistral's OCR API.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(example = json!({
    "model": "page-reader",
    "document": { "type": "document_url", "document_url": "https://example.com/invoice.pdf" },
}))]
pub struct OcrRequest {
    /// Any name: there is one page reader.
    #[serde(default)]
    pub model: Option<String>,
    /// The document.
    #[serde(default)]
    #[schema(required = true, value_type = OcrDocument)]
    pub document: Option<OcrDocument>,
    /// Indices of the pages to read, which begin with 0: a number, a text such as `0,2-4`, or a list of both; all
    /// pages if left out.
    #[serde(default)]
    #[schema(value_type = Option<OcrPages>)]
    pub pages: Option<Value>,
    /// Accepted for clients of Mistral's API; pictures within a page are not cut out.
    #[serde(default)]
    pub include_image_base64: Option<bool>,
    /// Whether the pages have `blocks`.
    #[serde(default)]
    pub include_blocks: Option<bool>,
    /// Whether the pages have `confidence_scores`: any value adds those of the page. Words have theirs in `lines`.
    #[serde(default)]
    #[schema(example = "page")]
    pub confidence_scores_granularity: Option<String>,
    /// Not supported: any other value than null is refused. `POST /extract` reads values by a schema.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub document_annotation_format: Option<Value>,
    /// Not supported: any other value than null is refused.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub bbox_annotation_format: Option<Value>,
}

/// A document, by its address or as a `data:` URI.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct OcrDocument {
    /// `document_url` or `image_url`; the other fields tell it if it is left out.
    #[serde(default)]
    pub r#type: Option<String>,
    /// An `https://` or `http://` address, or a `data:` URI with the PDF or picture in base64.
    #[serde(default)]
    pub document_url: Option<String>,
    /// The same for a picture; PDFs are accepted too.
    #[serde(default)]
    #[schema(value_type = Option<OcrImageUrl>)]
    pub image_url: Option<Address>,
    /// Not supported: no files are stored here.
    #[serde(default)]
    pub file_id: Option<String>,
}

/// The indices of pages.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a field; the value itself is read")]
#[serde(untagged)]
pub enum OcrPages {
    /// One page.
    Index(u32),
    /// Pages and ranges, such as `0,2-4`.
    Ranges(String),
    /// Several pages.
    Indices(Vec<u32>),
}

/// The address of a picture, plain or in an object.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a field; the value itself is read")]
#[serde(untagged)]
pub enum OcrImageUrl {
    /// The address.
    Plain(String),
    /// An object with the address.
    Object(OcrImageAddress),
}

/// An object with the address of a picture.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OcrImageAddress {
    /// The address.
    url: String,
}

/// An address that was sent plain or in an object.
#[derive(Debug, Serialize)]
pub struct Address(String);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "an address, or an object with one as `url`";
        string_or_object(deserializer, expecting, Self, |object: OcrImageAddress| {
            Self(object.url)
        })
    }
}

/// The document and the pages that a request names.
#[derive(Debug)]
pub struct OcrInput {
    /// The document.
    pub source: ImageSource,
    /// The field that holds it.
    pub field: &'static str,
    /// The pages to read.
    pub pages: PageSelection,
    /// The parts of the answer that are optional.
    pub parts: OcrParts,
}

impl OcrInput {
    /// Reads a body in the form that its content type names; JSON under any other.
    ///
    /// # Errors
    /// A body that cannot be read, names no document, or has a field that is not supported.
    pub async fn read(request: Request) -> Result<Self, Fault> {
        match SentBody::read(request).await? {
            SentBody::Form(form) => Self::of_form(form).await,
            SentBody::File(bytes) => Ok(Self {
                source: ImageSource::Bytes(bytes),
                field: "file",
                pages: PageSelection::default(),
                parts: OcrParts::default(),
            }),
            SentBody::Other(none) if none.is_empty() => Err(no_document()),
            SentBody::Other(json) => {
                Self::of_json(body::parse(&json).map_err(JsonFault::into_fault)?)
            }
        }
    }

    fn of_json(request: OcrRequest) -> Result<Self, Fault> {
        for (field, value) in [
            (
                "document_annotation_format",
                request.document_annotation_format,
            ),
            ("bbox_annotation_format", request.bbox_annotation_format),
        ] {
            if value.is_some_and(|value| !value.is_null()) {
                let message = format!(
                    "{field}: no annotations are made here; leave it out, and read values by a schema with POST \
                     /extract."
                );
                return Err(Fault::invalid(field, message));
            }
        }
        let parts = OcrParts {
            blocks: request.include_blocks.unwrap_or(false),
            scores: request.confidence_scores_granularity.is_some(),
        };
        let (url, field) = address(request.document.ok_or_else(no_document)?)?;
        Ok(Self {
            source: ImageSource::Url(url),
            field,
            pages: selected(&request.pages.unwrap_or_default())?,
            parts,
        })
    }

    async fn of_form(mut form: Multipart) -> Result<Self, Fault> {
        let (mut file, mut pages) = (None, PageSelection::default());
        while let Some(field) = form.next_field().await.map_err(body::broken_form)? {
            let name = field.name().unwrap_or_default().to_owned();
            match &*name {
                "file" if file.is_some() => {
                    let message =
                        "file: the form has several documents; send each in a request of its own.";
                    return Err(Fault::invalid("file", message));
                }
                "file" => file = Some(field.bytes().await.map_err(body::broken_form)?),
                "pages" => {
                    let text = field.text().await.map_err(body::broken_form)?;
                    pages = selected(&Value::from(text))?;
                }
                _ if is_file(&field) => {
                    let message = format!(
                        "{name}: the form has a file in a field that is not read; send the document in the field \
                         file."
                    );
                    return Err(Fault::invalid(name, message));
                }
                _ => {}
            }
        }
        Ok(Self {
            source: ImageSource::Bytes(file.ok_or_else(no_document)?),
            field: "file",
            pages,
            parts: OcrParts::default(),
        })
    }
}

fn is_file(field: &Field<'_>) -> bool {
    field.file_name().is_some_and(|name| !name.is_empty())
}

/// Returns the address of a document, and the field that holds it.
fn address(document: OcrDocument) -> Result<(String, &'static str), Fault> {
    let OcrDocument {
        r#type,
        document_url,
        image_url,
        file_id,
    } = document;
    let image_url = image_url.map(|Address(url)| url);
    let of_document = (document_url, "document.document_url");
    let of_image = (image_url, "document.image_url");
    let candidates = match r#type.as_deref() {
        Some("document_url") => vec![of_document],
        Some("image_url") => vec![of_image],
        None | Some("file") => vec![of_document, of_image],
        Some(other) => {
            let message = format!(
                "document.type: {other:?} is not supported; use \"document_url\" or \"image_url\"."
            );
            return Err(Fault::invalid("document.type", message));
        }
    };
    let first = candidates.first().map_or("document", |(_, field)| *field);
    for (url, field) in candidates {
        if let Some(url) = url.filter(|url| !url.is_empty()) {
            return Ok((url, field));
        }
    }
    if file_id.is_some() || r#type.as_deref() == Some("file") {
        let message = "document.file_id: no files are stored here; send the document itself as a data URI in \
                       document_url.";
        return Err(Fault::invalid("document.file_id", message));
    }
    let message = format!("{first}: the document has no address; send one, or a data URI.");
    Err(Fault::invalid(first, message))
}

fn selected(pages: &Value) -> Result<PageSelection, Fault> {
    selection::parse(pages).ok_or_else(|| {
        let message = "pages: this is no selection of pages; send a number from 0, a text such as \"0,2-4\", or a \
                       list of both.";
        Fault::invalid("pages", message)
    })
}

fn no_document() -> Fault {
    let message = "No document was sent; send JSON with document, a form with the field file, or the document itself \
                   as image/* or application/pdf.";
    let mut fault = Fault::new(StatusCode::BAD_REQUEST, "no_image", message);
    fault.param = Some("document".to_owned());
    fault
}
