//! What the name and the details of an item may be, by what stands in its rows.
//!
//! Each row with words between the first item and the sums is part of one name, or a detail of one item: a name begins where
//! the rows of the item before end, and goes on in the rows below as far as a model thinks; what is left is details, a row
//! each. So no row is lost, and none is two things at once.

use std::{collections::HashSet, ops::Range};

use super::{
    super::sheet::Sheet,
    row_texts::{
        RowText, has_words, is_bulleted, is_cut_off, is_head, is_lettered, is_name, is_sum,
        row_text,
    },
    texts,
};

/// Rows of a name at most.
const MOST_ROWS: usize = 3;

/// Places where a name may begin in its row, and where it may end, at most.
const MOST_LEFT_OUT: usize = 4;

/// Rows of details at most.
const MOST_DETAILS: usize = 3;

/// Most ways in which the rows of an item may be read.
const MOST_WAYS: usize = 16;

/// Rows above the first item's amount where its name may stand, and rows below the last one's with its details, at most.
const ABOVE_FIRST: usize = 3;
const FARTHEST: usize = 4;

/// The texts of an item in one way of reading its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemText {
    /// What its name may be, as JSON.
    pub names: HashSet<String>,
    /// What its details are then.
    pub details: ItemDetails,
    /// Number of the first of its rows with words, among those of all items.
    pub from: usize,
    /// Number of the first row with words behind them, where the next item begins.
    pub to: usize,
    /// Whether words stand beside the amount.
    pub is_beside: bool,
    /// Whether the name begins beside the amount, if any of it stands there.
    pub is_likely: bool,
}

/// What the details of an item may be.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemDetails {
    /// Any of these texts, as JSON.
    Any(HashSet<String>),
    /// One of these lists, of texts as JSON.
    Lists(Vec<Vec<String>>),
}

/// Returns for each item, by the rows of their amounts, the ways in which the rows around it may be read. The rows below
/// `bottom`, and those of `other` amounts, are of none.
pub(super) fn texts(
    sheet: &Sheet<'_>,
    amounts: &[usize],
    other: &[usize],
    bottom: usize,
) -> Vec<Vec<ItemText>> {
    let (Some(first), Some(last)) = (amounts.first(), amounts.last()) else {
        return Vec::new();
    };
    let above = (first.saturating_sub(ABOVE_FIRST)..*first).rev();
    let top = above.take_while(|row| !is_head(sheet, *row)).last();
    let behind = (last + 1..bottom).take(FARTHEST);
    let end = behind.take_while(|row| !is_sum(sheet, *row)).last();
    let rows = top.unwrap_or(*first)..=end.unwrap_or(*last);
    let is_worded = |row: &usize| !other.contains(row) && has_words(sheet, *row);
    let worded: Vec<usize> = rows.clone().filter(is_worded).collect();
    let all = amounts.iter().enumerate().map(|(number, row)| {
        let after = number
            .checked_sub(1)
            .map_or(*rows.start(), |before| amounts[before] + 1);
        let before = amounts.get(number + 1).copied().unwrap_or(rows.end() + 1);
        let own = OwnRows {
            sheet,
            worded: &worded,
            amount: *row,
            all: after..before,
        };
        own.texts()
    });
    all.collect()
}

/// The rows between the amounts of the items before and after one.
struct OwnRows<'a> {
    sheet: &'a Sheet<'a>,
    /// The rows with words of all items.
    worded: &'a [usize],
    /// The row of its amount.
    amount: usize,
    all: Range<usize>,
}

