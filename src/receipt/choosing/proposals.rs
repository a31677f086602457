//! Makes answers in which values are others that nearly fit as well.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{
    MOST_TEXTS,
    rivals::TokenPlaces,
    signs::{SignWeights, Signs},
};
use crate::{
    receipt::{
        checks::{self, Finding},
        confidence::{Leaf, leaves},
        reading::CheckedReceipt,
        schema::ReceiptSchema,
    },
    registry::Completed,
};

/// Most values of one field that are scored beside the written one.
const MOST_VALUES: usize = 4;

/// Most changes that are tried in pairs.
const MOST_PAIRED: usize = 8;

/// Most values of all fields whose sums are checked.
const MOST_RIVALS: usize = 24;

/// Nats by which the written token counts as likelier than another value's at most, as where that one is none of the
/// likeliest tokens.
const FARTHEST: f64 = 12.0;

/// What an answer has to be worth, by the tokens where its values part from the written ones, for it to be scored.
const LEAST_WORTH: f64 = -0.5;

/// Cost of a written value that is none of the choices, as of a label that says nothing.
const UNKNOWN: f32 = 0.3;

/// A field and the values that it may have.
#[derive(Debug, Clone)]
pub struct FieldValues {
    /// JSON pointer to the field.
    pub pointer: String,
    /// Whether it is what is to be paid.
    pub is_total: bool,
    /// The values as JSON, each with the cost of the place where it is printed.
    pub values: Vec<(String, f32)>,
}

/// An answer as the model wrote it.
#[derive(Clone)]
pub struct WrittenAnswer {
    /// The answer with the likeliest tokens at each step.
    pub answer: Arc<Completed>,
    /// Its object.
    pub receipt: CheckedReceipt,
    /// Its schema.
    pub schema: ReceiptSchema,
    /// The fields that may have another value.
    pub fields: Vec<FieldValues>,
    /// The amounts beside which stands that they are not the total, such as the cash given and the change.
    pub payments: Vec<Decimal>,
    /// The day of the reading.
    pub today: NaiveDate,
}

/// A value that takes the place of a written one.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueChange {
    /// JSON pointer to the field.
    pub pointer: String,
    /// The value that the model wrote.
    pub written: Value,
    /// The value instead.
    pub value: Value,
}

/// An answer to be scored.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Its text.
    pub text: String,
    /// The values that differ from the written ones; none in the model's own answer.
    pub changes: Vec<ValueChange>,
    pub(super) signs: Signs,
}

impl Proposal {
    /// Returns the JSON pointers to the values that differ from the written ones.
    pub fn pointers(&self) -> Vec<String> {
        let changes = self.changes.iter();
        changes.map(|change| change.pointer.clone()).collect()
    }
}

/// A value that nearly fits.
struct Rival<'a> {
    field: &'a FieldValues,
    leaf: &'a Leaf,
    literal: &'a str,
    change: ValueChange,
    /// By how much likelier the written token is where they part.
    gap: f64,
    label: f64,
}

/// An answer with some rivals in their places, before it is written out.
struct Draft<'a> {
    rivals: Vec<&'a Rival<'a>>,
    signs: Signs,
    worth: f64,
}

