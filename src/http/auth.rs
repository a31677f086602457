//! The keys.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{fault::Fault, state::AppState};

/// Lets a request pass that carries the key, if there is one.
pub async fn require_key(State(app): State<AppState>, request: Request, next: Next) -> Response {
    match &app.server.api_key {
        Some(key) if !carries(request.headers(), key) => challenge(),
        _ => next.run(request).await,
    }
}

/// Whether `Authorization: Bearer` has that key.
pub fn carries(headers: &HeaderMap, key: &SecretString) -> bool {
    let sent = headers
        .get(header::AUTHORIZATION)
        .map(header::HeaderValue::as_bytes)
        .and_then(|value| value.split_at_checked("Bearer ".len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
        .map_or(&b""[..], |(_, key)| key);
    // Digests are of one length, so the comparison does not tell the key's.
    let digest = |key: &[u8]| *blake3::hash(key).as_bytes();
    let matches = digest(sent).ct_eq(&digest(key.expose_secret().as_bytes()));
    bool::from(matches)
}

/// Asks for a key.
pub fn challenge() -> Response {
    let mut response = Fault::new(
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
        "The API key is missing or wrong; send it as Authorization: Bearer.",
    )
    .into_response();
    let challenge = header::HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}
