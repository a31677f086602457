//! The cache key of an extraction: a digest of everything that affects its answer.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{Datelike, NaiveDate};

use super::{
    EInvoiceSettings,
    digest::{Digest, DigestParts},
    doubt::{DoubtPolicy, OnDoubt},
    grounding::Grounding,
};
use crate::{
    codes::CodeLimits,
    einvoice::XmlLimits,
    generation::{Line, Sampling, Script, Turn},
    image::{BlankPages, DecodeLimits, EncodedImage, GridFit, Limits},
    registry::Reads,
};

/// The digest of everything that affects an answer.
pub type Key = Digest;

/// Everything that affects the answer of an extraction. [`Inputs::key`] destructures it and its
/// parts field by field, so that a new field cannot be forgotten there.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The pictures' files.
    pub files: &'a [EncodedImage],
    /// The XML that states the receipt, if that is its file.
    pub xml: Option<&'a Bytes>,
    /// Name of the schema.
    pub schema_name: &'a str,
    /// The messages of the request, if the model is sent them instead of its own prompt.
    pub script: Option<&'a Script>,
    /// The messages of the request, if other models may be sent them.
    pub said: Option<&'a Script>,
    /// Sampling of tokens.
    pub sampling: &'a Sampling,
    /// Limit of generated tokens.
    pub max_tokens: usize,
    /// Digest of the settings that are the same for every request.
    pub settings: Digest,
    /// The requested model, then the others that may read the receipt.
    pub readers: &'a [ReaderInputs<'a>],
    /// The day against which dates are checked.
    pub today: NaiveDate,
}

/// Everything about a model that affects an answer.
#[derive(Debug, Clone)]
pub struct ReaderInputs<'a> {
    /// Name of the model.
    pub model: &'a str,
    /// The weights that are loaded: path or repository, revision, number format, quantisation.
    pub weights: &'a str,
    /// Limits on the size of pictures.
    pub fit: GridFit,
    /// The form in which it gets the pages.
    pub reads: Reads,
    /// Whether the model follows instructions, or only knows its own prompts.
    pub takes_instructions: bool,
    /// Whether the pictures come before the prompt.
    pub pictures_first: bool,
    /// Whether values are held to what is printed.
    pub grounding: Grounding,
    /// Whether an answer is weighed against others.
    pub weighs_answers: bool,
    /// Digest of its calibration.
    pub calibration: Option<Digest>,
    /// The model's prompt.
    pub prompt: Arc<str>,
    /// Digest of the schema for the model's answers, with the currency set.
    pub schema: Digest,
}

/// The settings that affect every answer.
#[derive(Debug, Clone, Copy)]
pub struct SettingsInputs<'a> {
    /// Treatment of blank pages.
    pub blank_pages: BlankPages,
    /// Rules for reading a doubtful receipt again.
    pub doubt: &'a DoubtPolicy,
    /// Limits on decoding pictures.
    pub pictures: Limits,
    /// The page reader and its bounds, if there is one.
    pub page_reader: Option<&'a str>,
    /// The use of e-invoices.
    pub e_invoices: EInvoiceSettings,
    /// Bounds of seeking codes, if they are sought.
    pub codes: Option<CodeLimits>,
    /// What page text and checks say of values.
    pub weights: Digest,
}

impl Inputs<'_> {
    /// Returns the digest.
    #[must_use]
    pub fn key(&self) -> Key {
        let Self {
            files,
            xml,
            schema_name,
            script,
            said,
            sampling,
            max_tokens,
            settings,
            readers,
            today,
        } = *self;
        let mut parts = DigestParts::new("receipt-gateway 2026-11-30 extraction 7");
        parts.count(files.len());
        for file in files {
            // BLAKE3 hashes several chunks at a time only where they begin at its own boundaries.
            parts.bytes(blake3::hash(&file.bytes).as_bytes());
        }
        parts.optional(xml, |parts, xml| parts.bytes(blake3::hash(xml).as_bytes()));
        parts.text(schema_name);
        parts.optional(script, add_script);
        parts.optional(said, add_script);
        add_sampling(&mut parts, sampling);
        parts.count(max_tokens);
        parts.bytes(&settings);
        parts.count(readers.len());
        for reader in readers {
            add_reader(&mut parts, reader);
        }
        // Other versions may check answers differently.
        parts.text(env!("CARGO_PKG_VERSION"));
        parts.bytes(&today.num_days_from_ce().to_le_bytes());
        parts.digest()
    }
}

impl SettingsInputs<'_> {
    /// Returns the digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let Self {
            blank_pages,
            doubt,
            pictures,
            page_reader,
            e_invoices,
            codes,
            weights,
        } = *self;
        let mut parts = DigestParts::new("receipt-gateway 2026-11-29 extraction settings 3");
        parts.text(match blank_pages {
            BlankPages::LeaveOut => "leave_out",
            BlankPages::Read => "read",
        });
        add_doubt(&mut parts, doubt);
        add_pictures(&mut parts, pictures);
        parts.optional(page_reader, DigestParts::text);
        add_e_invoices(&mut parts, e_invoices);
        parts.optional(codes, add_codes);
        parts.bytes(&weights);
        parts.digest()
    }
}

