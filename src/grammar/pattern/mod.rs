//! Translates patterns of schemas from ECMA-262 to Rust's regular expressions, which differ.

use std::{fmt::Write, iter::Peekable, str::Chars};

/// The set that `.` matches: no line terminators.
const DOT: &str = r"[^\x{a}\x{d}\x{2028}\x{2029}]";

/// The set that `\s` matches, for use within a class.
const SPACE: &str = r"\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";

/// Maximum number of characters of counts in braces.
const MAX_COUNTS: usize = 24;

/// Translates `pattern` to Rust's regular expressions.
///
/// # Errors
/// A construct that cannot be translated, is not part of ECMA-262, or differs between engines.
pub fn translated(pattern: &str) -> Result<String, String> {
    read(pattern).map(|reader| reader.out)
}

/// Translates a pattern that a model's output has to match.
///
/// # Errors
/// Those of [`translated`], and a pattern that requires a control character which JSON only writes
/// by its code, since names and strings may only have one spelling.
pub fn written(pattern: &str) -> Result<String, String> {
    let Reader { out, control, .. } = read(pattern)?;
    match control {
        Some(c) => Err(format!(
            "in the pattern {pattern:?}, U+{:04X} is a control character, which a grammar \
             cannot write; leave it out",
            u32::from(c)
        )),
        None => Ok(out),
    }
}

fn read(pattern: &str) -> Result<Reader<'_>, String> {
    let mut reader = Reader {
        rest: pattern.chars().peekable(),
        out: String::with_capacity(2 * pattern.len()),
        control: None,
    };
    reader
        .read()
        .map_err(|reason| format!("in the pattern {pattern:?}, {reason}"))?;
    Ok(reader)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// A required control character without a short escape in JSON.
    control: Option<char>,
}

