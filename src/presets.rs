//! What the names stand for that clients call models: a model alone, several to be asked in turn, or
//! either with the schema of the answers and settings of its own.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::{
    receipt::{ReceiptSchema, Schemas},
    registry::{Model, Registry},
};

/// Between a model's name and a schema's, `qwen2-vl-2b:invoice`.
pub const SUFFIX: char = ':';

/// A model with what it is asked for where a request does not say.
#[derive(Clone)]
pub struct Preset {
    /// Name that clients ask for.
    pub id: String,
    /// Who answers.
    pub model: Arc<Model>,
    /// Who is asked in turn where that gives no answer.
    pub others: Vec<Arc<Model>>,
    /// How often each of them all is asked first, relative to the others; empty for the first always.
    pub weights: Vec<u32>,
    /// What the answer must be.
    pub schema: Option<ReceiptSchema>,
    /// Temperature of requests that send none.
    pub temperature: Option<f64>,
    /// Tokens generated for requests that set no limit.
    pub max_tokens: Option<usize>,
}

impl Preset {
    /// A model by its own name.
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
        }
    }

    /// What the name stands for, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let models: Vec<_> = self.models().map(|model| &*model.settings().id).collect();
        let models = models.join(", else ");
        match &self.schema {
            Some(schema) => format!("{models}; answers are of the schema {}", schema.name()),
            None => models,
        }
    }

    /// All its models, as they are listed.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        std::iter::once(&self.model).chain(&self.others)
    }

    /// Who is asked, in turn: as they are listed, or the first drawn by weight.
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

    /// The same with one of its models alone.
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

/// The presets of the configuration, in the order of their names.
#[derive(Default)]
pub struct Presets(IndexMap<String, Preset>);

impl Presets {
    /// Those presets by their names.
    pub fn new(presets: impl IntoIterator<Item = Preset>) -> Self {
        let named = presets
            .into_iter()
            .map(|preset| (preset.id.clone(), preset));
        Self(named.collect())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Preset> {
        self.0.values()
    }

    /// What `name` stands for: a preset, a model, or `MODEL:SCHEMA`.
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
