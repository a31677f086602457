//! The result of reading a receipt: the checked object, and a report on it.

use std::{sync::Arc, time::Duration};

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{
    CacheOutcome, ExtractError, Weigh,
    checks::Finding,
    confidence::{self, FieldConfidence},
    evidence::{FieldEvidence, PageFacts},
    grounding::GroundingOutcome,
    schema::ReceiptSchema,
    source::{CodeOnPage, ReadingSource},
    weighed::WeighedAnswer,
};
use crate::{
    generation::{Cost, FinishReason, Usage},
    grammar::Misfit,
    registry::Completed,
};

/// A JSON object that has been validated against its schema, which is the only way to create one.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedReceipt(Arc<Value>);

impl CheckedReceipt {
    /// Parses a complete answer and validates it.
    ///
    /// # Errors
    /// [`ExtractError::CutShort`], [`ExtractError::NotJson`] or [`ExtractError::Mismatch`].
    pub fn check(answer: &Completed, schema: &ReceiptSchema) -> Result<Self, ExtractError> {
        if answer.reason == FinishReason::Length {
            return Err(ExtractError::CutShort {
                tokens: answer.usage.completion_tokens,
            });
        }
        let receipt = schema.read_answer(&answer.text);
        Self::of(&answer.text, receipt)
    }

    /// Validates an object whose values a file states.
    ///
    /// # Errors
    /// Why the object does not fit the published form of the schema.
    pub(super) fn stated(answer: &Value, schema: &ReceiptSchema) -> Result<Self, Misfit> {
        let receipt = schema.read_stated(&answer.to_string())?;
        Ok(Self(Arc::new(receipt)))
    }

    /// Returns `receipt` with another value at a JSON pointer; `None` if there is none, or the schema does not admit it.
    pub(super) fn with(
        receipt: &Self,
        pointer: &str,
        value: Value,
        schema: &ReceiptSchema,
    ) -> Option<Self> {
        let mut changed = Value::clone(&receipt.0);
        *changed.pointer_mut(pointer)? = value;
        let changed = schema.read(&changed.to_string()).ok()?;
        Some(Self(Arc::new(changed)))
    }

    /// Parses and validates the stored text of a whole object.
    pub(super) fn parse(
        text: &str,
        schema: &ReceiptSchema,
        source: &ReadingSource,
    ) -> Result<Self, ExtractError> {
        let receipt = match source {
            ReadingSource::Model { .. } => schema.read(text),
            ReadingSource::EInvoice(_) => schema.read_stated(text),
        };
        Self::of(text, receipt)
    }

    /// Wraps `receipt`, the outcome of reading `text`, or returns why `text` does not fit.
    fn of(text: &str, receipt: Result<Value, Misfit>) -> Result<Self, ExtractError> {
        let parsed = serde_json::from_str::<IgnoredAny>(text);
        parsed.map_err(|error| ExtractError::NotJson(error.to_string()))?;
        let receipt = receipt.map_err(ExtractError::Mismatch)?;
        Ok(Self(Arc::new(receipt)))
    }

    /// Returns the object.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.0
    }
}

/// A receipt that was read, with a report on it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The object.
    pub receipt: CheckedReceipt,
    /// The report.
    pub report: Arc<Report>,
}

impl Reading {
    /// Adds the attempts that led to the reading, what they cost together, and why the XML of the file was not used.
    pub(super) fn after(
        self,
        attempts: Vec<Attempt>,
        passed_over: Option<String>,
        cost: Option<Cost>,
    ) -> Self {
        let mut report = Arc::unwrap_or_clone(self.report);
        report.attempts = attempts;
        report.source = ReadingSource::Model { passed_over };
        report.usage.cost = cost;
        Self {
            receipt: self.receipt,
            report: Arc::new(report),
        }
    }
}

/// A report on a receipt that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The model that gave the answer; `none` if no model was asked.
    pub model: String,
    /// Name of the schema.
    pub schema: String,
    /// Where the values were taken from.
    pub source: ReadingSource,
    /// What the model was shown of the pages.
    pub read_as: ReadAs,
    /// Number of pages that were read, of all pictures and PDFs.
    pub pages: usize,
    /// Numbers of the blank pages, which were not read, counted from 1 over all files.
    pub blank_pages: Vec<usize>,
    /// Tokens of the pictures.
    pub image_tokens: usize,
    /// Confidence of every leaf value, in the object's order.
    pub fields: Vec<FieldConfidence>,
    /// Where every leaf value stands on the pages, in the object's order.
    pub evidence: Vec<FieldEvidence>,
    /// What is known of the text of each page, in order.
    pub text: Vec<PageFacts>,
    /// The codes on the pages.
    pub codes: Vec<CodeOnPage>,
    /// Whether values were held to what is printed.
    pub grounding: GroundingOutcome,
    /// Whether the items were read a second time, row by row, since those that the model listed first did not add up.
    pub is_by_rows: bool,
    /// The answers that were weighed, the model's own first; none if no other was nearly as likely.
    pub weighed: Vec<WeighedAnswer>,
    /// Results of the checks that apply to the object.
    pub checks: Vec<Finding>,
    /// Every attempt, in order; one of them gave this answer.
    pub attempts: Vec<Attempt>,
    /// Tokens of the attempt that gave this answer, and the cost of all attempts.
    pub usage: Usage,
    /// Timings of the attempt that gave this answer.
    pub timings: Timings,
}

