//! A small hub on loopback for tests: HTTP/1.1 written by hand, one request a connection. It
//! records requests, can hang up in the middle of a file, and can serve large files from a second
//! host.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(super) const REPO: &str = "acme/reader";
pub(super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The contents and behaviour of the hub; a test changes it as it proceeds.
#[derive(Default)]
pub(super) struct Behaviour {
    pub files: BTreeMap<String, Vec<u8>>,
    /// Hang up after so many bytes of this file's body, once.
    pub cut: Option<(String, usize)>,
    /// Answer every request with this status and `x-error-code`.
    pub refuse: Option<(u16, &'static str)>,
    /// Send weights to the second host, as the public hub does.
    pub redirect: bool,
    /// Answer a Range request with the whole file.
    pub ignore_ranges: bool,
    /// Claim this size in the listing.
    pub listed_size: HashMap<String, u64>,
}

/// One request as received.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub at_second_host: bool,
}

#[derive(Clone)]
pub(super) struct FakeHub {
    pub behaviour: Arc<Mutex<Behaviour>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    hosts: [String; 2],
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    cut: Option<usize>,
}

impl FakeHub {
    pub async fn start(files: &[(&str, &[u8])]) -> Self {
        let listeners = [
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        ];
        let files = files
            .iter()
            .map(|(name, body)| ((*name).to_owned(), body.to_vec()))
            .collect();
        let hub = Self {
            behaviour: Arc::new(Mutex::new(Behaviour {
                files,
                ..Behaviour::default()
            })),
            seen: Arc::default(),
            hosts: [0, 1]
                .map(|host: usize| format!("http://{}", listeners[host].local_addr().unwrap())),
        };
        for (host, listener) in listeners.into_iter().enumerate() {
            let hub = hub.clone();
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let hub = hub.clone();
                    tokio::spawn(async move { hub.serve(stream, host == 1).await });
                }
            });
        }
        hub
    }

    pub fn endpoint(&self) -> String {
        self.hosts[0].clone()
    }

    pub fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock().unwrap());
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns the requests for a file's bytes since the last call, as `path range`.
    pub fn take_downloads(&self) -> Vec<String> {
        let taken = std::mem::take(&mut *self.seen.lock().unwrap());
        let mut downloads: Vec<_> = taken
            .into_iter()
            .filter(|seen| seen.method == "GET" && seen.path.contains("/resolve/"))
            .map(|seen| {
                let file = seen.path.rsplit('/').next().unwrap();
                format!(
                    "{file} {}",
                    seen.headers.get("range").map_or("all", String::as_str)
                )
            })
            .collect();
        downloads.sort();
        downloads
    }

    async fn serve(&self, mut stream: TcpStream, at_second_host: bool) -> Option<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ').map(str::to_owned);
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let seen = Seen {
            method: words.next()?,
            path: words.next()?,
            headers,
            at_second_host,
        };
        self.seen.lock().unwrap().push(seen.clone());

        let answer = self.answer(&seen);
        let mut text = format!("HTTP/1.1 {} Fake\r\nconnection: close\r\n", answer.status);
        for (name, value) in &answer.headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        write!(text, "content-length: {}\r\n\r\n", answer.body.len()).unwrap();
        stream.write_all(text.as_bytes()).await.ok()?;
        if seen.method != "HEAD" {
            let end = answer.cut.unwrap_or(answer.body.len());
            stream.write_all(&answer.body[..end]).await.ok()?;
        }
        stream.shutdown().await.ok()
    }

    fn answer(&self, seen: &Seen) -> Answer {
        let mut behaviour = self.behaviour.lock().unwrap();
        let not_found = |code: &str| Answer {
            status: 404,
            headers: vec![("x-error-code", code.to_owned())],
            body: Vec::new(),
            cut: None,
        };
        if let Some((status, code)) = behaviour.refuse {
            return Answer {
                status,
                ..not_found(code)
            };
        }
        let (path, _query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        if let Some(rest) = path.strip_prefix("/api/models/") {
            return match rest.split_once("/revision/") {
                Some((REPO, "main" | COMMIT | "refs%2Fpr%2F1")) => behaviour.listing(),
                Some((REPO, _)) => not_found("RevisionNotFound"),
                _ => not_found("RepoNotFound"),
            };
        }
        let file = path
            .strip_prefix(&format!("/{REPO}/resolve/{COMMIT}/"))
            .unwrap_or_default()
            .to_owned();
        match behaviour.files.get(&file).cloned() {
            None => not_found("EntryNotFound"),
            Some(body)
                if behaviour.redirect && file.ends_with(".safetensors") && !seen.at_second_host =>
            {
                Answer {
                    status: 302,
                    headers: vec![
                        (
                            "location",
                            format!("{}{path}?signature=secret", self.hosts[1]),
                        ),
                        ("x-repo-commit", COMMIT.to_owned()),
                        ("x-linked-etag", etag(&body)),
                        ("x-linked-size", body.len().to_string()),
                    ],
                    body: b"this way".to_vec(),
                    cut: None,
                }
            }
            Some(body) => behaviour.file(&file, &body, seen),
        }
    }
}

impl Behaviour {
    fn listing(&self) -> Answer {
        let size = |name: &str, body: &[u8]| {
            self.listed_size
                .get(name)
                .copied()
                .unwrap_or(body.len() as u64)
        };
        let siblings = self
            .files
            .iter()
            .map(|(name, body)| json!({"rfilename": name, "size": size(name, body)}));
        let info = json!({"id": REPO, "sha": COMMIT, "siblings": siblings.collect::<Vec<_>>()});
        Answer {
            status: 200,
            headers: Vec::new(),
            body: info.to_string().into_bytes(),
            cut: None,
        }
    }

    fn file(&mut self, name: &str, body: &[u8], seen: &Seen) -> Answer {
        let mut headers = vec![
            ("x-repo-commit", COMMIT.to_owned()),
            // The second host has etags of its own.
            (
                "etag",
                if seen.at_second_host {
                    "\"elsewhere\"".to_owned()
                } else {
                    etag(body)
                },
            ),
            ("accept-ranges", "bytes".to_owned()),
        ];
        let range = seen.headers.get("range").filter(|_| !self.ignore_ranges);
        let (mut status, mut from, mut to) = (200, 0, body.len());
        if let Some((first, last)) =
            range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
        {
            from = first.parse().unwrap();
            to = last.parse().map_or(to, |last: usize| to.min(last + 1));
            if from >= to {
                return Answer {
                    status: 416,
                    headers,
                    body: Vec::new(),
                    cut: None,
                };
            }
            status = 206;
            headers.push((
                "content-range",
                format!("bytes {from}-{}/{}", to - 1, body.len()),
            ));
        }
        let cut = self
            .cut
            .take_if(|(file, _)| file == name && seen.method == "GET")
            .map(|(_, at)| at);
        Answer {
            status,
            headers,
            body: body[from..to].to_vec(),
            cut,
        }
    }
}

/// Names the contents by a hash, as the hub does.
fn etag(body: &[u8]) -> String {
    let hash = body.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("\"{hash:016x}\"")
}
