//! Metrics of the stages from a picture to the model's input.

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use tokio::time::Instant;
use tracing::Span;

use super::{Buckets, Histograms, count, seconds};
use crate::telemetry;

const DURATIONS: Buckets = Buckets(&[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
]);

/// A stage between a picture's source and the model's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageStage {
    /// Downloading from its URL, redirects included.
    Download,
    /// Decoding the file to pixels; a PDF's pages are rendered.
    Decode,
    /// Resizing the pixels to the model's grid.
    Prepare,
    /// Finding and recognising the text of a page.
    Text,
    /// Finding the codes on a page.
    Codes,
}

impl ImageStage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Decode => "decode",
            Self::Prepare => "prepare",
            Self::Text => "text",
            Self::Codes => "codes",
        }
    }
}

impl EncodeLabelValue for ImageStage {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        self.as_str().encode(encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stage {
    stage: ImageStage,
}

/// The outcome of reading the text of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextOutcome {
    /// The page reader read this many lines.
    Read(usize),
    /// The page reader took too long.
    Late,
    /// The page reader failed, or could not be loaded.
    Failed,
}

impl TextOutcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Late => "late",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Debug)]
pub(super) struct Images {
    stages: Histograms<Stage>,
    texts: Family<Outcome, Counter>,
    lines: Counter,
    e_invoices: Family<Kind, Counter>,
    codes: Counter,
}

impl Images {
    pub(super) fn new(families: &mut Registry) -> Self {
        let stages = Histograms::new_with_constructor(DURATIONS);
        for stage in [
            ImageStage::Download,
            ImageStage::Decode,
            ImageStage::Prepare,
            ImageStage::Text,
            ImageStage::Codes,
        ] {
            drop(stages.get_or_create(&Stage { stage }));
        }
        let texts = Family::<Outcome, Counter>::default();
        for outcome in [TextOutcome::Read(0), TextOutcome::Late, TextOutcome::Failed] {
            let outcome = outcome.as_str();
            drop(texts.get_or_create(&Outcome { outcome }));
        }
        Self {
            stages: seconds(
                families,
                "image_stage_duration",
                "Time of each stage of preparing pictures, without the waits in between",
                stages,
            ),
            texts: count(
                families,
                "page_texts",
                "Pages whose text the page reader was asked for, by the outcome",
                texts,
            ),
            lines: count(
                families,
                "page_lines",
                "Lines that the page reader has read",
                Counter::default(),
            ),
            e_invoices: count(
                families,
                "e_invoices",
                "Receipts whose values an e-invoice stated, by its kind; refused where it was not used",
                Family::default(),
            ),
            codes: count(
                families,
                "page_codes",
                "Codes that were found on pages",
                Counter::default(),
            ),
        }
    }

    pub(super) fn e_invoice(&self, kind: &'static str) {
        self.e_invoices.get_or_create(&Kind { kind }).inc();
    }

    pub(super) fn codes(&self, found: usize) {
        self.codes.inc_by(found as u64);
    }

    pub(super) fn text(&self, outcome: TextOutcome) {
        let label = Outcome {
            outcome: outcome.as_str(),
        };
        self.texts.get_or_create(&label).inc();
        if let TextOutcome::Read(lines) = outcome {
            self.lines.inc_by(lines as u64);
        }
    }

    pub(super) fn begin(&self, stage: ImageStage) -> ImageTimer {
        ImageTimer {
            durations: self.stages.get_or_create_owned(&Stage { stage }),
            started: Instant::now(),
            _span: telemetry::stage(stage.as_str()),
        }
    }
}

/// Records the duration of a stage when it is dropped, whether it succeeded or failed.
#[derive(Debug)]
pub struct ImageTimer {
    durations: Histogram,
    started: Instant,
    _span: Span,
}

impl Drop for ImageTimer {
    fn drop(&mut self) {
        self.durations.observe(self.started.elapsed().as_secs_f64());
    }
}
