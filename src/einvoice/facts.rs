//! What an XML file states, in the terms of EN 16931, each value with the elements that state it.

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// An element that states a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlSource {
    /// The business term of EN 16931 that the element stands for, `BT-115`.
    pub term: &'static str,
    /// Its path with the usual prefixes, `/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount`.
    pub path: String,
    /// Its text without the white space around it.
    pub text: String,
}

/// A value that the XML states, alone or as the sum, difference or quotient of what its elements state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// The elements that state it.
    pub sources: Vec<XmlSource>,
}

impl Stated<Decimal> {
    /// Returns the value with the other sign.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self {
            value: -self.value,
            sources: self.sources.clone(),
        }
    }

    /// Returns the sum of all; `None` if there are none, or it is too large.
    #[must_use]
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut all = all.into_iter();
        let mut sum = all.next()?.clone();
        for next in all {
            sum.value = sum.value.checked_add(next.value)?;
            sum.sources.extend_from_slice(&next.sources);
        }
        Some(sum)
    }
}

/// The name of an item and its details.
pub type ItemNames = (Stated<String>, Vec<Stated<String>>);

/// A line of the invoice (BG-25).
#[derive(Debug, Clone)]
pub struct InvoiceLine {
    /// Item name (BT-153).
    pub name: Stated<String>,
    /// Item description (BT-154), where it says more than the name.
    pub details: Vec<Stated<String>>,
    /// Invoiced quantity (BT-129).
    pub quantity: Option<Stated<Decimal>>,
    /// Item net price (BT-146) of one unit, where it can be written exactly.
    pub price: Option<Stated<Decimal>>,
    /// Invoice line net amount (BT-131).
    pub total: Option<Stated<Decimal>>,
}

impl InvoiceLine {
    /// Returns the name and the details of a line: its descriptions, but for those that the name repeats.
    /// The first description is the name where there is none; `None` if there is nothing.
    #[must_use]
    pub fn names(
        name: Option<Stated<String>>,
        descriptions: Vec<Stated<String>>,
    ) -> Option<ItemNames> {
        let mut descriptions = descriptions.into_iter();
        let name = name.or_else(|| descriptions.next())?;
        let folded = name.value.to_lowercase();
        let says_more = |text: &Stated<String>| !folded.contains(&text.value.to_lowercase());
        let details = descriptions.filter(says_more).collect();
        Some((name, details))
    }
}

/// A charge on the whole invoice (BG-21).
#[derive(Debug, Clone)]
pub struct DocumentCharge {
    /// Its reason (BT-104), or the code of it (BT-105).
    pub reason: Option<Stated<String>>,
    /// Its amount (BT-99).
    pub amount: Stated<Decimal>,
}

/// The tax of one rate (BG-23).
#[derive(Debug, Clone)]
pub struct TaxSubtotal {
    /// Rate in percent (BT-119).
    pub rate: Option<Stated<Decimal>>,
    /// What it is reckoned on (BT-116).
    pub base: Option<Stated<Decimal>>,
    /// The tax (BT-117).
    pub amount: Stated<Decimal>,
}

/// The totals of the invoice (BG-22), as far as the XML states them.
#[derive(Debug, Clone, Default)]
pub struct DocumentTotals {
    /// Sum of the lines (BT-106).
    pub lines: Option<Stated<Decimal>>,
    /// Sum of the allowances (BT-107).
    pub allowances: Option<Stated<Decimal>>,
    /// Sum of the charges (BT-108).
    pub charges: Option<Stated<Decimal>>,
    /// Total without tax (BT-109).
    pub net: Option<Stated<Decimal>>,
    /// Tax in the currency of the document (BT-110).
    pub tax: Option<Stated<Decimal>>,
    /// Total with tax (BT-112).
    pub gross: Option<Stated<Decimal>>,
    /// What was paid before (BT-113), or is withheld.
    pub prepaid: Option<Stated<Decimal>>,
    /// Rounding of what is to be paid (BT-114).
    pub rounding: Option<Stated<Decimal>>,
    /// What is to be paid (BT-115).
    pub due: Option<Stated<Decimal>>,
}

/// All that is read of an invoice.
#[derive(Debug, Clone)]
pub struct InvoiceFacts {
    /// The identifier of its specification (BT-24), or its version.
    pub specification: Option<String>,
    /// Whether it takes back, so that its amounts count with the other sign (by BT-3).
    pub is_credit: bool,
    /// Seller trading name (BT-28), else seller name (BT-27).
    pub vendor: Stated<String>,
    /// Invoice number (BT-1).
    pub number: Stated<String>,
    /// Issue date (BT-2).
    pub issued: Stated<NaiveDate>,
    /// Payment due date (BT-9), if there is one alone.
    pub due_on: Option<Stated<NaiveDate>>,
    /// Invoice currency code (BT-5).
    pub currency: Stated<String>,
    /// Its lines.
    pub lines: Vec<InvoiceLine>,
    /// The tax rates of its lines (BT-152), the largest alone.
    pub line_rate: Option<Stated<Decimal>>,
    /// Allowances on the whole invoice (BT-92).
    pub allowances: Vec<Stated<Decimal>>,
    /// Charges on the whole invoice.
    pub charges: Vec<DocumentCharge>,
    /// Claims of third parties, which are to be paid with the invoice (BG-DEX-09 of `XRechnung`'s extension).
    pub third_parties: Vec<DocumentCharge>,
    /// Its tax by rates.
    pub taxes: Vec<TaxSubtotal>,
    /// Its totals.
    pub totals: DocumentTotals,
}

/// Returns the dates' only day; `None` if there is none, or they differ.
#[must_use]
pub fn only_day(dates: Vec<Stated<NaiveDate>>) -> Option<Stated<NaiveDate>> {
    let mut dates = dates.into_iter();
    let first = dates.next()?;
    dates.all(|date| date.value == first.value).then_some(first)
}

/// Returns the largest of two rates.
#[must_use]
pub fn largest(
    first: Option<Stated<Decimal>>,
    second: Option<Stated<Decimal>>,
) -> Option<Stated<Decimal>> {
    match (first, second) {
        (Some(first), Some(second)) if second.value > first.value => Some(second),
        (None, second) => second,
        (first, _) => first,
    }
}
