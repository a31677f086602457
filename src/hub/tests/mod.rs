//! Tests of the hub client against a fake hub on loopback.

mod failures;
mod fake;
mod pull;

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use self::fake::{COMMIT, FakeHub, REPO};
use super::*;

const INDEX: &[u8] = br#"{"metadata": {}, "weight_map": {
    "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors", "c": "model-00001-of-00002.safetensors"}}"#;
const FIRST: &str = "model-00001-of-00002.safetensors";
const SECOND: &str = "model-00002-of-00002.safetensors";

struct Setup {
    fake: FakeHub,
    cache: TempDir,
}

impl Setup {
    /// Creates a model in two shards, beside files that a server does not need.
    async fn new() -> Self {
        let weights: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        Self::with(&[
            ("README.md", b"read me"),
            (
                "config.json",
                br#"{"model_type": "qwen2_vl", "vision_config": {}}"#,
            ),
            ("consolidated.safetensors", b"the same again"),
            ("model.safetensors.index.json", INDEX),
            (FIRST, &weights[..600_000]),
            (SECOND, &weights[600_000..]),
            ("onnx/model.onnx", b"something else"),
            ("params.json", b"{}"),
            ("preprocessor_config.json", b"{}"),
            ("tokenizer.json", br#"{"version": "1.0"}"#),
            ("tokenizer_config.json", br#"{"chat_template": ""}"#),
        ])
        .await
    }

    async fn with(files: &[(&str, &[u8])]) -> Self {
        Self {
            fake: FakeHub::start(files).await,
            cache: TempDir::new().unwrap(),
        }
    }

    fn settings(&self) -> HubSettings {
        HubSettings {
            cache: Some(self.cache.path().to_owned()),
            endpoint: Some(self.fake.endpoint()),
            token: Some("hf_secret".into()),
            offline: false,
            progress: true,
        }
    }

    fn online(&self) -> Hub {
        Hub::new(self.settings()).unwrap()
    }

    fn offline(&self) -> Hub {
        Hub::new(HubSettings {
            offline: true,
            ..self.settings()
        })
        .unwrap()
    }

    fn model_folder(&self) -> PathBuf {
        self.cache.path().join("models--acme--reader")
    }

    fn assert_same(&self, folder: &Path, name: &str) {
        let expected = self.fake.behaviour.lock().unwrap().files[name].clone();
        assert!(
            fs::read(folder.join(name)).unwrap() == expected,
            "{name} differs"
        );
    }
}

fn model() -> ModelRef {
    ModelRef::new(REPO)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
