//! From the wire's request to what the engine is asked: every field checked, pictures fetched.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::request::{
    ChatRequest, Content, ContentPart, ResponseFormat, Stop, WireMessage, WireRole,
};
use crate::{
    chat::{Generation, Grammar, Message, Part, Role, Sampling},
    http::{
        fault::Fault,
        state::{AppState, ChatSettings},
    },
    image::ImageSource,
    receipt::grammar,
    registry::Model,
};

/// Stop sequences in one request, at most.
const MAX_STOPS: usize = 4;
/// Bytes of a client's schema, at most: what a grammar costs grows with it.
const MAX_SCHEMA_BYTES: usize = 64 << 10;

/// Where a client's schema stands in its request.
const SCHEMA_FIELD: &str = "response_format.json_schema.schema";

/// A checked request.
pub struct Job {
    /// Who answers.
    pub model: Arc<Model>,
    /// What it is asked, the same for every choice but for the seed.
    pub generation: Generation,
    /// Where answers end.
    pub stops: Vec<String>,
    /// Answers to give.
    pub choices: usize,
    /// Whether to tell log-probabilities.
    pub logprobs: bool,
    /// Whether to send the answer as it grows.
    pub stream: bool,
    /// Whether the stream ends with the usage.
    pub include_usage: bool,
}

impl Job {
    /// Checks a request and loads its pictures.
    ///
    /// # Errors
    /// A [`Fault`] that names the field.
    pub async fn new(request: ChatRequest, app: &AppState) -> Result<Self, Fault> {
        let model = choose_model(&request, app)?;
        let sampling = sampling(&request, &app.chat)?;
        let logprobs = request.logprobs.unwrap_or(false);
        let top_logprobs = top_logprobs(&request, logprobs)?;
        let choices = choices(&request, &app.chat)?;
        let max_tokens = max_tokens(&request, &app.chat)?;
        let stops = stops(request.stop)?;
        refuse_tools(request.tools.as_deref(), request.tool_choice.as_ref())?;
        let grammar = grammar_of(request.response_format).await?;
        let messages = messages(request.messages, &model, app).await?;
        Ok(Self {
            generation: Generation {
                messages,
                sampling,
                max_tokens,
                grammar,
                top_logprobs,
            },
            model,
            stops,
            choices,
            logprobs,
            stream: request.stream.unwrap_or(false),
            include_usage: request
                .stream_options
                .and_then(|options| options.include_usage)
                .unwrap_or(false),
        })
    }

    /// What choice number `index` asks: with a seed, each draws from its own.
    #[must_use]
    pub fn generation(&self, index: usize) -> Generation {
        let mut generation = self.generation.clone();
        let seed = &mut generation.sampling.seed;
        *seed = seed.map(|seed| seed.wrapping_add(index as u64));
        generation
    }
}

fn choose_model(request: &ChatRequest, app: &AppState) -> Result<Arc<Model>, Fault> {
    let named = request.model.as_deref().filter(|name| !name.is_empty());
    let candidates = named
        .into_iter()
        .chain(request.models.iter().flatten().map(String::as_str));
    let mut first = None;
    for name in candidates {
        if let Some(model) = app.registry.get(name) {
            return Ok(model.clone());
        }
        first = first.or(Some(name));
    }
    match first {
        Some(name) => Err(Fault::unknown_model(name)),
        None => Ok(app.registry.default_model().clone()),
    }
}

fn within<T: PartialOrd + std::fmt::Display + Copy>(
    name: &str,
    value: Option<T>,
    least: T,
    most: T,
) -> Result<Option<T>, Fault> {
    match value {
        Some(value) if !(value >= least && value <= most) => Err(Fault::invalid(
            name,
            format!("{name} is {value}; it must lie within {least} and {most}."),
        )),
        value => Ok(value),
    }
}

