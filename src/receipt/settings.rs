//! How receipts are read, and what a model is told for one.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;

use super::{
    CacheSettings, Calibration, DoubtPolicy, InlineLimits, ReceiptSchema, Schemas, reader::Job,
};
use crate::{
    chat::{Sampling, Script},
    image::BlankPages,
    registry::Model,
};

/// How receipts are read.
pub struct ExtractSettings {
    /// What answers can be asked for.
    pub schemas: Schemas,
    /// What a model is told beside the pictures, by the schema's name.
    pub prompts: HashMap<String, Arc<str>>,
    /// What it is told for other schemas; `{schema}` stands for the schema.
    pub any_prompt: Arc<str>,
    /// What is particular to a model, by its name.
    pub readers: HashMap<String, ReaderSettings>,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Items, each as long as it can be, that the context of a model that is there at the start must hold.
    pub min_items: usize,
    /// When to read again.
    pub doubt: DoubtPolicy,
    /// What becomes of pages on which nothing is printed.
    pub blank_pages: BlankPages,
    /// Bounds on schemas that requests bring.
    pub inline: InlineLimits,
    /// Bounds of the cache.
    pub cache: CacheSettings,
    /// The day, in UTC, by which dates are judged.
    pub today: fn() -> NaiveDate,
}

/// What is particular to reading receipts with one model.
#[derive(Debug, Clone, Default)]
pub struct ReaderSettings {
    /// What it is told, by the schema's name, where that is not what others are told.
    pub prompts: HashMap<String, Arc<str>>,
    /// How often it is right when it is how sure.
    pub calibration: Option<Arc<Calibration>>,
    /// What its answers are held to, by the schema's name, where that is less than the schema allows.
    pub narrowed: HashMap<String, ReceiptSchema>,
    /// Whether the pictures stand before what it is told. Where they stand behind, what is always told
    /// need not be computed anew for every receipt.
    pub pictures_first: bool,
}

impl ExtractSettings {
    /// What is particular to that model.
    pub(super) fn reader(&self, model: &str) -> Option<&ReaderSettings> {
        self.readers.get(model)
    }

    /// What answers of `model` are held to where `schema` is asked for.
    pub(super) fn schema_for(&self, model: &Model, schema: &ReceiptSchema) -> ReceiptSchema {
        let name = schema.name();
        // One that a request brings may have any name.
        let is_named = self
            .schemas
            .get(name)
            .is_some_and(|named| Arc::ptr_eq(named.document(), schema.document()));
        let narrowed = self
            .reader(&model.settings().id)
            .filter(|_| is_named)
            .and_then(|reader| reader.narrowed.get(name));
        narrowed.unwrap_or(schema).clone()
    }

    /// What `model` is told for `job`: what the request says, if it says anything and the model takes
    /// instructions.
    pub(super) fn script_for(&self, model: &Model, job: &Job) -> Script {
        let takes_instructions = model.settings().takes_instructions;
        match &job.script {
            Some(script) if takes_instructions && !script.text().trim().is_empty() => {
                script.clone()
            }
            _ => {
                let (files, prompt) = (
                    job.files.len(),
                    self.prompt_for(model, &job.schema).to_string(),
                );
                if self.pictures_first(model) {
                    Script::below_pictures(files, prompt)
                } else {
                    Script::above_pictures(files, prompt)
                }
            }
        }
    }

    /// Whether the pictures stand before what `model` is told.
    pub(super) fn pictures_first(&self, model: &Model) -> bool {
        self.reader(&model.settings().id)
            .is_some_and(|reader| reader.pictures_first)
    }

    /// What `model` is told beside the pictures to get an answer of that schema.
    pub(super) fn prompt_for(&self, model: &Model, schema: &ReceiptSchema) -> Arc<str> {
        let own = self
            .reader(&model.settings().id)
            .map(|reader| &reader.prompts);
        let named = own
            .and_then(|prompts| prompts.get(schema.name()))
            .or_else(|| self.prompts.get(schema.name()));
        named.map_or_else(
            || self.any_prompt.replace("{schema}", schema.told()).into(),
            Clone::clone,
        )
    }
}
