//! `receipt-gateway bench`: measures how fast receipts are read, so that machines, models and versions can be compared.

mod report;

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{
    End, ServerArguments,
    figures::ReadingFigures,
    host::{MeasuredHost, ProcessMemory},
    inputs::{self, InputFile},
    local::Local,
    progress::RunProgress,
    queue::Queue,
    reader::{Ask, ReceiptReader},
    remote::Remote,
    samples::SampleFolder,
};
use report::BenchReport;

/// The arguments of `bench`.
#[derive(Debug, Clone, Args)]
pub struct BenchArguments {
    /// Folder of receipts, or one file; the twelve receipts that the program carries if left out.
    #[arg(long, value_name = "FOLDER")]
    pub receipts: Option<PathBuf>,
    /// Number of receipts to read; each file once if left out. A file that is read again finds its prompt in the
    /// model's memory, which the report counts.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub requests: Option<u32>,
    /// Number of receipts that are asked for at once. The model's own `concurrency` bounds how many of them it reads.
    #[arg(long, default_value_t = 1, value_name = "C",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// The choice of the gateway.
    #[command(flatten)]
    pub server: ServerArguments,
    /// Write one JSON object instead of a Markdown table.
    #[arg(long)]
    pub json: bool,
}

/// Reads receipts without the cache of answers, and writes the measures to `out`.
///
/// `local` makes the reader if `arguments` name no server. Each fault is a line on `errors`.
///
/// # Errors
/// Fails for a folder without receipts, a reader that cannot be made, a fault that every receipt would meet, and
/// output that cannot be written.
pub async fn run(
    arguments: &BenchArguments,
    local: impl AsyncFnOnce(&Ask) -> anyhow::Result<Local>,
    stop: CancellationToken,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<End> {
    let carried = match arguments.receipts {
        Some(_) => None,
        None => Some(SampleFolder::receipts()?),
    };
    let inputs = requests(arguments, carried.as_ref())?;
    let ask = Ask {
        model: arguments.server.model.clone(),
        fresh: true,
        meta: true,
        ..Ask::default()
    };
    let (reader, load): (Box<dyn ReceiptReader>, _) =
        if let Some(server) = &arguments.server.gateway.server {
            let key = arguments.server.gateway.key();
            (Box::new(Remote::new(server, key.as_ref(), &ask)?), None)
        } else {
            let local = local(&ask).await?;
            let load = local.load_time();
            (Box::new(local), Some(load))
        };
    let measured = Measured {
        inputs,
        concurrency: arguments.concurrency.into(),
        load,
    };
    let (report, end) = measured.read(&*reader, &stop, errors).await?;
    if arguments.json {
        writeln!(out, "{:#}", report.object())?;
    } else {
        out.write_all(report.table().as_bytes())?;
    }
    out.flush()?;
    Ok(end)
}

/// Returns the files to read, in order.
fn requests(
    arguments: &BenchArguments,
    carried: Option<&SampleFolder>,
) -> anyhow::Result<Vec<InputFile>> {
    let carried = carried.map(SampleFolder::path);
    let Some(folder) = arguments.receipts.clone().or(carried) else {
        return Ok(Vec::new());
    };
    let files = inputs::find(std::slice::from_ref(&folder));
    anyhow::ensure!(
        !files.is_empty(),
        "{} has no receipts; name a folder of pictures and PDFs with --receipts",
        folder.display()
    );
    let count = arguments
        .requests
        .map_or(files.len(), |requests| requests as usize);
    Ok(files.iter().cycle().take(count).cloned().collect())
}

/// What is to be read, and how.
struct Measured {
    inputs: Vec<InputFile>,
    concurrency: usize,
    /// The time that loading the model took, if this process loaded it.
    load: Option<Duration>,
}

impl Measured {
    async fn read(
        self,
        reader: &dyn ReceiptReader,
        stop: &CancellationToken,
        errors: &mut dyn Write,
    ) -> anyhow::Result<(BenchReport, End)> {
        let terminal = io::stderr().is_terminal();
        let mut progress = RunProgress::new(self.inputs.len(), 0, terminal, errors);
        let mut figures = ReadingFigures::default();
        let started = Instant::now();
        let queue = Queue::new(reader, self.inputs, self.concurrency);
        let is_whole = queue
            .each(stop, |done| {
                figures.add(&done);
                progress.count(&done)
            })
            .await?;
        let took = started.elapsed();
        let end = match (is_whole, figures.failed()) {
            (false, _) => End::Interrupted,
            (true, 0) => End::Clean,
            (true, _) => End::Faults,
        };
        let report = BenchReport {
            host: MeasuredHost::here(),
            figures,
            concurrency: self.concurrency,
            took,
            load: self.load,
            // The model lies in this process only if this process loaded it.
            memory: self.load.map(|_| ProcessMemory::now()),
        };
        Ok((report, end))
    }
}

#[cfg(test)]
mod tests;
