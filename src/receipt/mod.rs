//! A receipt, from the bytes of its pictures to checked JSON.
//!
//! [`Extractor::extract`] is the whole path, its `reader` the part that runs the model. It
//! knows neither HTTP nor an engine.

mod budget;
mod cache;
mod checks;
mod confidence;
mod doubt;
mod error;
mod key;
pub mod partial;
mod progress;
mod reader;
mod reading;
mod schema;
mod settings;
mod shared;

use std::sync::Arc;

pub use budget::{Unbounded, max_bytes};
pub use cache::{CacheSettings, CacheStats, Found, Weigh};
pub use checks::Finding;
pub use confidence::{Calibration, CalibrationError, FieldConfidence};
pub use doubt::{DoubtPolicy, OnDoubt};
pub use error::ExtractError;
pub use progress::{Progress, Stage};
pub use reading::{Attempt, CheckedReceipt, Reading, Reason, Report, Timings};
pub use schema::{
    Alphabet, Currency, FieldKind, InlineLimits, Narrowing, Printed, ReceiptSchema, SchemaError,
    Schemas, published,
};
pub use settings::{ExtractSettings, ReaderSettings};
pub use shared::{SharedCache, SharedSettings, SharedStore, StoreError};

use crate::{
    chat::{Sampling, Script},
    engine::Engine,
    image::{ImageError, ImageLoader, ImageSource, Place},
    keys::Identity,
    registry::{Model, Registry, Ticket},
};
use cache::Cache;
use key::{Digest, Inputs, Key, ReaderInputs, SettingsInputs};
use reader::{Job, Reader};

/// What one request may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheUse {
    /// Answer from the cache where it has the answer.
    Allow,
    /// Run the model again.
    Skip,
}

/// A receipt that somebody wants read.
pub struct ExtractRequest {
    /// Its pictures, which make one receipt together.
    pub pages: Vec<ImageSource>,
    /// Who is to read it.
    pub model: Arc<Model>,
    /// Who is asked in turn where that gives no answer.
    pub others: Vec<Arc<Model>>,
    /// What the answer must be.
    pub schema: ReceiptSchema,
    /// What the model is told, with a gap for each page, where that is not the settings' prompt. A
    /// model that takes no instructions is told its own all the same.
    pub script: Option<Script>,
    /// How tokens are drawn, where not as the settings say.
    pub sampling: Option<Sampling>,
    /// Who asks, for a place on the model.
    pub ticket: Ticket,
    /// Who pays for the tokens of a run that begins with this request, even if others wait for its
    /// end alone.
    pub payer: Option<Arc<Identity>>,
    /// Whether an answer may come from the cache.
    pub cache: CacheUse,
    /// Who wants to know how far it is.
    pub progress: Progress,
}

/// Reads receipts.
pub struct Extractor {
    reader: Reader,
    /// Of what the settings say of every answer.
    settings: Digest,
    cache: Arc<Cache<Key, Reading, Arc<ExtractError>>>,
    shared: Option<Arc<SharedCache>>,
}

impl Extractor {
    /// An extractor with an empty cache.
    #[must_use]
    pub fn new(
        settings: ExtractSettings,
        images: Arc<ImageLoader>,
        registry: Arc<Registry>,
    ) -> Self {
        let about = SettingsInputs {
            blank_pages: settings.blank_pages,
            doubt: &settings.doubt,
            pictures: images.limits(),
        };
        Self {
            settings: about.digest(),
            cache: Arc::new(Cache::new(settings.cache)),
            shared: None,
            reader: Reader {
                settings: Arc::new(settings),
                images,
                registry,
            },
        }
    }

