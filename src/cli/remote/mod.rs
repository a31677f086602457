//! Readers that send files to a gateway elsewhere, over HTTP.

mod gateway;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::header::{CACHE_CONTROL, HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::reader::{Ask, FileFault, FileReading, ReceiptReader, TextReader};
use crate::receipt::Grounding;
use gateway::GatewayRoute;

/// A gateway at an address, which reads receipts.
pub struct Remote {
    route: GatewayRoute,
    meta: bool,
}

impl Remote {
    /// Creates a reader for the gateway at `server`, with `ask` sent with each file.
    ///
    /// # Errors
    /// Fails for an invalid address, and for a key that a header cannot hold.
    pub fn new(server: &str, key: Option<&SecretString>, ask: &Ask) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        if ask.fresh {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        Ok(Self {
            route: GatewayRoute::new(address(server, ask)?, key, headers)?,
            meta: ask.meta,
        })
    }
}

#[async_trait]
impl ReceiptReader for Remote {
    async fn read(&self, file: Bytes, _name: &str) -> Result<FileReading, FileFault> {
        parse(&self.route.send(file).await?, self.meta)
    }
}

/// A gateway at an address, which reads the text of pages.
pub struct RemoteText(GatewayRoute);

impl RemoteText {
    /// Creates a reader for the gateway at `server`.
    ///
    /// # Errors
    /// Fails for an invalid address, and for a key that a header cannot hold.
    pub fn new(server: &str, key: Option<&SecretString>) -> anyhow::Result<Self> {
        let url = gateway::address(server, "v1/ocr")?;
        GatewayRoute::new(url, key, HeaderMap::new()).map(Self)
    }
}

#[async_trait]
impl TextReader for RemoteText {
    async fn read_text(&self, file: Bytes) -> Result<Value, FileFault> {
        let body = self.0.send(file).await?;
        let text: Value = serde_json::from_slice(&body).map_err(|error| misshapen(&error))?;
        if text["pages"].is_array() {
            return Ok(text);
        }
        let message = "The gateway's answer has no pages; check --server.";
        Err(FileFault::new("bad_answer", message))
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
        Err(error) => Err(misshapen(&error)),
    }
}

fn misshapen(error: &serde_json::Error) -> FileFault {
    let message =
        format!("The answer is not of the form that a gateway sends: {error}. Check --server.");
    FileFault::new("bad_answer", message)
}

fn address(server: &str, ask: &Ask) -> anyhow::Result<Url> {
    let mut url = gateway::address(server, "extract")?;
    let asked = [
        ("model", ask.model.as_deref()),
        ("schema", ask.schema.as_deref()),
        ("include", ask.meta.then_some("meta")),
        ("grounding", ask.grounding.map(Grounding::as_str)),
    ];
    for (name, value) in asked {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