/// Returns the answers to score: the written one, and those with one or two other values that may be better. Empty if
/// none may be.
#[must_use]
pub fn proposals(written: &WrittenAnswer) -> Vec<Proposal> {
    let text = written.answer.text.as_str();
    let leaves = leaves(text);
    let leaves: HashMap<_, _> = leaves
        .iter()
        .map(|leaf| (leaf.pointer.as_str(), leaf))
        .collect();
    let Some(places) = TokenPlaces::of(text, &written.answer.tokens) else {
        return Vec::new();
    };
    let mut rivals = Vec::new();
    for field in &written.fields {
        if let Some(leaf) = leaves.get(field.pointer.as_str()) {
            rivals.extend(rivals_of(field, leaf, text, &places));
        }
    }
    if rivals.is_empty() {
        return Vec::new();
    }
    let judge = Judge::new(written);
    rivals.sort_by(|a, b| judge.outlook(b).total_cmp(&judge.outlook(a)));
    rivals.truncate(MOST_RIVALS);
    let mut drafts: Vec<_> = rivals
        .iter()
        .map(|rival| judge.draft(vec![rival]))
        .collect();
    drafts.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    let pairs = judge.pairs(&drafts);
    drafts.extend(pairs);
    drafts.retain(|draft| draft.worth >= LEAST_WORTH);
    drafts.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    let mut taken: HashMap<&str, usize> = HashMap::new();
    let mut proposals = vec![Proposal {
        text: text.to_owned(),
        changes: Vec::new(),
        signs: Signs::default(),
    }];
    for draft in drafts {
        let pointers = draft
            .rivals
            .iter()
            .map(|rival| rival.field.pointer.as_str());
        let is_full = |pointer: &str| {
            taken
                .get(pointer)
                .is_some_and(|taken| *taken >= MOST_VALUES)
        };
        if proposals.len() == MOST_TEXTS || pointers.clone().any(is_full) {
            continue;
        }
        let text = draft.written_into(text);
        if written.schema.read_answer(&text).is_err() {
            continue;
        }
        pointers.for_each(|pointer| *taken.entry(pointer).or_default() += 1);
        proposals.push(Proposal {
            text,
            changes: draft
                .rivals
                .iter()
                .map(|rival| rival.change.clone())
                .collect(),
            signs: draft.signs,
        });
    }
    if proposals.len() == 1 {
        proposals.clear();
    }
    proposals
}

/// Returns the values that nearly fit a field.
fn rivals_of<'a>(
    field: &'a FieldValues,
    leaf: &'a Leaf,
    text: &str,
    places: &TokenPlaces<'_>,
) -> Vec<Rival<'a>> {
    let whole = leaf.start..leaf.content.end;
    let written = &text[whole.clone()];
    let Ok(written_value) = serde_json::from_str::<Value>(written) else {
        return Vec::new();
    };
    let cost = field
        .values
        .iter()
        .filter(|(value, _)| is_same(value, written));
    let cost = cost
        .map(|(_, cost)| *cost)
        .min_by(f32::total_cmp)
        .unwrap_or(UNKNOWN);
    let mut rivals: Vec<Rival> = Vec::new();
    let others = field.values.iter();
    for (literal, other) in others.filter(|(literal, _)| !is_same(literal, written)) {
        let replaced = [&text[..whole.start], literal, &text[whole.end..]].concat();
        let Ok(value) = serde_json::from_str(literal) else {
            continue;
        };
        let rival = Rival {
            change: ValueChange {
                pointer: field.pointer.clone(),
                written: written_value.clone(),
                value,
            },
            field,
            leaf,
            literal,
            gap: places
                .gap(text, &replaced)
                .unwrap_or(FARTHEST)
                .min(FARTHEST),
            label: f64::from(cost - other),
        };
        // A value may stand in several places.
        match rivals
            .iter_mut()
            .find(|known| is_same(known.literal, literal))
        {
            Some(known) if known.label < rival.label => *known = rival,
            Some(_) => {}
            None => rivals.push(rival),
        }
    }
    rivals
}

/// Returns whether two values as JSON are the same, numbers whatever their decimals.
fn is_same(a: &str, b: &str) -> bool {
    let number = |text: &str| text.parse::<Decimal>().ok();
    a == b || number(a).zip(number(b)).is_some_and(|(a, b)| a == b)
}

impl Draft<'_> {
    fn written_into(&self, text: &str) -> String {
        let mut rivals = self.rivals.clone();
        rivals.sort_by_key(|rival| rival.leaf.start);
        let mut written = String::with_capacity(text.len());
        let mut end = 0;
        for rival in rivals {
            written.push_str(&text[end..rival.leaf.start]);
            written.push_str(rival.literal);
            end = rival.leaf.content.end;
        }
        written + &text[end..]
    }
}

