//! The span of a generation, by the conventions for generative AI.

use std::time::Duration;

use opentelemetry::{Array, StringValue, Value};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{TARGET, names};
use crate::chat::{FinishReason, Generation, Grammar, Prompt, Usage};

/// Who is asked what.
pub struct Asked<'a> {
    /// Name of the model.
    pub model: &'a str,
    /// Who runs it, if not the gateway does.
    pub provider: Option<&'a str>,
    /// What is asked.
    pub generation: &'a Generation,
}

/// The span of a generation, from when it asks for a place on the model to its last token.
#[derive(Debug)]
pub struct GenerationSpan {
    span: Span,
    /// Whether what comes is passed on as it comes; what is held to a schema afterwards is not.
    streams: bool,
}

impl GenerationSpan {
    /// It is about to ask for a place.
    #[must_use]
    pub fn begin(asked: &Asked<'_>) -> Self {
        let kind = match asked.provider {
            Some(_) => "client",
            None => "internal",
        };
        let span = tracing::info_span!(
            target: TARGET,
            "generation",
            otel.name = tracing::field::Empty,
            otel.kind = kind,
        );
        if !span.is_disabled() {
            let operation = operation(&asked.generation.prompt);
            span.record("otel.name", format!("{operation} {}", asked.model));
            for (name, value) in attributes(asked) {
                span.set_attribute(name, value);
            }
        }
        let is_held = matches!(asked.generation.grammar, Grammar::JsonSchema(_));
        Self {
            span,
            streams: asked.provider.is_none() || !is_held,
        }
    }

    /// `work` within the span.
    pub fn within<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        super::within(&self.span, work)
    }

    /// It has a place, after so long.
    pub fn entered(&self, waited: Duration) {
        let name = names::QUEUE_DURATION;
        self.span.set_attribute(name, waited.as_secs_f64());
    }

    /// The first token has come, so long after the place was there.
    pub fn first_token(&self, after: Duration) {
        if self.streams {
            let name = names::RESPONSE_TIME_TO_FIRST_CHUNK;
            self.span.set_attribute(name, after.as_secs_f64());
        }
    }

    /// It has come to an end of that kind.
    pub fn ended(&self, reason: FinishReason) {
        let reason = match reason {
            FinishReason::Stop => "stop",
            FinishReason::Length => "length",
        };
        let reasons = Array::String(vec![StringValue::from(reason)]);
        let name = names::RESPONSE_FINISH_REASONS;
        self.span.set_attribute(name, Value::Array(reasons));
    }

    /// It is over, whether at its end or not, and took so much; a prompt of no tokens is not known. Without
    /// that it would have ended when the engine had begun, since a span's end is when it was last left.
    pub fn over(&self, usage: Usage) {
        if usage.prompt_tokens > 0 {
            let read = names::USAGE_INPUT_TOKENS;
            self.span.set_attribute(read, count(usage.prompt_tokens));
        }
        let written = names::USAGE_OUTPUT_TOKENS;
        self.span
            .set_attribute(written, count(usage.completion_tokens));
        self.span.in_scope(|| ());
    }

    /// There is no answer, or no more of it.
    pub fn failed(&self, kind: &'static str) {
        super::failed(&self.span, kind);
    }
}

/// `gen_ai.operation.name`.
fn operation(prompt: &Prompt) -> &'static str {
    match prompt {
        Prompt::Chat(_) => "chat",
        Prompt::Text(_) => "text_completion",
    }
}

fn count(tokens: usize) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

fn attributes(asked: &Asked<'_>) -> Vec<(&'static str, Value)> {
    let Generation {
        prompt,
        sampling,
        max_tokens,
        grammar,
        ..
    } = asked.generation;
    let provider = asked.provider.unwrap_or("receipt-gateway").to_owned();
    let output = match grammar {
        Grammar::JsonSchema(_) => "json",
        _ => "text",
    };
    let mut attributes = vec![
        (names::OPERATION_NAME, operation(prompt).into()),
        (names::PROVIDER_NAME, provider.into()),
        (names::REQUEST_MODEL, asked.model.to_owned().into()),
        (names::OUTPUT_TYPE, output.into()),
        (names::REQUEST_MAX_TOKENS, count(*max_tokens).into()),
        (names::REQUEST_TEMPERATURE, sampling.temperature.into()),
    ];
    let mut add = |name, value: Option<Value>| {
        attributes.extend(value.map(|value| (name, value)));
    };
    let top_k = sampling.top_k.map(|top_k| top_k as f64);
    add(names::REQUEST_TOP_P, sampling.top_p.map(Value::from));
    add(names::REQUEST_TOP_K, top_k.map(Value::from));
    let penalty = |penalty: Option<f32>| penalty.map(|penalty| Value::from(f64::from(penalty)));
    add(
        names::REQUEST_FREQUENCY_PENALTY,
        penalty(sampling.frequency_penalty),
    );
    add(
        names::REQUEST_PRESENCE_PENALTY,
        penalty(sampling.presence_penalty),
    );
    let seed = sampling.seed.map(u64::cast_signed);
    add(names::REQUEST_SEED, seed.map(Value::from));
    attributes
}
