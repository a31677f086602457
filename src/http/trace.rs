//! What is logged and exported of every request: never a body, a picture or a key.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Response, uri::Scheme},
    middleware::Next,
};
use tower_http::request_id::RequestId;
use tracing::{Span, field::Empty};

use super::held::Held;
use crate::telemetry::{self, Answered, Received};

/// What a request is known by, in the log and in its answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Bytes of an id that a client made up, at most; the rest is cut off.
const MAX_REQUEST_ID: usize = 200;

/// The request with an id that is not too long, if it has one of its client's.
pub fn bounded(mut request: Request) -> Request {
    if let Some(id) = request.headers_mut().get_mut(REQUEST_ID)
        && let Some(beginning) = id.as_bytes().get(..MAX_REQUEST_ID)
        && let Ok(beginning) = HeaderValue::from_bytes(beginning)
    {
        *id = beginning;
    }
    request
}

/// The span that is exported.
pub fn exported(request: &Request) -> Span {
    let scheme = request.extensions().get::<Scheme>();
    telemetry::request(&Received {
        method: request.method().as_str(),
        route: route(request),
        path: request.uri().path(),
        scheme: scheme.map_or("http", Scheme::as_str),
        id: id(request),
        headers: request.headers(),
    })
}

/// Tells the exported span of the answer.
pub fn answered<B>(response: &Response<B>, _took: Duration, span: &Span) {
    if span.is_disabled() {
        return;
    }
    let said = |header| text(response.headers(), header);
    let answered = Answered {
        status: response.status().as_u16(),
        model: said("x-model"),
        provider: said("x-provider"),
        cache: said("x-cache"),
        checks: said("x-checks"),
        attempts: said("x-attempts").and_then(|attempts| attempts.parse().ok()),
        confidence: said("x-confidence").and_then(|confidence| confidence.parse().ok()),
    };
    telemetry::answered(span, &answered);
}

/// Has the exported span last until the answer is over, or its client has left.
pub async fn to_the_end(request: Request, next: Next) -> Response<Body> {
    let span = Span::current();
    if span.is_disabled() {
        return next.run(request).await;
    }
    let end = End(span);
    let response = next.run(request).await;
    response.map(|body| Held::body(body, end))
}

/// A span's end is when it was last left; nobody enters that of a request whose client has left.
struct End(Span);

impl Drop for End {
    fn drop(&mut self) {
        self.0.in_scope(|| ());
    }
}

/// The span that the log's lines about a request have.
pub fn logged(request: &Request) -> Span {
    let trace = telemetry::trace_id();
    tracing::info_span!(
        "request",
        id = id(request),
        method = %request.method(),
        route = route(request).unwrap_or("-"),
        key = Empty,
        trace,
    )
}

fn id(request: &Request) -> &str {
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok());
    id.unwrap_or_default()
}

/// The pattern of the request's route; none where there is no such route.
pub fn route(request: &Request) -> Option<&str> {
    let route = request.extensions().get::<MatchedPath>();
    route.map(MatchedPath::as_str)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
