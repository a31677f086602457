use std::{path::Path, sync::Arc, time::Duration};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::json;

use super::{
    proposals::{FieldValues, WrittenAnswer, proposals},
    *,
};
use crate::{
    generation::{Alternative, FinishReason, Token, Usage},
    receipt::{CheckedReceipt, Currency, ReceiptSchema},
};

fn schema() -> ReceiptSchema {
    let path = Path::new("schemas/invoice.schema.json");
    ReceiptSchema::load(path, &Currency::Fixed("MYR".to_owned()).into()).unwrap()
}

/// An invoice of one item with these amounts.
fn invoice(subtotal: &str, discount: &str, total: &str) -> String {
    format!(
        r#"{{"vendor_name":"KEDAI","invoice_number":null,"invoice_date":"2018-03-05","due_date":null,"items":[{{"description":"TEH","details":[],"quantity":1,"unit_price":null,"total":{subtotal},"currency":"MYR","category":"FOOD"}}],"subtotal":{subtotal},"tax_rate_percent":0,"tax_amount":0,"discount":{discount},"total_due":{total},"taxes":[],"prepaid":0,"rounding":0}}"#
    )
}

/// An answer of one token a character. `near` tells of what the model would have written instead of the first character
/// of a place: the place, the characters, and the logs of their probabilities.
fn answer(text: &str, near: &[(usize, &[(&str, f32)])]) -> Completed {
    let token = |(at, c): (usize, char)| {
        let ways = near
            .iter()
            .find(|(place, _)| *place == at)
            .map(|(_, ways)| *ways);
        let top = ways
            .into_iter()
            .flatten()
            .map(|(text, logprob)| Alternative {
                text: (*text).to_owned(),
                logprob: *logprob,
            });
        Token {
            id: 0,
            bytes: c.to_string().into_bytes(),
            logprob: Some(-0.1),
            top: top.collect(),
            forced: false,
            pass: 0,
        }
    };
    Completed {
        text: text.to_owned(),
        tokens: text.char_indices().map(token).collect(),
        reason: FinishReason::Stop,
        usage: Usage::default(),
        first_token: Duration::ZERO,
        took: Duration::ZERO,
    }
}

/// The text as the model scores it, with that log-probability in all.
fn scored(text: &str, logprob: f32) -> Completed {
    let mut scored = answer(text, &[]);
    for token in &mut scored.tokens {
        token.logprob = Some(0.0);
    }
    scored.tokens[0].logprob = Some(logprob);
    scored
}

fn field(pointer: &str, values: &[(&str, f32)]) -> FieldValues {
    FieldValues {
        pointer: pointer.to_owned(),
        is_total: pointer == "/total_due",
        values: values
            .iter()
            .map(|(value, cost)| ((*value).to_owned(), *cost))
            .collect(),
    }
}

fn proposed(answer: &Completed, fields: &[FieldValues]) -> Vec<Proposal> {
    let schema = schema();
    let receipt = CheckedReceipt::check(answer, &schema).unwrap();
    proposals(&WrittenAnswer {
        answer: Arc::new(answer.clone()),
        receipt,
        schema,
        fields: fields.to_vec(),
        payments: [100, 40].map(Decimal::from).to_vec(),
        today: NaiveDate::from_ymd_opt(2018, 3, 6).unwrap(),
    })
}

/// Where a value begins.
fn place(text: &str, key: &str) -> usize {
    let key = format!("\"{key}\":");
    text.rfind(&key).unwrap() + key.len()
}

#[test]
fn where_no_value_is_near_nothing_is_scored() {
    let text = invoice("60.31", "0", "60.31");
    let totals = [("60.31", 0.1), ("60.30", 0.1), ("100.00", 0.5)];
    let fields = [field("/total_due", &totals)];
    assert!(proposed(&answer(&text, &[]), &fields).is_empty());
    let at = place(&text, "total_due");
    let far = answer(&text, &[(at + 4, &[("1", -0.1), ("0", -9.0)])]);
    assert!(proposed(&far, &fields).is_empty());
    assert!(proposed(&far, &[]).is_empty());
}

