//! Metrics of models: loads, waits, generations, tokens, receipts.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::{
    Buckets, Histograms,
    costs::{Costs, ModelCosts},
    count, seconds,
};

const LOADS: Buckets = Buckets(&[
    0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0,
]);
const WAITS: Buckets = Buckets(&[
    0.001, 0.01, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0,
]);
const FIRST_TOKENS: Buckets = Buckets(&[
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0,
]);
const TOKENS: Buckets = Buckets(&[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
]);
const GENERATIONS: Buckets = Buckets(&[
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 240.0,
]);

/// Outcome of reading a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptOutcome {
    /// An answer that passes every check and in which the model is confident.
    Ok,
    /// An answer that fails a check, or in which the model is not confident.
    Doubtful,
    /// No answer.
    Error,
}

impl ReceiptOutcome {
    const ALL: [Self; 3] = [Self::Ok, Self::Doubtful, Self::Error];
}

impl EncodeLabelValue for ReceiptOutcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        let name = match self {
            Self::Ok => "ok",
            Self::Doubtful => "doubtful",
            Self::Error => "error",
        };
        name.encode(encoder)
    }
}

/// The way a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GenerationEnd {
    /// The model, the grammar or a stop sequence ended it.
    Stop,
    /// It reached its limit of tokens.
    Length,
    /// The engine refused or failed, or it took too long.
    Error,
    /// The client left before the end.
    Abandoned,
}

