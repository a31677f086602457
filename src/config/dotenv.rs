//! Reads the file `.env`, whole or not at all, since a dropped line may be the one with the key.

use std::{
    cell::Cell,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::ConfigError;

const NAME: &str = ".env";
const MARK: char = '\u{FEFF}';

/// The variables of a file, up to the first line that cannot be read.
#[derive(Debug, Clone, Default)]
pub struct Dotenv {
    /// The variables.
    pub variables: Vec<(String, String)>,
    /// The fault that ended the reading.
    pub fault: Option<DotenvFault>,
}

/// The reason why a file cannot be read. It never contains a value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotenvFault {
    path: PathBuf,
    line: Option<usize>,
    reason: String,
}

impl From<DotenvFault> for ConfigError {
    fn from(fault: DotenvFault) -> Self {
        let path = fault.path.display();
        let place = match fault.line {
            Some(line) => format!("{path}: line {line}"),
            None => path.to_string(),
        };
        Self::Dotenv {
            place,
            reason: fault.reason,
        }
    }
}

impl Dotenv {
    /// Reads the nearest `.env`, from the working directory upwards; empty if there is none.
    #[must_use]
    pub fn nearest() -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        let mut paths = folder.ancestors().map(|folder| folder.join(NAME));
        let found = paths.find_map(|path| match fs::metadata(&path) {
            // A folder of that name is something else, such as an environment of Python.
            Ok(file) if file.is_file() => Some(Self::read(&path)),
            Ok(_) => None,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(Self::unreadable(&path, &error)),
        });
        found.unwrap_or_default()
    }

    fn read(path: &Path) -> Self {
        match fs::read(path) {
            Ok(bytes) => Self::parse(&bytes, path),
            Err(error) => Self::unreadable(path, &error),
        }
    }

    fn unreadable(path: &Path, error: &io::Error) -> Self {
        let fault = DotenvFault {
            path: path.to_owned(),
            line: None,
            reason: error.to_string(),
        };
        Self {
            fault: Some(fault),
            ..Self::default()
        }
    }

    fn parse(bytes: &[u8], path: &Path) -> Self {
        let mut read = Self::default();
        if let Err((line, reason)) = read.add(bytes) {
            read.fault = Some(DotenvFault {
                path: path.to_owned(),
                line: Some(line),
                reason,
            });
        }
        read
    }

    /// Adds the variables of a file; fails with the line that cannot be read, and the reason.
    fn add(&mut self, bytes: &[u8]) -> Result<(), (usize, String)> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            (
                line,
                "the line is not valid UTF-8; save the file as UTF-8".to_owned(),
            )
        })?;
        // The parser needs a line feed at the end of every line.
        let text = format!("{text}\n");
        let lines: Vec<_> = text.lines().collect();
        if let Some(line) = lines.iter().position(|line| line.contains('\r')) {
            let reason =
                "the line has a carriage return without a line feed; save the file with line feeds";
            return Err((line + 1, reason.to_owned()));
        }
        let handed_out = Cell::new(0);
        let mut variables = dotenvy::from_read_iter(Lines {
            rest: text.as_bytes(),
            handed_out: &handed_out,
        });
        loop {
            let done = handed_out.get();
            let variable = variables.next();
            let taken = lines.get(done..handed_out.get()).unwrap_or_default();
            let is_blank = |line: &&str| line.trim().is_empty() || line.trim().starts_with('#');
            let skipped = taken.iter().take_while(|line| is_blank(line)).count();
            let (first, taken) = (done + skipped + 1, taken.get(skipped..).unwrap_or_default());
            match variable {
                None => return Ok(()),
                Some(Err(_)) => return Err((first, why(taken).to_owned())),
                Some(Ok((name, value))) => {
                    if let Some(reason) = self.misread(&taken.join("\n")) {
                        return Err((first, reason));
                    }
                    if self.variables.iter().any(|(known, _)| *known == name) {
                        return Err((
                            first,
                            format!(
                                "{name} is set in an earlier line already; remove one of the two"
                            ),
                        ));
                    }
                    self.variables.push((name, value));
                }
            }
        }
    }

    /// Returns the reason why the parser would misread a line, if it would.
    fn misread(&self, line: &str) -> Option<String> {
        let value = line.split_once('=').map_or("", |(_, value)| value);
        if value.starts_with('#') {
            let reason = "# begins a comment here; put a value that begins with # in single quotes";
            return Some(reason.to_owned());
        }
        let mut signs = value.chars().peekable();
        let (mut single, mut double, mut blank) = (false, false, true);
        while let Some(sign) = signs.next() {
            match sign {
                '\'' if !double => single = !single,
                '"' if !single => double = !double,
                '#' if blank && !single && !double => return None,
                '\\' if !single => {
                    let escaped = signs.next();
                    if escaped.is_none() {
                        let reason = "the backslash at the end escapes nothing; put a value with a backslash in \
                                      single quotes";
                        return Some(reason.to_owned());
                    }
                }
                '$' if !single => {
                    let is_braced = signs.next_if_eq(&'{').is_some();
                    let of_name = |sign: &char| sign.is_alphanumeric() || is_braced && *sign != '}';
                    let mut name = String::new();
                    while let Some(sign) = signs.next_if(of_name) {
                        name.push(sign);
                    }
                    if !self.knows(&name) {
                        let reason = "a dollar sign names a variable that is not set; put a value with a dollar \
                                      sign in single quotes";
                        return Some(reason.to_owned());
                    }
                }
                _ => {}
            }
            blank = sign == ' ' || sign == '\t';
        }
        None
    }

    fn knows(&self, name: &str) -> bool {
        std::env::var(name).is_ok() || self.variables.iter().any(|(known, _)| known == name)
    }
}

