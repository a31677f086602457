//! What a key has spent, in all and in the current day, week and month.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

/// Amounts in US dollars that were spent since the gateway was started, by the calendar of UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spending {
    /// All.
    pub total: Decimal,
    /// On this day.
    pub day: Decimal,
    /// In this week, from Monday on.
    pub week: Decimal,
    /// In this month.
    pub month: Decimal,
}

/// The sums of one key, as of the day of the last one.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sums: Spending,
    last: NaiveDate,
}

impl Spending {
    /// Adds the amounts of another key.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            total: self.total.saturating_add(other.total),
            day: self.day.saturating_add(other.day),
            week: self.week.saturating_add(other.week),
            month: self.month.saturating_add(other.month),
        }
    }
}

impl Ledger {
    /// Adds an amount that is spent on `today`.
    pub(super) fn add(&mut self, amount: Decimal, today: NaiveDate) {
        let new = Spending {
            total: amount,
            day: amount,
            week: amount,
            month: amount,
        };
        self.sums = self.on(today).and(new);
        self.last = today;
    }

    /// Returns what has been spent, as of `today`.
    pub(super) fn on(&self, today: NaiveDate) -> Spending {
        let last = self.last;
        let if_same = |is_same: bool, sum: Decimal| if is_same { sum } else { Decimal::ZERO };
        let month = |date: NaiveDate| (date.year(), date.month());
        Spending {
            total: self.sums.total,
            day: if_same(last == today, self.sums.day),
            week: if_same(last.iso_week() == today.iso_week(), self.sums.week),
            month: if_same(month(last) == month(today), self.sums.month),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_begin_anew_with_each_day_week_and_month() {
        let mut ledger = Ledger::default();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut spend = |on: &str| {
            ledger.add(Decimal::ONE, date(on));
            let Spending {
                total,
                day,
                week,
                month,
            } = ledger.on(date(on));
            [total, day, week, month].map(|sum| sum.to_string())
        };
        // A Saturday, the Sunday after it, and the Monday of the next week.
        assert_eq!(spend("2026-11-28"), ["1", "1", "1", "1"]);
        assert_eq!(spend("2026-11-28"), ["2", "2", "2", "2"]);
        assert_eq!(spend("2026-11-29"), ["3", "1", "3", "3"]);
        assert_eq!(spend("2026-11-30"), ["4", "1", "1", "4"]);
        assert_eq!(spend("2026-12-01"), ["5", "1", "2", "1"]);
        // The last days of December are of the first week of the next year.
        assert_eq!(spend("2029-12-31"), ["6", "1", "1", "1"]);
        assert_eq!(spend("2030-01-01"), ["7", "1", "2", "1"]);
        let later = ledger.on(date("2030-01-08"));
        assert_eq!((later.day, later.week), (Decimal::ZERO, Decimal::ZERO));
        assert_eq!((later.month, later.total), (Decimal::ONE, Decimal::from(7)));
    }
}
