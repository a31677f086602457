//! Every refusal and failure, and the three forms in which it goes out.
//!
//! Handlers return a [`Fault`]; [`render`] writes it in the form of the route that it came from.
//! Causes inside the gateway go to the log and never to the client.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::auth::LIMIT_HEADERS;
use crate::{
    engine::{EngineError, remote::UpstreamFault},
    image::{
        DecodeError, ImageError, PdfError, SourceError,
        fetch::{Blame, FetchError},
    },
    receipt::ExtractError,
    registry::ModelError,
};

/// A refusal or failure.
#[derive(Debug, Clone)]
pub struct Fault {
    /// HTTP status.
    pub status: StatusCode,
    /// Name for programs, `image_too_large`.
    pub code: &'static str,
    /// Text for people.
    pub message: String,
    /// The request's field at fault, `messages[0].content`.
    pub param: Option<String>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// Whether another model may do better with the same request.
    pub is_of_the_model: bool,
}

impl Fault {
    /// A fault of that status.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            param: None,
            retry_after: None,
            is_of_the_model: false,
        }
    }

    /// 502 for an answer that is not what was asked for.
    pub fn unfit(message: impl Into<String>) -> Self {
        let mut fault = Self::new(StatusCode::BAD_GATEWAY, "invalid_answer", message);
        fault.is_of_the_model = true;
        fault
    }

    /// 400 for a field of the request.
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        let mut fault = Self::new(StatusCode::BAD_REQUEST, "invalid_value", message);
        fault.param = Some(param.into());
        fault
    }

    /// 404 for a model that is not served.
    #[must_use]
    pub fn unknown_model(id: &str) -> Self {
        let message =
            format!("The model {id:?} does not exist; GET /v1/models lists those that do.");
        let mut fault = Self::new(StatusCode::NOT_FOUND, "model_not_found", message);
        fault.param = Some("model".to_owned());
        fault
    }

    /// Seconds to wait before trying again: never less than it takes.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        let wait = self.retry_after?;
        Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }

    /// OpenAI's class of the fault.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        }
    }

    /// The `error` object of OpenAI's form.
    #[must_use]
    pub fn openai(&self) -> Value {
        json!({
            "message": self.message,
            "type": self.kind(),
            "param": self.param,
            "code": self.code,
        })
    }

    /// The `error` object of OpenRouter's form.
    #[must_use]
    pub fn openrouter(&self) -> Value {
        let mut metadata = json!({
            "error_type": self.openrouter_type(),
            "provider_code": self.code,
        });
        if let Some(param) = &self.param {
            metadata["param"] = json!(param);
        }
        json!({
            "code": self.status.as_u16(),
            "message": self.message,
            "metadata": metadata,
        })
    }

    /// OpenRouter's name of the fault: its `ApiErrorType`, which knows fewer than we do.
    fn openrouter_type(&self) -> &'static str {
        match (self.status.as_u16(), self.code) {
            (_, "context_length_exceeded") => "context_length_exceeded",
            (_, "image_download_failed" | "image_download_timeout") => "image_download_failed",
            (413, "image_too_large") => "image_too_large",
            (401, _) => "authentication",
            (403, _) => "permission_denied",
            (404, _) => "not_found",
            (408 | 504, _) => "timeout",
            (413, _) => "payload_too_large",
            (415, _) => "unsupported_image_format",
            (422, _) => "invalid_image",
            (429, _) => "rate_limit_exceeded",
            (502 | 503, _) => "provider_unavailable",
            (500.., _) => "server",
            _ => "invalid_request",
        }
    }
}

/// A fault of the receipt service's own routes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Text for people.
    #[schema(example = "No image was sent.")]
    pub error: String,
    /// Name for programs.
    #[schema(example = "no_image")]
    pub code: String,
}

/// A fault in OpenAI's form.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAiErrorBody {
    /// The fault.
    pub error: OpenAiError,
}

/// The inside of [`OpenAiErrorBody`].
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAiError {
    /// Text for people.
    #[schema(example = "The model \"x\" does not exist; GET /v1/models lists those that do.")]
    pub message: String,
    /// Class of the fault.
    #[schema(example = "not_found_error")]
    pub r#type: String,
    /// The request's field at fault.
    #[schema(example = "model")]
    pub param: Option<String>,
    /// Name for programs.
    #[schema(example = "model_not_found")]
    pub code: Option<String>,
}

