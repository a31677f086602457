//! `receipt-gateway text`: writes the text of pictures and PDFs.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    End, GatewayArguments,
    inputs::{self, InputFile},
    progress::{RunProgress, printable},
    reader::{FileFault, TextReader},
};

/// The character between two pages, as `pdftotext` writes it.
const PAGE_BREAK: char = '\u{c}';

/// The arguments of `text`.
#[derive(Debug, Clone, Args)]
pub struct TextArguments {
    /// Pictures, PDFs, patterns, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The choice of the gateway.
    #[command(flatten)]
    pub gateway: GatewayArguments,
    /// Write a JSON object a file: its pages with their lines, words and places, as `POST /v1/ocr` answers.
    #[arg(long)]
    pub json: bool,
}

/// Reads the text of the files that `arguments` name, and writes it to `out`.
///
/// `local` makes the reader if `arguments` name no server. Each fault is a line on `errors`.
///
/// # Errors
/// Fails if the reader cannot be made and if the output cannot be written.
pub async fn run(
    arguments: &TextArguments,
    local: impl FnOnce() -> anyhow::Result<Box<dyn TextReader>>,
    stop: CancellationToken,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<End> {
    let inputs = inputs::find_files(&arguments.files);
    let reader = arguments.gateway.text_reader(local)?;
    let mut progress = RunProgress::new(inputs.len(), 0, io::stderr().is_terminal(), errors);
    let (several, mut written, mut end) = (inputs.len() > 1, 0, End::Clean);
    for input in inputs {
        let read = tokio::select! {
            () = stop.cancelled() => return Ok(End::Interrupted),
            read = read(&*reader, &input) => read,
        };
        match read {
            Ok(text) => {
                let record = if arguments.json {
                    record(&input.name, &text)?
                } else {
                    let name = several.then_some(&*input.name);
                    plain(name, &text, written == 0)
                };
                progress.aside(|| {
                    out.write_all(record.as_bytes())?;
                    out.flush()
                })?;
                written += 1;
            }
            Err(fault) => {
                end = End::Faults;
                progress.say(&format!("{}: {fault}", input.name))?;
                if fault.fatal {
                    progress.say("stopped: every other file would fail in the same way")?;
                    break;
                }
            }
        }
        progress.advance();
    }
    Ok(end)
}

async fn read(reader: &dyn TextReader, input: &InputFile) -> Result<Value, FileFault> {
    reader.read_text(input.bytes().await?).await
}

/// Writes the text of a file as a line of JSON.
fn record(file: &str, text: &Value) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Record<'a> {
        file: &'a str,
        #[serde(flatten)]
        text: &'a Value,
    }
    let mut line = serde_json::to_string(&Record { file, text })?;
    line.push('\n');
    Ok(line)
}

/// Writes the text of a file for people, under its name if it is one of several, as `head` does.
fn plain(name: Option<&str>, text: &Value, is_first: bool) -> String {
    let mut plain = String::new();
    if let Some(name) = name {
        let gap = if is_first { "" } else { "\n" };
        plain = format!("{gap}==> {} <==\n", printable(name));
    }
    let pages = text["pages"].as_array().map_or(&[][..], Vec::as_slice);
    for (number, page) in pages.iter().enumerate() {
        if number > 0 {
            plain.push(PAGE_BREAK);
        }
        for line in page["markdown"].as_str().unwrap_or_default().lines() {
            plain.push_str(&printable(line));
            plain.push('\n');
        }
    }
    plain
}

#[cfg(test)]
mod tests;
