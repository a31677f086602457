//! Access to the operator's routes.

use std::sync::Arc;

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{auth, fault::Fault};
use crate::app::{Access, App};

/// An [`Access`] with the message for clients on other machines.
#[derive(Clone)]
pub struct Gate {
    /// The application, with the clients' keys.
    pub app: Arc<App>,
    /// The clients that may pass.
    pub access: Access,
    /// The message for refused clients: what the routes are, and the setting that opens them.
    pub refusal: &'static str,
}

/// Passes on the requests of clients that have access, and refuses all others.
pub async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    match &gate.access {
        Access::Open => {}
        Access::Off => {
            let message = "There is no route at this path; /docs lists all routes.";
            return Fault::new(StatusCode::NOT_FOUND, "not_found", message).into_response();
        }
        Access::Key(key) => {
            let sent = auth::sent_key(request.headers());
            let is_the_key = key.as_ref().is_some_and(|key| auth::is_key(sent, key));
            let holder = gate.app.keys.holder(sent);
            if !is_the_key && !holder.is_some_and(|holder| holder.is_admin()) {
                return auth::challenge();
            }
        }
        Access::Loopback => {
            if !is_local(&request) {
                let fault = Fault::new(StatusCode::FORBIDDEN, "forbidden", gate.refusal);
                return fault.into_response();
            }
        }
    }
    next.run(request).await
}

/// Returns whether a request comes from this machine: not through a proxy here, and not from another site's
/// page in a browser here, even if that site's name resolves to this machine's address.
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

/// Returns a host without its port.
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
