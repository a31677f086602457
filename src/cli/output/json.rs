//! JSON output: one object a line, or one array.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{FileReading, Output, WriteError, send};

#[derive(Serialize)]
struct Record<'a> {
    file: &'a str,
    invoice: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<&'a Value>,
}

impl<'a> Record<'a> {
    fn new(file: &'a str, reading: &'a FileReading) -> Self {
        Self {
            file,
            invoice: &reading.invoice,
            meta: reading.meta.as_ref(),
        }
    }
}

/// An output of one object a line.
pub struct Lines<'a> {
    stream: Box<dyn Write + 'a>,
}

impl<'a> Lines<'a> {
    /// Creates the output on `stream`.
    pub fn new(stream: Box<dyn Write + 'a>) -> Self {
        Self { stream }
    }
}

impl Output for Lines<'_> {
    fn write(&mut self, file: &str, reading: &FileReading) -> Result<(), WriteError> {
        let mut line = serde_json::to_vec(&Record::new(file, reading))?;
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
    begun: bool,
}

impl<'a> Array<'a> {
    /// Creates the output on `stream`.
    pub fn new(stream: Box<dyn Write + 'a>) -> Self {
        Self {
            stream,
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
        serde_json::to_writer(&mut element, &Record::new(file, reading))?;
        self.begun = true;
        Ok(send(&mut *self.stream, &element)?)
    }

    fn finish(&mut self) -> io::Result<()> {
        let end: &[u8] = if self.begun { b"\n]\n" } else { b"[]\n" };
        send(&mut *self.stream, end)
    }
}
