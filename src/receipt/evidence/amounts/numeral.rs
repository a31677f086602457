//! Numerals: runs of digits with the marks between them, and the values that they may stand for.

use std::ops::Range;

use rust_decimal::Decimal;

/// Most groups of digits of one numeral.
const MOST_GROUPS: usize = 8;

/// The sign between whole units and decimals on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberStyle {
    /// `1,234.50`.
    Point,
    /// `1.234,50`.
    Comma,
    /// The page does not tell.
    Open,
}

/// A run of digits with the marks between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Numeral {
    /// The characters of the line.
    pub chars: Range<usize>,
    /// The groups of digits; the first is empty if the numeral begins with its decimal sign.
    pub groups: Vec<String>,
    /// The marks between the groups: a point, a comma, an apostrophe or a blank.
    pub marks: Vec<char>,
}

/// Costs of readings that are less likely.
const UNUSUAL: f32 = 0.1;
const DOUBTFUL: f32 = 0.2;
const MISREAD: f32 = 0.3;

fn is_point(c: char) -> bool {
    matches!(c, '.' | ',')
}

fn is_mark(c: char) -> bool {
    is_point(c) || c == '\''
}

/// Returns the numerals without blanks of a line, from left to right.
pub fn numerals(chars: &[char]) -> Vec<Numeral> {
    let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let leads = is_point(chars[at])
            && is_digit(at + 1)
            && before.is_none_or(|c| !c.is_alphanumeric() && !is_mark(*c));
        if !is_digit(at) && !leads {
            at += 1;
            continue;
        }
        let mut numeral = Numeral {
            chars: at..at,
            groups: vec![String::new()],
            marks: Vec::new(),
        };
        while let Some(&c) = chars.get(at) {
            if c.is_ascii_digit() {
                if let Some(group) = numeral.groups.last_mut() {
                    group.push(c);
                }
            } else if is_mark(c) && is_digit(at + 1) {
                numeral.marks.push(c);
                numeral.groups.push(String::new());
            } else {
                break;
            }
            at += 1;
        }
        numeral.chars.end = at;
        found.push(numeral);
    }
    found
}

/// Returns the numerals that a line writes with blanks: `1 234,50`, `12 .50`, `12. 50`.
pub fn spaced(chars: &[char], numerals: &[Numeral]) -> Vec<Numeral> {
    let mut found = Vec::new();
    for (at, first) in numerals.iter().enumerate() {
        let mut whole = first.clone();
        for next in &numerals[at + 1..] {
            let between = chars.get(whole.chars.end..next.chars.start);
            let between = between.unwrap_or_default();
            let marks: Vec<_> = between.iter().filter(|c| **c != ' ').collect();
            let mark = match marks.as_slice() {
                [] => ' ',
                [mark] if is_mark(**mark) => **mark,
                _ => break,
            };
            let Some(joined) = whole.join(mark, next).filter(|_| between.len() <= 3) else {
                break;
            };
            found.push(joined.clone());
            whole = joined;
        }
    }
    found
}

impl Numeral {
    /// Joins two numerals that blanks part, with `mark` between them.
    fn join(&self, mark: char, next: &Self) -> Option<Self> {
        let lengths =
            |numeral: &Self| -> Vec<usize> { numeral.groups.iter().map(String::len).collect() };
        let (mine, theirs) = (lengths(self), lengths(next));
        let is_whole = self.marks.iter().all(|mark| *mark == ' ')
            || (mine.last() == Some(&3) && self.marks.windows(2).all(|two| two[0] == two[1]));
        let fits = match (mark, theirs.as_slice()) {
            (' ', [0, decimals]) | ('.' | ',', [decimals]) => (1..=3).contains(decimals),
            (' ', [3, ..]) => mine.last().is_some_and(|last| *last <= 3),
            (_, [3, ..]) => true,
            _ => false,
        };
        if !is_whole || !fits || self.groups.len() + next.groups.len() > MOST_GROUPS {
            return None;
        }
        let leads = theirs.first() == Some(&0);
        let mark = (!leads).then_some(mark);
        let groups = next.groups.iter().skip(usize::from(leads));
        Some(Self {
            chars: self.chars.start..next.chars.end,
            groups: self.groups.iter().chain(groups).cloned().collect(),
            marks: self
                .marks
                .iter()
                .copied()
                .chain(mark)
                .chain(next.marks.iter().copied())
                .collect(),
        })
    }

    /// Returns whether the digits are parted by nothing but blanks.
    pub fn is_loose(&self) -> bool {
        self.marks.iter().all(|mark| *mark == ' ')
    }

