//! Decodes what a recogniser gives: for each step of a line the probabilities of all characters and of the blank
//! between them (connectionist temporal classification).

/// A recognised character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recognised {
    /// Its class; never 0, which is the blank.
    pub class: usize,
    /// The step at which it is likeliest.
    pub step: usize,
    /// Its probability there.
    pub confidence: f32,
    /// The next likely class there that is not the blank, with its probability.
    pub second: (usize, f32),
}

/// Returns the likeliest character of each run of steps.
pub fn decode(output: &[f32], classes: usize, gives_logs: bool) -> Vec<Recognised> {
    let probability = |value: f32| if gives_logs { value.exp() } else { value };
    let mut found: Vec<Recognised> = Vec::new();
    let mut last = 0;
    for (step, values) in output.chunks_exact(classes.max(1)).enumerate() {
        let class = likeliest(values, |_| true);
        let confidence = probability(values[class]);
        if class != 0 {
            let second = likeliest(values, |other| other != 0 && other != class);
            let here = Recognised {
                class,
                step,
                confidence,
                second: (second, probability(values[second])),
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

fn likeliest(values: &[f32], is_wanted: impl Fn(usize) -> bool) -> usize {
    let classes = values
        .iter()
        .enumerate()
        .filter(|(class, _)| is_wanted(*class));
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
        let found = decode(STEPS.as_flattened(), 4, false);
        let told = found
            .iter()
            .map(|one| (one.class, one.step, one.confidence, one.second));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (1, 2, 0.7, (3, 0.2)),
                (1, 4, 0.6, (2, 0.1)),
                (3, 5, 0.8, (2, 0.1)),
            ]
        );
    }

    #[test]
    fn logarithms_give_the_same() {
        let logs: Vec<_> = STEPS.as_flattened().iter().map(|p: &f32| p.ln()).collect();
        let found = decode(&logs, 4, true);
        let expected = decode(STEPS.as_flattened(), 4, false);
        assert_eq!(found.len(), expected.len());
        for (one, other) in found.iter().zip(expected) {
            assert_eq!((one.class, one.step), (other.class, other.step));
            assert!((one.confidence - other.confidence).abs() < 1e-6);
        }
    }

    #[test]
    fn nothing_is_decoded_from_nothing() {
        assert!(decode(&[], 0, true).is_empty());
        assert!(decode(&[], 4, true).is_empty());
        assert!(decode(&[0.9, 0.1], 2, false).is_empty());
    }
}
