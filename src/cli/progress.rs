//! The progress of a run: a bar on a terminal, and a line for each fault.

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use super::queue::Done;

const BAR: &str = "[{wide_bar}] {pos}/{len} {per_sec} ({eta})";

/// The progress bar, hidden if there is no terminal, and the stream for faults.
pub struct RunProgress<'a> {
    bar: ProgressBar,
    errors: &'a mut dyn Write,
}

impl<'a> RunProgress<'a> {
    /// Creates the progress of `total` files, of which `had` were read by an earlier run. A bar is shown if
    /// `errors` is a `terminal`.
    pub fn new(total: usize, had: usize, terminal: bool, errors: &'a mut dyn Write) -> Self {
        let style = ProgressStyle::with_template(BAR);
        let bar = if terminal {
            ProgressBar::new(total as u64)
        } else {
            ProgressBar::hidden()
        };
        let bar = bar
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_position(had as u64)
            .with_finish(ProgressFinish::Abandon);
        bar.reset_eta();
        Self { bar, errors }
    }

    /// Counts one more file as done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }

    /// Counts one more file as done, and writes a line for its fault, if it has one.
    ///
    /// # Errors
    /// Fails for a fault that every other file would meet, and if the stream cannot be written.
    pub fn count(&mut self, done: &Done) -> anyhow::Result<()> {
        if let Err(fault) = &done.result {
            self.say(&format!("{}: {fault}", done.input.name))?;
            anyhow::ensure!(
                !fault.fatal,
                "stopped: every other receipt would fail in the same way"
            );
        }
        self.advance();
        Ok(())
    }

    /// Returns the bar, for a count that goes on beside other borrows of the progress.
    #[must_use]
    pub fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// Hides the bar while `write` runs.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Writes a line above the bar.
    ///
    /// # Errors
    /// Fails if the stream cannot be written.
    pub fn say(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{}\n", printable(line));
        let errors = &mut *self.errors;
        self.bar.suspend(|| {
            errors.write_all(line.as_bytes())?;
            errors.flush()
        })
    }
}

/// Returns `text` with spaces for control characters, so that names of files and text from receipts cannot
/// steer a terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cannot_steer_the_terminal() {
        let mut errors = Vec::new();
        let mut progress = RunProgress::new(1, 0, false, &mut errors);
        progress.say("a\u{1b}[2J\nb.png: it is ü").unwrap();
        assert_eq!(String::from_utf8(errors).unwrap(), "a [2J b.png: it is ü\n");
    }
}
