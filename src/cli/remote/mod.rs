//! A reader that sends files to a gateway elsewhere, over HTTP.

use std::{error::Error, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use bytes::Bytes;
use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::{Host, Url};

use super::reader::{Ask, FileFault, FileReading, ReceiptReader};

/// The longest time of a request; longer than a gateway lets a receipt wait and run.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The number of requests to a busy gateway.
const TRIES_WHEN_BUSY: u32 = 8;
/// The number of requests to a gateway that cannot be reached or breaks the connection.
const TRIES_WHEN_GONE: u32 = 3;
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A gateway at an address.
pub struct Remote {
    client: Client,
    /// The address that receipts are sent to, with its query.
    url: Url,
    meta: bool,
    /// The first wait; each further one is twice as long. Tests make it short.
    first_wait: Duration,
}

impl Remote {
    /// Creates a reader for the gateway at `server`, with `ask` sent with each file.
    ///
    /// # Errors
    /// Fails for an invalid address, and for a key that a header cannot hold.
    pub fn new(server: &str, key: Option<&SecretString>, ask: &Ask) -> anyhow::Result<Self> {
        let url = address(server, ask)?;
        let mut client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .default_headers(headers(key, ask)?);
        if is_this_machine(&url) {
            client = client.no_proxy();
        }
        Ok(Self {
            client: client.build()?,
            url,
            meta: ask.meta,
            first_wait: Duration::from_millis(500),
        })
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

#[async_trait]
impl ReceiptReader for Remote {
    async fn read(&self, file: Bytes, _name: &str) -> Result<FileReading, FileFault> {
        let mut tries = 0;
        loop {
            let refusal = match self.ask_once(file.clone()).await {
                Ok(body) => return parse(&body, self.meta),
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

/// Returns the fault that an answer of `status` describes.
fn refused(status: StatusCode, body: &[u8]) -> FileFault {
    #[derive(Deserialize)]
    struct Told {
        error: String,
        code: String,
    }
    let told = serde_json::from_slice(body).unwrap_or_else(|_| Told {
        error: format!(
            "The server answered {status} without an error of a gateway; check --server."
        ),
        code: format!("http_{}", status.as_u16()),
    });
    FileFault {
        message: told.error,
        code: told.code,
        // A wrong key, model or address, or a model that does not load, fails every file.
        fatal: matches!(status.as_u16(), 401 | 403 | 404 | 405 | 503),
    }
}

fn parse(body: &[u8], meta: bool) -> Result<FileReading, FileFault> {
    #[derive(Deserialize)]
    struct WithMeta {
        invoice: Value,
        meta: Value,
    }
    let reading = if meta {
        serde_json::from_slice(body).map(|WithMeta { invoice, meta }| FileReading {
            invoice,
            meta: Some(meta),
        })
    } else {
        serde_json::from_slice(body).map(|invoice| FileReading {
            invoice,
            meta: None,
        })
    };
    match reading {
        Ok(reading) if reading.invoice.is_object() => Ok(reading),
        Ok(_) => Err(FileFault::new(
            "bad_answer",
            "The gateway's answer is not a JSON object.",
        )),
        Err(error) => {
            let message = format!(
                "The answer is not of the form that a gateway sends: {error}. Check --server."
            );
            Err(FileFault::new("bad_answer", message))
        }
    }
}

fn address(server: &str, ask: &Ask) -> anyhow::Result<Url> {
    let hint = || {
        format!("--server {server:?} is not an http address; give one like http://localhost:8000")
    };
    let mut url = Url::parse(server).with_context(hint)?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), hint());
    // The gateway may be below a path of a larger site.
    url.set_path(&format!("{}/extract", url.path().trim_end_matches('/')));
    let asked = [
        ("model", ask.model.as_deref()),
        ("schema", ask.schema.as_deref()),
        ("include", ask.meta.then_some("meta")),
    ];
    for (name, value) in asked {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    Ok(url)
}

fn headers(key: Option<&SecretString>, ask: &Ask) -> anyhow::Result<HeaderMap> {
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
    if ask.fresh {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
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

#[cfg(test)]
mod tests;
