//! The tax that a page's summary of taxes proves.

use super::super::amounts::{NumberIndex, TaxRow};

/// Returns the only tax that the summaries of so many sheets prove; `None` if there is none, or several.
pub fn only(sheets: usize, numbers: &NumberIndex) -> Option<TaxRow> {
    let mut found = (0..sheets).flat_map(|number| numbers.tax_rows(number));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}
