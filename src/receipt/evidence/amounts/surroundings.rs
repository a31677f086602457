//! What a numeral on a page stands beside: a currency's sign, letters, marks, a label.

use super::{
    super::{currencies, fold::folded, sheet::LineChars},
    numeral::Numeral,
};

/// Costs of what a number stands beside.
pub const GLUED: f32 = 0.2;
const ODD: f32 = 0.4;

/// Words for a telephone, in lines whose plain digits are no amounts.
const TELEPHONES: [&str; 10] = [
    "tel", "telp", "telefon", "fax", "phone", "mobile", "hotline", "whatsapp", "hp", "wa",
];

/// Ends of what stands before a number that identifies something.
const IDENTIFIERS: [&str; 14] = [
    "no", "nr", "num", "number", "nomor", "id", "code", "kode", "invoice", "receipt", "npwp",
    "table", "member", "ref",
];

/// What surrounds a numeral.
pub struct Surroundings {
    pub cost: f32,
    pub is_percent: bool,
    pub is_negative: bool,
    pub sign: SignBeside,
    /// Whether it stands between capital letters as in the number of a car, `B 1234 XYZ`.
    pub is_plate: bool,
}

/// The sign of a currency that stands beside a numeral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignBeside {
    /// There is none.
    None,
    /// That of a currency that may have decimals.
    Divided,
    /// That of a currency without decimals.
    Whole,
}

/// Returns what surrounds a numeral; `None` if it is part of something else than a number.
pub fn surroundings(print: &LineChars, numeral: &Numeral, label: &str) -> Option<Surroundings> {
    let chars = &print.chars;
    let before = &chars[..numeral.chars.start];
    let after = &chars[numeral.chars.end..];
    let letters_before: String = {
        let letters = before.iter().rev().take_while(|c| c.is_alphabetic());
        let mut letters: Vec<_> = letters.copied().collect();
        letters.reverse();
        letters.into_iter().collect()
    };
    let letters_after: String = after.iter().take_while(|c| c.is_alphabetic()).collect();
    let is_money = numeral.has_decimals() || !numeral.is_plain();
    let mut cost = 0.0;
    if !letters_before.is_empty() {
        cost += cost_of_letters(&letters_before, numeral, is_money, true)?;
    }
    if !letters_after.is_empty() {
        cost += cost_of_letters(&letters_after, numeral, is_money, false)?;
    }
    cost += cost_of_neighbours(before, after, is_money)?;
    if numeral.is_loose() {
        cost += cost_of_plain(numeral, before, after, label)?;
    }
    let mut rest = after.iter().skip_while(|c| **c == ' ');
    Some(Surroundings {
        cost,
        is_percent: rest.next() == Some(&'%'),
        is_negative: is_negative(before, after, letters_before.chars().count()),
        sign: sign(chars, numeral),
        is_plate: is_plate(numeral, before, after),
    })
}

/// Returns the sign of a currency that stands beside a numeral of a line.
pub fn sign(chars: &[char], numeral: &Numeral) -> SignBeside {
    let before = &chars[..numeral.chars.start];
    let after = &chars[numeral.chars.end..];
    if is_beside(before, after, currencies::is_sign_of_whole) {
        SignBeside::Whole
    } else if is_beside(before, after, currencies::is_sign) {
        SignBeside::Divided
    } else {
        SignBeside::None
    }
}

/// Returns whether three or four plain digits stand between a word of one or two capital letters and one of up to three,
/// neither of them a currency's sign.
fn is_plate(numeral: &Numeral, before: &[char], after: &[char]) -> bool {
    let is_letters = |word: &str, most: usize| {
        (1..=most).contains(&word.chars().count())
            && word.chars().all(|c| c.is_ascii_uppercase())
            && !currencies::is_sign(word)
    };
    let (before, after): (String, String) = (before.iter().collect(), after.iter().collect());
    let left = before
        .strip_suffix(' ')
        .and_then(|rest| rest.split(' ').next_back());
    let right = after
        .strip_prefix(' ')
        .and_then(|rest| rest.split(' ').next());
    numeral.is_plain()
        && (3..=4).contains(&numeral.length())
        && left.is_some_and(|word| is_letters(word, 2))
        && right.is_some_and(|word| is_letters(word, 3))
}

/// Returns whether such a sign stands beside a numeral.
fn is_beside(before: &[char], after: &[char], is_sign: fn(&str) -> bool) -> bool {
    let is_part = |c: &&char| !c.is_ascii_digit() && !c.is_whitespace();
    let before = before.iter().rev().skip_while(|c| **c == ' ');
    let mut before: Vec<_> = before.take_while(is_part).copied().collect();
    before.reverse();
    let after = after.iter().skip_while(|c| **c == ' ');
    let after: Vec<_> = after.take_while(is_part).copied().collect();
    [before, after].into_iter().any(|sign| {
        let sign: String = sign.into_iter().collect();
        is_sign(sign.trim_matches(|c| ".:-,()=".contains(c)))
    })
}

