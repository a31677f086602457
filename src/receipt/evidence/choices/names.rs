//! The texts that may be the name of who issued a paper.
//!
//! A name stands at the top of the first page, larger than other print, without many digits, and
//! often ends with the form of a company. The worths below were tuned on 150 scans of the SROIE
//! training set.

use std::collections::HashSet;

use super::{
    super::{fold::folded, sheet::Sheet},
    PrintedChoice,
};
use crate::page::TextLine;

/// Cost above that of the likeliest name up to which a text is a choice, that up to which one without the form of a company
/// is a choice where the likeliest has one, and most choices.
const SPREAD: f32 = 0.45;
const SPREAD_OTHERS: f32 = 0.3;
const MOST: usize = 8;

/// Cost of each line with letters above the text, and of letters read without confidence.
const BY_LINE: f32 = 0.08;
const UNSURE: f32 = 2.0;

/// Cost of many digits, of a word that stands in no name, and of a short word alone.
const DIGITS: f32 = 0.4;
const NO_NAME: f32 = 0.35;
const SHORT: f32 = 0.2;

/// Cost of joining two lines, and of joining a line that is part of no name.
const JOINED: f32 = 0.1;
const JOINED_OTHER: f32 = 0.5;

/// Worth of the form of a company, and of print twice as high as the page's.
const COMPANY: f32 = 0.5;
const LARGE: f32 = 0.2;

/// By how much a name that goes on in the next line has to be likelier for the line alone to be none. A model that writes
/// token by token would end there.
const CUT: f32 = 0.3;

/// Fewest letters of a name, and of a word that is a name alone.
const LEAST_LETTERS: usize = 3;
const LEAST_ALONE: usize = 6;

/// Lines of the first page that are looked at.
const MOST_LINES: usize = 60;

/// Common abbreviations of the forms of companies, and words that end their names, folded. Collected
/// by hand.
const COMPANIES: [&str; 46] = [
    "sdnbhd",
    "bhd",
    "sb",
    "enterprise",
    "trading",
    "holding",
    "holdings",
    "pt",
    "cv",
    "tbk",
    "gmbh",
    "ag",
    "kg",
    "ltd",
    "limited",
    "llc",
    "llp",
    "inc",
    "corp",
    "co",
    "company",
    "srl",
    "spa",
    "sarl",
    "sas",
    "sa",
    "bv",
    "nv",
    "ab",
    "as",
    "oy",
    "oyj",
    "aps",
    "spzoo",
    "sro",
    "kft",
    "doo",
    "pte",
    "pty",
    "plc",
    "lda",
    "ltda",
    "ek",
    "ug",
    "ohg",
    "kgaa",
];

/// Words of documents and addresses, folded, that stand in no name.
const OTHERS: [&str; 78] = [
    "invoice",
    "receipt",
    "faktur",
    "faktura",
    "facture",
    "fattura",
    "rechnung",
    "factura",
    "fatura",
    "struk",
    "nota",
    "kwitansi",
    "tax",
    "gst",
    "vat",
    "npwp",
    "tel",
    "telp",
    "phone",
    "fax",
    "reg",
    "regno",
    "welcome",
    "thank",
    "date",
    "tanggal",
    "datum",
    "cashier",
    "kasir",
    "jalan",
    "jln",
    "jl",
    "lot",
    "street",
    "road",
    "taman",
    "www",
    "order",
    "table",
    "bill",
    "total",
    "amount",
    "copy",
    "persiaran",
    "lorong",
    "floor",
    "cash",
    "guest",
    "bukti",
    "pembayaran",
    "transaksi",
    "produk",
    "product",
    "item",
    "items",
    "qty",
    "quantity",
    "description",
    "deskripsi",
    "terminal",
    "operator",
    "meja",
    "customer",
    "pelanggan",
    "member",
    "kembali",
    "change",
    "nomor",
    "number",
    "time",
    "jam",
    "page",
    "payment",
    "paid",
    "outlet",
    "branch",
    "cawangan",
    "cabang",
];

