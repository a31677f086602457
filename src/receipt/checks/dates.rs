//! Checks of the dates of issue and payment.

use chrono::{Datelike, Days, NaiveDate};
use serde_json::Value;

use super::Finding;

/// Earliest plausible year; older receipts are misread ones.
const FIRST_YEAR: i32 = 1990;

/// Checks that the date of issue is neither in the future nor before 1990. One day is allowed for
/// time zones.
pub fn date_is_plausible(object: &Value, today: NaiveDate) -> Option<Finding> {
    let (name, date) = ["invoice_date", "date"]
        .into_iter()
        .find_map(|name| Some((name, date(object, name)?)))?;
    let latest = today.checked_add_days(Days::new(1)).unwrap_or(today);
    let fault = if date > latest {
        Some(format!("{date} is in the future."))
    } else if date.year() < FIRST_YEAR {
        Some(format!("{date} is before {FIRST_YEAR}."))
    } else {
        None
    };
    let field = format!("/{name}");
    Some(Finding::new("date_is_plausible", &[&field], fault))
}

/// Checks that the due date is not before the date of issue.
pub fn due_is_not_before_issue(object: &Value) -> Option<Finding> {
    let (issued, due) = (date(object, "invoice_date")?, date(object, "due_date")?);
    let fault = (due < issued).then(|| format!("Due on {due}, before its issue on {issued}."));
    Some(Finding::new(
        "due_is_not_before_issue",
        &["/invoice_date", "/due_date"],
        fault,
    ))
}

fn date(object: &Value, name: &str) -> Option<NaiveDate> {
    object.get(name)?.as_str()?.parse().ok()
}
