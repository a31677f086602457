//! The values that the model would nearly have written instead.

use std::ops::Range;

use crate::generation::Token;

/// Where each token of a text stands.
pub struct TokenPlaces<'a> {
    tokens: &'a [Token],
    places: Vec<Range<usize>>,
}

impl<'a> TokenPlaces<'a> {
    /// Finds the tokens' places; `None` if they do not spell the text.
    pub fn of(text: &str, tokens: &'a [Token]) -> Option<Self> {
        let mut end = 0;
        let places = tokens.iter().map(|token| {
            let start = end;
            end += token.bytes.len();
            start..end
        });
        let places: Vec<_> = places.collect();
        (end == text.len()).then_some(Self { tokens, places })
    }

    /// Returns by how much likelier the written token is than the one with which `other` goes on instead, at the place
    /// where it parts from `text`, as a difference of natural logs; `None` if that is not among the likeliest tokens, or
    /// there was no choice.
    pub fn gap(&self, text: &str, other: &str) -> Option<f64> {
        let pairs = text.bytes().zip(other.bytes());
        let parting = pairs.take_while(|(a, b)| a == b).count();
        let at = self
            .places
            .iter()
            .position(|place| place.contains(&parting))?;
        let (token, start) = (&self.tokens[at], self.places[at].start);
        let wanted = &other.as_bytes()[start..];
        let ways = token.top.iter().filter(|way| {
            let way = way.text.as_bytes();
            way.len() > parting - start && wanted.starts_with(way)
        });
        let likeliest = ways.map(|way| way.logprob).max_by(f32::total_cmp)?;
        Some(f64::from(token.logprob? - likeliest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generation::Alternative;

    fn token(text: &str, logprob: f32, top: &[(&str, f32)]) -> Token {
        let top = top.iter().map(|(text, logprob)| Alternative {
            text: (*text).to_owned(),
            logprob: *logprob,
        });
        Token {
            id: 0,
            bytes: text.as_bytes().to_vec(),
            logprob: Some(logprob),
            top: top.collect(),
            forced: false,
            pass: 0,
        }
    }

    #[test]
    fn a_value_parts_where_its_first_other_token_stands() {
        let tokens = [
            token("{\"a\":", -0.1, &[("{\"b", -3.0)]),
            token("6", -0.5, &[("6", -0.5), ("10", -2.0), ("1", -1.5)]),
            token("0.", -0.2, &[("0.", -0.2), ("0", -4.0)]),
            token("31}", -0.25, &[("31}", -0.25), ("3", -1.25), ("30", -2.25)]),
        ];
        let text = r#"{"a":60.31}"#;
        let places = TokenPlaces::of(text, &tokens).unwrap();
        let gap = |value: &str| places.gap(text, &format!("{{\"a\":{value}}}"));
        assert_eq!(gap("60.30"), Some(2.0));
        // The likelier of two ways.
        assert_eq!(gap("100"), Some(1.0));
        assert_eq!(gap("60.5"), None);
        // It goes on with a token that is shorter than the written one.
        assert_eq!(gap("60.3"), None);
        assert_eq!(gap("60.31"), None);
        assert!(TokenPlaces::of("{}", &tokens).is_none());
    }
}
