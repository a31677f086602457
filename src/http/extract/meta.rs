//! What is known about a receipt that was read, as it goes over the wire.

use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    http::chat::response::PromptTokensDetails,
    receipt::{Attempt, Finding, Found, Reading, Report},
};

/// The object, and what is known about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingBody {
    /// The object that the schema asks for; an invoice where none was named.
    #[schema(value_type = super::super::openapi::Extracted)]
    pub invoice: Value,
    /// What is known about it.
    pub meta: MetaBody,
}

/// What is known about a receipt that was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetaBody {
    /// Name of the schema, `inline` for one of the request's own.
    #[schema(example = "invoice")]
    pub schema: String,
    /// The model whose answer it is.
    #[schema(example = "receipt-nano")]
    pub model: String,
    /// `hit`, `hit-shared`, `miss`, `coalesced` or `bypass`.
    #[schema(example = "miss")]
    pub cache: &'static str,
    /// Lowest confidence among amounts and dates; null where there are none.
    #[schema(example = 0.83)]
    pub confidence: Option<f64>,
    /// The values of the object by their JSON pointers, without those that the schema alone decided.
    #[schema(value_type = std::collections::HashMap<String, FieldBody>)]
    pub fields: IndexMap<String, FieldBody>,
    /// The checks of sums and dates that had something to act on.
    pub checks: Vec<CheckBody>,
    /// Every attempt, in order; the answer is of one of them.
    pub attempts: Vec<AttemptBody>,
    /// Tokens of the attempt that gave the answer.
    pub usage: UsageBody,
    /// Milliseconds of the attempt that gave the answer.
    pub timings: TimingsBody,
    /// Pages that were read, of all pictures and PDFs.
    #[schema(example = 1)]
    pub pages: usize,
    /// Pages on which nothing is printed, such as the backs of a scan of both sides. They were not read.
    /// Counted from 1 over all pictures and PDFs in their order.
    #[schema(example = json!([2]))]
    pub blank_pages: Vec<usize>,
}

/// How sure the model was of a value.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldBody {
    /// Probability that the value is right, 0 to 1.
    #[schema(example = 0.97)]
    pub confidence: f64,
    /// Natural log of the probability that the model gave to the value's tokens.
    #[schema(example = -0.031)]
    pub logprob: f64,
}

/// What a check came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckBody {
    /// Name of the check.
    #[schema(example = "total_adds_up")]
    pub name: &'static str,
    /// Whether the fields agree.
    pub passed: bool,
    /// JSON pointers to the fields.
    #[schema(example = json!(["/subtotal", "/tax_amount", "/discount", "/total_due"]))]
    pub fields: Vec<String>,
    /// What does not agree, for people.
    pub message: Option<String>,
}

/// One attempt to read the receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptBody {
    /// The model that was asked.
    #[schema(example = "receipt-nano")]
    pub model: String,
    /// `first`, `retry` or `escalate`.
    #[schema(example = "first")]
    pub reason: &'static str,
    /// Lowest confidence among amounts and dates.
    pub confidence: Option<f64>,
    /// Names of the checks that failed.
    pub failed_checks: Vec<&'static str>,
    /// Tokens of the pictures.
    pub image_tokens: usize,
    /// How long it took.
    pub seconds: f64,
    /// Why there was no answer, where there was none.
    pub error: Option<String>,
}

/// Tokens read and written.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageBody {
    /// Of the prompt, pictures included.
    pub prompt_tokens: usize,
    /// Of the answer.
    pub completion_tokens: usize,
    /// Both.
    pub total_tokens: usize,
    /// Of the answer, those that the schema left no choice about: each went into the model's pass of the
    /// token before it. Left out, as `steps` is, where a provider ran the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_tokens: Option<usize>,
    /// Passes of the model that wrote the answer, that over the prompt among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// More about the prompt.
    pub prompt_tokens_details: PromptTokensDetails,
}

/// Where the time went, in milliseconds.
#[expect(
    clippy::struct_field_names,
    reason = "names on the wire tell their unit"
)]
#[derive(Debug, Serialize, ToSchema)]
pub struct TimingsBody {
    /// Waiting for the model.
    pub queued_ms: f64,
    /// Decoding the pictures and bringing them onto the model's grid.
    pub prepare_ms: f64,
    /// From there to the first token.
    pub first_token_ms: f64,
    /// From the first token to the last.
    pub generate_ms: f64,
    /// All of it.
    pub total_ms: f64,
}

impl ReadingBody {
    /// The wire's form of a reading.
    pub fn new(reading: &Reading, found: Found) -> Self {
        let Report {
            model,
            schema,
            pages,
            blank_pages,
            image_tokens: _,
            fields,
            checks,
            attempts,
            usage,
            timings,
        } = &*reading.report;
        let fields = fields.iter().map(|field| {
            let body = FieldBody {
                confidence: rounded(field.confidence, 4),
                logprob: rounded(field.logprob, 4),
            };
            (field.pointer.clone(), body)
        });
        Self {
            invoice: reading.receipt.as_json().clone(),
            meta: MetaBody {
                schema: schema.clone(),
                model: model.clone(),
                cache: found.as_str(),
                confidence: reading.report.confidence().map(|c| rounded(c, 4)),
                fields: fields.collect(),
                checks: checks.iter().map(CheckBody::new).collect(),
                attempts: attempts.iter().map(AttemptBody::new).collect(),
                usage: UsageBody {
                    prompt_tokens: usage.prompt_tokens,
                    completion_tokens: usage.completion_tokens,
                    total_tokens: usage.prompt_tokens + usage.completion_tokens,
                    forced_tokens: usage.writing.map(|writing| writing.forced_tokens),
                    steps: usage.writing.map(|writing| writing.passes),
                    prompt_tokens_details: PromptTokensDetails {
                        cached_tokens: usage.cached_tokens,
                    },
                },
                timings: TimingsBody {
                    queued_ms: milliseconds(timings.queued),
                    prepare_ms: milliseconds(timings.prepare),
                    first_token_ms: milliseconds(timings.first_token),
                    generate_ms: milliseconds(timings.generate),
                    total_ms: milliseconds(timings.total),
                },
                pages: *pages,
                blank_pages: blank_pages.clone(),
            },
        }
    }
}

impl CheckBody {
    fn new(check: &Finding) -> Self {
        Self {
            name: check.name,
            passed: check.passed(),
            fields: check.fields.clone(),
            message: check.fault.clone(),
        }
    }
}

impl AttemptBody {
    fn new(attempt: &Attempt) -> Self {
        Self {
            model: attempt.model.clone(),
            reason: attempt.reason.as_str(),
            confidence: attempt.confidence.map(|c| rounded(c, 4)),
            failed_checks: attempt.failed.clone(),
            image_tokens: attempt.image_tokens,
            seconds: rounded(attempt.took.as_secs_f64(), 3),
            error: attempt.error.clone(),
        }
    }
}

/// The value of the `x-checks` header.
pub fn checks_header(report: &Report) -> String {
    let failed: Vec<_> = report.failed().map(|check| check.name).collect();
    match (report.checks.is_empty(), failed.is_empty()) {
        (true, _) => "none".to_owned(),
        (false, true) => "ok".to_owned(),
        (false, false) => failed.join(","),
    }
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1000.0, 1)
}

fn rounded(value: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (value * scale).round() / scale
}
