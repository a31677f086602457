//! The keys: who a request comes from, whether its limits let it in, and what is left of them.

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

use super::{fault::Fault, held::Held, state::AppState};
use crate::keys::{Allowance, Identity, KeyHash, Spent};

/// What the names of headers begin with that tell of limits.
pub const LIMIT_HEADERS: &str = "x-ratelimit-";

/// Lets a request pass whose key the gateway knows, within its limits, and hands its identity on. It
/// counts as running until the last of its answer is sent, or the client has left.
pub async fn require_key(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(identity) = app.keys.identify(bearer(request.headers())).cloned() else {
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

/// What is sent as `Authorization: Bearer`; empty where nothing is.
pub fn bearer(headers: &HeaderMap) -> &[u8] {
    headers
        .get(header::AUTHORIZATION)
        .map(HeaderValue::as_bytes)
        .and_then(|value| value.split_at_checked("Bearer ".len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
        .map_or(&b""[..], |(_, key)| key)
}

/// Whether `sent` is `key`.
pub fn is_key(sent: &[u8], key: &SecretString) -> bool {
    // Digests are of one length, so the comparison does not tell the key's.
    let key = KeyHash::of(key.expose_secret().as_bytes());
    bool::from(key.ct_eq(&KeyHash::of(sent)))
}

/// Asks for a key.
pub fn challenge() -> Response {
    let mut response = Fault::new(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "The API key is missing or wrong; send it as Authorization: Bearer.",
    )
    .into_response();
    let challenge = HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn refused(spent: &Spent) -> Fault {
    // When one that runs will end is not known.
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
        format!("The key may make {what}, and has done so; see Retry-After."),
    );
    fault.retry_after = Some(retry_after);
    fault
}

/// Tells what is left, in OpenAI's headers.
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

/// `250ms`, `7.5s` or `6m0s`, as OpenAI writes it; never less than it is.
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
