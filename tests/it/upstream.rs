//! A provider that answers by script, over a port.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

/// What a provider does with a request.
#[derive(Debug, Clone)]
pub enum Does {
    /// Streams these events and closes the stream.
    Streams(Vec<String>),
    /// Streams these, and then nothing more, ever.
    Stalls(Vec<String>),
    /// Streams these, and breaks the connection.
    Breaks(Vec<String>),
    /// Streams the first of these, and the others once it is told to go on.
    Pauses(Vec<String>, Vec<String>),
    /// Keeps the connection open with comments alone.
    Drips,
    /// Says nothing at all.
    Hangs,
    /// Answers with that status and body.
    Says(u16, Value),
}

/// A provider by script: the next of the scripts, or the last again.
pub struct Upstream {
    does: Vec<Does>,
    pub asked: Mutex<Vec<(HeaderMap, Value)>>,
    /// Who asked, by the connection.
    peers: Mutex<HashSet<SocketAddr>>,
    times: AtomicUsize,
    go_on: Notify,
}

impl Upstream {
    /// Serves on a port that was free.
    pub async fn serve(does: impl IntoIterator<Item = Does>) -> (Arc<Self>, SocketAddr) {
        let upstream = Arc::new(Self {
            does: does.into_iter().collect(),
            asked: Mutex::default(),
            peers: Mutex::default(),
            times: AtomicUsize::new(0),
            go_on: Notify::new(),
        });
        let router = Router::new()
            .route("/api/chat/completions", post(answer))
            .route("/api/completions", post(answer))
            .with_state(upstream.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        (upstream, address)
    }

    pub fn times(&self) -> usize {
        self.times.load(Ordering::SeqCst)
    }

    /// Connections that it was asked over.
    pub fn connections(&self) -> usize {
        self.peers.lock().unwrap().len()
    }

    /// Lets one answer that pauses go on.
    pub fn go_on(&self) {
        self.go_on.notify_one();
    }

    pub fn asked(&self, number: usize) -> Value {
        self.asked.lock().unwrap()[number].1.clone()
    }
}

async fn answer(
    State(upstream): State<Arc<Upstream>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    upstream.peers.lock().unwrap().insert(peer);
    upstream.asked.lock().unwrap().push((headers, body));
    let number = upstream.times.fetch_add(1, Ordering::SeqCst);
    let last = upstream.does.len() - 1;
    let events = |events: Vec<String>| {
        stream::iter(
            events
                .into_iter()
                .map(|e| Ok(Bytes::from(format!("data: {e}\n\n")))),
        )
    };
    let stream = |body: Body| ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response();
    match upstream.does[number.min(last)].clone() {
        Does::Streams(all) => stream(Body::from_stream(events(all).map(|e: Result<_, String>| e))),
        Does::Stalls(all) => {
            let rest = stream::pending::<Result<Bytes, String>>();
            stream(Body::from_stream(events(all).chain(rest)))
        }
        Does::Breaks(all) => {
            // What was written before is on its way by then.
            let rest = stream::once(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err("broken".to_owned())
            });
            stream(Body::from_stream(events(all).chain(rest)))
        }
        Does::Pauses(first, others) => {
            let told = stream::once(async move { upstream.go_on.notified().await });
            let rest = told.flat_map(move |()| events(others.clone()));
            stream(Body::from_stream(events(first).chain(rest)))
        }
        Does::Drips => {
            let drops = stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Ok::<_, String>(Bytes::from_static(b": wait\n\n")), ()))
            });
            stream(Body::from_stream(drops))
        }
        Does::Hangs => std::future::pending().await,
        Does::Says(status, body) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(header::RETRY_AFTER, "7")], Json(body)).into_response()
        }
    }
}

pub fn delta(text: &str) -> String {
    json!({"id": "x", "choices": [{"index": 0, "delta": {"content": text}}]}).to_string()
}

pub fn end(reason: &str) -> Vec<String> {
    let usage = json!({"prompt_tokens": 11, "completion_tokens": 5});
    vec![
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}).to_string(),
        json!({"choices": [], "usage": usage}).to_string(),
        "[DONE]".to_owned(),
    ]
}

pub fn says(texts: &[&str]) -> Does {
    let texts = texts.iter().map(|text| delta(text));
    Does::Streams(texts.chain(end("stop")).collect())
}
