//! Which pages of a document are wanted.

use std::ops::RangeInclusive;

/// A selection of pages by their indices, which begin with 0; all pages by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSelection(Vec<RangeInclusive<usize>>);

impl PageSelection {
    /// Selects the pages of any of the ranges; without ranges, all pages.
    #[must_use]
    pub fn of(ranges: Vec<RangeInclusive<usize>>) -> Self {
        Self(ranges)
    }

    /// Returns whether the page with this index is selected.
    #[must_use]
    pub fn has(&self, index: usize) -> bool {
        self.0.is_empty() || self.0.iter().any(|range| range.contains(&index))
    }
}
