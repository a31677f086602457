//! Whether a file is fit to serve with: a start, a reload and `check-config` say the same.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use receipt_gateway::{
    config::{Config, Environment},
    server::{ConfigFile, Gateway, check},
};

use crate::program::{Program, far};

/// What a start says of the file, and what `check-config` does.
async fn verdicts(
    path: &Path,
    environment: fn() -> Environment,
) -> (Result<(), String>, Result<(), String>) {
    let file = ConfigFile {
        path: path.to_owned(),
        environment,
    };
    let load = || Config::load(path, &environment()).map_err(anyhow::Error::from);
    let start = Box::pin(async { Gateway::start(load()?, file).await.map(drop) });
    let check = Box::pin(async { check(load()?).await.map(drop) });
    let told = |verdict: anyhow::Result<()>| verdict.map_err(|error| format!("{error:#}"));
    (told(start.await), told(check.await))
}

fn offline() -> Environment {
    Environment::new([("HF_HUB_OFFLINE", "1")])
}

#[tokio::test]
async fn every_committed_configuration_gets_one_verdict() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found: Vec<PathBuf> = ["config", "bench", "tests/clients", "tests/fleet"]
        .iter()
        .map(|folder| root.join(folder).join("gateway.toml"))
        .collect();
    for path in found {
        assert!(path.is_file(), "{}", path.display());
        let (start, check) = verdicts(&path, offline).await;
        assert_eq!(start, check, "{}", path.display());
        if cfg!(feature = "engine") && path.starts_with(root.join("config")) {
            assert_eq!(check, Ok(()));
        }
    }
}

/// A file whose one model, `far`, a provider runs that nobody asks.
fn sound() -> String {
    far("127.0.0.1:9".parse().unwrap(), "")
}

fn model(line: &str) -> String {
    format!("{}{line}\n", sound())
}

fn broken() -> Vec<(String, &'static str)> {
    let replaced = |from: &str, to: &str| sound().replace(from, to);
    vec![
        (
            model("reads_pictures = false"),
            "extract.model far: it cannot read pictures",
        ),
        (
            model("context_length = 2048"),
            "its context holds 2048 tokens",
        ),
        (model("context_length = 1"), "models[0].context_length"),
        (model("reads = \"text\""), "models[0].reads"),
        (model("max_edge = 5"), "models[0].max_edge"),
        (model("[log]\nlevel = \"x=y=z\""), "log.level"),
        (model("[log]\nlevel = \"loud\""), "log.level"),
        (model("[server.more]\n"), "server"),
        (
            replaced(
                "port = 0",
                "tls_certificate = \"none.pem\"\ntls_key = \"none.pem\"",
            ),
            "none.pem",
        ),
        (
            replaced("prompts/invoice.txt", "prompts/none.txt"),
            "none.txt",
        ),
        (replaced("/schemas\"", "/none\""), "extract.schemas"),
        (
            replaced("model = \"far\"", "model = \"near\""),
            "extract.model",
        ),
        (model("[cache]\nshared = \"http://h\""), "cache.shared"),
        (
            model("[fetch]\nallowed_hosts = [\"*\"]"),
            "fetch.allowed_hosts",
        ),
        (model("[presets.p]\nschema = \"none\""), "presets.p.schema"),
        (
            model("[providers.other]\nbase_url = \"http://h\"\nheaders = { \"a b\" = \"c\" }"),
            "headers",
        ),
        (
            model("[[models]]\nid = \"b\"\npath = \"none\"\npreload = true"),
            "The model b cannot be loaded",
        ),
        (
            model("[[models]]\nid = \"b\"\nrepo = \"a/b\"\npreload = true"),
            "a/b",
        ),
        (
            model("[[models]]\nid = \"b\"\npath = \"none\"\ncalibration = \"none.json\""),
            "calibration",
        ),
        ("[extract".to_owned(), "syntax"),
    ]
}

#[tokio::test]
async fn what_stops_a_start_stops_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    for (text, expected) in broken() {
        fs::write(&path, &text).unwrap();
        let (start, check) = verdicts(&path, offline).await;
        assert_eq!(start, check, "{text}");
        let told = check.expect_err(&text);
        assert!(told.contains(expected), "{expected}: {told}");
    }
    for text in [
        sound(),
        model("[[models]]\nid = \"b\"\npath = \"none\""),
        model("reads_pictures = false\nreads = \"page_text\""),
    ] {
        fs::write(&path, &text).unwrap();
        assert_eq!(verdicts(&path, offline).await, (Ok(()), Ok(())), "{text}");
    }
}

