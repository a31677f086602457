//! The query of the routes that read receipts.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::receipt::Grounding;

/// The options of a reading that can be sent in the query.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExtractQuery {
    /// Model that reads the receipt; the gateway's default if left out.
    pub model: Option<String>,
    /// Name of a schema of `GET /schemas`; `invoice` if left out.
    pub schema: Option<String>,
    /// `meta` returns the object with the facts about its reading.
    #[param(inline)]
    pub include: Option<Include>,
    /// Whether the fields that the schema marks as printed are chosen from what is printed (`enforce`), are free while
    /// it is reported which are printed (`report`), or are free without looking (`off`); the model's setting if left
    /// out.
    #[param(inline)]
    pub grounding: Option<GroundingChoice>,
}

/// The part of [`ExtractQuery`] that has no field in a form or JSON.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes a query that is read as an ExtractQuery"
)]
pub struct IncludeQuery {
    /// `meta` returns the object with the facts about its reading.
    #[param(inline)]
    include: Option<Include>,
    /// Whether the fields that the schema marks as printed are chosen from what is printed (`enforce`), are free while
    /// it is reported which are printed (`report`), or are free without looking (`off`); the model's setting if left
    /// out.
    #[param(inline)]
    grounding: Option<GroundingChoice>,
}

/// Whether values are held to what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GroundingChoice {
    /// Marked fields are chosen from what is printed.
    Enforce,
    /// Values are free, and it is reported which are printed.
    Report,
    /// Values are free, and the text of the pages is not looked at.
    Off,
}

impl From<GroundingChoice> for Grounding {
    fn from(choice: GroundingChoice) -> Self {
        match choice {
            GroundingChoice::Enforce => Self::Enforce,
            GroundingChoice::Report => Self::Report,
            GroundingChoice::Off => Self::Off,
        }
    }
}

/// Additional parts of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Include {
    /// Confidence by field, checks, attempts, usage and timings.
    Meta,
}
