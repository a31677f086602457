//! CSV as RFC 4180 has it: one row a receipt.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};
use serde_json::{Map, Value};

use super::{Output, Reading, WriteError, send};

/// What stands in the header, the file's column first.
pub type Columns = Vec<String>;

/// The column with the name of the file.
pub const FILE: &str = "file";
/// What is taken from the meta object, where it is asked for; no schema names a field so.
const META: [&str; 3] = ["meta.model", "meta.confidence", "meta.failed_checks"];

/// What a text begins with that a spreadsheet takes for a formula.
const OF_FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What stands before such a text, so that it stays one.
const GUARD: char = '\'';

/// One row a receipt, under a header that the first receipt sets.
pub struct Rows<'a> {
    stream: Box<dyn Write + 'a>,
    columns: Option<Columns>,
    meta: bool,
    raw: bool,
}

impl<'a> Rows<'a> {
    /// Rows on `stream`, on which `columns` stand already where there are any.
    pub fn new(stream: Box<dyn Write + 'a>, columns: Option<Columns>, meta: bool) -> Self {
        Self {
            stream,
            columns,
            meta,
            raw: false,
        }
    }

    /// The same with texts as they are, formulas too.
    pub fn raw(self) -> Self {
        Self { raw: true, ..self }
    }

    fn header(&self, invoice: &Map<String, Value>) -> Columns {
        let meta = META.iter().take(if self.meta { META.len() } else { 0 });
        let meta = meta.map(|name| (*name).to_owned());
        let file = std::iter::once(FILE.to_owned());
        file.chain(invoice.keys().cloned()).chain(meta).collect()
    }
}

impl Output for Rows<'_> {
    fn write(&mut self, file: &str, reading: &Reading) -> Result<(), WriteError> {
        let empty = Map::new();
        let invoice = reading.invoice.as_object().unwrap_or(&empty);
        let begun = self.columns.take();
        let is_first = begun.is_none();
        let columns = begun.unwrap_or_else(|| self.header(invoice));
        let stranger = invoice.keys().find(|name| !columns.contains(name)).cloned();
        let columns = &*self.columns.insert(columns);
        if let Some(name) = stranger {
            // Leaving it out would lose what was read without a word.
            return Err(WriteError::Unfit(format!(
                "The receipt has the field {name}, for which the file has no column; jsonl and \
                 json take any."
            )));
        }
        let is_raw = self.raw;
        let shown = |text: String| if is_raw { text } else { guarded(text) };
        let cells = columns.iter().skip(1).map(|name| {
            let (text, is_number) = cell(name, invoice, reading.meta.as_ref());
            if is_number { text } else { shown(text) }
        });
        let row = std::iter::once(shown(file.to_owned())).chain(cells);
        let mut rows = Vec::new();
        if is_first {
            append(&mut rows, columns)?;
        }
        append(&mut rows, row)?;
        Ok(send(&mut *self.stream, &rows)?)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn append(
    to: &mut Vec<u8>,
    row: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> Result<(), csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(to);
    writer.write_record(row)?;
    Ok(writer.flush()?)
}

/// A cell, and whether it is a number.
fn cell(name: &str, invoice: &Map<String, Value>, meta: Option<&Value>) -> (String, bool) {
    let of = |value: &Value| (text(value), value.is_number());
    match (invoice.get(name), meta) {
        (Some(value), _) => of(value),
        (None, Some(meta)) if name == META[0] => of(&meta["model"]),
        (None, Some(meta)) if name == META[1] => of(&meta["confidence"]),
        (None, Some(meta)) if name == META[2] => (failed_checks(meta).join(" "), false),
        _ => (String::new(), false),
    }
}

/// A text that no spreadsheet takes for a formula: with an apostrophe before it where it looks like one. No two
/// texts become the same, since one that looks guarded already is guarded once more.
#[must_use]
pub fn guarded(text: String) -> String {
    let within = text.trim_start_matches(GUARD);
    if within.starts_with(OF_FORMULAS) {
        format!("{GUARD}{text}")
    } else {
        text
    }
}

/// A value as people write it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Names of the checks that a receipt did not pass.
pub fn failed_checks(meta: &Value) -> Vec<&str> {
    let checks = meta["checks"].as_array().map_or(&[][..], Vec::as_slice);
    checks
        .iter()
        .filter(|check| check["passed"] == Value::Bool(false))
        .filter_map(|check| check["name"].as_str())
        .collect()
}
