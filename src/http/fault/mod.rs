//! The faults that clients receive, and their forms.
//!
//! Handlers return a [`Fault`]; [`render`] writes it in the form of the route. Causes inside the gateway go to the
//! log and never to the client.

mod anthropic;
mod bodies;
mod causes;
mod chat;

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

pub use bodies::{
    AnthropicError, AnthropicErrorBody, ErrorBody, OpenAiError, OpenAiErrorBody, OpenRouterError,
    OpenRouterErrorBody,
};
pub use chat::{FieldNames, common_name};

/// Prefix of the headers that report a key's limits.
pub const LIMIT_HEADERS: &str = "x-ratelimit-";

/// The accepted content encodings of a body, besides none.
pub const ACCEPTED_ENCODINGS: &str = "gzip, deflate";

/// Code of the fault for a body in another content encoding.
pub const UNSUPPORTED_ENCODING: &str = "unsupported_content_encoding";

/// The header by which Anthropic's clients are known.
pub const ANTHROPIC_VERSION: &str = "anthropic-version";

/// Most characters of a fault's message.
const MAX_MESSAGE: usize = 1000;

/// Message of a fault inside the gateway.
pub const INTERNAL: &str =
    "The gateway failed; its log has the cause, under the x-request-id of this answer.";

/// A refusal or failure of a request.
#[derive(Debug, Clone)]
pub struct Fault {
    /// HTTP status.
    pub status: StatusCode,
    /// Name for programs, such as `image_too_large`.
    pub code: &'static str,
    /// Message for people.
    pub message: String,
    /// The field at fault, such as `messages[0].content`.
    pub param: Option<String>,
    /// Time to wait before the next attempt.
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// Creates a fault. A long message is shortened, so that a client's input is not repeated in full.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: shortened(&message.into(), MAX_MESSAGE),
            param: None,
            retry_after: None,
        }
    }

    /// Creates the 502 for an answer that does not have the requested form.
    pub fn unfit(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "invalid_answer", message)
    }

    /// Creates the 400 for a field of the request.
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        let mut fault = Self::new(StatusCode::BAD_REQUEST, "invalid_value", message);
        fault.param = Some(shortened(&param.into(), MAX_MESSAGE));
        fault
    }

    /// Creates the 404 for a model that does not exist or that the client may not use.
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

    /// Returns the seconds to wait before the next attempt, rounded up.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        let wait = self.retry_after?;
        Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }

    /// Returns OpenAI's class of the fault.
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

    /// Writes the body of the old receipt service's form.
    #[must_use]
    pub fn receipt(&self) -> ErrorBody {
        ErrorBody {
            error: self.message.clone(),
            code: self.code.to_owned(),
            param: self.param.clone(),
        }
    }

    /// Writes the `error` object of OpenAI's form.
    #[must_use]
    pub fn openai(&self) -> Value {
        json!({
            "message": self.message,
            "type": self.kind(),
            "param": self.param,
            "code": self.code,
        })
    }

    /// Writes the `error` object of OpenRouter's form.
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

    /// Returns OpenRouter's name of the fault, an `ApiErrorType`; there are fewer of these than our codes.
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

/// The form of a route's faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `{"error": "<text>", "code": "<name>"}`: the form of the old receipt service, with a name added, and `param` where
    /// a field is at fault.
    Receipt,
    /// OpenAI's form, under `/v1`.
    OpenAi,
    /// OpenRouter's form, under `/api/v1`.
    OpenRouter,
    /// Anthropic's form, of its own routes and of the models for its clients.
    Anthropic,
}

impl Dialect {
    /// Returns the form for a request path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let under = |prefix: &str| {
            path.strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if under("/v1/messages") || under("/api/v1/messages") {
            Self::Anthropic
        } else if under("/api/v1") {
            Self::OpenRouter
        } else if under("/v1") {
            Self::OpenAi
        } else {
            Self::Receipt
        }
    }

    /// Returns the form for a request: the models, which have one path for both, follow the client's `headers`.
    #[must_use]
    pub fn of_request(path: &str, headers: &HeaderMap) -> Self {
        let is_of_models = path == "/v1/models" || path.starts_with("/v1/models/");
        if is_of_models && headers.contains_key(ANTHROPIC_VERSION) {
            Self::Anthropic
        } else {
            Self::of(path)
        }
    }

    /// Returns the `error` value of a fault.
    #[must_use]
    pub fn error(self, fault: &Fault) -> Value {
        match self {
            Self::Receipt => Value::String(fault.message.clone()),
            Self::OpenAi => fault.openai(),
            Self::OpenRouter => fault.openrouter(),
            Self::Anthropic => json!(fault.anthropic()),
        }
    }

    /// Returns the HTTP status of a fault.
    fn status(self, fault: &Fault) -> StatusCode {
        match self {
            Self::Anthropic => fault.anthropic_status(),
            Self::Receipt | Self::OpenAi | Self::OpenRouter => fault.status,
        }
    }

    fn body(self, fault: &Fault, request_id: &HeaderValue) -> Value {
        match self {
            Self::Receipt => json!(fault.receipt()),
            Self::OpenAi | Self::OpenRouter => json!({ "error": self.error(fault) }),
            Self::Anthropic => json!(AnthropicErrorBody {
                r#type: "error",
                error: fault.anthropic(),
                request_id: request_id.to_str().ok().map(str::to_owned),
            }),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Dialect {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.path()))
    }
}

/// Attaches the fault to a response, for [`render`].
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Writes a fault of the request `id`, also one of axum, in the form of `dialect`.
pub fn render(dialect: Dialect, id: &HeaderValue, response: Response) -> Response {
    let fault = match response.extensions().get::<Arc<Fault>>() {
        Some(fault) => fault.clone(),
        None if is_bare_fault(&response) => Arc::new(Fault::of_status(response.status())),
        None => return response,
    };
    let mut rendered = (dialect.status(&fault), Json(dialect.body(&fault, id))).into_response();
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
        let accepted = HeaderValue::from_static(ACCEPTED_ENCODINGS);
        headers.insert(header::ACCEPT_ENCODING, accepted);
    }
    if let Some(seconds) = fault.retry_after_seconds() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    rendered.extensions_mut().insert(fault);
    rendered
}

/// Returns whether a response is a refusal of axum or a layer, without a fault of ours.
fn is_bare_fault(response: &Response) -> bool {
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    (status.is_client_error() || status.is_server_error()) && !is_json
}

impl Fault {
    /// Creates the fault of a status that has no message of its own.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => (
                "not_found",
                "There is no route at this path; /docs lists all routes.",
            ),
            StatusCode::METHOD_NOT_ALLOWED => (
                "method_not_allowed",
                "This route does not accept the request's method; use one of the Allow header.",
            ),
            StatusCode::REQUEST_TIMEOUT => (
                "timeout",
                "The request's body did not arrive in time; send it again without pauses.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => (
                "body_too_large",
                "The request's body is larger than this route accepts; send a smaller one.",
            ),
            StatusCode::INTERNAL_SERVER_ERROR => ("internal", INTERNAL),
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

/// Shortens a text of more than `most` characters to its beginning and end; a long quoted value usually stands in
/// the middle.
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
    fn a_long_input_is_not_repeated_in_full() {
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
