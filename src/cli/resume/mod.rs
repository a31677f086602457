//! The file that receipts are written to, new or continued from an unfinished run.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use super::output::{Columns, OutputFormat};

/// The treatment of receipts that are in the file already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Refuse a file that is not empty.
    Refuse,
    /// Remove them.
    Overwrite,
    /// Keep them, and do not read their files again.
    Keep,
}

/// An output file that is ready for more receipts.
#[derive(Debug)]
pub struct Target {
    /// The file, positioned at its end and locked against other runs while it is open.
    pub file: File,
    /// The names of the files whose receipts it has, as written in it.
    pub had: HashSet<String>,
    /// The header of a CSV file, if it has one already.
    pub columns: Option<Columns>,
}

/// Opens the output file `path` for receipts in `format`.
///
/// # Errors
/// Fails for a file that cannot be written, that another run writes to, that is not empty where `existing` refuses
/// it, and that has lines of another form.
pub fn open(path: &Path, format: OutputFormat, existing: Existing) -> anyhow::Result<Target> {
    let shown = path.display();
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .with_context(|| shown.to_string())?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => bail!(
            "{shown}: another run writes to this file; wait for its end, or name another file"
        ),
        // Some network drives have no locks; the run goes on without.
        Err(TryLockError::Error(_)) | Ok(()) => {}
    }
    prepare(file, format, existing).with_context(|| shown.to_string())
}

fn prepare(mut file: File, format: OutputFormat, existing: Existing) -> anyhow::Result<Target> {
    let (mut had, mut columns) = (HashSet::new(), None);
    match existing {
        Existing::Overwrite => file.set_len(0)?,
        Existing::Refuse => ensure!(
            file.metadata()?.len() == 0,
            "the file is not empty: use --resume to continue it, or --overwrite to replace its contents"
        ),
        Existing::Keep => {
            let whole = if format == OutputFormat::Csv {
                let whole = whole_rows(&file)?;
                columns = rows(&file, whole, &mut had)?;
                whole
            } else {
                lines(&file, &mut had)?
            };
            file.set_len(whole)?;
        }
    }
    file.seek(SeekFrom::End(0))?;
    Ok(Target { file, had, columns })
}

/// Collects the names from JSON lines; returns the end of the last whole line.
fn lines(file: &File, had: &mut HashSet<String>) -> anyhow::Result<u64> {
    #[derive(Deserialize)]
    struct Line {
        file: String,
    }
    let (mut reader, mut line) = (BufReader::new(file), Vec::new());
    let (mut whole, mut number) = (0, 0);
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            return Ok(whole);
        }
        number += 1;
        let record: Line = serde_json::from_slice(&line).with_context(|| {
            format!("line {number} is not a receipt of this program; continue only a file written with --out jsonl")
        })?;
        had.insert(record.file);
        whole += length as u64;
    }
}

/// Returns the end of the last whole CSV row: the last line feed outside quotes. Quotes within quotes are
/// doubled, so each quote toggles.
fn whole_rows(mut file: &File) -> io::Result<u64> {
    file.rewind()?;
    let mut reader = BufReader::new(file);
    let (mut whole, mut position, mut quoted) = (0, 0, false);
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(whole);
        }
        for byte in bytes {
            position += 1;
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => whole = position,
                _ => {}
            }
        }
        let length = bytes.len();
        reader.consume(length);
    }
}

/// Collects the names from the rows in the first `whole` bytes; returns the header, if there is one yet.
fn rows(mut file: &File, whole: u64, had: &mut HashSet<String>) -> anyhow::Result<Option<Columns>> {
    if whole == 0 {
        return Ok(None);
    }
    file.rewind()?;
    let mut reader = csv::Reader::from_reader(BufReader::new(file).take(whole));
    let columns: Columns = reader.headers()?.iter().map(str::to_owned).collect();
    ensure!(
        columns.first().is_some_and(|name| name == "file"),
        "the first column is not `file`; continue only a file written with --out csv"
    );
    for row in reader.records() {
        had.extend(row?.get(0).map(str::to_owned));
    }
    Ok(Some(columns))
}

#[cfg(test)]
mod tests;
