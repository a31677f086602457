//! Presets: names that clients use like a model's. A preset is a model, or several to ask in turn,
//! with or without a schema of the answers and settings of its own.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::{
    receipt::{Grounding, ReceiptSchema, Schemas},
    registry::{Model, Registry},
    routing::Candidate,
};

/// Separates a model's name from a schema's, as in `qwen2-vl-2b:invoice`.
pub const SUFFIX: char = ':';

/// One or more models under a name, with defaults for what a request leaves out.
#[derive(Clone)]
pub struct Preset {
    /// Name that clients send.
    pub id: String,
    /// The first model.
    pub model: Arc<Model>,
    /// Models to ask in turn when the first gives no answer.
    pub others: Vec<Arc<Model>>,
    /// Relative weights by which the model to ask first is drawn; empty to always start with
    /// `model`.
    pub weights: Vec<u32>,
    /// The schema of the answers, if they must follow one.
    pub schema: Option<ReceiptSchema>,
    /// Temperature of requests that send none.
    pub temperature: Option<f64>,
    /// Limit of generated tokens for requests that set none.
    pub max_tokens: Option<usize>,
    /// Whether values of receipts are held to what is printed; the model's setting if none.
    pub grounding: Option<Grounding>,
}

impl Preset {
    /// Returns a preset of one model, under the model's own name.
    #[must_use]
    pub fn of(model: &Arc<Model>) -> Self {
        Self {
            id: model.settings().id.clone(),
            model: model.clone(),
            others: Vec::new(),
            weights: Vec::new(),
            schema: None,
            temperature: None,
            max_tokens: None,
            grounding: None,
        }
    }

    /// Describes the preset's models and schema in one line.
    #[must_use]
    pub fn describe(&self) -> String {
        let models: Vec<_> = self.models().map(|model| &*model.settings().id).collect();
        let models = models.join(", else ");
        match &self.schema {
            Some(schema) => format!("{models}; answers are of the schema {}", schema.name()),
            None => models,
        }
    }

    /// Returns all its models, in configured order.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        std::iter::once(&self.model).chain(&self.others)
    }

    /// Returns the models in the order to ask them: as configured, or with the first drawn by
    /// weight.
    #[must_use]
    pub fn turns(&self) -> Vec<Arc<Model>> {
        let mut models: Vec<_> = self.models().cloned().collect();
        let total: u32 = self.weights.iter().sum();
        if total > 0 {
            let mut drawn = fastrand::u32(..total);
            let first = self.weights.iter().position(|weight| {
                let is_it = drawn < *weight;
                drawn = drawn.saturating_sub(*weight);
                is_it
            });
            if let Some(first) = first.filter(|first| *first < models.len()) {
                let model = models.remove(first);
                models.insert(0, model);
            }
        }
        models
    }

    /// Returns the same preset with `model` alone.
    #[must_use]
    pub fn with(&self, model: Arc<Model>) -> Self {
        Self {
            model,
            others: Vec::new(),
            weights: Vec::new(),
            ..self.clone()
        }
    }
}

impl Candidate for Preset {
    fn name(&self) -> &str {
        &self.id
    }

    fn model(&self) -> &Arc<Model> {
        &self.model
    }
}

/// The presets of the configuration, in the order of their names.
#[derive(Default)]
pub struct Presets(IndexMap<String, Preset>);

impl Presets {
    /// Indexes presets by their names.
    pub fn new(presets: impl IntoIterator<Item = Preset>) -> Self {
        let named = presets
            .into_iter()
            .map(|preset| (preset.id.clone(), preset));
        Self(named.collect())
    }

    /// Returns all presets.
    pub fn iter(&self) -> impl Iterator<Item = &Preset> {
        self.0.values()
    }

    /// Finds what `name` stands for: a preset, a model, or `MODEL:SCHEMA`.
    #[must_use]
    pub fn find(&self, name: &str, models: &Registry, schemas: &Schemas) -> Option<Preset> {
        let exactly = |name: &str| {
            let preset = self.0.get(name).cloned();
            preset.or_else(|| models.get(name).map(Preset::of))
        };
        exactly(name).or_else(|| {
            let (model, schema) = name.rsplit_once(SUFFIX)?;
            Some(Preset {
                id: name.to_owned(),
                schema: Some(schemas.get(schema)?.clone()),
                ..exactly(model)?
            })
        })
    }
}
