//! Checks and compiles the functions that a request lets the model call.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};

use super::{
    error::{ChatError, FieldPath},
    format::{SchemaBytes, cannot},
    request::{FunctionOptions, ToolChoice, ToolOptions},
};
use crate::{
    generation::tools::{Demand, Function, Tools, no_parameters},
    grammar::{Blanks, Compiler},
    registry::ModelSettings,
};

/// Most functions in one request; OpenAI's own limit.
const MAX_FUNCTIONS: usize = 128;

/// Most characters of a function's name; OpenAI's own limit.
const MAX_NAME: usize = 64;

/// Compiles the functions that an answer of `model` may call; `None` if it may call none.
///
/// # Errors
/// The field that is not valid.
pub async fn compile(
    options: &ToolOptions,
    model: &ModelSettings,
    bytes: &mut SchemaBytes,
    compiler: &Compiler,
) -> Result<Option<Arc<Tools>>, ChatError> {
    let tools = |message: String| ChatError::invalid(FieldPath::Tools, message);
    if !options.may_call() {
        return match options.choice {
            None | Some(ToolChoice::None | ToolChoice::Auto) => Ok(None),
            Some(_) => Err(ChatError::invalid(
                FieldPath::ToolChoice,
                "tool_choice asks for a call, and tools has no function; add functions to tools, or leave \
                 tool_choice out.",
            )),
        };
    }
    if !model.takes_instructions {
        return Err(tools(format!(
            "The model {} cannot call functions; leave tools out, or set tool_choice to \"none\".",
            model.id
        )));
    }
    check(&options.functions)?;
    let demand = demand(options)?;
    let all = compile_all(&options.functions, model, bytes, compiler);
    let all = tokio::time::timeout(compiler.settings().timeout, all).await;
    let functions = all.unwrap_or_else(|_| {
        let message =
        "The schemas of all functions together take too long to compile; send fewer or simpler ones.";
        Err(tools(message.to_owned()))
    })?;
    Ok(Some(Arc::new(Tools {
        functions,
        demand,
        parallel: options.parallel,
    })))
}

fn check(functions: &[FunctionOptions]) -> Result<(), ChatError> {
    let count = functions.len();
    if count > MAX_FUNCTIONS {
        let message =
            format!("{count} tools were sent; a request may have {MAX_FUNCTIONS} at most.");
        return Err(ChatError::invalid(FieldPath::Tools, message));
    }
    let mut names = HashSet::new();
    for (number, FunctionOptions { name, .. }) in functions.iter().enumerate() {
        let reason = if !is_name(name) {
            "is not a name of a function; use up to 64 letters, digits, _ and -."
        } else if !names.insert(name) {
            "is the name of two functions; use it for one only."
        } else {
            continue;
        };
        let field = FieldPath::FunctionName(number);
        return Err(ChatError::invalid(field, format!("{name:?} {reason}")));
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(known)
}

fn demand(options: &ToolOptions) -> Result<Demand, ChatError> {
    match &options.choice {
        None | Some(ToolChoice::None | ToolChoice::Auto) => Ok(Demand::Allowed),
        Some(ToolChoice::Required) => Ok(Demand::Required),
        Some(ToolChoice::Named(name)) => {
            if options
                .functions
                .iter()
                .any(|function| function.name == *name)
            {
                return Ok(Demand::Named(name.clone()));
            }
            let message =
                format!("tool_choice names {name:?}, which is not in tools; name one that is.");
            Err(ChatError::invalid(FieldPath::ToolChoice, message))
        }
    }
}

async fn compile_all(
    functions: &[FunctionOptions],
    model: &ModelSettings,
    bytes: &mut SchemaBytes,
    compiler: &Compiler,
) -> Result<Vec<Function>, ChatError> {
    let mut all = Vec::with_capacity(functions.len());
    for (number, function) in functions.iter().enumerate() {
        let function = compile_one(function, bytes, compiler).await;
        let function = function.and_then(|function| {
            if model.is_held_by_grammar() {
                Ok(function)
            } else {
                let function = function.checked_when_finished();
                function.map_err(|error| error.to_string())
            }
        });
        let field = FieldPath::FunctionParameters(number);
        all.push(function.map_err(|reason| ChatError::invalid(field, reason))?);
    }
    Ok(all)
}

async fn compile_one(
    function: &FunctionOptions,
    bytes: &mut SchemaBytes,
    compiler: &Compiler,
) -> Result<Function, String> {
    let mut schema = function.parameters.clone().unwrap_or_else(no_parameters);
    let kind = schema.entry("type").or_insert_with(|| json!("object"));
    if kind != "object" {
        return Err("Arguments are always an object; set type to \"object\".".to_owned());
    }
    bytes.take(&schema)?;
    let parameters = Value::Object(schema.clone());
    let enforced = compiler.compile(schema, function.strict, Blanks::Single);
    let instead = "leave strict out to have the finished arguments checked instead";
    let enforced = enforced
        .await
        .map_err(|refused| cannot(&refused, instead))?;
    Ok(Function {
        name: function.name.clone(),
        description: function.description.clone(),
        parameters,
        enforced: enforced.schema,
        validator: Some(enforced.validator),
    })
}
