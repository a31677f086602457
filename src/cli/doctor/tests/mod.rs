//! `doctor` on machines and models that are made up, and on the files of this repository.

mod files;
mod judging;

use std::{collections::BTreeMap, fs, path::Path};

use super::{facts::Build, report::Known, *};
use crate::{
    config::Environment,
    engine::{CacheShape, DeviceFacts, Dtype, EngineFacts, ModelFiles},
    machine::{AcceleratorKind, InstalledAccelerator, Machine, MachineMemory, Processor},
};

const GIGA: u64 = 1_000_000_000;

/// A configuration with these entries, whose first model reads receipts.
fn config(models: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let id = models.split('"').nth(1).unwrap();
    let text =
        format!("[extract]\nmodel = \"{id}\"\nschemas = \"s\"\nprompt = \"p.txt\"\n{models}");
    fs::write(&file, text).unwrap();
    Config::load(&file, &Environment::default()).unwrap()
}

/// A machine of four cores without an accelerator.
fn host(total: u64, available: u64) -> Host {
    let features = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Host {
        machine: Machine {
            system: "Example Linux 1".into(),
            processor: Processor {
                name: "Example Processor".into(),
                architecture: "x86_64".into(),
                cores: 4,
                threads: 8,
                features: features(&["avx2", "fma", "f16c", "avx512f"]),
            },
            memory: MachineMemory {
                total_bytes: total,
                available_bytes: available,
            },
            accelerators: Vec::new(),
        },
        engine: EngineFacts {
            has_engine: true,
            accelerator: None,
            fault: None,
            cpu_dtype: Some(Dtype::Bf16),
        },
        build: Build {
            version: "1.2.3".into(),
            engine: "an engine, CPU".into(),
            features: features(&["avx2", "fma", "f16c"]),
        },
        cache: DownloadFolder {
            folder: Some("/cache/hub".into()),
            free_bytes: Some(100 * GIGA),
            offline: false,
        },
    }
}

/// The same machine with an accelerator that this build uses.
fn accelerated(name: &str, bytes: u64) -> Host {
    let mut host = host(64 * GIGA, 60 * GIGA);
    host.engine.accelerator = Some(DeviceFacts {
        name: name.into(),
        total_bytes: Some(bytes),
        available_bytes: Some(bytes),
        dtype: Some(Dtype::Bf16),
    });
    host
}

/// What is known of a model that is not downloaded.
fn away(repo: &str) -> ModelFacts {
    ModelFacts {
        source: format!("{repo}@main"),
        whereabouts: Whereabouts::NotDownloaded,
        files: None,
        fault: None,
        picture_tokens: Some(1280),
        sizes: ReceiptSizes {
            prompt_bytes: 6000,
            answer_tokens: 4000,
        },
    }
}

/// What is known of a model whose files are here, with that number of weights in bf16.
fn here(weights: u64) -> ModelFacts {
    let shape = CacheShape {
        layers: 28,
        heads: 2,
        head_dim: 128,
        context: Some(32_768),
    };
    ModelFacts {
        whereabouts: Whereabouts::Downloaded,
        files: Some(ModelFiles {
            bytes: 2 * weights + 1000,
            weights: BTreeMap::from([("bf16".to_owned(), weights), ("f32".to_owned(), 10)]),
            shape: Some(shape),
            kept: 0,
        }),
        ..away("acme/model")
    }
}

fn sound() -> StartFindings {
    StartFindings {
        config: "gateway.toml".into(),
        has_config: true,
        ..StartFindings::default()
    }
}

/// Judges the models of `config`, of which these facts are known.
fn judged(host: &Host, config: &Config, facts: Vec<ModelFacts>) -> DoctorReport {
    let known: Known = config.models.iter().cloned().zip(facts).collect();
    assert_eq!(known.len(), config.models.len());
    DoctorReport::of(host, sound(), Some(config), &known)
}

fn written(report: &DoctorReport) -> String {
    let mut out = Vec::new();
    text::write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
