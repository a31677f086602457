//! What stands in a row of a page where items are sought: words, a scrap, amounts, or nothing.

use super::super::{
    fold::folded,
    labels::{FieldRole, NEUTRAL},
    sheet::Sheet,
};
use crate::page::TextLine;

/// Units of quantities and codes of currencies, which are no names of goods.
const UNITS: [&str; 18] = [
    "pcs", "pce", "pc", "unit", "units", "uni", "each", "strip", "kwh", "liter", "litre", "ltr",
    "qty", "idr", "myr", "usd", "eur", "sgd",
];

/// Marks between a quantity and a price, and signs of currencies, at which what they stand before is no text.
const BEFORE_AMOUNTS: [&str; 10] = ["x", "@", "=", "rm", "rp", "idr", "myr", "usd", "eur", "sgd"];

/// Letters of a word that may name goods, at least.
const LEAST_LETTERS: usize = 3;

/// Letters and digits that may stand in a line behind a name that goes on in the next row, at most.
const MOST_BEHIND: usize = 4;

/// Words at the head of columns, and before what else stands above items, folded.
const COLUMNS: [&str; 30] = [
    "server",
    "cashier",
    "kasir",
    "faktur",
    "invoice",
    "receipt",
    "item",
    "items",
    "description",
    "deskripsi",
    "particulars",
    "details",
    "product",
    "produk",
    "barang",
    "keterangan",
    "uraian",
    "qty",
    "quantity",
    "kuantitas",
    "kuantiti",
    "banyak",
    "jumlah",
    "price",
    "harga",
    "amount",
    "unit",
    "rm",
    "rp",
    "ext",
];

/// What stands in a row.
pub(super) enum RowText {
    /// Words, without amounts at their end.
    Words(Vec<String>),
    /// A size, a code or the like, which says nothing by itself.
    Scrap(String),
    /// Amounts and quantities.
    Amounts,
    /// Nothing but marks.
    Nothing,
}

/// Returns what stands in a row: its lines from the first to the last with a word that may name goods.
pub(super) fn row_text(sheet: &Sheet<'_>, row: usize) -> RowText {
    let words = |line: &usize| {
        let line: &TextLine = &sheet.lines[*line];
        let words = line.words.iter().map(|word| word.text.clone());
        words.collect::<Vec<_>>()
    };
    let lines: Vec<Vec<String>> = sheet.lines_of(row).iter().map(words).collect();
    let names = |words: &Vec<String>| without_amounts(words).iter().any(|word| is_name(word));
    let first = lines.iter().position(names);
    let last = lines.iter().rposition(names);
    if let Some((first, last)) = first.zip(last) {
        let words = lines[first..=last].concat();
        return RowText::Words(without_amounts(&words).to_vec());
    }
    let all = lines.concat();
    let has_amount = all.iter().any(|word| is_amount(word) || word.contains('@'));
    let text = all.join(" ");
    if has_amount {
        RowText::Amounts
    } else if is_bulleted(&all) && is_lettered(&text) {
        RowText::Words(all)
    } else if text.contains(char::is_alphanumeric) {
        RowText::Scrap(text)
    } else {
        RowText::Nothing
    }
}

pub(super) fn has_words(sheet: &Sheet<'_>, row: usize) -> bool {
    matches!(row_text(sheet, row), RowText::Words(_))
}

fn words_of(sheet: &Sheet<'_>, row: usize) -> Vec<String> {
    let lines = sheet.lines_of(row).iter();
    let words = lines.flat_map(|line| &sheet.lines[*line].words);
    words.map(|word| word.text.clone()).collect()
}

/// Returns whether a row is part of what stands above the items: a rule, a label with a value, a date, a number with its
/// mark, the head of columns.
pub(super) fn is_head(sheet: &Sheet<'_>, row: usize) -> bool {
    let words = words_of(sheet, row);
    let is_date = |word: &str| {
        let parts = word.split(['-', '/', '.']);
        parts.filter(|part| part.parse::<u32>().is_ok()).count() >= 3
    };
    let is_of_columns = |word: &str| COLUMNS.contains(&folded(word).as_str());
    !words
        .iter()
        .any(|word| word.contains(char::is_alphanumeric))
        || words
            .iter()
            .any(|word| word.contains([':', '#']) || is_date(word) || is_of_columns(word))
}

