//! Judges an answer: where its values stand, what the codes on the pages say of them, which checks fail, and how sure
//! each value is.

use std::sync::Arc;

use chrono::NaiveDate;

use super::{
    Calibration, ExtractSettings,
    checks::{self, Finding},
    choosing::SettledAnswer,
    coded::{self, KnownAnswer, PaperCodes},
    confidence::{self, FieldConfidence},
    evidence::FieldEvidence,
    placed::{PlacedAnswer, look_up},
    reading::CheckedReceipt,
    schema::ReceiptSchema,
};
use crate::{page::PageReading, registry::Completed};

/// An answer, and what it is judged by.
pub struct Judging<'a> {
    /// The settings of reading receipts.
    pub settings: &'a ExtractSettings,
    /// Name of the model that gave the answer.
    pub model: &'a str,
    /// The answer as the model wrote it.
    pub answer: &'a Completed,
    /// The answer after others were weighed against it.
    pub settled: &'a SettledAnswer,
    /// Whether its values were held to what is printed.
    pub is_grounded: bool,
    /// The schema of the answer.
    pub schema: &'a ReceiptSchema,
    /// The text of the pages.
    pub pages: Arc<Vec<PageReading>>,
    /// The codes on the pages.
    pub codes: &'a PaperCodes,
    /// The day of the reading in UTC.
    pub today: NaiveDate,
}

/// An answer that was judged.
pub struct Judged {
    /// The answer, in which values may be those that a code states.
    pub receipt: CheckedReceipt,
    /// Confidence in its values.
    pub fields: Vec<FieldConfidence>,
    /// Where its values stand.
    pub evidence: Vec<FieldEvidence>,
    /// Results of the checks that apply.
    pub checks: Vec<Finding>,
}

impl Judging<'_> {
    /// Judges the answer. Looks values up on a blocking thread.
    pub async fn judge(self) -> Judged {
        let (receipt, summed) = self.summed();
        let evidence = look_up(&receipt, self.schema, self.pages.clone()).await;
        let placed = PlacedAnswer {
            receipt,
            evidence,
            put_right: Vec::new(),
        };
        let placed = if self.is_grounded {
            placed.settle(self.schema, &self.pages).await
        } else {
            placed
        };
        let PlacedAnswer {
            receipt,
            evidence,
            put_right,
        } = placed;
        let reader = self.settings.reader(self.model);
        let calibration: Option<&Calibration> = reader.and_then(|r| r.calibration.as_deref());
        let fields = self.settled.fields(self.answer, |answer| {
            let (text, tokens) = (&answer.text, &answer.tokens);
            confidence::of_fields(text, tokens, self.schema, calibration, self.is_grounded)
        });
        let mut checks = self.checks(&receipt, &evidence);
        let mut fields = self.settings.weights.weigh(fields, &evidence, &checks);
        for pointer in summed.into_iter().chain(put_right) {
            // As sure as the least sure number of the answer, since it follows from others.
            let least = confidence::lowest_number(&fields, &pointer);
            let field = fields.iter_mut().find(|field| field.pointer == pointer);
            if let Some((field, least)) = field.zip(least) {
                field.confidence = least;
            }
        }
        let mut known = KnownAnswer {
            receipt,
            fields,
            evidence,
        };
        if known.fill(self.codes, self.schema, self.settings.doubt.below) {
            checks = self.checks(&known.receipt, &known.evidence);
        }
        checks.extend(coded::checks(known.receipt.as_json(), self.codes));
        Judged {
            receipt: known.receipt,
            fields: known.fields,
            evidence: known.evidence,
            checks,
        }
    }

    /// Returns the answer, with the subtotal that its items and its total make if the model was not free to write it, and
    /// then the JSON pointer to it.
    fn summed(&self) -> (CheckedReceipt, Option<String>) {
        const SUBTOTAL: &str = "/subtotal";
        let written = &self.settled.receipt;
        let subtotal = self
            .is_grounded
            .then(|| checks::agreed_subtotal(written.as_json()));
        let subtotal = subtotal.flatten().and_then(coded::number);
        let summed = subtotal
            .and_then(|subtotal| CheckedReceipt::with(written, SUBTOTAL, subtotal, self.schema));
        match summed {
            Some(summed) => (summed, Some(SUBTOTAL.to_owned())),
            None => (written.clone(), None),
        }
    }

    fn checks(&self, receipt: &CheckedReceipt, evidence: &[FieldEvidence]) -> Vec<Finding> {
        let most = self.schema.max_items();
        checks::run(receipt.as_json(), evidence, self.today, most)
    }
}
