//! A receipt whose files are loaded, and all that the reader is to know of the request.

use std::sync::Arc;

use bytes::Bytes;

use super::{grounding::Grounding, progress::Progress, schema::ReceiptSchema};
use crate::{
    generation::{Sampling, Script},
    image::EncodedImage,
    registry::{Model, Ticket},
};

/// A receipt to read.
pub struct ReadingJob {
    /// The files of its pages.
    pub files: Vec<EncodedImage>,
    /// The XML that states the receipt, which then has no pages.
    pub xml: Option<Bytes>,
    /// The model to ask.
    pub model: Arc<Model>,
    /// Models to ask in turn when that one gives no answer.
    pub others: Vec<Arc<Model>>,
    /// The schema of the answer.
    pub schema: ReceiptSchema,
    /// The messages of the request, if it has its own.
    pub script: Option<Script>,
    /// Sampling of tokens.
    pub sampling: Sampling,
    /// Whether values are held to what is printed, if the request says so.
    pub grounding: Option<Grounding>,
    /// The ticket with which to wait for a place on the model.
    pub ticket: Ticket,
    /// The receiver of progress.
    pub progress: Progress,
}

impl ReadingJob {
    /// Returns the messages of the request, if they have any text and `model` takes instructions.
    pub(super) fn said_to(&self, model: &Model) -> Option<&Script> {
        let script = self.script.as_ref()?;
        let is_told = model.settings().takes_instructions && !script.text().trim().is_empty();
        is_told.then_some(script)
    }
}