/// The meaning of a backslash and the characters after it.
enum Escape {
    /// A character.
    One(char),
    /// A set, as an item of a class. If negated, it needs brackets of its own.
    Set { items: String, is_negated: bool },
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), String> {
        // A quantifier may follow here.
        let mut can_repeat = false;
        while let Some(c) = self.rest.next() {
            can_repeat = match c {
                '\\' => {
                    match self.escape(false)? {
                        Escape::One(c) => self.literal(c),
                        Escape::Set { items, is_negated } => set(&mut self.out, &items, is_negated),
                    }
                    true
                }
                '[' => {
                    self.class()?;
                    true
                }
                '(' => {
                    self.group()?;
                    false
                }
                '.' => {
                    self.out.push_str(DOT);
                    true
                }
                ')' => {
                    self.out.push(c);
                    true
                }
                '|' | '^' | '$' => {
                    self.out.push(c);
                    false
                }
                '*' | '+' | '?' => self.quantifier(can_repeat, &c.to_string())?,
                '{' => {
                    if let Some(counts) = self.counts()? {
                        self.quantifier(can_repeat, &counts)?
                    } else {
                        literal(&mut self.out, c);
                        true
                    }
                }
                c => {
                    self.literal(c);
                    true
                }
            };
        }
        Ok(())
    }

    /// Writes a character that stands for itself.
    fn literal(&mut self, c: char) {
        if c.is_control() && !"\n\r\t\u{8}\u{c}".contains(c) {
            self.control.get_or_insert(c);
        }
        literal(&mut self.out, c);
    }

    /// Reads a quantifier and the question mark that makes it lazy. A second quantifier is an
    /// error.
    fn quantifier(&mut self, can_repeat: bool, quantifier: &str) -> Result<bool, String> {
        if !can_repeat {
            return Err(format!(
                "{quantifier} has nothing to repeat; escape it or put something before it"
            ));
        }
        self.out.push_str(quantifier);
        if self.rest.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        Ok(false)
    }

    /// Reads counts after an opening brace. Returns `None` if the brace stands for itself.
    fn counts(&mut self) -> Result<Option<String>, String> {
        let ahead = self.rest.clone().take(MAX_COUNTS);
        let inner: String = ahead.take_while(|c| *c != '}').collect();
        let is_closed = self.rest.clone().nth(inner.chars().count()) == Some('}');
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let is_counts = is_closed
            && match inner.split_once(',') {
                None => digits(&inner),
                Some(("", most)) if digits(most) => {
                    return Err(format!(
                        "{{,{most}}} means different things in different engines"
                    ));
                }
                Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
            };
        if !is_counts {
            return Ok(None);
        }
        for _ in 0..=inner.chars().count() {
            self.rest.next();
        }
        Ok(Some(format!("{{{inner}}}")))
    }

    /// Reads the rest of a group's opening. Groups do not capture, so their names have no effect.
    fn group(&mut self) -> Result<(), String> {
        if self.rest.next_if_eq(&'?').is_none() {
            self.out.push_str("(?:");
            return Ok(());
        }
        let mut head = String::new();
        for c in self.rest.by_ref() {
            head.push(c);
            let is_named = |mark: &str| head.strip_prefix(mark)?.strip_suffix('>');
            let name = is_named("<").or_else(|| is_named("P<"));
            match head.as_str() {
                ":" => self.out.push_str("(?:"),
                "i:" | "-i:" | "i)" => {
                    let _ = write!(self.out, "(?{head}");
                }
                "=" | "!" | "<=" | "<!" => {
                    return Err(format!(
                        "(?{head} is a look-around, which a grammar cannot match"
                    ));
                }
                _ if name.is_some() => self.out.push_str("(?:"),
                _ if head.len() > 64 || matches!(c, ')' | ':' | '=' | '!') => {
                    return Err(format!("(?{head} is not a group of ECMA-262"));
                }
                _ => continue,
            }
            return Ok(());
        }
        Err("a group is not closed".to_owned())
    }

    /// Reads a class after its opening bracket.
    fn class(&mut self) -> Result<(), String> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let mut items = String::new();
        // The first character of a possible range.
        let mut first: Option<char> = None;
        let mut is_empty = true;
        loop {
            let c = self.rest.next().ok_or("a class is not closed")?;
            if c == ']' {
                break;
            }
            is_empty = false;
            let item = match c {
                '\\' => self.escape(true)?,
                '[' if matches!(self.rest.peek(), Some(':' | '.' | '=')) => {
                    return Err(
                        "[: does not begin a class in ECMA-262, as [:alpha:] does elsewhere"
                            .to_owned(),
                    );
                }
                '-' if first.is_some() && self.rest.peek().is_some_and(|next| *next != ']') => {
                    let least = first.take().unwrap_or(c);
                    let most = match self.rest.next() {
                        Some('\\') => self.escape(true)?,
                        most => Escape::One(most.unwrap_or(c)),
                    };
                    match most {
                        Escape::One(most) if least > most => {
                            return Err(format!("the range {least}-{most} is empty"));
                        }
                        Escape::One(most) => {
                            let _ = write!(items, "-\\x{{{:x}}}", u32::from(most));
                        }
                        // The hyphen then stands for itself.
                        set @ Escape::Set { .. } => {
                            literal(&mut items, '-');
                            set.add_to(&mut items);
                        }
                    }
                    continue;
                }
                c => Escape::One(c),
            };
            first = match item {
                Escape::One(c) => Some(c),
                Escape::Set { .. } => None,
            };
            item.add_to(&mut items);
        }
        match (is_empty, is_negated) {
            (false, _) => set(&mut self.out, &items, is_negated),
            (true, true) => self.out.push_str("(?s:.)"),
            (true, false) => return Err("[] matches nothing".to_owned()),
        }
        Ok(())
    }

    fn escape(&mut self, in_class: bool) -> Result<Escape, String> {
        let c = self.rest.next().ok_or("it ends with a backslash")?;
        let set = |items: &str, is_negated| Escape::Set {
            items: items.to_owned(),
            is_negated,
        };
        Ok(match c {
            'd' | 'D' => set("0-9", c == 'D'),
            'w' | 'W' => set("0-9A-Za-z_", c == 'W'),
            's' | 'S' => set(SPACE, c == 'S'),
            'p' | 'P' => self.property(c == 'P')?,
            'b' if in_class => Escape::One('\u{8}'),
            'b' | 'B' => {
                return Err(format!(
                    "\\{c} is a look-around, which a grammar cannot match"
                ));
            }
            'n' => Escape::One('\n'),
            'r' => Escape::One('\r'),
            't' => Escape::One('\t'),
            'f' => Escape::One('\u{c}'),
            'v' => Escape::One('\u{b}'),
            '0' if !self.rest.peek().is_some_and(char::is_ascii_digit) => Escape::One('\0'),
            'c' => match self.rest.next() {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    Escape::One(char::from(letter as u8 % 32))
                }
                _ => return Err("\\c needs a letter".to_owned()),
            },
            'x' => Escape::One(self.code(2)?),
            'u' => Escape::One(self.unicode()?),
            '0'..='9' | 'k' => {
                return Err(format!(
                    "\\{c} is a back reference, which a grammar cannot match"
                ));
            }
            c if c.is_alphanumeric() => {
                return Err(format!("\\{c} means different things in different engines"));
            }
            c => Escape::One(c),
        })
    }

    /// Reads a Unicode property after its letter.
    fn property(&mut self, is_negated: bool) -> Result<Escape, String> {
        let braced = self.braced().ok_or("\\p needs a property in braces")?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '=';
        if braced.is_empty() || !braced.chars().all(is_name) {
            return Err(format!("{braced:?} is not a Unicode property"));
        }
        let items = format!("\\p{{{braced}}}");
        Ok(Escape::Set { items, is_negated })
    }

    fn unicode(&mut self) -> Result<char, String> {
        if self.rest.peek() == Some(&'{') {
            let digits = self.braced().unwrap_or_default();
            let code = u32::from_str_radix(&digits, 16).ok();
            return code
                .and_then(char::from_u32)
                .ok_or_else(|| format!("\\u{{{digits}}} is not a character"));
        }
        let unit = self.digits(4)?;
        if !(0xd800..0xdc00).contains(&unit) {
            return char::from_u32(unit)
                .ok_or_else(|| format!("\\u{unit:x} is half a surrogate pair"));
        }
        let mut ahead = self.rest.clone();
        let low = if ahead.next() == Some('\\') && ahead.next() == Some('u') {
            self.rest = ahead;
            self.digits(4)?
        } else {
            0
        };
        let code = (0xdc00..0xe000)
            .contains(&low)
            .then(|| 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
        code.and_then(char::from_u32)
            .ok_or_else(|| format!("\\u{unit:x} is half a surrogate pair"))
    }

    fn code(&mut self, count: usize) -> Result<char, String> {
        let code = self.digits(count)?;
        char::from_u32(code).ok_or_else(|| format!("{code:x} is not a character"))
    }

    fn digits(&mut self, count: usize) -> Result<u32, String> {
        let digits: String = self.rest.by_ref().take(count).collect();
        let is_hex = digits.len() == count && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = is_hex
            .then(|| u32::from_str_radix(&digits, 16).ok())
            .flatten();
        code.ok_or_else(|| format!("{digits:?} is not a code of {count} digits"))
    }

    /// Returns the content of the following braces.
    fn braced(&mut self) -> Option<String> {
        self.rest.next_if_eq(&'{')?;
        let mut inner = String::new();
        for c in self.rest.by_ref() {
            if c == '}' {
                return Some(inner);
            }
            inner.push(c);
        }
        None
    }
}

impl Escape {
    /// Adds the escape to a class as an item.
    fn add_to(&self, items: &mut String) {
        match self {
            Self::One(c) => {
                let _ = write!(items, "\\x{{{:x}}}", u32::from(*c));
            }
            Self::Set {
                items: set,
                is_negated: false,
            } => items.push_str(set),
            Self::Set {
                items: set,
                is_negated: true,
            } => {
                let _ = write!(items, "[^{set}]");
            }
        }
    }
}

fn set(out: &mut String, items: &str, is_negated: bool) {
    let sign = if is_negated { "^" } else { "" };
    let _ = write!(out, "[{sign}{items}]");
}

/// Writes a literal character: letters and digits as themselves, others by their codes.
fn literal(out: &mut String, c: char) {
    if c.is_alphanumeric() || c == '_' {
        out.push(c);
    } else {
        let _ = write!(out, "\\x{{{:x}}}", u32::from(c));
    }
}

#[cfg(test)]
mod tests;
