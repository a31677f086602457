//! Reading receipts, from the bytes of their pictures to checked JSON.
//!
//! [`Extractor::extract`] is the whole path; its `reader` is the part that runs the model. This
//! module knows neither HTTP nor a particular engine.

mod agreement;
mod budget;
mod cache;
mod checks;
mod choosing;
mod coded;
mod confidence;
mod digest;
mod doubt;
mod error;
mod evidence;
mod files;
mod grounding;
mod itemising;
mod job;
mod judging;
mod key;
mod names;
mod paper;
pub mod partial;
mod placed;
mod progress;
mod reader;
mod reading;
mod schema;
mod settings;
mod shared;
mod source;
mod stated;
mod view;
mod weighed;

use std::sync::Arc;

pub use budget::{Unbounded, max_bytes};
pub use cache::{CacheOutcome, CacheSettings, CacheStats, Weigh};
pub use checks::Finding;
pub use confidence::{Calibration, CalibrationError, FieldConfidence, Weights};
pub use doubt::{DoubtPolicy, OnDoubt};
pub use error::{EInvoiceFault, ExtractError, RoomError};
pub use evidence::{
    Evidence, EvidenceSource, FieldEvidence, PageFacts, PrintedShare, Standing, TextFacts,
};
pub use grounding::{Grounding, GroundingOutcome, Lapse};
pub use progress::{Progress, ReadingStage};
pub use reading::{Attempt, CheckedReceipt, ReadAs, Reading, Reason, Report, Timings};
pub use schema::{
    Alphabet, Currency, FieldKind, InlineLimits, Narrowing, Printed, ReceiptSchema, SchemaError,
    Schemas, published,
};
pub use settings::{EInvoiceSettings, ExtractSettings, ReaderSettings};
pub use shared::{SharedCache, SharedSettings, SharedStore, StoreError};
pub use source::{CodeOnPage, EInvoiceSource, ReadingSource, StatingElement};
pub use weighed::WeighedAnswer;

use crate::{
    engine::Engine,
    generation::{Sampling, Script},
    image::{ImageLoader, ImageSource},
    keys::Identity,
    registry::{Model, Reads, Registry, Ticket},
};
use cache::Cache;
use digest::Digest;
use files::LoadedFiles;
use job::ReadingJob;
use key::{Inputs, Key, ReaderInputs, SettingsInputs};
use reader::Reader;

/// The lengths of a receipt's prompt and answer with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptSizes {
    /// Bytes of the prompt, with the schema that stands in it.
    pub prompt_bytes: usize,
    /// Tokens of the longest answer.
    pub answer_tokens: usize,
}

/// The use of the cache by a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheUse {
    /// Answer from the cache if it has the answer.
    Allow,
    /// Always run the model.
    Skip,
}

/// A request to read a receipt.
pub struct ExtractRequest {
    /// The pictures, which show one receipt together.
    pub pages: Vec<ImageSource>,
    /// The model to ask.
    pub model: Arc<Model>,
    /// Models to ask in turn when that one gives no answer.
    pub others: Vec<Arc<Model>>,
    /// The schema of the answer.
    pub schema: ReceiptSchema,
    /// Messages to use instead of the settings' prompt, with a gap for each page. A model that
    /// takes no instructions gets its own prompt in any case.
    pub script: Option<Script>,
    /// Sampling to use instead of the settings'.
    pub sampling: Option<Sampling>,
    /// The ticket with which to wait for a place on the model.
    pub ticket: Ticket,
    /// The key to charge for the tokens of a run that begins with this request, even if in the end
    /// only other requests wait for it.
    pub payer: Option<Arc<Identity>>,
    /// Whether values are held to what is printed, instead of the model's setting.
    pub grounding: Option<Grounding>,
    /// Whether an answer may come from the cache.
    pub cache: CacheUse,
    /// The receiver of progress.
    pub progress: Progress,
}

/// A service that reads receipts.
pub struct Extractor {
    reader: Reader,
    /// Digest of the settings that affect every answer.
    settings: Digest,
    cache: Arc<Cache<Key, Reading, Arc<ExtractError>>>,
    shared: Option<Arc<SharedCache>>,
}

impl Extractor {
    /// Creates an extractor with an empty cache.
    #[must_use]
    pub fn new(
        settings: ExtractSettings,
        images: Arc<ImageLoader>,
        registry: Arc<Registry>,
    ) -> Self {
        let page_reader = images.about_reader();
        let about = SettingsInputs {
            blank_pages: settings.blank_pages,
            doubt: &settings.doubt,
            pictures: images.limits(),
            page_reader: page_reader.as_deref(),
            e_invoices: settings.e_invoices,
            codes: settings.codes,
            weights: settings.weights.digest(),
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

    /// Takes over the cache and the runs in flight of `before`, unless the settings of the cache
    /// differ.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        if self.reader.settings.cache == before.reader.settings.cache {
            self.cache = before.cache.clone();
        }
        self
    }

    /// Returns the shared cache behind the extractor's own, if there is one.
    #[must_use]
    pub fn shared(&self) -> Option<&Arc<SharedCache>> {
        self.shared.as_ref()
    }

    /// Sets the shared cache behind the extractor's own.
    #[must_use]
    pub fn with_shared(mut self, shared: Option<Arc<SharedCache>>) -> Self {
        self.shared = shared;
        self
    }