/// Compares answers with the written one.
struct Judge<'a> {
    written: &'a WrittenAnswer,
    weights: SignWeights,
    own: Vec<Finding>,
}

impl<'a> Judge<'a> {
    fn new(written: &'a WrittenAnswer) -> Self {
        Self {
            weights: SignWeights::MEASURED,
            own: findings(written, written.receipt.as_json()),
            written,
        }
    }

    /// Returns what a rival is worth without the checks.
    fn outlook(&self, rival: &Rival<'_>) -> f64 {
        let signs = Signs {
            label: rival.label,
            checks: 0,
            payment: self.payment(rival),
        };
        self.weights.worth(-rival.gap, &signs)
    }

    fn payment(&self, rival: &Rival<'_>) -> i32 {
        let paid = |value: &Value| i32::from(rival.field.is_total && self.is_paid(value));
        paid(&rival.change.value) - paid(&rival.change.written)
    }

    fn draft<'b>(&self, rivals: Vec<&'b Rival<'b>>) -> Draft<'b> {
        let mut object = self.written.receipt.as_json().clone();
        let mut signs = Signs::default();
        let mut gap = 0.0;
        for rival in &rivals {
            if let Some(place) = object.pointer_mut(&rival.field.pointer) {
                *place = rival.change.value.clone();
            }
            gap += rival.gap;
            signs.label += rival.label;
            signs.payment += self.payment(rival);
        }
        signs.checks = gained(&self.own, &findings(self.written, &object));
        Draft {
            worth: self.weights.worth(-gap, &signs),
            rivals,
            signs,
        }
    }

    /// Returns the pairs of `drafts`, the best first, with which more adds up than with either alone.
    fn pairs<'b>(&self, drafts: &[Draft<'b>]) -> Vec<Draft<'b>> {
        let first = &drafts[..drafts.len().min(MOST_PAIRED)];
        let pairs = first.iter().enumerate().flat_map(|(number, one)| {
            let others = first[number + 1..].iter();
            others.map(move |other| (one, other))
        });
        let pairs = pairs
            .filter(|(one, other)| one.rivals[0].field.pointer != other.rivals[0].field.pointer);
        let pairs = pairs.filter_map(|(one, other)| {
            let both = [&one.rivals[..], &other.rivals[..]].concat();
            let draft = self.draft(both);
            let alone = one.signs.checks.max(other.signs.checks).max(0);
            (draft.signs.checks > alone).then_some(draft)
        });
        pairs.collect()
    }

    /// Returns whether an amount is the difference of two that are not the total, such as the cash given and the change.
    fn is_paid(&self, value: &Value) -> bool {
        let Ok(value) = value.to_string().parse::<Decimal>() else {
            return false;
        };
        let is_change = |given: &Decimal| {
            let change = given - value;
            change > Decimal::ZERO && self.written.payments.contains(&change)
        };
        value > Decimal::ZERO && self.written.payments.iter().any(is_change)
    }
}

/// Returns the findings on an object, apart from whether it is printed.
fn findings(written: &WrittenAnswer, object: &Value) -> Vec<Finding> {
    checks::run(object, &[], written.today, written.schema.max_items())
}

/// Returns how many checks pass that failed, less those that fail now. A check that did not apply, and passes, says
/// nothing: a due date passes its check wherever it is taken from.
fn gained(before: &[Finding], after: &[Finding]) -> i32 {
    let gain = |finding: &Finding| {
        let passed = before.iter().find(|other| other.name == finding.name);
        let passed = passed.is_none_or(Finding::passed);
        i32::from(finding.passed()) - i32::from(passed)
    };
    after.iter().map(gain).sum()
}
