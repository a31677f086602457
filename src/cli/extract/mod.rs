//! `receipt-gateway extract`: reads the receipts in files, and writes them to a file or standard output.

use std::{
    collections::HashSet,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, Command, error::ErrorKind};
use tokio_util::sync::CancellationToken;

use super::{
    End, GroundingArgument, ServerArguments,
    inputs::{self, InputFile},
    output::{self, Extras, Output, OutputFormat, WriteError},
    progress::RunProgress,
    queue::{Done, Queue},
    reader::{Ask, FileFault, ReceiptReader},
    resume::{self, Existing, Target},
};

/// The arguments of `extract`.
#[derive(Debug, Clone, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct ExtractArguments {
    /// Pictures, PDFs, folders of them, patterns, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The choice of the gateway.
    #[command(flatten)]
    pub server: ServerArguments,
    /// Schema of the receipts; the gateway's default if left out.
    #[arg(long, value_name = "NAME")]
    pub schema: Option<String>,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = OutputFormat::Jsonl, value_name = "FORM")]
    pub out: OutputFormat,
    /// File to write to, instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Continue the file of --to: keep its receipts, and do not read their files again.
    #[arg(long, requires = "to")]
    pub resume: bool,
    /// Replace the contents of the file of --to.
    #[arg(long, requires = "to", conflicts_with = "resume")]
    pub overwrite: bool,
    /// Number of files that are read at once. Two keep a model busy while the next picture is prepared; more
    /// are faster if the gateway generates several answers at once.
    #[arg(long, default_value_t = 2, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Write the meta object with each receipt: confidence, checks, timings.
    #[arg(long)]
    pub meta: bool,
    /// Write the page and the place of each value with its receipt. In CSV these are the columns FIELD.printed,
    /// FIELD.page, FIELD.box and FIELD.text, and FIELD.evidence for a list; in JSON the field evidence.
    #[arg(long)]
    pub evidence: bool,
    /// Hold the fields that the schema marks as printed to what is printed; the model's setting if left out.
    #[arg(long, value_enum, value_name = "HOW")]
    pub grounding: Option<GroundingArgument>,
    /// Write texts into CSV unchanged. By default a text that begins like a formula (=, +, -, @) gets an
    /// apostrophe in front, so that no spreadsheet runs a formula from a receipt.
    #[arg(long)]
    pub csv_raw: bool,
}

impl ExtractArguments {
    /// Returns the options that are sent with every file.
    #[must_use]
    pub fn ask(&self) -> Ask {
        Ask {
            model: self.server.model.clone(),
            schema: self.schema.clone(),
            // The table shows people which receipts need a second look.
            meta: self.meta || self.evidence || self.out == OutputFormat::Table,
            fresh: false,
            grounding: self.grounding.map(Into::into),
        }
    }

    fn extras(&self) -> Extras {
        Extras {
            meta: self.meta,
            evidence: self.evidence,
        }
    }

    /// Refuses combinations of arguments that clap cannot check.
    fn check(&self) -> Result<(), clap::Error> {
        let refused = |text: &str| {
            let command = &mut Command::new("receipt-gateway extract");
            Err(clap::Error::raw(ErrorKind::ArgumentConflict, format!("{text}\n")).format(command))
        };
        if self.resume && !self.out.is_resumable() {
            return refused(
                "--resume needs --out jsonl or --out csv: an unfinished file of another form cannot be \
                 continued",
            );
        }
        if self.resume && self.files.iter().any(|file| file == Path::new("-")) {
            return refused(
                "--resume cannot be used with standard input (-), which may differ from the earlier run's",
            );
        }
        Ok(())
    }

    fn existing(&self) -> Existing {
        match (self.resume, self.overwrite) {
            (true, _) => Existing::Keep,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        }
    }

    fn is_raw_csv(&self) -> bool {
        self.csv_raw && self.out == OutputFormat::Csv
    }

    /// Returns whether `had`, the names in the output file, has that of `file`.
    fn is_among(&self, had: &HashSet<String>, file: &str) -> bool {
        if self.out != OutputFormat::Csv || self.csv_raw {
            return had.contains(file);
        }
        // An earlier run with --csv-raw wrote the name unguarded.
        let is_raw = !file.starts_with('\'') && had.contains(file);
        is_raw || had.contains(&output::guarded(file.to_owned()))
    }

    fn target(&self) -> anyhow::Result<Option<Target>> {
        let open = |path: &PathBuf| resume::open(path, self.out, self.existing());
        self.to.as_ref().map(open).transpose()
    }
}

