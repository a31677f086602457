//! A receipt that is asked for: what is read, and what is told and remembered of it.

use super::{meta::ReadingBody, page_fields::PageFields};
use crate::{
    http::{
        caller::Caller,
        fault::Fault,
        record::{BegunAnswer, Recorder},
    },
    receipt::{CacheOutcome, ExtractRequest, Reading},
};

/// A receipt that is asked for.
pub struct AskedReceipt {
    /// What is read.
    pub request: ExtractRequest,
    /// The fields of its files.
    pub fields: PageFields,
    /// The answer, under its id.
    pub answer: BegunAnswer,
}

/// A receipt that was read.
pub struct ReadReceipt {
    /// Id of the answer.
    pub id: String,
    /// What was read.
    pub reading: Reading,
    /// Where it was found.
    pub found: CacheOutcome,
}

impl AskedReceipt {
    /// Reads the receipt, and remembers what it took.
    pub async fn read(self, caller: &Caller) -> Result<ReadReceipt, Fault> {
        let recorder = Recorder::begin(caller, self.request.pages.len(), false);
        let (reading, found) = caller.extractor.extract(self.request).await;
        let reading = reading.map_err(|error| self.fields.fault(&error))?;
        let id = self.answer.id().to_owned();
        recorder.read(self.answer, &reading, found, caller);
        Ok(ReadReceipt { id, reading, found })
    }
}

impl ReadReceipt {
    /// Writes the object with the facts about its reading.
    pub fn with_meta(&self) -> ReadingBody {
        ReadingBody::new(&self.reading, self.found).named(&self.id)
    }
}
