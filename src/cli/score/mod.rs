//! Measures of the agreement of receipts with the expected invoices, those of
//! `training/receipt_nano/evaluate.py`.

use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

/// The fields of an invoice.
const FIELDS: [&str; 13] = [
    "vendor_name",
    "invoice_number",
    "invoice_date",
    "due_date",
    "items",
    "subtotal",
    "tax_rate_percent",
    "tax_amount",
    "discount",
    "total_due",
    "taxes",
    "prepaid",
    "rounding",
];
/// The fields that most receipts leave empty. An expected invoice that has all other fields may leave them out.
const OFTEN_EMPTY: [&str; 3] = ["taxes", "prepaid", "rounding"];
/// The fields of its items, without the currency, which is a setting of the gateway.
const ITEM_FIELDS: [&str; 6] = [
    "description",
    "details",
    "quantity",
    "unit_price",
    "total",
    "category",
];
/// The distance below which amounts are equal.
const CENT: f64 = 0.011;

const VENDOR_SIMILARITY: &str = "vendor similarity";
const NUMBER_OF_ITEMS: &str = "number of items";
const WHOLE_INVOICE: &str = "whole invoice";
const ADDS_UP: &str = "adds up";

/// A mean of values from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    /// Returns the mean in per cent; `None` if nothing was counted.
    #[must_use]
    pub fn percent(self) -> Option<f64> {
        (self.count > 0).then(|| 100.0 * self.sum / self.count as f64)
    }

    /// Returns the number of values.
    #[must_use]
    pub fn count(self) -> usize {
        self.count
    }
}

/// The measures of a run. Files without a receipt are counted apart from them.
#[derive(Debug, Default)]
pub struct Tally {
    measures: IndexMap<String, Mean>,
    seconds: Vec<f64>,
    failed: usize,
    /// The number of receipts by where their values come from.
    sources: IndexMap<String, usize>,
}

impl Tally {
    /// Creates an empty tally, with its measures in the order in which they are shown.
    #[must_use]
    pub fn new() -> Self {
        let names = FIELDS
            .iter()
            .map(|name| (*name).to_owned())
            .chain([NUMBER_OF_ITEMS.to_owned()])
            .chain(ITEM_FIELDS.iter().map(|name| item_measure(name)))
            .chain([VENDOR_SIMILARITY, WHOLE_INVOICE, ADDS_UP].map(str::to_owned));
        Self {
            measures: names.map(|name| (name, Mean::default())).collect(),
            ..Self::default()
        }
    }

    /// Counts a receipt by where its values come from: `model`, or a kind of e-invoice.
    pub fn source(&mut self, source: &str) {
        *self.sources.entry(source.to_owned()).or_default() += 1;
    }

    /// Returns the number of receipts by where their values come from.
    pub fn sources(&self) -> impl Iterator<Item = (&str, usize)> {
        let sources = self.sources.iter();
        sources.map(|(source, count)| (source.as_str(), *count))
    }

    /// Counts a file that gave no receipt.
    pub fn fail(&mut self) {
        self.failed += 1;
    }

    /// Compares a receipt that was read in `took` with `truth`, in the fields that `truth` has.
    pub fn score(&mut self, read: &Value, truth: &Value, took: Duration) {
        self.seconds.push(took.as_secs_f64());
        let (nothing, zero) = (Value::from(Vec::<Value>::new()), Value::from(0));
        let is_often_empty = |name: &&str| OFTEN_EMPTY.contains(name);
        let mut others = FIELDS.iter().filter(|name| !is_often_empty(name));
        let tells_all = others.all(|name| truth.get(name).is_some());
        let mut known = 0;
        let mut right = 0;
        for name in FIELDS {
            let empty = if name == "taxes" { &nothing } else { &zero };
            let empty = Some(empty).filter(|_| tells_all && is_often_empty(&name));
            if let Some(truth) = truth.get(name).or(empty) {
                let agrees = same(&read[name], truth);
                self.add_bool(name, agrees);
                known += 1;
                right += usize::from(agrees);
            }
        }
        if let Some(vendor) = truth.get("vendor_name") {
            self.add(VENDOR_SIMILARITY, similarity(&read["vendor_name"], vendor));
        }
        if let Some(items) = truth.get("items") {
            self.score_items(list(&read["items"]), list(items));
        }
        if known == FIELDS.len() {
            self.add_bool(WHOLE_INVOICE, right == known);
        }
        self.add_bool(ADDS_UP, adds_up(read).unwrap_or(false));
    }

