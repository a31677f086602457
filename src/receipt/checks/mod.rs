//! Checks whether an answer is plausible: sums that add up, dates that make sense, and values that
//! are printed.
//!
//! Each check depends on the object and its evidence alone, and applies only if the object has the
//! fields that it compares: [`run`] on an object of another schema finds at most what is not printed.

mod agreed;
mod amounts;
mod dates;
mod items;
mod places;
mod printed;
mod totals;
mod wording;

pub use agreed::{agreed_subtotal, sum_of_items, total, unmade_products, unmade_sums};

use chrono::NaiveDate;
use serde_json::Value;

use super::evidence::FieldEvidence;

/// Names of all checks: those of [`run`] in its order, of codes on the pages, and of e-invoices (EN 16931).
pub const NAMES: [&str; 20] = [
    "items_make_subtotal",
    "quantity_times_price",
    "total_adds_up",
    "tax_matches_rate",
    "taxes_add_up",
    "items_are_complete",
    "date_is_plausible",
    "due_is_not_before_issue",
    "is_printed",
    "total_matches_code",
    "date_matches_code",
    "xml_matches_page",
    "BR-CO-10",
    "BR-CO-11",
    "BR-CO-12",
    "BR-CO-13",
    "BR-CO-14",
    "BR-CO-15",
    "BR-CO-16",
    "BR-CO-17",
];

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the check, `total_adds_up`.
    pub name: &'static str,
    /// JSON pointers to the fields that do not agree or, if the check passed, to those that do.
    pub fields: Vec<String>,
    /// Description of the disagreement, for people; `None` if the check passed.
    pub fault: Option<String>,
}

impl Finding {
    /// Returns whether the fields agree.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.fault.is_none()
    }

    fn new(name: &'static str, fields: &[&str], fault: Option<String>) -> Self {
        Self {
            name,
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
            fault,
        }
    }
}

/// Runs every check that applies to the object. `evidence` tells where its values stand, `today` is
/// the day of the reading in UTC, and `max_items` the most items that its list may hold.
#[must_use]
pub fn run(
    object: &Value,
    evidence: &[FieldEvidence],
    today: NaiveDate,
    max_items: Option<usize>,
) -> Vec<Finding> {
    let invoice = amounts::Amounts::of(object);
    let findings = [
        items::items_make_subtotal(&invoice),
        items::quantity_times_price(&invoice),
        totals::total_adds_up(&invoice),
        totals::tax_matches_rate(&invoice),
        totals::taxes_add_up(&invoice),
        items::items_are_complete(&invoice, max_items),
        dates::date_is_plausible(object, today),
        dates::due_is_not_before_issue(object),
        printed::is_printed(object, evidence),
    ];
    findings.into_iter().flatten().collect()
}

/// Runs the checks of dates, which apply to an object whose values a file states too.
#[must_use]
pub fn of_dates(object: &Value, today: NaiveDate) -> Vec<Finding> {
    let findings = [
        dates::date_is_plausible(object, today),
        dates::due_is_not_before_issue(object),
    ];
    findings.into_iter().flatten().collect()
}

#[cfg(test)]
pub mod money;
#[cfg(test)]
mod tests;
