//! The gateway over HTTP: routes, their documents, and what surrounds every request.

mod access;
mod admin;
mod auth;
mod body;
mod caller;
pub mod chat;
mod completions;
pub mod connections;
mod extract;
pub mod fault;
mod headers;
mod health;
mod held;
mod metrics;
mod models;
mod openapi;
mod playground;
mod reload;
mod responses;
mod state;
mod string_or;
pub mod tls;
mod trace;
mod whole;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::Uri,
    middleware,
    routing::get,
};
use serde_json::Value;
use tower::{ServiceBuilder, ServiceExt, util::MapResponseLayer};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::RequestBodyTimeoutLayer,
    trace::TraceLayer,
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::{Config, SwaggerUi};

use access::Gate;
use trace::REQUEST_ID;

pub use access::Access;
pub use extract::ReadingBody;
pub use reload::{Outcome, ReloadRequests, Reloaded, Reloader};
pub use state::{App, AppState, BatchSettings, ChatSettings, ServerSettings};

/// Routes with their documents, registered in one place.
struct Routes {
    /// Those that need no key.
    open: OpenApiRouter<AppState>,
    /// Those that do.
    keyed: OpenApiRouter<AppState>,
    /// Those that change what the gateway does.
    admin: OpenApiRouter<AppState>,
    /// Those that tell what it did.
    metrics: OpenApiRouter<AppState>,
}

fn routes(max_batch_bytes: usize) -> Routes {
    let open = OpenApiRouter::with_openapi(openapi::Document::openapi())
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(playground::page))
        .routes(routes!(playground::file));
    let batch = OpenApiRouter::new()
        .routes(routes!(extract::batch::batch))
        .layer(DefaultBodyLimit::max(max_batch_bytes));
    let mut keyed = OpenApiRouter::new()
        .routes(routes!(extract::extract))
        .routes(routes!(extract::extract_url))
        .routes(routes!(extract::extract_file))
        .merge(batch)
        .routes(routes!(extract::schemas))
        .routes(routes!(health::models))
        .routes(routes!(chat::openai))
        .routes(routes!(chat::openrouter))
        .routes(routes!(completions::openai))
        .routes(routes!(completions::openrouter))
        .routes(routes!(responses::openai))
        .routes(routes!(responses::openrouter))
        .routes(routes!(models::openai_list))
        .routes(routes!(models::openai_get))
        .routes(routes!(models::openrouter::list))
        .routes(routes!(models::openrouter::get))
        .routes(routes!(models::openrouter_get));
    openapi::of_keys(keyed.get_openapi_mut());
    let admin = OpenApiRouter::new()
        .routes(routes!(admin::models))
        .routes(routes!(admin::load))
        .routes(routes!(admin::unload))
        .routes(routes!(reload::reload));
    let metrics = OpenApiRouter::new().routes(routes!(metrics::metrics));
    Routes {
        open,
        keyed,
        admin,
        metrics,
    }
}

/// The OpenAPI document for a gateway whose invoices follow `invoice`.
#[must_use]
pub fn openapi_document(invoice: &Value) -> Value {
    let all = routes(0);
    let api = all.open.merge(all.keyed).merge(all.admin);
    let api = api.merge(all.metrics).into_openapi();
    openapi::document(&api, invoice)
}

/// The whole service.
pub fn router(app: AppState) -> Router {
    let document = Arc::new(openapi_document(
        app.extractor.schemas().default_schema().document(),
    ));
    let Routes {
        open,
        keyed,
        admin,
        metrics,
    } = routes(app.batch.max_body_bytes);
    let keyed: Router<AppState> = keyed.into();
    let keyed = keyed.route_layer(middleware::from_fn_with_state(
        app.clone(),
        auth::require_key,
    ));
    let admin: Router<AppState> = admin.into();
    let gate = Gate {
        app: app.clone(),
        access: app.server.admin.clone(),
        refusal: "The models' states are for this machine alone; see admin.access.",
    };
    let admin = admin.route_layer(middleware::from_fn_with_state(gate, access::guard));
    let metrics: Router<AppState> = metrics.into();
    let gate = Gate {
        app: app.clone(),
        access: app.server.metrics.clone(),
        refusal: "The metrics are for this machine alone; see metrics.access.",
    };
    let metrics = metrics.route_layer(middleware::from_fn_with_state(gate, access::guard));
    let open: Router<AppState> = open.into();
    let around = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(
            app.metrics.clone(),
            metrics::count,
        ))
        .map_request(trace::bounded)
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(trace::exported)
                .on_request(())
                .on_response(trace::answered)
                .on_failure(()),
        )
        .layer(middleware::from_fn(trace::to_the_end))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(trace::logged)
                .on_request(()),
        )
        .layer(middleware::from_fn(fault::render))
        .layer(CatchPanicLayer::new())
        .layer(RequestBodyTimeoutLayer::new(app.server.body_timeout))
        .layer(DefaultBodyLimit::max(app.server.max_body_bytes));
    let docs = SwaggerUi::new("/docs");
    let docs = docs.config(Config::from("/openapi.json").try_it_out_enabled(true));
    let docs: Router<AppState> = docs.into();
    let docs = docs.layer(MapResponseLayer::new(headers::of_docs));
    let service = open
        .merge(keyed)
        .merge(admin)
        .merge(metrics)
        .route(
            "/openapi.json",
            get(async move || Json(Value::clone(&document))),
        )
        .merge(docs)
        .layer(around)
        .layer(MapResponseLayer::new(headers::secure));
    let service = match app.server.cors_origins.as_slice() {
        [] => service,
        origins => service.layer(headers::cors(origins)),
    };
    // Before routes are found; a client that adds a slash means the route without.
    let service: Router = service.with_state(app);
    Router::new().fallback_service(ServiceExt::<Request>::map_request(service, without_slash))
}

/// The request with no slash at the end of its path; Swagger UI's folder has to have one.
fn without_slash(mut request: Request) -> Request {
    let (path, query) = (request.uri().path(), request.uri().query());
    let plain = path.trim_end_matches('/');
    if plain.len() == path.len() || plain.is_empty() || plain == "/docs" {
        return request;
    }
    let mended = match query {
        Some(query) => format!("{plain}?{query}"),
        None => plain.to_owned(),
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = mended.parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}
