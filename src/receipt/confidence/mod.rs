//! Confidence of the model in each value of its answer.
//!
//! A value's probability is the product of the probabilities of its tokens. These are the model's
//! own, before temperature and before the grammar, so that a value for which the grammar overruled
//! the model counts as doubtful. Forced tokens, keys and punctuation do not count. A
//! [`Calibration`] converts that probability into the share of values of that probability that are
//! right. [`Weights`] then take in what the pages' text and the checks say of it.

mod calibration;
mod leaves;
mod weights;

pub use calibration::{Calibration, CalibrationError};
pub use weights::Weights;

pub use leaves::{Leaf, leaves};

use super::schema::{FieldKind, ReceiptSchema};
use crate::generation::Token;

/// Confidence of the model in one value.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldConfidence {
    /// JSON pointer to the value.
    pub pointer: String,
    /// Kind of the value in the schema.
    pub kind: FieldKind,
    /// Natural log of the probability of the value's tokens, 0 at most.
    pub logprob: f64,
    /// Probability that the value is right, 0 to 1: calibrated if the model has a calibration,
    /// otherwise the probability of its tokens; weighed with what the pages and the checks say of it.
    pub confidence: f64,
}

/// Returns the confidence of every leaf value of `text` that has log-probabilities and at least one
/// token that was not forced, in the order of the text. Where values were chosen from what is printed
/// (`is_grounded`), forced tokens of marked fields count too: what the model would rather have
/// written makes them unlikely. The list is empty if the tokens do not spell the text.
#[must_use]
pub fn of_fields(
    text: &str,
    tokens: &[Token],
    schema: &ReceiptSchema,
    calibration: Option<&Calibration>,
    is_grounded: bool,
) -> Vec<FieldConfidence> {
    let spans = spans(tokens);
    if spans.last().is_none_or(|span| span.end != text.len()) {
        return Vec::new();
    }
    let fields = leaves(text).into_iter().filter_map(|leaf| {
        let kind = schema.kind_at(&leaf.pointer);
        let is_chosen = is_grounded && schema.is_marked(&leaf.pointer);
        let mut counted = spans
            .iter()
            .filter(|span| (!span.forced || is_chosen) && span.belongs_to(&leaf))
            .peekable();
        counted.peek()?;
        let logprob = counted.map(|span| span.logprob).sum::<Option<f64>>()?;
        Some(FieldConfidence {
            kind,
            logprob,
            confidence: match calibration {
                Some(calibration) => calibration.confidence(kind, logprob),
                None => logprob.exp().clamp(0.0, 1.0),
            },
            pointer: leaf.pointer,
        })
    });
    fields.collect()
}

/// Returns the lowest confidence among amounts and dates; `None` if there are none.
#[must_use]
pub fn lowest(fields: &[FieldConfidence]) -> Option<f64> {
    fields
        .iter()
        .filter(|field| matches!(field.kind, FieldKind::Number | FieldKind::Date))
        .map(|field| field.confidence)
        .min_by(f64::total_cmp)
}

/// Returns the lowest confidence among the numbers other than the one at `pointer`; `None` if there are none.
#[must_use]
pub fn lowest_number(fields: &[FieldConfidence], pointer: &str) -> Option<f64> {
    fields
        .iter()
        .filter(|field| field.kind == FieldKind::Number && field.pointer != pointer)
        .map(|field| field.confidence)
        .min_by(f64::total_cmp)
}

/// The range of bytes of the text that a token spells.
struct Span {
    start: usize,
    end: usize,
    logprob: Option<f64>,
    forced: bool,
}

impl Span {
    /// Returns whether the token is part of the value: it begins the value, or spells some of it,
    /// the closing quote of a string included. A token that ends with a string's opening quote is
    /// not.
    fn belongs_to(&self, leaf: &Leaf) -> bool {
        let content = leaf.content.start < self.end && self.start < leaf.content.end;
        content || self.start == leaf.start
    }
}

