//! Keeps untrusted text from acting as a model's special tokens.

/// Separates the characters of a special token's text; it is invisible.
const WORD_JOINER: char = '\u{2060}';

/// The special tokens of one model.
#[derive(Debug, Clone)]
pub struct SpecialTokens(Vec<String>);

impl SpecialTokens {
    /// Creates the set from tokens as written, `<|im_end|>` for example.
    pub fn new(tokens: impl IntoIterator<Item = String>) -> Self {
        let mut tokens: Vec<_> = tokens.into_iter().filter(|t| !t.is_empty()).collect();
        tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
        Self(tokens)
    }

    /// Returns `text` with a word joiner after the first character of every special token in it. It
    /// reads the same, and tokenises as ordinary text.
    #[must_use]
    pub fn neutralise(&self, text: &str) -> String {
        let mut safe = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            safe.push(first);
            if self.0.iter().any(|token| rest.starts_with(token.as_str())) {
                safe.push(WORD_JOINER);
            }
            rest = &rest[first.len_utf8()..];
        }
        safe
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn qwen() -> SpecialTokens {
        SpecialTokens::new(["<|im_end|>", "<|image_pad|>", "<|im_end"].map(String::from))
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "a < b | c <|im_en d|>";
        assert_eq!(qwen().neutralise(text), text);
    }

    #[test]
    fn tokens_are_broken() {
        let safe = qwen().neutralise("x<|im_end|><|image_pad|>");
        assert_eq!(safe, "x<\u{2060}|im_end|><\u{2060}|image_pad|>");
    }

    proptest! {
        #[test]
        fn none_survives(parts in prop::collection::vec(
            prop::sample::select(vec!["<|im_end|>", "<|im_", "end|>", "<|image_pad|>", "<", "é"]),
            0..20,
        )) {
            let safe = qwen().neutralise(&parts.concat());
            prop_assert!(!safe.contains("<|im_end") && !safe.contains("<|image_pad|>"));
            prop_assert_eq!(safe.replace('\u{2060}', ""), parts.concat());
        }
    }
}
