use async_trait::async_trait;
use bytes::Bytes;
use clap::Parser;
use serde_json::{Value, json};

use super::{
    super::reader::{FileFault, FileReading},
    *,
};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    bench: BenchArguments,
}

fn arguments(words: &[&str]) -> BenchArguments {
    Arguments::try_parse_from([&["bench"], words].concat())
        .unwrap()
        .bench
}

/// A reader that states the same of every file, and refuses the text `bad`.
struct Stated;

#[async_trait]
impl ReceiptReader for Stated {
    async fn read(&self, file: Bytes, _: &str) -> Result<FileReading, FileFault> {
        if &*file == b"bad" {
            return Err(FileFault::new("damaged", "It is damaged."));
        }
        let meta = json!({
            "model": "stated",
            "usage": {"prompt_tokens": 10, "completion_tokens": 11},
            "timings": {"first_token_ms": 1500.0, "generate_ms": 500.0},
        });
        Ok(FileReading {
            invoice: json!({}),
            meta: Some(meta),
        })
    }
}

/// The report of a folder with these files, its end and the faults.
async fn report(files: &[(&str, &str)], words: &[&str]) -> (BenchReport, End, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let root = folder.path().display().to_string();
    let arguments = arguments(&[&["--receipts", root.as_str()], words].concat());
    let measured = Measured {
        inputs: requests(&arguments, None).unwrap(),
        concurrency: arguments.concurrency.into(),
        load: Some(Duration::from_secs(2)),
    };
    let mut errors = Vec::new();
    let stop = CancellationToken::new();
    let (report, end) = measured.read(&Stated, &stop, &mut errors).await.unwrap();
    let errors = String::from_utf8(errors).unwrap();
    (report, end, errors.replace(&format!("{root}/"), ""))
}

#[tokio::test]
async fn files_are_read_again_until_all_requests_are_made() {
    let files = [("a.png", "1"), ("b.png", "2")];
    let (report, end, errors) = report(&files, &["--requests", "5", "--concurrency", "2"]).await;
    assert_eq!((end, errors.as_str()), (End::Clean, ""));
    let object = report.object();
    assert_eq!(
        (&object["receipts"], &object["failed"]),
        (&json!(5), &json!(0))
    );
    assert_eq!(object["model"], "stated");
    assert_eq!(object["concurrency"], 2);
    assert_eq!(object["first_token_seconds"]["median"], 1.5);
    assert_eq!(object["answer_tokens_per_second"]["p95"], 20.0);
    assert_eq!(object["load_seconds"], 2.0);
    let a_minute = object["receipts_per_minute"].as_f64().unwrap();
    assert!(a_minute > 0.0, "{object}");
}

#[tokio::test]
async fn a_file_without_a_receipt_is_a_line_and_counts_apart() {
    let files = [("a.png", "1"), ("b.png", "bad")];
    let (report, end, errors) = report(&files, &[]).await;
    assert_eq!(end, End::Faults);
    assert_eq!(errors, "b.png: It is damaged. (damaged)\n");
    let table = report.table();
    let row = |name: &str| {
        let mut rows = table.lines().map(|line| line.split('|').map(str::trim));
        let row = rows.find(|row| row.clone().nth(1) == Some(name));
        row.and_then(|mut row| row.nth(2))
    };
    assert_eq!(row("receipts"), Some("1"));
    assert_eq!(row("failed"), Some("1"));
    assert_eq!(row("first token, s"), Some("1.50"));
    assert_eq!(row("version"), Some(env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_gateway_elsewhere_tells_no_memory() {
    let measured = Measured {
        inputs: Vec::new(),
        concurrency: 1,
        load: None,
    };
    let stop = CancellationToken::new();
    let (report, _) = measured
        .read(&Stated, &stop, &mut Vec::new())
        .await
        .unwrap();
    assert_eq!(report.object()["memory_bytes"], Value::Null);
    assert!(!report.table().contains("memory"));
}

#[test]
fn the_receipts_that_the_program_carries_are_read_once_each() {
    let folder = SampleFolder::receipts().unwrap();
    let inputs = requests(&arguments(&[]), Some(&folder)).unwrap();
    assert_eq!(inputs.len(), 12);
    let empty = tempfile::tempdir().unwrap();
    let root = empty.path().to_str().unwrap();
    let refused = requests(&arguments(&["--receipts", root]), None).unwrap_err();
    assert!(refused.to_string().contains("has no receipts"), "{refused}");
}
