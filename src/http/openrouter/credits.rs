//! `GET /api/v1/credits`: what was spent.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::caller::Caller;
use crate::generation::Cost;

/// The answer about credits.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditsBody {
    /// The credits.
    pub data: CreditsData,
}

/// Credits in US dollars.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditsData {
    /// Always 0: the gateway sells no credits.
    pub total_credits: u8,
    /// Amount spent since the gateway was started, of the answers whose cost is known: by this key, or by all keys if
    /// this one opens `/admin`.
    pub total_usage: f64,
}

/// Returns what was spent
#[utoipa::path(
    get,
    path = "/api/v1/credits",
    operation_id = "getCreditsOpenRouter",
    tag = "openrouter",
    responses((status = 200, description = "The amount spent.", body = CreditsBody)),
)]
pub async fn credits(caller: Caller) -> Json<CreditsBody> {
    let key = caller.payer();
    let spending = if key.is_admin() {
        caller.keys.meters().spending()
    } else {
        key.spending()
    };
    Json(CreditsBody {
        data: CreditsData {
            total_credits: 0,
            total_usage: Cost::number(spending.total),
        },
    })
}
