//! Decodes what a recogniser gives: for each step of a line the probabilities of all characters and of the blank
//! between them (connectionist temporal classification).

/// What a recogniser gives for the steps of a line.
#[derive(Debug, Clone, Copy)]
pub struct Steps<'a> {
    values: &'a [f32],
    classes: usize,
    gives_logs: bool,
    /// The class of the blank between words, and the probability from which on it stands where nothing else does.
    between_words: Option<(usize, f32)>,
}

/// A recognised character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recognised {
    /// Its class; never 0, which is the blank.
    pub class: usize,
    /// The step at which it is likeliest.
    pub step: usize,
    /// Its probability there.
    pub confidence: f32,
}

impl<'a> Steps<'a> {
    /// Creates it from the values of all `classes` of the first step, then of the next.
    pub fn new(values: &'a [f32], classes: usize, gives_logs: bool) -> Self {
        Self {
            values,
            classes: classes.max(1),
            gives_logs,
            between_words: None,
        }
    }

    /// Has the blank between words, a class, stand from that probability on where no character is likelier.
    #[must_use]
    pub fn between_words(self, class: usize, least: f32) -> Self {
        Self {
            between_words: Some((class, least)),
            ..self
        }
    }

    /// Returns the number of steps.
    pub fn count(self) -> usize {
        self.values.len() / self.classes
    }

    /// Returns the likeliest character of each run of steps.
    pub fn decode(self) -> Vec<Recognised> {
        let mut found: Vec<Recognised> = Vec::new();
        let mut last = 0;
        for (step, values) in self.values.chunks_exact(self.classes).enumerate() {
            let class = match (likeliest(values), self.between_words) {
                (0, Some((blank, bound)))
                    if values
                        .get(blank)
                        .is_some_and(|p| self.probability(*p) >= bound) =>
                {
                    blank
                }
                (class, _) => class,
            };
            let confidence = self.probability(values[class]);
            if class != 0 {
                let here = Recognised {
                    class,
                    step,
                    confidence,
                };
                match found.last_mut().filter(|_| class == last) {
                    None => found.push(here),
                    Some(before) if before.confidence < confidence => *before = here,
                    Some(_) => {}
                }
            }
            last = class;
        }
        found
    }

    /// Returns the classes of at least such a probability at a step, with theirs.
    pub fn likely(self, step: usize, least: f32) -> Vec<(usize, f64)> {
        let bound = if self.gives_logs { least.ln() } else { least };
        let values = self.values.chunks_exact(self.classes).nth(step);
        let values = values.unwrap_or_default().iter().enumerate();
        let likely = values.filter(|(_, value)| **value >= bound);
        let likely = likely.map(|(class, value)| (class, self.probability(*value).into()));
        likely.collect()
    }

    fn probability(self, value: f32) -> f32 {
        if self.gives_logs { value.exp() } else { value }
    }
}

fn likeliest(values: &[f32]) -> usize {
    let classes = values.iter().enumerate();
    let best = classes.max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or(0, |(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps over a blank and three characters.
    const STEPS: [[f32; 4]; 7] = [
        [0.9, 0.1, 0.0, 0.0],
        [0.2, 0.5, 0.2, 0.1],
        [0.1, 0.7, 0.0, 0.2],
        [0.8, 0.2, 0.0, 0.0],
        [0.3, 0.6, 0.1, 0.0],
        [0.1, 0.0, 0.1, 0.8],
        [0.6, 0.0, 0.1, 0.3],
    ];

    #[test]
    fn runs_are_one_character_and_blanks_part_equal_ones() {
        let found = Steps::new(STEPS.as_flattened(), 4, false).decode();
        let told = found
            .iter()
            .map(|one| (one.class, one.step, one.confidence));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [(1, 2, 0.7), (1, 4, 0.6), (3, 5, 0.8)]
        );
    }

    #[test]
    fn a_blank_between_words_stands_where_no_character_does() {
        let found = |least| {
            let steps = Steps::new(STEPS.as_flattened(), 4, false).between_words(3, least);
            let found = steps.decode();
            found
                .iter()
                .map(|one| (one.class, one.step))
                .collect::<Vec<_>>()
        };
        assert_eq!(found(0.4), [(1, 2), (1, 4), (3, 5)]);
        // It goes on from the step before.
        assert_eq!(found(0.3), [(1, 2), (1, 4), (3, 5)]);
        let steps = Steps::new(STEPS.as_flattened(), 4, false).between_words(1, 0.15);
        assert_eq!(steps.decode().len(), 2);
    }

    #[test]
    fn logarithms_give_the_same() {
        let logs: Vec<_> = STEPS.as_flattened().iter().map(|p: &f32| p.ln()).collect();
        let (logs, shares) = (
            Steps::new(&logs, 4, true),
            Steps::new(STEPS.as_flattened(), 4, false),
        );
        let (found, expected) = (logs.decode(), shares.decode());
        assert_eq!(found.len(), expected.len());
        for (one, other) in found.iter().zip(expected) {
            assert_eq!((one.class, one.step), (other.class, other.step));
            assert!((one.confidence - other.confidence).abs() < 1e-6);
        }
        let classes = |steps: Steps<'_>| -> Vec<usize> {
            let likely = steps.likely(1, 0.15).into_iter();
            likely.map(|(class, _)| class).collect()
        };
        assert_eq!(classes(logs), [0, 1, 2]);
        assert_eq!(classes(shares), [0, 1, 2]);
    }

    #[test]
    fn nothing_is_decoded_from_nothing() {
        assert!(Steps::new(&[], 0, true).decode().is_empty());
        assert!(Steps::new(&[], 4, true).decode().is_empty());
        assert!(Steps::new(&[0.9, 0.1], 2, false).decode().is_empty());
        assert!(Steps::new(&[], 4, true).likely(0, 0.0).is_empty());
    }
}
