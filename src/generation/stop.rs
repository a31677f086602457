//! Cuts a text at the first stop sequence, in pieces of any size.

/// The result of a piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// Text that can be shown.
    Text(String),
    /// The last text before a stop sequence.
    Stop(String),
}

/// Finds stop sequences in a text. A possible beginning of one is held back, so that no part of it
/// is ever shown.
#[derive(Debug, Clone)]
pub struct StopMatcher {
    sequences: Vec<String>,
    held: String,
}

impl StopMatcher {
    /// Creates a matcher; ignores empty sequences.
    pub fn new(sequences: impl IntoIterator<Item = String>) -> Self {
        Self {
            sequences: sequences.into_iter().filter(|s| !s.is_empty()).collect(),
            held: String::new(),
        }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) -> Cut {
        if self.sequences.is_empty() {
            return Cut::Text(piece.to_owned());
        }
        self.held.push_str(piece);
        let first = self
            .sequences
            .iter()
            .filter_map(|s| self.held.find(s))
            .min();
        if let Some(at) = first {
            self.held.truncate(at);
            return Cut::Stop(std::mem::take(&mut self.held));
        }
        let keep = self
            .sequences
            .iter()
            .map(|s| self.overlap(s))
            .max()
            .unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - keep);
        Cut::Text(std::mem::replace(&mut self.held, rest))
    }

    /// Returns the text held back that was not a stop sequence.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Returns the number of bytes at the end of the text that begin `sequence`.
    fn overlap(&self, sequence: &str) -> usize {
        sequence
            .char_indices()
            .map(|(i, _)| i)
            .rev()
            .find(|&i| i > 0 && self.held.ends_with(&sequence[..i]))
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (String, bool) {
        let mut matcher = StopMatcher::new(stops.iter().map(ToString::to_string));
        let mut shown = String::new();
        for piece in pieces {
            match matcher.push(piece) {
                Cut::Text(text) => shown.push_str(&text),
                Cut::Stop(text) => return (shown + &text, true),
            }
        }
        (shown + &matcher.finish(), false)
    }

    #[test]
    fn a_sequence_over_two_pieces_is_never_shown() {
        assert_eq!(run(&["END"], &["one E", "ND two"]), ("one ".into(), true));
        assert_eq!(
            run(&["END"], &["one E", "N", "x"]),
            ("one ENx".into(), false)
        );
        assert_eq!(run(&["b", "ab"], &["xab"]), ("x".into(), true));
        assert_eq!(run(&[""], &["x"]), ("x".into(), false));
    }

    proptest! {
        #[test]
        fn however_it_arrives_the_cut_is_the_same(
            text in "[ab€]{0,30}",
            stop in "[ab€]{1,4}",
            cuts in prop::collection::vec(0usize..30, 0..6),
        ) {
            let chars: Vec<char> = text.chars().collect();
            let mut cuts: Vec<_> = cuts.into_iter().map(|c| c.min(chars.len())).collect();
            cuts.extend([0, chars.len()]);
            cuts.sort_unstable();
            let pieces: Vec<String> =
                cuts.windows(2).map(|w| chars[w[0]..w[1]].iter().collect()).collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let expected = match text.find(&stop) {
                Some(at) => (text[..at].to_owned(), true),
                None => (text.clone(), false),
            };
            prop_assert_eq!(run(&[&stop], &pieces), expected);
        }
    }
}
