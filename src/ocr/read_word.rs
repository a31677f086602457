//! The words of a recognised line, and what those may say besides of which the recogniser is unsure.

use super::{
    beam::{Hypothesis, hypotheses},
    ctc::{Recognised, Steps},
};

/// Number of other readings of a word at most.
const MOST_READINGS: usize = 4;
/// Least probability of another reading, as a share of the likeliest one's.
const LEAST_SHARE: f32 = 0.05;

/// A word of a recognised line.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadWord {
    /// Index of its first character.
    pub first: usize,
    /// Index after its last one.
    pub end: usize,
    /// Other readings of the whole word, the likeliest first.
    pub others: Vec<Hypothesis>,
}

/// Returns the words of a line whose `characters` were recognised in `steps`.
pub fn words_of(
    characters: &[Recognised],
    steps: Steps<'_>,
    is_blank: impl Fn(usize) -> bool,
) -> Vec<ReadWord> {
    let spans = spans(characters.len(), |at| is_blank(characters[at].class));
    let words = spans.into_iter().map(|(first, end)| {
        // A word may reach from the blank before it to the one after it.
        let before = first.checked_sub(1).and_then(|at| characters.get(at));
        let from = before.map_or(0, |blank| blank.step + 1);
        let to = characters
            .get(end)
            .map_or(steps.count(), |blank| blank.step);
        let found = hypotheses(steps, from..to, &is_blank);
        ReadWord {
            first,
            end,
            others: others(found, &characters[first..end]),
        }
    });
    words.collect()
}

/// Returns the readings that are likely enough and no other spelling of what was recognised.
fn others(found: Vec<Hypothesis>, recognised: &[Recognised]) -> Vec<Hypothesis> {
    let least = LEAST_SHARE * found.first().map_or(0.0, |best| best.probability);
    let is_other = |one: &Hypothesis| {
        let same = one.classes.iter().copied();
        !one.classes.is_empty()
            && one.probability >= least
            && !same.eq(recognised.iter().map(|one| one.class))
    };
    let others = found.into_iter().filter(is_other);
    others.take(MOST_READINGS).collect()
}

/// Returns the first index and the one after the last of each word among `count` characters.
fn spans(count: usize, is_blank: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut first = None;
    for at in 0..=count {
        if at == count || is_blank(at) {
            spans.extend(first.take().map(|first| (first, at)));
        } else {
            first.get_or_insert(at);
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_blanks() {
        let of = |text: &str| {
            let characters: Vec<_> = text.chars().collect();
            spans(characters.len(), |at| characters[at] == ' ')
        };
        assert_eq!(of("to pay  12"), [(0, 2), (3, 6), (8, 10)]);
        assert_eq!(of(" a "), [(1, 2)]);
        assert!(of("  ").is_empty());
        assert!(of("").is_empty());
    }

    /// Classes: nothing, the digits 1 and 7, and the blank between words.
    fn words(steps: &[[f32; 4]]) -> Vec<(usize, usize, Vec<Vec<usize>>)> {
        let steps = Steps::new(steps.as_flattened(), 4, false);
        let words = words_of(&steps.decode(), steps, |class| [0, 3].contains(&class));
        let told = words.into_iter().map(|word| {
            let others = word.others.into_iter().map(|other| other.classes);
            (word.first, word.end, others.collect())
        });
        told.collect()
    }

    #[test]
    fn only_an_unsure_word_has_other_readings() {
        let found = words(&[
            [0.0, 0.99, 0.01, 0.0],
            [0.0, 0.0, 0.0, 1.0],
            [0.0, 0.6, 0.4, 0.0],
            [0.3, 0.0, 0.7, 0.0],
        ]);
        // A 7 may be all there is, or a 1 without a 7.
        assert_eq!(found, [(0, 1, vec![]), (2, 4, vec![vec![2], vec![1]])]);
    }

    #[test]
    fn a_digit_that_lost_to_nothing_is_another_reading() {
        let found = words(&[
            [0.0, 1.0, 0.0, 0.0],
            [0.55, 0.0, 0.45, 0.0],
            [0.0, 1.0, 0.0, 0.0],
        ]);
        assert_eq!(found, [(0, 2, vec![vec![1, 2, 1]])]);
    }

    #[test]
    fn others_are_bounded_and_never_empty() {
        let found = words(&[[0.3, 0.36, 0.34, 0.0]; 6]);
        for (_, _, others) in &found {
            assert!(others.len() <= MOST_READINGS);
            assert!(others.iter().all(|other| !other.is_empty()));
        }
        assert!(!found.is_empty());
    }
}
