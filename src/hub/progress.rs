//! Shows how far downloads are: bars on a terminal, log lines elsewhere.

use std::{
    io::{IsTerminal, stderr},
    time::{Duration, Instant},
};

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressFinish, ProgressStyle};

const BAR: &str = "{msg:34!} [{wide_bar}] {bytes}/{total_bytes} {bytes_per_sec} ({eta})";
const BETWEEN_LINES: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(super) struct Progress {
    /// `None` where log lines take the place of bars.
    bars: Option<MultiProgress>,
}

/// One file's progress.
pub(super) struct Meter {
    file: String,
    size: String,
    bar: ProgressBar,
    last_line: Option<Instant>,
}

impl Progress {
    pub fn new(wanted: bool) -> Self {
        Self {
            bars: (wanted && stderr().is_terminal()).then(MultiProgress::new),
        }
    }

    /// A file of which `received` bytes are there already.
    pub fn start(&self, file: &str, received: u64, size: Option<u64>) -> Meter {
        let bar = match &self.bars {
            Some(bars) => bars.add(ProgressBar::no_length()),
            None => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template(BAR);
        let bar = bar
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_message(file.to_owned())
            .with_position(received)
            .with_finish(ProgressFinish::Abandon);
        if let Some(size) = size {
            bar.set_length(size);
        }
        let meter = Meter {
            file: file.to_owned(),
            size: size.map_or_else(|| "unknown".to_owned(), |size| HumanBytes(size).to_string()),
            bar,
            last_line: self.bars.is_none().then(Instant::now),
        };
        meter.log("downloading");
        meter
    }
}

impl Meter {
    /// Bytes begin to flow, so many being there; the rate counts from here.
    pub fn begin(&self, received: u64) {
        self.bar.set_position(received);
        self.bar.reset_eta();
    }

    pub fn advance(&mut self, bytes: u64) {
        self.bar.inc(bytes);
        if self
            .last_line
            .is_some_and(|at| at.elapsed() >= BETWEEN_LINES)
        {
            self.last_line = Some(Instant::now());
            self.log("still downloading");
        }
    }

    pub fn finish(&self) {
        self.bar.finish();
        self.log("downloaded");
    }

    fn log(&self, what: &str) {
        if self.last_line.is_some() {
            let (file, size, received) = (&self.file, &self.size, HumanBytes(self.bar.position()));
            tracing::info!(%file, %size, %received, seconds = self.bar.elapsed().as_secs(), "{what}");
        }
    }
}