/// A fault in OpenRouter's form.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterErrorBody {
    /// The fault.
    pub error: OpenRouterError,
}

/// The inside of [`OpenRouterErrorBody`].
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterError {
    /// The HTTP status.
    #[schema(example = 404)]
    pub code: u16,
    /// Text for people.
    #[schema(example = "The model \"x\" does not exist; GET /v1/models lists those that do.")]
    pub message: String,
    /// More for programs.
    #[schema(value_type = Object)]
    pub metadata: Value,
}

/// Which form a route's faults take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `{"error": "<text>", "code": "<name>"}`, the old receipt service's with a name added.
    Receipt,
    /// Under `/v1`.
    OpenAi,
    /// Under `/api/v1`.
    OpenRouter,
}

impl Dialect {
    /// The form for a request path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let under = |prefix: &str| {
            path.strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if under("/api/v1") {
            Self::OpenRouter
        } else if under("/v1") {
            Self::OpenAi
        } else {
            Self::Receipt
        }
    }

    /// The `error` value of a fault.
    #[must_use]
    pub fn error(self, fault: &Fault) -> Value {
        match self {
            Self::Receipt => Value::String(fault.message.clone()),
            Self::OpenAi => fault.openai(),
            Self::OpenRouter => fault.openrouter(),
        }
    }

    fn body(self, fault: &Fault) -> Value {
        match self {
            Self::Receipt => json!({ "error": fault.message, "code": fault.code }),
            Self::OpenAi | Self::OpenRouter => json!({ "error": self.error(fault) }),
        }
    }
}

/// Carries the fault to [`render`].
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Writes faults in the form of the request's route, those of axum itself included.
pub async fn render(request: Request, next: Next) -> Response {
    let dialect = Dialect::of(request.uri().path());
    let response = next.run(request).await;
    let fault = match response.extensions().get::<Arc<Fault>>() {
        Some(fault) => fault.clone(),
        None if is_bare_fault(&response) => Arc::new(Fault::of_status(response.status())),
        None => return response,
    };
    let mut rendered = (fault.status, Json(dialect.body(&fault))).into_response();
    let headers = rendered.headers_mut();
    for name in [header::ALLOW, header::WWW_AUTHENTICATE] {
        if let Some(value) = response.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    for (name, value) in response.headers() {
        if name.as_str().starts_with(LIMIT_HEADERS) {
            headers.insert(name, value.clone());
        }
    }
    if let Some(seconds) = fault.retry_after_seconds() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    rendered.extensions_mut().insert(fault);
    rendered
}

/// Whether axum or a layer refused, with no body of ours.
fn is_bare_fault(response: &Response) -> bool {
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    (status.is_client_error() || status.is_server_error()) && !is_json
}

impl Fault {
    fn of_status(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => ("not_found", "There is no such route; see /docs."),
            StatusCode::METHOD_NOT_ALLOWED => (
                "method_not_allowed",
                "This route takes another method; see /docs.",
            ),
            StatusCode::REQUEST_TIMEOUT => ("timeout", "The request did not arrive in time."),
            StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The request's body is too large."),
            StatusCode::INTERNAL_SERVER_ERROR => ("internal", "The gateway failed."),
            _ => (
                "refused",
                status
                    .canonical_reason()
                    .unwrap_or("The request was refused."),
            ),
        };
        Self::new(status, code, message)
    }
}

impl From<&ModelError> for Fault {
    fn from(error: &ModelError) -> Self {
        let mut fault = Self::of_model(error);
        fault.is_of_the_model = error.is_of_the_model();
        fault
    }
}

