//! A gateway that runs elsewhere, asked over HTTP.

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

use super::reader::{Ask, Fault, Reader, Reading};

/// Longer than a gateway lets a receipt wait and run.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a busy gateway is asked.
const TRIES_WHEN_BUSY: u32 = 8;
/// How often one is asked that cannot be reached, or hangs up.
const TRIES_WHEN_GONE: u32 = 3;
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A gateway at an address.
pub struct Remote {
    client: Client,
    /// Where receipts are sent, the query included.
    url: Url,
    meta: bool,
    /// The first wait; each further one is twice as long. Tests make it short.
    first_wait: Duration,
}

impl Remote {
    /// The gateway at `server`, to which `ask` is said with each file.
    ///
    /// # Errors
    /// An address that is none, or a key that cannot stand in a header.
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
            // The gateway looks at the bytes, not at the name.
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
                let message = format!("No answer within {} s.", REQUEST_TIMEOUT.as_secs());
                Refusal::last(Fault::new("timeout", message))
            }
            // One that broke off on the way may be this file's doing: too large, say.
            Failure::Transport(error) if !error.is_connect() => {
                let message = format!("The connection broke off: {}.", cause(&error));
                Refusal::again(
                    Fault::new("broken_connection", message),
                    TRIES_WHEN_GONE,
                    None,
                )
            }
            Failure::Transport(error) => {
                let mut place = self.url.clone();
                place.set_query(None);
                let message = format!("No gateway answers at {place}: {}.", cause(&error));
                Refusal::again(Fault::fatal("no_gateway", message), TRIES_WHEN_GONE, None)
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
impl Reader for Remote {
    async fn read(&self, file: Bytes, _name: &str) -> Result<Reading, Fault> {
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

/// A fault, and whether asking again may help.
struct Refusal {
    fault: Fault,
    tries: u32,
    wait: Option<Duration>,
}

impl Refusal {
    fn last(fault: Fault) -> Self {
        Self::again(fault, 1, None)
    }

    fn again(fault: Fault, tries: u32, wait: Option<Duration>) -> Self {
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

/// The fault that an answer of `status` tells of.
fn refused(status: StatusCode, body: &[u8]) -> Fault {
    #[derive(Deserialize)]
    struct Told {
        error: String,
        code: String,
    }
    let told = serde_json::from_slice(body).unwrap_or_else(|_| Told {
        error: format!("The server answers {status}."),
        code: format!("http_{}", status.as_u16()),
    });
    Fault {
        message: told.error,
        code: told.code,
        // A wrong key, model or address, or a model that does not load, are the same for every
        // file.
        fatal: matches!(status.as_u16(), 401 | 403 | 404 | 405 | 503),
    }
}

fn parse(body: &[u8], meta: bool) -> Result<Reading, Fault> {
    #[derive(Deserialize)]
    struct WithMeta {
        invoice: Value,
        meta: Value,
    }
    let reading = if meta {
        serde_json::from_slice(body).map(|WithMeta { invoice, meta }| Reading {
            invoice,
            meta: Some(meta),
        })
    } else {
        serde_json::from_slice(body).map(|invoice| Reading {
            invoice,
            meta: None,
        })
    };
    match reading {
        Ok(reading) if reading.invoice.is_object() => Ok(reading),
        Ok(_) => Err(Fault::new("bad_answer", "The answer is no object.")),
        Err(error) => {
            let message = format!("The answer is not what a gateway sends: {error}.");
            Err(Fault::new("bad_answer", message))
        }
    }
}

fn address(server: &str, ask: &Ask) -> anyhow::Result<Url> {
    let hint = || format!("--server {server:?}: give an address like http://localhost:8000");
    let mut url = Url::parse(server).with_context(hint)?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), hint());
    // A gateway may lie below a path of a larger site.
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
    // Whoever waits for one receipt goes before a folder of them; RFC 9218.
    headers.insert("priority", HeaderValue::from_static("u=5"));
    if let Some(key) = key {
        let bearer = format!("Bearer {}", key.expose_secret());
        let mut bearer = HeaderValue::from_str(&bearer).context("the key cannot be sent")?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    if ask.fresh {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    Ok(headers)
}

/// A proxy of the environment cannot reach this machine's own gateway.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The innermost of an error's causes, which says most.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests;