/// Returns the cost of letters that touch a numeral; `None` for an identifier.
fn cost_of_letters(
    letters: &str,
    numeral: &Numeral,
    is_money: bool,
    is_before: bool,
) -> Option<f32> {
    let length = letters.chars().count();
    let is_known = currencies::is_sign(letters) || matches!(folded(letters).as_str(), "x" | "rp");
    Some(match (is_known, is_money, numeral.length()) {
        (true, ..) => 0.0,
        (_, true, _) => GLUED,
        (_, _, digits) if digits <= 3 => {
            if is_before {
                ODD
            } else {
                GLUED
            }
        }
        // A whole word may touch its number; a few letters are part of an identifier.
        _ if length >= 4 && !numeral.leads_with_zero() => ODD,
        _ => return None,
    })
}

/// Returns the cost of marks that touch a numeral; `None` if they join it with other digits to a
/// telephone number or an identifier.
fn cost_of_neighbours(before: &[char], after: &[char], is_money: bool) -> Option<f32> {
    let joins = |marks: [Option<&char>; 2]| {
        let [mark, behind] = marks;
        let is_joint = mark.is_some_and(|c| matches!(*c, '-' | '/' | '\\' | '_' | ':' | '#'));
        is_joint && behind.is_some_and(char::is_ascii_alphanumeric)
    };
    let mut lefts = before.iter().rev();
    let mut rights = after.iter();
    let left = [lefts.next(), lefts.next()];
    let right = [rights.next(), rights.next()];
    // `TOTAL:12.50`, `RM-12.50` and `12.50/pc` are numbers; `03-7877` and `A-12` are none.
    let is_colon = left[0] == Some(&':');
    let by_left = joins(left) && !is_colon;
    let by_right = joins(right) && right[1].is_some_and(char::is_ascii_digit);
    match (by_left || by_right, is_money) {
        (false, _) => Some(0.0),
        (true, true) => Some(ODD),
        (true, false) => None,
    }
}

/// Returns the cost of digits without any mark; `None` for a telephone number or an identifier.
fn cost_of_plain(numeral: &Numeral, before: &[char], after: &[char], label: &str) -> Option<f32> {
    /// Digits of a number that is too long for an amount without marks.
    const LONG: usize = 10;
    let digits = numeral.length();
    let sign = before.iter().rev().find(|c| **c != ' ');
    if digits >= LONG
        || (numeral.leads_with_zero() && digits > 3)
        || sign == Some(&'#')
        || (sign == Some(&'+') && digits >= 6)
    {
        return None;
    }
    let ends_with = |words: &[&str]| words.iter().any(|word| label.ends_with(word));
    let called = label.trim_end_matches(|c: char| c.is_numeric());
    let is_called = TELEPHONES.iter().any(|word| {
        let rest = called.strip_prefix(word);
        rest.is_some_and(|rest| matches!(rest, "" | "no" | "nr" | "fax" | "hp"))
    });
    if is_called && digits >= 3 {
        return None;
    }
    let mut cost = 0.0;
    if numeral.leads_with_zero() {
        cost += ODD;
    }
    if ends_with(&IDENTIFIERS) {
        cost += ODD;
    }
    // Five digits before a name are a postcode.
    let word: String = after
        .iter()
        .skip_while(|c| **c == ' ')
        .take_while(|c| c.is_alphabetic())
        .collect();
    if (4..=6).contains(&digits) && word.chars().count() >= 4 {
        cost += ODD;
    }
    Some(cost)
}

/// Returns whether a numeral is marked as negative: `-12`, `-RM12`, `RM-12`, `12-`, `(12)`.
fn is_negative(before: &[char], after: &[char], letters: usize) -> bool {
    let mut lefts = before.iter().rev().filter(|c| **c != ' ' && **c != '$');
    let touching = before.iter().rev().nth(letters) == Some(&'-') || lefts.next() == Some(&'-');
    let opens = before
        .iter()
        .rev()
        .skip(letters)
        .find(|c| **c != ' ' && !c.is_alphabetic());
    let mut rights = after.iter();
    let trails = rights.next() == Some(&'-') && rights.next().is_none_or(|c| !c.is_alphanumeric());
    let closes = after.iter().find(|c| !c.is_alphabetic() && **c != ' ');
    touching || trails || (opens == Some(&'(') && closes == Some(&')'))
}