/// Returns the reason why the parser cannot read `lines`.
fn why(lines: &[&str]) -> &'static str {
    let first = lines.first().copied().unwrap_or_default();
    if first.starts_with(MARK) {
        "the file begins with a byte order mark; save it without one"
    } else if lines.len() > 1 {
        "a quote is opened and not closed; close it"
    } else if !first.contains('=') {
        "the line has no =; write NAME=value"
    } else {
        "the line is not NAME=value; put a value with blanks, quotes or backslashes in single quotes"
    }
}

/// A reader that returns one line at a time and counts the lines, so that the parser's position is known.
struct Lines<'a> {
    rest: &'a [u8],
    handed_out: &'a Cell<usize>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let line = end.map_or(self.rest.len(), |end| end + 1);
        let (read, rest) = self.rest.split_at(line.min(buffer.len()));
        if read.last() == Some(&b'\n') {
            self.handed_out.set(self.handed_out.get() + 1);
        }
        self.rest = rest;
        if let Some(buffer) = buffer.get_mut(..read.len()) {
            buffer.copy_from_slice(read);
        }
        Ok(read.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: impl AsRef<[u8]>) -> Result<Vec<(String, String)>, String> {
        let read = Dotenv::parse(text.as_ref(), Path::new("d/.env"));
        match read.fault {
            None => Ok(read.variables),
            Some(fault) => Err(ConfigError::from(fault).to_string()),
        }
    }

    fn value(text: &str) -> String {
        let variables = parse(text).unwrap();
        assert_eq!(variables.len(), 1, "{text:?}");
        variables[0].1.clone()
    }

    #[test]
    fn valid_lines_are_read() {
        for (text, expected) in [
            ("KEY=v", "v"),
            ("KEY=v\r\n", "v"),
            ("export KEY=v\n", "v"),
            ("  KEY = v # a comment that isn't closed", "v"),
            ("KEY=v ", "v"),
            ("# KEY: v\n\nKEY='two words' # and so on\n", "two words"),
            ("KEY=\"two\nlines\"", "two\nlines"),
            ("KEY='pa$$w\\ord'", "pa$$w\\ord"),
            ("KEY=pa\\$word#1", "pa$word#1"),
            ("KEY=", ""),
            ("KEY= # none", ""),
        ] {
            assert_eq!(value(text), expected, "{text:?}");
        }
        let two = parse("A=1\nB=\"${A}2\"\n").unwrap();
        assert_eq!(two[1].1, "12");
        let long = format!("KEY={}\nB=2", "x".repeat(20_000));
        assert_eq!(parse(long).unwrap()[0].1.len(), 20_000);
    }

    #[test]
    fn an_error_names_the_line_but_not_its_value() {
        for (text, line, reason) in [
            ("A=1\nKEY=secret words\nB=2", 2, "single quotes"),
            ("\u{FEFF}KEY=secret", 1, "byte order mark"),
            ("\u{FEFF}# first\nKEY=secret", 1, "byte order mark"),
            ("A=1\n\n# two\nKEY=\"secret\nB=2\n", 4, "not closed"),
            ("A='1\n2'\nKEY='secret\n\n", 3, "not closed"),
            ("KEY: secret", 1, "has no ="),
            ("A=1\r\nsecret\r\n", 2, "has no ="),
            ("KEY=sec\\ret", 1, "single quotes"),
            ("1KEY=secret", 1, "single quotes"),
            ("KEY='secret' s", 1, "single quotes"),
            ("A=1\nKEY=#secret", 2, "comment"),
            ("KEY=secret\\", 1, "backslash"),
            ("KEY=$hunter2secret", 1, "is not set"),
            ("A=1\nKEY=\"x${hunter2 secret}\"", 2, "is not set"),
            ("KEY=\"it's $hunter2 too\"", 1, "is not set"),
            ("A=1\rKEY=secret", 1, "carriage return"),
            ("KEY=secret\n\nKEY=secret too\n", 3, "single quotes"),
            (
                "KEY=secret\nB=1\nKEY='secret too'\n",
                3,
                "KEY is set in an earlier line already",
            ),
        ] {
            let fault = parse(text).unwrap_err();
            let place = format!("d/.env: line {line}: ");
            assert!(
                fault.starts_with(&place) && fault.contains(reason),
                "{text:?}: {fault}"
            );
            assert!(
                !fault.contains("secret") && !fault.contains("hunter2"),
                "{fault}"
            );
        }
        let fault = parse(b"A=1\nKEY=\xFF").unwrap_err();
        assert!(
            fault.starts_with("d/.env: line 2: the line is not valid UTF-8"),
            "{fault}"
        );
    }

    #[test]
    fn variables_before_the_fault_are_known() {
        let read = Dotenv::parse(b"PORT=9\nKEY: v\nHOST=x", Path::new(".env"));
        assert_eq!(read.variables, [("PORT".to_owned(), "9".to_owned())]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let read = Dotenv::read(&folder.path().join("none"));
        assert!(read.fault.is_some());
    }
}
