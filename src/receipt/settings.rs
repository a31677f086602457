//! Settings for reading receipts, and the prompts of models.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use chrono::NaiveDate;

use super::{
    CacheSettings, Calibration, DoubtPolicy, Grounding, InlineLimits, ReceiptSchema, Schemas,
    Weights, job::ReadingJob,
};
use crate::{
    codes::CodeLimits,
    einvoice::XmlLimits,
    generation::{PAGE_TEXT, Sampling, Script},
    image::BlankPages,
    registry::{Model, Reads},
};

/// Stands for the schema in the prompt of all schemas without one of their own.
const SCHEMA: &str = "{schema}";

/// Stands for the schema as a template of types; see [`ReceiptSchema::template`].
const TEMPLATE: &str = "{template}";

/// Settings for reading receipts.
pub struct ExtractSettings {
    /// The schemas that requests can name.
    pub schemas: Schemas,
    /// Prompts beside the pictures, by the schema's name; [`PAGE_TEXT`] in a prompt stands for the
    /// text of the pages.
    pub prompts: HashMap<String, Arc<str>>,
    /// Prompt for all other schemas; `{schema}` or `{template}` stands for the schema.
    pub any_prompt: Arc<str>,
    /// Settings of individual models, by name.
    pub readers: HashMap<String, ReaderSettings>,
    /// Sampling of tokens.
    pub sampling: Sampling,
    /// Number of items of the greatest length that the context of a preloaded model has to hold.
    pub min_items: usize,
    /// What page text and checks say of values.
    pub weights: Weights,
    /// Rules for reading a doubtful receipt again.
    pub doubt: DoubtPolicy,
    /// Treatment of blank pages.
    pub blank_pages: BlankPages,
    /// The use of e-invoices.
    pub e_invoices: EInvoiceSettings,
    /// Bounds of seeking codes on the pages; `None` if they are not sought.
    pub codes: Option<CodeLimits>,
    /// Limits on schemas that requests bring.
    pub inline: InlineLimits,
    /// Limits of the cache.
    pub cache: CacheSettings,
    /// Returns the current day in UTC, against which dates are checked.
    pub today: fn() -> NaiveDate,
}

/// The use of XML that states an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EInvoiceSettings {
    /// Whether the XML that a PDF carries is used; otherwise a model reads its pages.
    pub in_pdfs: bool,
    /// Limits on the XML.
    pub xml: XmlLimits,
}

impl Default for EInvoiceSettings {
    fn default() -> Self {
        Self {
            in_pdfs: true,
            xml: XmlLimits::default(),
        }
    }
}

/// Settings for reading receipts with one model.
#[derive(Debug, Clone, Default)]
pub struct ReaderSettings {
    /// The model's own prompts, by the schema's name.
    pub prompts: HashMap<String, Arc<str>>,
    /// The model's own prompt for all other schemas; `{schema}` or `{template}` stands for the schema.
    pub prompt: Option<Arc<str>>,
    /// Calibration of the model's confidence.
    pub calibration: Option<Arc<Calibration>>,
    /// Narrower schemas for the model's answers, by the schema's name.
    pub narrowed: HashMap<String, ReceiptSchema>,
    /// Whether the pictures come before the prompt. If they come after it, the prompt need not be
    /// computed again for another receipt.
    pub pictures_first: bool,
    /// Whether an answer is weighed against others that are nearly as likely.
    pub weighs_answers: bool,
    /// Whether values are held to what is printed.
    pub grounding: Grounding,
}

impl ExtractSettings {
    /// Returns the settings of `model`, if it has its own.
    pub(super) fn reader(&self, model: &str) -> Option<&ReaderSettings> {
        self.readers.get(model)
    }

    /// Returns the schema for answers of `model` when `schema` is requested.
    pub(super) fn schema_for(&self, model: &Model, schema: &ReceiptSchema) -> ReceiptSchema {
        let name = schema.name();
        // A schema that a request brings may have any name.
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

    /// Returns the messages for `model`: those of the request, if it has any text and the model
    /// takes instructions, otherwise the prompt of the settings.
    pub(super) fn script_for(&self, model: &Model, job: &ReadingJob) -> Script {
        let said = job.said_to(model).cloned();
        said.unwrap_or_else(|| self.own_script(model, job))
    }

    /// Returns the model's own prompt for `job`, with a gap for each file, unless the model reads
    /// page text and the prompt says where it stands.
    pub(super) fn own_script(&self, model: &Model, job: &ReadingJob) -> Script {
        let (prompt, told) = self.template_for(model, &job.schema);
        let has_place = prompt.contains(PAGE_TEXT);
        let gaps = match model.settings().reads {
            Reads::PageText if has_place => 0,
            _ => job.files.len(),
        };
        let mut script = if self.pictures_first(model) {
            Script::below_pictures(gaps, prompt)
        } else {
            Script::above_pictures(gaps, prompt)
        };
        if let Some((place, schema)) = told {
            script.replace(place, &schema);
        }
        script
    }

    /// Returns whether the pictures come before the prompt of `model`.
    pub(super) fn pictures_first(&self, model: &Model) -> bool {
        self.reader(&model.settings().id)
            .is_some_and(|reader| reader.pictures_first)
    }

    /// Returns whether answers of `model` are weighed against others that are nearly as likely.
    pub(super) fn weighs_answers(&self, model: &Model) -> bool {
        self.reader(&model.settings().id)
            .is_some_and(|reader| reader.weighs_answers)
    }

    /// Returns whether the values that `model` reads for `job` are held to what is printed.
    pub(super) fn grounding_for(&self, model: &Model, job: &ReadingJob) -> Grounding {
        let own = self.reader(&model.settings().id);
        let own = own.map(|reader| reader.grounding);
        job.grounding.or(own).unwrap_or_default()
    }

    /// Returns the prompt of `model` for answers of that schema.
    pub(super) fn prompt_for(&self, model: &Model, schema: &ReceiptSchema) -> Arc<str> {
        match self.template_for(model, schema) {
            (prompt, Some((place, schema))) => prompt.replace(place, &schema).into(),
            (prompt, None) => prompt.clone(),
        }
    }

    /// Returns the prompt of `model` for answers of that schema, and the schema to put into it in place of what.
    fn template_for<'a>(
        &'a self,
        model: &Model,
        schema: &'a ReceiptSchema,
    ) -> (&'a Arc<str>, Option<(&'static str, Cow<'a, str>)>) {
        let own = self.reader(&model.settings().id);
        let named = own.and_then(|own| own.prompts.get(schema.name()));
        let own_of_all = own.and_then(|own| own.prompt.as_ref());
        if let Some(named) = named {
            return (named, None);
        }
        let any = match (own_of_all, self.prompts.get(schema.name())) {
            (Some(prompt), _) => prompt,
            (None, Some(named)) => return (named, None),
            (None, None) => &self.any_prompt,
        };
        let told = if any.contains(TEMPLATE) {
            (TEMPLATE, schema.template().into())
        } else {
            (SCHEMA, schema.told().into())
        };
        (any, Some(told))
    }
}
