//! The file that receipts are written to, and how a run goes on with one that broke off.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use super::output::{Columns, Format};

/// What happens to receipts that are in the file already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// There must be none.
    Refuse,
    /// They make way.
    Overwrite,
    /// They stay, and their files are not read again.
    Keep,
}

/// A file that is ready for more.
#[derive(Debug)]
pub struct Target {
    /// The file, at its end. It is locked against other runs as long as it is open.
    pub file: File,
    /// Names of the files whose receipts it has, as they stand in it.
    pub had: HashSet<String>,
    /// The columns that a CSV file begins with.
    pub columns: Option<Columns>,
}

/// Opens `path` for receipts in `format`.
///
/// # Errors
/// A file that cannot be written, that has what should not be lost, or that is none of ours.
pub fn open(path: &Path, format: Format, existing: Existing) -> anyhow::Result<Target> {
    let shown = path.display();
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .with_context(|| shown.to_string())?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => bail!("{shown}: another run writes to this file"),
        // Some network drives have no locks; a run alone needs none.
        Err(TryLockError::Error(_)) | Ok(()) => {}
    }
    prepare(file, format, existing).with_context(|| shown.to_string())
}

fn prepare(mut file: File, format: Format, existing: Existing) -> anyhow::Result<Target> {
    let (mut had, mut columns) = (HashSet::new(), None);
    match existing {
        Existing::Overwrite => file.set_len(0)?,
        Existing::Refuse => ensure!(
            file.metadata()?.len() == 0,
            "the file has something in it: --resume goes on with it, --overwrite begins anew"
        ),
        Existing::Keep => {
            let whole = if format == Format::Csv {
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

/// Collects the names of JSON lines; returns where the last whole line ends.
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
            format!("line {number} is no receipt, so that the file is not gone on with")
        })?;
        had.insert(record.file);
        whole += length as u64;
    }
}

/// Where the last whole CSV row ends: at the last line feed that stands outside quotes, a quote
/// within quotes being doubled.
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

/// Collects the names of the rows in the first `whole` bytes; returns the columns, if there are
/// any yet.
fn rows(mut file: &File, whole: u64, had: &mut HashSet<String>) -> anyhow::Result<Option<Columns>> {
    if whole == 0 {
        return Ok(None);
    }
    file.rewind()?;
    let mut reader = csv::Reader::from_reader(BufReader::new(file).take(whole));
    let columns: Columns = reader.headers()?.iter().map(str::to_owned).collect();
    ensure!(
        columns.first().is_some_and(|name| name == "file"),
        "the first column is not `file`, so that the file is not gone on with"
    );
    for row in reader.records() {
        had.extend(row?.get(0).map(str::to_owned));
    }
    Ok(Some(columns))
}

#[cfg(test)]
mod tests;
