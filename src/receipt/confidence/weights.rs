//! What page text and checks say of a value, as weights of evidence: by how much they move the log-odds that it is
//! right (I. J. Good, Probability and the Weighing of Evidence, 1950).

use std::collections::HashMap;

use serde::Deserialize;

use super::{CalibrationError, FieldConfidence};
use crate::receipt::{
    checks::Finding,
    digest::Digest,
    evidence::{FieldEvidence, Standing},
    schema::FieldKind,
};

/// The weights that were measured with the embedded page reader; see models/page-reader/MODEL_CARD.md.
const MEASURED: &str = include_str!("../../../models/page-reader/evidence.json");

/// The surest that a model is taken to be before anything is weighed; large models put more than that on their errors
/// too.
const SUREST: f64 = 0.95;
/// The least sure that it is taken to be.
const LEAST_SURE: f64 = 0.005;

/// Weights of evidence by kind of value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    number: KindWeights,
    date: KindWeights,
    text: KindWeights,
    choice: KindWeights,
    /// Digest of the file.
    #[serde(skip)]
    digest: Digest,
}

/// The weights of one kind of value, in nats.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindWeights {
    /// Weight of a value by itself.
    bias: f64,
    /// Factor of the log-odds that the model's own probability gives.
    model: f64,
    /// Weight of a value that is printed.
    printed: f64,
    /// Weight of a value that follows from printed ones.
    derived: f64,
    /// Weight of a value that stands nowhere.
    missing: f64,
    /// Weight of a value that need not be printed, such as null.
    exempt: f64,
    /// Factor of the log of the page reader's confidence in a printed value.
    reader: f64,
    /// Weight of a value whose checks passed, all of them.
    passed: f64,
    /// Weight of a value that a failed check names.
    failed: f64,
}

impl Weights {
    /// Returns the weights that were measured with the embedded page reader.
    ///
    /// # Errors
    /// A file that is not valid, in a build of one's own.
    pub fn measured() -> Result<Self, CalibrationError> {
        let mut weights: Self =
            serde_json::from_str(MEASURED).map_err(|error| CalibrationError::Json {
                path: "models/page-reader/evidence.json".to_owned(),
                error,
            })?;
        weights.digest = *blake3::hash(MEASURED.as_bytes()).as_bytes();
        Ok(weights)
    }

    /// Returns the digest that identifies the weights.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Weighs what the pages and the checks say of each field into its confidence; not where the text of a page is not
    /// known.
    #[must_use]
    pub fn weigh(
        &self,
        mut fields: Vec<FieldConfidence>,
        evidence: &[FieldEvidence],
        checks: &[Finding],
    ) -> Vec<FieldConfidence> {
        if evidence
            .iter()
            .any(|found| found.standing == Standing::Unknown)
        {
            return fields;
        }
        let by_pointer: HashMap<_, _> = evidence
            .iter()
            .map(|found| (found.pointer.as_str(), found))
            .collect();
        for field in &mut fields {
            let found = by_pointer.get(field.pointer.as_str()).copied();
            field.confidence = self.confidence(field.kind, field.confidence, found, checks);
        }
        fields
    }

    /// Returns the probability that a value is right, by the model's probability and by what the pages and the checks
    /// say. It is the model's for a value that has no place in the answer.
    fn confidence(
        &self,
        kind: FieldKind,
        model: f64,
        evidence: Option<&FieldEvidence>,
        checks: &[Finding],
    ) -> f64 {
        let weights = match kind {
            FieldKind::Number => self.number,
            FieldKind::Date => self.date,
            FieldKind::Text => self.text,
            FieldKind::Choice => self.choice,
        };
        let Some(evidence) = evidence else {
            return model;
        };
        let standing = match &evidence.standing {
            Standing::Unknown => return model,
            Standing::Exempt => weights.exempt,
            Standing::Derived => weights.derived,
            Standing::Missing => weights.missing,
            Standing::Printed(_) => {
                let read = evidence.confidence().unwrap_or(1.0).max(LEAST_SURE);
                weights.printed + weights.reader * read.ln()
            }
        };
        let mut naming = checks
            .iter()
            .filter(|check| check.fields.contains(&evidence.pointer))
            // Whether a value is printed is weighed already.
            .filter(|check| check.name != "is_printed")
            .peekable();
        let checked = if naming.peek().is_none() {
            0.0
        } else if naming.all(Finding::passed) {
            weights.passed
        } else {
            weights.failed
        };
        let model = model.clamp(LEAST_SURE, SUREST);
        let odds = weights.bias + weights.model * (model / (1.0 - model)).ln() + standing + checked;
        1.0 / (1.0 + (-odds).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        page::{PageBox, TextSource},
        receipt::EvidenceSource,
        receipt::evidence::Evidence,
    };

    fn evidence(standing: Standing) -> FieldEvidence {
        FieldEvidence {
            pointer: "/total_due".to_owned(),
            standing,
        }
    }

    fn printed(confidence: f32) -> FieldEvidence {
        evidence(Standing::Printed(vec![Evidence {
            page: 1,
            area: PageBox::default(),
            text: "9.00".to_owned(),
            source: EvidenceSource::Text(TextSource::Reader),
            confidence,
        }]))
    }

    fn check(fault: Option<&str>) -> Finding {
        Finding {
            name: "total_adds_up",
            fields: vec!["/total_due".to_owned()],
            fault: fault.map(str::to_owned),
        }
    }

    fn confidence(model: f64, evidence: &FieldEvidence, checks: &[Finding]) -> f64 {
        let weights = Weights::measured().unwrap();
        weights.confidence(FieldKind::Number, model, Some(evidence), checks)
    }

    #[test]
    fn an_amount_that_is_not_printed_is_doubtful_however_sure_the_model_is() {
        let missing = confidence(0.999_999, &evidence(Standing::Missing), &[]);
        assert!(missing < 0.7, "{missing}");
        let found = confidence(0.999_999, &printed(0.99), &[]);
        assert!(found > missing + 0.2, "{found}");
    }

    #[test]
    fn what_is_said_for_a_value_raises_its_confidence() {
        let unsure = confidence(0.8, &printed(0.5), &[]);
        assert!(unsure < confidence(0.8, &printed(0.99), &[]));
        let (passed, failed) = ([check(None)], [check(Some("off"))]);
        let failed = confidence(0.8, &printed(0.99), &failed);
        assert!(failed < confidence(0.8, &printed(0.99), &passed));
    }

    #[test]
    fn where_nothing_is_known_of_the_page_the_model_alone_counts() {
        assert_eq!(confidence(0.83, &evidence(Standing::Unknown), &[]), 0.83);
        let weights = Weights::measured().unwrap();
        let alone = weights.confidence(FieldKind::Date, 0.83, None, &[]);
        assert_eq!(alone, 0.83);
    }

    #[test]
    fn fields_are_weighed_by_their_own_places() {
        let field = |pointer: &str| FieldConfidence {
            pointer: pointer.to_owned(),
            kind: FieldKind::Number,
            logprob: -0.1,
            confidence: 0.9,
        };
        let fields = vec![field("/total_due"), field("/subtotal")];
        let weights = Weights::measured().unwrap();
        let weighed = weights.weigh(fields, &[evidence(Standing::Missing)], &[]);
        assert!(weighed[0].confidence < 0.7);
        assert_eq!(weighed[1].confidence, 0.9);
    }
}
