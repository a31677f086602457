//! One generation: when its tokens came, and how it ended.

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};
use tokio::time::Instant;

use super::ModelMetrics;

/// How a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GenerationEnd {
    /// The model, the grammar or a stop sequence ended it.
    Stop,
    /// It was as long as it may be.
    Length,
    /// The engine refused or failed, or it took too long.
    Error,
    /// Nobody wanted the rest.
    Abandoned,
}

impl GenerationEnd {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Stop, Self::Length, Self::Error, Self::Abandoned];
}

impl EncodeLabelValue for GenerationEnd {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        let name = match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::Error => "error",
            Self::Abandoned => "abandoned",
        };
        name.encode(encoder)
    }
}

/// Follows a generation, and counts it when it is dropped.
#[derive(Debug)]
pub struct GenerationMeter {
    model: ModelMetrics,
    pub(super) started: Instant,
    pub(super) first_token: Option<Instant>,
    pub(super) last_token: Option<Instant>,
    pub(super) tokens: u64,
    pub(super) passes: u64,
    pub(super) forced_tokens: u64,
    pub(super) end: GenerationEnd,
}

impl GenerationMeter {
    pub(super) fn begin(model: ModelMetrics) -> Self {
        Self {
            model,
            started: Instant::now(),
            first_token: None,
            last_token: None,
            tokens: 0,
            passes: 0,
            forced_tokens: 0,
            end: GenerationEnd::Abandoned,
        }
    }

    /// The engine has taken it on, with a prompt of so many tokens.
    pub fn prompt(&self, tokens: usize) {
        self.model.prompt(tokens);
    }

    /// So many tokens of the prompt were kept from one before.
    pub fn cached(&self, tokens: usize) {
        self.model.cached(tokens);
    }

    /// One more token.
    pub fn token(&mut self) {
        let now = Instant::now();
        self.first_token.get_or_insert(now);
        self.last_token = Some(now);
        self.tokens += 1;
    }

    /// So many passes of the model have written so far, and the grammar has forced so many tokens.
    pub fn written(&mut self, passes: usize, forced_tokens: usize) {
        self.passes = passes as u64;
        self.forced_tokens = forced_tokens as u64;
    }

    /// It is over. What comes later does not change how.
    pub fn ended(&mut self, end: GenerationEnd) {
        if self.end == GenerationEnd::Abandoned {
            self.end = end;
        }
    }
}

impl Drop for GenerationMeter {
    fn drop(&mut self) {
        self.model.generation(self);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use prometheus_client::encoding::text::encode;
    use tokio::time::advance;

    use super::*;
    use crate::metrics::Metrics;

    fn text(metrics: &Metrics) -> String {
        let mut text = String::new();
        encode(&mut text, metrics.families()).unwrap();
        text
    }

    #[tokio::test(start_paused = true)]
    async fn a_generation_is_timed_from_its_place_to_its_tokens() {
        let metrics = Metrics::default();
        let seconds = Duration::from_secs;
        let mut meter = metrics.model("a").entered(seconds(5));
        meter.prompt(100);
        meter.cached(0);
        meter.cached(64);
        for wait in [4, 2, 2, 8] {
            advance(seconds(wait)).await;
            meter.token();
        }
        meter.written(2, 1);
        meter.written(3, 2);
        meter.ended(GenerationEnd::Length);
        // Its client takes the end late, and leaves.
        advance(seconds(60)).await;
        meter.ended(GenerationEnd::Error);
        drop(meter);
        let text = text(&metrics);
        for line in [
            "generation_queue_seconds_sum{model=\"a\"} 5.0",
            "generation_first_token_seconds_sum{model=\"a\"} 4.0",
            "generation_output_token_seconds_sum{model=\"a\"} 4.0",
            "generation_duration_seconds_sum{model=\"a\"} 16.0",
            "generation_duration_seconds_bucket{le=\"20.0\",model=\"a\"} 1",
            "generation_duration_seconds_bucket{le=\"10.0\",model=\"a\"} 0",
            "generations_total{model=\"a\",end=\"length\"} 1",
            "generations_total{model=\"a\",end=\"error\"} 0",
            "prompt_tokens_total{model=\"a\"} 100",
            "prompt_cache_hits_total{model=\"a\"} 1",
            "prompt_cached_tokens_total{model=\"a\"} 64",
            "completion_tokens_total{model=\"a\"} 4",
            "forced_tokens_total{model=\"a\"} 2",
            "generation_steps_total{model=\"a\"} 3",
        ] {
            let line = format!("\nreceipt_gateway_{line}\n");
            assert!(text.contains(&line), "{line}{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_nobody_waits_for_has_no_duration() {
        let metrics = Metrics::default();
        let mut meter = metrics.model("a").entered(Duration::ZERO);
        meter.token();
        drop(meter);
        let text = text(&metrics);
        assert!(text.contains("generations_total{model=\"a\",end=\"abandoned\"} 1\n"));
        assert!(text.contains("generation_duration_seconds_count{model=\"a\"} 0\n"));
        assert!(text.contains("completion_tokens_total{model=\"a\"} 1\n"));
    }

    #[test]
    fn a_model_that_is_configured_anew_goes_on_counting() {
        let metrics = Metrics::default();
        metrics.model("a").refused();
        metrics.model("a").refused();
        assert!(text(&metrics).contains("generations_refused_total{model=\"a\"} 2\n"));
    }
}
