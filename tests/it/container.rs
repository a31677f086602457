//! What the container does before the gateway starts.

use std::process::{Command, Output};

const START: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/container-start.sh");

fn start(features: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let info = folder.path().join("cpuinfo");
    // As Linux writes it on x86-64 and on arm64.
    std::fs::write(
        &info,
        format!("processor\t: 0\nflags\t\t: {features}\nFeatures\t: {features}\n"),
    )
    .unwrap();
    Command::new("sh")
        .args([START, "echo", "started"])
        .env("CPUINFO", info)
        .output()
        .unwrap()
}

#[test]
fn an_older_processor_is_told_what_it_lacks() {
    let refused = start("fpu sse2 bmi1 bmi2 f16c fma movbe avx asimd fphp asimdhp");
    let words = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{words}");
    assert!(refused.stdout.is_empty());
    let lacks = if cfg!(target_arch = "aarch64") {
        "asimddp"
    } else {
        "avx2"
    };
    assert!(
        words.contains(&format!("this one lacks {lacks}.")),
        "{words}"
    );
}

#[test]
fn a_processor_that_has_all_runs_the_command() {
    let run = start("avx2 bmi1 bmi2 f16c fma movbe asimd asimddp asimdhp");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    assert_eq!(run.stdout, b"started\n");
}