impl OwnRows<'_> {
    fn texts(&self) -> Vec<ItemText> {
        let mut found = Vec::new();
        let mine = |at: &usize| self.all.contains(&self.worded[*at]);
        for from in (0..self.worded.len()).filter(mine) {
            if found.len() >= MOST_WAYS {
                break;
            }
            found.extend(self.beginning(from));
        }
        found
    }

    /// Returns the ways in which the name begins in a row with words.
    fn beginning(&self, from: usize) -> Vec<ItemText> {
        let start = self.worded[from];
        let has_own = self.worded.contains(&self.amount);
        let is_possible = if has_own {
            start <= self.amount
        } else {
            start < self.amount || start == self.amount + 1
        };
        let mut found = Vec::new();
        if !is_possible {
            return found;
        }
        // Names by the number of the row with words behind them.
        let mut known = HashSet::new();
        for (name_end, names) in self.names(from, has_own) {
            let names = names.iter().map(|name| json(name));
            let names: HashSet<_> = names.filter(|name| known.insert(name.clone())).collect();
            let is_whole = !has_own || self.worded[name_end - 1] >= self.amount;
            if names.is_empty() || !is_whole {
                continue;
            }
            let ends = (name_end..=self.worded.len())
                .take_while(|end| *end == name_end || self.all.contains(&self.worded[*end - 1]));
            for to in ends.take(MOST_DETAILS + 1) {
                found.push(ItemText {
                    names: names.clone(),
                    details: ItemDetails::Lists(self.details(name_end, to)),
                    from,
                    to,
                    is_beside: has_own,
                    is_likely: !has_own || start == self.amount,
                });
            }
        }
        found
    }

    /// Returns what a name that begins in a row with words may be, by the number of the row with words behind it; whether
    /// there are words beside the amount.
    fn names(&self, from: usize, has_own: bool) -> Vec<(usize, Vec<String>)> {
        let start = self.worded[from];
        let first = match row_text(self.sheet, start) {
            // Where amounts stand above or below names, these may have a mark of their own.
            RowText::Words(words) if !has_own || !is_bulleted(&words) => words,
            _ => return Vec::new(),
        };
        let mut names = ways(&first, true);
        let mut found = vec![(from + 1, names.clone())];
        let mut end = from + 1;
        for row in (start + 1..self.all.end).take(MOST_ROWS - 1) {
            if !is_cut_off(self.sheet, row - 1) {
                break;
            }
            let rests = match row_text(self.sheet, row) {
                RowText::Words(words)
                    if self.worded.get(end) == Some(&row) && !is_bulleted(&words) =>
                {
                    end += 1;
                    ways(&words, false)
                }
                RowText::Scrap(text) => vec![uncounted(&text).to_owned()],
                _ => break,
            };
            let joined = names
                .iter()
                .flat_map(|name| rests.iter().map(move |rest| format!("{name} {rest}")));
            names = joined.collect();
            match found.last_mut().filter(|(known, _)| *known == end) {
                Some((_, known)) => known.extend(names.clone()),
                None => found.push((end, names.clone())),
            }
        }
        found
    }

    /// Returns the lists of details that rows with words may be: each of them, with the scraps between or without.
    fn details(&self, from: usize, to: usize) -> Vec<Vec<String>> {
        let (Some(first), Some(last)) = (self.worded.get(from), self.worded[..to].last()) else {
            return vec![Vec::new()];
        };
        if from >= to {
            return vec![Vec::new()];
        }
        let (mut words, mut all) = (Vec::new(), Vec::new());
        for row in *first..=*last {
            match row_text(self.sheet, row) {
                RowText::Words(text) => {
                    let text = json(unmarked(&text.join(" ")));
                    words.push(text.clone());
                    all.push(text);
                }
                RowText::Scrap(text) if is_lettered(&text) => all.push(json(unmarked(&text))),
                _ => {}
            }
        }
        if words == all {
            vec![words]
        } else {
            vec![words, all]
        }
    }
}

/// Returns a detail without the marks around it.
fn unmarked(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '(');
    text.trim_end_matches([' ', ':', '-', '*', '>'])
}

/// Returns all texts of a sheet that say something of goods, for a name and for details.
pub(super) fn any(sheet: &Sheet<'_>) -> ItemText {
    let texts = texts::texts(std::slice::from_ref(sheet)).into_iter();
    let texts = texts.filter(|text| text.split(' ').any(is_name));
    let texts: HashSet<_> = texts.map(|text| json(&text)).collect();
    ItemText {
        names: texts.clone(),
        details: ItemDetails::Any(texts),
        from: 0,
        to: 0,
        is_beside: false,
        is_likely: true,
    }
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Returns words as a text, with and without what is no word at its beginning, if that may be left out, and at its end.
fn ways(words: &[String], is_first: bool) -> Vec<String> {
    let is_word = |word: &String| word.chars().all(|c| !c.is_ascii_digit()) && is_lettered(word);
    let first = words.iter().position(is_word).unwrap_or(0);
    let last = words.iter().rposition(is_word).unwrap_or(0);
    let starts = if is_first { 0..=first } else { 0..=0 };
    let mut found = Vec::new();
    for start in starts.take(MOST_LEFT_OUT) {
        for end in (last.max(start)..words.len()).rev().take(MOST_LEFT_OUT) {
            let text = words[start..=end].join(" ");
            let text = uncounted(&text);
            if is_lettered(text) && !found.iter().any(|known| known == text) {
                found.push(text.to_owned());
            }
        }
    }
    found
}

/// Returns a text without the count at its end, "Bus Ticket x 1" or "Nasi Lemak (2)".
fn uncounted(text: &str) -> &str {
    let Some((before, last)) = text.rsplit_once(' ') else {
        return text;
    };
    let is_number = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    };
    let inside = last
        .strip_prefix('(')
        .and_then(|last| last.strip_suffix(')'));
    let times = before.strip_suffix(" x").or(before.strip_suffix(" X"));
    match (inside, times) {
        (Some(inside), _) if is_number(inside) => before,
        (_, Some(name)) if is_number(last) => name,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_name_may_leave_numbers_out_at_its_ends() {
        let found = ways(&words("2 TEH POCI 3"), true);
        assert_eq!(
            found,
            ["2 TEH POCI 3", "2 TEH POCI", "TEH POCI 3", "TEH POCI"]
        );
        // A count is no part of it.
        assert!(!ways(&words("Bus Ticket x 1"), true).contains(&"Bus Ticket x 1".to_owned()));
        assert_eq!(uncounted("Bus Ticket x 1"), "Bus Ticket");
        assert_eq!(uncounted("TEH POCI (3)"), "TEH POCI");
        assert_eq!(uncounted("NASI (L)"), "NASI (L)");
        assert_eq!(ways(&words("10FT GAM"), false), ["10FT GAM"]);
    }
}
