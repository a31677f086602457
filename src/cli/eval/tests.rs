use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use clap::Parser;

use super::{
    super::reader::{FileFault, FileReading},
    *,
};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    eval: EvalArguments,
}

/// A reader that takes every file as the JSON of its answer.
struct Echo;

#[async_trait]
impl ReceiptReader for Echo {
    async fn read(&self, file: Bytes, _: &str) -> Result<FileReading, FileFault> {
        let invoice = serde_json::from_slice(&file);
        let invoice = invoice.map_err(|_| FileFault::new("damaged", "It is damaged."))?;
        Ok(FileReading {
            invoice,
            meta: None,
        })
    }
}

/// Evaluates a folder with these files; returns the end, the output and the faults.
async fn eval(files: &[(&str, &str)], words: &[&str]) -> anyhow::Result<(End, String, String)> {
    let folder = tempfile::tempdir()?;
    for (name, text) in files {
        fs::write(folder.path().join(name), text)?;
    }
    let root = folder.path().display().to_string();
    let arguments = Arguments::try_parse_from([&["eval", root.as_str()], words].concat())?;
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let local = async |ask: &Ask| {
        assert!(ask.fresh);
        Ok(Box::new(Echo) as Box<dyn ReceiptReader>)
    };
    let stop = CancellationToken::new();
    let end = run(&arguments.eval, local, stop, &mut out, &mut errors).await?;
    let errors = String::from_utf8(errors)?.replace(&format!("{root}/"), "");
    Ok((end, String::from_utf8(out)?, errors))
}

const FILES: [(&str, &str); 6] = [
    ("a.png", r#"{"vendor_name": "TOKO", "total_due": 5}"#),
    ("a.json", r#"{"vendor_name": "Toko", "total_due": 5}"#),
    ("b.jpg", r#"{"vendor_name": "Toko", "total_due": 5}"#),
    ("b.json", r#"{"total_due": 6}"#),
    ("c.png", "no picture"),
    ("c.json", "{}"),
];

#[tokio::test]
async fn the_table_counts_the_fields_of_the_expected_invoices() {
    let (end, out, errors) = eval(&FILES, &[]).await.unwrap();
    assert_eq!(end, End::Faults);
    assert_eq!(errors, "c.png: It is damaged. (damaged)\n");
    let (start, seconds) = out.split_at(out.rfind("| median seconds").unwrap());
    assert_eq!(
        start,
        "| measure           |     % | of |\n\
         | ----------------- | ----: | -: |\n\
         | vendor_name       |   0.0 |  1 |\n\
         | total_due         |  50.0 |  2 |\n\
         | vendor similarity | 100.0 |  1 |\n\
         | adds up           |   0.0 |  2 |\n\
         | receipts          |     3 |    |\n\
         | failed            |     1 |    |\n"
    );
    assert_eq!(seconds, "| median seconds    |  0.00 |    |\n");
}

#[tokio::test]
async fn json_has_the_same_measures() {
    let (_, out, _) = eval(&FILES, &["--out", "json", "--jobs", "3"])
        .await
        .unwrap();
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        out["measures"]["total_due"],
        json!({"percent": 50.0, "of": 2})
    );
    assert_eq!((&out["receipts"], &out["failed"]), (&json!(3), &json!(1)));
    let median = out["median_seconds"].as_f64().unwrap();
    assert!(median < Duration::from_secs(5).as_secs_f64());
}

#[tokio::test]
async fn pictures_without_an_expected_invoice_are_named_and_skipped() {
    let files = [FILES[0], FILES[1], ("z.png", "{}"), ("other.json", "{}")];
    let (end, out, errors) = eval(&files, &[]).await.unwrap();
    assert_eq!(end, End::Clean);
    assert_eq!(
        errors,
        "z.png: skipped, since its expected invoice (.json) is not beside it\n"
    );
    assert!(out.contains("| receipts          |     1 |"), "{out}");
}

#[tokio::test]
async fn a_folder_without_expected_invoices_is_refused() {
    let refused = eval(&[FILES[0]], &[]).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("no pictures with the expected invoice")
    );
    let broken = eval(&[FILES[0], ("a.json", "no JSON")], &[])
        .await
        .unwrap_err();
    assert!(format!("{broken:#}").contains("a.json"), "{broken:#}");
}