/// Returns whether a row stands beside words for a sum or a count.
pub(super) fn is_sum(sheet: &Sheet<'_>, row: usize) -> bool {
    let label = folded(&words_of(sheet, row).concat());
    let roles = [FieldRole::Total, FieldRole::Subtotal, FieldRole::Tax];
    roles.iter().any(|role| role.cost(&label) != NEUTRAL)
}

/// Returns whether a detail begins with a bullet, as no name does.
pub(super) fn is_bulleted(words: &[String]) -> bool {
    words
        .first()
        .is_some_and(|word| word.starts_with(['+', '>', '*', '-', '•']))
}

/// Returns whether little stands in a row behind its words, so that what they say may go on in the next.
pub(super) fn is_cut_off(sheet: &Sheet<'_>, row: usize) -> bool {
    let lines = sheet.lines_of(row).iter();
    let mut lines = lines.map(|line| &sheet.lines[*line].words);
    let named = lines.find(|words| words.iter().any(|word| is_name(&word.text)));
    named.is_none_or(|words| {
        let last = words.iter().rposition(|word| is_name(&word.text));
        let behind = &words[last.map_or(0, |last| last + 1)..];
        let behind = behind.iter().filter(|word| is_amount(&word.text));
        let letters = behind.map(|word| folded(&word.text).chars().count());
        letters.sum::<usize>() <= MOST_BEHIND
    })
}

/// Returns words up to the first amount behind one that may name goods, without the marks before it.
fn without_amounts(words: &[String]) -> &[String] {
    let name = words.iter().position(|word| is_name(word));
    let Some(name) = name else {
        return words;
    };
    let amount = words[name..].iter().position(|word| is_amount(word));
    let Some(mut end) = amount.map(|at| name + at) else {
        return words;
    };
    let is_before = |word: &str| BEFORE_AMOUNTS.contains(&word.to_lowercase().as_str());
    while end > name + 1 && is_before(&words[end - 1]) {
        end -= 1;
    }
    &words[..end]
}

pub(super) fn is_lettered(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

/// Returns whether a word may be part of the name of goods: three letters in a row, or four beside digits, and no unit.
pub(super) fn is_name(word: &str) -> bool {
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let least = LEAST_LETTERS + usize::from(has_digit);
    let mut runs = word.split(|c: char| !c.is_alphabetic());
    let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
    let unit = folded(&letters);
    let is_unit = |unit: &str| UNITS.contains(&unit);
    runs.any(|run| run.chars().count() >= least)
        && !is_unit(&unit)
        && !unit.strip_suffix('x').is_some_and(is_unit)
}

/// Returns whether a word is an amount: a number with two or three digits behind its last point or comma, perhaps with
/// letters of a currency before it.
fn is_amount(word: &str) -> bool {
    let number = word.trim_start_matches(|c: char| !c.is_ascii_digit());
    let number = number.trim_end_matches(|c: char| !c.is_ascii_digit());
    let is_number = number
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    let behind = number
        .rsplit_once(['.', ','])
        .map(|(_, behind)| behind.len());
    is_number && matches!(behind, Some(2 | 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn amounts_behind_a_name_are_no_part_of_it() {
        for (text, name) in [
            ("Vitamin C 1000 Rp 46.000", "Vitamin C 1000"),
            ("2.5 LIMAU CURRY RM 11.25", "2.5 LIMAU CURRY"),
            ("ROTI x 2.50", "ROTI"),
            ("KABEL 8MM X 75M", "KABEL 8MM X 75M"),
        ] {
            assert_eq!(without_amounts(&words(text)).join(" "), name);
        }
        assert!(is_amount("RM11.25") && is_amount("1.250") && !is_amount("1000"));
    }
}
