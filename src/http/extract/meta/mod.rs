//! The facts about a reading in the form of the API.

mod evidence;
mod source;
mod weighed;

use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    generation::Cost,
    http::openai::PromptTokensDetails,
    receipt::{Attempt, CacheOutcome, Finding, Reading, ReadingSource, Report},
};
use evidence::{FieldBody, GroundingBody, TextBody};
use source::{CodeBody, EInvoiceBody};
use weighed::WeighedBody;

/// The object that was read, and the facts about the reading.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingBody {
    /// The object that the schema describes; an invoice if the request names no schema.
    #[schema(value_type = super::extracted::Extracted)]
    pub invoice: Value,
    /// Facts about the reading.
    pub meta: MetaBody,
}

/// Facts about a reading: confidence, checks, attempts, usage and timings.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetaBody {
    /// Id of the answer, as in `x-generation-id`; `GET /api/v1/generation` tells for an hour what it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "reading-2f1c")]
    pub id: Option<String>,
    /// Name of the schema; `inline` for a schema that the request brought.
    #[schema(example = "invoice")]
    pub schema: String,
    /// The model that gave the answer; `none` where an e-invoice states it, so that no model was asked.
    #[schema(example = "receipt-nano")]
    pub model: String,
    /// Where the values come from: `model` if a model read the pages; otherwise the kind of e-invoice that states them:
    /// `factur-x`, `zugferd` (version 1), `xrechnung`, `peppol`, `myinvois`, `fatturapa`, `cii` or `ubl`.
    #[schema(example = "model")]
    pub source: String,
    /// The e-invoice that states the values; null if a model read the pages.
    pub e_invoice: Option<EInvoiceBody>,
    /// Why the XML that the PDF carries was not used, so that its pages were read; null if it carries none.
    pub xml_passed_over: Option<String>,
    /// Result of the cache lookup: `hit`, `hit-shared`, `miss`, `coalesced` or `bypass`.
    #[schema(example = "miss")]
    pub cache: &'static str,
    /// Lowest confidence among amounts and dates; null if there are none.
    #[schema(example = 0.83)]
    pub confidence: Option<f64>,
    /// Confidence in each value of the object, and where it is printed, by JSON pointer.
    #[schema(value_type = std::collections::HashMap<String, FieldBody>)]
    pub fields: IndexMap<String, FieldBody>,
    /// What is known of the text of each page, in order; blank pages too.
    pub text: Vec<TextBody>,
    /// The codes on the pages, by whose rules they were read.
    pub codes: Vec<CodeBody>,
    /// Whether values were held to what is printed.
    pub grounding: GroundingBody,
    /// Whether the items were read a second time, from the rows whose amounts make the subtotal or the total, since those
    /// that the model listed first did not add up, or are not what stands there.
    #[schema(example = false)]
    pub items_by_rows: bool,
    /// The answers that were weighed where others were nearly as likely as the one that the model wrote, which comes
    /// first; empty where none was.
    pub weighed: Vec<WeighedBody>,
    /// Results of the checks that applied to the object.
    pub checks: Vec<CheckBody>,
    /// All attempts in order; one of them gave the answer. Empty where no model was asked.
    pub attempts: Vec<AttemptBody>,
    /// Token counts of the attempt that gave the answer.
    pub usage: UsageBody,
    /// Timings of the attempt that gave the answer, in milliseconds.
    pub timings: TimingsBody,
    /// What the model was shown of the pages: `pictures`, `page_text` or `pictures_and_page_text`; `xml` where no model
    /// was asked.
    #[schema(example = "pictures")]
    pub read_as: &'static str,
    /// Number of pages that were read, of all pictures and PDFs.
    #[schema(example = 1)]
    pub pages: usize,
    /// Blank pages, such as the backs in a scan of both sides; they were not read. Pages are counted from 1 over all
    /// pictures and PDFs in their order.
    #[schema(example = json!([2]))]
    pub blank_pages: Vec<usize>,
}

/// Result of a check.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckBody {
    /// Name of the check.
    #[schema(example = "total_adds_up")]
    pub name: &'static str,
    /// True if the fields agree.
    pub passed: bool,
    /// JSON pointers to the checked fields.
    #[schema(example = json!(["/subtotal", "/tax_amount", "/discount", "/total_due"]))]
    pub fields: Vec<String>,
    /// Description of the disagreement, for people; null if the check passed.
    pub message: Option<String>,
}

