//! Figures about readings: how long they took, and how fast the model wrote.

use serde::Serialize;
use serde_json::Value;

use super::{queue::Done, reader::FileReading};

/// The share of values, of the best, of which [`Spread::most`] is the worst.
const MOST: f64 = 0.95;

/// The middle of measured values, and the worst of nearly all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// Of every hundred values 95 are as good or better.
    pub most: f64,
}

/// Which values are the better ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Lower ones, as of times.
    Lower,
    /// Higher ones, as of rates.
    Higher,
}

impl Spread {
    /// Returns the spread of `values`; none if there are none.
    #[must_use]
    pub fn of(values: &[f64], better: Better) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (lower, upper) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
        let median = f64::midpoint(*sorted.get(lower)?, *sorted.get(upper)?);
        if better == Better::Higher {
            sorted.reverse();
        }
        // By the nearest rank, so that it is a value that was measured.
        let rank = (sorted.len() as f64 * MOST).ceil() as usize;
        let most = *sorted.get(rank.saturating_sub(1))?;
        Some(Self { median, most })
    }
}

/// The times and tokens of readings, as their `meta` states them, and the time that each took in all.
#[derive(Debug, Default)]
pub struct ReadingFigures {
    seconds: Vec<f64>,
    first_token: Vec<f64>,
    tokens_per_second: Vec<f64>,
    prompt_tokens: u64,
    cached_tokens: u64,
    completion_tokens: u64,
    failed: usize,
    model: Option<String>,
}

impl ReadingFigures {
    /// Counts a file that was read, or that gave no receipt.
    pub fn add(&mut self, done: &Done) {
        match &done.result {
            Ok(reading) => {
                self.seconds.push(done.took.as_secs_f64());
                self.add_reading(reading);
            }
            Err(_) => self.failed += 1,
        }
    }

    fn add_reading(&mut self, reading: &FileReading) {
        let Some(meta) = &reading.meta else { return };
        let usage = |name: &str| meta["usage"][name].as_u64().unwrap_or_default();
        let cached = &meta["usage"]["prompt_tokens_details"]["cached_tokens"];
        let written = usage("completion_tokens");
        // An e-invoice states its values: no model was asked.
        if written == 0 {
            return;
        }
        if let Some(model) = meta["model"].as_str() {
            self.model = Some(model.to_owned());
        }
        self.prompt_tokens += usage("prompt_tokens");
        self.cached_tokens += cached.as_u64().unwrap_or_default();
        self.completion_tokens += written;
        let seconds = |name: &str| meta["timings"][name].as_f64().map(|ms| ms / 1000.0);
        self.first_token.extend(seconds("first_token_ms"));
        // The first token is the prompt's.
        let rest = written.saturating_sub(1) as f64;
        let rate = seconds("generate_ms").filter(|seconds| *seconds > 0.0);
        self.tokens_per_second
            .extend(rate.map(|seconds| rest / seconds));
    }

    /// Returns the number of receipts that were read.
    #[must_use]
    pub fn read(&self) -> usize {
        self.seconds.len()
    }

    /// Returns the number of files that gave no receipt.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// Returns the model that gave the last answer, if a model was asked.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Returns the seconds from asking for a receipt to having it; none if none was read.
    #[must_use]
    pub fn seconds(&self) -> Option<Spread> {
        Spread::of(&self.seconds, Better::Lower)
    }

    /// Returns the seconds from getting a place on the model to the first token; none if no model was asked.
    #[must_use]
    pub fn first_token(&self) -> Option<Spread> {
        Spread::of(&self.first_token, Better::Lower)
    }

    /// Returns the tokens a second of one answer behind its first token; none if no model was asked.
    #[must_use]
    pub fn tokens_per_second(&self) -> Option<Spread> {
        Spread::of(&self.tokens_per_second, Better::Higher)
    }

    /// Returns the number of tokens of all answers.
    #[must_use]
    pub fn completion_tokens(&self) -> u64 {
        self.completion_tokens
    }

    /// Returns the share of the prompts' tokens, in per cent, that the model had computed before; none without prompts.
    #[must_use]
    pub fn cached_percent(&self) -> Option<f64> {
        (self.prompt_tokens > 0)
            .then(|| 100.0 * self.cached_tokens as f64 / self.prompt_tokens as f64)
    }
}

/// Returns the row of a table for a spread.
#[must_use]
pub fn spread_row(name: &str, spread: Option<Spread>) -> Vec<String> {
    let (median, most) = spread.map_or_else(Default::default, |spread| {
        (shown(spread.median), shown(spread.most))
    });
    vec![name.to_owned(), median, most]
}

/// Returns the row of a table for one value.
#[must_use]
pub fn value_row(name: &str, value: Option<String>) -> Vec<String> {
    vec![name.to_owned(), value.unwrap_or_default()]
}

/// Returns a value with three digits that count, as far as they stand behind the point.
#[must_use]
pub fn shown(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Returns the value rounded as it is shown, for JSON.
#[must_use]
pub fn rounded(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| {
        Value::from((value * 1e6).round() / 1e6)
    })
}

#[cfg(test)]
mod tests;
