//! Writes faults in Anthropic's form: fewer classes, no field apart from the message, and a status of its own for a
//! model that is busy.

use axum::http::StatusCode;

use super::{AnthropicError, Fault};

/// The status of a server that is busy, in Anthropic's API.
const OVERLOADED: u16 = 529;

/// The codes of faults because a model is busy; other 429s are limits of the client's key.
const BUSY: [&str; 2] = ["overloaded", "provider_busy"];

/// The beginning of the message for a prompt that is too long, by which clients recognise it.
const TOO_LONG: &str = "prompt is too long: ";

impl Fault {
    /// Writes the `error` object of Anthropic's form. The message names the field at fault.
    #[must_use]
    pub fn anthropic(&self) -> AnthropicError {
        let told = &self.message;
        let message = match &self.param {
            _ if self.code == "context_length_exceeded" => format!("{TOO_LONG}{told}"),
            Some(param) if !told.contains(param.as_str()) => format!("{param}: {told}"),
            _ => told.clone(),
        };
        AnthropicError {
            r#type: self.anthropic_type(),
            message,
        }
    }

    /// Returns the HTTP status in Anthropic's API.
    pub(super) fn anthropic_status(&self) -> StatusCode {
        if BUSY.contains(&self.code) {
            StatusCode::from_u16(OVERLOADED).unwrap_or(self.status)
        } else {
            self.status
        }
    }

    /// Returns Anthropic's class of the fault.
    fn anthropic_type(&self) -> &'static str {
        match self.anthropic_status().as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            OVERLOADED => "overloaded_error",
            504 => "timeout_error",
            500.. => "api_error",
            _ => "invalid_request_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_class() {
        for (status, code, expected, class) in [
            (400, "invalid_value", 400, "invalid_request_error"),
            (401, "invalid_api_key", 401, "authentication_error"),
            (403, "forbidden", 403, "permission_error"),
            (404, "model_not_found", 404, "not_found_error"),
            (408, "timeout", 408, "invalid_request_error"),
            (413, "body_too_large", 413, "request_too_large"),
            (422, "broken_image", 422, "invalid_request_error"),
            (429, "rate_limit_exceeded", 429, "rate_limit_error"),
            (429, "overloaded", 529, "overloaded_error"),
            (429, "provider_busy", 529, "overloaded_error"),
            (500, "internal", 500, "api_error"),
            (502, "model_failed", 502, "api_error"),
            (503, "model_not_loaded", 503, "api_error"),
            (504, "deadline_exceeded", 504, "timeout_error"),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let fault = Fault::new(status, code, "x");
            assert_eq!(fault.anthropic_status().as_u16(), expected, "{code}");
            assert_eq!(fault.anthropic().r#type, class, "{code}");
        }
    }

    #[test]
    fn the_message_names_the_field() {
        let named = |param: &str, message: &str| Fault::invalid(param, message).anthropic().message;
        assert_eq!(
            named("messages[0].content", "This is empty."),
            "messages[0].content: This is empty."
        );
        assert_eq!(named("top_p", "top_p is 3."), "top_p is 3.");
        let mut long = Fault::invalid("messages", "The context is full.");
        long.code = "context_length_exceeded";
        assert_eq!(
            long.anthropic().message,
            "prompt is too long: The context is full."
        );
    }
}
