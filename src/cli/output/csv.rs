//! CSV output by RFC 4180: one row a receipt.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};
use serde_json::{Map, Value};

use super::{Extras, FileReading, Output, WriteError, evidence, send};

/// The names in the header; the first is that of the file's column.
pub type Columns = Vec<String>;

/// The column with the name of the file.
pub const FILE: &str = "file";
/// The columns of the meta object, if it is wanted. No schema has fields of these names.
const META: [&str; 4] = [
    "meta.source",
    "meta.model",
    "meta.confidence",
    "meta.failed_checks",
];

/// The first characters of texts that a spreadsheet takes for formulas.
const OF_FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The character before such a text, which keeps it a text.
const GUARD: char = '\'';

/// An output of one row a receipt, under a header made from the first receipt.
pub struct Rows<'a> {
    stream: Box<dyn Write + 'a>,
    columns: Option<Columns>,
    extras: Extras,
    raw: bool,
}

impl<'a> Rows<'a> {
    /// Creates the output on `stream`; `columns` is the header that is there already, if any.
    pub fn new(stream: Box<dyn Write + 'a>, columns: Option<Columns>, extras: Extras) -> Self {
        Self {
            stream,
            columns,
            extras,
            raw: false,
        }
    }

    /// Writes texts unchanged, formulas too.
    pub fn raw(self) -> Self {
        Self { raw: true, ..self }
    }

    fn header(&self, invoice: &Map<String, Value>) -> Columns {
        let mut columns = vec![FILE.to_owned()];
        columns.extend(invoice.keys().cloned());
        if self.extras.evidence {
            let fields = invoice.iter();
            columns.extend(fields.flat_map(|(name, value)| evidence::columns(name, value)));
        }
        if self.extras.meta {
            columns.extend(META.map(str::to_owned));
        }
        columns
    }
}

impl Output for Rows<'_> {
    fn write(&mut self, file: &str, reading: &FileReading) -> Result<(), WriteError> {
        let empty = Map::new();
        let invoice = reading.invoice.as_object().unwrap_or(&empty);
        let begun = self.columns.take();
        let is_first = begun.is_none();
        let columns = begun.unwrap_or_else(|| self.header(invoice));
        let stranger = invoice.keys().find(|name| !columns.contains(name)).cloned();
        let columns = &*self.columns.insert(columns);
        if let Some(name) = stranger {
            // Leaving the field out would silently lose what was read.
            return Err(WriteError::Unfit(format!(
                "The receipt has the field {name}, for which the CSV file has no column; use --out jsonl or \
                 --out json, which take any field."
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

/// Returns whether any of the columns is filled from the meta object.
#[must_use]
pub fn need_meta(columns: &[String]) -> bool {
    let is_of_meta = |name: &String| META.contains(&&**name) || evidence::is_column(name);
    columns.iter().any(is_of_meta)
}

/// Returns the text of a cell, and whether it is a number.
fn cell(name: &str, invoice: &Map<String, Value>, meta: Option<&Value>) -> (String, bool) {
    let of = |value: &Value| (text(value), value.is_number());
    match (invoice.get(name), meta) {
        (Some(value), _) => of(value),
        (None, Some(meta)) if name == META[0] => of(&meta["source"]),
        (None, Some(meta)) if name == META[1] => of(&meta["model"]),
        (None, Some(meta)) if name == META[2] => of(&meta["confidence"]),
        (None, Some(meta)) if name == META[3] => (failed_checks(meta).join(" "), false),
        (None, Some(meta)) => evidence::cell(name, meta)
            .as_ref()
            .map(of)
            .unwrap_or_default(),
        (None, None) => (String::new(), false),
    }
}

/// Puts an apostrophe before a text that a spreadsheet would take for a formula. A text with apostrophes before a
/// formula gets one more, so that no two texts become the same.
#[must_use]
pub fn guarded(text: String) -> String {
    let within = text.trim_start_matches(GUARD);
    if within.starts_with(OF_FORMULAS) {
        format!("{GUARD}{text}")
    } else {
        text
    }
}

/// Returns a value as people write it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns the names of the checks that a receipt failed.
pub fn failed_checks(meta: &Value) -> Vec<&str> {
    let checks = meta["checks"].as_array().map_or(&[][..], Vec::as_slice);
    checks
        .iter()
        .filter(|check| check["passed"] == Value::Bool(false))
        .filter_map(|check| check["name"].as_str())
        .collect()
}
