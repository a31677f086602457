//! The forms in which receipts are written.

mod csv;
mod json;
mod table;

use std::io;

use clap::ValueEnum;
use thiserror::Error;

pub use self::csv::{Columns, guarded};
use super::reader::Reading;

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One object a line.
    Jsonl,
    /// One array.
    Json,
    /// One row a receipt, lists as JSON in a cell.
    Csv,
    /// Aligned columns, for people.
    Table,
}

impl Format {
    /// Whether a file that breaks off can be gone on with.
    #[must_use]
    pub fn is_resumable(self) -> bool {
        matches!(self, Self::Jsonl | Self::Csv)
    }
}

/// Why a receipt was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The stream takes no more.
    #[error(transparent)]
    Stream(#[from] io::Error),
    /// The receipt has no place in this form; others may.
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

/// Writes receipts in a form.
///
/// Each receipt that goes out does so in one write, so that a program that is killed leaves whole
/// records, and one torn at most.
pub trait Output {
    /// Writes the receipt that was read from `file`.
    ///
    /// # Errors
    /// See [`WriteError`].
    fn write(&mut self, file: &str, reading: &Reading) -> Result<(), WriteError>;

    /// Writes what comes after the last receipt.
    ///
    /// # Errors
    /// A stream that cannot be written.
    fn finish(&mut self) -> io::Result<()>;
}

/// An output in `format` to `stream`; `columns` are those that a CSV file begins with already.
#[must_use]
pub fn output<'a>(
    format: Format,
    meta: bool,
    columns: Option<Columns>,
    stream: Box<dyn io::Write + 'a>,
) -> Box<dyn Output + 'a> {
    match format {
        Format::Jsonl => Box::new(json::Lines::new(stream)),
        Format::Json => Box::new(json::Array::new(stream)),
        Format::Csv => Box::new(csv::Rows::new(stream, columns, meta)),
        Format::Table => Box::new(table::Table::new(stream)),
    }
}

/// As [`output`] of CSV, with texts as they are: a spreadsheet takes one that begins with `=` for a formula.
#[must_use]
pub fn raw_csv<'a>(
    meta: bool,
    columns: Option<Columns>,
    stream: Box<dyn io::Write + 'a>,
) -> Box<dyn Output + 'a> {
    Box::new(csv::Rows::new(stream, columns, meta).raw())
}

fn send(stream: &mut dyn io::Write, record: &[u8]) -> io::Result<()> {
    stream.write_all(record)?;
    stream.flush()
}

#[cfg(test)]
mod tests;