impl GenerationEnd {
    /// All ways to end.
    const ALL: [Self; 4] = [Self::Stop, Self::Length, Self::Error, Self::Abandoned];
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

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Model {
    model: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    model: String,
    end: GenerationEnd,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Read {
    model: String,
    outcome: ReceiptOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tried {
    model: String,
    reason: &'static str,
}

#[derive(Debug)]
pub(super) struct Models {
    loads: Histograms<Model>,
    load_failures: Family<Model, Counter>,
    refused: Family<Model, Counter>,
    waits: Histograms<Model>,
    first_tokens: Histograms<Model>,
    tokens: Histograms<Model>,
    generations: Histograms<Model>,
    ended: Family<Ended, Counter>,
    prompt_tokens: Family<Model, Counter>,
    prompt_cache_hits: Family<Model, Counter>,
    prompt_cached_tokens: Family<Model, Counter>,
    completion_tokens: Family<Model, Counter>,
    forced_tokens: Family<Model, Counter>,
    steps: Family<Model, Counter>,
    receipts: Family<Read, Counter>,
    attempts: Family<Tried, Counter>,
    costs: Costs,
}

impl Models {
    pub(super) fn new(families: &mut Registry) -> Self {
        let mut timed = |name, help, buckets| {
            seconds(
                families,
                name,
                help,
                Histograms::new_with_constructor(buckets),
            )
        };
        let loads = timed(
            "model_load_duration",
            "Time of successful loads, downloads included",
            LOADS,
        );
        let waits = timed(
            "generation_queue",
            "Time that generations waited for a place on the model, if they got one",
            WAITS,
        );
        let first_tokens = timed(
            "generation_first_token",
            "Time from getting a place to the first token",
            FIRST_TOKENS,
        );
        let tokens = timed(
            "generation_output_token",
            "Mean time per token after the first, one value per generation",
            TOKENS,
        );
        let generations = timed(
            "generation_duration",
            "Time from getting a place to the last token, for generations that finished",
            GENERATIONS,
        );
        let mut tokens_of = |name, help| count(families, name, help, Family::default());
        let prompt_tokens = tokens_of("prompt_tokens", "Prompt tokens, pictures included");
        let prompt_cache_hits = tokens_of(
            "prompt_cache_hits",
            "Prompts whose beginning was in the prompt cache",
        );
        let prompt_cached_tokens = tokens_of(
            "prompt_cached_tokens",
            "Prompt tokens taken from the prompt cache instead of being computed",
        );
        let completion_tokens = tokens_of("completion_tokens", "Generated tokens");
        let forced_tokens = tokens_of(
            "forced_tokens",
            "Generated tokens that the grammar forced, for models that run here",
        );
        let steps = tokens_of(
            "generation_steps",
            "Passes of the model, those over prompts included, for models that run here",
        );
        Self {
            loads,
            waits,
            first_tokens,
            tokens,
            generations,
            load_failures: count(
                families,
                "model_load_failures",
                "Failed loads",
                Family::default(),
            ),
            refused: count(
                families,
                "generations_refused",
                "Generations refused because the queue was full or the wait too long",
                Family::default(),
            ),
            ended: count(
                families,
                "generations",
                "Generations that got a place and are over, by the way they ended",
                Family::default(),
            ),
            prompt_tokens,
            prompt_cache_hits,
            prompt_cached_tokens,
            completion_tokens,
            forced_tokens,
            steps,
            receipts: count(
                families,
                "receipts",
                "Receipts read, by the requested model; cached answers are not counted",
                Family::default(),
            ),
            attempts: count(
                families,
                "receipt_attempts",
                "Attempts to read receipts, by model and reason",
                Family::default(),
            ),
            costs: Costs::new(families),
        }
    }

    pub(super) fn of(&self, id: &str) -> ModelMetrics {
        let name = || id.to_owned();
        let model = Model { model: name() };
        for end in GenerationEnd::ALL {
            drop(self.ended.get_or_create(&Ended { model: name(), end }));
        }
        for outcome in ReceiptOutcome::ALL {
            let read = Read {
                model: name(),
                outcome,
            };
            drop(self.receipts.get_or_create(&read));
        }
        ModelMetrics {
            loads: self.loads.get_or_create_owned(&model),
            load_failures: self.load_failures.get_or_create_owned(&model),
            refused: self.refused.get_or_create_owned(&model),
            waits: self.waits.get_or_create_owned(&model),
            first_tokens: self.first_tokens.get_or_create_owned(&model),
            tokens: self.tokens.get_or_create_owned(&model),
            generations: self.generations.get_or_create_owned(&model),
            ended: self.ended.clone(),
            prompt_tokens: self.prompt_tokens.get_or_create_owned(&model),
            prompt_cache_hits: self.prompt_cache_hits.get_or_create_owned(&model),
            prompt_cached_tokens: self.prompt_cached_tokens.get_or_create_owned(&model),
            completion_tokens: self.completion_tokens.get_or_create_owned(&model),
            forced_tokens: self.forced_tokens.get_or_create_owned(&model),
            steps: self.steps.get_or_create_owned(&model),
            receipts: self.receipts.clone(),
            attempts: self.attempts.clone(),
            costs: self.costs.of(id),
            model: name(),
        }
    }
}

/// The metrics of one model.
#[derive(Debug, Clone)]
pub struct ModelMetrics {
    model: String,
    loads: Histogram,
    load_failures: Counter,
    refused: Counter,
    waits: Histogram,
    first_tokens: Histogram,
    tokens: Histogram,
    generations: Histogram,
    ended: Family<Ended, Counter>,
    prompt_tokens: Counter,
    prompt_cache_hits: Counter,
    prompt_cached_tokens: Counter,
    completion_tokens: Counter,
    forced_tokens: Counter,
    steps: Counter,
    receipts: Family<Read, Counter>,
    attempts: Family<Tried, Counter>,
    costs: ModelCosts,
}

/// The figures of one generation.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) started: Instant,
    pub(super) first_token: Option<Instant>,
    pub(super) last_token: Option<Instant>,
    pub(super) tokens: u64,
    pub(super) passes: u64,
    pub(super) forced_tokens: u64,
    pub(super) end: GenerationEnd,
}

impl Figures {
    /// Creates the figures of a generation that has just begun.
    pub(super) fn new(started: Instant) -> Self {
        Self {
            started,
            first_token: None,
            last_token: None,
            tokens: 0,
            passes: 0,
            forced_tokens: 0,
            end: GenerationEnd::Abandoned,
        }
    }
}

impl ModelMetrics {
    /// Records a load and its duration.
    pub fn loaded(&self, took: Duration) {
        self.loads.observe(took.as_secs_f64());
    }

    /// Counts a failed load.
    pub fn not_loaded(&self) {
        self.load_failures.inc();
    }

    /// Counts a generation that got no place.
    pub fn refused(&self) {
        self.refused.inc();
    }

    /// Records the wait of a generation that got a place.
    pub(super) fn waited(&self, waited: Duration) {
        self.waits.observe(waited.as_secs_f64());
    }

    /// Counts a receipt by outcome.
    pub fn receipt(&self, outcome: ReceiptOutcome) {
        let model = self.model.clone();
        self.receipts.get_or_create(&Read { model, outcome }).inc();
    }

    /// Counts an attempt to read a receipt by reason.
    pub fn receipt_attempt(&self, reason: &'static str) {
        let model = self.model.clone();
        self.attempts.get_or_create(&Tried { model, reason }).inc();
    }

    /// Records the figures of a finished generation.
    pub(super) fn generation(&self, figures: &Figures) {
        let ended = Ended {
            model: self.model.clone(),
            end: figures.end,
        };
        self.ended.get_or_create(&ended).inc();
        self.completion_tokens.inc_by(figures.tokens);
        self.forced_tokens.inc_by(figures.forced_tokens);
        self.steps.inc_by(figures.passes);
        let (Some(first), Some(last)) = (figures.first_token, figures.last_token) else {
            return;
        };
        let wait = first - figures.started;
        self.first_tokens.observe(wait.as_secs_f64());
        if figures.tokens > 1 {
            let mean = (last - first).as_secs_f64() / (figures.tokens - 1) as f64;
            self.tokens.observe(mean);
        }
        if matches!(figures.end, GenerationEnd::Stop | GenerationEnd::Length) {
            let took = last - figures.started;
            self.generations.observe(took.as_secs_f64());
        }
    }

    /// Counts the cost of a generation, if it is known.
    pub(super) fn cost(&self, cost: Option<Decimal>) {
        self.costs.add(cost);
    }

    /// Counts the tokens of a prompt that the engine has accepted.
    pub(super) fn prompt(&self, tokens: usize) {
        self.prompt_tokens.inc_by(tokens as u64);
    }

    /// Counts the tokens of a prompt that came from the prompt cache.
    pub(super) fn cached(&self, tokens: usize) {
        if tokens > 0 {
            self.prompt_cache_hits.inc();
            self.prompt_cached_tokens.inc_by(tokens as u64);
        }
    }
}
