//! Output in aligned columns, for people.

use std::io::{self, Write};

use comfy_table::{CellAlignment, presets};
use serde_json::Value;

use super::{
    FileReading, Output, WriteError,
    csv::{FILE, failed_checks, text},
    evidence, send,
};
use crate::cli::progress::printable;

/// The most characters of a cell; longer ones are cut.
const WIDEST: usize = 40;

/// The mark before a value that is not printed on the receipt. It stands in front, so that digits stay aligned.
const NOT_PRINTED: char = '*';

/// The line below a table with such marks.
const LEGEND: &str = "\n* not printed on the receipt\n";

/// A value under the name of its column.
struct Named {
    column: String,
    value: Value,
    is_missing: bool,
}

type Row = Vec<Named>;

/// An output of one table, written at the end, when the widths are known.
pub struct TableOutput<'a> {
    stream: Box<dyn Write + 'a>,
    rows: Vec<Row>,
}

impl<'a> TableOutput<'a> {
    /// Creates the output on `stream`.
    pub fn new(stream: Box<dyn Write + 'a>) -> Self {
        let rows = Vec::new();
        Self { stream, rows }
    }

    fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for Named { column, .. } in self.rows.iter().flatten() {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        columns
    }

    fn is_numeric(&self, column: &str) -> bool {
        let mut values = self
            .rows
            .iter()
            .flatten()
            .filter(|named| named.column == column);
        values.all(|named| named.value.is_number() || named.value.is_null())
    }
}

impl Output for TableOutput<'_> {
    fn write(&mut self, file: &str, reading: &FileReading) -> Result<(), WriteError> {
        self.rows.push(row(file, reading));
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let columns = self.columns();
        if columns.is_empty() {
            return Ok(());
        }
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(&columns);
        for row in &self.rows {
            let value = |column: &String| row.iter().find(|named| named.column == *column);
            table.add_row(columns.iter().map(|column| cell(value(column))));
        }
        for (name, column) in columns.iter().zip(table.column_iter_mut()) {
            column.set_padding((0, 2));
            if self.is_numeric(name) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
        let mut text: String = lines.collect();
        if self.rows.iter().flatten().any(|named| named.is_missing) {
            text.push_str(LEGEND);
        }
        send(&mut *self.stream, text.as_bytes())
    }
}

fn row(file: &str, reading: &FileReading) -> Row {
    let (invoice, meta) = (&reading.invoice, reading.meta.as_ref());
    let fact = |column: &str, value: Value| Named {
        column: column.to_owned(),
        value,
        is_missing: false,
    };
    let of = |column: &str, field: &str, value: Value| Named {
        is_missing: meta.is_some_and(|meta| evidence::is_missing(meta, field)),
        ..fact(column, value)
    };
    let mut row = vec![fact(FILE, file.into())];
    if invoice.get("vendor_name").is_some() && invoice.get("total_due").is_some() {
        let items = invoice["items"].as_array().map_or(0, Vec::len);
        row.extend([
            of("vendor", "vendor_name", invoice["vendor_name"].clone()),
            of("date", "invoice_date", invoice["invoice_date"].clone()),
            of("items", "items", items.into()),
            of("total", "total_due", invoice["total_due"].clone()),
        ]);
    } else {
        let fields = invoice.as_object().into_iter().flatten();
        let scalars = fields.filter(|(_, value)| !value.is_array() && !value.is_object());
        row.extend(scalars.map(|(name, value)| of(name, name, value.clone())));
    }
    if let Some(meta) = meta {
        row.push(fact("confidence", meta["confidence"].clone()));
        row.push(fact("checks", checks(meta).into()));
    }
    row
}

/// Returns the names of the failed checks; if there are none, `ok`, or `none` without checks, as in `x-checks`.
fn checks(meta: &Value) -> String {
    let failed = failed_checks(meta);
    if !failed.is_empty() {
        return failed.join(" ");
    }
    let were_made = meta["checks"]
        .as_array()
        .is_some_and(|checks| !checks.is_empty());
    if were_made { "ok" } else { "none" }.to_owned()
}

fn cell(named: Option<&Named>) -> String {
    let Some(named) = named else {
        return String::new();
    };
    let mut text = printable(&text(&named.value));
    if named.is_missing {
        text.insert(0, NOT_PRINTED);
    }
    let length = text.chars().count();
    if length <= WIDEST {
        return text;
    }
    if named.column == FILE {
        // The end of a path tells files apart.
        let end = text.chars().skip(length + 1 - WIDEST);
        return ['…'].into_iter().chain(end).collect();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}