impl Report {
    /// Returns the lowest confidence among amounts and dates; `None` if there are none.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        confidence::lowest(&self.fields)
    }

    /// Returns the tokens and the cost, for a request that found the reading there: it costs only the request that had
    /// it made.
    #[must_use]
    pub fn usage_for(&self, found: CacheOutcome) -> Usage {
        let is_paid_for = !matches!(found, CacheOutcome::Miss | CacheOutcome::Bypass);
        Usage {
            cost: if is_paid_for {
                Some(Cost::ZERO)
            } else {
                self.usage.cost
            },
            ..self.usage
        }
    }

    /// Returns the checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().filter(|check| !check.passed())
    }
}

/// What a model was shown of the pages of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAs {
    /// Pictures.
    Pictures,
    /// The text that is printed on them.
    PageText,
    /// Pictures, and beside them their text.
    Both,
    /// Nothing: XML states the values.
    Xml,
}

impl ReadAs {
    /// All forms.
    pub const ALL: [Self; 4] = [Self::Pictures, Self::PageText, Self::Both, Self::Xml];

    /// Returns the name in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pictures => "pictures",
            Self::PageText => "page_text",
            Self::Both => "pictures_and_page_text",
            Self::Xml => "xml",
        }
    }
}

/// One attempt to read a receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// The model that was asked.
    pub model: String,
    /// Reason for the attempt.
    pub reason: Reason,
    /// Lowest confidence among amounts and dates.
    pub confidence: Option<f64>,
    /// Names of the checks that failed.
    pub failed: Vec<&'static str>,
    /// Tokens of the pictures.
    pub image_tokens: usize,
    /// Duration of the attempt.
    pub took: Duration,
    /// Reason why there was no answer, if there was none.
    pub error: Option<String>,
}

/// Reason for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The first attempt.
    First,
    /// The model before it gave no answer.
    Fallback,
    /// The answer before it was doubtful; the same model was asked again.
    Retry,
    /// The answer before it was doubtful; the next model was asked.
    Escalate,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::First, Self::Fallback, Self::Retry, Self::Escalate];

    /// Returns the reason's name in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Fallback => "fallback",
            Self::Retry => "retry",
            Self::Escalate => "escalate",
        }
    }
}

/// Durations of the parts of an attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Decoding the pictures and resizing them to the model's grid.
    pub prepare: Duration,
    /// Reading the text of the pages, beside that; 0 if an attempt before has read it.
    pub text: Duration,
    /// Waiting for a place on the model, and for its loading.
    pub queued: Duration,
    /// From getting the place to the first token.
    pub first_token: Duration,
    /// From the first token to the last.
    pub generate: Duration,
    /// Weighing the answer against others.
    pub weigh: Duration,
    /// The whole attempt.
    pub total: Duration,
}

impl Weigh for Reading {
    fn weight(&self) -> u32 {
        // A parsed value takes about four times its text; a check, an attempt or a weighed answer
        // takes about 400 bytes.
        let object = self.receipt.as_json().to_string().len() * 4;
        let fields = self.report.fields.iter();
        let fields: usize = fields.map(|f| f.pointer.len() + size_of_val(f)).sum();
        let evidence = self.report.evidence.iter();
        let evidence: usize = evidence
            .map(|field| {
                let places = field.standing.evidence().iter();
                let places = places.map(|place| place.text.len() + size_of_val(place));
                field.pointer.len() + size_of_val(field) + places.sum::<usize>()
            })
            .sum();
        let text = self.report.text.len() * size_of::<PageFacts>();
        let codes = self.report.codes.iter();
        let codes: usize = codes
            .map(|code| {
                let fields = code
                    .fields
                    .iter()
                    .map(|(name, value)| name.len() + value.len() + 48);
                size_of_val(code) + fields.sum::<usize>()
            })
            .sum();
        let stated = match &self.report.source {
            ReadingSource::EInvoice(source) => &source.stated[..],
            ReadingSource::Model { .. } => &[],
        };
        let stated = stated.iter().map(|value| {
            let texts = [&value.pointer, &value.term, &value.element, &value.text];
            size_of_val(value) + texts.map(String::len).iter().sum::<usize>()
        });
        let files = codes + stated.sum::<usize>();
        let parts = self.report.checks.len() + self.report.attempts.len();
        let rest = (parts + self.report.weighed.len() + 1) * 400;
        u32::try_from(object + fields + evidence + text + files + rest).unwrap_or(u32::MAX)
    }

    /// A failed attempt, for example one without a place or out of time, may succeed the next time.
    fn is_worth_keeping(&self) -> bool {
        self.report.attempts.iter().all(|made| made.error.is_none())
    }
}
