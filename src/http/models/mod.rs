//! `GET /v1/models` and `GET /v1/models/{id}`, with the fields of OpenAI's and of Anthropic's form; OpenRouter's forms are
//! in `openrouter`.

pub mod openrouter;

use std::num::NonZeroU16;

use axum::{
    Json,
    extract::{Path, Query, rejection::QueryRejection},
};
use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    body,
    caller::Caller,
    fault::{Fault, OpenAiErrorBody},
};
use crate::{presets::Preset, registry::ModelStage};

/// A model in the forms of OpenAI's and Anthropic's lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelObject {
    /// Name of the model for requests.
    #[schema(example = "qwen2-vl-2b")]
    pub id: String,
    /// Always `model`.
    #[schema(example = "model")]
    pub object: &'static str,
    /// Always `model`.
    #[schema(example = "model")]
    pub r#type: &'static str,
    /// Start of the gateway, in seconds since 1970.
    pub created: u64,
    /// Start of the gateway.
    #[schema(example = "2026-11-30T09:00:00Z")]
    pub created_at: String,
    /// The maker of the model.
    #[schema(example = "Qwen")]
    pub owned_by: String,
    /// The same as `id`.
    pub name: String,
    /// The same as `id`.
    pub display_name: String,
    /// Always `active`.
    #[schema(example = "active")]
    pub lifecycle: &'static str,
    /// The model and schema behind the name of a preset; left out for a model's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "qwen2-vl-2b; answers are of the schema invoice")]
    pub description: Option<String>,
    /// Most tokens of the prompt and the answer together; known once the model is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_length: Option<usize>,
    /// The same as `context_length`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_input_tokens: Option<usize>,
    /// State of the model: `unloaded`, `downloading`, `loading`, `ready`, `draining` or `failed`.
    #[schema(example = "ready", value_type = String)]
    pub state: ModelStage,
    /// Inputs and outputs of the model.
    pub architecture: Architecture,
}

/// Inputs and outputs of a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct Architecture {
    /// `text`, and `image` if the model reads pictures; known once the model is loaded.
    pub input_modalities: Vec<&'static str>,
    /// Always `text`.
    pub output_modalities: Vec<&'static str>,
}

/// The list of models.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelList {
    /// Always `list`.
    #[schema(example = "list")]
    pub object: &'static str,
    /// The models in the order of the configuration, then the presets.
    pub data: Vec<ModelObject>,
    /// True if the list goes on behind `last_id`, or before `first_id` if `before_id` was asked for.
    pub has_more: bool,
    /// The first of `data`; null if there is none.
    #[schema(required)]
    pub first_id: Option<String>,
    /// The last of `data`; null if there is none.
    #[schema(required)]
    pub last_id: Option<String>,
}

/// The part of the list of models to return; all of it if nothing is set.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ModelPage {
    /// Most models to return.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 65535, example = 20)]
    limit: Option<NonZeroU16>,
    /// Returns the models behind this one.
    after_id: Option<String>,
    /// Returns the models before this one.
    before_id: Option<String>,
}

impl ModelPage {
    /// Returns the part of `models`, and whether the list goes on. A name that is not in the list excludes nothing.
    fn of(&self, mut models: Vec<Preset>) -> (Vec<Preset>, bool) {
        let place = |models: &[Preset], id: Option<&String>| {
            let id = id?;
            models.iter().position(|model| model.id == *id)
        };
        if let Some(place) = place(&models, self.after_id.as_ref()) {
            models.drain(..=place);
        }
        if let Some(place) = place(&models, self.before_id.as_ref()) {
            models.truncate(place);
        }
        let most = self.limit.map_or(usize::MAX, |limit| limit.get().into());
        let surplus = models.len().saturating_sub(most);
        if self.before_id.is_some() {
            models.drain(..surplus);
        } else {
            models.truncate(most);
        }
        (models, surplus > 0)
    }
}

impl ModelObject {
    fn new(preset: &Preset, created: u64) -> Self {
        let settings = preset.model.settings();
        let info = preset.model.loaded_info();
        Self {
            id: preset.id.clone(),
            object: "model",
            r#type: "model",
            created,
            created_at: rfc_3339(created),
            owned_by: settings.owner.clone(),
            name: preset.id.clone(),
            display_name: preset.id.clone(),
            lifecycle: "active",
            description: (preset.id != settings.id).then(|| preset.describe()),
            context_length: info.as_ref().map(|info| info.context_length),
            max_input_tokens: info.map(|info| info.context_length),
            state: preset.model.status().stage,
            architecture: Architecture {
                input_modalities: input_modalities(preset),
                output_modalities: vec!["text"],
            },
        }
    }
}

/// Writes seconds since 1970 as a date and time.
fn rfc_3339(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).ok();
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Returns the inputs of a model; one that is not loaded yet is assumed to read pictures. A model that reads page text
/// takes pictures too.
fn input_modalities(preset: &Preset) -> Vec<&'static str> {
    let info = preset.model.loaded_info();
    let sees = info.is_none_or(|info| info.vision.is_some());
    if sees || preset.model.settings().reads.shows_page_text() {
        vec!["text", "image"]
    } else {
        vec!["text"]
    }
}

/// Lists the models
///
/// The list has the fields of OpenAI's form and of Anthropic's.
#[utoipa::path(
    get,
    path = "/v1/models",
    operation_id = "listModels",
    tag = "openai",
    params(ModelPage),
    responses(
        (status = 200, description = "All models and presets that the key may use.", body = ModelList),
        (status = 400, description = "A parameter is not valid.", body = OpenAiErrorBody),
    ),
)]
pub async fn openai_list(
    app: Caller,
    page: Result<Query<ModelPage>, QueryRejection>,
) -> Result<Json<ModelList>, Fault> {
    let (models, has_more) = body::query(page)?.of(app.presets().collect());
    let data: Vec<_> = models
        .iter()
        .map(|preset| ModelObject::new(preset, app.started))
        .collect();
    Ok(Json(ModelList {
        object: "list",
        has_more,
        first_id: data.first().map(|model| model.id.clone()),
        last_id: data.last().map(|model| model.id.clone()),
        data,
    }))
}

/// Describes a model
///
/// The name may contain slashes, sent as they are or as `%2F`.
#[utoipa::path(
    get,
    path = "/v1/models/{*id}",
    operation_id = "retrieveModel",
    tag = "openai",
    params(("id" = String, Path, description = "Name of the model.", example = "qwen2-vl-2b")),
    responses(
        (status = 200, description = "The model.", body = ModelObject),
        (status = 404, description = "The model does not exist, or the key may not use it.", body = OpenAiErrorBody),
    ),
)]
pub async fn openai_get(app: Caller, Path(id): Path<String>) -> Result<Json<ModelObject>, Fault> {
    let preset = app.preset(&id)?;
    Ok(Json(ModelObject::new(&preset, app.started)))
}
