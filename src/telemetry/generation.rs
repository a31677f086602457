//! The span of a generation, following the conventions for generative AI.

use std::time::Duration;

use opentelemetry::{Array, StringValue, Value};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{TARGET, names};

/// The facts of a generation that its span records.
pub struct GenerationFacts<'a> {
    /// Name of the model.
    pub model: &'a str,
    /// Provider that runs the model; `None` for the gateway itself.
    pub provider: Option<&'a str>,
    /// Value of `gen_ai.operation.name`.
    pub operation: &'static str,
    /// Whether a JSON schema holds the answer.
    pub holds_schema: bool,
    /// Limit of generated tokens.
    pub max_tokens: usize,
    /// Temperature.
    pub temperature: f64,
    /// Top-p, if set.
    pub top_p: Option<f64>,
    /// Top-k, if set.
    pub top_k: Option<usize>,
    /// Frequency penalty, if set.
    pub frequency_penalty: Option<f32>,
    /// Presence penalty, if set.
    pub presence_penalty: Option<f32>,
    /// Seed, if set.
    pub seed: Option<u64>,
}

/// The span of a generation, from the request for a place on the model to the last token.
#[derive(Debug)]
pub struct GenerationSpan {
    span: Span,
    /// Whether tokens are passed on as they come. An answer that is checked against a schema
    /// afterwards is passed on as a whole.
    streams: bool,
}

impl GenerationSpan {
    /// Begins the span, before the generation asks for a place.
    #[must_use]
    pub fn begin(facts: &GenerationFacts<'_>) -> Self {
        let kind = match facts.provider {
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
            span.record("otel.name", format!("{} {}", facts.operation, facts.model));
            for (name, value) in attributes(facts) {
                span.set_attribute(name, value);
            }
        }
        Self {
            span,
            streams: facts.provider.is_none() || !facts.holds_schema,
        }
    }

    /// Runs `work` within the span.
    pub fn within<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        super::within(&self.span, work)
    }

    /// Records the time that the generation waited for a place.
    pub fn entered(&self, waited: Duration) {
        let name = names::QUEUE_DURATION;
        self.span.set_attribute(name, waited.as_secs_f64());
    }

    /// Records the time from getting the place to the first token.
    pub fn first_token(&self, after: Duration) {
        if self.streams {
            let name = names::RESPONSE_TIME_TO_FIRST_CHUNK;
            self.span.set_attribute(name, after.as_secs_f64());
        }
    }

    /// Records how the generation ended.
    pub fn ended(&self, reason: &'static str) {
        let reasons = Array::String(vec![StringValue::from(reason)]);
        let name = names::RESPONSE_FINISH_REASONS;
        self.span.set_attribute(name, Value::Array(reasons));
    }

    /// Ends the span, finished or not, and records the usage; a prompt of no tokens counts as
    /// unknown. The span is entered once more, because its end is the last time it was left;
    /// otherwise it would end when the engine began.
    pub fn over(&self, prompt_tokens: usize, completion_tokens: usize) {
        if prompt_tokens > 0 {
            let read = names::USAGE_INPUT_TOKENS;
            self.span.set_attribute(read, count(prompt_tokens));
        }
        let written = names::USAGE_OUTPUT_TOKENS;
        self.span.set_attribute(written, count(completion_tokens));
        self.span.in_scope(|| ());
    }

    /// Records that the generation failed.
    pub fn failed(&self, kind: &'static str) {
        super::failed(&self.span, kind);
    }
}

fn count(tokens: usize) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

fn attributes(facts: &GenerationFacts<'_>) -> Vec<(&'static str, Value)> {
    let provider = facts.provider.unwrap_or("receipt-gateway").to_owned();
    let output = if facts.holds_schema { "json" } else { "text" };
    let mut attributes = vec![
        (names::OPERATION_NAME, facts.operation.into()),
        (names::PROVIDER_NAME, provider.into()),
        (names::REQUEST_MODEL, facts.model.to_owned().into()),
        (names::OUTPUT_TYPE, output.into()),
        (names::REQUEST_MAX_TOKENS, count(facts.max_tokens).into()),
        (names::REQUEST_TEMPERATURE, facts.temperature.into()),
    ];
    let mut add = |name, value: Option<Value>| {
        attributes.extend(value.map(|value| (name, value)));
    };
    let top_k = facts.top_k.map(|top_k| top_k as f64);
    add(names::REQUEST_TOP_P, facts.top_p.map(Value::from));
    add(names::REQUEST_TOP_K, top_k.map(Value::from));
    let penalty = |penalty: Option<f32>| penalty.map(|penalty| Value::from(f64::from(penalty)));
    add(
        names::REQUEST_FREQUENCY_PENALTY,
        penalty(facts.frequency_penalty),
    );
    add(
        names::REQUEST_PRESENCE_PENALTY,
        penalty(facts.presence_penalty),
    );
    let seed = facts.seed.map(u64::cast_signed);
    add(names::REQUEST_SEED, seed.map(Value::from));
    attributes
}
