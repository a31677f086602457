//! `receipt-gateway extract`: receipts from files, into one file or onto standard output.

use std::{
    collections::HashSet,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, Command, error::ErrorKind};
use tokio_util::sync::CancellationToken;

use super::{
    End, ServerArguments,
    inputs::{self, Input},
    output::{self, Format, Output, WriteError},
    progress::Progress,
    queue::{Done, Queue},
    reader::{Ask, Fault, Reader},
    resume::{self, Existing, Target},
};

/// Reads the receipts in files.
#[derive(Debug, Clone, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct ExtractArguments {
    /// Pictures and PDFs, folders of them, patterns, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The gateway that reads.
    #[command(flatten)]
    pub server: ServerArguments,
    /// Schema of the receipts; the gateway's default otherwise.
    #[arg(long, value_name = "NAME")]
    pub schema: Option<String>,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Jsonl, value_name = "FORM")]
    pub out: Format,
    /// File to write to, instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Go on with the file of --to: what it has stays, and is not read again.
    #[arg(long, requires = "to")]
    pub resume: bool,
    /// Begin the file of --to anew, whatever is in it.
    #[arg(long, requires = "to", conflicts_with = "resume")]
    pub overwrite: bool,
    /// Files that are read at once. Two keep a model busy while the next picture is prepared; more
    /// pay where the gateway runs several answers at once.
    #[arg(long, default_value_t = 2, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Write with each receipt how it was read: confidence, checks, timings.
    #[arg(long)]
    pub meta: bool,
    /// Write texts into CSV as they are. Otherwise an apostrophe stands before one that begins as a formula
    /// does (=, +, -, @), so that no spreadsheet runs what somebody printed on a receipt.
    #[arg(long)]
    pub csv_raw: bool,
}

impl ExtractArguments {
    /// What is asked with every file.
    #[must_use]
    pub fn ask(&self) -> Ask {
        Ask {
            model: self.server.model.clone(),
            schema: self.schema.clone(),
            // A person wants to see what to look at twice.
            meta: self.meta || self.out == Format::Table,
            fresh: false,
        }
    }

    /// Refuses what does not go together but clap cannot know of.
    fn check(&self) -> Result<(), clap::Error> {
        let refused = |text: &str| {
            let command = &mut Command::new("receipt-gateway extract");
            Err(clap::Error::raw(ErrorKind::ArgumentConflict, format!("{text}\n")).format(command))
        };
        if self.resume && !self.out.is_resumable() {
            return refused(
                "--resume goes with --out jsonl and --out csv: a file that breaks off in the \
                 other forms cannot be gone on with",
            );
        }
        if self.resume && self.files.iter().any(|file| file == Path::new("-")) {
            return refused("--resume cannot know what standard input was when it was read before");
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
        self.csv_raw && self.out == Format::Csv
    }

    /// Whether the receipt of `file` is among those of the names `had`, which stand as they were written.
    fn is_among(&self, had: &HashSet<String>, file: &str) -> bool {
        if self.out != Format::Csv || self.csv_raw {
            return had.contains(file);
        }
        // A name that begins with no apostrophe stands without one in a file that was begun raw.
        let is_raw = !file.starts_with('\'') && had.contains(file);
        is_raw || had.contains(&output::guarded(file.to_owned()))
    }

    fn target(&self) -> anyhow::Result<Option<Target>> {
        let open = |path: &PathBuf| resume::open(path, self.out, self.existing());
        self.to.as_ref().map(open).transpose()
    }
}

/// Reads what `arguments` name; `local` makes the reader where no server is named, and only where
/// there is something to read. Faults go to `errors`, line by line.
///
/// # Errors
/// A [`clap::Error`] for arguments that do not go together, nothing to read, a reader that cannot
/// be made, or output that cannot be written.
pub async fn run(
    arguments: &ExtractArguments,
    local: impl AsyncFnOnce(&Ask) -> anyhow::Result<Box<dyn Reader>>,
    stop: CancellationToken,
    errors: &mut dyn Write,
) -> anyhow::Result<End> {
    arguments.check()?;
    let mut inputs = inputs::find(&arguments.files);
    anyhow::ensure!(
        !inputs.is_empty(),
        "there are no pictures and no PDFs in what was named"
    );
    // A reader that cannot be made must not cost the file that --overwrite begins anew.
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
    let output = if arguments.is_raw_csv() {
        output::raw_csv(arguments.meta, columns, stream)
    } else {
        output::output(arguments.out, arguments.meta, columns, stream)
    };
    let progress = Progress::new(total, had, io::stderr().is_terminal(), errors);
    let run = Run {
        output,
        progress,
        faults: 0,
    };
    if inputs.is_empty() {
        return run.finish(false);
    }
    let reader = match (early, local) {
        (None, Some(local)) => arguments.server.reader(&arguments.ask(), local).await?,
        (Some(reader), _) => reader,
        (None, None) => return run.finish(false),
    };
    run.all(&*reader, inputs, arguments.jobs.into(), stop).await
}

struct Run<'a> {
    output: Box<dyn Output>,
    progress: Progress<'a>,
    faults: usize,
}

impl Run<'_> {
    async fn all(
        mut self,
        reader: &dyn Reader,
        inputs: Vec<Input>,
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
        // What is read already need not be read again by the run that goes on.
        for done in queue.into_waiting().filter(|done| done.result.is_ok()) {
            self.record(&done)?;
        }
        self.finish(go_on)
    }

    /// Writes a result; returns whether there is a use in going on.
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
                Err(WriteError::Unfit(message)) => Fault::new("no_column", message),
                Err(WriteError::Stream(error)) => return Err(error).context(NOT_WRITTEN),
            },
        };
        self.faults += 1;
        self.progress.advance();
        self.progress
            .say(&format!("{}: {fault}", done.input.name))?;
        if fault.fatal {
            self.progress
                .say("stopped, since every other file would fare the same")?;
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
