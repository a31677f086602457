//! Holds the arrows of ARCHITECTURE.md: which module may name which.

mod imports;
mod items;
mod planted;
mod rules;

use std::{fs, path::Path, sync::LazyLock};

use imports::Crate;

/// The modules of the crate, the lowest first: each may name those before it.
const MODULES: [&str; 25] = [
    "machine",
    "telemetry",
    "metrics",
    "grammar",
    "codes",
    "page",
    "einvoice",
    "ocr",
    "image",
    "generation",
    "engine",
    "registry",
    "routing",
    "keys",
    "history",
    "receipt",
    "presets",
    "chat",
    "hub",
    "shared_cache",
    "config",
    "app",
    "http",
    "server",
    "cli",
];

/// The parts of `http`, the lowest first.
const HTTP: [&str; 27] = [
    "headers",
    "held",
    "string_or",
    "whole",
    "fault",
    "events",
    "body",
    "trace",
    "auth",
    "access",
    "caller",
    "answer",
    "record",
    "components",
    "openrouter",
    "reload",
    "admin",
    "health",
    "metrics",
    "around",
    "models",
    "openai",
    "anthropic",
    "ocr",
    "extract",
    "playground",
    "openapi",
];

/// Other crates, by how their names begin, and the places that may name them.
const CRATES: [(&str, &[&str]); 14] = [
    ("axum", &["src/http/", "src/server/", "src/app/"]),
    ("mistralrs", &["src/engine/mistral/"]),
    ("redis", &["src/shared_cache/"]),
    ("opentelemetry", &["src/telemetry/"]),
    ("tracing_opentelemetry", &["src/telemetry/"]),
    ("hf_hub", &["src/hub/"]),
    ("rten", &["src/ocr/"]),
    ("rxing", &["src/codes/find/"]),
    ("lzma_rust2", &["src/codes/payment/"]),
    ("icu_normalizer", &["src/page/"]),
    ("roxmltree", &["src/einvoice/"]),
    ("encoding_rs", &["src/codes/", "src/einvoice/"]),
    ("sysinfo", &["src/machine/"]),
    (
        "reqwest",
        &[
            "src/cli/health.rs",
            "src/cli/remote",
            "src/engine/remote/",
            "src/hub/",
            "src/image/fetch/",
            "src/telemetry/",
        ],
    ),
];

/// The domain: what knows neither HTTP nor the configuration.
const DOMAIN: [&str; 20] = [
    "src/chat",
    "src/codes",
    "src/einvoice",
    "src/engine",
    "src/generation",
    "src/grammar",
    "src/history",
    "src/hub",
    "src/image",
    "src/keys",
    "src/machine",
    "src/metrics",
    "src/ocr",
    "src/page",
    "src/presets",
    "src/receipt",
    "src/registry",
    "src/routing",
    "src/shared_cache",
    "src/telemetry",
];

/// Lines that a file may have.
const LONGEST: usize = 400;

static SOURCES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| sources(Path::new("src")));
static SOURCE: LazyLock<Crate> = LazyLock::new(|| Crate::parse(&SOURCES));

/// The source files below `folder` with their texts.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
    found.sort();
    found
}

#[track_caller]
fn assert_none(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn modules_name_only_lower_ones() {
    assert_none(&rules::upward(&SOURCE, &["crate"], &MODULES));
}

#[test]
fn parts_of_http_name_only_lower_ones() {
    assert_none(&rules::upward(&SOURCE, &["crate", "http"], &HTTP));
}

#[test]
fn no_siblings_form_a_cycle() {
    assert_none(&rules::cycles(&SOURCE));
}

#[test]
fn other_crates_are_named_in_their_places() {
    assert_none(&rules::foreign(&SOURCE, &CRATES));
}

#[test]
fn no_two_public_types_have_one_name() {
    assert_none(&rules::twins(&SOURCE));
}

#[test]
fn inherent_impls_stand_beside_their_types() {
    // A form of the wire is told in one file, and translated in another.
    assert_none(&rules::strayed(&SOURCE, &["src/http/"]));
}

#[test]
fn errors_of_the_domain_are_types() {
    assert_none(&rules::stringly(&SOURCE, &DOMAIN));
}

#[test]
fn no_file_is_too_long() {
    assert_none(&rules::long(&SOURCES, LONGEST));
}

#[test]
fn modules_with_files_are_folders() {
    assert_none(&rules::beside_folders(&SOURCES));
}

#[test]
fn there_is_no_unsafe_code() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\""));
}
