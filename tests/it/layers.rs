//! Holds the arrows of ARCHITECTURE.md: who may name whom.

use std::{fs, path::Path};

/// Source files below `folder` with their text, tests of their own left out.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    found
}

fn naming(word: &str) -> Vec<String> {
    let mut files: Vec<_> = sources(Path::new("src"))
        .into_iter()
        .filter(|(_, text)| {
            text.lines()
                .any(|line| !line.trim_start().starts_with("//") && line.contains(word))
        })
        .map(|(path, _)| path)
        .collect();
    files.sort();
    files
}

#[test]
fn one_file_names_mistral_rs() {
    assert_eq!(naming("mistralrs::"), ["src/engine/mistral.rs"]);
}

#[test]
fn one_file_names_redis() {
    assert_eq!(naming("redis::"), ["src/shared_cache.rs"]);
}

#[test]
fn one_module_names_opentelemetry() {
    let outside: Vec<_> = naming("opentelemetry")
        .into_iter()
        .filter(|path| !path.starts_with("src/telemetry/"))
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn only_http_and_app_name_axum() {
    let outside: Vec<_> = naming("axum")
        .into_iter()
        .filter(|path| !path.starts_with("src/http/") && !path.starts_with("src/app/"))
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn only_fetch_hub_and_what_is_remote_go_out() {
    let outside: Vec<_> = naming("reqwest")
        .into_iter()
        .filter(|path| {
            let may = [
                "src/image/fetch/",
                "src/hub/",
                "src/cli/health.rs",
                "src/cli/remote",
                "src/engine/remote/",
                "src/telemetry/",
            ];
            !may.iter().any(|start| path.starts_with(start))
        })
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn the_domain_knows_neither_http_nor_configuration() {
    for (path, text) in sources(Path::new("src")) {
        let domain = [
            "chat.rs",
            "chat/",
            "grammar.rs",
            "grammar/",
            "keys/",
            "metrics/",
            "presets.rs",
            "stop.rs",
            "telemetry/",
            "image/",
            "receipt/",
            "registry/",
            "engine/",
        ];
        let is_domain = domain
            .iter()
            .any(|part| path.starts_with(&format!("src/{part}")));
        for outer in [
            "crate::http",
            "crate::config",
            "crate::app",
            "crate::shared_cache",
        ] {
            assert!(!(is_domain && text.contains(outer)), "{path} names {outer}");
        }
    }
}

#[test]
fn there_is_no_unsafe_code() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\""));
}
