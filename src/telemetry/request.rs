//! The span of a request to the gateway, following the conventions for HTTP, and the propagation of
//! traces through headers.

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use reqwest::header::HeaderMap;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{TARGET, names, propagator};

/// The methods that the conventions know.
const METHODS: [&str; 9] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

/// A received request.
pub struct Received<'a> {
    /// `GET`, `POST`, ...
    pub method: &'a str,
    /// The pattern of its route; `None` if there is no such route.
    pub route: Option<&'a str>,
    /// Its path, without the query.
    pub path: &'a str,
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The id of the request in the answer and the log.
    pub id: &'a str,
    /// Its headers, of which only those with the client's trace are read.
    pub headers: &'a HeaderMap,
}

/// An answer, with the facts that the gateway's own headers give.
pub struct Answered<'a> {
    /// Its status.
    pub status: u16,
    /// The model that gave the answer.
    pub model: Option<&'a str>,
    /// The provider of that model.
    pub provider: Option<&'a str>,
    /// The use of the cache for a receipt.
    pub cache: Option<&'a str>,
    /// Names of the failed checks.
    pub checks: Option<&'a str>,
    /// Number of attempts.
    pub attempts: Option<i64>,
    /// Confidence of the answer, 0 to 1.
    pub confidence: Option<f64>,
}

/// Creates the span of a request, which lasts to the last byte of the answer. It joins the client's
/// trace if the headers name one.
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
    // Fails only if the span has begun, and it has not.
    let _ = span.set_parent(context);
    // Clients can make up methods, and the number of span names has to stay bounded.
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

/// Records the answer on the span of its request.
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

/// Adds the current trace to the headers of an outgoing request.
pub fn pass_on(headers: &mut HeaderMap) {
    propagator().inject(&mut HeaderInjector(headers));
}
