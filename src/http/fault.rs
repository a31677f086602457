//! Every refusal and failure, and the three forms in which it goes out.
//!
//! Handlers return a [`Fault`]; [`render`] writes it in the form of the route that it came from.
//! Causes inside the gateway go to the log and never to the client.

mod causes;

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

use super::{
    auth::LIMIT_HEADERS,
    body::encoding::{self, UNSUPPORTED_ENCODING},
};

/// Characters of a fault's text, at most.
const MAX_MESSAGE: usize = 1000;

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
    /// A fault of that status. What a client sent is never repeated at length.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: shortened(&message.into(), MAX_MESSAGE),
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
        fault.param = Some(shortened(&param.into(), MAX_MESSAGE));
        fault
    }

    /// 404 for a model that is not served, or not for the client.
    #[must_use]
    pub fn unknown_model(id: &str) -> Self {
        let message = format!(
            "The model {id:?} does not exist or you do not have access to it; GET /v1/models lists \
             those that you may use."
        );
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
    #[schema(
        example = "The model \"x\" does not exist or you do not have access to it; GET /v1/models lists those that you may use."
    )]
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
    #[schema(
        example = "The model \"x\" does not exist or you do not have access to it; GET /v1/models lists those that you may use."
    )]
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
    if fault.code == UNSUPPORTED_ENCODING {
        let accepted = HeaderValue::from_static(encoding::ACCEPTED);
        headers.insert(header::ACCEPT_ENCODING, accepted);
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
    /// What every fault of that status says that has no words of its own.
    pub(super) fn of_status(status: StatusCode) -> Self {
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

/// `text`, or its beginning and its end where it has more than `most` characters: a value that is quoted at
/// length stands in the middle of what is said of it.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let half = most / 2;
    let head = text.chars().take(half);
    let tail = text.chars().skip(length - half);
    head.chain(" ... ".chars()).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_loses_its_middle() {
        assert_eq!(shortened("short", 5), "short");
        assert_eq!(shortened("a longer text", 6), "a l ... ext");
        assert_eq!(shortened("äöüß", 2), "ä ... ß");
    }

    #[test]
    fn no_fault_repeats_what_a_client_sent_at_length() {
        let long = "x".repeat(1 << 20);
        for fault in [
            Fault::unknown_model(&long),
            Fault::invalid(long.clone(), format!("{long} is wrong.")),
        ] {
            let told = fault.openai().to_string().len() + fault.openrouter().to_string().len();
            assert!(told < 10_000, "{told}");
        }
        let told = Fault::unknown_model(&long).message;
        assert!(
            told.ends_with("GET /v1/models lists those that you may use."),
            "{told}"
        );
    }
}
