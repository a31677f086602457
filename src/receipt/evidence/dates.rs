//! Finds the dates of a line in all printed forms.

use std::ops::Range;

use chrono::NaiveDate;

use super::{fold::folded, months::months_of};

/// Years by which the Buddhist era is ahead.
const BUDDHIST: i32 = 543;

/// First year of two digits that is of the last century, as in POSIX `strptime`.
const LAST_CENTURY: i32 = 69;

/// Costs of a reading that is less likely than the common ones.
const SELDOM: f32 = 0.2;
const RARE: f32 = 0.4;

/// Digits of the minutes of a time.
const MINUTE: usize = 2;

/// Eras of Japan with the year before their first.
const ERAS: [(&str, i32); 3] = [("令和", 2018), ("平成", 1988), ("昭和", 1925)];

/// Words that may stand between the parts of a date.
const BETWEEN: [&str; 12] = [
    "st", "nd", "rd", "th", "de", "del", "di", "of", "den", "o", "er", "ta",
];

/// A date as it is printed.
#[derive(Debug, PartialEq)]
pub struct PrintedDate {
    /// The characters of the line.
    pub chars: Range<usize>,
    /// The days that it may be, with the cost of each reading.
    pub days: Vec<(NaiveDate, f32)>,
    /// Whether marks or a month's name make it a date, and not a mere number.
    pub is_marked: bool,
    /// The numbers of day and month as printed, where marks alone part them from the year behind.
    pub pair: Option<(u32, u32)>,
}

/// A run of digits, a run of letters, or a mark. Blanks are left out.
#[derive(Debug)]
enum Piece {
    Digits(String),
    Name(String),
    Mark(char),
}

/// The pieces of a line with their places.
struct Pieces(Vec<(Piece, Range<usize>)>);

/// Returns the dates of a line, from left to right.
pub fn dates(chars: &[char]) -> Vec<PrintedDate> {
    let pieces = Pieces::of(chars);
    let mut found = Vec::new();
    let mut at = 0;
    while at < pieces.0.len() {
        match pieces.date_at(at) {
            Some((date, next)) => {
                found.push(date);
                at = next;
            }
            None => at += 1,
        }
    }
    found
}

impl Pieces {
    fn of(chars: &[char]) -> Self {
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(&first) = chars.get(at) {
            let run = |belongs: fn(&char) -> bool| {
                let length = chars[at..].iter().take_while(|c| belongs(c)).count();
                at..at + length
            };
            let (piece, place) = if first.is_ascii_digit() {
                let place = run(char::is_ascii_digit);
                (Piece::Digits(chars[place.clone()].iter().collect()), place)
            } else if first.is_alphabetic() {
                let place = run(|c| c.is_alphabetic());
                let name: String = chars[place.clone()].iter().collect();
                (Piece::Name(folded(&name)), place)
            } else {
                (Piece::Mark(first), at..at + 1)
            };
            at = place.end;
            if first != ' ' {
                pieces.push((piece, place));
            }
        }
        Self(pieces)
    }

    fn digits(&self, at: usize) -> Option<&str> {
        match self.0.get(at)? {
            (Piece::Digits(digits), _) => Some(digits),
            _ => None,
        }
    }

    fn name(&self, at: usize) -> Option<&str> {
        match self.0.get(at)? {
            (Piece::Name(name), _) => Some(name),
            _ => None,
        }
    }

    fn mark(&self, at: usize) -> Option<char> {
        match self.0.get(at)? {
            (Piece::Mark(mark), _) => Some(*mark),
            _ => None,
        }
    }

    /// Returns the date that begins with a piece, and the piece that follows it.
    fn date_at(&self, at: usize) -> Option<(PrintedDate, usize)> {
        let (days, last, is_marked) = self
            .by_marks(at)
            .or_else(|| self.by_signs(at))
            .or_else(|| self.day_first(at))
            .or_else(|| self.month_first(at))
            .map(|(days, last)| (days, last, true))
            .or_else(|| self.by_one_mark(at).map(|(days, last)| (days, last, false)))
            .or_else(|| Some((self.solid(at)?, at, false)))?;
        if days.is_empty() {
            return None;
        }
        let chars = self.0.get(at)?.1.start..self.0.get(last)?.1.end;
        let date = PrintedDate {
            chars,
            days,
            is_marked,
            pair: self.pair(at).filter(|_| is_marked),
        };
        Some((date, last + 1))
    }

    /// Returns the first two numbers of a date that is written with marks and its year behind them.
    fn pair(&self, at: usize) -> Option<(u32, u32)> {
        let (a, b) = (self.digits(at)?, self.digits(at + 2)?);
        self.by_marks(at)?;
        let is_short = a.len() <= 2;
        is_short.then(|| Some((a.parse().ok()?, b.parse().ok()?)))?
    }

