//! Accepts connections and bounds them: their number, and the times of the handshake and of a request's head,
//! which `axum::serve` does not bound. Serves HTTP/1.1 only.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::uri::Scheme,
    serve::Listener,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use anyhow::Context;

use super::tls::{Tls, TlsFiles};
use crate::config::Config;

/// Bounds of connections, and their certificate.
#[derive(Clone)]
pub struct ConnectionSettings {
    /// Most connections at once; others wait to be accepted.
    pub max: usize,
    /// Longest time of a TLS handshake.
    pub handshake_timeout: Duration,
    /// Longest time to receive the head of a request, and to be idle between two requests.
    pub header_timeout: Duration,
    /// Longest time that a client may read nothing of its answer before it is disconnected.
    pub write_timeout: Duration,
    /// Most bytes of a request's head.
    pub max_header_bytes: usize,
    /// The certificate; plain HTTP if there is none.
    pub tls: Option<Arc<Tls>>,
}

/// Reads the certificate, and returns the bounds of connections.
///
/// # Errors
/// A certificate or key that cannot be used.
pub fn connections(config: &Config) -> anyhow::Result<ConnectionSettings> {
    let server = &config.server;
    let files = server
        .tls_certificate
        .as_deref()
        .zip(server.tls_key.as_deref());
    let tls = files.map(|(certificate, key)| {
        Tls::load(TlsFiles {
            certificate: config.resolve(certificate),
            key: config.resolve(key),
        })
    });
    Ok(ConnectionSettings {
        max: server.max_connections,
        handshake_timeout: Duration::from_secs(server.tls_handshake_seconds),
        header_timeout: Duration::from_secs(server.header_timeout_seconds),
        write_timeout: Duration::from_secs(server.write_timeout_seconds),
        max_header_bytes: server.max_header_bytes,
        tls: tls
            .transpose()
            .context("server.tls_certificate, server.tls_key")?
            .map(Arc::new),
    })
}

/// Serves until `stop`, then waits for running requests. Each request goes to the router that `router` returns at
/// that moment.
pub async fn serve<R: Fn() -> Router + Clone + Send + 'static>(
    mut listener: TcpListener,
    router: R,
    settings: ConnectionSettings,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(settings.max));
    let connections = TaskTracker::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(settings.header_timeout)
        .max_header_size(settings.max_header_bytes);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            // `accept` logs errors, and waits if the system has no room.
            (place, Listener::accept(&mut listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        // The writes are small, and the client waits for each.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "a connection delays small packets");
        }
        let connection = Connection {
            http: http.clone(),
            router: router.clone(),
            peer,
            write_timeout: settings.write_timeout,
            stop: stop.clone(),
        };
        let settings = settings.clone();
        connections.spawn(async move {
            let _place = place;
            connection.run(stream, settings).await;
        });
    }
    // A client that connects now is refused, and does not wait in vain.
    drop(listener);
    connections.close();
    connections.wait().await;
}

struct Connection<R> {
    http: http1::Builder,
    router: R,
    peer: SocketAddr,
    write_timeout: Duration,
    stop: CancellationToken,
}

impl<R: Fn() -> Router> Connection<R> {
    async fn run(self, stream: TcpStream, settings: ConnectionSettings) {
        let Some(tls) = settings.tls else {
            return self.speak(stream, Scheme::HTTP).await;
        };
        let shaking = tls.acceptor().accept(stream);
        match tokio::time::timeout(settings.handshake_timeout, shaking).await {
            Ok(Ok(stream)) => self.speak(stream, Scheme::HTTPS).await,
            Ok(Err(error)) => tracing::debug!(peer = %self.peer, %error, "a TLS handshake failed"),
            Err(_) => tracing::debug!(peer = %self.peer, "a TLS handshake took too long"),
        }
    }

    /// Answers requests until the client disconnects, or until `stop` and the end of the running request.
    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin, scheme: Scheme) {
        let (peer, router) = (self.peer, self.router);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(scheme.clone());
            router().oneshot(request)
        });
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.write_timeout));
        let stream = TokioIo::new(Box::pin(stream));
        let mut connection = pin!(self.http.serve_connection(stream, service));
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    }
}