    /// Returns whether the numeral has no mark.
    pub fn is_plain(&self) -> bool {
        self.marks.is_empty()
    }

    /// Returns the number of digits.
    pub fn length(&self) -> usize {
        self.groups.iter().map(String::len).sum()
    }

    /// Returns whether the first of several digits of a plain numeral is 0.
    pub fn leads_with_zero(&self) -> bool {
        self.is_plain() && self.length() > 1 && self.groups[0].starts_with('0')
    }

    /// Returns whether the last group is one of two decimals.
    pub fn has_decimals(&self) -> bool {
        self.marks.last().is_some_and(|mark| is_point(*mark)) && self.last_length() != 3
    }

    /// Returns the votes for a point and for a comma as the page's decimal sign.
    pub fn votes(&self) -> (usize, usize) {
        let Some(&last) = self.marks.last() else {
            return (0, 0);
        };
        let others = &self.marks[..self.marks.len() - 1];
        let sign = if others.is_empty() {
            (self.last_length() == 2).then_some((last, 1))
        } else if others.iter().all(|mark| *mark != last) {
            Some((last, 2))
        } else if self.is_grouped(&self.groups) && last != '\'' {
            // Many of one mark part thousands, so that the other one is the decimal sign.
            Some((if last == '.' { ',' } else { '.' }, 2))
        } else {
            None
        };
        match sign {
            Some(('.', votes)) => (votes, 0),
            Some((',', votes)) => (0, votes),
            _ => (0, 0),
        }
    }

    /// Returns the style of the numeral on a page of that style. Beside the sign of a currency without
    /// decimals, one mark before three digits parts thousands, where the page does not tell.
    pub fn style(&self, page: NumberStyle, is_whole: bool) -> NumberStyle {
        match self.marks.as_slice() {
            [mark] if page == NumberStyle::Open && is_whole && self.is_grouped(&self.groups) => {
                match mark {
                    '.' => NumberStyle::Comma,
                    ',' => NumberStyle::Point,
                    _ => page,
                }
            }
            _ => page,
        }
    }

    fn last_length(&self) -> usize {
        self.groups.last().map_or(0, String::len)
    }

    /// Returns whether `groups`, which begin the numeral, are thousands, or lakhs and crores.
    fn is_grouped(&self, groups: &[String]) -> bool {
        let Some((first, rest)) = groups.split_first() else {
            return false;
        };
        let Some((last, middle)) = rest.split_last() else {
            return !first.is_empty();
        };
        let marks = &self.marks[..rest.len()];
        let is_even = marks.windows(2).all(|two| two[0] == two[1]);
        let is_headed = (1..=3).contains(&first.len()) && !(first.starts_with('0'));
        let by_thousands = middle.iter().all(|group| group.len() == 3);
        let by_lakhs = first.len() <= 2
            && !middle.is_empty()
            && marks.first() == Some(&',')
            && middle.iter().all(|group| group.len() == 2);
        is_even && is_headed && last.len() == 3 && (by_thousands || by_lakhs)
    }

    /// Returns the values that the numeral may stand for on a page of that style, with the decimals
    /// as printed and the cost of each reading.
    pub fn readings(&self, style: NumberStyle) -> Vec<(Decimal, f32)> {
        let mut readings = Vec::new();
        let mut add = |whole: &[String], decimals: &str, cost: f32| {
            let digits = whole.concat();
            let text = match (digits.as_str(), decimals) {
                ("", "") => return,
                (digits, "") => digits.to_owned(),
                ("", decimals) => format!("0.{decimals}"),
                (digits, decimals) => format!("{digits}.{decimals}"),
            };
            if let Ok(value) = text.parse::<Decimal>() {
                readings.push((value, cost));
            }
        };
        let Some(&last) = self.marks.last() else {
            add(&self.groups, "", 0.0);
            return readings;
        };
        let (whole, decimals) = self.groups.split_at(self.groups.len() - 1);
        let decimals = decimals.concat();
        let is_one = !self.marks[..self.marks.len() - 1].contains(&last);
        let own = match last {
            '.' => NumberStyle::Point,
            ',' => NumberStyle::Comma,
            _ => NumberStyle::Open,
        };
        let is_grouped = self.is_grouped(&self.groups);
        if is_grouped {
            let cost = if style == own && own != NumberStyle::Open {
                MISREAD
            } else {
                0.0
            };
            let is_alone = self.marks.len() == 1;
            if !(is_alone && style == own && own != NumberStyle::Open) {
                add(&self.groups, "", cost);
            }
        }
        let is_headed = whole.len() == 1 || self.is_grouped(whole);
        if is_headed && last != ' ' {
            let length = decimals.len();
            let by_form = match length {
                2 => 0.0,
                3 if is_grouped && style == NumberStyle::Open => DOUBTFUL,
                1 | 3 => UNUSUAL,
                _ => DOUBTFUL,
            };
            let by_style = match (own, style) {
                (NumberStyle::Open, _) => MISREAD,
                (_, NumberStyle::Open) => 0.0,
                (own, style) if own == style => 0.0,
                _ => DOUBTFUL,
            };
            // What groups thousands on this page is no decimal sign.
            let is_other = is_grouped && own != style && style != NumberStyle::Open;
            let cost = by_form + by_style + if is_one { 0.0 } else { MISREAD };
            // Several equal marks before three digits part thousands.
            if !is_one && length == 3 {
                return readings;
            }
            let is_sign = own != NumberStyle::Open || length == 2;
            if is_sign && !is_other {
                add(whole, &decimals, cost);
            }
        }
        readings
    }
}

