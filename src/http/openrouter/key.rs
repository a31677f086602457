//! `GET /api/v1/key`: what the key may do, and what it has spent.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::caller::Caller;
use crate::{
    generation::Cost,
    keys::{Allowance, Spending},
};

/// The name that stands for clients without a key.
const NOBODY: &str = "no key";

/// Number that OpenRouter's form has for a limit that does not exist.
const UNLIMITED: i64 = -1;

/// The answer about a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyBody {
    /// The key.
    pub data: KeyData,
}

/// A key in the form that OpenRouter's SDKs read. Amounts are US dollars, of the answers whose cost is known, since the
/// gateway was started.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "OpenRouter's form")]
pub struct KeyData {
    /// Name of the key in the configuration.
    #[schema(example = "till-7")]
    pub label: String,
    /// Always null: the gateway has no limits on spending.
    #[schema(required)]
    pub limit: Option<f64>,
    /// Always null.
    #[schema(required)]
    pub limit_remaining: Option<f64>,
    /// Always null.
    #[schema(required)]
    pub limit_reset: Option<String>,
    /// Amount spent.
    pub usage: f64,
    /// Amount spent on this day, in UTC.
    pub usage_daily: f64,
    /// Amount spent in this week, from Monday on.
    pub usage_weekly: f64,
    /// Amount spent in this month.
    pub usage_monthly: f64,
    /// Always 0: clients bring no keys of providers.
    pub byok_usage: u8,
    /// Always 0.
    pub byok_usage_daily: u8,
    /// Always 0.
    pub byok_usage_weekly: u8,
    /// Always 0.
    pub byok_usage_monthly: u8,
    /// Always false.
    pub include_byok_in_limit: bool,
    /// Always false.
    pub is_free_tier: bool,
    /// Whether the key opens `/admin`.
    pub is_management_key: bool,
    /// The same as `is_management_key`.
    pub is_provisioning_key: bool,
    /// Always null.
    #[schema(required)]
    pub expires_at: Option<String>,
    /// Always null.
    #[schema(required)]
    pub creator_user_id: Option<String>,
    /// Always null.
    #[schema(required)]
    pub organization_id: Option<String>,
    /// Always null.
    #[schema(required)]
    pub workspace_id: Option<String>,
    /// Always `global`.
    pub allowed_data_regions: [&'static str; 1],
    /// Always empty.
    #[schema(value_type = Vec<Object>)]
    pub budgets: [(); 0],
    /// Always null.
    #[schema(required)]
    pub effective_budget: Option<()>,
    /// A quota that the gateway does not have.
    pub free_model_daily_requests: FreeRequests,
    /// Limit on requests.
    pub rate_limit: KeyRateLimit,
    /// The limits of the gateway, and what is left of them.
    pub limits: KeyLimitsBody,
}

/// A quota of requests to free models, which the gateway does not have.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeRequests {
    /// Always -1.
    pub limit: i64,
    /// Always -1.
    pub remaining: i64,
    /// Always 0: nothing counts against the quota.
    pub used: i64,
}

/// Limit on requests, in OpenRouter's older form.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyRateLimit {
    /// Most requests in the interval; -1 if there is no limit.
    pub requests: i64,
    /// Always `1m`, a minute.
    #[schema(example = "1m")]
    pub interval: &'static str,
    /// Message for people.
    pub note: &'static str,
}

/// The limits of a key, and what is left of them; null for no limit.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyLimitsBody {
    /// Limit on requests.
    #[schema(required)]
    pub requests_per_minute: Option<AllowanceBody>,
    /// Limit on tokens of prompts and answers.
    #[schema(required)]
    pub tokens_per_minute: Option<AllowanceBody>,
    /// Most requests at once.
    #[schema(required)]
    pub concurrency: Option<u32>,
}

/// A limit, and what is left of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllowanceBody {
    /// The limit in a minute.
    pub limit: u32,
    /// Amount that may be used now.
    pub remaining: u32,
    /// Seconds until all of it may be used.
    pub reset_seconds: f64,
}

impl AllowanceBody {
    fn new(allowance: Allowance) -> Self {
        Self {
            limit: allowance.limit,
            remaining: allowance.remaining,
            reset_seconds: allowance.reset.as_secs_f64(),
        }
    }
}

/// Describes the key of the request
#[utoipa::path(
    get,
    path = "/api/v1/key",
    operation_id = "getKeyOpenRouter",
    tag = "openrouter",
    responses((status = 200, description = "The key.", body = KeyBody)),
)]
pub async fn key(caller: Caller) -> Json<KeyBody> {
    let key = caller.payer();
    let Spending {
        total,
        day,
        week,
        month,
    } = key.spending();
    let requests = key.requests();
    let data = KeyData {
        label: key.name().unwrap_or(NOBODY).to_owned(),
        limit: None,
        limit_remaining: None,
        limit_reset: None,
        usage: Cost::number(total),
        usage_daily: Cost::number(day),
        usage_weekly: Cost::number(week),
        usage_monthly: Cost::number(month),
        byok_usage: 0,
        byok_usage_daily: 0,
        byok_usage_weekly: 0,
        byok_usage_monthly: 0,
        include_byok_in_limit: false,
        is_free_tier: false,
        is_management_key: key.is_admin(),
        is_provisioning_key: key.is_admin(),
        expires_at: None,
        creator_user_id: None,
        organization_id: None,
        workspace_id: None,
        allowed_data_regions: ["global"],
        budgets: [],
        effective_budget: None,
        free_model_daily_requests: FreeRequests {
            limit: UNLIMITED,
            remaining: UNLIMITED,
            used: 0,
        },
        rate_limit: KeyRateLimit {
            requests: requests.map_or(UNLIMITED, |allowance| allowance.limit.into()),
            interval: "1m",
            note: "See limits, which has all limits of the key.",
        },
        limits: KeyLimitsBody {
            requests_per_minute: requests.map(AllowanceBody::new),
            tokens_per_minute: key.tokens().map(AllowanceBody::new),
            concurrency: key.concurrency(),
        },
    };
    Json(KeyBody { data })
}
