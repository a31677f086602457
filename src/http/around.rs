//! The one layer around every request: its id, its spans, its metrics, and the form of its faults.
//!
//! It is one layer because each layer boxes the service below it, which costs as much as its work.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Error,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderValue, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use http_body::{Frame, SizeHint};
use tower_http::timeout::TimeoutBody;

use super::{
    fault::{self, Dialect},
    headers,
    metrics::method,
    trace::{self, ANTHROPIC_ID, REQUEST_ID, Spans},
};
use crate::{app::App, metrics::RequestMeter};

/// Answers a request, and follows it until its answer is sent or dropped. The label of a path without a route is `-`,
/// so that clients cannot invent labels.
pub async fn around(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = trace::named(&mut request);
    let route = trace::route(&request).unwrap_or("-");
    let mut meter = app.metrics.request(method(request.method()), route);
    let spans = Spans::begin(&request, id.to_str().unwrap_or_default());
    let dialect = Dialect::of_request(request.uri().path(), request.headers());
    let patience = app.server.body_timeout;
    let request = request.map(|body| Body::new(TimeoutBody::new(patience, body)));
    let rendered = rendered(dialect, &id, request, next);
    let mut response = spans.within(rendered).await;
    spans.answered(&response);
    meter.answered(response.status().as_u16());
    if dialect == Dialect::Anthropic {
        response.headers_mut().insert(ANTHROPIC_ID, id.clone());
    }
    response.headers_mut().entry(REQUEST_ID).or_insert(id);
    headers::secure(&mut response);
    response.map(|body| {
        Body::new(Watched {
            body,
            spans,
            meter: Some(meter),
        })
    })
}

/// Returns the answer, with a fault in the form of the request's route. A panic of a handler is a fault too.
async fn rendered(dialect: Dialect, id: &HeaderValue, request: Request, next: Next) -> Response {
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response = answer.unwrap_or_else(|panic| {
        tracing::error!("a handler panicked: {}", words(&*panic));
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    fault::render(dialect, id, response)
}

/// Returns the message of a panic.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message")
}

/// The body of an answer: sent within the spans of its request, which is counted when the body ends.
struct Watched {
    body: Body,
    spans: Spans,
    meter: Option<RequestMeter>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Self { body, spans, meter } = &mut *self;
        let frame = spans.in_scope(|| Pin::new(body).poll_frame(context));
        if let Poll::Ready(Some(Err(error))) = &frame {
            spans.broke_off(error);
        }
        if let Poll::Ready(None | Some(Err(_))) = frame {
            *meter = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