/// Reads the files that `arguments` name, and writes their receipts.
///
/// `local` makes the reader if `arguments` name no server and there is a file to read. Each fault is a line on
/// `errors`.
///
/// # Errors
/// Fails with a [`clap::Error`] for arguments that exclude each other, and fails if there is no file to read, if
/// the reader cannot be made and if the output cannot be written.
pub async fn run(
    arguments: &ExtractArguments,
    local: impl AsyncFnOnce(&Ask) -> anyhow::Result<Box<dyn ReceiptReader>>,
    stop: CancellationToken,
    errors: &mut dyn Write,
) -> anyhow::Result<End> {
    arguments.check()?;
    let mut inputs = inputs::find(&arguments.files);
    anyhow::ensure!(
        !inputs.is_empty(),
        "there are no pictures or PDFs among the named files and folders"
    );
    // The reader is made first, so that --overwrite loses no file where that fails.
    let (early, local) = if arguments.overwrite {
        let reader = arguments.server.reader(&arguments.ask(), local).await?;
        (Some(reader), None)
    } else {
        (None, Some(local))
    };
    let total = inputs.len();
    let (stream, columns): (Box<dyn Write>, _) = match arguments.target()? {
        Some(target) => {
            inputs.retain(|input| !arguments.is_among(&target.had, &input.name));
            (Box::new(target.file), target.columns)
        }
        None => (Box::new(io::stdout()), None),
    };
    let had = total - inputs.len();
    let mut ask = arguments.ask();
    // A file that is continued has its columns already.
    ask.meta |= columns.as_deref().is_some_and(output::need_meta);
    let output = if arguments.is_raw_csv() {
        output::raw_csv(arguments.extras(), columns, stream)
    } else {
        output::output(arguments.out, arguments.extras(), columns, stream)
    };
    let progress = RunProgress::new(total, had, io::stderr().is_terminal(), errors);
    let run = Run {
        output,
        progress,
        faults: 0,
    };
    if inputs.is_empty() {
        return run.finish(false);
    }
    let reader = match (early, local) {
        (None, Some(local)) => arguments.server.reader(&ask, local).await?,
        (Some(reader), _) => reader,
        (None, None) => return run.finish(false),
    };
    run.all(&*reader, inputs, arguments.jobs.into(), stop).await
}

struct Run<'a> {
    output: Box<dyn Output>,
    progress: RunProgress<'a>,
    faults: usize,
}

impl Run<'_> {
    async fn all(
        mut self,
        reader: &dyn ReceiptReader,
        inputs: Vec<InputFile>,
        jobs: usize,
        stop: CancellationToken,
    ) -> anyhow::Result<End> {
        let mut queue = Queue::new(reader, inputs, jobs);
        let mut go_on = true;
        while go_on {
            go_on = tokio::select! {
                () = stop.cancelled() => break,
                done = queue.next() => match done {
                    Some(done) => self.record(&done)?,
                    None => return self.finish(false),
                },
            };
        }
        // Writing the finished results saves a later run from reading them again.
        for done in queue.into_waiting().filter(|done| done.result.is_ok()) {
            self.record(&done)?;
        }
        self.finish(go_on)
    }

    /// Writes a result; returns whether the run continues.
    fn record(&mut self, done: &Done) -> anyhow::Result<bool> {
        let output = &mut self.output;
        let fault = match &done.result {
            Err(fault) => fault.clone(),
            Ok(reading) => match self
                .progress
                .aside(|| output.write(&done.input.name, reading))
            {
                Ok(()) => {
                    self.progress.advance();
                    return Ok(true);
                }
                Err(WriteError::Unfit(message)) => FileFault::new("no_column", message),
                Err(WriteError::Stream(error)) => return Err(error).context(NOT_WRITTEN),
            },
        };
        self.faults += 1;
        self.progress.advance();
        self.progress
            .say(&format!("{}: {fault}", done.input.name))?;
        if fault.fatal {
            self.progress
                .say("stopped: every other file would fail in the same way")?;
        }
        Ok(!fault.fatal)
    }

    fn finish(mut self, interrupted: bool) -> anyhow::Result<End> {
        let output = &mut self.output;
        let finished = self.progress.aside(|| output.finish());
        finished.context(NOT_WRITTEN)?;
        Ok(if interrupted {
            End::Interrupted
        } else if self.faults > 0 {
            End::Faults
        } else {
            End::Clean
        })
    }
}

const NOT_WRITTEN: &str = "the output cannot be written";

#[cfg(test)]
mod tests;
