//! From the wire's request to what the engine is asked: every field checked, pictures fetched.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    format::{Format, Sizes, cannot},
    request::{
        ChatRequest, Content, ContentPart, FilePart, Stop, WireCalledFunction, WireMessage,
        WireRole,
    },
    tools,
};
use crate::{
    chat::{
        Generation, Grammar, Line, Logprobs, Prompt, Role, Sampling, Script, Turn,
        tools::{RESULT, Tools, write_call},
    },
    grammar::Validator,
    http::{
        caller::Caller,
        fault::{Dialect, Fault},
        state::{AppState, ChatSettings},
    },
    image::{BlankPages, ImageSource, Picture, Preparation},
    keys::Identity,
    presets::Preset,
    registry::{Model, Ticket},
};

/// Stop sequences in one request, at most.
const MAX_STOPS: usize = 4;

/// A checked request.
pub struct Job {
    /// Who pays for its tokens.
    pub payer: Arc<Identity>,
    /// Who asks, for a place on the model.
    pub ticket: Ticket,
    /// Who answers.
    pub model: Arc<Model>,
    /// What it is asked, the same for every choice but for the seed.
    pub generation: Generation,
    /// Where answers end.
    pub stops: Vec<String>,
    /// Functions that answers may call.
    pub tools: Option<Arc<Tools>>,
    /// Whether an answer that calls none of them is JSON.
    pub answers_in_json: bool,
    /// What the finished text is held to.
    pub validator: Option<Arc<Validator>>,
    /// Answers to give.
    pub choices: usize,
    /// Whether to tell log-probabilities.
    pub logprobs: bool,
}

impl Job {
    /// Checks a chat and loads its pictures.
    ///
    /// # Errors
    /// A [`Fault`] that names the field.
    pub async fn chat(
        mut request: ChatRequest,
        preset: &Preset,
        app: &Caller,
    ) -> Result<Self, Fault> {
        let mut job = Self::of(&request, preset, app, Prompt::Chat(Vec::new()))?;
        let (mut sizes, compiler) = (Sizes::of(&app.chat), &app.compiler);
        let model = preset.model.settings();
        job.tools = tools::compile(&mut request, model, &mut sizes, compiler).await?;
        let format = Format::of(request.response_format, &mut sizes, compiler).await?;
        if !format.is_held && !job.stops.is_empty() {
            return Err(Fault::invalid(
                "stop",
                "An answer that is checked when it is finished cannot be cut off; leave stop out.",
            ));
        }
        let (mut script, shown) = script(request.messages, &app.chat)?;
        let generation = &mut job.generation;
        generation.grammar = format.grammar;
        job.validator = format.validator;
        job.answers_in_json = !matches!(generation.grammar, Grammar::Free);
        if let Some(tools) = job.tools.as_ref().filter(|_| !model.is_held_by_grammar()) {
            generation.tools = Some(tools.clone());
        } else if let Some(tools) = &job.tools {
            script.instruct(tools.instructions(&app.chat.tools_prompt));
            let held = tools.grammar(&generation.grammar);
            generation.grammar = held.map_err(|reason| Fault::invalid("tools", reason))?;
            let checked = compiler.check(generation.grammar.clone()).await;
            checked.map_err(|refused| Fault::invalid("tools", cannot(&refused, "")))?;
        }
        let files = pictures(shown, &preset.model, app).await?;
        generation.prompt = Prompt::Chat(script.with_pages(files));
        Ok(job)
    }

