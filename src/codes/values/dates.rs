//! Days. A shape is written with `Y`, `M` and `D` for digits; every other character stands for itself.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};

/// The years that a receipt may be of.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2199;

/// Reads a day of exactly this shape, such as `YYYY-MM-DD`; a year of two digits is one of this century.
pub(in crate::codes) fn shaped(text: &str, shape: &str) -> Option<NaiveDate> {
    if text.chars().count() != shape.chars().count() {
        return None;
    }
    let (mut year, mut month, mut day, mut digits_of_year) = (0i32, 0u32, 0u32, 0);
    for (character, place) in text.chars().zip(shape.chars()) {
        let digit = if matches!(place, 'Y' | 'M' | 'D') {
            character.to_digit(10)?
        } else if character == place {
            continue;
        } else {
            return None;
        };
        match place {
            'Y' => {
                year = year * 10 + i32::try_from(digit).ok()?;
                digits_of_year += 1;
            }
            'M' => month = month * 10 + digit,
            _ => day = day * 10 + digit,
        }
    }
    let year = if digits_of_year == 2 {
        2000 + year
    } else {
        year
    };
    let day = NaiveDate::from_ymd_opt(year, month, day)?;
    YEARS.contains(&day.year()).then_some(day)
}

/// Reads the day at the beginning of a time, such as `2024-05-11T07:58:20`.
pub(in crate::codes) fn of_time(text: &str, shape: &str) -> Option<NaiveDate> {
    let day = text.get(..shape.len())?;
    shaped(day, shape)
}

/// Returns the day in Central Europe at a moment.
pub(in crate::codes) fn in_central_europe(moment: DateTime<Utc>) -> Option<NaiveDate> {
    let year = moment.year();
    if !YEARS.contains(&year) {
        return None;
    }
    // Summer time lasts from the last Sunday of March to that of October, from 1 o'clock UTC.
    let turn = |month| {
        let last = NaiveDate::from_ymd_opt(year, month, 31)?;
        let since_sunday = last.weekday().days_since(Weekday::Sun);
        let sunday = last.checked_sub_days(Days::new(u64::from(since_sunday)))?;
        Some(sunday.and_hms_opt(1, 0, 0)?.and_utc())
    };
    let is_summer = (turn(3)?..turn(10)?).contains(&moment);
    let hours = if is_summer { 2 } else { 1 };
    let local = moment.checked_add_signed(TimeDelta::hours(hours))?;
    Some(local.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_shape() {
        let day = NaiveDate::from_ymd_opt(2024, 2, 29);
        assert_eq!(shaped("20240229", "YYYYMMDD"), day);
        assert_eq!(shaped("29.02.2024", "DD.MM.YYYY"), day);
        assert_eq!(shaped("290224", "DDMMYY"), day);
        assert_eq!(of_time("2024-02-29T23:59:00", "YYYY-MM-DD"), day);
        for wrong in [
            "20230229",
            "20241301",
            "2024022",
            "202402291",
            "00000000",
            "2024-2-9",
            "２０240229",
        ] {
            assert_eq!(shaped(wrong, "YYYYMMDD"), None, "{wrong}");
        }
        assert_eq!(shaped("18000101", "YYYYMMDD"), None);
        assert_eq!(of_time("2024-02", "YYYY-MM-DD"), None);
        assert_eq!(of_time("2024-02-2é", "YYYY-MM-DD"), None);
    }

    #[test]
    fn central_europe_is_ahead_of_utc() {
        let day = |text: &str| {
            let moment: DateTime<Utc> = text.parse().unwrap();
            in_central_europe(moment).unwrap().to_string()
        };
        assert_eq!(day("2024-01-31T22:59:59Z"), "2024-01-31");
        assert_eq!(day("2024-01-31T23:00:00Z"), "2024-02-01");
        assert_eq!(day("2024-07-31T21:59:59Z"), "2024-07-31");
        assert_eq!(day("2024-07-31T22:00:00Z"), "2024-08-01");
        assert_eq!(day("2024-03-30T23:30:00Z"), "2024-03-31");
        assert_eq!(day("2024-10-27T22:30:00Z"), "2024-10-27");
    }
}
