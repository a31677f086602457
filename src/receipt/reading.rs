//! What the reading of a receipt came to: the checked object, and all that is known about it.

use std::{sync::Arc, time::Duration};

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{
    ExtractError, Weigh,
    checks::Finding,
    confidence::{self, FieldConfidence},
    schema::ReceiptSchema,
};
use crate::{
    chat::{FinishReason, Usage},
    registry::Completed,
};

/// A JSON object that validated against its schema; there is no other way to one.
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

    /// Parses and validates the text of a whole object, as it was stored.
    pub(super) fn parse(text: &str, schema: &ReceiptSchema) -> Result<Self, ExtractError> {
        Self::of(text, schema.read(text))
    }

    /// What was read of `text`, or why it is no object that fits.
    fn of(text: &str, receipt: Result<Value, String>) -> Result<Self, ExtractError> {
        let parsed = serde_json::from_str::<IgnoredAny>(text);
        parsed.map_err(|error| ExtractError::NotJson(error.to_string()))?;
        let receipt = receipt.map_err(ExtractError::Mismatch)?;
        Ok(Self(Arc::new(receipt)))
    }

    /// The object.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.0
    }
}

/// A receipt that was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The object.
    pub receipt: CheckedReceipt,
    /// What is known about it.
    pub report: Arc<Report>,
}

/// What is known about a receipt that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The model whose answer it is.
    pub model: String,
    /// Name of the schema.
    pub schema: String,
    /// Pages that were read, of all pictures and PDFs.
    pub pages: usize,
    /// Numbers of the pages, counted from 1 over all files, on which nothing is printed and which were
    /// not read.
    pub blank_pages: Vec<usize>,
    /// Tokens of the pictures.
    pub image_tokens: usize,
    /// Of every leaf value, in the object's order.
    pub fields: Vec<FieldConfidence>,
    /// The checks that had something to act on.
    pub checks: Vec<Finding>,
    /// Every attempt, in order; this answer is of one of them.
    pub attempts: Vec<Attempt>,
    /// Tokens of the attempt that gave this answer.
    pub usage: Usage,
    /// How long the attempt took that gave this answer.
    pub timings: Timings,
}

impl Report {
    /// The lowest confidence among amounts and dates; `None` where there are none.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        confidence::lowest(&self.fields)
    }

    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().filter(|check| !check.passed())
    }
}

/// One attempt to read a receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// The model that was asked.
    pub model: String,
    /// Why.
    pub reason: Reason,
    /// Lowest confidence among amounts and dates.
    pub confidence: Option<f64>,
    /// Names of the checks that failed.
    pub failed: Vec<&'static str>,
    /// Tokens of the pictures.
    pub image_tokens: usize,
    /// How long it took.
    pub took: Duration,
    /// Why there was no answer, where there was none.
    pub error: Option<String>,
}

/// Why an attempt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was asked for.
    First,
    /// The model before it gave no answer.
    Fallback,
    /// The answer before it was doubtful; the same model was asked again.
    Retry,
    /// The answer before it was doubtful; the next model was asked.
    Escalate,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::First, Self::Fallback, Self::Retry, Self::Escalate];

    /// Its name in answers.
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

/// How long the parts of an attempt took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Decoding the pictures and bringing them onto the model's grid.
    pub prepare: Duration,
    /// Waiting for a place on the model, and for its loading.
    pub queued: Duration,
    /// From there to the first token.
    pub first_token: Duration,
    /// From the first token to the last.
    pub generate: Duration,
    /// All of the attempt.
    pub total: Duration,
}

impl Weigh for Reading {
    fn weight(&self) -> u32 {
        // A parsed value takes about four times its text; a check, an attempt about 400 bytes.
        let object = self.receipt.as_json().to_string().len() * 4;
        let fields = self.report.fields.iter();
        let fields: usize = fields.map(|f| f.pointer.len() + size_of_val(f)).sum();
        let rest = (self.report.checks.len() + self.report.attempts.len() + 1) * 400;
        u32::try_from(object + fields + rest).unwrap_or(u32::MAX)
    }

    /// An attempt that failed for want of a place or of time may do better the next time.
    fn is_worth_keeping(&self) -> bool {
        self.report.attempts.iter().all(|made| made.error.is_none())
    }
}
