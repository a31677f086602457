//! Checks the key of a request and its limits, and reports what is left of them.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tracing::Span;

use super::{
    fault::{Fault, LIMIT_HEADERS},
    held::Held,
};
use crate::{
    app::App,
    keys::{Allowance, Identity, KeyHash, Spent},
};

/// The header with a key, beside `Authorization`.
pub const API_KEY: &str = "x-api-key";

/// Passes on a request with a known key within the key's limits, and adds the key's identity to it. The request
/// counts as running until its answer is sent completely or the client disconnects.
pub async fn require_key(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(identity) = app.keys.identify(sent_key(request.headers())).cloned() else {
        return challenge();
    };
    if let Some(name) = identity.name() {
        Span::current().record("key", name);
    }
    let pass = match identity.enter() {
        Ok(pass) => pass,
        Err(spent) => return tell_limits(&identity, refused(&spent).into_response()),
    };
    request.extensions_mut().insert(identity.clone());
    let response = next.run(request).await;
    tell_limits(&identity, response).map(|body| Held::body(body, pass))
}

/// Returns the key that was sent as `Authorization: Bearer`, or else as `x-api-key`, as Anthropic's clients do; empty if
/// none was.
pub fn sent_key(headers: &HeaderMap) -> &[u8] {
    match bearer(headers) {
        b"" => headers
            .get(API_KEY)
            .map(HeaderValue::as_bytes)
            .unwrap_or_default(),
        key => key,
    }
}

/// Returns the key that was sent as `Authorization: Bearer`; empty if none was.
fn bearer(headers: &HeaderMap) -> &[u8] {
    headers
        .get(header::AUTHORIZATION)
        .map(HeaderValue::as_bytes)
        .and_then(|value| value.split_at_checked("Bearer ".len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
        .map_or(&b""[..], |(_, key)| key)
}

/// Returns whether `sent` is `key`.
pub fn is_key(sent: &[u8], key: &SecretString) -> bool {
    // All digests have the same length, so the comparison does not reveal the key's length.
    let key = KeyHash::of(key.expose_secret().as_bytes());
    bool::from(key.ct_eq(&KeyHash::of(sent)))
}

/// Creates the 401 response that asks for a key.
pub fn challenge() -> Response {
    let mut response = Fault::new(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "The API key is missing or wrong; send a valid key as Authorization: Bearer or x-api-key.",
    )
    .into_response();
    let challenge = HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn refused(spent: &Spent) -> Fault {
    // The end of the running requests is not known.
    let soon = Duration::from_secs(1);
    let (what, retry_after) = match spent {
        Spent::Requests { limit, retry_after } => {
            (format!("{limit} requests a minute"), *retry_after)
        }
        Spent::Tokens { limit, retry_after } => (format!("{limit} tokens a minute"), *retry_after),
        Spent::Concurrency { limit } => (format!("{limit} requests at once"), soon),
    };
    let mut fault = Fault::new(
        StatusCode::TOO_MANY_REQUESTS,
        "rate_limit_exceeded",
        format!(
            "The key has reached its limit of {what}; try again after the seconds in Retry-After."
        ),
    );
    fault.retry_after = Some(retry_after);
    fault
}

/// Adds OpenAI's headers with the limits and what is left of them.
fn tell_limits(identity: &Arc<Identity>, mut response: Response) -> Response {
    let allowances = [
        ("requests", identity.requests()),
        ("tokens", identity.tokens()),
    ];
    for (kind, allowance) in allowances {
        let Some(Allowance {
            limit,
            remaining,
            reset,
        }) = allowance
        else {
            continue;
        };
        for (what, value) in [
            ("limit", limit.to_string()),
            ("remaining", remaining.to_string()),
            ("reset", in_words(reset)),
        ] {
            let name = format!("{LIMIT_HEADERS}{what}-{kind}");
            if let (Ok(name), Ok(value)) = (
                header::HeaderName::try_from(name),
                HeaderValue::try_from(value),
            ) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}

/// Writes a time as OpenAI does, rounded up: `250ms`, `7.5s` or `6m0s`.
fn in_words(time: Duration) -> String {
    let millis = time.as_nanos().div_ceil(1_000_000);
    let (seconds, rest) = (millis / 1000, millis % 1000);
    match (seconds, rest) {
        (0, _) => format!("{rest}ms"),
        (..60, 0) => format!("{seconds}s"),
        (..60, _) => {
            let text = format!("{seconds}.{rest:03}");
            format!("{}s", text.trim_end_matches('0'))
        }
        _ => {
            let seconds = millis.div_ceil(1000);
            format!("{}m{}s", seconds / 60, seconds % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_openai_writes_them() {
        for (micros, text) in [
            (0, "0ms"),
            (1, "1ms"),
            (250_000, "250ms"),
            (7_000_000, "7s"),
            (7_500_000, "7.5s"),
            (59_999_999, "1m0s"),
            (360_000_000, "6m0s"),
            (61_200_000, "1m2s"),
        ] {
            assert_eq!(in_words(Duration::from_micros(micros)), text);
        }
    }
}
