//! The stored form of a reading, which keeps all of it.
//!
//! It is a separate type, so that a change in the domain does not change the meaning of stored data
//! by accident. A change here needs another [`FORM`].

mod evidence;
mod source;
mod weighed;

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    generation::{Usage, Writing},
    receipt::{
        Attempt, CheckedReceipt, FieldConfidence, FieldKind, Finding, ReadAs, Reading, Reason,
        ReceiptSchema, Report, Timings, checks,
    },
};
use evidence::{StoredEvidence, StoredGrounding, StoredText};
use source::{StoredCode, StoredSource};
use weighed::StoredWeighed;

/// Version of the form; this program ignores all others.
pub const FORM: u32 = 7;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    form: u32,
    /// Text of the object.
    receipt: Box<RawValue>,
    model: String,
    schema: String,
    source: StoredSource,
    read_as: String,
    pages: usize,
    blank_pages: Vec<usize>,
    image_tokens: usize,
    fields: Vec<StoredField>,
    evidence: Vec<StoredEvidence>,
    text: Vec<StoredText>,
    codes: Vec<StoredCode>,
    grounding: StoredGrounding,
    is_by_rows: bool,
    weighed: Vec<StoredWeighed>,
    checks: Vec<StoredFinding>,
    attempts: Vec<StoredAttempt>,
    prompt_tokens: usize,
    cached_tokens: Option<usize>,
    reasoning_tokens: Option<usize>,
    completion_tokens: usize,
    /// Passes of the model and forced tokens, if they are known.
    writing: Option<(usize, usize)>,
    timings: StoredTimings,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredField {
    pointer: String,
    kind: String,
    logprob: Float,
    confidence: Float,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFinding {
    name: String,
    fields: Vec<String>,
    fault: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredAttempt {
    model: String,
    reason: String,
    confidence: Option<Float>,
    failed: Vec<String>,
    image_tokens: usize,
    took: Duration,
    error: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredTimings {
    prepare: Duration,
    text: Duration,
    queued: Duration,
    first_token: Duration,
    generate: Duration,
    weigh: Duration,
    total: Duration,
}

/// The bits of a number, since JSON has no infinity, the log of a probability of 0.
#[derive(Serialize, Deserialize)]
struct Float(u64);

impl From<f64> for Float {
    fn from(number: f64) -> Self {
        Self(number.to_bits())
    }
}

impl From<Float> for f64 {
    fn from(stored: Float) -> Self {
        Self::from_bits(stored.0)
    }
}

/// Encodes a reading; `None` if the object cannot be written, which does not happen.
pub fn encode(reading: &Reading) -> Option<Vec<u8>> {
    let Report {
        model,
        schema,
        source,
        read_as,
        pages,
        blank_pages,
        image_tokens,
        fields,
        evidence,
        text,
        codes,
        grounding,
        is_by_rows,
        weighed,
        checks,
        attempts,
        usage,
        timings,
    } = &*reading.report;
    let stored = Stored {
        form: FORM,
        receipt: RawValue::from_string(reading.receipt.as_json().to_string()).ok()?,
        model: model.clone(),
        schema: schema.clone(),
        source: StoredSource::of(source),
        read_as: read_as.as_str().to_owned(),
        pages: *pages,
        blank_pages: blank_pages.clone(),
        image_tokens: *image_tokens,
        fields: fields.iter().map(StoredField::of).collect(),
        evidence: evidence.iter().map(StoredEvidence::of).collect(),
        text: text.iter().map(StoredText::of).collect(),
        codes: codes.iter().map(StoredCode::of).collect(),
        grounding: StoredGrounding::of(*grounding),
        is_by_rows: *is_by_rows,
        weighed: weighed.iter().map(StoredWeighed::of).collect(),
        checks: checks.iter().map(StoredFinding::of).collect(),
        attempts: attempts.iter().map(StoredAttempt::of).collect(),
        prompt_tokens: usage.prompt_tokens,
        cached_tokens: usage.cached_tokens,
        reasoning_tokens: usage.reasoning_tokens,
        completion_tokens: usage.completion_tokens,
        writing: usage
            .writing
            .map(|writing| (writing.passes, writing.forced_tokens)),
        timings: StoredTimings::of(timings),
    };
    serde_json::to_vec(&stored).ok()
}

/// Decodes a reading; `None` if `bytes` are not a reading that fits `schema`.
pub fn decode(bytes: &[u8], schema: &ReceiptSchema) -> Option<Reading> {
    let stored: Stored = serde_json::from_slice(bytes).ok()?;
    if stored.form != FORM || stored.schema != schema.name() {
        return None;
    }
    let report = Report {
        model: stored.model,
        schema: stored.schema,
        source: stored.source.source(),
        read_as: named(ReadAs::ALL, &stored.read_as, ReadAs::as_str)?,
        pages: stored.pages,
        blank_pages: stored.blank_pages,
        image_tokens: stored.image_tokens,
        fields: all(stored.fields, StoredField::field)?,
        evidence: all(stored.evidence, StoredEvidence::evidence)?,
        text: all(stored.text, StoredText::text)?,
        codes: stored.codes.into_iter().map(StoredCode::code).collect(),
        grounding: stored.grounding.outcome()?,
        is_by_rows: stored.is_by_rows,
        weighed: all(stored.weighed, StoredWeighed::weighed)?,
        checks: all(stored.checks, StoredFinding::finding)?,
        attempts: all(stored.attempts, StoredAttempt::attempt)?,
        usage: Usage {
            prompt_tokens: stored.prompt_tokens,
            completion_tokens: stored.completion_tokens,
            writing: stored.writing.map(|(passes, forced_tokens)| Writing {
                passes,
                forced_tokens,
            }),
            cached_tokens: stored.cached_tokens,
            reasoning_tokens: stored.reasoning_tokens,
            // It was paid for by the request that had it made.
            ..Usage::default()
        },
        timings: stored.timings.timings(),
    };
    Some(Reading {
        receipt: CheckedReceipt::parse(stored.receipt.get(), schema, &report.source).ok()?,
        report: Arc::new(report),
    })
}

/// Converts all elements; `None` if one of them is not valid.
fn all<S, T>(stored: Vec<S>, back: impl Fn(S) -> Option<T>) -> Option<Vec<T>> {
    stored.into_iter().map(back).collect()
}

impl StoredField {
    fn of(field: &FieldConfidence) -> Self {
        let FieldConfidence {
            pointer,
            kind,
            logprob,
            confidence,
        } = field;
        Self {
            pointer: pointer.clone(),
            kind: kind.as_str().to_owned(),
            logprob: (*logprob).into(),
            confidence: (*confidence).into(),
        }
    }

    fn field(self) -> Option<FieldConfidence> {
        Some(FieldConfidence {
            pointer: self.pointer,
            kind: named(FieldKind::ALL, &self.kind, FieldKind::as_str)?,
            logprob: self.logprob.into(),
            confidence: self.confidence.into(),
        })
    }
}

impl StoredFinding {
    fn of(finding: &Finding) -> Self {
        let Finding {
            name,
            fields,
            fault,
        } = finding;
        Self {
            name: (*name).to_owned(),
            fields: fields.clone(),
            fault: fault.clone(),
        }
    }

    fn finding(self) -> Option<Finding> {
        Some(Finding {
            name: check(&self.name)?,
            fields: self.fields,
            fault: self.fault,
        })
    }
}

impl StoredAttempt {
    fn of(attempt: &Attempt) -> Self {
        let Attempt {
            model,
            reason,
            confidence,
            failed,
            image_tokens,
            took,
            error,
        } = attempt;
        Self {
            model: model.clone(),
            reason: reason.as_str().to_owned(),
            confidence: confidence.map(Into::into),
            failed: failed.iter().map(|&name| name.to_owned()).collect(),
            image_tokens: *image_tokens,
            took: *took,
            error: error.clone(),
        }
    }

    fn attempt(self) -> Option<Attempt> {
        Some(Attempt {
            model: self.model,
            reason: named(Reason::ALL, &self.reason, Reason::as_str)?,
            confidence: self.confidence.map(Into::into),
            failed: all(self.failed, |name| check(&name))?,
            image_tokens: self.image_tokens,
            took: self.took,
            error: self.error,
        })
    }
}

impl StoredTimings {
    fn of(timings: &Timings) -> Self {
        let Timings {
            prepare,
            text,
            queued,
            first_token,
            generate,
            weigh,
            total,
        } = *timings;
        Self {
            prepare,
            text,
            queued,
            first_token,
            generate,
            weigh,
            total,
        }
    }

    fn timings(self) -> Timings {
        Timings {
            prepare: self.prepare,
            text: self.text,
            queued: self.queued,
            first_token: self.first_token,
            generate: self.generate,
            weigh: self.weigh,
            total: self.total,
        }
    }
}

fn check(name: &str) -> Option<&'static str> {
    named(checks::NAMES, name, |name| name)
}

/// Finds the element of `all` called `name`.
fn named<T: Copy, const N: usize>(
    all: [T; N],
    name: &str,
    name_of: impl Fn(T) -> &'static str,
) -> Option<T> {
    all.into_iter().find(|&one| name_of(one) == name)
}

#[cfg(test)]
mod tests;
