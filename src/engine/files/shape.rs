//! The shape of a model's keys and values, from its `config.json`.

use serde::Deserialize;

/// The shape of the keys and values that a model keeps of each token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheShape {
    /// Layers with keys and values.
    pub layers: u64,
    /// Heads of keys in a layer; there are as many of values.
    pub heads: u64,
    /// Numbers of a key, and of a value.
    pub head_dim: u64,
    /// Tokens of the context, if stated.
    pub context: Option<u64>,
}

impl CacheShape {
    /// Returns the bytes of the keys and values of `tokens` tokens, if each number takes `size` bytes.
    #[must_use]
    pub fn bytes(self, tokens: u64, size: u64) -> u64 {
        let numbers = [2, self.layers, self.heads, self.head_dim, size];
        numbers.into_iter().fold(tokens, u64::saturating_mul)
    }
}

/// The fields of a `config.json`; those of the part that writes text, in models that do more.
#[derive(Deserialize)]
struct ModelJson {
    num_hidden_layers: Option<u64>,
    num_attention_heads: Option<u64>,
    num_key_value_heads: Option<u64>,
    head_dim: Option<u64>,
    hidden_size: Option<u64>,
    max_position_embeddings: Option<u64>,
    text_config: Option<Box<ModelJson>>,
}

pub(super) fn of_config(text: &[u8]) -> Option<CacheShape> {
    let outer: ModelJson = serde_json::from_slice(text).ok()?;
    let config = match outer.text_config {
        Some(inner) => *inner,
        None => outer,
    };
    let heads = config.num_attention_heads.filter(|heads| *heads > 0);
    let by_width = || {
        config
            .hidden_size
            .zip(heads)
            .map(|(width, heads)| width / heads)
    };
    Some(CacheShape {
        layers: config.num_hidden_layers?,
        heads: config.num_key_value_heads.or(heads)?,
        head_dim: config.head_dim.or_else(by_width)?,
        context: config.max_position_embeddings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_config_are_read() {
        let flat =
            br#"{"num_hidden_layers": 28, "num_attention_heads": 12, "num_key_value_heads": 2,
            "hidden_size": 1536, "max_position_embeddings": 32768}"#;
        let shape = of_config(flat).unwrap();
        assert_eq!((shape.layers, shape.heads, shape.head_dim), (28, 2, 128));
        assert_eq!(shape.context, Some(32_768));
        // 28 layers of 2 heads of 128 numbers, keys and values, of 2 bytes.
        assert_eq!(shape.bytes(1, 2), 28_672);
        assert_eq!(shape.bytes(u64::MAX, 2), u64::MAX);

        let nested = br#"{"text_config": {"num_hidden_layers": 2, "num_attention_heads": 4, "head_dim": 16}}"#;
        let shape = of_config(nested).unwrap();
        assert_eq!((shape.layers, shape.heads, shape.head_dim), (2, 4, 16));

        for bad in [
            "",
            "[]",
            "{}",
            r#"{"num_hidden_layers": -1}"#,
            r#"{"num_hidden_layers": 2, "num_attention_heads": 0, "hidden_size": 4}"#,
        ] {
            assert_eq!(of_config(bad.as_bytes()), None, "{bad}");
        }
    }
}
