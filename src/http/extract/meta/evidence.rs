//! Where values are printed, in the form of the API.

use indexmap::IndexMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::{rounded, source::StatedBody};
use crate::{
    page::{PageBox, Unread},
    receipt::{
        Evidence, FieldConfidence, FieldEvidence, GroundingOutcome, Lapse, PageFacts,
        ReadingSource, Standing,
    },
};

/// Confidence of the model in one value, and where it is printed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldBody {
    /// Probability that the value is right, 0 to 1; null for a value that the schema alone decided, and where the model
    /// gives no probabilities.
    #[schema(example = 0.97)]
    pub confidence: Option<f64>,
    /// Natural log of the probability that the model gave to the value's tokens; null likewise.
    #[schema(example = -0.031)]
    pub logprob: Option<f64>,
    /// Whether the value stands on the pages: `printed`, `derived` for a sum, product or quotient of printed values,
    /// `missing`, `exempt` for a value that need not be printed, or `unknown` where the text of a page is not known.
    #[schema(example = "printed")]
    pub printed: &'static str,
    /// Places where the value is printed, the likeliest first; empty unless `printed` is `printed`.
    pub evidence: Vec<EvidenceBody>,
    /// The elements of an e-invoice that state the value, several where it follows from them; left out where none does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub stated: Vec<StatedBody>,
}

/// A place on a page where a value is printed.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceBody {
    /// Number of the page, counted from 1 over all pictures and PDFs.
    #[schema(example = 1)]
    pub page: usize,
    /// Left edge, upper edge, width and height, in fractions of the upright page.
    #[schema(example = json!([0.6213, 0.7432, 0.1219, 0.0127]))]
    pub r#box: [f64; 4],
    /// The text that stands there.
    #[schema(example = "198.800")]
    pub text: String,
    /// Where that text was taken from: `pdf` for the characters that a PDF states, `reader` for the picture, `code` for
    /// a code that is printed there.
    #[schema(example = "reader")]
    pub source: &'static str,
    /// Probability that the text was read right, 0 to 1.
    #[schema(example = 0.98)]
    pub confidence: f64,
}

/// Whether values were held to what is printed.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroundingBody {
    /// `enforce`: the fields that the schema marks as printed were chosen from what is printed. `report`: they were
    /// free, and `fields` tells which of them are printed. `off`: the text of the pages was not looked at.
    #[schema(example = "enforce")]
    pub mode: &'static str,
    /// Reason why they were free although they were to be chosen: `no_text` (the text of a page is not known),
    /// `little_text`, `unsure_text` (it was hard to read), `unmarked_schema`, `remote_model` or `grammar`; null if
    /// there is none.
    pub reason: Option<&'static str>,
}

impl GroundingBody {
    pub fn new(outcome: GroundingOutcome) -> Self {
        let GroundingOutcome { grounding, lapse } = outcome;
        Self {
            mode: grounding.as_str(),
            reason: lapse.map(Lapse::as_str),
        }
    }
}

/// What is known of the text of a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct TextBody {
    /// Number of the page, counted from 1 over all pictures and PDFs.
    #[schema(example = 1)]
    pub page: usize,
    /// Number of lines.
    #[schema(example = 34)]
    pub lines: usize,
    /// Number of lines by where they were taken from.
    pub sources: TextSourcesBody,
    /// Mean confidence of the words, 0 to 1; null if there are none.
    #[schema(example = 0.97)]
    pub confidence: Option<f64>,
    /// Reason why the text is not known: `off`, `unloaded` or `late`; null if it is.
    pub unread: Option<&'static str>,
}

/// Numbers of lines by where they were taken from.
#[derive(Debug, Serialize, ToSchema)]
pub struct TextSourcesBody {
    /// Lines that the PDF states.
    #[schema(example = 0)]
    pub pdf: usize,
    /// Lines that the page reader read from the picture.
    #[schema(example = 34)]
    pub reader: usize,
}