/// One attempt to read the receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptBody {
    /// The model of the attempt.
    #[schema(example = "receipt-nano")]
    pub model: String,
    /// Reason for the attempt: `first`, `retry` or `escalate`.
    #[schema(example = "first")]
    pub reason: &'static str,
    /// Lowest confidence among amounts and dates; null if there are none.
    pub confidence: Option<f64>,
    /// Names of the checks that failed.
    pub failed_checks: Vec<&'static str>,
    /// Number of tokens of the pictures.
    pub image_tokens: usize,
    /// Duration of the attempt in seconds.
    pub seconds: f64,
    /// The reason that the attempt gave no answer; null if it gave one.
    pub error: Option<String>,
}

/// Token counts of the prompt and the answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageBody {
    /// Tokens of the prompt, including the pictures.
    pub prompt_tokens: usize,
    /// Tokens of the answer.
    pub completion_tokens: usize,
    /// Tokens of the prompt and the answer together.
    pub total_tokens: usize,
    /// Tokens of the answer that the schema forced; each shares the model's pass of the token before it. This field and
    /// `steps` are left out if a provider ran the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_tokens: Option<usize>,
    /// Passes of the model, including the pass over the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Details of the prompt's tokens.
    pub prompt_tokens_details: PromptTokensDetails,
    /// Cost of all attempts in US dollars: 0 for a model that runs here without a price, and for a reading from the
    /// cache. Left out if it is not known, because the provider states none and no prices are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// Durations of the steps of a reading, in milliseconds.
#[expect(
    clippy::struct_field_names,
    reason = "the names in the API include the unit"
)]
#[derive(Debug, Serialize, ToSchema)]
pub struct TimingsBody {
    /// Time spent waiting for the model.
    pub queued_ms: f64,
    /// Time spent decoding the pictures and scaling them to the model's grid.
    pub prepare_ms: f64,
    /// Time spent reading the text of the pages, while the pictures are prepared.
    pub text_ms: f64,
    /// Time from then until the first token.
    pub first_token_ms: f64,
    /// Time from the first token to the last.
    pub generate_ms: f64,
    /// Time spent weighing the answer against others.
    pub weigh_ms: f64,
    /// Total time.
    pub total_ms: f64,
}

impl ReadingBody {
    /// Adds the id of the answer.
    #[must_use]
    pub fn named(mut self, id: &str) -> Self {
        self.meta.id = Some(id.to_owned());
        self
    }

    /// Creates the body of an answer with the facts about `reading`.
    pub fn new(reading: &Reading, found: CacheOutcome) -> Self {
        let Report {
            model,
            schema,
            source,
            read_as,
            pages,
            blank_pages,
            image_tokens: _,
            fields,
            evidence: places,
            text,
            codes,
            grounding,
            is_by_rows,
            weighed,
            checks,
            attempts,
            usage: _,
            timings,
        } = &*reading.report;
        let usage = reading.report.usage_for(found);
        Self {
            invoice: reading.receipt.as_json().clone(),
            meta: MetaBody {
                id: None,
                schema: schema.clone(),
                model: model.clone(),
                source: source.as_str().to_owned(),
                e_invoice: EInvoiceBody::of(source),
                xml_passed_over: match source {
                    ReadingSource::Model { passed_over } => passed_over.clone(),
                    ReadingSource::EInvoice(_) => None,
                },
                cache: found.as_str(),
                confidence: reading.report.confidence().map(|c| rounded(c, 4)),
                fields: evidence::fields(fields, places, source),
                text: text.iter().map(TextBody::new).collect(),
                codes: codes.iter().map(CodeBody::new).collect(),
                grounding: GroundingBody::new(*grounding),
                items_by_rows: *is_by_rows,
                weighed: weighed.iter().map(WeighedBody::new).collect(),
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
                    cost: usage.cost.map(|cost| Cost::number(cost.total)),
                },
                timings: TimingsBody {
                    queued_ms: milliseconds(timings.queued),
                    prepare_ms: milliseconds(timings.prepare),
                    text_ms: milliseconds(timings.text),
                    first_token_ms: milliseconds(timings.first_token),
                    generate_ms: milliseconds(timings.generate),
                    weigh_ms: milliseconds(timings.weigh),
                    total_ms: milliseconds(timings.total),
                },
                read_as: read_as.as_str(),
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

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1000.0, 1)
}

fn rounded(value: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (value * scale).round() / scale
}
