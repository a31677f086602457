//! Has the items of a receipt read a second time, row by row, where those that a model listed do not add up.
//!
//! A small model leaves an item out, or takes a name that goes over two lines for two items. Which rows are items is then
//! found by their amounts, where these make the subtotal or the total that the model read, and the model fills in what
//! stands in each. The same is done where a list adds up, but not by what stands in the rows that make its sum. Its list
//! stays where no rows do, or where the second one does not add up either.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    agreement, checks,
    doubt::Step,
    evidence,
    grounding::{self, Grounded},
    job::ReadingJob,
    reading::CheckedReceipt,
    schema::ReceiptSchema,
};
use crate::{
    generation::{Generation, Grammar},
    page::PageReading,
    registry::{Completed, Model, Ticket},
    telemetry,
};

/// What a second reading of the items needs beside the answer.
pub struct Itemising<'a> {
    /// The model that gave the answer.
    pub model: &'a Arc<Model>,
    /// The ticket with which to wait for a place on it.
    pub ticket: &'a Ticket,
    /// What it was asked.
    pub generation: &'a Generation,
    /// The schema of the answer.
    pub schema: &'a ReceiptSchema,
    /// The values that fields were chosen from, and the text of the pages; `None` if they were free.
    pub grounded: Option<(&'a Grounded, &'a Arc<Vec<PageReading>>)>,
}

/// An answer after its items may have been read a second time.
pub struct ItemisedAnswer {
    /// The answer.
    pub answer: Arc<Completed>,
    /// Its object.
    pub receipt: CheckedReceipt,
    /// Whether it is the second one.
    pub is_by_rows: bool,
    /// The time that it took.
    pub took: Duration,
}

impl<'a> Itemising<'a> {
    /// A second reading of what the model of `step` was asked.
    pub fn new(
        step: &'a Step,
        job: &'a ReadingJob,
        generation: &'a Generation,
        schema: &'a ReceiptSchema,
    ) -> Self {
        Self {
            model: &step.model,
            ticket: &job.ticket,
            generation,
            schema,
            grounded: None,
        }
    }

    /// Adds the values that fields were chosen from, and the text of the pages.
    pub fn on(self, grounded: Option<&'a Grounded>, pages: &'a Arc<Vec<PageReading>>) -> Self {
        Self {
            grounded: grounded.map(|grounded| (grounded, pages)),
            ..self
        }
    }

    /// Returns the answer whose items add up, `answer` if none does.
    pub async fn settle(&self, answer: Arc<Completed>, receipt: CheckedReceipt) -> ItemisedAnswer {
        let started = Instant::now();
        let second = match self.grounded {
            Some((grounded, pages)) => self.by_rows(grounded, pages, &receipt).await,
            None => None,
        };
        let is_by_rows = second.is_some();
        let (answer, receipt) = second.unwrap_or((answer, receipt));
        ItemisedAnswer {
            answer,
            receipt,
            is_by_rows,
            took: started.elapsed(),
        }
    }

    async fn by_rows(
        &self,
        grounded: &Grounded,
        pages: &Arc<Vec<PageReading>>,
        first: &CheckedReceipt,
    ) -> Option<(Arc<Completed>, CheckedReceipt)> {
        let grammar = self.grammar(grounded, pages.clone(), first.clone()).await?;
        let generation = Generation {
            grammar,
            ..self.generation.clone()
        };
        let answer = self.model.generate(generation, self.ticket).await;
        let answer = match answer {
            Ok(answer) => answer.complete().await,
            Err(error) => Err(error),
        };
        let answer = answer.inspect_err(|error| {
            let model = &self.model.settings().id;
            tracing::warn!(model, %error, "items could not be read row by row");
        });
        let answer = answer.ok()?;
        let receipt = CheckedReceipt::check(&answer, self.schema).ok()?;
        let adds_up = checks::unmade_sums(receipt.as_json()).is_empty()
            && checks::total(receipt.as_json()) == checks::total(first.as_json());
        adds_up.then(|| (Arc::new(answer), receipt))
    }

    /// Returns the grammar of a list by its rows, if the first one does not agree with any.
    async fn grammar(
        &self,
        grounded: &Grounded,
        pages: Arc<Vec<PageReading>>,
        first: CheckedReceipt,
    ) -> Option<Grammar> {
        let (schema, fields) = (self.schema.clone(), grounded.fields.clone());
        let work = telemetry::carried_over(move || {
            let sums = checks::unmade_sums(first.as_json());
            let rows = if sums.is_empty() {
                let sum = checks::sum_of_items(first.as_json())?;
                let rows = evidence::item_rows(&pages, &[sum]);
                (!agreement::agrees(first.as_json(), &rows)).then_some(rows)?
            } else {
                evidence::item_rows(&pages, &sums)
            };
            grounding::by_rows(&schema, &fields, &rows)
        });
        tokio::task::spawn_blocking(work).await.ok()?
    }
}