/// Joins the confidence in values with their places.
pub fn fields(
    confidences: &[FieldConfidence],
    evidence: &[FieldEvidence],
    source: &ReadingSource,
) -> IndexMap<String, FieldBody> {
    let mut fields: IndexMap<_, _> = evidence
        .iter()
        .map(|field| (field.pointer.clone(), FieldBody::new(&field.standing)))
        .collect();
    for field in confidences {
        let body = fields.entry(field.pointer.clone());
        let body = body.or_insert_with(|| FieldBody::new(&Standing::Unknown));
        body.confidence = Some(rounded(field.confidence, 4));
        // A value that is stated has no tokens.
        body.logprob = match source {
            ReadingSource::Model { .. } => Some(rounded(field.logprob, 4)),
            ReadingSource::EInvoice(_) => None,
        };
    }
    if let ReadingSource::EInvoice(source) = source {
        for value in &source.stated {
            if let Some(body) = fields.get_mut(&value.pointer) {
                body.stated.push(StatedBody::new(value));
            }
        }
    }
    fields
}

impl FieldBody {
    fn new(standing: &Standing) -> Self {
        Self {
            confidence: None,
            logprob: None,
            printed: standing.as_str(),
            evidence: standing.evidence().iter().map(EvidenceBody::new).collect(),
            stated: Vec::new(),
        }
    }
}

impl EvidenceBody {
    fn new(evidence: &Evidence) -> Self {
        let PageBox {
            x,
            y,
            width,
            height,
        } = evidence.area;
        Self {
            page: evidence.page,
            r#box: [x, y, width, height].map(|side| rounded(side.into(), 4)),
            text: evidence.text.clone(),
            source: evidence.source.as_str(),
            confidence: rounded(evidence.confidence.into(), 4),
        }
    }
}

impl TextBody {
    pub fn new(facts: &PageFacts) -> Self {
        let text = facts.text.ok();
        let (pdf, reader) = text.map_or((0, 0), |text| (text.pdf_lines, text.reader_lines));
        Self {
            page: facts.page,
            lines: pdf + reader,
            sources: TextSourcesBody { pdf, reader },
            confidence: text
                .and_then(|text| text.confidence)
                .map(|confidence| rounded(confidence, 4)),
            unread: facts.text.err().map(Unread::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        page::TextSource,
        receipt::{EvidenceSource, FieldKind, TextFacts},
    };

    #[test]
    fn a_field_has_its_confidence_and_its_places() {
        let places = vec![Evidence {
            page: 2,
            area: PageBox {
                x: 0.25,
                y: 1.0 / 3.0,
                width: 0.5,
                height: 0.012_345,
            },
            text: "198.800".to_owned(),
            source: EvidenceSource::Text(TextSource::Reader),
            confidence: 0.98,
        }];
        let standings = [
            ("/total", Standing::Printed(places)),
            ("/tax", Standing::Derived),
        ];
        let evidence = standings.map(|(pointer, standing)| FieldEvidence {
            pointer: pointer.to_owned(),
            standing,
        });
        let confidence = FieldConfidence {
            pointer: "/total".to_owned(),
            kind: FieldKind::Number,
            logprob: -0.123_456,
            confidence: 0.9,
        };
        let fields = fields(
            &[confidence],
            &evidence,
            &ReadingSource::Model { passed_over: None },
        );
        let expected = json!({
            "/total": {
                "confidence": 0.9, "logprob": -0.1235, "printed": "printed",
                "evidence": [{
                    "page": 2, "box": [0.25, 0.3333, 0.5, 0.0123], "text": "198.800",
                    "source": "reader", "confidence": 0.98
                }]
            },
            "/tax": {"confidence": null, "logprob": null, "printed": "derived", "evidence": []}
        });
        assert_eq!(serde_json::to_value(fields).unwrap(), expected);
    }

    #[test]
    fn a_page_has_its_counts_or_the_reason_why_not() {
        let read = TextFacts {
            pdf_lines: 3,
            reader_lines: 1,
            confidence: Some(0.5),
        };
        let body = |text| TextBody::new(&PageFacts { page: 1, text });
        let expected = json!({
            "page": 1, "lines": 4, "sources": {"pdf": 3, "reader": 1}, "confidence": 0.5,
            "unread": null
        });
        assert_eq!(serde_json::to_value(body(Ok(read))).unwrap(), expected);
        let late = serde_json::to_value(body(Err(Unread::Late))).unwrap();
        assert_eq!(
            (&late["unread"], &late["confidence"]),
            (&json!("late"), &json!(null))
        );
    }
}
