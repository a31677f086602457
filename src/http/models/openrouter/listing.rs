//! `GET /api/v1/models`, `/api/v1/models/user` and `/api/v1/models/count`: all models that the key may use.

use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::OpenRouterModel;
use crate::http::{
    body,
    caller::Caller,
    fault::{Fault, OpenRouterErrorBody},
};

/// Most models of one page.
const MOST: usize = 1000;

/// Models of one page if the query only has an offset.
const PAGE: usize = 500;

/// The list of models.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterModelList {
    /// Always `list`, for OpenAI's clients.
    pub object: &'static str,
    /// The models in the order of the configuration, then the presets.
    pub data: Vec<OpenRouterModel>,
    /// Number of models on all pages.
    pub total_count: usize,
    /// Links to other pages.
    pub links: PageLinks,
}

/// Links to other pages of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageLinks {
    /// Path of the next page; null if there is none.
    #[schema(required)]
    pub next: Option<String>,
}

/// The page to return.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Number of models to leave out.
    #[param(value_type = Option<u64>, minimum = 0, maximum = 4_294_967_295_u32)]
    pub offset: Option<u32>,
    /// Most models to return; all if `offset` is left out too, else 500.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
    /// Outputs of the models to return, separated by commas, or `all`. Every model writes `text`.
    pub output_modalities: Option<String>,
}

/// The models to count.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CountQuery {
    /// Outputs of the models to count, separated by commas, or `all`. Every model writes `text`.
    pub output_modalities: Option<String>,
}

/// The answer with the number of models.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelCountBody {
    /// The number.
    pub data: ModelCount,
}

/// A number of models.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelCount {
    /// Number of models and presets that the key may use.
    pub count: usize,
}

/// Returns whether models that write text are among those that are asked for.
fn wants_text(modalities: Option<&str>) -> bool {
    let mut named = modalities.unwrap_or("text").split(',').map(str::trim);
    named.any(|name| ["", "text", "all"].contains(&name))
}

fn models(app: &Caller, modalities: Option<&str>) -> Vec<OpenRouterModel> {
    let models = app.presets().filter(|_| wants_text(modalities));
    models
        .map(|preset| OpenRouterModel::new(&preset, app.started))
        .collect()
}

/// Lists the models
#[utoipa::path(
    get,
    path = "/api/v1/models",
    operation_id = "listModelsOpenRouter",
    tag = "openrouter",
    responses((status = 200, description = "All models and presets that the key may use.", body = OpenRouterModelList)),
)]
pub async fn list(app: Caller) -> Json<OpenRouterModelList> {
    let data = models(&app, None);
    Json(OpenRouterModelList {
        object: "list",
        total_count: data.len(),
        data,
        links: PageLinks { next: None },
    })
}

/// Lists the models of the key
///
/// The same models as `/api/v1/models`, page by page.
#[utoipa::path(
    get,
    path = "/api/v1/models/user",
    operation_id = "listUserModelsOpenRouter",
    tag = "openrouter",
    params(PageQuery),
    responses(
        (status = 200, description = "The models and presets that the key may use.", body = OpenRouterModelList),
        (status = 400, description = "A parameter is not valid.", body = OpenRouterErrorBody),
    ),
)]
pub async fn user(
    app: Caller,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<OpenRouterModelList>, Fault> {
    let page = body::query(query)?;
    if page.limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
        let message = format!("limit must be a number from 1 to {MOST}.");
        return Err(Fault::invalid("limit", message));
    }
    let mut data = models(&app, page.output_modalities.as_deref());
    let total_count = data.len();
    let mut next = None;
    if page.offset.is_some() || page.limit.is_some() {
        let (offset, limit) = (
            page.offset.unwrap_or(0) as usize,
            page.limit.unwrap_or(PAGE),
        );
        data = data.into_iter().skip(offset).take(limit).collect();
        let end = offset.saturating_add(limit);
        next =
            (end < total_count).then(|| format!("/api/v1/models/user?offset={end}&limit={limit}"));
    }
    Ok(Json(OpenRouterModelList {
        object: "list",
        data,
        total_count,
        links: PageLinks { next },
    }))
}

/// Counts the models
#[utoipa::path(
    get,
    path = "/api/v1/models/count",
    operation_id = "countModelsOpenRouter",
    tag = "openrouter",
    params(CountQuery),
    responses(
        (status = 200, description = "The number of models and presets that the key may use.", body = ModelCountBody),
        (status = 400, description = "A parameter is not valid.", body = OpenRouterErrorBody),
    ),
)]
pub async fn count(
    app: Caller,
    query: Result<Query<CountQuery>, QueryRejection>,
) -> Result<Json<ModelCountBody>, Fault> {
    let query = body::query(query)?;
    let is_counted = wants_text(query.output_modalities.as_deref());
    let count = app.presets().filter(|_| is_counted).count();
    Ok(Json(ModelCountBody {
        data: ModelCount { count },
    }))
}
