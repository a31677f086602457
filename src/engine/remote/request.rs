//! Builds the request of a generation to an upstream.

use std::{collections::BTreeMap, io::Cursor};

use base64::{Engine, engine::general_purpose::STANDARD};
use image::ImageFormat;
use serde::Serialize;
use serde_json::{Value, json};

use super::{RemoteSettings, StructuredOutput};
use crate::{
    generation::{
        Generation, Grammar, Logprobs, Message, Part, Prompt, Role, Sampling,
        tools::{Demand, Tools},
    },
    image::Picture,
};

/// A request's body in OpenAI's form.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    model: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<String>,
    max_tokens: usize,
    stream: bool,
    stream_options: Value,
    #[serde(flatten)]
    sampling: WireSampling,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
}

#[derive(Debug, Clone, Serialize)]
struct WireSampling {
    temperature: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repetition_penalty: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    logit_bias: BTreeMap<u32, f32>,
}

impl From<Sampling> for WireSampling {
    fn from(sampling: Sampling) -> Self {
        let Sampling {
            temperature,
            top_p,
            top_k,
            min_p,
            frequency_penalty,
            presence_penalty,
            repetition_penalty,
            seed,
            logit_bias,
        } = sampling;
        Self {
            temperature,
            top_p,
            top_k,
            min_p,
            frequency_penalty,
            presence_penalty,
            repetition_penalty,
            // OpenAI's API takes signed numbers.
            seed: seed.map(|seed| seed & (u64::MAX >> 1)),
            logit_bias,
        }
    }
}

/// Builds the request for `generation`.
///
/// # Errors
/// A picture that cannot be compressed.
pub fn build(generation: Generation, settings: &RemoteSettings) -> Result<Request, String> {
    let Generation {
        prompt,
        sampling,
        max_tokens,
        grammar,
        logprobs,
        top_logprobs,
        tools,
    } = generation;
    // Some upstreams refuse them beside tools in a stream, so they are only requested if needed.
    let logprobs = logprobs != Logprobs::None && settings.logprobs;
    let (mut messages, prompt) = match prompt {
        Prompt::Chat(messages) => {
            let messages: Result<Vec<_>, _> = messages.iter().map(message).collect();
            (messages?, None)
        }
        Prompt::Text(text) => (Vec::new(), Some(text)),
    };
    let mut response_format = None;
    // OpenAI's older form requests any object at all.
    let any_object = |schema: &Value| *schema == json!({"type": "object"});
    if let Grammar::JsonSchema(schema) = &grammar {
        let schema = plain(schema);
        if settings.structured_output != StructuredOutput::JsonSchema {
            messages.insert(0, told(&schema, tools.is_some()));
        }
        response_format = match settings.structured_output {
            StructuredOutput::JsonSchema if any_object(&schema) => {
                Some(json!({"type": "json_object"}))
            }
            StructuredOutput::JsonSchema => Some(json!({
                "type": "json_schema",
                "json_schema": {
                    "name": "answer", "strict": is_closed(&schema), "schema": schema,
                },
            })),
            StructuredOutput::JsonObject => Some(json!({"type": "json_object"})),
            StructuredOutput::Prompt => None,
        };
    }
    let is_chat = prompt.is_none();
    let tools = tools.as_deref();
    Ok(Request {
        model: settings.model.clone(),
        messages,
        prompt,
        max_tokens,
        stream: true,
        stream_options: json!({"include_usage": true}),
        sampling: sampling.into(),
        // A text completion takes their number.
        logprobs: logprobs.then(|| {
            if is_chat {
                json!(true)
            } else {
                json!(top_logprobs)
            }
        }),
        top_logprobs: (logprobs && is_chat && top_logprobs > 0).then_some(top_logprobs),
        response_format,
        tools: tools.map(functions).unwrap_or_default(),
        tool_choice: tools.map(choice),
        parallel_tool_calls: tools.map(|tools| tools.parallel),
    })
}

impl Request {
    /// Returns the bytes to send.
    pub fn body(&self) -> Vec<u8> {
        // Serialising our own types cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Returns the request with an answer to it and the answer's misfit appended.
    pub fn objecting(mut self, answer: &str, misfit: &str) -> Self {
        let objection = format!(
            "That does not fit the schema, at {misfit}. Answer once more, with JSON alone that fits."
        );
        self.messages.extend([
            json!({"role": "assistant", "content": answer}),
            json!({"role": "user", "content": objection}),
        ]);
        self
    }
}

fn message(message: &Message) -> Result<Value, String> {
    let role = message.role.as_str();
    if let [Part::Text(text)] = &message.parts[..] {
        return Ok(json!({"role": role, "content": text}));
    }
    let parts = message.parts.iter().map(|part| match part {
        Part::Text(text) => Ok(json!({"type": "text", "text": text})),
        Part::Picture(picture) => {
            let url = data_uri(picture)?;
            Ok(json!({"type": "image_url", "image_url": {"url": url}}))
        }
    });
    let parts: Result<Vec<_>, String> = parts.collect();
    Ok(json!({"role": role, "content": parts?}))
}

fn data_uri(picture: &Picture) -> Result<String, String> {
    let mut file = Cursor::new(Vec::new());
    let written = picture.to_image().write_to(&mut file, ImageFormat::Png);
    written.map_err(|error| error.to_string())?;
    let text = STANDARD.encode(file.into_inner());
    Ok(format!("data:image/png;base64,{text}"))
}

/// Returns the schema without the guidance for our own grammar.
fn plain(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Value::Object(keywords) = &mut schema {
        keywords.shift_remove("x-guidance");
    }
    schema
}

/// Returns whether every object in a schema names all its keys and requires them, as OpenAI's
/// strict form demands.
fn is_closed(schema: &Value) -> bool {
    let closed_here = match schema.get("properties").and_then(Value::as_object) {
        None => true,
        Some(properties) => {
            let required = schema["required"].as_array().map_or(0, Vec::len);
            schema["additionalProperties"] == json!(false) && required == properties.len()
        }
    };
    let inside = match schema {
        Value::Object(members) => members.values().all(is_closed),
        Value::Array(items) => items.iter().all(is_closed),
        _ => true,
    };
    closed_here && inside
}

fn told(schema: &Value, may_call: bool) -> Value {
    let unless = if may_call {
        "Unless you call a function, answer"
    } else {
        "Answer"
    };
    let text = format!("{unless} with JSON alone that fits this JSON schema:\n{schema}");
    json!({"role": Role::System.as_str(), "content": text})
}

fn functions(tools: &Tools) -> Vec<Value> {
    let functions = tools.functions.iter().map(|function| {
        let mut told = json!({"name": function.name, "parameters": function.parameters});
        if let Some(description) = &function.description {
            told["description"] = json!(description);
        }
        json!({"type": "function", "function": told})
    });
    functions.collect()
}

fn choice(tools: &Tools) -> Value {
    match &tools.demand {
        Demand::Allowed => json!("auto"),
        Demand::Required => json!("required"),
        Demand::Named(name) => json!({"type": "function", "function": {"name": name}}),
    }
}
