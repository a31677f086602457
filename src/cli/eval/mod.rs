//! `receipt-gateway eval`: measures how well a model reads receipts whose contents are known.

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    End, GroundingArgument, ServerArguments,
    inputs::{self, InputFile},
    markdown::markdown_table,
    progress::RunProgress,
    queue::{Done, Queue},
    reader::{Ask, ReceiptReader},
    score::Tally,
};

/// The arguments of `eval`.
#[derive(Debug, Clone, Args)]
pub struct EvalArguments {
    /// Folder of pictures, each with the expected invoice beside it: shop.json for shop.png.
    pub folder: PathBuf,
    /// The choice of the gateway.
    #[command(flatten)]
    pub server: ServerArguments,
    /// Number of files that are read at once. With more than one, each takes longer.
    #[arg(long, default_value_t = 1, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Hold the fields that the schema marks as printed to what is printed; the model's setting if left out.
    #[arg(long, value_enum, value_name = "HOW")]
    pub grounding: Option<GroundingArgument>,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Form::Table, value_name = "FORM")]
    pub out: Form,
}

/// A form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A Markdown table.
    Table,
    /// One JSON object.
    Json,
}

/// Reads the pictures of a folder without using a cache, and writes the measures to `out`.
///
/// `local` makes the reader if `arguments` name no server. Each fault is a line on `errors`.
///
/// # Errors
/// Fails for a folder without expected invoices, an expected invoice that is not JSON, a reader that cannot be
/// made, and output that cannot be written.
pub async fn run(
    arguments: &EvalArguments,
    local: impl AsyncFnOnce(&Ask) -> anyhow::Result<Box<dyn ReceiptReader>>,
    stop: CancellationToken,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<End> {
    let inputs = with_truth(&arguments.folder, errors)?;
    let ask = Ask {
        model: arguments.server.model.clone(),
        fresh: true,
        meta: true,
        grounding: arguments.grounding.map(Into::into),
        ..Ask::default()
    };
    let reader = arguments.server.reader(&ask, local).await?;
    let mut progress = RunProgress::new(inputs.len(), 0, io::stderr().is_terminal(), errors);
    let mut tally = Tally::new();
    let queue = Queue::new(&*reader, inputs, arguments.jobs.into());
    let is_whole = queue
        .each(&stop, |done| {
            count(&mut tally, &done)?;
            progress.count(&done)
        })
        .await?;
    let end = match (is_whole, tally.failed()) {
        (false, _) => End::Interrupted,
        (true, 0) => End::Clean,
        (true, _) => End::Faults,
    };
    drop(progress);
    match arguments.out {
        Form::Table => out.write_all(table(&tally).as_bytes())?,
        Form::Json => writeln!(out, "{:#}", object(&tally))?,
    }
    out.flush()?;
    Ok(end)
}

/// Returns the pictures of `folder` that have an expected invoice, and names the others on `errors`.
fn with_truth(folder: &Path, errors: &mut dyn Write) -> anyhow::Result<Vec<InputFile>> {
    anyhow::ensure!(
        folder.is_dir(),
        "{} is not a folder; name one with pictures, each with its invoice as .json beside it",
        folder.display()
    );
    let mut inputs = Vec::new();
    for input in inputs::find(&[folder.to_owned()]) {
        if input.path().is_none_or(|path| truth_path(path).is_file()) {
            inputs.push(input);
        } else {
            writeln!(
                errors,
                "{}: skipped, since its expected invoice (.json) is not beside it",
                input.name
            )?;
        }
    }
    anyhow::ensure!(
        !inputs.is_empty(),
        "{} has no pictures with the expected invoice beside them, such as shop.png with shop.json",
        folder.display()
    );
    Ok(inputs)
}

fn truth_path(picture: &Path) -> PathBuf {
    picture.with_extension("json")
}

fn truth(input: &InputFile) -> anyhow::Result<Value> {
    let path = truth_path(
        input
            .path()
            .context("standard input has no expected invoice")?,
    );
    let parse = || anyhow::Ok(serde_json::from_slice(&fs::read(&path)?)?);
    parse().with_context(|| path.display().to_string())
}

/// Compares what was read of a file with its expected invoice.
///
/// # Errors
/// Fails for an expected invoice that cannot be read or is not JSON.
pub fn count(tally: &mut Tally, done: &Done) -> anyhow::Result<()> {
    let Ok(reading) = &done.result else {
        tally.fail();
        return Ok(());
    };
    let truth = truth(&done.input)?;
    tally.score(&reading.invoice, &truth, done.took);
    let meta = reading.meta.as_ref();
    if let Some(source) = meta.and_then(|meta| meta["source"].as_str()) {
        tally.source(source);
    }
    Ok(())
}

/// Returns a Markdown table with a row for each measure: its per cent, and the number of values.
#[must_use]
pub fn table(tally: &Tally) -> String {
    let mut rows = vec![["measure", "%", "of"].map(str::to_owned).to_vec()];
    let mut row =
        |name: &str, value: String, of: String| rows.push(vec![name.to_owned(), value, of]);
    for (name, mean) in tally.measures() {
        let percent = mean
            .percent()
            .map_or_else(String::new, |percent| format!("{percent:.1}"));
        row(name, percent, mean.count().to_string());
    }
    row("receipts", tally.receipts().to_string(), String::new());
    for (source, count) in tally.sources() {
        row(
            &format!("source {source}"),
            count.to_string(),
            String::new(),
        );
    }
    row("failed", tally.failed().to_string(), String::new());
    let median = tally.median_seconds();
    let median = median.map_or_else(String::new, |seconds| format!("{seconds:.2}"));
    row("median seconds", median, String::new());
    markdown_table(&rows)
}

/// Returns the same as one object.
#[must_use]
pub fn object(tally: &Tally) -> Value {
    let measure = |(name, mean): (&str, super::score::Mean)| {
        let value = json!({ "percent": mean.percent(), "of": mean.count() });
        (name.to_owned(), value)
    };
    json!({
        "measures": tally.measures().map(measure).collect::<Map<_, _>>(),
        "receipts": tally.receipts(),
        "sources": tally.sources().collect::<IndexMap<_, _>>(),
        "failed": tally.failed(),
        "median_seconds": tally.median_seconds(),
    })
}

#[cfg(test)]
mod tests;