    /// Checks what a request says of its answers, whatever they go on from.
    ///
    /// # Errors
    /// A [`Fault`] that names the field.
    pub fn of(
        request: &ChatRequest,
        preset: &Preset,
        app: &Caller,
        prompt: Prompt,
    ) -> Result<Self, Fault> {
        let temperature = preset.temperature.unwrap_or(app.chat.temperature);
        let sampling = sampling(request, temperature)?;
        let logprobs = request.logprobs.unwrap_or(false);
        let top_logprobs = top_logprobs(request, logprobs)?;
        let choices = choices(request, &app.chat)?;
        let max_tokens = max_tokens(request, preset.max_tokens.unwrap_or(app.chat.max_tokens))?;
        Ok(Self {
            payer: app.payer().clone(),
            ticket: app.ticket(),
            model: preset.model.clone(),
            generation: Generation {
                prompt,
                sampling,
                max_tokens,
                grammar: Grammar::Free,
                logprobs: if logprobs {
                    Logprobs::All
                } else {
                    Logprobs::None
                },
                top_logprobs,
                tools: None,
            },
            stops: stops(request.stop.as_ref())?,
            tools: None,
            answers_in_json: false,
            validator: None,
            choices,
            logprobs,
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

/// How tokens are drawn, at `temperature` where the request sets none.
///
/// # Errors
/// A value out of its bounds.
pub fn sampling(request: &ChatRequest, temperature: f64) -> Result<Sampling, Fault> {
    let asked = within("temperature", request.temperature, 0.0, 2.0)?;
    let top_k = within("top_k", request.top_k, 0, 1 << 20)?.filter(|top_k| *top_k > 0);
    Ok(Sampling {
        temperature: asked.unwrap_or(temperature),
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

/// Answers to give.
///
/// # Errors
/// More than the settings allow.
pub fn choices(request: &ChatRequest, settings: &ChatSettings) -> Result<usize, Fault> {
    let n = within("n", request.n, 1, settings.max_choices as u64)?.unwrap_or(1);
    Ok(usize::try_from(n).unwrap_or(1))
}

fn max_tokens(request: &ChatRequest, otherwise: usize) -> Result<usize, Fault> {
    let (name, asked) = match request.max_completion_tokens {
        Some(asked) => ("max_completion_tokens", Some(asked)),
        None => ("max_tokens", request.max_tokens),
    };
    if asked == Some(0) {
        return Err(Fault::invalid(name, format!("{name} must be at least 1.")));
    }
    // Whatever the model's context has no room for is cut off there anyway.
    let most = 1 << 20;
    Ok(asked.map_or(otherwise, |asked| {
        usize::try_from(asked).unwrap_or(most).min(most)
    }))
}

fn stops(stop: Option<&Stop>) -> Result<Vec<String>, Fault> {
    let stops = match stop {
        None => Vec::new(),
        Some(Stop::One(stop)) => vec![stop.clone()],
        Some(Stop::Several(stops)) => stops.clone(),
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

/// Whether the stream ends with the usage: OpenRouter's does unless it is asked not to, OpenAI's if it
/// is asked to.
pub fn include_usage(request: &ChatRequest, dialect: Dialect) -> bool {
    let options = request.stream_options.as_ref();
    let asked = options.and_then(|options| options.include_usage);
    asked.unwrap_or(dialect == Dialect::OpenRouter)
}

/// A picture of a chat, not loaded yet.
pub struct Shown {
    /// Where it is.
    pub source: ImageSource,
    /// The request's field that shows it.
    pub field: String,
}

impl Shown {
    /// The file of a part that stands in the field `part`.
    fn file(file: FilePart, part: &str) -> Result<Self, Fault> {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (url, name) = match (some(file.file_data), some(file.file_url)) {
            // No base64 has a colon, and every address does.
            (Some(data), _) if data.contains(':') => (data, "file_data"),
            (Some(data), _) => (format!("data:;base64,{data}"), "file_data"),
            (None, Some(url)) => (url, "file_url"),
            (None, None) => {
                let (name, message) = if file.file_id.is_some() {
                    (
                        "file_id",
                        "No files are stored; send the file itself as file_data.",
                    )
                } else {
                    ("file_data", "There is no file; send it as file_data.")
                };
                return Err(Fault::invalid(format!("{part}.{name}"), message));
            }
        };
        Ok(Self {
            source: ImageSource::Url(url),
            field: format!("{part}.{name}"),
        })
    }
}

/// What a chat says and shows.
///
/// # Errors
/// 400 where it says nothing, or shows too much.
pub fn script(
    messages: Vec<WireMessage>,
    settings: &ChatSettings,
) -> Result<(Script, Vec<Shown>), Fault> {
    if messages.is_empty() {
        return Err(Fault::invalid("messages", "messages is empty."));
    }
    let mut shown = Vec::new();
    let mut turns: Vec<Turn> = Vec::with_capacity(messages.len());
    let mut after_result = false;
    for (i, message) in messages.into_iter().enumerate() {
        let (role, is_result) = match message.role {
            WireRole::System | WireRole::Developer => (Role::System, false),
            WireRole::User => (Role::User, false),
            WireRole::Assistant => (Role::Assistant, false),
            WireRole::Tool => (Role::User, true),
        };
        let mut lines = Vec::new();
        let parts = match message.content {
            None => message.refusal.map(text).into_iter().collect(),
            Some(Content::Text(said)) => vec![text(said)],
            Some(Content::Parts(parts)) => parts,
        };
        let field = format!("messages[{i}].content");
        if message.role == WireRole::User && !parts.iter().any(ContentPart::is_something) {
            let message = "The user says and shows nothing here; there is nothing to answer.";
            return Err(Fault::invalid(field, message));
        }
        for (j, part) in parts.into_iter().enumerate() {
            lines.push(match part {
                ContentPart::Text { text } | ContentPart::Refusal { refusal: text } => {
                    Line::Text(text)
                }
                ContentPart::ImageUrl { image_url } => {
                    shown.push(Shown {
                        source: ImageSource::Url(image_url.into_url()),
                        field: format!("{field}[{j}].image_url"),
                    });
                    Line::Picture
                }
                ContentPart::File { file } => {
                    shown.push(Shown::file(file, &format!("{field}[{j}].file"))?);
                    Line::Picture
                }
            });
        }
        for call in message.tool_calls.into_iter().flatten() {
            let WireCalledFunction { name, arguments } = &call.function;
            let separator = if lines.is_empty() { "" } else { "\n" };
            let call = write_call(name, arguments);
            lines.push(Line::Text(format!("{separator}{call}")));
        }
        if is_result {
            let (before, after) = RESULT;
            lines.insert(0, Line::Text(before.to_owned()));
            lines.push(Line::Text(after.to_owned()));
        }
        match turns.last_mut() {
            // What several calls came to is told in one turn.
            Some(turn) if is_result && after_result => {
                turn.lines.push(Line::Text("\n".to_owned()));
                turn.lines.extend(lines);
            }
            _ => turns.push(Turn { role, lines }),
        }
        after_result = is_result;
    }
    match shown.get(settings.max_images) {
        Some(surplus) => Err(too_many_images(settings, &surplus.field)),
        None => Ok((Script { turns }, shown)),
    }
}

fn text(text: String) -> ContentPart {
    ContentPart::Text { text }
}

fn too_many_images(settings: &ChatSettings, field: &str) -> Fault {
    let most = settings.max_images;
    Fault::invalid(
        field,
        format!("A request may show {most} images at most, pages of PDFs counted."),
    )
}

/// The pictures on the model's grid: for each that is shown its one page, or the pages of the PDF.
async fn pictures(
    shown: Vec<Shown>,
    model: &Arc<Model>,
    app: &AppState,
) -> Result<Vec<Vec<Picture>>, Fault> {
    /// The engine tells when the context does not hold them.
    const ROOM: usize = usize::MAX;
    let mut files = Vec::with_capacity(shown.len());
    let mut pages = 0;
    for Shown { source, field } in shown {
        let at_field = |mut fault: Fault| {
            fault.param = Some(field.clone());
            fault
        };
        let lease = model.lease().await.map_err(|error| Fault::from(&error))?;
        let grid = lease.engine().info().vision.ok_or_else(|| {
            let id = &model.settings().id;
            Fault::invalid(&*field, format!("The model {id} reads no pictures."))
        })?;
        let load = async {
            let file = app.images.load(source).await?;
            let fit = model.settings().fit;
            let preparation = Preparation {
                grid,
                fit,
                room: ROOM,
                // A chat may be about a landscape.
                blank: BlankPages::Read,
            };
            app.images.prepare(vec![file], preparation).await
        };
        let loaded = load.await.map_err(|error| at_field(Fault::from(&error)))?;
        let loaded = loaded.files;
        pages += loaded.iter().map(Vec::len).sum::<usize>();
        if pages > app.chat.max_images {
            return Err(too_many_images(&app.chat, &field));
        }
        files.extend(loaded);
    }
    Ok(files)
}
