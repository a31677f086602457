//! Translates a request to continue texts, and names its fields.

use super::wire::{CompletionRequest, MAX_TOKENS, Prompts};
use crate::{
    chat::{
        AnswerFormat, ChatOptions, ChatPrompt, ChatRequest, ChatSettings, FieldPath, ToolOptions,
    },
    http::{
        caller::Caller,
        fault::{Fault, FieldNames, common_name},
        openai::chat::request::Stop,
    },
    receipt::CacheUse,
    routing::ProviderWishes,
};

/// The names of a completion request's fields.
#[derive(Clone, Copy)]
pub struct CompletionFields;

impl FieldNames for CompletionFields {
    fn name(&self, field: &FieldPath) -> String {
        match field {
            FieldPath::TopLogprobs => "logprobs".to_owned(),
            _ => common_name(field),
        }
    }
}

impl CompletionRequest {
    /// Translates the request of `caller`.
    ///
    /// # Errors
    /// A model that the caller may not use, an empty prompt, too many answers, or an option that is not served.
    pub fn translate(self, caller: &Caller) -> Result<ChatRequest, Fault> {
        self.refuse_unsupported()?;
        let others = self.models.as_deref().unwrap_or_default();
        let wishes = ProviderWishes::default();
        let candidates = caller.candidates(self.model.as_deref(), others, &wishes)?;
        let settings = &caller.chat.settings;
        let texts = self.prompt.checked(settings.max_choices)?;
        let options = ChatOptions {
            max_tokens: Some(self.max_tokens.unwrap_or(MAX_TOKENS)),
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            min_p: self.min_p,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            repetition_penalty: self.repetition_penalty,
            seed: self.seed,
            stop: self.stop.map(Stop::into_sequences).unwrap_or_default(),
            choices: self.n,
            logit_bias: self.logit_bias.unwrap_or_default(),
            logprobs: self.logprobs,
        };
        check_answers(&options, texts.len(), settings)?;
        Ok(ChatRequest {
            candidates,
            prompt: ChatPrompt::Texts(texts),
            options,
            format: AnswerFormat::Text,
            tools: ToolOptions::default(),
            client: caller.client(),
            cache: CacheUse::Allow,
        })
    }

    fn refuse_unsupported(&self) -> Result<(), Fault> {
        let echoes_logprobs = self.echo == Some(true) && self.logprobs.is_some();
        let refused = [
            (
                "suffix",
                self.suffix.is_some(),
                "The gateway cannot insert into a text; leave suffix out.",
            ),
            (
                "best_of",
                self.best_of
                    .is_some_and(|best_of| Some(best_of) != self.n.or(Some(1))),
                "The gateway returns every answer that it generates; set n, and leave best_of out.",
            ),
            (
                "logprobs",
                echoes_logprobs,
                "The log-probabilities of an echoed prompt are not known; leave echo or logprobs out.",
            ),
            (
                "logprobs",
                self.logprobs.is_some_and(|logprobs| logprobs > 5),
                "logprobs is too large; it must be between 0 and 5.",
            ),
        ];
        match refused.into_iter().find(|(_, asked, _)| *asked) {
            Some((field, _, message)) => Err(Fault::invalid(field, message)),
            None => Ok(()),
        }
    }
}

/// Checks the number of answers to all prompts together.
fn check_answers(
    options: &ChatOptions,
    prompts: usize,
    settings: &ChatSettings,
) -> Result<(), Fault> {
    let choices = options.choices(settings);
    let choices = choices.map_err(|error| Fault::of_chat(&error, &CompletionFields))?;
    let (answers, most) = (choices * prompts, settings.max_choices);
    if answers > most {
        let message = format!(
            "{prompts} prompts with {choices} answers each are {answers} answers; a request may ask for {most} at most."
        );
        return Err(Fault::invalid("n", message));
    }
    Ok(())
}

impl Prompts {
    /// Returns the prompts.
    ///
    /// # Errors
    /// An empty prompt, or more than `most` of them.
    fn checked(self, most: usize) -> Result<Vec<String>, Fault> {
        let prompts = match self {
            Self::One(prompt) => vec![prompt],
            Self::Several(prompts) => prompts,
        };
        let message = if prompts.is_empty() || prompts.iter().any(String::is_empty) {
            "A prompt is empty; send a text to continue.".to_owned()
        } else if prompts.len() > most {
            format!(
                "{} prompts were sent; a request may have {most} at most.",
                prompts.len()
            )
        } else {
            return Ok(prompts);
        };
        Err(Fault::invalid("prompt", message))
    }
}