    /// `05/03/2024`, `5.3.24`, `2024-03-05`.
    fn by_marks(&self, at: usize) -> Option<(Vec<(NaiveDate, f32)>, usize)> {
        const MARKS: &str = "/-.,\\|'";
        let (a, b, c) = (self.digits(at)?, self.digits(at + 2)?, self.digits(at + 4)?);
        let (one, two) = (self.mark(at + 1)?, self.mark(at + 3)?);
        if !MARKS.contains(one) || !MARKS.contains(two) || self.goes_on(at, at + 4, two) {
            return None;
        }
        let mut days = Days::default();
        if a.len() == 4 {
            days.add(a, b, self.day(at + 4)?, 0.0);
        } else if a.len() <= 2 && b.len() <= 2 {
            let year = self.year(at + 4)?;
            days.add(year, b, a, 0.0);
            days.add(year, a, b, 0.0);
            if c.len() == 2 && a.len() == 2 {
                days.add(a, b, c, RARE);
            }
        }
        (!days.0.is_empty()).then_some((days.0, at + 4))
    }

    /// Returns whether no blank parts two pieces.
    fn touches(&self, one: usize, next: usize) -> bool {
        match (self.0.get(one), self.0.get(next)) {
            (Some(one), Some(next)) => one.1.end == next.1.start,
            _ => false,
        }
    }

    /// Returns whether the pieces are part of a longer row of numbers with one mark.
    fn goes_on(&self, first: usize, last: usize, mark: char) -> bool {
        let before = first.checked_sub(1).is_some_and(|before| {
            self.mark(before) == Some(mark)
                && self.touches(before, first)
                && before.checked_sub(1).is_some_and(|number| {
                    self.digits(number).is_some() && self.touches(number, before)
                })
        });
        before
            || (self.mark(last + 1) == Some(mark)
                && self.digits(last + 2).is_some()
                && self.touches(last, last + 1)
                && self.touches(last + 1, last + 2))
    }

    /// `2024年3月5日`, `令和6年3月5日`, `5 tháng 3 năm 2024`.
    fn by_signs(&self, at: usize) -> Option<(Vec<(NaiveDate, f32)>, usize)> {
        let (a, b, c) = (self.digits(at)?, self.digits(at + 2)?, self.digits(at + 4)?);
        let mut days = Days::default();
        match (self.name(at + 1)?, self.name(at + 3)?) {
            ("年" | "년", "月" | "월") => {
                let before = at.checked_sub(1).and_then(|before| self.name(before));
                let before = before.unwrap_or_default();
                match ERAS.iter().find(|(era, _)| before.ends_with(era)) {
                    Some((_, base)) => {
                        let year = a.parse::<i32>().ok()?.checked_add(*base)?;
                        days.add(&year.to_string(), b, c, 0.0);
                    }
                    None => days.add(a, b, c, 0.0),
                }
            }
            ("thang", "nam") => days.add(c, b, a, 0.0),
            _ => return None,
        }
        Some((days.0, at + 4))
    }

    /// `5 March 2024`, `05-MAR-24`, `5. März 2024`, `2024-Mar-05`; also behind the time that touches
    /// it, `10:405 March 2024`.
    fn day_first(&self, at: usize) -> Option<(Vec<(NaiveDate, f32)>, usize)> {
        let mut first = self.digits(at)?;
        if self.is_minute(at) {
            first = first.get(MINUTE..).filter(|day| !day.is_empty())?;
        }
        let name_at = self.after_marks(at + 1);
        let last = self.after_marks(name_at + 1);
        let name = self.name(name_at)?;
        let mut days = Days::default();
        for month in months_of(name) {
            let month = month.to_string();
            if first.len() == 4 {
                days.add(first, &month, self.day(last)?, 0.0);
            } else {
                days.add(self.year(last)?, &month, first, 0.0);
            }
        }
        (!days.0.is_empty()).then_some((days.0, last))
    }

    /// Returns whether digits begin with the minutes of a time, `10:40`.
    fn is_minute(&self, at: usize) -> bool {
        at >= 2
            && self.mark(at - 1) == Some(':')
            && self.digits(at - 2).is_some_and(|hour| hour.len() <= 2)
            && self.touches(at - 2, at - 1)
            && self.touches(at - 1, at)
            && self.digits(at).is_some_and(|digits| digits.len() >= MINUTE)
    }

    /// `March 5, 2024`, `Mar 05 2024`.
    fn month_first(&self, at: usize) -> Option<(Vec<(NaiveDate, f32)>, usize)> {
        let name = self.name(at)?;
        let day_at = self.after_marks(at + 1);
        let last = self.after_marks(day_at + 1);
        let day = self.digits(day_at)?;
        let mut days = Days::default();
        for month in months_of(name) {
            days.add(self.year(last)?, &month.to_string(), day, 0.0);
        }
        (!days.0.is_empty()).then_some((days.0, last))
    }

