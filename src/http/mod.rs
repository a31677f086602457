//! The gateway over HTTP: the routes, their OpenAPI document, and the layers around every request.

mod access;
mod admin;
mod answer;
mod anthropic;
mod around;
mod auth;
mod body;
mod caller;
mod components;
mod events;
mod extract;
pub mod fault;
mod headers;
mod health;
mod held;
mod metrics;
mod models;
mod ocr;
mod openai;
mod openapi;
mod openrouter;
mod playground;
mod record;
mod reload;
mod string_or;
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
use utoipa::{OpenApi, openapi::OpenApi as OpenApiDocument};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;
use access::Gate;

pub use extract::ReadingBody;
pub use ocr::{OcrBody, OcrParts, read_document};

/// The routes with their documentation, registered in one place.
struct Routes {
    /// Routes that need no key.
    open: OpenApiRouter<Arc<App>>,
    /// Routes that need a key.
    keyed: OpenApiRouter<Arc<App>>,
    /// Routes that change the state of the gateway.
    admin: OpenApiRouter<Arc<App>>,
    /// Routes with metrics.
    metrics: OpenApiRouter<Arc<App>>,
}

fn routes(max_batch_bytes: usize) -> Routes {
    let open = OpenApiRouter::with_openapi(openapi::ApiDocument::openapi())
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
        .routes(routes!(ocr::create))
        .routes(routes!(openai::chat::create))
        .routes(openrouter::mirrored(routes!(openai::chat::create)))
        .routes(routes!(openai::completions::create))
        .routes(openrouter::mirrored(routes!(openai::completions::create)))
        .routes(routes!(openai::responses::create))
        .routes(openrouter::mirrored(routes!(openai::responses::create)))
        .routes(routes!(anthropic::create))
        .routes(openrouter::mirrored(routes!(anthropic::create)))
        .routes(routes!(anthropic::count_tokens))
        .routes(openrouter::mirrored(routes!(anthropic::count_tokens)))
        .routes(routes!(models::openai_list))
        .routes(routes!(models::openai_get))
        .routes(routes!(models::openrouter::listing::list))
        .routes(routes!(models::openrouter::listing::user))
        .routes(routes!(models::openrouter::listing::count))
        .routes(routes!(models::openrouter::get))
        .routes(below_models())
        .routes(routes!(openrouter::key::key))
        .routes(routes!(openrouter::credits::credits))
        .routes(routes!(openrouter::generation::generation))
        .routes(routes!(openrouter::providers::providers));
    document(
        routes!(models::openrouter::endpoints::endpoints),
        keyed.get_openapi_mut(),
    );
    components::of_keys(keyed.get_openapi_mut());
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

/// Returns the route of one model under `/api/v1`, which serves the endpoints of a model too: a wildcard for names with
/// slashes leaves no room for another route beside it.
fn below_models() -> UtoipaMethodRouter<Arc<App>> {
    let (schemas, paths, _) = openrouter::mirrored(routes!(models::openai_get));
    let serve = get(models::openrouter::endpoints::endpoints);
    (schemas, paths, serve)
}

/// Documents a route that another one serves.
fn document((schemas, paths, _): UtoipaMethodRouter<Arc<App>>, api: &mut OpenApiDocument) {
    api.paths.paths.extend(paths.paths);
    let components = api.components.get_or_insert_default();
    components.schemas.extend(schemas);
}

/// Returns the OpenAPI document of a gateway with the invoice schema `invoice`.
#[must_use]
pub fn openapi_document(invoice: &Value) -> Value {
    let all = routes(0);
    let api = all.open.merge(all.keyed).merge(all.admin);
    let api = api.merge(all.metrics).into_openapi();
    openapi::document(&api, invoice)
}

/// Returns the whole service.
pub fn router(app: Arc<App>) -> Router {
    let document = Arc::new(openapi_document(
        app.extractor.schemas().default_schema().document(),
    ));
    let Routes {
        open,
        keyed,
        admin,
        metrics,
    } = routes(app.batch.max_body_bytes);
    let keyed: Router<Arc<App>> = keyed.into();
    let keyed = keyed.route_layer(middleware::from_fn_with_state(
        app.clone(),
        auth::require_key,
    ));
    let admin: Router<Arc<App>> = admin.into();
    let gate = Gate {
        app: app.clone(),
        access: app.server.admin.clone(),
        refusal: "Only clients on this machine may use /admin; the setting admin.access changes that.",
    };
    let admin = admin.route_layer(middleware::from_fn_with_state(gate, access::guard));
    let metrics: Router<Arc<App>> = metrics.into();
    let gate = Gate {
        app: app.clone(),
        access: app.server.metrics.clone(),
        refusal: "Only clients on this machine may read the metrics; the setting metrics.access changes that.",
    };
    let metrics = metrics.route_layer(middleware::from_fn_with_state(gate, access::guard));
    let open: Router<Arc<App>> = open.into();
    let around = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(app.clone(), around::around))
        .layer(DefaultBodyLimit::max(app.server.max_body_bytes));
    let docs = SwaggerUi::new("/docs");
    let docs = docs.config(Config::from("/openapi.json").try_it_out_enabled(true));
    let docs: Router<Arc<App>> = docs.into();
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
        .layer(around);
    let service = match app.server.cors_origins.as_slice() {
        [] => service,
        origins => service.layer(headers::cors(origins)),
    };
    // Removed before routing; a client that adds a slash means the route without it.
    let service: Router = service.with_state(app);
    Router::new().fallback_service(ServiceExt::<Request>::map_request(service, without_slash))
}

/// Removes slashes from the end of a request's path, except for Swagger UI's folder, which needs one.
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
