//! What is told of a generation while it runs: it is counted, and it is traced.

use tokio::time::Instant;

use super::ModelError;
use crate::{
    chat::{FinishReason, Usage},
    metrics::{GenerationEnd, GenerationMeter},
    telemetry::GenerationSpan,
};

/// Follows a generation that has a place.
#[derive(Debug)]
pub(super) struct Following {
    meter: GenerationMeter,
    span: GenerationSpan,
    entered: Instant,
    has_begun: bool,
}

impl Following {
    pub(super) fn new(meter: GenerationMeter, span: GenerationSpan) -> Self {
        Self {
            meter,
            span,
            entered: Instant::now(),
            has_begun: false,
        }
    }

    /// The prompt takes so many tokens.
    pub(super) fn prompt(&self, tokens: usize) {
        self.meter.prompt(tokens);
    }

    /// One more token.
    pub(super) fn token(&mut self) {
        self.meter.token();
        if !std::mem::replace(&mut self.has_begun, true) {
            self.span.first_token(self.entered.elapsed());
        }
    }

    /// It has come to its end.
    pub(super) fn finished(&mut self, reason: FinishReason, usage: Usage) {
        self.meter.ended(match reason {
            FinishReason::Stop => GenerationEnd::Stop,
            FinishReason::Length => GenerationEnd::Length,
        });
        self.span.finished(reason, usage);
    }

    /// No more is wanted, since a stop sequence has come.
    pub(super) fn stopped(&mut self) {
        self.meter.ended(GenerationEnd::Stop);
        self.span.stopped();
    }

    /// There is no answer, or no more of it.
    pub(super) fn failed(&mut self, error: &ModelError) {
        self.meter.ended(GenerationEnd::Error);
        self.span.failed(error.kind());
    }
}