    /// `05/032024`, `0503.2024`: one of the marks was not read, as is easily so with a faint full stop.
    fn by_one_mark(&self, at: usize) -> Option<(Vec<(NaiveDate, f32)>, usize)> {
        let (a, b) = (self.digits(at)?, self.digits(at + 2)?);
        let mark = self.mark(at + 1).filter(|mark| "/-.".contains(*mark))?;
        let whole = match (a.len(), b.len()) {
            (2, 6) | (4, 4) => [a, b].concat(),
            _ => return None,
        };
        let year = &whole[4..];
        if !begins_as_year(year) || self.goes_on(at, at + 2, mark) {
            return None;
        }
        let mut days = Days::default();
        days.add(year, &whole[2..4], &whole[..2], RARE);
        days.add(year, &whole[..2], &whole[2..4], RARE);
        (!days.0.is_empty()).then_some((days.0, at + 2))
    }

    /// `20240305`, `05032024`, `240305`, and such a number with a time behind it.
    fn solid(&self, at: usize) -> Option<Vec<(NaiveDate, f32)>> {
        let digits = self.digits(at)?;
        let mut days = Days::default();
        match digits.len() {
            8 => {
                days.add(&digits[..4], &digits[4..6], &digits[6..], SELDOM);
                days.add(&digits[4..], &digits[2..4], &digits[..2], RARE);
                days.add(&digits[4..], &digits[..2], &digits[2..4], RARE);
            }
            12 | 14 => days.add(&digits[..4], &digits[4..6], &digits[6..8], RARE),
            6 => {
                days.add(&digits[..2], &digits[2..4], &digits[4..], RARE + SELDOM);
                days.add(&digits[4..], &digits[2..4], &digits[..2], RARE + SELDOM);
            }
            _ => return None,
        }
        Some(days.0)
    }

    /// Returns the first piece from `at` on that is neither a mark nor a word between the parts of
    /// a date; at most three are left out.
    fn after_marks(&self, at: usize) -> usize {
        let is_between = |at: &usize| match self.0.get(*at) {
            Some((Piece::Mark(mark), _)) => "/-.,'º°".contains(*mark),
            Some((Piece::Name(name), _)) => BETWEEN.contains(&name.as_str()),
            _ => false,
        };
        (at..at + 3).find(|at| !is_between(at)).unwrap_or(at + 3)
    }

    /// Returns the digits of a year: two or four, without those of a time that touches it.
    fn year(&self, at: usize) -> Option<&str> {
        let digits = self.digits(at)?;
        let is_before_time = self.mark(at + 1) == Some(':');
        match digits.len() {
            4 if is_before_time && !begins_as_year(digits) => digits.get(..2),
            2 | 4 => Some(digits),
            5 | 6 if is_before_time => digits.get(..4),
            8 | 10 => digits.get(..4),
            _ => None,
        }
    }

    /// Returns the digits of a day: one or two, without those of a time that touches it.
    fn day(&self, at: usize) -> Option<&str> {
        let digits = self.digits(at)?;
        match digits.len() {
            1 | 2 => Some(digits),
            3 | 4 if self.mark(at + 1) == Some(':') => digits.get(..2),
            6 | 8 => digits.get(..2),
            _ => None,
        }
    }
}

fn begins_as_year(digits: &str) -> bool {
    ["19", "20", "25"]
        .iter()
        .any(|century| digits.starts_with(century))
}

/// Days without repetition.
#[derive(Default)]
struct Days(Vec<(NaiveDate, f32)>);

impl Days {
    fn add(&mut self, year: &str, month: &str, day: &str, cost: f32) {
        let (Ok(month), Ok(day)) = (month.parse(), day.parse()) else {
            return;
        };
        for (year, more) in years(year) {
            let Some(date) = NaiveDate::from_ymd_opt(year, month, day) else {
                continue;
            };
            if !self.0.iter().any(|(other, _)| *other == date) {
                self.0.push((date, cost + more));
            }
        }
    }
}

/// Returns the years that digits may stand for, with the cost of each.
fn years(digits: &str) -> Vec<(i32, f32)> {
    let Ok(year) = digits.parse::<i32>() else {
        return Vec::new();
    };
    match digits.len() {
        4 if (1900..2200).contains(&year) => vec![(year, 0.0)],
        4 if (2400..2743).contains(&year) => vec![(year - BUDDHIST, 0.0)],
        2 => {
            let (recent, old) = if year < LAST_CENTURY {
                (0.0, RARE)
            } else {
                (RARE, 0.0)
            };
            vec![
                (2000 + year, recent),
                (1900 + year, old),
                (2500 + year - BUDDHIST, SELDOM),
            ]
        }
        _ => Vec::new(),
    }
}
