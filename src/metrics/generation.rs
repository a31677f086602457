//! Metrics of one generation: the times of its tokens, and how it ended.

use std::time::Duration;

use rust_decimal::Decimal;
use tokio::time::Instant;

use super::{GenerationEnd, ModelMetrics, models::Figures};

/// Collects the figures of one generation, and counts them when it is dropped.
#[derive(Debug)]
pub struct GenerationMeter {
    model: ModelMetrics,
    figures: Figures,
}

impl GenerationMeter {
    /// Begins to follow a generation that got its place after `waited`.
    #[must_use]
    pub fn begin(model: &ModelMetrics, waited: Duration) -> Self {
        model.waited(waited);
        Self {
            model: model.clone(),
            figures: Figures::new(Instant::now()),
        }
    }

    /// Records that the engine has accepted a prompt of `tokens` tokens.
    pub fn prompt(&self, tokens: usize) {
        self.model.prompt(tokens);
    }

    /// Records that `tokens` tokens of the prompt came from the prompt cache.
    pub fn cached(&self, tokens: usize) {
        self.model.cached(tokens);
    }

    /// Records the cost in US dollars, or that it is not known.
    pub fn cost(&self, cost: Option<Decimal>) {
        self.model.cost(cost);
    }

    /// Records one more token.
    pub fn token(&mut self) {
        let now = Instant::now();
        self.figures.first_token.get_or_insert(now);
        self.figures.last_token = Some(now);
        self.figures.tokens += 1;
    }

    /// Sets the numbers so far of passes of the model and of tokens that the grammar forced.
    pub fn written(&mut self, passes: usize, forced_tokens: usize) {
        self.figures.passes = passes as u64;
        self.figures.forced_tokens = forced_tokens as u64;
    }

    /// Records how the generation ended. Only the first call counts.
    pub fn ended(&mut self, end: GenerationEnd) {
        if self.figures.end == GenerationEnd::Abandoned {
            self.figures.end = end;
        }
    }
}

impl Drop for GenerationMeter {
    fn drop(&mut self) {
        self.model.generation(&self.figures);
    }
}

#[cfg(test)]
mod tests {
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
        let mut meter = GenerationMeter::begin(&metrics.model("a"), seconds(5));
        meter.prompt(100);
        meter.cached(0);
        meter.cached(64);
        for wait in [4, 2, 2, 8] {
            advance(seconds(wait)).await;
            meter.token();
        }
        meter.written(2, 1);
        meter.written(3, 2);
        meter.cost(Some("0.1".parse().unwrap()));
        meter.cost(Some("0.2".parse().unwrap()));
        meter.cost(None);
        meter.ended(GenerationEnd::Length);
        // The client reads the end late, and disconnects.
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
            "generation_cost_usd_total{model=\"a\"} 0.3",
            "generations_without_cost_total{model=\"a\"} 1",
        ] {
            let line = format!("\nreceipt_gateway_{line}\n");
            assert!(text.contains(&line), "{line}{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_abandoned_generation_has_no_duration() {
        let metrics = Metrics::default();
        let mut meter = GenerationMeter::begin(&metrics.model("a"), Duration::ZERO);
        meter.token();
        drop(meter);
        let text = text(&metrics);
        assert!(text.contains("generations_total{model=\"a\",end=\"abandoned\"} 1\n"));
        assert!(text.contains("generation_duration_seconds_count{model=\"a\"} 0\n"));
        assert!(text.contains("completion_tokens_total{model=\"a\"} 1\n"));
    }

    #[test]
    fn counts_outlive_a_reload() {
        let metrics = Metrics::default();
        metrics.model("a").refused();
        metrics.model("a").refused();
        assert!(text(&metrics).contains("generations_refused_total{model=\"a\"} 2\n"));
    }
}
