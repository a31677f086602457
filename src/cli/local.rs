//! Readers that run in this process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;

use super::reader::{Ask, FileFault, FileReading, ReceiptReader, TextReader};
use crate::{
    app,
    app::App,
    config::Config,
    http::{self, OcrParts, ReadingBody},
    image::ImageSource,
    page::PageSelection,
    receipt::{CacheUse, ExtractRequest, Progress, ReceiptSchema},
    registry::{Model, Ticket},
};

/// The pause before a file is tried again while the model is busy.
const BUSY: Duration = Duration::from_millis(100);

/// A reader that uses a model of the configuration.
pub struct Local {
    app: Arc<App>,
    model: Arc<Model>,
    schema: ReceiptSchema,
    ask: Ask,
    load_time: Duration,
}

impl Local {
    /// Loads the model that `ask` names.
    ///
    /// # Errors
    /// Fails for an invalid configuration, an unknown model or schema, and a model that cannot be loaded.
    pub async fn new(config: &Config, ask: &Ask) -> anyhow::Result<Self> {
        let app = app::build(config)?;
        let model = match &ask.model {
            Some(id) => app
                .registry
                .get(id)
                .with_context(|| format!("there is no model {id:?} in the configuration"))?,
            None => app.registry.default_model(),
        };
        let model = model.clone();
        let schemas = app.extractor.schemas();
        let schema = match &ask.schema {
            Some(name) => schemas
                .get(name)
                .with_context(|| format!("there is no schema {name:?}"))?,
            None => schemas.default_schema(),
        };
        let schema = schema.clone();
        let started = Instant::now();
        model.lease().await?;
        Ok(Self {
            app,
            model,
            schema,
            ask: ask.clone(),
            load_time: started.elapsed(),
        })
    }

    /// Returns the model that reads.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Returns the time that loading the model took.
    #[must_use]
    pub fn load_time(&self) -> Duration {
        self.load_time
    }
}

#[async_trait]
impl ReceiptReader for Local {
    async fn read(&self, file: Bytes, _name: &str) -> Result<FileReading, FileFault> {
        let cache = if self.ask.fresh {
            CacheUse::Skip
        } else {
            CacheUse::Allow
        };
        let (reading, found) = loop {
            let request = ExtractRequest {
                pages: vec![ImageSource::Bytes(file.clone())],
                model: self.model.clone(),
                others: Vec::new(),
                schema: self.schema.clone(),
                script: None,
                sampling: None,
                ticket: Ticket::default(),
                payer: None,
                grounding: self.ask.grounding,
                cache,
                progress: Progress::default(),
            };
            let (reading, found) = self.app.extractor.extract(request).await;
            // Only this run uses the model, so it is busy with other files of the run.
            if !reading.as_ref().is_err_and(|error| error.is_overload()) {
                break (reading, found);
            }
            tokio::time::sleep(BUSY).await;
        };
        let reading = reading.map_err(|error| {
            let fault = http::fault::Fault::from(&*error);
            FileFault::new(fault.code, fault.message)
        })?;
        let body = ReadingBody::new(&reading, found);
        let meta = self.ask.meta.then(|| serde_json::to_value(body.meta));
        Ok(FileReading {
            invoice: body.invoice,
            meta: meta.and_then(Result::ok),
        })
    }
}

/// A reader of page text that uses the page reader of the configuration; it loads no model.
pub struct LocalText(Arc<App>);

impl LocalText {
    /// Creates a reader with the settings of `config`.
    ///
    /// # Errors
    /// Fails for an invalid configuration.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        app::build(config).map(Self)
    }
}

#[async_trait]
impl TextReader for LocalText {
    async fn read_text(&self, file: Bytes) -> Result<Value, FileFault> {
        let source = ImageSource::Bytes(file);
        let (pages, parts) = (PageSelection::default(), OcrParts::default());
        let body = http::read_document(&self.0.images, source, &pages, parts).await;
        let body = body.map_err(|fault| FileFault::new(fault.code, fault.message))?;
        serde_json::to_value(body).map_err(|error| FileFault::new("internal", error.to_string()))
    }
}