impl Fault {
    fn of_model(error: &ModelError) -> Self {
        let message = error.to_string();
        match error {
            ModelError::Load { retry_after, .. } => {
                let mut fault =
                    Self::new(StatusCode::SERVICE_UNAVAILABLE, "model_not_loaded", message);
                fault.retry_after = Some(*retry_after);
                fault
            }
            ModelError::Overloaded(overloaded) => {
                let mut fault = Self::new(StatusCode::TOO_MANY_REQUESTS, "overloaded", message);
                fault.retry_after = Some(overloaded.retry_after);
                fault
            }
            ModelError::DeadlineExceeded => {
                Self::new(StatusCode::GATEWAY_TIMEOUT, "deadline_exceeded", message)
            }
            ModelError::Engine(EngineError::Invalid(_)) => {
                Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
            }
            ModelError::Engine(EngineError::ContextOverflow { .. }) => {
                let mut fault =
                    Self::new(StatusCode::BAD_REQUEST, "context_length_exceeded", message);
                fault.param = Some("messages".to_owned());
                fault
            }
            ModelError::Engine(EngineError::Upstream(fault)) => fault.into(),
            ModelError::Engine(error @ (EngineError::Failed(_) | EngineError::Stopped)) => {
                tracing::error!(%error, "the engine failed");
                Self::new(StatusCode::BAD_GATEWAY, "model_failed", "The model failed.")
            }
        }
    }
}

impl From<&UpstreamFault> for Fault {
    fn from(error: &UpstreamFault) -> Self {
        let message = error.to_string();
        match error {
            UpstreamFault::Busy { retry_after, .. } => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                let mut fault = Self::new(status, "provider_busy", message);
                fault.retry_after = *retry_after;
                fault
            }
            UpstreamFault::LeftAlone { retry_after, .. } => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                let mut fault = Self::new(status, "provider_unavailable", message);
                fault.retry_after = Some(*retry_after);
                fault
            }
            UpstreamFault::TooSlow { .. } => {
                Self::new(StatusCode::GATEWAY_TIMEOUT, "provider_timeout", message)
            }
            UpstreamFault::Refused { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "provider_refused", message)
            }
            UpstreamFault::Misfit { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "invalid_answer", message)
            }
            UpstreamFault::Failed { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "provider_failed", message)
            }
        }
    }
}

impl From<&ImageError> for Fault {
    fn from(error: &ImageError) -> Self {
        let message = error.to_string();
        if let ImageError::Fetch(error) = error
            && let Some(cause) = std::error::Error::source(error)
        {
            tracing::warn!(%error, cause, "a picture was not downloaded");
        }
        let (status, code) = match error {
            ImageError::Source(SourceError::Empty) => (StatusCode::BAD_REQUEST, "no_image"),
            ImageError::Source(SourceError::DataUri(_)) => {
                (StatusCode::BAD_REQUEST, "invalid_data_uri")
            }
            ImageError::Source(SourceError::TooLarge { .. })
            | ImageError::Fetch(FetchError::TooLarge { .. }) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "image_too_large")
            }
            ImageError::Source(SourceError::Heif | SourceError::NotAnImage) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_image")
            }
            ImageError::Decode(
                DecodeError::TooManyPixels { .. } | DecodeError::TooNarrow { .. },
            ) => (StatusCode::UNPROCESSABLE_ENTITY, "image_dimensions"),
            ImageError::Decode(DecodeError::Broken(_)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "broken_image")
            }
            ImageError::Pdf(PdfError::Encrypted | PdfError::TooMuchEncrypted) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "encrypted_pdf")
            }
            ImageError::Pdf(PdfError::TooManyPages { .. }) | ImageError::TooManyPages { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "too_many_pages")
            }
            ImageError::Pdf(_) => (StatusCode::UNPROCESSABLE_ENTITY, "broken_pdf"),
            ImageError::Fetch(error) => match error.blame() {
                Blame::Client => (StatusCode::BAD_REQUEST, "invalid_image_url"),
                Blame::Upstream => (StatusCode::BAD_GATEWAY, "image_download_failed"),
                Blame::UpstreamTimeout => (StatusCode::GATEWAY_TIMEOUT, "image_download_timeout"),
            },
            ImageError::Lost => {
                tracing::error!("a decoding thread was lost");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
        };
        Self::new(status, code, message)
    }
}

impl From<&ExtractError> for Fault {
    fn from(error: &ExtractError) -> Self {
        match error {
            ExtractError::Image(error) => error.into(),
            ExtractError::Model(error) => error.into(),
            ExtractError::NoVision(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "model_without_vision",
                error.to_string(),
            ),
            ExtractError::CutShort { .. }
            | ExtractError::NotJson(_)
            | ExtractError::Mismatch(_) => {
                tracing::error!(%error, "no valid answer");
                Self::unfit(error.to_string())
            }
        }
    }
}
