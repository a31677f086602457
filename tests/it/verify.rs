//! `verify` and `bench` as programs, with the models of the repository.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// Runs the program in an empty folder, so that it finds nothing of the repository but the configuration.
fn run(config: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_receipt-gateway"))
        .arg("--config")
        .arg(config)
        .args(words)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn config() -> std::path::PathBuf {
    fs::canonicalize("config/gateway.toml").unwrap()
}

#[test]
fn this_machine_computes_what_transformers_does() {
    let (status, out, errors) = run(&config(), &["verify", "--json"]);
    assert_eq!(status, Some(0), "{out}{errors}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["verdict"], "agrees");
    let references = report["references"].as_array().unwrap();
    let names: Vec<_> = references.iter().map(|it| &it["reference"]).collect();
    assert_eq!(names, ["tiny-qwen2-vl", "tiny-qwen3-vl", "receipt-nano"]);
    for (reference, cases) in references.iter().zip([11, 11, 14]) {
        assert_eq!(reference["device"], "cpu");
        for how in ["alone", "together"] {
            let answers = reference[how].as_array().unwrap();
            assert_eq!(answers.len(), cases);
            for answer in answers {
                assert_eq!(answer["tokens"], answer["agreed"], "{answer}");
                assert!(
                    answer["largest_difference"].as_f64().unwrap() < 0.003,
                    "{answer}"
                );
            }
        }
    }
    let model = &report["model"];
    assert_eq!(
        (&model["id"], &model["device"]),
        (&"receipt-nano".into(), &"cpu".into())
    );
    // It takes no instructions, so that nothing is asked in a chat.
    assert_eq!(model["chat"], Value::Null);
    assert_eq!(model["receipts"]["receipts"], 12);
    let right = &model["receipts"]["measures"]["total_due"];
    assert!(right["percent"].as_f64().unwrap() > 80.0, "{right}");
    for measured in ["load_seconds", "receipt_seconds", "first_token_seconds"] {
        assert!(model[measured].as_f64().unwrap() > 0.0, "{measured}");
    }
}

#[test]
fn references_need_no_files_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let text = fs::read_to_string("config/gateway.toml").unwrap();
    // The models and schemas that its paths name are not beside this copy.
    fs::write(&file, text).unwrap();
    let (status, out, errors) = run(&file, &["verify", "--references-only"]);
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("2 of 2 references agree; 1 not run"), "{out}");
    assert!(
        out.contains("- receipt-nano was not run: the files of"),
        "{out}"
    );
}

#[test]
fn bench_reads_with_a_model_of_this_process() {
    let receipt = fs::canonicalize("tests/fixtures/receipt-08-toll.jpg").unwrap();
    let receipt = receipt.to_str().unwrap();
    let words = [
        "bench",
        "--receipts",
        receipt,
        "--requests",
        "2",
        "--concurrency",
        "2",
        "--json",
    ];
    let (status, out, errors) = run(&config(), &words);
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&report["receipts"], &report["is_local"]),
        (&2.into(), &true.into())
    );
    assert_eq!(report["model"], "receipt-nano");
    for measured in ["load_seconds", "tokens_per_second", "receipts_per_minute"] {
        assert!(
            report[measured].as_f64().unwrap() > 0.0,
            "{measured}: {report}"
        );
    }
    // The cache of answers is off: the model has read both.
    assert!(
        report["first_token_seconds"]["p95"].as_f64().unwrap() > 0.0,
        "{report}"
    );
}

#[test]
fn a_model_that_is_not_in_the_configuration_is_named() {
    let (status, _, errors) = run(&config(), &["verify", "qwen9"]);
    assert_eq!(status, Some(1));
    assert!(
        errors.contains("there is no model \"qwen9\" in the configuration"),
        "{errors}"
    );
}
