//! What is told of a generation while it runs: it is counted, and it is traced.

use tokio::time::Instant;

use super::ModelError;
use crate::{
    chat::{FinishReason, Token, Usage},
    metrics::{GenerationEnd, GenerationMeter},
    telemetry::GenerationSpan,
};

/// Follows a generation that has a place.
#[derive(Debug)]
pub(super) struct Following {
    meter: GenerationMeter,
    span: GenerationSpan,
    entered: Instant,
    usage: Usage,
}

impl Following {
    pub(super) fn new(meter: GenerationMeter, span: GenerationSpan) -> Self {
        Self {
            meter,
            span,
            entered: Instant::now(),
            usage: Usage::default(),
        }
    }

    /// The prompt takes so many tokens.
    pub(super) fn prompt(&mut self, tokens: usize) {
        self.meter.prompt(tokens);
        self.usage.prompt_tokens = tokens;
    }

    /// One more token.
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

    /// It has come to its end.
    pub(super) fn finished(&mut self, reason: FinishReason, usage: Usage) {
        self.meter.ended(match reason {
            FinishReason::Stop => GenerationEnd::Stop,
            FinishReason::Length => GenerationEnd::Length,
        });
        self.span.ended(reason);
        if let Some(writing) = usage.writing {
            self.meter.written(writing.passes, writing.forced_tokens);
        }
        self.meter.cached(usage.cached_tokens);
        self.usage = usage;
    }

    /// No more is wanted, since a stop sequence has come.
    pub(super) fn stopped(&mut self) {
        self.meter.ended(GenerationEnd::Stop);
        self.span.ended(FinishReason::Stop);
    }

    /// There is no answer, or no more of it.
    pub(super) fn failed(&mut self, error: &ModelError) {
        self.meter.ended(GenerationEnd::Error);
        self.span.failed(error.kind());
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.span.over(self.usage);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;

    use super::*;
    use crate::{
        chat::{Generation, Grammar, Logprobs, Prompt, Sampling},
        metrics::Metrics,
        telemetry::{Asked, for_tests::Recorder},
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
        let span = GenerationSpan::begin(&Asked {
            model: "m",
            provider: None,
            generation: &generation,
        });
        span.within(async {}).now_or_never().unwrap();
        let meter = Metrics::default().model("m").entered(Duration::ZERO);
        let mut following = Following::new(meter, span);
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
