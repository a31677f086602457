//! What the name of a model tells of its size, where its files are not here.

use crate::config::ModelConfig;

/// The most weights of a model for those that its name states: the names of the served families round down.
const OF_NAMED: (u64, u64) = (5, 4);

/// Returns the most bytes that the download of a model has, by its name; `None` if the name does not tell.
#[must_use]
pub fn download_bytes(model: &ModelConfig) -> Option<u64> {
    let weights = weights(model)?;
    let sizes = model.gguf.iter().map(|file| {
        let file = file.to_lowercase();
        // Every quantised form has at most nine bits for a weight.
        if file.contains("f32") {
            weights.saturating_mul(4)
        } else if file.contains("f16") {
            weights.saturating_mul(2)
        } else {
            weights.saturating_mul(9) / 8
        }
    });
    Some(sizes.max().unwrap_or_else(|| weights.saturating_mul(2)))
}

/// Returns the most weights that a model has by its name: for `Qwen2-VL-2B` somewhat more than two billion.
pub fn weights(model: &ModelConfig) -> Option<u64> {
    let (more, than) = OF_NAMED;
    Some(millions(model.repo.as_deref()?)?.saturating_mul(1_000_000) / than * more)
}

/// Returns the millions of weights that a name states, as in `0.5B`, `2B` and `135M`.
#[must_use]
pub fn millions(name: &str) -> Option<u64> {
    let words = name.split(['/', '-', '_']);
    let sizes = words.filter_map(|word| {
        let (number, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
        let factor = match unit {
            "B" | "b" => 1000,
            "M" | "m" => 1,
            _ => return None,
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let tenths = part.parse::<u64>().ok().filter(|tenths| *tenths < 10)?;
        let whole = whole.parse::<u64>().ok().filter(|whole| *whole < 10_000)?;
        Some((whole * 10 + tenths) * factor / 10)
    });
    sizes.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_state_sizes() {
        for (name, size) in [
            ("Qwen/Qwen2-VL-2B-Instruct", Some(2000)),
            ("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", Some(500)),
            ("acme/SmolLM2-135M", Some(135)),
            ("acme/model", None),
            ("acme/B-b", None),
            ("acme/99999999999999999999B", None),
            ("acme/ü", None),
        ] {
            assert_eq!(millions(name), size, "{name}");
        }
    }

    #[test]
    fn downloads_are_estimated_by_form() {
        let mut model = ModelConfig::from_repo("acme/Model-2B");
        assert_eq!(download_bytes(&model), Some(5_000_000_000));
        model.gguf = vec!["model-q4_k_m.gguf".into()];
        assert_eq!(download_bytes(&model), Some(2_812_500_000));
        model.gguf = vec!["model-F16.gguf".into()];
        assert_eq!(download_bytes(&model), Some(5_000_000_000));
        assert_eq!(download_bytes(&ModelConfig::from_repo("acme/model")), None);
    }
}
