//! The bodies of faults, one for each form, as the OpenAPI document describes them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An error of the receipt routes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Message for people.
    #[schema(example = "No image was sent.")]
    pub error: String,
    /// Name for programs.
    #[schema(example = "no_image")]
    pub code: String,
    /// The field of the request that caused the error: of the form, of the JSON, or of the query; left out if none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "image")]
    pub param: Option<String>,
}

/// An error in OpenAI's form.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAiErrorBody {
    /// The error.
    pub error: OpenAiError,
}

/// The details of an error in OpenAI's form.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAiError {
    /// Message for people.
    #[schema(
        example = "The model \"x\" does not exist or you do not have access to it; GET /v1/models lists those that you may use."
    )]
    pub message: String,
    /// Class of the error.
    #[schema(example = "not_found_error")]
    pub r#type: String,
    /// The field of the request that caused the error.
    #[schema(example = "model")]
    pub param: Option<String>,
    /// Name for programs.
    #[schema(example = "model_not_found")]
    pub code: Option<String>,
}

/// An error in OpenRouter's form.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterErrorBody {
    /// The error.
    pub error: OpenRouterError,
}

/// The details of an error in OpenRouter's form.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterError {
    /// The HTTP status.
    #[schema(example = 404)]
    pub code: u16,
    /// Message for people.
    #[schema(
        example = "The model \"x\" does not exist or you do not have access to it; GET /v1/models lists those that you may use."
    )]
    pub message: String,
    /// More details for programs.
    #[schema(value_type = Object)]
    pub metadata: Value,
}

/// An error in Anthropic's form.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnthropicErrorBody {
    /// Always `error`.
    #[schema(example = "error")]
    pub r#type: &'static str,
    /// The error.
    pub error: AnthropicError,
    /// Id of the request, as in the header `request-id`.
    pub request_id: Option<String>,
}

/// The details of an error in Anthropic's form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnthropicError {
    /// Class of the error.
    #[schema(example = "not_found_error")]
    pub r#type: &'static str,
    /// Message for people, with the field of the request that caused the error.
    #[schema(
        example = "The model \"x\" does not exist or you do not have access to it; GET /v1/models lists those that you may use."
    )]
    pub message: String,
}
