//! `POST /extract`: a receipt's picture in, the invoice object out.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Multipart, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{self, JsonFault},
    fault::{ErrorBody, Fault},
    state::AppState,
};
use crate::{image::ImageSource, receipt::CacheUse};

/// A picture by address.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(example = json!({ "image_url": "https://example.com/receipt.jpg" }))]
pub struct ExtractJson {
    /// `https://` or `http://` address, or a `data:` URI with the picture in base64.
    pub image_url: String,
    /// Model that reads it; else the gateway's default.
    #[serde(default)]
    pub model: Option<String>,
}

/// A picture as a form.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form; its fields are read as a stream"
)]
pub struct ExtractForm {
    /// PNG, JPEG, WebP, GIF (first frame), TIFF or BMP.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    image: Vec<u8>,
}

/// What can be asked beside the picture.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExtractQuery {
    /// Model that reads it; else the gateway's default.
    pub model: Option<String>,
}

/// Reads one receipt
///
/// Send the picture as the form field `image`, as JSON with `image_url`, or as the body itself
/// with an `image/*` content type. The answer always validates against the invoice schema, or is
/// an error. The same picture is answered from memory (`x-cache: hit`); `Cache-Control: no-cache`
/// reads it anew.
#[utoipa::path(
    post,
    path = "/extract",
    tag = "receipts",
    params(ExtractQuery),
    request_body(
        description = "The picture of one receipt or invoice.",
        content(
            (ExtractForm = "multipart/form-data"),
            (ExtractJson = "application/json"),
            (Vec<u8> = "image/jpeg"),
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/webp"),
        ),
    ),
    responses(
        (status = 200, description = "The invoice.", body = super::openapi::Invoice,
         headers(("x-cache" = String, description = "`hit`, `miss`, `coalesced` or `bypass`."),
                 ("x-model" = String, description = "The model that read it."))),
        (status = 400, description = "No picture, a bad address, or a body that does not parse.", body = ErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 404, description = "There is no such model.", body = ErrorBody),
        (status = 408, description = "The body did not arrive in time.", body = ErrorBody),
        (status = 413, description = "The picture or the body is too large.", body = ErrorBody),
        (status = 415, description = "No picture format that is read.", body = ErrorBody),
        (status = 422, description = "The picture is damaged, or its dimensions are out of bounds.", body = ErrorBody),
        (status = 429, description = "The model is busy.", body = ErrorBody,
         headers(("retry-after" = u64, description = "Seconds to wait."))),
        (status = 502, description = "The model's answer was not valid, or the download failed.", body = ErrorBody),
        (status = 503, description = "The model cannot be loaded.", body = ErrorBody),
        (status = 504, description = "The model or the download took too long.", body = ErrorBody),
    ),
)]
pub async fn extract(
    State(app): State<AppState>,
    Query(query): Query<ExtractQuery>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Fault> {
    let (source, named) = read_source(request).await?;
    let named = named.or(query.model).filter(|id| !id.is_empty());
    let model = match named {
        Some(id) => app
            .registry
            .get(&id)
            .ok_or_else(|| Fault::unknown_model(&id))?,
        None => app.registry.default_model(),
    };
    let cache = if asks_for_fresh(&headers) {
        CacheUse::Skip
    } else {
        CacheUse::Allow
    };
    let (receipt, found) = app.extractor.extract(source, model, cache).await;
    let receipt = receipt.map_err(|error| Fault::from(&*error))?;
    let mut response = Json(receipt.as_json()).into_response();
    let headers = response.headers_mut();
    headers.insert("x-cache", HeaderValue::from_static(found.as_str()));
    if let Ok(id) = HeaderValue::from_str(&model.settings().id) {
        headers.insert("x-model", id);
    }
    Ok(response)
}

fn asks_for_fresh(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|directive| {
            let directive = directive.trim().to_ascii_lowercase();
            directive == "no-cache" || directive == "no-store"
        })
}

/// The picture and the model that the body names, in whichever of the three forms it comes.
async fn read_source(request: Request) -> Result<(ImageSource, Option<String>), Fault> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase())
        .unwrap_or_default();
    if kind == "multipart/form-data" {
        let form = Multipart::from_request(request, &()).await;
        return read_form(form.map_err(|e| body::refused(e.status(), &e.body_text()))?).await;
    }
    let bytes = Bytes::from_request(request, &())
        .await
        .map_err(|e| body::refused(e.status(), &e.body_text()))?;
    if kind.starts_with("image/") || kind == "application/octet-stream" {
        return Ok((ImageSource::Bytes(bytes), None));
    }
    if bytes.is_empty() {
        return Err(no_image());
    }
    if kind == "application/json" || kind.ends_with("+json") {
        let value: Value = body::parse(&bytes).map_err(JsonFault::into_fault)?;
        if value.get("image_url").is_none_or(Value::is_null) {
            return Err(no_image());
        }
        let json: ExtractJson = body::parse(&bytes).map_err(JsonFault::into_fault)?;
        return Ok((ImageSource::Url(json.image_url), json.model));
    }
    Err(Fault::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_content_type",
        "Send multipart/form-data with a field image, application/json with image_url, or the \
         picture itself as image/*.",
    ))
}

fn no_image() -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        "no_image",
        "No image was sent: the form field is image, the JSON field image_url.",
    )
}

async fn read_form(mut form: Multipart) -> Result<(ImageSource, Option<String>), Fault> {
    let refused = |error: axum::extract::multipart::MultipartError| {
        body::refused(error.status(), &error.body_text())
    };
    let (mut image, mut model) = (None, None);
    while let Some(field) = form.next_field().await.map_err(refused)? {
        match field.name() {
            Some("image") if image.is_none() => {
                let bytes = field.bytes().await.map_err(refused)?;
                image = Some(bytes);
            }
            Some("image") => {
                return Err(Fault::new(
                    StatusCode::BAD_REQUEST,
                    "several_images",
                    "Send one image in a request.",
                ));
            }
            Some("model") => model = Some(field.text().await.map_err(refused)?),
            _ => {}
        }
    }
    let image = image.ok_or_else(no_image)?;
    Ok((ImageSource::Bytes(image), model))
}
