//! Metrics of the stages from a picture to the model's input.

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::histogram::Histogram,
    registry::Registry,
};
use tokio::time::Instant;
use tracing::Span;

use super::{Buckets, Histograms, seconds};
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
}

impl ImageStage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Decode => "decode",
            Self::Prepare => "prepare",
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

#[derive(Debug)]
pub(super) struct Images {
    stages: Histograms<Stage>,
}

impl Images {
    pub(super) fn new(families: &mut Registry) -> Self {
        let stages = Histograms::new_with_constructor(DURATIONS);
        for stage in [
            ImageStage::Download,
            ImageStage::Decode,
            ImageStage::Prepare,
        ] {
            drop(stages.get_or_create(&Stage { stage }));
        }
        Self {
            stages: seconds(
                families,
                "image_stage_duration",
                "Time of each stage of preparing pictures, without the waits in between",
                stages,
            ),
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
