//! The signs by which pages name currencies.
//!
//! Symbols and abbreviations as tills print them, gathered by hand and not checked against Unicode
//! CLDR's `numbers/currencies`. A code (ISO 4217) is a sign of itself.

use super::fold::folded;
use super::sheet::{Occurrence, Sheet};

/// Currencies with their signs: symbols, and abbreviations in lower case without marks.
const SIGNS: [(&str, &[&str]); 63] = [
    ("AED", &["dh", "dhs", "د.إ"]),
    ("ARS", &["$"]),
    ("AUD", &["$", "a$", "au$"]),
    ("BAM", &["km"]),
    ("BDT", &["৳", "tk", "taka"]),
    ("BGN", &["лв", "lv"]),
    ("BND", &["$", "b$"]),
    ("BRL", &["r$", "reais"]),
    ("CAD", &["$", "c$", "ca$"]),
    ("CHF", &["fr", "sfr", "frs", "franken"]),
    ("CLP", &["$"]),
    ("CNY", &["¥", "￥", "元", "rmb", "圆"]),
    ("COP", &["$"]),
    ("CRC", &["₡"]),
    ("CZK", &["kc", "koruna", "korun"]),
    ("DKK", &["kr", "dkr", "kroner"]),
    ("DOP", &["$", "rd$"]),
    ("EGP", &["le", "e£", "ج.م"]),
    ("EUR", &["€", "euro", "euros"]),
    ("GBP", &["£", "pounds"]),
    ("GHS", &["₵", "gh₵"]),
    ("HKD", &["$", "hk$"]),
    ("HUF", &["ft", "forint"]),
    ("IDR", &["rp", "rupiah"]),
    ("ILS", &["₪", "nis"]),
    ("INR", &["₹", "rs", "re", "rupees"]),
    ("ISK", &["kr"]),
    ("JPY", &["¥", "￥", "円", "yen"]),
    ("KES", &["ksh", "kshs"]),
    ("KHR", &["៛"]),
    ("KRW", &["₩", "원", "￦", "won"]),
    ("KZT", &["₸"]),
    ("LAK", &["₭"]),
    ("LKR", &["rs", "slrs"]),
    ("MAD", &["dh", "dhs"]),
    ("MKD", &["ден"]),
    ("MMK", &["ks"]),
    ("MXN", &["$", "mx$", "mn"]),
    ("MYR", &["rm", "ringgit"]),
    ("NGN", &["₦"]),
    ("NOK", &["kr", "nkr", "kroner"]),
    ("NPR", &["rs", "nrs"]),
    ("NZD", &["$", "nz$"]),
    ("PEN", &["s/", "soles"]),
    ("PHP", &["₱", "php", "p"]),
    ("PKR", &["rs", "₨"]),
    ("PLN", &["zl", "zloty", "zlotych"]),
    ("PYG", &["₲", "gs"]),
    ("QAR", &["qr", "ر.ق"]),
    ("RON", &["lei", "leu"]),
    ("RSD", &["din", "дин"]),
    ("RUB", &["₽", "руб", "р"]),
    ("SAR", &["sr", "ر.س", "﷼"]),
    ("SEK", &["kr", "skr", "kronor"]),
    ("SGD", &["$", "s$", "sg$"]),
    ("THB", &["฿", "baht", "บาท"]),
    ("TRY", &["₺", "tl", "lira"]),
    ("TWD", &["$", "nt$", "元", "nt"]),
    ("UAH", &["₴", "грн"]),
    ("USD", &["$", "us$"]),
    ("UYU", &["$", "u$"]),
    ("VND", &["₫", "đ", "vnd", "d"]),
    ("ZAR", &["r"]),
];

/// Returns whether letters that touch a number are the sign of a currency.
pub fn is_sign(letters: &str) -> bool {
    codes_of(letters).next().is_some()
}

/// Returns the codes of the currencies that have such a sign.
fn codes_of(letters: &str) -> impl Iterator<Item = &'static str> {
    let letters = letters.to_lowercase();
    let plain = folded(&letters);
    let found = SIGNS.iter().filter(move |(code, signs)| {
        code.eq_ignore_ascii_case(&plain)
            || signs.iter().any(|sign| *sign == letters || *sign == plain)
    });
    found.map(|(code, _)| *code)
}

/// Currencies whose prices have no decimals: by ISO 4217, but for the rupiah and the kip, which have two there
/// and no coins of them.
const WHOLE: [&str; 8] = ["CLP", "IDR", "ISK", "JPY", "KRW", "LAK", "PYG", "VND"];