    /// Goes on with what `before` remembers and has under way, unless the cache is to have other bounds.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        if self.reader.settings.cache == before.reader.settings.cache {
            self.cache = before.cache.clone();
        }
        self
    }

    /// The cache behind its own that others share.
    #[must_use]
    pub fn shared(&self) -> Option<&Arc<SharedCache>> {
        self.shared.as_ref()
    }

    /// With a cache behind its own that others share.
    #[must_use]
    pub fn with_shared(mut self, shared: Option<Arc<SharedCache>>) -> Self {
        self.shared = shared;
        self
    }

    /// Reads a receipt.
    ///
    /// # Errors
    /// See [`ExtractError`]; what does not validate is an error, never a receipt.
    pub async fn extract(
        &self,
        request: ExtractRequest,
    ) -> (Result<Reading, Arc<ExtractError>>, Found) {
        let limit = self.reader.images.max_pages();
        if request.pages.len() > limit {
            let error = ImageError::TooManyPages { limit };
            return (Err(Arc::new(error.into())), Found::Bypass);
        }
        let files = request.pages.len();
        let loading = request
            .pages
            .into_iter()
            .zip(1..)
            .map(async |(page, number)| {
                let loaded = self.reader.images.load(page).await;
                loaded.map_err(|error| error.at(Place::file(number, files)))
            });
        let files = match futures::future::try_join_all(loading).await {
            Ok(files) => files,
            Err(error) => return (Err(Arc::new(error.into())), Found::Bypass),
        };
        let job = Job {
            files,
            model: request.model,
            others: request.others,
            schema: request.schema,
            script: request.script,
            sampling: request
                .sampling
                .unwrap_or_else(|| self.reader.settings.sampling.clone()),
            ticket: request.ticket,
            progress: request.progress,
        };
        let (key, is_repeatable) = (self.key(&job), self.is_repeatable(&job.sampling));
        let place = self.shared.as_ref();
        let place = place.map(|shared| shared.place(&key, &job.schema));
        let (ticket, reader) = (job.ticket.clone(), self.reader.clone());
        let reading = async move {
            let reading = reader.settle(job).await?;
            if let Some(payer) = request.payer {
                payer.charge(reading.report.usage);
            }
            Ok(reading)
        };
        if request.cache == CacheUse::Skip || !is_repeatable {
            return (reading.await, Found::Bypass);
        }
        self.cache.get_or_run(key, place, ticket, || reading).await
    }

    fn key(&self, job: &Job) -> Key {
        let settings = &self.reader.settings;
        Inputs {
            files: &job.files,
            schema_name: job.schema.name(),
            script: &settings.script_for(&job.model, job),
            // Another model may understand it.
            said: job
                .script
                .as_ref()
                .filter(|_| settings.doubt.on_doubt == OnDoubt::Escalate),
            sampling: &job.sampling,
            max_tokens: job.schema.max_tokens(),
            settings: self.settings,
            readers: &self.readers(job),
            today: (settings.today)(),
        }
        .key()
    }

    /// What is not in the request but in the settings of those who may read it. Two gateways that
    /// share a cache may differ in that.
    fn readers<'a>(&'a self, job: &'a Job) -> Vec<ReaderInputs<'a>> {
        let settings = &self.reader.settings;
        let escalate_to: &[String] = match settings.doubt.on_doubt {
            OnDoubt::Escalate => &settings.doubt.escalate_to,
            OnDoubt::Report | OnDoubt::Retry => &[],
        };
        let others = escalate_to
            .iter()
            .filter_map(|id| self.reader.registry.get(id));
        let others = job.others.iter().chain(others);
        let readers = std::iter::once(&job.model).chain(others).map(|model| {
            let about = model.settings();
            let reader = settings.reader(&about.id);
            let calibration = reader.and_then(|reader| reader.calibration.as_ref());
            ReaderInputs {
                model: &about.id,
                weights: &about.weights,
                fit: about.fit,
                takes_instructions: about.takes_instructions,
                pictures_first: settings.pictures_first(model),
                calibration: calibration.map(|calibration| calibration.digest()),
                prompt: settings.prompt_for(model, &job.schema),
                schema: settings.schema_for(model, &job.schema).digest(),
            }
        });
        readers.collect()
    }

    /// Whether the same request gets the same answer.
    fn is_repeatable(&self, sampling: &Sampling) -> bool {
        let settings = &self.reader.settings;
        settings.cache.max_bytes > 0 && (sampling.temperature == 0.0 || sampling.seed.is_some())
    }

    /// Checks that the model's context holds the largest picture, the prompt and the longest answer, or
    /// one with a good number of items, each as long as it can be; the log tells how many.
    ///
    /// # Errors
    /// The figures, where it does not.
    pub async fn check_room(&self, engine: &dyn Engine, model: &Model) -> Result<(), String> {
        let Some(grid) = engine.info().vision else {
            return Err("it reads no pictures".to_owned());
        };
        let settings = &self.reader.settings;
        let named = settings.schemas.default_schema();
        let schema = settings.schema_for(model, named);
        let prompt = settings.prompt_for(model, named);
        let beside = reader::room_beside(engine, &prompt).await;
        let beside = beside.map_err(|error| error.to_string())?;
        let picture = grid.max_tokens(model.settings().fit);
        let room = beside.saturating_sub(reader::reserve(engine, &schema));
        let context = engine.info().context_length;
        if picture > room {
            return Err(format!(
                "its context holds {context} tokens, of which the prompt and the answer, of up to {} \
                 tokens, leave {room}, but the largest picture takes {picture}",
                schema.max_tokens(),
            ));
        }
        let answer = beside.saturating_sub(picture);
        if schema.max_tokens() <= answer {
            return Ok(());
        }
        let items = schema.items_within(answer).unwrap_or(0);
        let (most, least) = (schema.max_items().unwrap_or(0), settings.min_items.max(1));
        if items < least.min(most.max(1)) {
            return Err(format!(
                "its context holds {context} tokens, of which the prompt and the largest picture leave \
                 {answer}: room for {items} items of the longest kind, and extract.min_items is {least}"
            ));
        }
        tracing::info!(
            model = model.settings().id,
            items,
            most,
            "so many items surely fit its context, however long each is; more where they are shorter, \
             and an answer that does not fit is an error"
        );
        Ok(())
    }

    /// What answers can be asked for.
    #[must_use]
    pub fn schemas(&self) -> &Schemas {
        &self.reader.settings.schemas
    }

    /// Bounds on schemas that requests bring.
    #[must_use]
    pub fn inline_limits(&self) -> InlineLimits {
        self.reader.settings.inline
    }

    /// Counts of the cache.
    #[must_use]
    pub fn cache_stats(&self) -> CacheStats {
        self.cache.stats()
    }
}
