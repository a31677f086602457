//! `GET /api/v1/providers`: who runs the models.

use std::collections::BTreeSet;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::caller::Caller;

/// The list of providers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderList {
    /// The providers by name.
    pub data: Vec<ProviderBody>,
}

/// A provider in the form that OpenRouter's SDKs read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderBody {
    /// Name of the provider; `receipt-gateway` for the gateway itself.
    #[schema(example = "receipt-gateway")]
    pub name: String,
    /// The same as `name`.
    #[schema(example = "receipt-gateway")]
    pub slug: String,
    /// Always null: not known.
    #[schema(required)]
    pub privacy_policy_url: Option<String>,
    /// Always null.
    #[schema(required)]
    pub terms_of_service_url: Option<String>,
    /// Always null.
    #[schema(required)]
    pub status_page_url: Option<String>,
    /// Always null.
    #[schema(required)]
    pub headquarters: Option<String>,
    /// Always null.
    #[schema(required)]
    pub datacenters: Option<Vec<String>>,
}

/// Lists the providers
#[utoipa::path(
    get,
    path = "/api/v1/providers",
    operation_id = "listProvidersOpenRouter",
    tag = "openrouter",
    responses((status = 200, description = "The providers of all models that the key may use.", body = ProviderList)),
)]
pub async fn providers(caller: Caller) -> Json<ProviderList> {
    let models = caller.presets().flat_map(|preset| preset.turns());
    let names: BTreeSet<_> = models
        .map(|model| model.settings().provider_name().to_owned())
        .collect();
    let data = names.into_iter().map(|name| ProviderBody {
        slug: name.clone(),
        name,
        privacy_policy_url: None,
        terms_of_service_url: None,
        status_page_url: None,
        headquarters: None,
        datacenters: None,
    });
    Json(ProviderList {
        data: data.collect(),
    })
}