#[test]
fn of_two_sums_the_one_with_the_right_words_is_chosen() {
    let text = invoice("60.31", "0", "60.31");
    let at = place(&text, "total_due") + 4;
    let near = answer(&text, &[(at, &[("1", -0.1), ("0", -1.1)])]);
    let values = [("60.31", 0.3), ("60.30", 0.0), ("60.30", 0.4)];
    let proposed = proposed(&near, &[field("/total_due", &values)]);
    let texts: Vec<_> = proposed
        .iter()
        .map(|proposal| proposal.text.as_str())
        .collect();
    let other = invoice("60.31", "0", "60.30");
    assert_eq!(texts[..2], [text.as_str(), other.as_str()]);

    let scores = |other: f32| {
        let scores = proposed.iter().enumerate();
        scores
            .map(|(at, proposal)| scored(&proposal.text, if at == 0 { -1.0 } else { other }))
            .collect()
    };
    let choice = choose(proposed.clone(), scores(-1.5)).unwrap();
    let (better, completed) = choice.better.unwrap();
    assert_eq!(
        (better.text.as_str(), completed.text.as_str()),
        (other.as_str(), other.as_str())
    );
    assert_eq!(better.changes[0].pointer, "/total_due");
    let weighed = &choice.weighed;
    assert_eq!(weighed[0].values, [("/total_due".to_owned(), json!(60.31))]);
    assert_eq!(weighed[1].values, [("/total_due".to_owned(), json!(60.30))]);
    assert!((weighed[1].logprob + 0.5).abs() < 1e-6);
    assert_eq!(
        weighed.iter().map(|one| one.is_chosen).collect::<Vec<_>>()[..2],
        [false, true]
    );

    // The words do not make up for what the model thinks very unlikely.
    let choice = choose(proposed.clone(), scores(-30.0)).unwrap();
    assert!(choice.better.is_none() && choice.weighed[0].is_chosen);
    assert!(choose(proposed, Vec::new()).is_none());
}

#[test]
fn the_name_that_stands_as_names_do_is_chosen() {
    let text = invoice("60.31", "0", "60.31");
    let at = place(&text, "vendor_name") + 1;
    let near = answer(&text, &[(at, &[("K", -0.1), ("B", -2.0)])]);
    let values = [("\"KEDAI\"", 0.3), ("\"BEBAS SDN BHD\"", 0.0)];
    let proposed = proposed(&near, &[field("/vendor_name", &values)]);
    let other = text.replace("KEDAI", "BEBAS SDN BHD");
    assert_eq!(proposed.len(), 2);
    let scores = vec![scored(&text, -1.0), scored(&other, -3.0)];
    let (better, _) = choose(proposed, scores).unwrap().better.unwrap();
    assert_eq!(better.text, other);
    assert_eq!(better.changes[0].value, json!("BEBAS SDN BHD"));
}

#[test]
fn an_answer_stays_where_nothing_speaks_against_it() {
    let text = invoice("60.31", "0", "60.31");
    let at = place(&text, "total_due") + 4;
    let near = answer(&text, &[(at, &[("1", -0.1), ("0", -0.2)])]);
    let proposed = proposed(
        &near,
        &[field("/total_due", &[("60.31", 0.1), ("60.30", 0.1)])],
    );
    assert_eq!(proposed.len(), 2);
    let scores = proposed.iter().map(|proposal| scored(&proposal.text, -1.0));
    let choice = choose(proposed.clone(), scores.collect()).unwrap();
    assert!(choice.better.is_none());
}

#[test]
fn two_values_change_together_where_they_add_up() {
    // The subtotal was taken for the total, and the discount was overlooked.
    let text = invoice("60.00", "0", "50.00");
    let near = answer(
        &text,
        &[
            (place(&text, "discount"), &[("0", -0.1), ("1", -2.0)]),
            (place(&text, "total_due"), &[("5", -0.1), ("4", -2.0)]),
        ],
    );
    let fields = [
        field("/discount", &[("15.00", 0.3)]),
        field("/total_due", &[("50.00", 0.3), ("45.00", 0.3)]),
    ];
    let proposed = proposed(&near, &fields);
    let both = invoice("60.00", "15.00", "45.00");
    let pair = proposed
        .iter()
        .find(|proposal| proposal.text == both)
        .unwrap();
    assert_eq!(pair.changes.len(), 2);
    let scores = proposed.iter().map(|proposal| scored(&proposal.text, -1.0));
    let choice = choose(proposed.clone(), scores.collect()).unwrap();
    assert_eq!(choice.better.unwrap().0.text, both);
}

#[test]
fn what_is_scored_is_bounded_and_valid() {
    let text = invoice("11.00", "0", "11.00");
    let ways: Vec<_> = (0..10).map(|digit| (digit.to_string(), -0.1)).collect();
    let ways: Vec<_> = ways
        .iter()
        .map(|(text, logprob)| (text.as_str(), *logprob))
        .collect();
    let near = answer(
        &text,
        &[
            (place(&text, "subtotal"), &ways),
            (place(&text, "discount"), &ways),
            (place(&text, "total_due"), &ways),
        ],
    );
    let values: Vec<_> = (2..60).map(|n| format!("{n}1.00")).collect();
    let mut values: Vec<_> = values.iter().map(|value| (value.as_str(), 0.0)).collect();
    values.push(("9e99", 0.0));
    values.push(("\"2\"", 0.0));
    let fields = ["/subtotal", "/discount", "/total_due"].map(|pointer| field(pointer, &values));
    let proposed = proposed(&near, &fields);
    assert!((4..=MOST_TEXTS).contains(&proposed.len()));
    for field in &fields {
        let changed = proposed.iter().flat_map(|proposal| &proposal.changes);
        assert!(
            changed
                .filter(|change| change.pointer == field.pointer)
                .count()
                <= 4
        );
    }
    let schema = schema();
    assert!(
        proposed
            .iter()
            .all(|one| schema.read_answer(&one.text).is_ok())
    );
}