fn add_e_invoices(parts: &mut DigestParts, settings: EInvoiceSettings) {
    let EInvoiceSettings { in_pdfs, xml } = settings;
    parts.bytes(&[in_pdfs.into()]);
    let XmlLimits {
        bytes,
        nodes,
        depth,
        lines,
        taxes,
        text,
    } = xml;
    parts.float(nodes.into());
    for limit in [bytes, depth, lines, taxes, text] {
        parts.count(limit);
    }
}

fn add_codes(parts: &mut DigestParts, limits: CodeLimits) {
    let CodeLimits {
        most_codes,
        most_time,
        most_pixels,
        longer_side,
        most_marks,
    } = limits;
    parts.float(most_time.as_secs_f64());
    parts.float(most_pixels as f64);
    for limit in [most_codes, most_marks] {
        parts.count(limit);
    }
    parts.float(longer_side.into());
}

/// Adds what a model is told.
fn add_script(parts: &mut DigestParts, script: &Script) {
    let Script { turns } = script;
    parts.count(turns.len());
    for Turn { role, lines } in turns {
        parts.text(role.as_str());
        parts.count(lines.len());
        for line in lines {
            match line {
                Line::Picture => parts.count(0),
                Line::Text(text) => {
                    parts.count(1);
                    parts.text(text);
                }
                Line::PageText => parts.count(2),
            }
        }
    }
}

/// Adds what a model brings to an answer.
fn add_reader(parts: &mut DigestParts, reader: &ReaderInputs<'_>) {
    let ReaderInputs {
        model,
        weights,
        fit: GridFit {
            trim,
            max_edge,
            max_tokens,
        },
        reads,
        takes_instructions,
        pictures_first,
        grounding,
        weighs_answers,
        calibration,
        prompt,
        schema,
    } = reader;
    parts.text(model);
    parts.text(weights);
    parts.text(reads.as_str());
    let flags = [*trim, *takes_instructions, *pictures_first, *weighs_answers];
    parts.bytes(&flags.map(u8::from));
    parts.bytes(&max_edge.to_le_bytes());
    parts.bytes(&max_tokens.to_le_bytes());
    parts.text(grounding.as_str());
    parts.optional(calibration.as_ref(), |parts, digest| parts.bytes(digest));
    parts.text(prompt);
    parts.bytes(schema);
}

/// Adds how tokens are drawn.
fn add_sampling(parts: &mut DigestParts, sampling: &Sampling) {
    let Sampling {
        temperature,
        top_p,
        top_k,
        min_p,
        frequency_penalty,
        presence_penalty,
        repetition_penalty,
        seed,
        logit_bias,
    } = sampling;
    parts.float(*temperature);
    parts.optional(*top_p, DigestParts::float);
    parts.optional(*top_k, DigestParts::count);
    parts.optional(*min_p, DigestParts::float);
    for penalty in [frequency_penalty, presence_penalty, repetition_penalty] {
        parts.optional(*penalty, |parts, penalty| parts.float(penalty.into()));
    }
    parts.optional(*seed, |parts, seed| parts.bytes(&seed.to_le_bytes()));
    parts.count(logit_bias.len());
    for (token, bias) in logit_bias {
        parts.bytes(&token.to_le_bytes());
        parts.float((*bias).into());
    }
}

/// Adds when an answer is asked for again.
fn add_doubt(parts: &mut DigestParts, doubt: &DoubtPolicy) {
    let DoubtPolicy {
        on_doubt,
        below,
        max_attempts,
        max_time,
        retry_scale,
        retry_temperature,
        retry_prompt,
        escalate_to,
    } = doubt;
    parts.text(match on_doubt {
        OnDoubt::Report => "report",
        OnDoubt::Retry => "retry",
        OnDoubt::Escalate => "escalate",
    });
    parts.float(*below);
    parts.count(*max_attempts);
    parts.bytes(&max_time.as_nanos().to_le_bytes());
    parts.float(*retry_scale);
    parts.float(*retry_temperature);
    parts.text(retry_prompt);
    parts.count(escalate_to.len());
    for model in escalate_to {
        parts.text(model);
    }
}

/// Adds how pictures are decoded.
fn add_pictures(parts: &mut DigestParts, pictures: Limits) {
    let Limits {
        decode:
            DecodeLimits {
                max_side,
                max_pixels,
                max_aspect_ratio,
            },
        max_pages,
        pdf_dots_per_inch,
    } = pictures;
    parts.bytes(&max_side.to_le_bytes());
    parts.bytes(&max_pixels.to_le_bytes());
    parts.float(max_aspect_ratio);
    parts.count(max_pages);
    parts.float(pdf_dots_per_inch.into());
}

#[cfg(test)]
mod tests;
