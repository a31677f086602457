//! The span of a request that the gateway answers, by the conventions for HTTP, and the trace's way in and
//! out.

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use reqwest::header::HeaderMap;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{TARGET, names, propagator};

/// The methods that have names of their own.
const METHODS: [&str; 9] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

/// A request as it comes in.
pub struct Received<'a> {
    /// `GET`, `POST`, ...
    pub method: &'a str,
    /// The pattern of its route; none where there is no such route.
    pub route: Option<&'a str>,
    /// Its path, without the query.
    pub path: &'a str,
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The id that its answer and the log have.
    pub id: &'a str,
    /// Its headers, of which those that tell the client's trace are read.
    pub headers: &'a HeaderMap,
}

/// An answer as it goes out, and what the gateway says of it in its own headers.
pub struct Answered<'a> {
    /// Its status.
    pub status: u16,
    /// Whose answer it is.
    pub model: Option<&'a str>,
    /// Who runs that.
    pub provider: Option<&'a str>,
    /// How a receipt was come by.
    pub cache: Option<&'a str>,
    /// Which of its checks failed.
    pub checks: Option<&'a str>,
    /// Attempts that were made for it.
    pub attempts: Option<i64>,
    /// How sure it is, 0 to 1.
    pub confidence: Option<f64>,
}

/// The span of a request, to the last byte of its answer. It belongs to the trace of the client, where that tells
/// one.
#[must_use]
pub fn request(received: &Received<'_>) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "server",
        otel.name = tracing::field::Empty,
        otel.kind = "server",
    );
    if span.is_disabled() {
        return span;
    }
    let Received {
        method,
        route,
        path,
        scheme,
        id,
        headers,
    } = received;
    let context = propagator().extract(&HeaderExtractor(headers));
    // Fails where the span has begun, which it has not.
    let _ = span.set_parent(context);
    // A client can make up methods, and there may be as many names as there are methods.
    let (named, known) = if METHODS.contains(method) {
        (*method, *method)
    } else {
        span.set_attribute(names::HTTP_REQUEST_METHOD_ORIGINAL, (*method).to_owned());
        ("HTTP", "_OTHER")
    };
    let name = route.map_or_else(|| named.to_owned(), |route| format!("{named} {route}"));
    span.record("otel.name", name);
    span.set_attribute(names::HTTP_REQUEST_METHOD, known.to_owned());
    span.set_attribute(names::URL_PATH, (*path).to_owned());
    span.set_attribute(names::URL_SCHEME, (*scheme).to_owned());
    span.set_attribute(names::REQUEST_ID, (*id).to_owned());
    if let Some(route) = route {
        span.set_attribute(names::HTTP_ROUTE, (*route).to_owned());
    }
    span
}

/// Notes on the span of a request that the head of its answer goes out.
pub fn answered(span: &Span, answered: &Answered<'_>) {
    let status = answered.status;
    span.set_attribute(names::HTTP_RESPONSE_STATUS_CODE, i64::from(status));
    for (name, fact) in [
        (names::MODEL, answered.model),
        (names::PROVIDER, answered.provider),
        (names::CACHE, answered.cache),
        (names::CHECKS, answered.checks),
    ] {
        if let Some(fact) = fact {
            span.set_attribute(name, fact.to_owned());
        }
    }
    if let Some(attempts) = answered.attempts {
        span.set_attribute(names::ATTEMPTS, attempts);
    }
    if let Some(confidence) = answered.confidence {
        span.set_attribute(names::CONFIDENCE, confidence);
    }
    if status >= 500 {
        super::failed(span, status.to_string());
    }
}

/// Tells whoever is sent `headers` which trace the request belongs to.
pub fn pass_on(headers: &mut HeaderMap) {
    propagator().inject(&mut HeaderInjector(headers));
}
