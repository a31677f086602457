//! Finds the likeliest readings of steps of a line, each with its probability (prefix beam search).

use std::ops::Range;

use super::ctc::Steps;

/// Number of hypotheses that are followed from step to step.
const WIDTH: usize = 8;
/// Least probability of a character at a step for it to be followed.
const LEAST_CHARACTER: f32 = 0.01;
/// Least probability of a hypothesis that is followed, as a share of the likeliest one's.
const LEAST_HYPOTHESIS: f64 = 1e-3;

/// What a range of steps may say.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// The classes of the characters.
    pub classes: Vec<usize>,
    /// The probability of all ways in which the steps can be read so.
    pub probability: f32,
}

/// A hypothesis for the steps up to one of them.
struct Prefix {
    classes: Vec<usize>,
    /// Probability with nothing at the last step.
    after_nothing: f64,
    /// Probability with its last character at the last step.
    after_character: f64,
}

impl Prefix {
    fn probability(&self) -> f64 {
        self.after_nothing + self.after_character
    }
}

/// Returns what `range` may say, the likeliest first. The classes that are `nothing` are no characters of it.
pub fn hypotheses(
    steps: Steps<'_>,
    range: Range<usize>,
    is_nothing: impl Fn(usize) -> bool,
) -> Vec<Hypothesis> {
    let mut prefixes = vec![Prefix {
        classes: Vec::new(),
        after_nothing: 1.0,
        after_character: 0.0,
    }];
    for step in range {
        let likely = steps.likely(step, LEAST_CHARACTER);
        let (nothing, characters): (Vec<_>, Vec<_>) = likely
            .into_iter()
            .partition(|(class, _)| is_nothing(*class));
        let nothing = nothing.iter().map(|(_, probability)| probability).sum();
        follow(&mut prefixes, nothing, &characters);
    }
    let hypotheses = prefixes.into_iter().map(|prefix| Hypothesis {
        probability: prefix.probability() as f32,
        classes: prefix.classes,
    });
    hypotheses.collect()
}

/// Follows the hypotheses over one more step, where nothing and each character have these probabilities.
fn follow(prefixes: &mut Vec<Prefix>, nothing: f64, characters: &[(usize, f64)]) {
    let mut longer: Vec<Prefix> = Vec::new();
    for prefix in &mut *prefixes {
        let last = prefix.classes.last().copied();
        let mut lasts = 0.0;
        for (class, probability) in characters {
            // The same class again is the same character, unless there is nothing between.
            let before = if Some(*class) == last {
                lasts = *probability;
                prefix.after_nothing
            } else {
                prefix.probability()
            };
            longer.push(Prefix {
                classes: prefix.classes.iter().copied().chain([*class]).collect(),
                after_nothing: 0.0,
                after_character: before * probability,
            });
        }
        prefix.after_nothing = prefix.probability() * nothing;
        prefix.after_character *= lasts;
    }
    for new in longer {
        match prefixes
            .iter_mut()
            .find(|prefix| prefix.classes == new.classes)
        {
            Some(prefix) => prefix.after_character += new.after_character,
            None => prefixes.push(new),
        }
    }
    prefixes.sort_by(|a, b| b.probability().total_cmp(&a.probability()));
    let best = prefixes.first().map_or(0.0, Prefix::probability);
    prefixes.retain(|prefix| prefix.probability() > LEAST_HYPOTHESIS * best);
    prefixes.truncate(WIDTH);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads steps over nothing and two characters.
    fn read(steps: &[[f32; 3]]) -> Vec<(Vec<usize>, f32)> {
        let values = steps.as_flattened();
        let found = hypotheses(Steps::new(values, 3, false), 0..steps.len(), |class| {
            class == 0
        });
        let found = found.into_iter().map(|one| {
            let rounded = (one.probability * 1000.0).round() / 1000.0;
            (one.classes, rounded)
        });
        found.collect()
    }

    #[test]
    fn ways_to_the_same_reading_are_added() {
        // Nothing twice is likelier than any other single way, but the character has three ways.
        let found = read(&[[0.6, 0.4, 0.0], [0.6, 0.4, 0.0]]);
        assert_eq!(found, [(vec![1], 0.64), (vec![], 0.36)]);
    }

    #[test]
    fn another_character_and_a_missing_one_are_readings() {
        let found = read(&[[0.1, 0.9, 0.0], [0.2, 0.0, 0.8], [0.0, 0.7, 0.3]]);
        let first: Vec<_> = found.into_iter().take(3).collect();
        assert_eq!(
            first,
            [
                (vec![1, 2, 1], 0.504),
                (vec![1, 2], 0.27),
                (vec![1, 1], 0.126),
            ]
        );
    }

    #[test]
    fn a_character_is_doubled_where_nothing_may_stand_within_it() {
        let found = read(&[[0.0, 1.0, 0.0], [0.4, 0.6, 0.0], [0.0, 1.0, 0.0]]);
        assert_eq!(found, [(vec![1], 0.6), (vec![1, 1], 0.4)]);
    }

    #[test]
    fn no_number_of_steps_gives_more_readings_than_are_followed() {
        let steps = vec![[0.34, 0.33, 0.33]; 2000];
        let found = read(&steps);
        assert!(found.len() <= WIDTH);
        assert_eq!(read(&[]), [(vec![], 1.0)]);
        // Where no class is likely, nothing can be said.
        assert_eq!(read(&[[0.0; 3]]), []);
    }
}
