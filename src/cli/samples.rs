//! The receipts and references that the program carries, so that it can measure itself on any machine.

use std::{fs, path::PathBuf};

use anyhow::Context;
use tempfile::TempDir;

/// Names of files and their contents.
type Embedded = &'static [(&'static str, &'static [u8])];

/// Embeds files of a folder of the repository.
macro_rules! embedded {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../", $folder, "/", $name)))),*]
    };
}

/// Receipts, each with what is printed on it.
#[rustfmt::skip]
const RECEIPTS: Embedded = embedded!("tests/fixtures":
    "receipt-01-shop.png" "receipt-01-shop.json"
    "receipt-02-shop.jpg" "receipt-02-shop.json"
    "receipt-03-restaurant.png" "receipt-03-restaurant.json"
    "receipt-04-restaurant.jpg" "receipt-04-restaurant.json"
    "receipt-05-invoice.png" "receipt-05-invoice.json"
    "receipt-06-invoice.png" "receipt-06-invoice.json"
    "receipt-07-fuel.png" "receipt-07-fuel.json"
    "receipt-08-toll.jpg" "receipt-08-toll.json"
    "receipt-09-card.png" "receipt-09-card.json"
    "receipt-10-card.webp" "receipt-10-card.json"
    "receipt-11-pharmacy.jpg" "receipt-11-pharmacy.json"
    "receipt-12-electricity.png" "receipt-12-electricity.json"
);

const TINY_QWEN2_VL: Embedded = embedded!("models/tiny-qwen2-vl":
    "config.json" "generation_config.json" "model.safetensors" "preprocessor_config.json" "tokenizer.json"
    "tokenizer_config.json"
);

const TINY_QWEN3_VL: Embedded = embedded!("models/tiny-qwen3-vl":
    "config.json" "generation_config.json" "model.safetensors" "preprocessor_config.json" "tokenizer.json"
    "tokenizer_config.json"
);

/// What transformers computes, and the pictures that it was shown.
#[rustfmt::skip]
const REFERENCES: Embedded = embedded!("tests/reference":
    "tiny-qwen2-vl.json" "tiny-qwen3-vl.json" "receipt-nano.json"
    "pictures/nano-receipt-01-shop.png" "pictures/nano-receipt-02-shop.png"
    "pictures/nano-receipt-03-restaurant.png" "pictures/nano-receipt-04-restaurant.png"
    "pictures/nano-receipt-05-invoice.png" "pictures/nano-receipt-06-invoice.png"
    "pictures/nano-receipt-09-card.png" "pictures/nano-receipt-10-card.png"
    "pictures/nano-receipt-11-pharmacy.png" "pictures/nano-receipt-12-electricity.png"
    "pictures/qwen2-bars.png" "pictures/qwen2-noise.png" "pictures/qwen2-scrap-a.png"
    "pictures/qwen2-scrap-b.png" "pictures/qwen2-strip.png"
    "pictures/qwen3-bars.png" "pictures/qwen3-noise.png" "pictures/qwen3-scrap-a.png"
    "pictures/qwen3-scrap-b.png" "pictures/qwen3-strip.png"
);

/// Returns a file of the references; its path is relative to their folder.
#[must_use]
pub fn reference_file(path: &str) -> Option<&'static [u8]> {
    let mut files = REFERENCES.iter();
    files
        .find(|(name, _)| *name == path)
        .map(|(_, bytes)| *bytes)
}

/// A temporary folder with files that the program carries; it is removed when this is dropped.
#[derive(Debug)]
pub struct SampleFolder(TempDir);

impl SampleFolder {
    /// Writes the receipts, each with what is printed on it as `.json` beside it.
    ///
    /// # Errors
    /// Fails where no temporary folder can be written.
    pub fn receipts() -> anyhow::Result<Self> {
        Self::of(RECEIPTS)
    }

    /// Writes the model with random weights of that name; none if the program carries no such model.
    ///
    /// # Errors
    /// As [`Self::receipts`].
    pub fn model(name: &str) -> anyhow::Result<Option<Self>> {
        match name {
            "tiny-qwen2-vl" => Self::of(TINY_QWEN2_VL).map(Some),
            "tiny-qwen3-vl" => Self::of(TINY_QWEN3_VL).map(Some),
            _ => Ok(None),
        }
    }

    fn of(files: Embedded) -> anyhow::Result<Self> {
        let write = || {
            let folder = tempfile::Builder::new()
                .prefix("receipt-gateway-")
                .tempdir()?;
            for (name, bytes) in files {
                fs::write(folder.path().join(name), bytes)?;
            }
            std::io::Result::Ok(folder)
        };
        write().map(Self).with_context(|| {
            let folder = std::env::temp_dir();
            format!(
                "cannot write the files to measure with to a temporary folder in {}; set TMPDIR to another",
                folder.display()
            )
        })
    }

    /// Returns the folder's path.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receipts_are_those_of_the_repository() {
        let folder = SampleFolder::receipts().unwrap();
        let here = fs::read("tests/fixtures/receipt-08-toll.jpg").unwrap();
        let path = folder.path();
        assert!(fs::read(path.join("receipt-08-toll.jpg")).unwrap() == here);
        let pictures = RECEIPTS.iter().filter(|(name, _)| !name.ends_with("json"));
        assert_eq!(pictures.count(), 12);
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_model_is_whole() {
        let folder = SampleFolder::model("tiny-qwen3-vl").unwrap().unwrap();
        for entry in fs::read_dir("models/tiny-qwen3-vl").unwrap() {
            let name = entry.unwrap().file_name();
            assert!(folder.path().join(&name).is_file(), "{name:?}");
        }
        assert!(SampleFolder::model("receipt-nano").unwrap().is_none());
    }
}
