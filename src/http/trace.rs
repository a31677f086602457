//! What is logged and exported of every request: never a body, a picture or a key.

use std::time::Duration;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, Response, uri::Scheme},
};
use tower_http::request_id::RequestId;
use tracing::{Span, field::Empty};

use crate::telemetry::{self, Answered, Received, RequestSpan};

/// Headers of an answer that say how it was come by, and the attributes that tell the same.
const FACTS: [(&str, &str); 4] = [
    ("x-model", "receipt_gateway.model"),
    ("x-provider", "receipt_gateway.provider"),
    ("x-cache", "receipt_gateway.cache"),
    ("x-checks", "receipt_gateway.checks"),
];

/// The span that is exported.
pub fn exported(request: &Request) -> Span {
    let scheme = request.extensions().get::<Scheme>();
    RequestSpan::begin(&Received {
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
    let facts = FACTS.into_iter();
    let answered = Answered {
        status: response.status().as_u16(),
        facts: facts
            .filter_map(|(header, name)| Some((name, said(header)?)))
            .collect(),
        attempts: said("x-attempts").and_then(|attempts| attempts.parse().ok()),
        confidence: said("x-confidence").and_then(|confidence| confidence.parse().ok()),
    };
    RequestSpan::answered(span, answered);
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

fn route(request: &Request) -> Option<&str> {
    let route = request.extensions().get::<MatchedPath>();
    route.map(MatchedPath::as_str)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
