//! `GET /metrics`: writes the metrics for Prometheus.

mod state;

use std::sync::Arc;

use axum::{
    extract::State,
    http::{self, StatusCode, header},
    response::{IntoResponse, Response},
};
use prometheus_client::encoding::text::{encode_eof, encode_registry};

use super::fault::{ErrorBody, Fault, INTERNAL};
use crate::{app::App, metrics::Method};

/// The format that `prometheus_client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Returns metrics for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "service",
    responses(
        (status = 200, description = "The metrics as OpenMetrics text.", body = String, content_type = "application/openmetrics-text"),
        (status = 401, description = "The API key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "The client is not on this machine.", body = ErrorBody),
    ),
)]
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let mut text = String::new();
    let state = state::families(&app);
    let written = encode_registry(&mut text, app.metrics.families())
        .and_then(|()| encode_registry(&mut text, &state))
        .and_then(|()| encode_eof(&mut text));
    match written {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL).into_response()
        }
    }
}

/// Returns a method as a label.
pub fn method(method: &http::Method) -> Method {
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