    /// Reads a receipt.
    ///
    /// # Errors
    /// See [`ExtractError`]. An answer that does not validate is an error, never a receipt.
    pub async fn extract(
        &self,
        request: ExtractRequest,
    ) -> (Result<Reading, Arc<ExtractError>>, CacheOutcome) {
        let xml_limits = self.reader.settings.e_invoices.xml;
        let loaded = LoadedFiles::load(request.pages, &self.reader.images, xml_limits).await;
        let LoadedFiles { pages, xml } = match loaded {
            Ok(files) => files,
            Err(error) => return (Err(Arc::new(error)), CacheOutcome::Bypass),
        };
        let job = ReadingJob {
            files: pages,
            xml,
            model: request.model,
            others: request.others,
            schema: request.schema,
            script: request.script,
            sampling: request
                .sampling
                .unwrap_or_else(|| self.reader.settings.sampling.clone()),
            grounding: request.grounding,
            ticket: request.ticket,
            progress: request.progress,
        };
        let (key, is_repeatable) = (self.key(&job), self.is_repeatable(&job.sampling));
        let place = self.shared.as_ref();
        let place = place.map(|shared| shared.place(&key, &job.schema));
        let (ticket, reader) = (job.ticket.clone(), self.reader.clone());
        let reading = async move {
            let reading = Box::pin(reader.settle(job)).await?;
            if let Some(payer) = request.payer {
                payer.charge(reading.report.usage);
            }
            Ok(reading)
        };
        if request.cache == CacheUse::Skip || !is_repeatable {
            return (reading.await, CacheOutcome::Bypass);
        }
        self.cache.get_or_run(key, place, ticket, || reading).await
    }

    fn key(&self, job: &ReadingJob) -> Key {
        let settings = &self.reader.settings;
        // A request that repeats the model's own prompt gets the same answer.
        let differs = |said: &&Script| **said != settings.own_script(&job.model, job);
        Inputs {
            files: &job.files,
            xml: job.xml.as_ref(),
            schema_name: job.schema.name(),
            script: job.said_to(&job.model).filter(differs),
            // A model that is escalated to may follow instructions.
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

    /// Returns the settings of all models that may read the receipt. Gateways that share a cache
    /// may differ in them.
    fn readers<'a>(&'a self, job: &'a ReadingJob) -> Vec<ReaderInputs<'a>> {
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
                reads: about.reads,
                takes_instructions: about.takes_instructions,
                pictures_first: settings.pictures_first(model),
                grounding: settings.grounding_for(model, job),
                weighs_answers: settings.weighs_answers(model),
                calibration: calibration.map(|calibration| calibration.digest()),
                prompt: settings.prompt_for(model, &job.schema),
                schema: settings.schema_for(model, &job.schema).digest(),
            }
        });
        readers.collect()
    }

    /// Returns whether the same request gets the same answer.
    fn is_repeatable(&self, sampling: &Sampling) -> bool {
        let settings = &self.reader.settings;
        settings.cache.max_bytes > 0 && (sampling.temperature == 0.0 || sampling.seed.is_some())
    }

    /// Returns how long the prompt and the answer of a receipt are with `model`, beside its pages.
    #[must_use]
    pub fn sizes(&self, model: &Model) -> ReceiptSizes {
        let settings = &self.reader.settings;
        let named = settings.schemas.default_schema();
        ReceiptSizes {
            prompt_bytes: settings.prompt_for(model, named).len(),
            answer_tokens: settings.schema_for(model, named).max_tokens(),
        }
    }

    /// Checks that the model's context holds the largest picture, the prompt and the longest
    /// answer, or an answer of at least `min_items` items of the greatest length. The log states
    /// how many items fit. Page text, whose length no setting bounds, is not counted.
    ///
    /// # Errors
    /// The figures, if it does not.
    pub async fn check_room(&self, engine: &dyn Engine, model: &Model) -> Result<(), RoomError> {
        let fit = model.settings().fit;
        let picture = match (model.settings().reads, engine.info().vision) {
            (Reads::PageText, _) => 0,
            (_, Some(grid)) => grid.max_tokens(fit),
            (_, None) => return Err(RoomError::NoVision),
        };
        let settings = &self.reader.settings;
        let named = settings.schemas.default_schema();
        let schema = settings.schema_for(model, named);
        let prompt = settings.prompt_for(model, named);
        let prompt = view::tokens_of(engine, &prompt).await.map_err(Box::new)?;
        let context = engine.info().context_length;
        let beside = context.saturating_sub(prompt);
        let room = beside.saturating_sub(view::reserve(engine, &schema));
        if picture > room {
            return Err(RoomError::Picture {
                context,
                answer: schema.max_tokens(),
                room,
                picture,
            });
        }
        let answer = beside.saturating_sub(picture);
        if schema.max_tokens() <= answer {
            return Ok(());
        }
        let items = schema.items_within(answer).unwrap_or(0);
        let (most, least) = (schema.max_items().unwrap_or(0), settings.min_items.max(1));
        if items < least.min(most.max(1)) {
            return Err(RoomError::Items {
                context,
                answer,
                items,
                least,
            });
        }
        tracing::info!(
            model = model.settings().id,
            items,
            most,
            "an answer with this many items of the greatest length fits the model's context; with more \
             items it may not fit, which is an error"
        );
        Ok(())
    }

    /// Returns the schemas that requests can name.
    #[must_use]
    pub fn schemas(&self) -> &Schemas {
        &self.reader.settings.schemas
    }

    /// Returns the limits on schemas that requests bring.
    #[must_use]
    pub fn inline_limits(&self) -> InlineLimits {
        self.reader.settings.inline
    }

    /// Returns the counts of the cache.
    #[must_use]
    pub fn cache_stats(&self) -> CacheStats {
        self.cache.stats()
    }
}
