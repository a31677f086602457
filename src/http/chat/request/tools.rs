//! Tools as clients describe them, and calls as they send them back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::string_or::null_as_default;

/// A function that a model may ask its client to call.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tool {
    /// The only kind that is known.
    Function {
        /// The function.
        function: Function,
    },
    /// Any other.
    #[serde(other)]
    Other,
}

/// A function that a model may ask its client to call.
#[derive(ToSchema)]
#[schema(as = Tool)]
#[expect(dead_code, reason = "describes a tool of the kind that is known")]
pub struct KnownTool {
    /// Its kind.
    r#type: ToolKind,
    /// The function.
    function: Function,
}

/// A function.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Function {
    /// Its name: up to 64 letters, digits, `_` and `-`.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON Schema of its arguments.
    pub parameters: Option<Map<String, Value>>,
    /// If true, a keyword of the schema that the grammar cannot enforce is a 400; else the finished
    /// arguments are checked instead, and a call that does not fit is a 502.
    pub strict: Option<bool>,
}

/// Whether a tool is to be called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(
    untagged,
    expecting = "none, auto, required, or {\"type\": \"function\", \"function\": {\"name\": ...}}"
)]
pub enum ToolChoice {
    /// At all.
    Mode(ToolMode),
    /// This one.
    Named(NamedTool),
}

/// Whether any tool is to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ToolMode {
    /// None.
    None,
    /// If the model wants to.
    Auto,
    /// One at least.
    Required,
}

/// A tool by its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct NamedTool {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ToolKind,
    /// The function.
    pub function: FunctionName,
}

/// A kind of tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// The only one.
    Function,
}

/// The name of a function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct FunctionName {
    /// As in `tools`.
    pub name: String,
}

/// A call that the model made in an earlier turn.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct WireCall {
    /// What was called.
    pub function: WireCalledFunction,
}

/// A function that was called.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct WireCalledFunction {
    /// Its name.
    pub name: String,
    /// Its arguments, JSON in a string.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<String>)]
    pub arguments: String,
}
