//! The header of a safetensors file: the formats and sizes of its tensors.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind, Read},
};

use serde::Deserialize;
use serde_json::Value;

/// The longest header that the format allows.
const MAX_HEADER: u64 = 100_000_000;

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
}

/// Parts of the names of tensors that the engine does not quantise: those of vision towers and embeddings.
const KEPT: [&str; 3] = ["visual.", "vision", "embed_tokens"];

/// The weights of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CountedWeights {
    /// Their number by format.
    pub by_format: BTreeMap<String, u64>,
    /// The number of those that quantisation leaves as they are.
    pub kept: u64,
}

/// Counts the weights.
pub(super) fn weights(file: &mut impl Read) -> io::Result<CountedWeights> {
    let mut length = [0; 8];
    file.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER {
        return Err(ErrorKind::InvalidData.into());
    }
    let header: BTreeMap<String, Value> = serde_json::from_reader(file.take(length))?;
    let mut weights = CountedWeights::default();
    for (name, tensor) in header {
        if name == "__metadata__" {
            continue;
        }
        let tensor: Tensor = serde_json::from_value(tensor)?;
        let count = tensor.shape.into_iter().fold(1, u64::saturating_mul);
        let format = tensor.dtype.to_lowercase();
        let total: &mut u64 = weights.by_format.entry(format).or_default();
        *total = total.saturating_add(count);
        if KEPT.iter().any(|part| name.contains(part)) {
            weights.kept = weights.kept.saturating_add(count);
        }
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str) -> Vec<u8> {
        let length = (header.len() as u64).to_le_bytes();
        [&length, header.as_bytes(), b"the numbers"].concat()
    }

    #[test]
    fn weights_are_counted_by_their_format() {
        let header = r#"{"__metadata__": {"format": "pt"},
            "a": {"dtype": "BF16", "shape": [3, 5], "data_offsets": [0, 30]},
            "visual.b": {"dtype": "BF16", "shape": [], "data_offsets": [30, 32]},
            "c": {"dtype": "F32", "shape": [2], "data_offsets": [32, 40]}}"#;
        let found = weights(&mut &*file(header)).unwrap();
        assert_eq!(
            found,
            CountedWeights {
                by_format: BTreeMap::from([("bf16".into(), 16), ("f32".into(), 2)]),
                kept: 1,
            }
        );
        for bad in [
            file("[]"),
            file(r#"{"a": {"dtype": "F32"}}"#),
            u64::MAX.to_le_bytes().to_vec(),
            100_u64.to_le_bytes().to_vec(),
            b"short".to_vec(),
        ] {
            assert!(weights(&mut &*bad).is_err());
        }
    }
}
