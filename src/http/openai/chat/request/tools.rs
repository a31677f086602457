//! Tools that clients describe, and calls that they send back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::string_or::null_as_default;

/// A function that a model may ask its client to call.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tool {
    /// A function; the only known kind of tool.
    Function {
        /// The function.
        function: WireFunction,
    },
    /// A tool of another kind, which is refused.
    #[serde(other)]
    Other,
}

/// A function that a model may ask its client to call.
#[derive(ToSchema)]
#[schema(as = Tool)]
#[expect(dead_code, reason = "describes a tool of the kind that is known")]
pub struct KnownTool {
    /// Kind of the tool.
    r#type: ToolKind,
    /// The function.
    function: WireFunction,
}

/// A function that a model may call.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = Function)]
pub struct WireFunction {
    /// Name of the function: up to 64 letters, digits, `_` and `-`.
    pub name: String,
    /// Purpose of the function, for the model.
    pub description: Option<String>,
    /// JSON Schema of the arguments.
    pub parameters: Option<Map<String, Value>>,
    /// If true, a keyword of the schema that the grammar cannot enforce is a 400. If false or left out, the finished
    /// arguments are checked instead, and a call that does not match is a 502.
    pub strict: Option<bool>,
}

/// Choice of the functions to call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(
    untagged,
    expecting = "none, auto, required, or {\"type\": \"function\", \"function\": {\"name\": ...}}"
)]
#[schema(as = ToolChoice)]
pub enum WireToolChoice {
    /// A choice that names no function.
    Mode(ToolMode),
    /// A call of this function.
    Named(NamedTool),
}

/// Choice between calling functions and not calling any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ToolMode {
    /// The model calls no function.
    None,
    /// The model decides.
    Auto,
    /// The model calls at least one function.
    Required,
}

/// A tool named by a choice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct NamedTool {
    /// Kind of the tool.
    #[serde(rename = "type")]
    pub kind: ToolKind,
    /// The function.
    pub function: FunctionName,
}

/// A kind of tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// A function; the only known kind.
    Function,
}

/// The name of a function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct FunctionName {
    /// Name of a function in `tools`.
    pub name: String,
}

/// A call that the model made in an earlier turn.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct WireCall {
    /// The function that was called.
    pub function: WireCalledFunction,
}

/// A called function with its arguments.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct WireCalledFunction {
    /// Name of the function.
    pub name: String,
    /// Arguments of the call, as JSON in a string.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<String>)]
    pub arguments: String,
}
