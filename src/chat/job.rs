//! Turns a request into generations for one candidate's engine.

use std::sync::Arc;

use super::{
    ChatService,
    error::{ChatError, FieldPath, Problem},
    format::{Format, SchemaBytes, cannot},
    options::ChatOptions,
    pictures::Files,
    request::{ChatRequest, Client},
    tools,
};
use crate::{
    generation::{Generation, Grammar, Prompt, Script, tools::Tools},
    grammar::Validator,
    presets::Preset,
    registry::Model,
};

/// The generations that answer one prompt.
pub struct Job {
    /// The client that asks.
    pub client: Client,
    /// The model that answers.
    pub model: Arc<Model>,
    /// The generation, the same for every choice except for the seed.
    pub generation: Generation,
    /// Sequences that end an answer.
    pub stops: Vec<String>,
    /// Functions that answers may call.
    pub tools: Option<Arc<Tools>>,
    /// True if an answer without calls is JSON.
    pub answers_in_json: bool,
    /// The validator of the finished text.
    pub validator: Option<Arc<Validator>>,
    /// The number of answers.
    pub choices: usize,
    /// True to report log-probabilities.
    pub logprobs: bool,
}

impl ChatService {
    /// Checks a conversation for `preset` and prepares its pictures.
    ///
    /// # Errors
    /// The field that is not valid, or a picture or model that cannot be loaded.
    pub(super) async fn conversation(
        &self,
        request: &ChatRequest,
        preset: &Preset,
        mut script: Script,
        files: &Files,
    ) -> Result<Job, ChatError> {
        let (mut bytes, compiler) = (SchemaBytes::of(&self.settings), &self.compiler);
        let model = preset.model.settings();
        let mut job = self.job(request, preset, Prompt::Chat(Vec::new()))?;
        job.tools = tools::compile(&request.tools, model, &mut bytes, compiler).await?;
        let format = Format::of(&request.format, &mut bytes, compiler).await?;
        if !format.is_held && !job.stops.is_empty() {
            return Err(ChatError::Invalid {
                field: FieldPath::Stop,
                problem: Problem::LeaveOut(
                    "An answer that is checked when it is finished cannot end at a stop sequence",
                ),
            });
        }
        let generation = &mut job.generation;
        generation.grammar = format.grammar;
        job.validator = format.validator;
        job.answers_in_json = !matches!(generation.grammar, Grammar::Free);
        if let Some(tools) = job.tools.as_ref().filter(|_| !model.is_held_by_grammar()) {
            generation.tools = Some(tools.clone());
        } else if let Some(tools) = &job.tools {
            let invalid = |reason: String| ChatError::invalid(FieldPath::Tools, reason);
            script.instruct(tools.instructions(&self.settings.tools_prompt));
            let grammar = tools.grammar(&generation.grammar);
            generation.grammar = grammar.map_err(|error| invalid(error.to_string()))?;
            let checked = compiler.check(generation.grammar.clone()).await;
            checked.map_err(|refused| invalid(cannot(&refused, "")))?;
        }
        let shown = files.prepare(&preset.model, &self.images, &self.settings);
        generation.prompt = Prompt::Chat(script.with(shown.await?));
        Ok(job)
    }

    /// Checks texts to continue for `preset`; each is a job of its own.
    ///
    /// # Errors
    /// The field that is not valid.
    pub(super) fn continuations(
        &self,
        request: &ChatRequest,
        preset: &Preset,
        texts: &[String],
    ) -> Result<Vec<Job>, ChatError> {
        if preset.schema.is_some() {
            let message = format!(
                "The model {} reads receipts from pictures and cannot continue a text; ask it at /v1/chat/completions.",
                preset.id
            );
            return Err(ChatError::invalid(FieldPath::Model, message));
        }
        let jobs = texts
            .iter()
            .map(|text| self.job(request, preset, Prompt::Text(text.clone())));
        jobs.collect()
    }

    /// Checks the options of a request, for any prompt.
    fn job(
        &self,
        request: &ChatRequest,
        preset: &Preset,
        prompt: Prompt,
    ) -> Result<Job, ChatError> {
        let options: &ChatOptions = &request.options;
        let settings = &self.settings;
        let temperature = preset.temperature.unwrap_or(settings.temperature);
        let sampling = options.sampling(temperature)?;
        let (logprobs, top_logprobs) = options.logprobs()?;
        let choices = options.choices(settings)?;
        let max_tokens = options.max_tokens(preset.max_tokens.unwrap_or(settings.max_tokens))?;
        Ok(Job {
            client: request.client.clone(),
            model: preset.model.clone(),
            generation: Generation {
                prompt,
                sampling,
                max_tokens,
                grammar: Grammar::Free,
                logprobs,
                top_logprobs,
                tools: None,
            },
            stops: options.stops()?,
            tools: None,
            answers_in_json: false,
            validator: None,
            choices,
            logprobs: options.logprobs.is_some(),
        })
    }
}

impl Job {
    /// Returns the generation of choice number `index`; if the request has a seed, each choice gets its own.
    #[must_use]
    pub fn generation(&self, index: usize) -> Generation {
        let mut generation = self.generation.clone();
        let seed = &mut generation.sampling.seed;
        *seed = seed.map(|seed| seed.wrapping_add(index as u64));
        generation
    }
}