fn sampling(request: &ChatRequest, settings: &ChatSettings) -> Result<Sampling, Fault> {
    let temperature = within("temperature", request.temperature, 0.0, 2.0)?;
    let top_k = within("top_k", request.top_k, 0, 1 << 20)?.filter(|top_k| *top_k > 0);
    Ok(Sampling {
        temperature: temperature.unwrap_or(settings.temperature),
        top_p: within("top_p", request.top_p, 0.0, 1.0)?,
        top_k: top_k.and_then(|top_k| usize::try_from(top_k).ok()),
        min_p: within("min_p", request.min_p, 0.0, 1.0)?,
        frequency_penalty: within("frequency_penalty", request.frequency_penalty, -2.0, 2.0)?,
        presence_penalty: within("presence_penalty", request.presence_penalty, -2.0, 2.0)?,
        repetition_penalty: within("repetition_penalty", request.repetition_penalty, 0.01, 2.0)?,
        seed: request.seed.map(i64::cast_unsigned),
        logit_bias: logit_bias(request.logit_bias.as_ref())?,
    })
}

fn logit_bias(bias: Option<&BTreeMap<String, f32>>) -> Result<BTreeMap<u32, f32>, Fault> {
    let mut parsed = BTreeMap::new();
    for (id, value) in bias.into_iter().flatten() {
        let name = format!("logit_bias.{id}");
        let id = id
            .parse()
            .map_err(|_| Fault::invalid(&*name, format!("{id:?} is no token id.")))?;
        if let Some(value) = within(&name, Some(*value), -100.0, 100.0)? {
            parsed.insert(id, value);
        }
    }
    Ok(parsed)
}

fn top_logprobs(request: &ChatRequest, logprobs: bool) -> Result<usize, Fault> {
    let top = within("top_logprobs", request.top_logprobs, 0, 20)?.unwrap_or(0);
    if top > 0 && !logprobs {
        return Err(Fault::invalid(
            "top_logprobs",
            "top_logprobs needs logprobs: true.",
        ));
    }
    Ok(usize::try_from(top).unwrap_or(0))
}

fn choices(request: &ChatRequest, settings: &ChatSettings) -> Result<usize, Fault> {
    let n = within("n", request.n, 1, settings.max_choices as u64)?.unwrap_or(1);
    Ok(usize::try_from(n).unwrap_or(1))
}

fn max_tokens(request: &ChatRequest, settings: &ChatSettings) -> Result<usize, Fault> {
    let (name, asked) = match request.max_completion_tokens {
        Some(asked) => ("max_completion_tokens", Some(asked)),
        None => ("max_tokens", request.max_tokens),
    };
    if asked == Some(0) {
        return Err(Fault::invalid(name, format!("{name} must be at least 1.")));
    }
    // Whatever the model's context has no room for is cut off there anyway.
    let most = 1 << 20;
    Ok(asked.map_or(settings.max_tokens, |asked| {
        usize::try_from(asked).unwrap_or(most).min(most)
    }))
}

fn stops(stop: Option<Stop>) -> Result<Vec<String>, Fault> {
    let stops = match stop {
        None => Vec::new(),
        Some(Stop::One(stop)) => vec![stop],
        Some(Stop::Several(stops)) => stops,
    };
    if stops.len() > MAX_STOPS {
        return Err(Fault::invalid(
            "stop",
            format!(
                "{} stop sequences were sent; {MAX_STOPS} is the most.",
                stops.len()
            ),
        ));
    }
    Ok(stops)
}

fn refuse_tools(tools: Option<&[Value]>, choice: Option<&Value>) -> Result<(), Fault> {
    let has_tools = tools.is_some_and(|tools| !tools.is_empty());
    if has_tools && choice != Some(&json!("none")) {
        return Err(Fault::invalid(
            "tools",
            "The models of this gateway call no tools; leave tools out, or set tool_choice to \
             \"none\".",
        ));
    }
    Ok(())
}

