//! A receipt, from the bytes of its picture to checked JSON.
//!
//! [`Extractor::extract`] is the whole path. It knows neither HTTP nor an engine.

mod budget;
mod cache;
pub mod grammar;
mod key;
mod schema;

use std::sync::Arc;

use serde_json::Value;
use thiserror::Error;

pub use budget::{Unbounded, max_bytes};
pub use cache::{CacheSettings, CacheStats, Found, Weigh};
pub use schema::{Currency, ReceiptSchema, SchemaError};

use crate::{
    chat::{FinishReason, Generation, Grammar, Message, Part, Role, Sampling},
    engine::Engine,
    image::{EncodedImage, ImageError, ImageLoader, ImageSource, Picture},
    registry::{Completed, Model, ModelError},
};
use cache::Cache;
use key::{Inputs, Key};

/// Why there is no receipt.
#[derive(Debug, Error)]
pub enum ExtractError {
    /// There is no picture to read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model reads no pictures.
    #[error("The model {0} reads no pictures.")]
    NoVision(String),
    /// The answer was cut off before its end.
    #[error("The model's answer was cut short after {tokens} tokens.")]
    CutShort {
        /// Tokens of the answer.
        tokens: usize,
    },
    /// The answer is no JSON.
    #[error("The model's answer is no JSON: {0}")]
    NotJson(String),
    /// The answer is not what the schema asks for.
    #[error("The model's answer does not fit the schema at {0}")]
    Mismatch(String),
}

/// A JSON object that validated against its schema; there is no other way to one.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedReceipt(Arc<Value>);

impl CheckedReceipt {
    /// Parses a complete answer and validates it.
    ///
    /// # Errors
    /// [`ExtractError::CutShort`], [`ExtractError::NotJson`] or [`ExtractError::Mismatch`].
    pub fn check(answer: &Completed, schema: &ReceiptSchema) -> Result<Self, ExtractError> {
        if answer.reason == FinishReason::Length {
            return Err(ExtractError::CutShort {
                tokens: answer.usage.completion_tokens,
            });
        }
        let receipt = serde_json::from_str(&answer.text)
            .map_err(|error| ExtractError::NotJson(error.to_string()))?;
        schema.validate(&receipt).map_err(ExtractError::Mismatch)?;
        Ok(Self(Arc::new(receipt)))
    }

    /// The object.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.0
    }
}

impl Weigh for CheckedReceipt {
    fn weight(&self) -> u32 {
        // A parsed value takes about four times its text.
        u32::try_from(self.0.to_string().len() * 4).unwrap_or(u32::MAX)
    }
}

/// How receipts are read.
#[derive(Debug, Clone)]
pub struct ExtractSettings {
    /// What an answer must be.
    pub schema: ReceiptSchema,
    /// What the model is told below the picture.
    pub prompt: Arc<str>,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Bounds of the cache.
    pub cache: CacheSettings,
}

/// What one request may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheUse {
    /// Answer from the cache where it has the answer.
    Allow,
    /// Run the model again.
    Skip,
}

/// Reads receipts.
pub struct Extractor {
    settings: ExtractSettings,
    images: Arc<ImageLoader>,
    cache: Cache<Key, CheckedReceipt, Arc<ExtractError>>,
}

impl Extractor {
    /// An extractor with an empty cache.
    #[must_use]
    pub fn new(settings: ExtractSettings, images: Arc<ImageLoader>) -> Self {
        Self {
            cache: Cache::new(settings.cache),
            settings,
            images,
        }
    }

