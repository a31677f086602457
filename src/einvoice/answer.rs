//! Writes an invoice in the form of the answers to receipts, and tells which values the XML states.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

use super::{
    amounts::AnswerAmounts,
    facts::{InvoiceFacts, InvoiceLine, Stated, TaxSubtotal, XmlSource},
};

/// The name of a charge that states neither its reason nor a code.
const CHARGE: &str = "Charge";

/// A file names no category of ours.
const CATEGORY: &str = "OTHER";

/// A value of an answer that the XML states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedValue {
    /// JSON pointer to the value, `/items/0/total`.
    pub pointer: String,
    /// The elements that state it: more than one where it is their sum, difference or quotient.
    pub sources: Vec<XmlSource>,
}

/// An answer and what the XML states of it.
pub struct InvoiceAnswer {
    /// The object of `schemas/invoice.schema.json`.
    pub json: Value,
    /// Its values that are stated, in its order.
    pub stated: Vec<StatedValue>,
}

impl InvoiceAnswer {
    /// Writes the invoice.
    #[must_use]
    pub fn of(facts: &InvoiceFacts, amounts: &AnswerAmounts) -> Self {
        let mut writer = Writer {
            stated: Vec::new(),
            is_credit: facts.is_credit,
        };
        let json = writer.invoice(facts, amounts);
        Self {
            json,
            stated: writer.stated,
        }
    }
}

struct Writer {
    stated: Vec<StatedValue>,
    is_credit: bool,
}

impl Writer {
    fn invoice(&mut self, facts: &InvoiceFacts, amounts: &AnswerAmounts) -> Value {
        let totals = &facts.totals;
        let mut invoice = Map::new();
        let mut set = |name: &str, value| invoice.insert(name.to_owned(), value);
        set("vendor_name", self.text("/vendor_name", &facts.vendor));
        set(
            "invoice_number",
            self.text("/invoice_number", &facts.number),
        );
        set("invoice_date", self.day("/invoice_date", &facts.issued));
        let due_on = facts.due_on.as_ref();
        set(
            "due_date",
            due_on.map_or(Value::Null, |day| self.day("/due_date", day)),
        );
        set("items", self.items(facts));
        set(
            "subtotal",
            self.amount_or_null("/subtotal", amounts.subtotal.as_ref()),
        );
        set(
            "tax_rate_percent",
            self.rate("/tax_rate_percent", amounts.tax_rate.as_ref()),
        );
        set(
            "tax_amount",
            self.amount_or_zero("/tax_amount", amounts.tax.as_ref()),
        );
        set(
            "discount",
            self.amount_or_zero("/discount", amounts.discount.as_ref()),
        );
        set(
            "total_due",
            self.amount_or_null("/total_due", totals.due.as_ref()),
        );
        let taxes = amounts.taxes.iter().enumerate();
        let taxes = taxes.map(|(at, tax)| self.tax(&format!("/taxes/{at}"), tax));
        set("taxes", taxes.collect());
        set(
            "prepaid",
            self.amount_or_zero("/prepaid", totals.prepaid.as_ref()),
        );
        set(
            "rounding",
            self.amount_or_zero("/rounding", totals.rounding.as_ref()),
        );
        Value::Object(invoice)
    }

    /// The lines, and the charges after them. A profile without lines has no items, because its charges
    /// alone would not be what was bought.
    fn items(&mut self, facts: &InvoiceFacts) -> Value {
        let mut items = Vec::new();
        for line in &facts.lines {
            items.push(self.item(items.len(), line, &facts.currency));
        }
        if facts.lines.is_empty() {
            return Value::Array(items);
        }
        for charge in facts.charges.iter().chain(&facts.third_parties) {
            let unnamed = || Stated {
                value: CHARGE.to_owned(),
                sources: Vec::new(),
            };
            let line = InvoiceLine {
                name: charge.reason.clone().unwrap_or_else(unnamed),
                details: Vec::new(),
                quantity: None,
                price: Some(charge.amount.clone()),
                total: Some(charge.amount.clone()),
            };
            items.push(self.item(items.len(), &line, &facts.currency));
        }
        Value::Array(items)
    }

