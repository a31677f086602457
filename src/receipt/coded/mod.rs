//! Compares an answer with the codes that are printed on its pages, and takes from them what the model left out or was
//! unsure of. Nothing is ever requested because of a code.

use std::fmt::Display;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Number, Value};

use super::{
    checks::Finding,
    confidence::FieldConfidence,
    evidence::{Evidence, EvidenceSource, FieldEvidence, Standing},
    names,
    reading::CheckedReceipt,
    schema::ReceiptSchema,
    source::CodeOnPage,
};
use crate::{
    codes::{self, CodeFacts, FoundCode},
    page::PageBox,
};

/// The codes on the pages of a receipt.
#[derive(Debug, Default)]
pub struct PaperCodes {
    /// The codes, in the order of the pages.
    pub codes: Vec<CodeOnPage>,
    /// What each says of the receipt.
    facts: Vec<CodeFacts>,
}

impl PaperCodes {
    /// Reads the codes that were found on each page; those of no known kind are left out.
    #[must_use]
    pub fn of(pages: &[Vec<FoundCode>]) -> Self {
        let mut read = Self::default();
        for (found, page) in pages.iter().zip(1..) {
            for found in found {
                let Some(code) = codes::read(found) else {
                    continue;
                };
                let named = code.fields.iter();
                read.facts.push(code.facts());
                read.codes.push(CodeOnPage {
                    kind: code.kind.as_str().to_owned(),
                    page,
                    area: around(found.corners),
                    fields: named
                        .map(|field| (field.name.to_owned(), field.value.clone()))
                        .collect(),
                });
            }
        }
        read
    }

    /// Returns the codes, by their numbers, whose amounts are in the currency of `object`, as far as both are known.
    fn comparable(&self, object: &Value) -> impl Iterator<Item = (usize, &CodeFacts)> {
        let own = currency_of(object).map(str::to_owned);
        self.facts.iter().enumerate().filter(move |(_, facts)| {
            let both = own.as_ref().zip(facts.currency.as_ref());
            both.is_none_or(|(own, said)| own == said)
        })
    }

    /// Returns what the codes say of one thing, with the number of the code; `None` if they disagree or say nothing.
    fn agreed<T: PartialEq>(
        &self,
        object: &Value,
        of: impl Fn(&CodeFacts) -> Option<T>,
    ) -> Option<(usize, T)> {
        let mut said = self
            .comparable(object)
            .filter_map(|(number, facts)| Some((number, of(facts)?)));
        let first = said.next()?;
        said.all(|(_, value)| value == first.1).then_some(first)
    }

    /// Returns what the codes agree on, by the invoice's names of fields.
    fn values(&self, object: &Value) -> Vec<(&'static str, usize, Value)> {
        let amount = |of: fn(&CodeFacts) -> Option<Decimal>| {
            let (code, amount) = self.agreed(object, of)?;
            Some((code, number(amount)?))
        };
        let day = |of: fn(&CodeFacts) -> Option<NaiveDate>| self.agreed(object, of).map(shown);
        let text = |of: fn(&CodeFacts) -> Option<String>| self.agreed(object, of).map(shown);
        let values = [
            ("total_due", amount(|facts| facts.total)),
            ("tax_amount", amount(|facts| facts.tax)),
            ("invoice_date", day(|facts| facts.date)),
            ("due_date", day(|facts| facts.due_date)),
            ("vendor_name", text(|facts| facts.vendor.clone())),
            ("invoice_number", text(|facts| facts.invoice_number.clone())),
            ("currency", text(|facts| facts.currency.clone())),
        ];
        let values = values.into_iter();
        values
            .filter_map(|(field, said)| said.map(|(code, value)| (field, code, value)))
            .collect()
    }
}

/// An answer, and what is known of its values.
pub struct KnownAnswer {
    /// The answer.
    pub receipt: CheckedReceipt,
    /// Confidence in its values.
    pub fields: Vec<FieldConfidence>,
    /// Where its values stand.
    pub evidence: Vec<FieldEvidence>,
}

impl KnownAnswer {
    /// Takes from the codes what is null, or less likely than `below`, if the schema admits it. A value that a code
    /// states as well has it as evidence. Returns whether the answer changed.
    pub fn fill(&mut self, codes: &PaperCodes, schema: &ReceiptSchema, below: f64) -> bool {
        let mut has_changed = false;
        for (field, code, value) in codes.values(self.receipt.as_json()) {
            let object = self.receipt.as_json();
            let Some(name) = names::named_as(object, field).map(str::to_owned) else {
                continue;
            };
            let pointer = format!("/{name}");
            let is_same = same(&object[&name], &value);
            let is_open = object[&name].is_null() || self.is_doubtful(&pointer, below);
            if !is_same {
                let filled = is_open
                    .then(|| CheckedReceipt::with(&self.receipt, &pointer, value.clone(), schema))
                    .flatten();
                let Some(filled) = filled else {
                    continue;
                };
                self.receipt = filled;
                has_changed = true;
            }
            self.state(&pointer, &codes.codes[code], &value, schema, is_same);
        }
        has_changed
    }

