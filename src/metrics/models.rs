//! What models do: loads, waits, generations, tokens, receipts.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{
    Buckets, Histograms, count,
    generation::{GenerationEnd, GenerationMeter},
    seconds,
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

/// What the reading of a receipt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptOutcome {
    /// An answer that nothing speaks against.
    Ok,
    /// An answer that fails a check, or of which the model is not sure.
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
            "Loads that came to an end, downloads included",
            LOADS,
        );
        let waits = timed(
            "generation_queue",
            "Waits for a place on the model, of those that got one",
            WAITS,
        );
        let first_tokens = timed(
            "generation_first_token",
            "From the place to the first token",
            FIRST_TOKENS,
        );
        let tokens = timed(
            "generation_output_token",
            "Mean time of a token after the first, a generation each",
            TOKENS,
        );
        let generations = timed(
            "generation_duration",
            "From the place to the last token, of generations that came to an end",
            GENERATIONS,
        );
        let mut tokens_of = |name, help| count(families, name, help, Family::default());
        let prompt_tokens = tokens_of("prompt_tokens", "Tokens read, those of pictures included");
        let prompt_cache_hits = tokens_of(
            "prompt_cache_hits",
            "Prompts whose beginning was kept from one before",
        );
        let prompt_cached_tokens = tokens_of(
            "prompt_cached_tokens",
            "Tokens of prompts that were kept from one before, and not computed",
        );
        let completion_tokens = tokens_of("completion_tokens", "Tokens written");
        let forced_tokens = tokens_of(
            "forced_tokens",
            "Tokens written that a grammar left no choice about, of models that run here",
        );
        let steps = tokens_of(
            "generation_steps",
            "Passes of the model that wrote, those over prompts among them, of models that run here",
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
                "Loads that failed",
                Family::default(),
            ),
            refused: count(
                families,
                "generations_refused",
                "Generations that found the queue full, or waited in it for too long",
                Family::default(),
            ),
            ended: count(
                families,
                "generations",
                "Generations that had a place and are over, by how they ended",
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
                "Receipts read, by the model that was asked for; those from the cache not among them",
                Family::default(),
            ),
            attempts: count(
                families,
                "receipt_attempts",
                "Attempts to read receipts, by the model that made them and why",
                Family::default(),
            ),
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
}

impl ModelMetrics {
    /// It has been loaded.
    pub fn loaded(&self, took: Duration) {
        self.loads.observe(took.as_secs_f64());
    }

    /// It could not be loaded.
    pub fn not_loaded(&self) {
        self.load_failures.inc();
    }

    /// A generation got no place.
    pub fn refused(&self) {
        self.refused.inc();
    }

    /// A generation got a place, after so long, and begins.
    #[must_use]
    pub fn entered(&self, waited: Duration) -> GenerationMeter {
        self.waits.observe(waited.as_secs_f64());
        GenerationMeter::begin(self.clone())
    }

    /// A receipt was read, or not.
    pub fn receipt(&self, outcome: ReceiptOutcome) {
        let model = self.model.clone();
        self.receipts.get_or_create(&Read { model, outcome }).inc();
    }

    /// An attempt to read a receipt was made, for that reason.
    pub fn receipt_attempt(&self, reason: &'static str) {
        let model = self.model.clone();
        self.attempts.get_or_create(&Tried { model, reason }).inc();
    }

    /// A generation is over.
    pub(super) fn generation(&self, meter: &GenerationMeter) {
        let ended = Ended {
            model: self.model.clone(),
            end: meter.end,
        };
        self.ended.get_or_create(&ended).inc();
        self.completion_tokens.inc_by(meter.tokens);
        self.forced_tokens.inc_by(meter.forced_tokens);
        self.steps.inc_by(meter.passes);
        let (Some(first), Some(last)) = (meter.first_token, meter.last_token) else {
            return;
        };
        let wait = first - meter.started;
        self.first_tokens.observe(wait.as_secs_f64());
        if meter.tokens > 1 {
            let mean = (last - first).as_secs_f64() / (meter.tokens - 1) as f64;
            self.tokens.observe(mean);
        }
        if matches!(meter.end, GenerationEnd::Stop | GenerationEnd::Length) {
            let took = last - meter.started;
            self.generations.observe(took.as_secs_f64());
        }
    }

    /// The engine has taken on a prompt of so many tokens.
    pub(super) fn prompt(&self, tokens: usize) {
        self.prompt_tokens.inc_by(tokens as u64);
    }

    /// So many tokens of a prompt were kept from one before.
    pub(super) fn cached(&self, tokens: usize) {
        if tokens > 0 {
            self.prompt_cache_hits.inc();
            self.prompt_cached_tokens.inc_by(tokens as u64);
        }
    }
}