fn spans(tokens: &[Token]) -> Vec<Span> {
    let mut end = 0;
    let spans = tokens.iter().map(|token| {
        let start = end;
        end += token.bytes.len();
        Span {
            start,
            end,
            logprob: token.logprob.map(|logprob| f64::from(logprob.min(0.0))),
            forced: token.forced,
        }
    });
    spans.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::receipt::Currency;

    fn token(text: &str, logprob: f32) -> Token {
        Token {
            id: 0,
            bytes: text.as_bytes().to_vec(),
            logprob: Some(logprob),
            top: Vec::new(),
            forced: false,
            pass: 0,
        }
    }

    fn forced(text: &str) -> Token {
        Token {
            logprob: None,
            forced: true,
            ..token(text, 0.0)
        }
    }

    fn schema() -> ReceiptSchema {
        let amount = json!({"type": "number", "minimum": 0, "maximum": 99, "multipleOf": 0.01});
        let document = json!({
            "type": "object", "additionalProperties": false,
            "required": ["name", "date", "total", "paid"],
            "properties": {
                "name": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}]},
                "date": {"$ref": "#/$defs/date"},
                "total": {"anyOf": [{"$ref": "#/$defs/amount"}, {"type": "null"}]},
                "paid": {"type": "array", "maxItems": 2, "items": {"$ref": "#/$defs/amount"}}
            },
            "$defs": {
                "amount": amount,
                "date": {"type": "string", "format": "date", "maxLength": 10}
            }
        });
        ReceiptSchema::new("test", document, &Currency::Detect.into()).unwrap()
    }

    #[test]
    fn only_the_tokens_of_a_value_count() {
        let tokens = [
            token(r#"{"name":"#, -9.0),
            token("\"", -0.25),
            token("Ko", -0.5),
            token("pi", -0.125),
            token(r#"","date":""#, -1.0),
            token("2026-01-02", -2.0),
            token("\"", 0.0),
            token(r#","total":"#, -9.0),
            token("1", -0.5),
            token("2.5", -0.5),
            token(r#","paid":["#, -9.0),
            token("7", -4.0),
            token(",", -9.0),
            token("5", -8.0),
            token("]}", -9.0),
        ];
        let text: String = tokens
            .iter()
            .map(|t| String::from_utf8(t.bytes.clone()).unwrap())
            .collect();
        let fields = of_fields(&text, &tokens, &schema(), None, false);
        let told: Vec<_> = fields
            .iter()
            .map(|f| (f.pointer.as_str(), f.kind, f.logprob))
            .collect();
        assert_eq!(
            told,
            [
                // The token that closes the name opens the date as well.
                ("/name", FieldKind::Text, -1.875),
                ("/date", FieldKind::Date, -2.0),
                ("/total", FieldKind::Number, -1.0),
                ("/paid/0", FieldKind::Number, -4.0),
                ("/paid/1", FieldKind::Number, -8.0),
            ]
        );
        assert_eq!(lowest(&fields), Some((-8.0_f64).exp()));
    }

    #[test]
    fn null_is_a_value_of_its_field() {
        let tokens = [
            token(r#"{"name":"#, -1.0),
            token("null", -0.5),
            token(r#","date":"2026-01-02","total":"#, -1.0),
            token("null", -0.25),
            token(r#","paid":[]}"#, -1.0),
        ];
        let text = r#"{"name":null,"date":"2026-01-02","total":null,"paid":[]}"#;
        let fields = of_fields(text, &tokens, &schema(), None, false);
        assert_eq!(fields[0].logprob, -0.5);
        assert_eq!(
            (fields[2].kind, fields[2].logprob),
            (FieldKind::Number, -0.25)
        );
    }

    #[test]
    fn forced_tokens_do_not_count() {
        let tokens = [
            forced(r#"{"name":"#),
            token("null", -0.5),
            forced(r#","date":""#),
            token("2026", -0.25),
            forced("-"),
            token("01", -0.5),
            forced("-"),
            token("02", -0.125),
            forced(r#"","total":"#),
            forced("null"),
            forced(r#","paid":["#),
            token("7", -4.0),
            token("]", -0.5),
            forced("}"),
        ];
        let text = r#"{"name":null,"date":"2026-01-02","total":null,"paid":[7]}"#;
        let fields = of_fields(text, &tokens, &schema(), None, false);
        let told: Vec<_> = fields
            .iter()
            .map(|f| (f.pointer.as_str(), f.logprob))
            .collect();
        // All tokens of the total were forced, so it has no confidence.
        assert_eq!(
            told,
            [("/name", -0.5), ("/date", -0.875), ("/paid/0", -4.0)]
        );
    }

    #[test]
    fn tokens_that_do_not_spell_the_text_tell_nothing() {
        assert_eq!(
            of_fields("{}", &[token("{", 0.0)], &schema(), None, false),
            []
        );
        assert_eq!(of_fields("{}", &[], &schema(), None, false), []);
    }
}
