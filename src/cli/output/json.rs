//! JSON output: one object a line, or one array.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{Extras, FileReading, Output, WriteError, evidence, send};

#[derive(Serialize)]
struct Record<'a> {
    file: &'a str,
    invoice: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Value>,
}

impl<'a> Record<'a> {
    fn new(file: &'a str, reading: &'a FileReading, extras: Extras) -> Self {
        let meta = reading.meta.as_ref();
        Self {
            file,
            invoice: &reading.invoice,
            meta: meta.filter(|_| extras.meta),
            // The whole meta object has it already.
            evidence: meta
                .filter(|_| extras.evidence && !extras.meta)
                .map(evidence::all),
        }
    }
}

/// An output of one object a line.
pub struct Lines<'a> {
    stream: Box<dyn Write + 'a>,
    extras: Extras,
}

impl<'a> Lines<'a> {
    /// Creates the output on `stream`.
    pub fn new(stream: Box<dyn Write + 'a>, extras: Extras) -> Self {
        Self { stream, extras }
    }
}

impl Output for Lines<'_> {
    fn write(&mut self, file: &str, reading: &FileReading) -> Result<(), WriteError> {
        let mut line = serde_json::to_vec(&Record::new(file, reading, self.extras))?;
        line.push(b'\n');
        Ok(send(&mut *self.stream, &line)?)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// An output of one array, written element by element, since it may be larger than the memory.
pub struct Array<'a> {
    stream: Box<dyn Write + 'a>,
    extras: Extras,
    begun: bool,
}

impl<'a> Array<'a> {
    /// Creates the output on `stream`.
    pub fn new(stream: Box<dyn Write + 'a>, extras: Extras) -> Self {
        Self {
            stream,
            extras,
            begun: false,
        }
    }
}

impl Output for Array<'_> {
    fn write(&mut self, file: &str, reading: &FileReading) -> Result<(), WriteError> {
        let mut element = if self.begun {
            b",\n".to_vec()
        } else {
            b"[\n".to_vec()
        };
        serde_json::to_writer(&mut element, &Record::new(file, reading, self.extras))?;
        self.begun = true;
        Ok(send(&mut *self.stream, &element)?)
    }

    fn finish(&mut self) -> io::Result<()> {
        let end: &[u8] = if self.begun { b"\n]\n" } else { b"[]\n" };
        send(&mut *self.stream, end)
    }
}
