//! Logs and exports a span for every request; it never holds a body, a picture or a key.

use std::time::Instant;

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Response, uri::Scheme},
};
use tracing::{Instrument, Span, field::Empty};
use uuid::Uuid;

use crate::telemetry::{self, Answered, Received};

/// The header with the id of a request, which also stands in the log and the answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The same id in answers to Anthropic's clients.
pub const ANTHROPIC_ID: HeaderName = HeaderName::from_static("request-id");

/// Most bytes of an id that a client sends; the rest is cut off.
const MAX_REQUEST_ID: usize = 200;

/// Returns the id of the request: the client's, cut to its longest length, or a new one.
pub fn named(request: &mut Request) -> HeaderValue {
    let Some(id) = request.headers_mut().get_mut(REQUEST_ID) else {
        let id = HeaderValue::from_str(
            Uuid::new_v4()
                .hyphenated()
                .encode_lower(&mut Uuid::encode_buffer()),
        );
        return id.unwrap_or_else(|_| HeaderValue::from_static(""));
    };
    if let Some(beginning) = id.as_bytes().get(..MAX_REQUEST_ID)
        && let Ok(beginning) = HeaderValue::from_bytes(beginning)
    {
        *id = beginning;
    }
    id.clone()
}

/// The spans of a request: the exported one, and below it the one of the log's lines.
pub struct Spans {
    logged: Span,
    exported: End,
    began: Instant,
}

impl Spans {
    /// Begins both spans for the request with this id.
    pub fn begin(request: &Request, id: &str) -> Self {
        let exported = exported(request, id);
        let logged = exported.in_scope(|| logged(request, id));
        Self {
            logged,
            exported: End(exported),
            began: Instant::now(),
        }
    }

    /// Runs `work` within both spans.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> T {
        let End(exported) = &self.exported;
        let work = work.instrument(self.logged.clone());
        work.instrument(exported.clone()).await
    }

    /// Calls `work` within both spans.
    pub fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        let End(exported) = &self.exported;
        exported.in_scope(|| self.logged.in_scope(work))
    }

    /// Records the head of the answer.
    pub fn answered(&self, response: &Response<Body>) {
        let End(exported) = &self.exported;
        answered(response, exported);
        let (status, took) = (response.status(), self.began.elapsed());
        self.in_scope(|| {
            tracing::debug!(
                status = status.as_u16(),
                ?took,
                "finished processing request"
            );
            if status.is_server_error() {
                tracing::error!(status = status.as_u16(), ?took, "response failed");
            }
        });
    }

    /// Logs that the answer's body broke off.
    pub fn broke_off(&self, error: &axum::Error) {
        self.in_scope(|| tracing::error!(%error, "response failed"));
    }
}

/// Creates the span that is exported.
fn exported(request: &Request, id: &str) -> Span {
    let scheme = request.extensions().get::<Scheme>();
    telemetry::request(&Received {
        method: request.method().as_str(),
        route: route(request),
        path: request.uri().path(),
        scheme: scheme.map_or("http", Scheme::as_str),
        id,
        headers: request.headers(),
    })
}

/// Adds the facts of the answer to the exported span.
fn answered(response: &Response<Body>, span: &Span) {
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

/// Enters a span once more when it is dropped: a span ends when it was last exited, and nothing else enters the
/// span of a disconnected client.
struct End(Span);

impl Drop for End {
    fn drop(&mut self) {
        self.0.in_scope(|| ());
    }
}

/// Creates the span for the log's lines about a request.
fn logged(request: &Request, id: &str) -> Span {
    let trace = telemetry::trace_id();
    tracing::info_span!(
        "request",
        id,
        method = %request.method(),
        route = route(request).unwrap_or("-"),
        key = Empty,
        trace,
    )
}

/// Returns the pattern of the request's route, if there is one.
pub fn route(request: &Request) -> Option<&str> {
    let route = request.extensions().get::<MatchedPath>();
    route.map(MatchedPath::as_str)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