#[tokio::test]
async fn what_is_not_found_out_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    let text = model("[[models]]\nid = \"b\"\npath = \"none\"")
        .replace("model = \"far\"", "model = \"b\"");
    fs::write(&path, text).unwrap();
    let (_, unchecked) = check(Config::load(&path, &offline()).unwrap())
        .await
        .unwrap();
    assert_eq!(unchecked.len(), 1, "{unchecked:?}");
    assert!(
        unchecked[0].starts_with("b is not in memory"),
        "{unchecked:?}"
    );
}

fn check_config(folder: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_receipt-gateway"))
        .args(["--config", "gateway.toml", "check-config"])
        .current_dir(folder)
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(told).unwrap())
}

#[test]
fn a_line_that_cannot_be_read_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("gateway.toml", &sound());
    assert!(check_config(folder.path()).0);
    for (text, line) in [
        ("RECEIPT_GATEWAY_API_KEY=two words\n", 1),
        ("\u{FEFF}RECEIPT_GATEWAY_API_KEY=key\n", 1),
        ("PORT=0\nRECEIPT_GATEWAY_API_KEY=\"key\n", 2),
        (
            "PORT=0\r\n# a comment\r\nRECEIPT_GATEWAY_API_KEY: key\r\n",
            3,
        ),
        ("RECEIPT_GATEWAY_API_KEY\n", 1),
    ] {
        write(".env", text);
        let (is_sound, told) = check_config(folder.path());
        assert!(!is_sound, "{text:?}");
        assert!(told.contains(&format!(".env: line {line}: ")), "{told}");
        let served = Command::new(env!("CARGO_BIN_EXE_receipt-gateway"))
            .args(["--config", "gateway.toml"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(!served.status.success());
        assert_eq!(String::from_utf8(served.stderr).unwrap(), told);
    }
    write(
        ".env",
        "export RECEIPT_GATEWAY_API_KEY='two words'\r\nPORT=0\r\n",
    );
    assert!(check_config(folder.path()).0);
}

#[test]
fn what_nobody_wants_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("gateway.toml", &sound());
    let (is_sound, told) = check_config(folder.path());
    assert!(is_sound && !told.contains("Warning"), "{told}");
    write(
        ".env",
        "MAX_IMAGE_SIZE=50000000\nRECEIPT_GATEWAY_API_KYE=x\n",
    );
    let (is_sound, told) = check_config(folder.path());
    assert!(is_sound, "{told}");
    let warning = "Warning: images.max_bytes (MAX_IMAGE_SIZE) is 50000000, but server.max_body_bytes is 33554432";
    assert!(told.contains(warning), "{told}");
    let warning = "RECEIPT_GATEWAY_API_KYE is unknown to the gateway and is ignored. Did you mean RECEIPT_GATEWAY_API_KEY?";
    assert!(told.contains(warning), "{told}");
    write(".env", "");
    let blind = model("reads = \"page_text\"\n[reader]\nmodel = \"off\"");
    write("gateway.toml", &blind);
    let (is_sound, told) = check_config(folder.path());
    assert!(is_sound, "{told}");
    let warning = "Warning: models.far reads page text, but reader.model is \"off\"";
    assert!(told.contains(warning), "{told}");
}

#[tokio::test]
async fn a_reload_refuses_what_a_start_refuses() {
    let program = Program::start(&sound(), &[]);
    for (text, expected) in broken() {
        // What a model's own files tell is found out when it is loaded; the log has its own table already.
        if text.contains("preload") || text.contains("[log]") {
            continue;
        }
        program.configure(&text);
        let reply = program
            .post("/admin/reload", &[], &serde_json::json!({}))
            .await;
        let status = reply.status();
        let told = reply.text().await.unwrap();
        assert_eq!(status.as_u16(), 422, "{text}: {told}");
        let unescaped = told.replace("\\\"", "\"");
        assert!(unescaped.contains(expected), "{expected}: {told}");
    }
    program.configure(&sound());
    let reply = program
        .post("/admin/reload", &[], &serde_json::json!({}))
        .await;
    assert_eq!(reply.status().as_u16(), 200);
}
