//! `/admin`: the models' states, and loading and unloading them. Open to this machine alone, unless a
//! key is set for it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Json,
    extract::{ConnectInfo, Path, Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth,
    fault::{ErrorBody, Fault},
    state::AppState,
};
use crate::registry::{Model, Stage};

/// Who may see and change the models' states.
#[derive(Debug, Clone)]
pub enum Access {
    /// Nobody.
    Off,
    /// Whoever asks from this machine, not through a proxy and not from another site's page.
    Loopback,
    /// Whoever has this key, or one of the clients' keys that opens it.
    Key(Option<SecretString>),
}

/// A model and its state.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelState {
    /// Name of the model.
    #[schema(example = "receipt-nano")]
    pub id: String,
    /// `unloaded`, `downloading`, `loading`, `ready`, `draining` or `failed`.
    #[schema(example = "ready", value_type = String)]
    pub state: Stage,
    /// Requests that use it.
    pub users: usize,
    /// Generations that run.
    pub running: usize,
    /// Generations that wait for one of those to end.
    pub waiting: usize,
    /// Times that it was loaded.
    pub loads: u64,
    /// Why it could not be loaded.
    pub failure: Option<String>,
    /// Seconds until it is tried again.
    pub retry_in_seconds: Option<f64>,
}

/// All models, and the memory that they share.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelStates {
    /// The models in the order of the configuration.
    pub models: Vec<ModelState>,
    /// Bytes of the loaded ones.
    pub memory_bytes: u64,
    /// Bytes that they may take together; null for any number.
    pub memory_budget_bytes: Option<u64>,
}

impl ModelState {
    fn of(model: &Model) -> Self {
        let status = model.status();
        Self {
            id: model.settings().id.clone(),
            state: status.stage,
            users: status.users,
            running: model.admission().running(),
            waiting: model.admission().waiting(),
            loads: status.loads,
            failure: status.failure,
            retry_in_seconds: status.retry_in.map(|left| left.as_secs_f64()),
        }
    }
}

/// Tells the states of all models
#[utoipa::path(
    get,
    path = "/admin/models",
    tag = "service",
    responses(
        (status = 200, description = "The models.", body = ModelStates),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "Not from there.", body = ErrorBody),
    ),
)]
pub async fn models(State(app): State<AppState>) -> Json<ModelStates> {
    let models = app.registry.iter().map(|model| ModelState::of(model));
    Json(ModelStates {
        models: models.collect(),
        memory_bytes: app.registry.memory().used(),
        memory_budget_bytes: app.registry.memory().budget(),
    })
}

/// Loads a model
///
/// Answers when it is loaded.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/load",
    tag = "service",
    params(("id" = String, Path, description = "Name of the model, its slashes as `%2F`.", example = "receipt-nano")),
    responses(
        (status = 200, description = "It is loaded.", body = ModelState),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "Not from there.", body = ErrorBody),
        (status = 404, description = "There is none of that name.", body = ErrorBody),
        (status = 503, description = "It cannot be loaded.", body = ErrorBody),
    ),
)]
pub async fn load(
    State(app): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<ModelState>, Fault> {
    let model = app
        .registry
        .get(&id)
        .ok_or_else(|| Fault::unknown_model(&id))?;
    let lease = model.lease().await.map_err(|error| Fault::from(&error))?;
    drop(lease);
    Ok(Json(ModelState::of(model)))
}

/// Unloads a model
///
/// What runs on it is finished first; the answer does not wait for that. The next request for it loads it
/// again. One that could not be loaded may be tried again at once.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/unload",
    tag = "service",
    params(("id" = String, Path, description = "Name of the model, its slashes as `%2F`.", example = "receipt-nano")),
    responses(
        (status = 200, description = "It is unloaded, or drains.", body = ModelState),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "Not from there.", body = ErrorBody),
        (status = 404, description = "There is none of that name.", body = ErrorBody),
    ),
)]
pub async fn unload(
    State(app): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<ModelState>, Fault> {
    let model = app
        .registry
        .get(&id)
        .ok_or_else(|| Fault::unknown_model(&id))?;
    model.unload();
    Ok(Json(ModelState::of(model)))
}

/// Lets those pass who may.
pub async fn guard(State(app): State<AppState>, request: Request, next: Next) -> Response {
    match &app.server.admin {
        Access::Off => {
            let message = "There is no such route; see /docs.";
            return Fault::new(StatusCode::NOT_FOUND, "not_found", message).into_response();
        }
        Access::Key(key) => {
            let sent = auth::bearer(request.headers());
            let is_admin_key = key.as_ref().is_some_and(|key| auth::is_key(sent, key));
            let holder = app.keys.holder(sent);
            if !is_admin_key && !holder.is_some_and(|holder| holder.is_admin()) {
                return auth::challenge();
            }
        }
        Access::Loopback => {
            if !is_local(&request) {
                let message = "The models' states are for this machine alone; see admin.access.";
                return Fault::new(StatusCode::FORBIDDEN, "forbidden", message).into_response();
            }
        }
    }
    next.run(request).await
}

/// Whether a request comes from this machine: not by a proxy that runs here, nor by a page of another
/// site that a browser here shows, whatever name that site has made this machine's address go by.
fn is_local(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_loopback = peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
    let headers = request.headers();
    let text = |name: header::HeaderName| {
        let value: Option<&str> = headers.get(name).and_then(|value| value.to_str().ok());
        value
    };
    let host = text(header::HOST).or_else(|| request.uri().host());
    let is_named_so = host.is_none_or(|host| is_loopback_name(host_of(host)));
    let is_own_page = text(header::ORIGIN).is_none_or(|origin| {
        let origin = origin.parse::<Uri>().ok();
        let origin = origin.as_ref().and_then(Uri::host).map(str::to_owned);
        origin.is_some_and(|origin| is_loopback_name(&origin))
    });
    is_loopback && is_named_so && is_own_page && !is_forwarded(headers)
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    let by_proxies = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    by_proxies.iter().any(|name| headers.contains_key(*name))
}

/// A host without its port.
fn host_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_loopback_name(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