/// Returns whether letters that touch a number are the sign of currencies that have no decimals.
pub fn is_sign_of_whole(letters: &str) -> bool {
    is_sign(letters) && codes_of(letters).all(|code| WHOLE.contains(&code))
}

/// Returns whether `text` has the form of a currency's code.
pub fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Returns the places where `code` or a sign of it is printed.
pub fn find(code: &str, sheets: &[Sheet<'_>]) -> Vec<Occurrence> {
    let lower = code.to_lowercase();
    let signs = SIGNS.iter().find(|(other, _)| *other == code);
    let signs = signs.map_or(&[] as &[&str], |(_, signs)| signs);
    let cost = |sign: &str| {
        let sign = sign.to_lowercase();
        let sign = sign.as_str();
        let plain = folded(sign);
        if sign == lower || plain == lower {
            Some(0.0)
        } else if signs.contains(&sign) || (!plain.is_empty() && signs.contains(&plain.as_str())) {
            // A sign of many currencies tells less.
            Some(if is_shared(sign) { 0.3 } else { 0.1 })
        } else {
            None
        }
    };
    signs_of(sheets)
        .filter_map(|(sheet, line, word, sign)| {
            let cost = cost(&sign)?;
            let parts = vec![(line, word..word + 1)];
            Some(sheets[sheet].occurrence(sheet, parts, cost))
        })
        .collect()
}

/// Signs that are common words or units as well.
const WORDS: [&str; 22] = [
    "d", "p", "r", "р", "le", "re", "km", "fr", "gs", "nt", "mn", "ks", "won", "din", "lv", "ft",
    "tk", "sr", "qr", "nis", "dh", "yen",
];

/// Returns whether any currency is printed by its code or a sign.
pub fn is_any_printed(sheets: &[Sheet<'_>]) -> bool {
    signs_of(sheets).any(|(.., sign)| {
        let lower = sign.to_lowercase();
        let plain = folded(&sign);
        SIGNS.iter().any(|(code, signs)| {
            let mut known = signs.iter().filter(|known| !WORDS.contains(known));
            *code == sign || known.any(|known| *known == lower || *known == plain)
        })
    })
}

/// Returns whether the sign of any dollar is printed.
pub fn is_dollar_printed(sheets: &[Sheet<'_>]) -> bool {
    signs_of(sheets).any(|(.., sign)| sign.contains('$') || sign == "USD")
}

fn is_shared(sign: &str) -> bool {
    let having = SIGNS.iter().filter(|(_, signs)| signs.contains(&sign));
    having.count() > 1
}

/// Returns what may be signs of currencies: the parts of words without digits, with
/// the sheet, the line and the word of each.
fn signs_of<'a>(
    sheets: &'a [Sheet<'_>],
) -> impl Iterator<Item = (usize, usize, usize, String)> + 'a {
    let lines = sheets.iter().enumerate().flat_map(|(number, sheet)| {
        let lines = sheet.lines.iter().enumerate();
        lines.map(move |(line, text)| (number, line, text))
    });
    let words = lines.flat_map(|(sheet, line, text)| {
        let words = text.words.iter().enumerate();
        words.map(move |(at, word)| (sheet, line, at, word.text.as_str()))
    });
    words.flat_map(|(sheet, line, at, word)| {
        let outside = |c: char| c.is_ascii_digit() || "()[]:;*=+-,".contains(c);
        let parts = word.split(outside).flat_map(|part| {
            let part = part.trim_matches('.').to_owned();
            // `us$` is a sign, and so is the `$` in it.
            let last = part.chars().last().filter(|c| !c.is_alphanumeric());
            let first = part.chars().next().filter(|c| !c.is_alphanumeric());
            let alone = last.into_iter().chain(first).map(String::from);
            let alone: Vec<_> = alone.filter(|sign| *sign != part).collect();
            std::iter::once(part).chain(alone)
        });
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        parts.into_iter().map(move |part| (sheet, line, at, part))
    })
}

/// Signs of currencies that stand before an amount, folded.
const BEFORE_AMOUNTS: [&str; 6] = ["rm", "myr", "rp", "idr", "usd", "eur"];

/// Returns a label without the sign of a currency at its end, "nett rm".
pub fn without_sign(label: &str) -> &str {
    let signs = BEFORE_AMOUNTS.iter();
    let mut rests = signs.filter_map(|sign| label.strip_suffix(sign));
    rests.next().unwrap_or(label)
}
