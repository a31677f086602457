//! The leaf values of an answer, and what each is looked up as.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{currencies, labels::FieldRole};
use crate::receipt::schema::{FieldKind, ReceiptSchema};

/// Largest number that is calculated with, so that sums cannot overflow.
const LARGEST: i64 = 1_000_000_000_000_000;

/// A value that is neither an object nor an array.
pub struct AnswerLeaf {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// What the field is for.
    pub role: FieldRole,
    /// The value, if it is a number that can be calculated with.
    pub number: Option<Decimal>,
    /// What it is looked up as.
    pub sought: Sought,
}

/// What a value is looked up as.
#[derive(Debug, Clone, PartialEq)]
pub enum Sought {
    /// Nothing: it need not be printed.
    Nothing,
    /// A number.
    Number(Decimal),
    /// A day.
    Day(NaiveDate),
    /// The code of a currency.
    Currency(String),
    /// Letters and digits that have to be the same.
    Identifier(String),
    /// A text.
    Text(String),
}

/// Returns the leaves of an answer in its order.
pub fn leaves(object: &Value, schema: &ReceiptSchema) -> Vec<AnswerLeaf> {
    let mut found = Vec::new();
    walk(object, String::new(), &mut |pointer, value| {
        let kind = schema.kind_at(&pointer);
        found.push(AnswerLeaf {
            sought: Sought::of(&pointer, value, kind),
            role: FieldRole::of(&pointer),
            number: value
                .as_number()
                .and_then(|number| decimal(&number.to_string()))
                .filter(|number| number.abs() <= Decimal::from(LARGEST)),
            pointer,
        });
    });
    found
}

fn walk(value: &Value, pointer: String, add: &mut impl FnMut(String, &Value)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(member, format!("{pointer}/{name}"), add);
            }
        }
        Value::Array(elements) => {
            for (number, element) in elements.iter().enumerate() {
                walk(element, format!("{pointer}/{number}"), add);
            }
        }
        leaf => add(pointer, leaf),
    }
}

impl Sought {
    fn of(pointer: &str, value: &Value, kind: FieldKind) -> Self {
        let text = match value {
            Value::Number(number) if kind != FieldKind::Choice => {
                let number = decimal(&number.to_string());
                return number
                    .filter(|number| !number.is_zero())
                    .map_or(Self::Nothing, Self::Number);
            }
            Value::String(text) => text.trim(),
            _ => return Self::Nothing,
        };
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let is_currency = currencies::is_code(text) && name.to_lowercase().contains("currency");
        match (text.parse(), kind) {
            _ if text.is_empty() || kind == FieldKind::Choice => Self::Nothing,
            _ if is_currency => Self::Currency(text.to_owned()),
            (Ok(day), _) => Self::Day(day),
            _ if is_identifier(text) => Self::Identifier(text.to_owned()),
            _ => Self::Text(text.to_owned()),
        }
    }
}

impl AnswerLeaf {
    /// Returns the element of a list that the leaf is in, `("/items", 3)`, if it is in one.
    pub fn record(&self) -> Option<(&str, usize)> {
        let mut end = 0;
        for name in self.pointer.split('/').skip(1) {
            if let Ok(number) = name.parse() {
                return Some((&self.pointer[..end], number));
            }
            end += name.len() + 1;
        }
        None
    }

    /// Returns whether the leaf is a member of the record or the object itself, and not deeper.
    pub fn is_direct(&self) -> bool {
        let depth = self.pointer.matches('/').count();
        match self.record() {
            Some((list, _)) => depth == list.matches('/').count() + 2,
            None => depth == 1,
        }
    }
}

/// Reads a JSON number exactly; `None` for one of more digits than a decimal has.
fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
}

/// Returns whether a text identifies something: it has digits, and no more letters than digits
/// apart from those of its longest words.
fn is_identifier(text: &str) -> bool {
    /// Fewest letters of a word that is read as one.
    const WORD: usize = 5;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let runs = text.split(|c: char| !c.is_alphabetic());
    let lengths = runs.map(|run| run.chars().count());
    let (longest, letters) = lengths.fold((0, 0), |(longest, all), length| {
        (longest.max(length), all + length)
    });
    digits > 0 && digits >= letters && longest < WORD
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_sought_as_what_they_are() {
        let of = |name: &str, value: Value, kind| Sought::of(&format!("/{name}"), &value, kind);
        let text = |text: &str| of("name", json!(text), FieldKind::Text);
        assert_eq!(text("TD01167104"), Sought::Identifier("TD01167104".into()));
        assert_eq!(
            text("INV-2024/001"),
            Sought::Identifier("INV-2024/001".into())
        );
        assert_eq!(text("Kopi 2"), Sought::Text("Kopi 2".into()));
        assert_eq!(text(" "), Sought::Nothing);
        let day = NaiveDate::from_ymd_opt(2024, 3, 5).unwrap();
        assert_eq!(
            of("date", json!("2024-03-05"), FieldKind::Date),
            Sought::Day(day)
        );
        assert_eq!(
            of("currency", json!("IDR"), FieldKind::Text),
            Sought::Currency("IDR".into())
        );
        assert_eq!(
            of("currency", json!("IDR"), FieldKind::Choice),
            Sought::Nothing
        );
        assert_eq!(
            of("total", json!(1e3), FieldKind::Number),
            Sought::Number(Decimal::from(1000))
        );
        for value in [json!(null), json!(0), json!(0.0), json!(true), json!("")] {
            assert_eq!(of("x", value, FieldKind::Text), Sought::Nothing);
        }
    }
}
