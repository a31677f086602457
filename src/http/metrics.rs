//! `/metrics` for Prometheus, and the counting of requests for it.

mod state;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{self, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body::{Frame, SizeHint};
use prometheus_client::encoding::text::{encode_eof, encode_registry};

use super::{
    fault::{ErrorBody, Fault},
    state::AppState,
    trace,
};
use crate::metrics::{Method, Metrics, RequestMeter};

/// The format that `prometheus_client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the gateway did and does, for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "service",
    responses(
        (status = 200, description = "The metrics as OpenMetrics text.", body = String, content_type = "application/openmetrics-text"),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "Not from there.", body = ErrorBody),
    ),
)]
pub async fn metrics(State(app): State<AppState>) -> Response {
    let mut text = String::new();
    let state = state::families(&app);
    let written = encode_registry(&mut text, app.metrics.families())
        .and_then(|()| encode_registry(&mut text, &state))
        .and_then(|()| encode_eof(&mut text));
    match written {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            let message = "The gateway failed.";
            Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message).into_response()
        }
    }
}

/// Counts a request until its answer's body is over or dropped. A path that is no route is `-`, so that
/// clients cannot make up labels.
pub async fn count(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let route = trace::route(&request).unwrap_or("-");
    let mut meter = metrics.request(method(request.method()), route);
    let response = next.run(request).await;
    meter.answered(response.status().as_u16());
    response.map(|inner| {
        let meter = Some(meter);
        Body::new(Metered { inner, meter })
    })
}

fn method(method: &http::Method) -> Method {
    match *method {
        http::Method::GET => Method::GET,
        http::Method::HEAD => Method::HEAD,
        http::Method::POST => Method::POST,
        http::Method::PUT => Method::PUT,
        http::Method::PATCH => Method::PATCH,
        http::Method::DELETE => Method::DELETE,
        http::Method::OPTIONS => Method::OPTIONS,
        _ => Method::OTHER,
    }
}

/// A body whose request is counted when it is over.
struct Metered {
    inner: Body,
    meter: Option<RequestMeter>,
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        if let Poll::Ready(None | Some(Err(_))) = frame {
            self.meter = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
