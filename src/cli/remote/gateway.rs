//! A gateway elsewhere that takes files, and is asked again while it is busy or gone.

use std::{error::Error, time::Duration};

use anyhow::Context;
use bytes::Bytes;
use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Host, Url};

use crate::cli::reader::FileFault;

/// The longest time of a request; longer than a gateway lets a receipt wait and run.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The number of requests to a busy gateway.
pub const TRIES_WHEN_BUSY: u32 = 8;
/// The number of requests to a gateway that cannot be reached or breaks the connection.
const TRIES_WHEN_GONE: u32 = 3;
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A route of a gateway.
pub struct GatewayRoute {
    client: Client,
    /// The address that files are sent to, with its query.
    url: Url,
    /// The first wait; each further one is twice as long. Tests make it short.
    pub first_wait: Duration,
}

impl GatewayRoute {
    /// Creates the route at `url`; `further` headers are sent with each file.
    ///
    /// # Errors
    /// Fails for a key that a header cannot hold.
    pub fn new(url: Url, key: Option<&SecretString>, further: HeaderMap) -> anyhow::Result<Self> {
        let mut headers = headers(key)?;
        headers.extend(further);
        let mut client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .default_headers(headers);
        if is_this_machine(&url) {
            client = client.no_proxy();
        }
        Ok(Self {
            client: client.build()?,
            url,
            first_wait: Duration::from_millis(500),
        })
    }

    /// Sends `file`, and returns the body of the answer.
    ///
    /// # Errors
    /// Returns the last refusal, after as many tries as its kind is worth.
    pub async fn send(&self, file: Bytes) -> Result<Bytes, FileFault> {
        let mut tries = 0;
        loop {
            let refusal = match self.ask_once(file.clone()).await {
                Ok(body) => return Ok(body),
                Err(refusal) => refusal,
            };
            tries += 1;
            if tries >= refusal.tries {
                return Err(refusal.fault);
            }
            let doubled = self.first_wait * 2_u32.pow(tries - 1);
            let wait = refusal.wait.unwrap_or(doubled).min(LONGEST_WAIT);
            tokio::time::sleep(wait).await;
        }
    }

    async fn ask_once(&self, file: Bytes) -> Result<Bytes, Refusal> {
        let kind = if file.starts_with(b"%PDF-") {
            "application/pdf"
        } else {
            // The gateway tells the format by the bytes.
            "application/octet-stream"
        };
        let request = self.client.post(self.url.clone());
        answer(request.header(CONTENT_TYPE, kind).body(file))
            .await
            .map_err(|failure| self.refusal(failure))
    }

    fn refusal(&self, failure: Failure) -> Refusal {
        match failure {
            Failure::Transport(error) if error.is_timeout() && !error.is_connect() => {
                let message = format!(
                    "The gateway sent no answer within {} s.",
                    REQUEST_TIMEOUT.as_secs()
                );
                Refusal::last(FileFault::new("timeout", message))
            }
            // The file may be the reason for a broken connection: it may be too large, for example.
            Failure::Transport(error) if !error.is_connect() => {
                let message = format!("The connection to the gateway broke: {}.", cause(&error));
                Refusal::again(
                    FileFault::new("broken_connection", message),
                    TRIES_WHEN_GONE,
                    None,
                )
            }
            Failure::Transport(error) => {
                let mut place = self.url.clone();
                place.set_query(None);
                let message = format!(
                    "No gateway answers at {place}: {}. Check --server.",
                    cause(&error)
                );
                Refusal::again(
                    FileFault::fatal("no_gateway", message),
                    TRIES_WHEN_GONE,
                    None,
                )
            }
            Failure::Status(status, wait, body) => {
                let fault = refused(status, &body);
                match status {
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                        Refusal::again(fault, TRIES_WHEN_BUSY, wait)
                    }
                    _ => Refusal::last(fault),
                }
            }
        }
    }
}

/// A fault, and how often the request may be made before it is final.
struct Refusal {
    fault: FileFault,
    tries: u32,
    wait: Option<Duration>,
}

impl Refusal {
    fn last(fault: FileFault) -> Self {
        Self::again(fault, 1, None)
    }

    fn again(fault: FileFault, tries: u32, wait: Option<Duration>) -> Self {
        Self { fault, tries, wait }
    }
}

enum Failure {
    Transport(reqwest::Error),
    Status(StatusCode, Option<Duration>, Bytes),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error)
    }
}

async fn answer(request: RequestBuilder) -> Result<Bytes, Failure> {
    let response = request.send().await?;
    let status = response.status();
    let wait = retry_after(response.headers());
    let body = response.bytes().await?;
    if status.is_success() {
        return Ok(body);
    }
    Err(Failure::Status(status, wait, body))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse();
    seconds.ok().map(Duration::from_secs)
}

/// Returns the fault that an answer of `status` describes, in the form of the receipt routes or OpenAI's.
fn refused(status: StatusCode, body: &[u8]) -> FileFault {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let nested = body.get("error").filter(|error| error.is_object());
    let (message, code) = match nested {
        Some(error) => (&error["message"], &error["code"]),
        None => (&body["error"], &body["code"]),
    };
    let (message, code) = match (message.as_str(), code.as_str()) {
        (Some(message), Some(code)) => (message.to_owned(), code.to_owned()),
        _ => (
            format!("The server answered {status} without an error of a gateway; check --server."),
            format!("http_{}", status.as_u16()),
        ),
    };
    FileFault {
        message,
        code,
        // A wrong key, model or address, or a model that does not load, fails every file.
        fatal: matches!(status.as_u16(), 401 | 403 | 404 | 405 | 503),
    }
}

/// Returns the address of the route `path` of the gateway at `server`.
///
/// # Errors
/// Fails for an address that is not one of HTTP.
pub fn address(server: &str, path: &str) -> anyhow::Result<Url> {
    let hint = || {
        format!("--server {server:?} is not an http address; give one like http://localhost:8000")
    };
    let mut url = Url::parse(server).with_context(hint)?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), hint());
    // The gateway may be below a path of a larger site.
    url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
    Ok(url)
}

fn headers(key: Option<&SecretString>) -> anyhow::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    // A lower urgency than the default (RFC 9218): single receipts of other clients go first.
    headers.insert("priority", HeaderValue::from_static("u=5"));
    if let Some(key) = key {
        let bearer = format!("Bearer {}", key.expose_secret());
        let mut bearer = HeaderValue::from_str(&bearer).context(
            "the API key has characters that an HTTP header cannot hold; check --api-key or \
             RECEIPT_GATEWAY_API_KEY",
        )?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    Ok(headers)
}

/// Returns whether `url` is on this machine, which a proxy of the environment cannot reach.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns the innermost cause of an error, which is the most precise.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
