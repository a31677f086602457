//! Reads a request for one receipt from a form, JSON or the picture itself.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Multipart, Request},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{asked::AskedReceipt, form::Fields, page_fields::PageFields, query::ExtractQuery};
use crate::{
    app::App,
    http::{
        body::{self, JsonFault, SentBody},
        caller::Caller,
        components::JsonSchema,
        fault::Fault,
        record::{BegunAnswer, new_id},
        string_or::null_as_default,
    },
    image::ImageSource,
    receipt::{CacheUse, ExtractRequest, Progress, ReceiptSchema},
};

/// A receipt given by its address.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(example = json!({ "image_url": "https://example.com/receipt.jpg" }))]
pub struct ExtractJson {
    /// An `https://` or `http://` address, or a `data:` URI with the picture, PDF or XML e-invoice in base64.
    #[serde(default)]
    pub image_url: Option<String>,
    /// Addresses of the pages of one receipt, in order; use it instead of `image_url`.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<Vec<String>>, min_items = 1)]
    pub image_urls: Vec<String>,
    /// Model that reads the receipt; the gateway's default if left out.
    #[serde(default)]
    pub model: Option<String>,
    /// Schema of the answer: the name of a schema of `GET /schemas`, or a JSON Schema itself;
    /// `invoice` if left out.
    #[serde(default)]
    #[schema(value_type = Option<SchemaChoice>)]
    pub schema: Option<Value>,
}

/// The name of a schema, or a schema itself.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a field; the value itself is read")]
#[schema(examples("receipt-brief"))]
#[serde(untagged)]
pub enum SchemaChoice {
    /// Name of a schema of `GET /schemas`.
    Name(String),
    /// A JSON Schema, draft 2020-12.
    Inline(JsonSchema),
}

/// A form with one receipt.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form; its fields are read as a stream"
)]
pub struct ExtractForm {
    /// The receipt as PNG, JPEG, WebP, GIF (first frame), TIFF, BMP or PDF, or an e-invoice as XML (UBL, CII or
    /// `FatturaPA`). Several files are the pages of one receipt; XML stands alone.
    #[schema(value_type = Vec<String>, format = Binary)]
    image: Vec<Vec<u8>>,
    /// Model that reads the receipt; the gateway's default if left out.
    #[schema(value_type = String, required = false, example = "")]
    model: Option<String>,
    /// Name of a schema of `GET /schemas`; `invoice` if left out.
    #[schema(value_type = String, required = false, example = "")]
    schema: Option<String>,
}

/// A picture as PNG, JPEG, WebP, GIF (first frame), TIFF or BMP, a PDF, or an e-invoice as XML.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that is read as it is")]
#[schema(value_type = String, format = Binary)]
pub struct PictureBody(Vec<u8>);

/// The pages, model and schema that a request's body names.
#[derive(Debug, Default)]
pub struct ExtractInput {
    pub pages: Vec<ImageSource>,
    pub fields: PageFields,
    pub model: Option<String>,
    pub schema: Option<Value>,
}

