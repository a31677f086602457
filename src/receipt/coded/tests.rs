use serde_json::json;

use super::*;
use crate::{
    codes::Symbology,
    receipt::{Currency, FieldKind},
};

/// An EPC code over this amount, at a place in the left half of the page.
fn epc(amount: &str) -> FoundCode {
    let payload = format!(
        "BCD\n002\n1\nSCT\n\nToko Sumber\nDE89370400440532013000\nEUR{amount}\n\n\nRE 17\n"
    );
    FoundCode {
        symbology: Symbology::Qr,
        payload: payload.into_bytes(),
        corners: [(0.1, 0.2), (0.3, 0.2), (0.3, 0.4), (0.1, 0.4)],
    }
}

fn schema() -> ReceiptSchema {
    let amount = json!({"type": "number", "minimum": 0, "maximum": 99, "multipleOf": 0.01});
    let document = json!({
        "type": "object", "additionalProperties": false, "required": ["total"],
        "properties": {"total": {"anyOf": [amount, {"type": "null"}]}}
    });
    ReceiptSchema::new("test", document, &Currency::Detect.into()).unwrap()
}

fn answer(total: &Value, confidence: f64) -> KnownAnswer {
    let standing = if total.is_null() {
        Standing::Exempt
    } else {
        Standing::Missing
    };
    KnownAnswer {
        receipt: CheckedReceipt::stated(&json!({ "total": total }), &schema()).unwrap(),
        fields: vec![FieldConfidence {
            pointer: "/total".to_owned(),
            kind: FieldKind::Number,
            logprob: -1.0,
            confidence,
        }],
        evidence: vec![FieldEvidence {
            pointer: "/total".to_owned(),
            standing,
        }],
    }
}

fn codes(amounts: &[&str]) -> PaperCodes {
    PaperCodes::of(&[
        Vec::new(),
        amounts.iter().map(|amount| epc(amount)).collect(),
    ])
}

/// Fills a total, and returns what it is then and how sure.
fn filled(total: &Value, confidence: f64, amounts: &[&str]) -> (Value, f64) {
    let mut known = answer(total, confidence);
    let before = known.receipt.clone();
    let has_changed = known.fill(&codes(amounts), &schema(), 0.5);
    assert_eq!(has_changed, known.receipt != before);
    let total = known.receipt.as_json()["total"].clone();
    (total, known.fields[0].confidence)
}

#[test]
fn a_code_has_its_page_its_place_and_its_fields() {
    let codes = codes(&["12.5"]);
    let code = &codes.codes[0];
    assert_eq!((code.kind.as_str(), code.page), ("epc", 2));
    let PageBox {
        x,
        y,
        width,
        height,
    } = code.area;
    let sides = [(x, 0.1), (y, 0.2), (width, 0.2), (height, 0.2)];
    assert!(
        sides
            .iter()
            .all(|(side, expected)| (side - expected).abs() < 1e-6)
    );
    assert!(
        code.fields.iter().any(|(name, _)| name == "iban"),
        "{code:?}"
    );
    let other = FoundCode {
        payload: b"https://example.com/menu".to_vec(),
        ..epc("1")
    };
    assert!(PaperCodes::of(&[vec![other]]).codes.is_empty());
}

#[test]
fn values_that_are_null_or_doubtful_are_taken_from_the_code() {
    assert_eq!(filled(&Value::Null, 0.9, &["12.50"]), (json!(12.5), 1.0));
    assert_eq!(filled(&json!(12), 0.4, &["12.50"]), (json!(12.5), 1.0));
    // The model is sure enough.
    assert_eq!(filled(&json!(12), 0.5, &["12.50"]), (json!(12), 0.5));
    // The schema does not admit it.
    assert_eq!(filled(&Value::Null, 0.9, &["100"]), (Value::Null, 0.9));
    // The codes disagree.
    assert_eq!(
        filled(&Value::Null, 0.9, &["12.50", "13"]),
        (Value::Null, 0.9)
    );
    assert_eq!(
        filled(&Value::Null, 0.9, &["12.50", "12.5"]),
        (json!(12.5), 1.0)
    );
    assert_eq!(filled(&json!(7), 0.1, &[]), (json!(7), 0.1));
}

#[test]
fn a_code_is_evidence() {
    for total in [Value::Null, json!(12.5)] {
        let mut known = answer(&total, 0.9);
        known.fill(&codes(&["12.50"]), &schema(), 0.5);
        let [place] = known.evidence[0].standing.evidence() else {
            panic!("{:?}", known.evidence);
        };
        assert_eq!((place.source, place.page), (EvidenceSource::Code, 2));
        assert_eq!(place.text, "12.5");
    }
}

#[test]
fn checks_compare_what_codes_state() {
    let object = json!({"total": 12.5, "date": "2026-01-02"});
    let passed = |amounts: &[&str]| {
        let findings = checks(&object, &codes(amounts));
        findings.iter().map(Finding::passed).collect::<Vec<_>>()
    };
    assert_eq!(passed(&["12.50"]), [true]);
    assert_eq!(passed(&["12.51"]), [false]);
    // A code with a part of the sum among others.
    assert_eq!(passed(&["3", "12.50"]), [true]);
    assert_eq!(passed(&[]), [] as [bool; 0]);
    let told = checks(&object, &codes(&["13"]));
    assert_eq!(
        told[0].fault.as_deref(),
        Some("The code states 13, the answer 12.5.")
    );
}

#[test]
fn amounts_in_another_currency_are_not_compared() {
    let mut invoice = json!({"total": 12.5, "items": [{"currency": "CHF"}]});
    assert_eq!(checks(&invoice, &codes(&["13"])), []);
    invoice["items"][0]["currency"] = json!("EUR");
    assert_eq!(checks(&invoice, &codes(&["13"])).len(), 1);
}

#[test]
fn texts_are_compared_without_case_and_blanks() {
    assert!(same(&json!("RE-17"), &json!("re 17")));
    assert!(!same(&json!("RE-17"), &json!("RE-18")));
    assert!(same(&json!(12.5), &json!(12.50)));
    assert!(!same(&Value::Null, &json!(0)));
}
