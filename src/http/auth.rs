//! The one optional key.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::{fault::Fault, state::AppState};

/// Lets a request pass that carries the key, if there is one.
pub async fn require_key(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let Some(key) = &app.server.api_key else {
        return next.run(request).await;
    };
    let sent = request
        .headers()
        .get(header::AUTHORIZATION)
        .map(header::HeaderValue::as_bytes)
        .and_then(|value| value.split_at_checked("Bearer ".len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
        .map_or(&b""[..], |(_, key)| key);
    // Digests are of one length, so the comparison does not tell the key's.
    let digest = |key: &[u8]| *blake3::hash(key).as_bytes();
    let matches = digest(sent).ct_eq(&digest(key.expose_secret().as_bytes()));
    if bool::from(matches) {
        return next.run(request).await;
    }
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