/// Returns the texts that are likeliest the name of who issued the pages.
pub fn names(sheets: &[Sheet<'_>]) -> Vec<PrintedChoice> {
    let Some(sheet) = sheets.first() else {
        return Vec::new();
    };
    let mut heights: Vec<f32> = sheet.lines.iter().map(|line| line.area().height).collect();
    heights.sort_by(f32::total_cmp);
    let usual = heights.get(heights.len() / 2).copied().unwrap_or(1.0);
    let mut found: Vec<(String, f32)> = Vec::new();
    let mut above = 0;
    for (number, line) in sheet.lines.iter().enumerate().take(MOST_LINES) {
        let text = without_number(&line.text());
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        if letters < LEAST_LETTERS || is_label(&text) {
            continue;
        }
        let cost = cost(&text, line, above, usual);
        above += 1;
        let next = sheet.below(number).map(|next| &sheet.lines[next]);
        if let Some(next) = next.filter(|next| has_few_digits(&next.text())) {
            let rest = without_number(&next.text());
            let mut joined = cost
                + if is_other(&rest) || is_other(&text) {
                    JOINED_OTHER
                } else {
                    JOINED
                };
            if is_company(&rest) && !is_company(&text) {
                joined -= COMPANY;
            }
            found.push((format!("{text} {rest}"), joined));
        }
        if text != line.text() && !is_registered(&line.text()[text.len()..]) {
            found.push((line.text(), cost + JOINED));
        }
        found.push((text, cost));
    }
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
    let best = found.first().map_or(0.0, |(_, cost)| *cost);
    let is_cut = |text: &str, cost: f32| {
        let likelier = found.iter().take_while(|(_, other)| *other <= cost - CUT);
        let mut rests = likelier.filter_map(|(other, _)| other.strip_prefix(text));
        rests.any(|rest| rest.starts_with(' '))
    };
    let is_of_company = found.first().is_some_and(|(text, _)| is_company(text));
    let spread = |text: &str| {
        if is_of_company && !is_company(text) {
            SPREAD_OTHERS
        } else {
            SPREAD
        }
    };
    let mut known = HashSet::new();
    let likely = found.iter().filter(|(text, cost)| {
        *cost <= best + spread(text) && !is_cut(text, *cost) && known.insert(text.as_str())
    });
    let choice = |(text, cost): &(String, f32)| PrintedChoice {
        literal: serde_json::Value::from(text.as_str()).to_string(),
        cost: cost - best,
    };
    likely.take(MOST).map(choice).collect()
}

fn cost(text: &str, line: &TextLine, above: usize, usual: f32) -> f32 {
    let letters = line.words.iter().map(|word| {
        let length = word.text.chars().count().max(1) as f32;
        word.confidence.powf(length.recip())
    });
    let sure = letters.sum::<f32>() / line.words.len().max(1) as f32;
    let mut cost = BY_LINE * above as f32 + UNSURE * (1.0 - sure);
    let length = text.chars().count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits * 10 > length * 3 && !is_numbered(text) {
        cost += DIGITS;
    }
    if is_other(text) && !is_numbered(text) {
        cost += NO_NAME;
    }
    let words = text.split(' ').count();
    if words > 2 && is_company(text) {
        cost -= COMPANY;
    }
    if words == 1 && length < LEAST_ALONE {
        cost += SHORT;
    }
    let height = line.area().height / usual.max(f32::EPSILON);
    cost - ((height - 1.0) * LARGE).clamp(0.0, LARGE)
}

/// Returns the words of a text, folded; with single letters that points part joined, and with each
/// two neighbours joined too.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '/');
    let words: Vec<String> = parts.map(folded).filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).map(<[String]>::concat);
    let pairs: Vec<_> = pairs.collect();
    words.into_iter().chain(pairs).collect()
}

fn is_company(text: &str) -> bool {
    words(text)
        .iter()
        .any(|word| COMPANIES.contains(&word.as_str()))
}

/// Returns whether a text has a word that stands in no name, an address on the web or a postcode, or a number and a comma
/// as addresses have.
fn is_other(text: &str) -> bool {
    /// Digits of a postcode at least.
    const POSTCODE: usize = 5;
    let has_number = text
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() >= POSTCODE);
    let is_web = text.contains('@') || text.to_lowercase().contains(".com");
    let is_address = text.contains(',') && text.contains(|c: char| c.is_ascii_digit());
    has_number
        || is_web
        || is_address
        || words(text)
            .iter()
            .any(|word| OTHERS.contains(&word.as_str()))
}

/// Returns whether a text is the name of a kind of place whose number is its name, as Indonesian filling stations have it.
fn is_numbered(text: &str) -> bool {
    words(text).first().is_some_and(|word| word == "spbu")
}

/// Returns whether a text consists of words that stand in no name, such as the label of a value.
fn is_label(text: &str) -> bool {
    /// Letters of a word that says something.
    const LEAST: usize = 3;
    let parts = text.split(|c: char| !c.is_alphanumeric()).map(folded);
    let mut said = parts
        .filter(|word| word.chars().count() >= LEAST)
        .peekable();
    said.peek().is_some() && said.all(|word| OTHERS.contains(&word.as_str()))
}

/// Returns whether what stands behind a name is the number that a company is registered by.
fn is_registered(behind: &str) -> bool {
    /// Digits of such a number at least.
    const NUMBER: usize = 5;
    behind.chars().filter(char::is_ascii_digit).count() >= NUMBER
}

fn has_few_digits(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() < 3
}

/// Returns a text without the number in brackets that a company is registered by.
fn without_number(text: &str) -> String {
    let trimmed = text.trim_end();
    let Some(open) = trimmed.rfind('(') else {
        return trimmed.to_owned();
    };
    let inside = &trimmed[open..];
    let ends = inside
        .find(')')
        .is_none_or(|close| close + 1 == inside.len());
    if open > 0 && ends && inside.contains(|c: char| c.is_ascii_digit()) {
        trimmed[..open].trim_end().to_owned()
    } else {
        trimmed.to_owned()
    }
}
