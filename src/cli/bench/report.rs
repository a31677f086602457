//! The report of `bench`, as a table and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::{
    figures::{ReadingFigures, Spread, rounded, shown, spread_row, value_row},
    host::{MeasuredHost, ProcessMemory, megabytes},
    markdown::markdown_table,
};

/// What was measured.
pub(super) struct BenchReport {
    pub host: MeasuredHost,
    pub figures: ReadingFigures,
    /// The number of receipts that were asked for at once.
    pub concurrency: usize,
    /// The time of the whole run.
    pub took: Duration,
    /// The time that loading the model took, if this process loaded it.
    pub load: Option<Duration>,
    /// The memory of this process, if this process loaded the model.
    pub memory: Option<ProcessMemory>,
}

impl BenchReport {
    /// Returns a table of the machine, and one of the measures.
    pub(super) fn table(&self) -> String {
        let figures = &self.figures;
        let program = if self.load.is_some() {
            "this program"
        } else {
            // What stands in the table of the machine is the client's.
            "a gateway elsewhere"
        };
        let mut about = vec![vec!["bench".to_owned(), String::new()]];
        about.extend(self.host.rows());
        about.push(value_row("read by", Some(program.to_owned())));
        about.push(value_row("model", figures.model().map(str::to_owned)));
        about.push(value_row("at once", Some(self.concurrency.to_string())));

        let head = ["measure", "median", "95 %"].map(str::to_owned);
        let whole = |value: f64| Some(shown(value));
        let memory = |of: fn(ProcessMemory) -> Option<u64>| self.memory.and_then(of).map(megabytes);
        let measures = [
            head.into(),
            spread_row("a receipt, s", figures.seconds()),
            spread_row("first token, s", figures.first_token()),
            spread_row("tokens a second of an answer", figures.tokens_per_second()),
            value_row("tokens a second in all", whole(self.tokens_per_second())),
            value_row("receipts a minute", whole(self.receipts_per_minute())),
            value_row("receipts", Some(figures.read().to_string())),
            value_row("failed", Some(figures.failed().to_string())),
            value_row(
                "prompt computed before, %",
                figures.cached_percent().map(shown),
            ),
            value_row("load, s", self.load.map(|load| shown(load.as_secs_f64()))),
            value_row("memory at the end, MB", memory(|memory| memory.resident)),
            value_row("memory at most, MB", memory(|memory| memory.peak)),
        ];
        // What is not known is left out.
        let measures: Vec<_> = measures
            .into_iter()
            .filter(|row| row.get(1).is_some_and(|value| !value.is_empty()))
            .collect();
        format!("{}\n{}", markdown_table(&about), markdown_table(&measures))
    }

    /// Returns the same as one object.
    pub(super) fn object(&self) -> Value {
        let figures = &self.figures;
        let spread = |spread: Option<Spread>| {
            spread.map(|spread| {
                json!({ "median": rounded(Some(spread.median)), "p95": rounded(Some(spread.most)) })
            })
        };
        json!({
            "host": self.host,
            "is_local": self.load.is_some(),
            "model": figures.model(),
            "concurrency": self.concurrency,
            "receipts": figures.read(),
            "failed": figures.failed(),
            "seconds": rounded(Some(self.took.as_secs_f64())),
            "receipt_seconds": spread(figures.seconds()),
            "first_token_seconds": spread(figures.first_token()),
            "answer_tokens_per_second": spread(figures.tokens_per_second()),
            "tokens_per_second": rounded(Some(self.tokens_per_second())),
            "receipts_per_minute": rounded(Some(self.receipts_per_minute())),
            "prompt_computed_before_percent": rounded(figures.cached_percent()),
            "load_seconds": rounded(self.load.map(|load| load.as_secs_f64())),
            "memory_bytes": self.memory,
        })
    }

    fn tokens_per_second(&self) -> f64 {
        self.a_second(self.figures.completion_tokens() as f64)
    }

    fn receipts_per_minute(&self) -> f64 {
        60.0 * self.a_second(self.figures.read() as f64)
    }

    fn a_second(&self, count: f64) -> f64 {
        let seconds = self.took.as_secs_f64();
        if seconds > 0.0 { count / seconds } else { 0.0 }
    }
}
