//! `doctor` as a program: its status and its forms.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

fn doctor(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_receipt-gateway"))
        .args(["--config", "gateway.toml", "doctor"])
        .args(words)
        .env("HF_HUB_CACHE", folder.join("cache"))
        .current_dir(folder)
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(told).unwrap())
}

#[test]
fn the_status_says_whether_a_start_would_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let (status, told) = doctor(folder.path(), &[]);
    assert_eq!(status, Some(1));
    assert!(told.contains("there is no gateway.toml"), "{told}");
    assert!(told.starts_with(concat!("receipt-gateway ", env!("CARGO_PKG_VERSION"))));

    let root = env!("CARGO_MANIFEST_DIR");
    let text = format!(
        "[server]\nport = 0\n[extract]\nmodel = \"nano\"\nschemas = \"{root}/schemas\"\n\
         prompt = \"{root}/config/prompts/any.txt\"\n\
         [[models]]\nid = \"nano\"\npath = \"{root}/models/receipt-nano\"\npreload = true\n"
    );
    fs::write(folder.path().join("gateway.toml"), &text).unwrap();
    let (status, told) = doctor(folder.path(), &["--json"]);
    assert_eq!(status, Some(0), "{told}");
    let report: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(report["start"]["succeeds"], true);
    assert_eq!(report["models"][0]["files"], "here");

    let wrong = text.replace("[server]", "[server]\nhost = \"nowhere\"");
    fs::write(folder.path().join("gateway.toml"), wrong).unwrap();
    let (status, told) = doctor(folder.path(), &[]);
    assert_eq!(status, Some(1));
    assert!(told.contains("a start would fail"), "{told}");
    assert!(
        told.contains("fault: gateway.toml: server.host: "),
        "{told}"
    );
}