impl ExtractInput {
    /// Reads a body in the form that its content type names.
    pub async fn read(request: Request) -> Result<Self, Fault> {
        let kind = body::media_type(request.headers());
        match SentBody::read(request).await? {
            SentBody::Form(form) => Self::of_form(form).await,
            SentBody::File(bytes) => Ok(Self::of_picture(bytes)),
            SentBody::Other(json) if kind == "application/json" || kind.ends_with("+json") => {
                Self::of_json(&json)
            }
            SentBody::Other(none) if none.is_empty() => Err(no_image(PageFields::Form)),
            SentBody::Other(_) => Err(Fault::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_content_type",
                "The body's content type is not supported; send multipart/form-data with a field image, \
                 application/json with image_url, or the file itself as image/*, application/pdf or application/xml.",
            )),
        }
    }

    /// Reads a JSON body, whatever its content type.
    pub async fn read_json(request: Request) -> Result<Self, Fault> {
        Self::of_json(&body::bytes(request).await?)
    }

    /// Reads a body that is the picture, whatever its content type.
    pub async fn read_picture(request: Request) -> Result<Self, Fault> {
        match body::bytes(request).await? {
            none if none.is_empty() => Err(no_image(PageFields::Body)),
            bytes => Ok(Self::of_picture(bytes)),
        }
    }

    fn of_picture(bytes: Bytes) -> Self {
        Self {
            pages: vec![ImageSource::Bytes(bytes)],
            fields: PageFields::Body,
            ..Self::default()
        }
    }

    fn of_json(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.is_empty() {
            return Err(no_image(PageFields::Url));
        }
        let value: Value = body::parse(bytes).map_err(JsonFault::into_fault)?;
        if !value.is_object() {
            return Err(no_image(PageFields::Url));
        }
        let json: ExtractJson = body::parse(bytes).map_err(JsonFault::into_fault)?;
        let fields = match (&json.image_url, json.image_urls.is_empty()) {
            (None, true) => return Err(no_image(PageFields::Url)),
            (Some(_), true) => PageFields::Url,
            (None, false) => PageFields::Urls,
            (Some(_), false) => PageFields::UrlAndUrls,
        };
        let pages = json.image_url.into_iter().chain(json.image_urls);
        Ok(Self {
            pages: pages.map(ImageSource::Url).collect(),
            fields,
            model: json.model,
            schema: json.schema,
        })
    }

    async fn of_form(form: Multipart) -> Result<Self, Fault> {
        let mut fields = Fields::new(form, &ExtractQuery::default(), u64::MAX);
        let mut pages = Vec::new();
        while let Some(picture) = fields.picture().await? {
            pages.push(ImageSource::Bytes(picture.bytes));
        }
        if pages.is_empty() {
            return Err(no_image(PageFields::Form));
        }
        Ok(Self {
            pages,
            fields: PageFields::Form,
            model: fields.asked.model,
            schema: fields.asked.schema.map(Value::from),
        })
    }

    /// Finds the model and the schema that the body or the query names, and gives the answer its id.
    pub async fn into_request(
        self,
        query: &ExtractQuery,
        cache: CacheUse,
        progress: Progress,
        app: &Caller,
    ) -> Result<AskedReceipt, Fault> {
        let is_name = |id: &String| !id.is_empty();
        let named = self.model.filter(is_name);
        let named = named.or_else(|| query.model.clone().filter(is_name));
        let preset = match named {
            Some(id) => app.preset(&id)?,
            None => app.default_preset()?,
        };
        let grounding = query.grounding.map(Into::into).or(preset.grounding);
        let mut turns = preset.turns().into_iter();
        let model = turns.next().unwrap_or_else(|| preset.model.clone());
        let named = self.schema.filter(|schema| !schema.is_null());
        let named = named.or(query.schema.clone().map(Value::from));
        let answer = BegunAnswer::new(&new_id("reading-"), &preset);
        let request = ExtractRequest {
            pages: self.pages,
            model,
            others: turns.collect(),
            schema: match (named, preset.schema) {
                (None, Some(schema)) => schema,
                (named, _) => schema(named, app).await?,
            },
            script: None,
            sampling: None,
            ticket: app.ticket(),
            payer: Some(app.payer().clone()),
            grounding,
            cache,
            progress,
        };
        Ok(AskedReceipt {
            request,
            fields: self.fields,
            answer,
        })
    }
}

async fn schema(named: Option<Value>, app: &Arc<App>) -> Result<ReceiptSchema, Fault> {
    let schemas = app.extractor.schemas();
    match named {
        None => Ok(schemas.default_schema().clone()),
        Some(Value::String(name)) if name.is_empty() => Ok(schemas.default_schema().clone()),
        Some(Value::String(name)) => schemas.get(&name).cloned().ok_or_else(|| {
            let message =
                format!("The schema {name:?} does not exist; GET /schemas lists all schemas.");
            let mut fault = Fault::new(StatusCode::NOT_FOUND, "schema_not_found", message);
            fault.param = Some("schema".to_owned());
            fault
        }),
        Some(document) => {
            let limits = app.extractor.inline_limits();
            let compile = move || ReceiptSchema::inline(document, limits);
            let refused = |reason: String| {
                let mut fault =
                    Fault::invalid("schema", format!("The schema cannot be used: {reason}."));
                fault.code = "invalid_schema";
                fault
            };
            let compiled = app.compiler.run(compile).await;
            let compiled = compiled.map_err(|error| refused(error.reason))?;
            compiled.map_err(|error| refused(error.to_string()))
        }
    }
}

/// Creates the 400 for a request without a picture in those fields.
pub fn no_image(fields: PageFields) -> Fault {
    let message = "No image was sent; send it in the form field image, or its address in the JSON field image_url.";
    let mut fault = Fault::new(StatusCode::BAD_REQUEST, "no_image", message);
    fault.param = fields.all().map(str::to_owned);
    fault
}
