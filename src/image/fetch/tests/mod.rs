//! Tests of the fetcher against small servers on loopback, which the list of allowed hosts permits,
//! and a resolver with prepared answers.

/// Asserts that the result is this error with this blame, and returns the error.
macro_rules! assert_fails {
    ($result:expr, $pattern:pat $(if $guard:expr)?, $blame:ident) => {{
        let error = $result.expect_err("this must fail");
        assert!(matches!(&error, $pattern $(if $guard)?), "{error:?}");
        assert_eq!(error.blame(), Blame::$blame, "{error:?}");
        error
    }};
}

mod downloads;
mod redirects;
mod refusals;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::future;
use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Long enough that a test which reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(20);
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nnot quite";

enum Step {
    Send(Vec<u8>),
    /// Sends one byte after each pause until the client disconnects.
    Drip(Duration),
    /// Sends these bytes again and again until the client disconnects.
    Flood(Vec<u8>),
    /// Sends nothing more and leaves the connection open.
    Hang,
}

struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server that sends what `answer` returns for a path, one request a connection.
    async fn start(answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self::serve(listener, answer)
    }

    /// Starts a server that listens on every address of this machine, IPv6 included if available.
    async fn everywhere() -> Self {
        let listener = match TcpListener::bind("[::]:0").await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
        };
        Self::serve(listener, |_| ok(PICTURE))
    }

    fn serve(
        listener: TcpListener,
        answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let connections = Arc::clone(&server.connections);
        let requests = Arc::clone(&server.requests);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let requests = Arc::clone(&requests);
                let answer = Arc::clone(&answer);
                tokio::spawn(async move {
                    // The client may disconnect at any time.
                    let _ = converse(stream, &requests, answer.as_ref()).await;
                });
            }
        });
        server
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn allowed(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Returns the number of connections so far, with none of them waiting to be accepted:
    /// connections are accepted in order, so an answered one of our own comes after all others.
    async fn settled_connections(&self) -> usize {
        let mut own = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))
            .await
            .unwrap();
        own.write_all(b"GET /own HTTP/1.1\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        own.read_to_end(&mut answer).await.unwrap();
        assert!(!answer.is_empty());
        self.connections.fetch_sub(1, Ordering::SeqCst);
        self.connections()
    }
}

async fn converse(
    mut stream: TcpStream,
    requests: &Mutex<Vec<String>>,
    answer: &(impl Fn(&str) -> Vec<Step> + Send + Sync),
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let steps = answer(head.split(' ').nth(1).unwrap());
    requests.lock().unwrap().push(head);
    for step in steps {
        match step {
            Step::Send(bytes) => stream.write_all(&bytes).await?,
            Step::Drip(pause) => loop {
                tokio::time::sleep(pause).await;
                stream.write_all(b".").await?;
            },
            Step::Flood(bytes) => loop {
                stream.write_all(&bytes).await?;
            },
            Step::Hang => future::pending().await,
        }
    }
    stream.shutdown().await
}

fn head(status: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head.push_str("\r\n");
    head.into_bytes()
}

fn send(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<Step> {
    vec![Step::Send([&head(status, headers), body].concat())]
}

fn ok(body: &[u8]) -> Vec<Step> {
    send(
        "200 OK",
        &[("Content-Length", &body.len().to_string())],
        body,
    )
}

fn redirect(status: &str, location: &str) -> Vec<Step> {
    send(
        status,
        &[("Location", location), ("Content-Length", "0")],
        b"",
    )
}

fn policy(allowed: &[&str]) -> FetchPolicy {
    FetchPolicy {
        timeout: PATIENCE,
        connect_timeout: PATIENCE,
        max_bytes: 1000,
        max_redirects: 3,
        allowed_hosts: allowed.iter().map(|host| host.parse().unwrap()).collect(),
        user_agent: "receipt-gateway/test".to_owned(),
    }
}

/// Creates a fetcher that may reach `server` and the public internet.
fn fetcher(server: &Server) -> Fetcher {
    Fetcher::new(policy(&[&server.allowed()])).unwrap()
}

/// Answers each look-up of a name with its next list of addresses, the last one repeatedly; `fail`
/// fails and `stall` never answers. Counts the look-ups.
struct Names {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    lookups: AtomicUsize,
}

impl Names {
    fn new(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let addresses = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        let answers = names
            .iter()
            .map(|(name, lists)| ((*name).to_owned(), lists.iter().map(addresses).collect()))
            .collect();
        Arc::new(Self {
            answers: Mutex::new(answers),
            lookups: AtomicUsize::new(0),
        })
    }

    fn fetcher(self: &Arc<Self>, policy: FetchPolicy) -> Fetcher {
        let names = Arc::clone(self);
        let lookup: Lookup = Arc::new(move |name| names.answer(&name));
        Fetcher::with_lookup(policy, &lookup).unwrap()
    }

    fn answer(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        if name == "stall" {
            return Box::pin(future::pending());
        }
        let mut answers = self.answers.lock().unwrap();
        let found = answers.get_mut(name).map(|lists| {
            if lists.len() > 1 {
                lists.remove(0)
            } else {
                lists[0].clone()
            }
        });
        let found = found
            .map(|list| list.into_iter().map(|ip| (ip, 0).into()).collect())
            .ok_or_else(|| io::Error::other("no such name"));
        Box::pin(future::ready(found))
    }

    fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}
