//! The forms of the output.

mod csv;
mod evidence;
mod json;
mod table;

use std::io;

use clap::ValueEnum;
use thiserror::Error;

pub use self::csv::{Columns, guarded, need_meta};
use super::reader::FileReading;

/// A form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// One JSON object a line.
    Jsonl,
    /// One JSON array.
    Json,
    /// One row a receipt, with lists as JSON in a cell.
    Csv,
    /// Aligned columns, for people.
    Table,
}

impl OutputFormat {
    /// Returns whether an unfinished file can be continued.
    #[must_use]
    pub fn is_resumable(self) -> bool {
        matches!(self, Self::Jsonl | Self::Csv)
    }
}

/// The parts of a meta object that are written beside a receipt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extras {
    /// The whole object, or as much of it as the form has room for.
    pub meta: bool,
    /// The pages and the places where the values are printed.
    pub evidence: bool,
}

/// The reason why a receipt was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The stream cannot be written.
    #[error(transparent)]
    Stream(#[from] io::Error),
    /// The receipt does not fit this output; the next one may.
    #[error("{0}")]
    Unfit(String),
}

impl From<serde_json::Error> for WriteError {
    fn from(error: serde_json::Error) -> Self {
        Self::Stream(error.into())
    }
}

impl From<::csv::Error> for WriteError {
    fn from(error: ::csv::Error) -> Self {
        Self::Stream(error.into())
    }
}

/// A writer of receipts in one form.
///
/// Each receipt is one write, so that a killed program leaves whole records and at most one torn one.
pub trait Output {
    /// Writes the receipt that was read from `file`.
    ///
    /// # Errors
    /// See [`WriteError`].
    fn write(&mut self, file: &str, reading: &FileReading) -> Result<(), WriteError>;

    /// Writes the end, after the last receipt.
    ///
    /// # Errors
    /// Fails if the stream cannot be written.
    fn finish(&mut self) -> io::Result<()>;
}

/// Creates an output in `format` to `stream`; `columns` is the header of a CSV file that is continued.
#[must_use]
pub fn output<'a>(
    format: OutputFormat,
    extras: Extras,
    columns: Option<Columns>,
    stream: Box<dyn io::Write + 'a>,
) -> Box<dyn Output + 'a> {
    match format {
        OutputFormat::Jsonl => Box::new(json::Lines::new(stream, extras)),
        OutputFormat::Json => Box::new(json::Array::new(stream, extras)),
        OutputFormat::Csv => Box::new(csv::Rows::new(stream, columns, extras)),
        OutputFormat::Table => Box::new(table::TableOutput::new(stream)),
    }
}

/// Creates a CSV output that writes texts unchanged: a spreadsheet takes one that begins with `=` for a formula.
#[must_use]
pub fn raw_csv<'a>(
    extras: Extras,
    columns: Option<Columns>,
    stream: Box<dyn io::Write + 'a>,
) -> Box<dyn Output + 'a> {
    Box::new(csv::Rows::new(stream, columns, extras).raw())
}

fn send(stream: &mut dyn io::Write, record: &[u8]) -> io::Result<()> {
    stream.write_all(record)?;
    stream.flush()
}

#[cfg(test)]
mod tests;
