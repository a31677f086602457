//! The stored form of where values stand.

use serde::{Deserialize, Serialize};

use super::{Float, named};
use crate::{
    page::{PageBox, Unread},
    receipt::{
        Evidence, EvidenceSource, FieldEvidence, Grounding, GroundingOutcome, Lapse, PageFacts,
        Standing, TextFacts,
    },
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredEvidence {
    pointer: String,
    standing: String,
    places: Vec<StoredPlace>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPlace {
    page: usize,
    /// Left, upper, width, height.
    area: [Float; 4],
    text: String,
    source: String,
    confidence: Float,
}

/// The text of a page.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredText {
    page: usize,
    unread: Option<String>,
    pdf_lines: usize,
    reader_lines: usize,
    confidence: Option<Float>,
}

/// Whether values were held to what is printed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredGrounding {
    grounding: String,
    lapse: Option<String>,
}

impl StoredGrounding {
    pub fn of(outcome: GroundingOutcome) -> Self {
        let GroundingOutcome { grounding, lapse } = outcome;
        Self {
            grounding: grounding.as_str().to_owned(),
            lapse: lapse.map(|lapse| lapse.as_str().to_owned()),
        }
    }

    pub fn outcome(self) -> Option<GroundingOutcome> {
        let lapse = self
            .lapse
            .map(|name| named(Lapse::ALL, &name, Lapse::as_str));
        Some(GroundingOutcome {
            grounding: named(Grounding::ALL, &self.grounding, Grounding::as_str)?,
            lapse: match lapse {
                Some(lapse) => Some(lapse?),
                None => None,
            },
        })
    }
}

impl StoredEvidence {
    pub fn of(field: &FieldEvidence) -> Self {
        let FieldEvidence { pointer, standing } = field;
        Self {
            pointer: pointer.clone(),
            standing: standing.as_str().to_owned(),
            places: standing.evidence().iter().map(StoredPlace::of).collect(),
        }
    }

    pub fn evidence(self) -> Option<FieldEvidence> {
        let places: Option<Vec<_>> = self.places.into_iter().map(StoredPlace::place).collect();
        let places = places?;
        let others = [
            Standing::Derived,
            Standing::Missing,
            Standing::Exempt,
            Standing::Unknown,
        ];
        let standing = if places.is_empty() {
            others
                .into_iter()
                .find(|standing| standing.as_str() == self.standing)?
        } else {
            Some(Standing::Printed(places)).filter(|it| it.as_str() == self.standing)?
        };
        Some(FieldEvidence {
            pointer: self.pointer,
            standing,
        })
    }
}

impl StoredPlace {
    fn of(evidence: &Evidence) -> Self {
        let Evidence {
            page,
            area:
                PageBox {
                    x,
                    y,
                    width,
                    height,
                },
            text,
            source,
            confidence,
        } = evidence;
        Self {
            page: *page,
            area: [x, y, width, height].map(|side| f64::from(*side).into()),
            text: text.clone(),
            source: source.as_str().to_owned(),
            confidence: f64::from(*confidence).into(),
        }
    }

    fn place(self) -> Option<Evidence> {
        let [x, y, width, height] = self.area.map(|side| f64::from(side) as f32);
        Some(Evidence {
            page: self.page,
            area: PageBox {
                x,
                y,
                width,
                height,
            },
            text: self.text,
            source: named(EvidenceSource::ALL, &self.source, EvidenceSource::as_str)?,
            confidence: f64::from(self.confidence) as f32,
        })
    }
}

impl StoredText {
    pub fn of(facts: &PageFacts) -> Self {
        let PageFacts { page, text } = facts;
        let none = TextFacts {
            pdf_lines: 0,
            reader_lines: 0,
            confidence: None,
        };
        let TextFacts {
            pdf_lines,
            reader_lines,
            confidence,
        } = text.unwrap_or(none);
        Self {
            page: *page,
            unread: text.err().map(|unread| unread.as_str().to_owned()),
            pdf_lines,
            reader_lines,
            confidence: confidence.map(Into::into),
        }
    }

    pub fn text(self) -> Option<PageFacts> {
        let read = TextFacts {
            pdf_lines: self.pdf_lines,
            reader_lines: self.reader_lines,
            confidence: self.confidence.map(Into::into),
        };
        Some(PageFacts {
            page: self.page,
            text: match self.unread {
                Some(unread) => Err(named(Unread::ALL, &unread, Unread::as_str)?),
                None => Ok(read),
            },
        })
    }
}
