//! Metrics, the trace span and the cost of a running generation.

use tokio::time::Instant;

use super::{ModelError, tariff::Tariff};
use crate::{
    generation::{Cost, FinishReason, Generation, Grammar, Prompt, Token, Usage},
    metrics::{GenerationEnd, GenerationMeter},
    telemetry::{GenerationFacts, GenerationSpan},
};

/// Begins the span of a generation on a model.
pub(super) fn span(model: &str, provider: Option<&str>, generation: &Generation) -> GenerationSpan {
    let Generation {
        prompt,
        sampling,
        max_tokens,
        grammar,
        ..
    } = generation;
    GenerationSpan::begin(&GenerationFacts {
        model,
        provider,
        operation: match prompt {
            Prompt::Chat(_) => "chat",
            Prompt::Text(_) => "text_completion",
        },
        holds_schema: matches!(grammar, Grammar::JsonSchema(_) | Grammar::Once(_)),
        max_tokens: *max_tokens,
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        top_k: sampling.top_k,
        frequency_penalty: sampling.frequency_penalty,
        presence_penalty: sampling.presence_penalty,
        seed: sampling.seed,
    })
}

/// Counts and traces a generation from the moment it has a place, and has it paid for when it is over.
#[derive(Debug)]
pub(super) struct Following {
    meter: GenerationMeter,
    span: GenerationSpan,
    tariff: Tariff,
    entered: Instant,
    usage: Usage,
    /// Whether the engine has accepted it.
    has_begun: bool,
}

impl Following {
    pub(super) fn new(meter: GenerationMeter, span: GenerationSpan, tariff: Tariff) -> Self {
        Self {
            meter,
            span,
            tariff,
            entered: Instant::now(),
            usage: Usage::default(),
            has_begun: false,
        }
    }

    /// Returns the cost of the generation, if its tokens are those of `usage`.
    pub(super) fn cost(&self, usage: &Usage) -> Option<Cost> {
        self.tariff.cost(usage)
    }

    /// Records the number of tokens of the prompt, which the engine has accepted.
    pub(super) fn prompt(&mut self, tokens: usize) {
        self.has_begun = true;
        self.meter.prompt(tokens);
        self.usage.prompt_tokens = tokens;
    }

    /// Records one more token.
    pub(super) fn token(&mut self, token: &Token) {
        let writing = self.usage.writing.get_or_insert_default();
        writing.add(token);
        self.meter.token();
        self.meter.written(writing.passes, writing.forced_tokens);
        if self.usage.completion_tokens == 0 {
            self.span.first_token(self.entered.elapsed());
        }
        self.usage.completion_tokens += 1;
    }

    /// Records that the generation has ended.
    pub(super) fn finished(&mut self, reason: FinishReason, usage: Usage) {
        self.end(reason);
        if let Some(writing) = usage.writing {
            self.meter.written(writing.passes, writing.forced_tokens);
        }
        self.meter.cached(usage.cached_tokens.unwrap_or_default());
        self.usage = usage;
    }

    /// Records that a stop sequence has ended the answer.
    pub(super) fn stopped(&mut self) {
        self.end(FinishReason::Stop);
    }

    fn end(&mut self, reason: FinishReason) {
        let (end, name) = match reason {
            FinishReason::Stop => (GenerationEnd::Stop, "stop"),
            FinishReason::Length => (GenerationEnd::Length, "length"),
        };
        self.meter.ended(end);
        self.span.ended(name);
    }

    /// Records that the generation failed.
    pub(super) fn failed(&mut self, error: &ModelError) {
        self.meter.ended(GenerationEnd::Error);
        self.span.failed(error.kind());
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let Usage {
            prompt_tokens,
            completion_tokens,
            ..
        } = self.usage;
        self.span.over(prompt_tokens, completion_tokens);
        if self.has_begun {
            let cost = self.tariff.cost(&self.usage);
            self.meter.cost(cost.map(|cost| cost.total));
            self.tariff.pay(cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;

    use super::*;
    use crate::{
        generation::{Logprobs, Sampling},
        metrics::Metrics,
        telemetry::for_tests::Recorder,
    };

    #[test]
    fn a_span_lasts_until_the_generation_is_over() {
        let recorder = Recorder::default();
        let recording = recorder.record();
        let generation = Generation {
            prompt: Prompt::Text("a".to_owned()),
            sampling: Sampling::greedy(),
            max_tokens: 1,
            grammar: Grammar::Free,
            logprobs: Logprobs::All,
            top_logprobs: 0,
            tools: None,
        };
        let span = span("m", None, &generation);
        span.within(async {}).now_or_never().unwrap();
        let metrics = Metrics::default().model("m");
        let meter = GenerationMeter::begin(&metrics, Duration::ZERO);
        let mut following = Following::new(meter, span, Tariff::default());
        let pause = Duration::from_millis(20);
        std::thread::sleep(pause);
        following.token(&Token {
            id: 0,
            bytes: Vec::new(),
            logprob: None,
            top: Vec::new(),
            forced: false,
            pass: 1,
        });
        drop(following);
        drop(recording);
        let spans = recorder.spans();
        assert_eq!(spans[0].name, "text_completion m");
        let lasted = spans[0].end_time.duration_since(spans[0].start_time);
        assert!(lasted.unwrap() >= pause);
    }
}
