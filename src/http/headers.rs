//! Security headers for browsers, and CORS.

use axum::{
    http::{HeaderName, HeaderValue, Method, header},
    response::Response,
};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// Policy of answers that are data: a browser shows and runs nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Policy of Swagger UI: it runs its own scripts, uses inline styles, and connects to this gateway only.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the security headers of data, except those that a handler has set itself.
pub fn secure(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, DATA_POLICY),
    ] {
        let value = HeaderValue::from_static(value);
        headers.entry(name).or_insert(value);
    }
}

/// Sets the policy that lets Swagger UI run.
pub fn of_docs(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(DOCS_POLICY);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// Lets pages of `origins` send requests and read the answers' headers.
pub fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let exposed = [
        "request-id",
        "retry-after",
        "x-attempts",
        "x-cache",
        "x-checks",
        "x-confidence",
        "x-evidence",
        "x-generation-id",
        "x-model",
        "x-provider",
        "x-ratelimit-limit-requests",
        "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-requests",
        "x-ratelimit-reset-tokens",
        "x-request-id",
        "x-source",
    ];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST])
        // Clients send headers of their own.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed.map(HeaderName::from_static))
}
