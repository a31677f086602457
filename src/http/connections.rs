//! The connections: how many there are at once, and how long a client may take over its handshake and
//! the head of a request. `axum::serve` bounds none of that. HTTP/1.1 alone is spoken.

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

use super::tls::Tls;

/// Bounds of connections, and what they are wrapped in.
#[derive(Clone)]
pub struct ConnectionSettings {
    /// Connections at once, at most; others wait to be accepted.
    pub max: usize,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// How long the head of a request may take, and a connection be idle between two.
    pub header_timeout: Duration,
    /// How long a client may read nothing of what is written to it, before it is cut off.
    pub write_timeout: Duration,
    /// Bytes of a request's head, at most.
    pub max_header_bytes: usize,
    /// The certificate; plain HTTP where there is none.
    pub tls: Option<Arc<Tls>>,
}

/// Serves until `stop`, then waits for what runs. Each request is for what `router` gives then.
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
            // This logs what goes wrong, and waits where the system has no room.
            (place, Listener::accept(&mut listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        // What is written is small, and somebody waits for it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "a connection sends in batches");
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
    // Who comes now is refused rather than kept waiting.
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
            Ok(Err(error)) => tracing::debug!(peer = %self.peer, %error, "no TLS handshake"),
            Err(_) => tracing::debug!(peer = %self.peer, "a TLS handshake took too long"),
        }
    }

    /// Answers requests until the client leaves, or until `stop` and the end of the one that runs.
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
