//! Finds words of an item that qualify its price: that it is for a hundred pieces, or that there is
//! a discount.

use rust_decimal::Decimal;

/// Words for the quantity that a price is for, with that quantity.
const BASES: [(&str, i64); 26] = [
    ("dozen", 12),
    ("dutzend", 12),
    ("douzaine", 12),
    ("docena", 12),
    ("dozzina", 12),
    ("lusin", 12),
    ("gross", 144),
    ("hundred", 100),
    ("hundert", 100),
    ("ratus", 100),
    ("cento", 100),
    ("cien", 100),
    ("thousand", 1000),
    ("tausend", 1000),
    ("ribu", 1000),
    ("mille", 1000),
    ("%o", 1000),
    ("‰", 1000),
    ("/c", 100),
    ("/m", 1000),
    ("ct", 100),
    ("cent", 100),
    ("¢", 100),
    ("p/kwh", 100),
    ("kg", 1000),
    ("l", 1000),
];

/// Words before the quantity that a price is for.
const PER: [&str; 16] = [
    "per", "pro", "je", "por", "par", "pr", "pour", "für", "à", "a", "/", "@", "za", "na", "tiap",
    "cada",
];

/// Words for a discount.
const OFF: [&str; 20] = [
    "less",
    "minus",
    "off",
    "save",
    "saved",
    "disc",
    "discount",
    "reduced",
    "rabatt",
    "rabat",
    "nachlass",
    "sconto",
    "remise",
    "rabais",
    "descuento",
    "desconto",
    "korting",
    "diskon",
    "potongan",
    "sleva",
];

/// Possible readings of an item's words about its price.
#[derive(Debug, Default)]
pub struct Wording {
    /// Quantities that the unit price may be for.
    pub bases: Vec<Decimal>,
    /// Shares, in per cent, that may be taken off.
    pub percents: Vec<Decimal>,
    /// Amounts that may be taken off.
    pub amounts: Vec<Decimal>,
}

impl Wording {
    /// Reads a description and the lines below it.
    pub fn of<'a>(description: &'a str, details: impl Iterator<Item = &'a str>) -> Self {
        let mut wording = Self::default();
        wording.read(description, false);
        for line in details {
            wording.read(line, true);
        }
        wording
    }

    /// Reads a text. Every number in a detail may be a discount; elsewhere only one behind a minus,
    /// or in a text with a word for a discount.
    fn read(&mut self, text: &str, is_detail: bool) {
        let words = words(&text.to_lowercase());
        let names_discount = is_detail || words.iter().any(|word| OFF.contains(&word.as_str()));
        for (at, word) in words.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            let before = before.map_or("", String::as_str);
            let Some(number) = number(word) else {
                let named = BASES.iter().filter(|(name, _)| {
                    let is_joined = before == "/" && name.strip_prefix('/') == Some(word);
                    let is_measure = matches!(*name, "kg" | "l");
                    let is_after_per = PER.contains(&before);
                    is_joined || (name == word && (!is_measure || is_after_per))
                });
                self.bases
                    .extend(named.map(|(_, count)| Decimal::from(*count)));
                continue;
            };
            let after = words.get(at + 1).map_or("", String::as_str);
            if after == "%" {
                self.percents.push(number);
            } else if names_discount || matches!(before, "-" | "−" | "–") {
                self.amounts.push(number);
            }
            if is_base(number, PER.contains(&before)) {
                self.bases.push(number);
            }
        }
    }
}

/// Returns whether a price may be for that quantity: a power of ten, or any whole number behind a
/// word such as "per".
fn is_base(number: Decimal, is_after_per: bool) -> bool {
    const LARGEST: i64 = 1_000_000;
    let is_power = (1..=6_u32).any(|power| number == Decimal::from(10_i64.pow(power)));
    let is_count = number.fract().is_zero() && number > Decimal::ONE;
    is_power || (is_after_per && is_count && number <= Decimal::from(LARGEST))
}

/// Splits a text into runs of letters, numbers with their points and commas, and single other
/// marks.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = Kind::Blank;
    for letter in text.chars() {
        let kind = Kind::of(letter, last);
        match words.last_mut() {
            Some(word) if kind == last && kind != Kind::Mark => word.push(letter),
            _ if kind == Kind::Blank => {}
            _ => words.push(letter.to_string()),
        }
        last = kind;
    }
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Letter,
    Number,
    Mark,
}

impl Kind {
    fn of(letter: char, last: Self) -> Self {
        match letter {
            '0'..='9' => Self::Number,
            '.' | ',' | '\'' | '’' if last == Self::Number => Self::Number,
            c if c.is_whitespace() => Self::Blank,
            c if c.is_alphabetic() => Self::Letter,
            _ => Self::Mark,
        }
    }
}

/// Parses a printed number: the last point or comma is the decimal separator, unless three digits
/// follow it.
fn number(word: &str) -> Option<Decimal> {
    let word = word.trim_end_matches(['.', ',', '\'', '’']);
    if !word.starts_with(|c: char| c.is_ascii_digit()) || word.len() > 15 {
        return None;
    }
    let (whole, decimals) = match word.rsplit_once(['.', ',']) {
        Some((whole, decimals)) if decimals.len() != 3 => (whole, decimals),
        _ => (word, ""),
    };
    let digits = |part: &str| {
        part.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    format!("{}.{}", digits(whole), digits(decimals))
        .trim_end_matches('.')
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(description: &str, details: &[&str]) -> [Vec<String>; 3] {
        let wording = Wording::of(description, details.iter().copied());
        [wording.bases, wording.percents, wording.amounts]
            .map(|numbers| numbers.iter().map(Decimal::to_string).collect())
    }

    #[test]
    fn prices_for_many_are_understood() {
        for (text, base) in [
            ("Screws, price per 100", "100"),
            ("Schrauben, Preis je 1.000 St.", "1000"),
            ("Eggs per dozen", "12"),
            ("Paper 5.20/C", "100"),
            ("Clips (EUR/100)", "100"),
            ("Kabel pro 25 m", "25"),
            ("Ham 12.90/kg", "1000"),
            ("Strom 28,73 ct/kWh", "100"),
        ] {
            let [bases, ..] = wording(text, &[]);
            assert!(bases.iter().any(|b| b == base), "{text}: {bases:?}");
        }
        assert_eq!(
            wording("Pertamax 92", &[]),
            [const { Vec::<String>::new() }; 3]
        );
        assert_eq!(wording("Beras 5 kg", &[])[0], Vec::<String>::new());
    }

    #[test]
    fn discounts_are_understood() {
        assert_eq!(wording("Shirt -20 %", &[])[1], ["20"]);
        assert_eq!(wording("Shirt", &["Rabatt 12,5%"])[1], ["12.5"]);
        assert_eq!(wording("Shirt", &["Discount 1,250.50"])[2], ["1250.50"]);
        assert_eq!(wording("Shirt -5.00", &[])[2], ["5.00"]);
        assert_eq!(wording("Shirt, 5.00 off", &[])[2], ["5.00"]);
        assert_eq!(wording("Shirt 5.00", &[])[2], Vec::<String>::new());
    }
}
