//! The dates of all sheets with their places.

use super::{
    dates::{self, PrintedDate},
    sheet::{OTHER_READING, Occurrence, Sheet},
};

/// Cost of a date that goes over two lines.
const BROKEN: f32 = 0.15;

/// Digits of the year of a date that goes over two lines.
const YEAR: usize = 4;

/// Returns the dates of all sheets with their places: those of the lines as they are read (`dates`),
/// of other readings of their words, and of each two lines that stand below each other.
pub fn placed(
    sheets: &[Sheet<'_>],
    dates: Vec<Vec<Vec<PrintedDate>>>,
) -> Vec<(PrintedDate, Occurrence)> {
    let mut found = Vec::new();
    for (number, (sheet, lines)) in sheets.iter().zip(dates).enumerate() {
        for (line, dates) in lines.into_iter().enumerate() {
            for date in dates {
                let words = sheet.prints[line].words(&date.chars);
                let place = sheet.occurrence(number, vec![(line, words)], 0.0);
                found.push((date, place));
            }
        }
        for variant in &sheet.variants {
            let line = variant.place.line;
            for date in dates::dates(&variant.print.chars) {
                let words = variant.print.words(&date.chars);
                if date.is_marked && words.contains(&variant.place.word) {
                    let place = sheet.occurrence(number, vec![(line, words)], OTHER_READING);
                    let other = Some(variant.place);
                    found.push((date, Occurrence { other, ..place }));
                }
            }
        }
        for line in 0..sheet.lines.len() {
            found.extend(broken(sheet, number, line));
        }
    }
    found
}

/// Returns the dates with a month's name and four digits of a year that begin at the end of a line
/// and go on in the one below: `23 November` and `2017`.
fn broken<'a>(
    sheet: &'a Sheet<'_>,
    number: usize,
    line: usize,
) -> impl Iterator<Item = (PrintedDate, Occurrence)> + 'a {
    let below = sheet.below(line);
    let (above, next) = (&sheet.prints[line], below.map(|below| &sheet.prints[below]));
    let end = above.chars.len();
    let chars: Vec<_> = next.map_or_else(Vec::new, |next| {
        [above.chars.as_slice(), &[' '], &next.chars].concat()
    });
    let dates = dates::dates(&chars).into_iter().filter(move |date| {
        let digits = chars[date.chars.clone()].split(|c| !c.is_ascii_digit());
        let has_year = digits.into_iter().any(|digits| digits.len() == YEAR);
        let is_named = date.is_marked && date.pair.is_none();
        is_named && has_year && date.chars.start < end && date.chars.end > end + 1
    });
    dates.filter_map(move |date| {
        let first = (line, above.words(&(date.chars.start..end)));
        let second = (below?, next?.words(&(0..date.chars.end - end - 1)));
        let place = sheet.occurrence(number, vec![first, second], BROKEN);
        Some((date, place))
    })
}