    fn is_doubtful(&self, pointer: &str, below: f64) -> bool {
        let field = self.fields.iter().find(|field| field.pointer == pointer);
        field.is_some_and(|field| field.confidence < below)
    }

    /// Notes that a code states a value.
    fn state(
        &mut self,
        pointer: &str,
        code: &CodeOnPage,
        value: &Value,
        schema: &ReceiptSchema,
        is_same: bool,
    ) {
        let place = Evidence {
            page: code.page,
            area: code.area,
            text: value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
            source: EvidenceSource::Code,
            confidence: 1.0,
        };
        let known = self.evidence.iter_mut().find(|it| it.pointer == pointer);
        match known {
            Some(FieldEvidence {
                standing: Standing::Printed(places),
                ..
            }) if is_same => places.push(place),
            Some(known) => known.standing = Standing::Printed(vec![place]),
            None => self.evidence.push(FieldEvidence {
                pointer: pointer.to_owned(),
                standing: Standing::Printed(vec![place]),
            }),
        }
        // A code has its own check against misreading.
        let known = self.fields.iter_mut().find(|it| it.pointer == pointer);
        match known {
            Some(known) => known.confidence = 1.0,
            None => self.fields.push(FieldConfidence {
                pointer: pointer.to_owned(),
                kind: schema.kind_at(pointer),
                logprob: 0.0,
                confidence: 1.0,
            }),
        }
    }
}

/// Checks that the total and the date are those that a code states, where one does.
#[must_use]
pub fn checks(object: &Value, codes: &PaperCodes) -> Vec<Finding> {
    let facts = || codes.comparable(object).map(|(_, facts)| facts);
    let totals: Vec<_> = facts().filter_map(|facts| facts.total).collect();
    let dates: Vec<_> = facts().filter_map(|facts| facts.date).collect();
    let totals = totals.into_iter().filter_map(number);
    let compared = [
        (
            "total_matches_code",
            "total_due",
            totals.collect::<Vec<_>>(),
        ),
        (
            "date_matches_code",
            "invoice_date",
            dates
                .into_iter()
                .map(|date| date.to_string().into())
                .collect(),
        ),
    ];
    let findings = compared.into_iter().filter_map(|(check, field, stated)| {
        let name = names::named_as(object, field)?;
        let first = stated.first()?;
        let value = &object[name];
        let is_same = stated.iter().any(|stated| same(value, stated));
        Some(Finding {
            name: check,
            fields: vec![format!("/{name}")],
            fault: (!is_same).then(|| format!("The code states {first}, the answer {value}.")),
        })
    });
    findings.collect()
}

/// Returns the currency of an object, or of its first item.
fn currency_of(object: &Value) -> Option<&str> {
    let of_item = || object.get("items")?.get(0)?.get("currency");
    object.get("currency").or_else(of_item)?.as_str()
}

/// Returns whether two values are the same: numbers by value, texts without regard to case and blanks.
fn same(one: &Value, other: &Value) -> bool {
    let decimal = |value: &Value| value.as_number()?.to_string().parse::<Decimal>().ok();
    let folded = |text: &str| {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => folded(one) == folded(other),
        _ => decimal(one).is_some_and(|one| decimal(other) == Some(one)),
    }
}

/// Returns the JSON number of an amount, if a double keeps it.
pub(super) fn number(amount: Decimal) -> Option<Value> {
    let text = amount.normalize().to_string();
    let number = match text.parse::<i64>() {
        Ok(whole) => Number::from(whole),
        Err(_) => Number::from_f64(text.parse().ok()?)?,
    };
    let kept: Decimal = number.to_string().parse().ok()?;
    (kept == amount).then_some(Value::Number(number))
}

fn shown<T: Display>((code, value): (usize, T)) -> (usize, Value) {
    (code, value.to_string().into())
}

/// Returns the smallest box around corners.
fn around(corners: [(f32, f32); 4]) -> PageBox {
    let (mut left, mut upper, mut right, mut lower) = (1.0_f32, 1.0_f32, 0.0_f32, 0.0_f32);
    for (x, y) in corners {
        let (x, y) = (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0));
        (left, right) = (left.min(x), right.max(x));
        (upper, lower) = (upper.min(y), lower.max(y));
    }
    PageBox {
        x: left,
        y: upper,
        width: (right - left).max(0.0),
        height: (lower - upper).max(0.0),
    }
}

#[cfg(test)]
mod tests;
