//! What the files of a model say of it, read without loading it: how many weights there are and in which formats, and
//! the shape of its keys and values.

mod gguf;
mod safetensors;
mod shape;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader},
    path::Path,
};

pub use shape::CacheShape;

use super::FloatWeights;

/// What the files of a model say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelFiles {
    /// Bytes of the files with weights.
    pub bytes: u64,
    /// Weights by their number format, such as `bf16`; empty for GGUF, whose formats the engine keeps.
    pub weights: BTreeMap<String, u64>,
    /// The number of those that quantisation leaves as they are.
    pub kept: u64,
    /// The shape of the keys and values; `None` if the files do not tell.
    pub shape: Option<CacheShape>,
}

impl ModelFiles {
    /// Reads the files of a model in `folder`: the safetensors, or the files in `gguf`.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(folder: &Path, gguf: &[String]) -> io::Result<Self> {
        let mut files = Self::default();
        if gguf.is_empty() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_some_and(|kind| kind == "safetensors") {
                    files.bytes += std::fs::metadata(&path)?.len();
                    let found = safetensors::weights(&mut BufReader::new(File::open(&path)?))?;
                    files.kept += found.kept;
                    for (format, count) in found.by_format {
                        *files.weights.entry(format).or_default() += count;
                    }
                }
            }
            let config = std::fs::read(folder.join("config.json"))?;
            files.shape = shape::of_config(&config);
        } else {
            for name in gguf {
                let path = folder.join(name);
                files.bytes += std::fs::metadata(&path)?.len();
                if files.shape.is_none() {
                    // A file whose beginning is of another form is one for the engine to refuse.
                    files.shape = gguf::shape(&mut BufReader::new(File::open(&path)?))
                        .ok()
                        .flatten();
                }
            }
        }
        Ok(files)
    }

    /// Returns the number format of most weights.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        let most = self.weights.iter().max_by_key(|(_, count)| **count);
        most.map(|(format, _)| format.as_str())
    }

    /// Returns the number of weights; `None` for GGUF, and for weights that are quantised in their files.
    #[must_use]
    pub fn weights(&self) -> Option<FloatWeights> {
        let is_float = matches!(self.format(), Some("bf16" | "f16" | "f32"));
        is_float.then(|| FloatWeights {
            all: self.weights.values().sum(),
            kept: self.kept,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_of_the_repository_are_read() {
        let nano = ModelFiles::read(Path::new("models/receipt-nano"), &[]).unwrap();
        assert_eq!(nano.format(), Some("bf16"));
        let shape = CacheShape {
            layers: 6,
            heads: 2,
            head_dim: 64,
            context: Some(32_768),
        };
        assert_eq!(nano.shape, Some(shape));
        let weights = nano.weights["bf16"];
        assert!((8_000_000..8_500_000).contains(&weights), "{weights}");
        assert!(nano.bytes > 2 * weights && nano.bytes < 2 * weights + 100_000);
        let all = nano.weights.values().sum();
        let kept = nano.kept;
        assert_eq!(nano.weights(), Some(FloatWeights { all, kept }));
        // Its vision tower has more weights than the rest.
        assert!(kept > all / 3 && kept < all, "{kept} of {all}");

        let tiny = ModelFiles::read(Path::new("models/tiny-qwen3-vl"), &[]).unwrap();
        assert_eq!(tiny.shape.unwrap().head_dim, 16);
    }
}
