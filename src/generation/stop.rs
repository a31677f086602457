//! Cuts a text at the first stop sequence, in pieces of any size.

/// The result of a piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// Text that can be shown.
    Text(String),
    /// A stop sequence has ended the text.
    Stop {
        /// The last text before it.
        text: String,
        /// The sequence: the one that is complete first, and of those the longest.
        sequence: String,
    },
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
        let found = self.sequences.iter().filter_map(|s| {
            let at = self.held.find(s)?;
            Some((at, s))
        });
        // In whatever pieces the text comes, the sequence that ends first is the first one found.
        if let Some((at, sequence)) = found.min_by_key(|(at, s)| (at + s.len(), *at)) {
            let sequence = sequence.clone();
            self.held.truncate(at);
            let text = std::mem::take(&mut self.held);
            return Cut::Stop { text, sequence };
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

    fn run(stops: &[&str], pieces: &[&str]) -> (String, Option<String>) {
        let mut matcher = StopMatcher::new(stops.iter().map(ToString::to_string));
        let mut shown = String::new();
        for piece in pieces {
            match matcher.push(piece) {
                Cut::Text(text) => shown.push_str(&text),
                Cut::Stop { text, sequence } => return (shown + &text, Some(sequence)),
            }
        }
        (shown + &matcher.finish(), None)
    }

    #[test]
    fn a_sequence_over_two_pieces_is_never_shown() {
        for (stops, pieces, shown, stop) in [
            (&["END"][..], &["one E", "ND two"][..], "one ", Some("END")),
            (&["END"], &["one E", "N", "x"], "one ENx", None),
            (&["b", "ab"], &["xab"], "x", Some("ab")),
            (&["abc", "ab"], &["xabc"], "x", Some("ab")),
            (&["xabc", "b"], &["xabc"], "xa", Some("b")),
            (&[""], &["x"], "x", None),
        ] {
            let expected = (shown.to_owned(), stop.map(str::to_owned));
            assert_eq!(run(stops, pieces), expected);
        }
    }

    proptest! {
        #[test]
        fn however_it_arrives_the_cut_is_the_same(
            text in "[ab€]{0,30}",
            stops in prop::collection::vec("[ab€]{1,4}", 1..4),
            cuts in prop::collection::vec(0usize..30, 0..6),
        ) {
            let chars: Vec<char> = text.chars().collect();
            let mut cuts: Vec<_> = cuts.into_iter().map(|c| c.min(chars.len())).collect();
            cuts.extend([0, chars.len()]);
            cuts.sort_unstable();
            let pieces: Vec<String> =
                cuts.windows(2).map(|w| chars[w[0]..w[1]].iter().collect()).collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let stops: Vec<_> = stops.iter().map(String::as_str).collect();
            let found = stops.iter().filter_map(|stop| Some((text.find(stop)?, *stop)));
            let expected = match found.min_by_key(|(at, stop)| (at + stop.len(), *at)) {
                Some((at, stop)) => (text[..at].to_owned(), Some(stop.to_owned())),
                None => (text.clone(), None),
            };
            prop_assert_eq!(run(&stops, &pieces), expected);
        }
    }
}