    fn item(&mut self, at: usize, line: &InvoiceLine, currency: &Stated<String>) -> Value {
        let pointer = |name: &str| format!("/items/{at}/{name}");
        let mut item = Map::new();
        let mut set = |name: &str, value| item.insert(name.to_owned(), value);
        set(
            "description",
            self.text(&pointer("description"), &line.name),
        );
        let details = line.details.iter().enumerate();
        let details = details.map(|(at, text)| self.text(&pointer(&format!("details/{at}")), text));
        set("details", details.collect());
        let quantity = match &line.quantity {
            Some(quantity) => self.amount(&pointer("quantity"), quantity),
            // Only one of it: FatturaPA reckons so, and the others leave it open.
            None => number(self.signed(Decimal::ONE)),
        };
        set("quantity", quantity);
        // A price without its quantity says nothing, unless it is the total.
        let total = line.total.as_ref().map(|total| total.value);
        let price = line.price.as_ref();
        let price = price.filter(|price| line.quantity.is_some() || total == Some(price.value));
        set(
            "unit_price",
            price.map_or(Value::Null, |price| {
                self.note(&pointer("unit_price"), &price.sources);
                number(price.value)
            }),
        );
        set(
            "total",
            self.amount_or_null(&pointer("total"), line.total.as_ref()),
        );
        set("currency", self.text(&pointer("currency"), currency));
        set("category", CATEGORY.into());
        Value::Object(item)
    }

    fn tax(&mut self, pointer: &str, tax: &TaxSubtotal) -> Value {
        let mut entry = Map::new();
        let mut set = |name: &str, value| entry.insert(name.to_owned(), value);
        let of = |name| format!("{pointer}/{name}");
        set(
            "rate_percent",
            self.rate(&of("rate_percent"), tax.rate.as_ref()),
        );
        set("base", self.amount_or_null(&of("base"), tax.base.as_ref()));
        set("amount", self.amount(&of("amount"), &tax.amount));
        Value::Object(entry)
    }

    fn note(&mut self, pointer: &str, sources: &[XmlSource]) {
        if !sources.is_empty() {
            self.stated.push(StatedValue {
                pointer: pointer.to_owned(),
                sources: sources.to_vec(),
            });
        }
    }

    fn text(&mut self, pointer: &str, text: &Stated<String>) -> Value {
        self.note(pointer, &text.sources);
        Value::String(text.value.clone())
    }

    fn day(&mut self, pointer: &str, day: &Stated<NaiveDate>) -> Value {
        self.note(pointer, &day.sources);
        Value::String(day.value.to_string())
    }

    fn rate(&mut self, pointer: &str, rate: Option<&Stated<Decimal>>) -> Value {
        let Some(rate) = rate else { return 0.into() };
        self.note(pointer, &rate.sources);
        number(rate.value)
    }

    fn amount(&mut self, pointer: &str, amount: &Stated<Decimal>) -> Value {
        self.note(pointer, &amount.sources);
        number(self.signed(amount.value))
    }

    fn amount_or_null(&mut self, pointer: &str, amount: Option<&Stated<Decimal>>) -> Value {
        amount.map_or(Value::Null, |amount| self.amount(pointer, amount))
    }

    fn amount_or_zero(&mut self, pointer: &str, amount: Option<&Stated<Decimal>>) -> Value {
        amount.map_or_else(|| 0.into(), |amount| self.amount(pointer, amount))
    }

    /// A credit note takes back what it states.
    fn signed(&self, number: Decimal) -> Decimal {
        if self.is_credit { -number } else { number }
    }
}

/// The number in JSON. It has at most 15 digits, which a double keeps.
fn number(number: Decimal) -> Value {
    let number = number.normalize();
    if let Some(whole) = whole(number) {
        return whole.into();
    }
    let double = number.to_string().parse().ok();
    double
        .and_then(Number::from_f64)
        .map_or(Value::Null, Value::Number)
}

fn whole(number: Decimal) -> Option<i64> {
    if number.scale() > 0 {
        return None;
    }
    i64::try_from(number.mantissa()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are() {
        for (text, expected) in [
            ("0.00", "0"),
            ("-0.00", "0"),
            ("12.00", "12"),
            ("-12.50", "-12.5"),
            ("0.1", "0.1"),
            ("1100.05", "1100.05"),
            ("999999999999999", "999999999999999"),
            ("-9999999999999.99", "-9999999999999.99"),
            ("1234567.12345678", "1234567.12345678"),
            ("0.00001", "0.00001"),
        ] {
            let decimal = Decimal::from_str_exact(text).unwrap();
            assert_eq!(number(decimal).to_string(), expected, "{text}");
        }
    }
}
