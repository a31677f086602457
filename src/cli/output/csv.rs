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

/// One row a receipt, under a header that the first receipt sets.
pub struct Rows<'a> {
    stream: Box<dyn Write + 'a>,
    columns: Option<Columns>,
    meta: bool,
}

impl<'a> Rows<'a> {
    /// Rows on `stream`, on which `columns` stand already where there are any.
    pub fn new(stream: Box<dyn Write + 'a>, columns: Option<Columns>, meta: bool) -> Self {
        Self {
            stream,
            columns,
            meta,
        }
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
        let cells = columns
            .iter()
            .skip(1)
            .map(|name| cell(name, invoice, reading.meta.as_ref()));
        let row = std::iter::once(file.to_owned()).chain(cells);
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

fn cell(name: &str, invoice: &Map<String, Value>, meta: Option<&Value>) -> String {
    match (invoice.get(name), meta) {
        (Some(value), _) => text(value),
        (None, Some(meta)) if name == META[0] => text(&meta["model"]),
        (None, Some(meta)) if name == META[1] => text(&meta["confidence"]),
        (None, Some(meta)) if name == META[2] => failed_checks(meta).join(" "),
        _ => String::new(),
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
