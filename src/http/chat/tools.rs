//! Functions that a request lets the model call, checked and compiled.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};

use super::{
    format::{Sizes, cannot},
    request::{self, ChatRequest, Tool, ToolChoice, ToolMode},
};
use crate::{
    chat::tools::{Demand, Function, Tools, no_parameters},
    grammar::{Blanks, Compiler},
    http::fault::Fault,
    registry::ModelSettings,
};

/// Functions in one request, at most; OpenAI's own bound.
const MAX_FUNCTIONS: usize = 128;

/// Characters of a function's name, at most; OpenAI's own bound.
const MAX_NAME: usize = 64;

/// Whether an answer to `request` may call anything.
#[must_use]
pub fn lets_call(request: &ChatRequest) -> bool {
    let has_tools = request
        .tools
        .as_ref()
        .is_some_and(|tools| !tools.is_empty());
    has_tools && request.tool_choice != Some(ToolChoice::Mode(ToolMode::None))
}

/// Compiles the functions that an answer to `request` may call; `None` where it may call none.
///
/// # Errors
/// 400 that names the field.
pub async fn compile(
    request: &mut ChatRequest,
    model: &ModelSettings,
    sizes: &mut Sizes,
    compiler: &Compiler,
) -> Result<Option<Arc<Tools>>, Fault> {
    let allowed = lets_call(request);
    let tools = request.tools.take().unwrap_or_default();
    let choice = request.tool_choice.take();
    if !allowed {
        return match choice {
            None | Some(ToolChoice::Mode(ToolMode::None | ToolMode::Auto)) => Ok(None),
            Some(_) => Err(Fault::invalid("tool_choice", "There are no tools to call.")),
        };
    }
    if !model.takes_instructions {
        let message = format!(
            "The model {} calls no functions; leave tools out, or set tool_choice to \"none\".",
            model.id
        );
        return Err(Fault::invalid("tools", message));
    }
    let functions = functions(tools)?;
    let demand = demand(choice, &functions)?;
    let all = compile_all(functions, model, sizes, compiler);
    let functions = tokio::time::timeout(compiler.settings().timeout, all).await;
    let functions = functions.unwrap_or_else(|_| {
        let message = "The schemas of all functions together take too long to compile.";
        Err(Fault::invalid("tools", message))
    })?;
    Ok(Some(Arc::new(Tools {
        functions,
        demand,
        parallel: request.parallel_tool_calls.unwrap_or(true),
    })))
}

async fn compile_all(
    functions: Vec<request::Function>,
    model: &ModelSettings,
    sizes: &mut Sizes,
    compiler: &Compiler,
) -> Result<Vec<Function>, Fault> {
    let mut all = Vec::with_capacity(functions.len());
    for (i, function) in functions.into_iter().enumerate() {
        let function = compile_one(function, sizes, compiler).await;
        let function = function.and_then(|function| {
            if model.is_held_by_grammar() {
                Ok(function)
            } else {
                function.checked_when_finished()
            }
        });
        let field = || format!("tools[{i}].function.parameters");
        all.push(function.map_err(|reason| Fault::invalid(field(), reason))?);
    }
    Ok(all)
}

fn functions(tools: Vec<Tool>) -> Result<Vec<request::Function>, Fault> {
    let count = tools.len();
    if count > MAX_FUNCTIONS {
        let message = format!("{count} tools were sent; {MAX_FUNCTIONS} is the most.");
        return Err(Fault::invalid("tools", message));
    }
    let mut names = HashSet::new();
    let functions = tools.into_iter().enumerate().map(|(i, tool)| {
        let Tool::Function { function } = tool else {
            let field = format!("tools[{i}].type");
            return Err(Fault::invalid(
                field,
                "Tools of type function alone are known.",
            ));
        };
        let name = &function.name;
        let reason = if !is_name(name) {
            "is no name; it takes up to 64 letters, digits, _ and -."
        } else if !names.insert(name.clone()) {
            "names two functions."
        } else {
            return Ok(function);
        };
        let field = format!("tools[{i}].function.name");
        Err(Fault::invalid(field, format!("{name:?} {reason}")))
    });
    functions.collect()
}

fn is_name(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(known)
}

fn demand(choice: Option<ToolChoice>, functions: &[request::Function]) -> Result<Demand, Fault> {
    match choice {
        None | Some(ToolChoice::Mode(ToolMode::None | ToolMode::Auto)) => Ok(Demand::Allowed),
        Some(ToolChoice::Mode(ToolMode::Required)) => Ok(Demand::Required),
        Some(ToolChoice::Named(named)) => {
            let name = named.function.name;
            if functions.iter().any(|function| function.name == name) {
                return Ok(Demand::Named(name));
            }
            let message = format!("There is no function {name:?} in tools.");
            Err(Fault::invalid("tool_choice", message))
        }
    }
}

async fn compile_one(
    function: request::Function,
    sizes: &mut Sizes,
    compiler: &Compiler,
) -> Result<Function, String> {
    let mut schema = function.parameters.unwrap_or_else(no_parameters);
    let kind = schema.entry("type").or_insert_with(|| json!("object"));
    if kind != "object" {
        return Err("Arguments are an object; type must be \"object\".".to_owned());
    }
    sizes.take(&schema)?;
    let parameters = Value::Object(schema.clone());
    let is_strict = function.strict == Some(true);
    let enforced = compiler.compile(schema, is_strict, Blanks::Single).await;
    let instead = "without strict: true the finished arguments are checked instead";
    let enforced = enforced.map_err(|refused| cannot(&refused, instead))?;
    Ok(Function {
        name: function.name,
        description: function.description,
        parameters,
        enforced: enforced.schema,
        validator: Some(enforced.validator),
    })
}