    /// Reads the receipt that `source` shows with `model`.
    ///
    /// # Errors
    /// See [`ExtractError`]; what does not validate is an error, never a receipt.
    pub async fn extract(
        &self,
        source: ImageSource,
        model: &Arc<Model>,
        cache: CacheUse,
    ) -> (Result<CheckedReceipt, Arc<ExtractError>>, Found) {
        let file = match self.images.load(source).await {
            Ok(file) => file,
            Err(error) => return (Err(Arc::new(error.into())), Found::Bypass),
        };
        let key = self.key(&file, model);
        let reading = self.read(file, model);
        if cache == CacheUse::Skip || !self.is_repeatable() {
            return (reading.await.map_err(Arc::new), Found::Bypass);
        }
        self.cache
            .get_or_run(key, || async { reading.await.map_err(Arc::new) })
            .await
    }

    /// From the picture's file to the checked receipt.
    fn read(
        &self,
        file: EncodedImage,
        model: &Arc<Model>,
    ) -> impl Future<Output = Result<CheckedReceipt, ExtractError>> + Send + 'static {
        let (settings, images, model) = (self.settings.clone(), self.images.clone(), model.clone());
        async move {
            let engine = model.engine().await?;
            let grid = engine.info().vision;
            let grid = grid.ok_or_else(|| ExtractError::NoVision(model.settings().id.clone()))?;
            let picture = images.prepare(file, grid, model.settings().fit).await?;
            let prompt = settings.prompt_for(&model).to_owned();
            let answer = model.generate(settings.generation(picture, prompt)).await?;
            CheckedReceipt::check(&answer.complete().await?, &settings.schema)
        }
    }

    fn key(&self, file: &EncodedImage, model: &Model) -> Key {
        Inputs {
            file: &file.bytes,
            model: &model.settings().id,
            weights: &model.settings().weights,
            fit: model.settings().fit,
            schema: self.settings.schema.document(),
            prompt: self.settings.prompt_for(model),
            sampling: &self.settings.sampling,
            max_tokens: self.settings.schema.max_tokens(),
        }
        .key()
    }

    /// Whether the same request gets the same answer.
    fn is_repeatable(&self) -> bool {
        let sampling = &self.settings.sampling;
        self.settings.cache.max_bytes > 0
            && (sampling.temperature == 0.0 || sampling.seed.is_some())
    }

    /// Checks that the model's context holds the largest picture, the prompt and the longest
    /// answer.
    ///
    /// # Errors
    /// The figures, where it does not.
    pub async fn check_room(&self, engine: &dyn Engine, model: &Model) -> Result<(), String> {
        /// What a chat template adds around the messages.
        const TEMPLATE_TOKENS: usize = 64;
        let Some(grid) = engine.info().vision else {
            return Err("it reads no pictures".to_owned());
        };
        let picture = grid.max_tokens(model.settings().fit);
        let prompt = engine
            .count_tokens(self.settings.prompt_for(model))
            .await
            .map_err(|error| error.to_string())?
            + TEMPLATE_TOKENS;
        let answer = self.settings.schema.max_tokens();
        let context = engine.info().context_length;
        if picture + prompt + answer > context {
            return Err(format!(
                "its context holds {context} tokens, but the largest picture takes {picture}, the \
                 prompt {prompt} and the longest answer {answer}: {} in all",
                picture + prompt + answer
            ));
        }
        Ok(())
    }

    /// What an answer must be.
    #[must_use]
    pub fn schema(&self) -> &ReceiptSchema {
        &self.settings.schema
    }

    /// Counts of the cache.
    pub fn cache_stats(&self) -> CacheStats {
        self.cache.stats()
    }
}

impl ExtractSettings {
    /// What `model` is told below the picture.
    fn prompt_for<'a>(&'a self, model: &'a Model) -> &'a str {
        model.settings().prompt.as_deref().unwrap_or(&self.prompt)
    }

    fn generation(&self, picture: Picture, prompt: String) -> Generation {
        Generation {
            messages: vec![Message {
                role: Role::User,
                parts: vec![Part::Picture(Arc::new(picture)), Part::Text(prompt)],
            }],
            sampling: self.sampling.clone(),
            max_tokens: self.schema.max_tokens(),
            grammar: Grammar::JsonSchema(self.schema.document().clone()),
            top_logprobs: 0,
        }
    }
}
