//! Says how far a run is: a bar where a person looks on, and faults line by line.

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

const BAR: &str = "[{wide_bar}] {pos}/{len} {per_sec} ({eta})";

/// A bar on the terminal, or none, and the stream for faults.
pub struct Progress<'a> {
    bar: ProgressBar,
    errors: &'a mut dyn Write,
}

impl<'a> Progress<'a> {
    /// Progress over `total` files of which `had` were read by an earlier run; a bar is shown
    /// where `errors` is a `terminal`.
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

    /// One more file is done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }

    /// Runs `write` with the bar out of the way.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Writes a line above the bar.
    ///
    /// # Errors
    /// A stream that cannot be written.
    pub fn say(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{}\n", printable(line));
        let errors = &mut *self.errors;
        self.bar.suspend(|| {
            errors.write_all(line.as_bytes())?;
            errors.flush()
        })
    }
}

/// `text` on one line that no terminal obeys: names of files and what is printed on receipts come
/// from anybody.
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
        let mut progress = Progress::new(1, 0, false, &mut errors);
        progress.say("a\u{1b}[2J\nb.png: it is ü").unwrap();
        assert_eq!(String::from_utf8(errors).unwrap(), "a [2J b.png: it is ü\n");
    }
}