async fn grammar_of(format: Option<ResponseFormat>) -> Result<Grammar, Fault> {
    let schema = match format {
        None | Some(ResponseFormat::Text) => return Ok(Grammar::Free),
        Some(ResponseFormat::JsonObject) => json!({ "type": "object" }),
        Some(ResponseFormat::JsonSchema { json_schema }) => json_schema.schema,
    };
    let Value::Object(mut keywords) = schema else {
        return Err(Fault::invalid(
            SCHEMA_FIELD,
            "The schema must be an object.",
        ));
    };
    let size = Value::Object(keywords.clone()).to_string().len();
    if size > MAX_SCHEMA_BYTES {
        return Err(Fault::invalid(
            SCHEMA_FIELD,
            format!("The schema has {size} bytes; {MAX_SCHEMA_BYTES} is the most."),
        ));
    }
    // A client's own would let it turn checks off; ours keeps a model from writing blanks forever.
    keywords.insert(
        "x-guidance".to_owned(),
        json!({ "whitespace_flexible": false }),
    );
    let schema = Value::Object(keywords);
    let checked = tokio::task::spawn_blocking(move || grammar::check(&schema).map(|()| schema));
    match checked.await {
        Ok(Ok(schema)) => Ok(Grammar::JsonSchema(Arc::new(schema))),
        Ok(Err(reason)) => Err(Fault::invalid(
            SCHEMA_FIELD,
            format!("The schema cannot be enforced: {reason}"),
        )),
        Err(_) => Err(Fault::invalid(
            SCHEMA_FIELD,
            "The schema cannot be compiled.",
        )),
    }
}

async fn messages(
    wire: Vec<WireMessage>,
    model: &Arc<Model>,
    app: &AppState,
) -> Result<Vec<Message>, Fault> {
    if wire.is_empty() {
        return Err(Fault::invalid("messages", "messages is empty."));
    }
    let mut images = 0;
    let mut messages = Vec::with_capacity(wire.len());
    for (i, message) in wire.into_iter().enumerate() {
        let role = match message.role {
            WireRole::System | WireRole::Developer => Role::System,
            WireRole::User => Role::User,
            WireRole::Assistant => Role::Assistant,
        };
        let parts = match message.content {
            None => Vec::new(),
            Some(Content::Text(text)) => vec![Part::Text(text)],
            Some(Content::Parts(wire)) => {
                let mut parts = Vec::with_capacity(wire.len());
                for (j, part) in wire.into_iter().enumerate() {
                    let field = format!("messages[{i}].content[{j}]");
                    match part {
                        ContentPart::Text { text } => parts.push(Part::Text(text)),
                        ContentPart::ImageUrl { image_url } => {
                            let most = app.chat.max_images;
                            let too_many = |field| {
                                let reason = format!("A request may show {most} images at most.");
                                Err(Fault::invalid(field, reason))
                            };
                            if images == most {
                                return too_many(field);
                            }
                            let url = image_url.into_url();
                            let pages = pictures(url, &field, model, app).await?;
                            images += pages.len();
                            if images > most {
                                return too_many(field);
                            }
                            parts.extend(pages);
                        }
                    }
                }
                parts
            }
        };
        messages.push(Message { role, parts });
    }
    Ok(messages)
}

/// The picture at an address, or the pages of the PDF there.
async fn pictures(
    url: String,
    field: &str,
    model: &Arc<Model>,
    app: &AppState,
) -> Result<impl ExactSizeIterator<Item = Part> + use<>, Fault> {
    /// The engine tells when the context does not hold them.
    const ROOM: usize = usize::MAX;
    let at_field = |mut fault: Fault| {
        fault.param = Some(format!("{field}.image_url"));
        fault
    };
    let engine = model.engine().await.map_err(|error| Fault::from(&error))?;
    let grid = engine.info().vision.ok_or_else(|| {
        let id = &model.settings().id;
        at_field(Fault::invalid(
            "",
            format!("The model {id} reads no pictures."),
        ))
    })?;
    let load = async {
        let file = app.images.load(ImageSource::Url(url)).await?;
        let fit = model.settings().fit;
        app.images.prepare(vec![file], grid, fit, ROOM).await
    };
    let pages = load.await.map_err(|error| at_field(Fault::from(&error)))?;
    Ok(pages.into_iter().map(|page| Part::Picture(Arc::new(page))))
}
