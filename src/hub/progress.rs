//! Shows the progress of downloads: bars on a terminal, log lines elsewhere, and counts for callers.

use std::{
    io::{IsTerminal, stderr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressFinish, ProgressStyle};

const BAR: &str = "{msg:34!} [{wide_bar}] {bytes}/{total_bytes} {bytes_per_sec} ({eta})";
const BETWEEN_LINES: Duration = Duration::from_secs(20);

/// The progress of downloading a model.
#[derive(Debug, Default)]
pub(super) struct Received {
    bytes: AtomicU64,
    /// 0 while it is unknown.
    total: AtomicU64,
}

impl Received {
    pub fn expect(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    pub fn add(&self, received: u64) {
        self.bytes.fetch_add(received, Ordering::Relaxed);
    }

    /// Returns the bytes received, and in all once that is known.
    pub fn get(&self) -> Option<(u64, u64)> {
        let total = self.total.load(Ordering::Relaxed);
        (total > 0).then(|| (self.bytes.load(Ordering::Relaxed), total))
    }
}

#[derive(Debug)]
pub(super) struct PullProgress {
    /// The bars; `None` with log lines instead.
    bars: Option<MultiProgress>,
}

/// One file's progress.
pub(super) struct TransferMeter {
    counter: Arc<Received>,
    file: String,
    size: String,
    bar: ProgressBar,
    last_line: Option<Instant>,
}

impl PullProgress {
    pub fn new(wanted: bool) -> Self {
        Self {
            bars: (wanted && stderr().is_terminal()).then(MultiProgress::new),
        }
    }

    /// Starts the progress of a file of which `received` bytes are already there.
    pub fn start(
        &self,
        counter: &Arc<Received>,
        file: &str,
        received: u64,
        size: Option<u64>,
    ) -> TransferMeter {
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
        let meter = TransferMeter {
            counter: counter.clone(),
            file: file.to_owned(),
            size: size.map_or_else(|| "unknown".to_owned(), |size| HumanBytes(size).to_string()),
            bar,
            last_line: self.bars.is_none().then(Instant::now),
        };
        meter.log("downloading");
        meter
    }
}

impl TransferMeter {
    /// Records the beginning of a transfer after `received` bytes; the rate counts from here.
    pub fn begin(&self, received: u64) {
        self.counter.add(received);
        self.bar.set_position(received);
        self.bar.reset_eta();
    }

    pub fn advance(&mut self, bytes: u64) {
        self.counter.add(bytes);
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
