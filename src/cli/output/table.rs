//! Output in aligned columns, for people.

use std::io::{self, Write};

use comfy_table::{CellAlignment, presets};
use serde_json::Value;

use super::{
    FileReading, Output, WriteError,
    csv::{FILE, failed_checks, text},
    send,
};
use crate::cli::progress::printable;

/// The most characters of a cell; longer ones are cut.
const WIDEST: usize = 40;

type Row = Vec<(String, Value)>;

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
        for (name, _) in self.rows.iter().flatten() {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        columns
    }

    fn is_numeric(&self, column: &str) -> bool {
        let mut values = self
            .rows
            .iter()
            .flatten()
            .filter(|(name, _)| name == column);
        values.all(|(_, value)| value.is_number() || value.is_null())
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
            let value = |column: &String| row.iter().find(|(name, _)| name == column);
            table.add_row(columns.iter().map(|column| cell(value(column))));
        }
        for (name, column) in columns.iter().zip(table.column_iter_mut()) {
            column.set_padding((0, 2));
            if self.is_numeric(name) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
        send(&mut *self.stream, lines.collect::<String>().as_bytes())
    }
}

fn row(file: &str, reading: &FileReading) -> Row {
    let invoice = &reading.invoice;
    let mut row = vec![(FILE.to_owned(), Value::from(file))];
    let mut add = |name: &str, value: Value| row.push((name.to_owned(), value));
    if invoice.get("vendor_name").is_some() && invoice.get("total_due").is_some() {
        add("vendor", invoice["vendor_name"].clone());
        add("date", invoice["invoice_date"].clone());
        add(
            "items",
            invoice["items"].as_array().map_or(0, Vec::len).into(),
        );
        add("total", invoice["total_due"].clone());
    } else {
        let fields = invoice.as_object().into_iter().flatten();
        for (name, value) in fields.filter(|(_, value)| !value.is_array() && !value.is_object()) {
            add(name, value.clone());
        }
    }
    if let Some(meta) = &reading.meta {
        add("confidence", meta["confidence"].clone());
        add("checks", checks(meta).into());
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

fn cell(value: Option<&(String, Value)>) -> String {
    let Some((name, value)) = value else {
        return String::new();
    };
    let text = printable(&text(value));
    let length = text.chars().count();
    if length <= WIDEST {
        return text;
    }
    if name == FILE {
        // The end of a path tells files apart.
        let end = text.chars().skip(length + 1 - WIDEST);
        return ['…'].into_iter().chain(end).collect();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}