/// Returns the style of a page by the votes of its numerals.
pub fn style_of<'a>(numerals: impl Iterator<Item = &'a Numeral>) -> NumberStyle {
    let (mut points, mut commas) = (0, 0);
    for (point, comma) in numerals.map(Numeral::votes) {
        points += point;
        commas += comma;
    }
    if points > 2 * commas {
        NumberStyle::Point
    } else if commas > 2 * points {
        NumberStyle::Comma
    } else {
        NumberStyle::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, style: NumberStyle) -> Vec<String> {
        let chars: Vec<_> = text.chars().collect();
        let numerals = numerals(&chars);
        let spaced = spaced(&chars, &numerals);
        let whole = numerals
            .iter()
            .chain(&spaced)
            .max_by_key(|it| it.chars.len());
        let mut readings = whole.unwrap().readings(style);
        readings.sort_by(|a, b| a.1.total_cmp(&b.1));
        readings
            .iter()
            .map(|(value, _)| value.normalize().to_string())
            .collect()
    }

    #[test]
    fn numerals_are_read_under_the_style_of_the_page() {
        use NumberStyle::{Comma, Open, Point};
        for (text, style, expected) in [
            ("1.234,50", Comma, vec!["1234.5"]),
            ("1,234.50", Point, vec!["1234.5"]),
            ("1,234.50", Open, vec!["1234.5"]),
            ("12'500.00", Point, vec!["12500"]),
            ("12'500", Open, vec!["12500"]),
            ("203.800", Open, vec!["203800", "203.8"]),
            ("203.800", Comma, vec!["203800"]),
            ("1.234", Comma, vec!["1234"]),
            ("1.234", Point, vec!["1.234"]),
            ("1,234", Point, vec!["1234"]),
            ("0.500", Comma, vec!["0.5"]),
            (".50", Point, vec!["0.5"]),
            ("1 234,50", Comma, vec!["1234.5"]),
            ("1 234 567", Open, vec!["1234567"]),
            ("12 .50", Point, vec!["12.5"]),
            ("12. 50", Point, vec!["12.5"]),
            ("12 . 50", Point, vec!["12.5"]),
            ("1,23,456.00", Point, vec!["123456"]),
            ("1,23,456", Point, vec!["123456"]),
            ("1.234.567", Open, vec!["1234567"]),
            ("12,50", Point, vec!["12.5"]),
            ("1198.80", Point, vec!["1198.8"]),
            ("2.5", Open, vec!["2.5"]),
        ] {
            assert_eq!(read(text, style), expected, "{text} {style:?}");
        }
    }

    #[test]
    fn a_currency_without_decimals_tells_the_style_of_its_amount() {
        use NumberStyle::{Comma, Open, Point};
        for (text, page, is_whole, expected) in [
            ("17.302", Open, true, Comma),
            ("17,302", Open, true, Point),
            ("17.302", Open, false, Open),
            ("17.302", Point, true, Point),
            ("17.30", Open, true, Open),
            ("0.302", Open, true, Open),
        ] {
            let chars: Vec<_> = text.chars().collect();
            let style = numerals(&chars)[0].style(page, is_whole);
            assert_eq!(style, expected, "{text} {page:?} {is_whole}");
        }
    }

    #[test]
    fn a_page_tells_its_style() {
        for (text, style) in [
            ("1.234 12,50", NumberStyle::Comma),
            ("1.234 12.50", NumberStyle::Point),
            ("1.234.567", NumberStyle::Comma),
            ("203.800 5", NumberStyle::Open),
            ("1'234.50", NumberStyle::Point),
        ] {
            let chars: Vec<_> = text.chars().collect();
            assert_eq!(style_of(numerals(&chars).iter()), style, "{text}");
        }
    }
}