    /// Compares the items, if their number is right.
    fn score_items(&mut self, read: &[Value], truth: &[Value]) {
        self.add_bool(NUMBER_OF_ITEMS, read.len() == truth.len());
        if read.len() != truth.len() {
            return;
        }
        for (read, truth) in read.iter().zip(truth) {
            for name in ITEM_FIELDS {
                if let Some(truth) = truth.get(name) {
                    self.add_bool(&item_measure(name), same(&read[name], truth));
                }
            }
        }
    }

    fn add(&mut self, measure: &str, value: f64) {
        self.measures
            .entry(measure.to_owned())
            .or_default()
            .add(value);
    }

    fn add_bool(&mut self, measure: &str, holds: bool) {
        self.add(measure, f64::from(u8::from(holds)));
    }

    /// Returns the measures with at least one value.
    pub fn measures(&self) -> impl Iterator<Item = (&str, Mean)> {
        let measures = self.measures.iter();
        measures
            .map(|(name, mean)| (name.as_str(), *mean))
            .filter(|(_, mean)| mean.count > 0)
    }

    /// Returns the number of files, with or without a receipt.
    #[must_use]
    pub fn receipts(&self) -> usize {
        self.seconds.len() + self.failed
    }

    /// Returns the number of files without a receipt.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// Returns the median seconds for a receipt; `None` if none was read.
    #[must_use]
    pub fn median_seconds(&self) -> Option<f64> {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        let (upper, lower) = (seconds.len() / 2, seconds.len().saturating_sub(1) / 2);
        Some(f64::midpoint(*seconds.get(lower)?, *seconds.get(upper)?))
    }
}

fn item_measure(name: &str) -> String {
    format!("item {name}")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Returns whether a value agrees with the truth: amounts to the cent, items in the fields that the truth has.
fn same(read: &Value, truth: &Value) -> bool {
    match (read, truth) {
        (Value::Array(read), Value::Array(truth)) => {
            read.len() == truth.len() && read.iter().zip(truth).all(|(a, b)| same(a, b))
        }
        (Value::Object(_), Value::Object(truth)) => truth
            .iter()
            .filter(|(name, _)| *name != "currency")
            .all(|(name, truth)| same(&read[name], truth)),
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() < CENT,
            _ => a == b,
        },
        _ => read == truth,
    }
}

/// Returns 1 minus the edit distance divided by the longer length, ignoring case.
fn similarity(a: &Value, b: &Value) -> f64 {
    let upper = |value: &Value| value.as_str().unwrap_or_default().to_uppercase();
    strsim::normalized_levenshtein(&upper(a), &upper(b))
}

/// Returns whether the items sum up to the subtotal, and subtotal, tax, discount, prepaid and rounding to the total;
/// `None` if one of them other than prepaid and rounding is missing.
fn adds_up(invoice: &Value) -> Option<bool> {
    let amount = |name: &str| invoice[name].as_f64();
    let totals: Option<Vec<f64>> = list(&invoice["items"])
        .iter()
        .map(|item| item["total"].as_f64())
        .collect();
    let totals = totals.filter(|totals| !totals.is_empty())?;
    let subtotal = amount("subtotal")?;
    let due = subtotal + amount("tax_amount")? - amount("discount")?;
    let due = due - amount("prepaid").unwrap_or(0.0) + amount("rounding").unwrap_or(0.0);
    let items = (totals.iter().sum::<f64>() - subtotal).abs() < CENT;
    Some(items && (due - amount("total_due")?).abs() < CENT)
}

#[cfg(test)]
mod tests;
