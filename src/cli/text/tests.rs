use std::fs;

use async_trait::async_trait;
use bytes::Bytes;
use clap::Parser;
use serde_json::json;

use super::*;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    text: TextArguments,
}

/// A reader that takes a file's bytes for the text of its pages.
struct Echo;

#[async_trait]
impl TextReader for Echo {
    async fn read_text(&self, file: Bytes) -> Result<Value, FileFault> {
        match &*file {
            b"bad" => return Err(FileFault::new("damaged", "It is damaged.")),
            b"fatal" => return Err(FileFault::fatal("no_gateway", "There is none.")),
            b"slow" => std::future::pending::<()>().await,
            _ => {}
        }
        let text = String::from_utf8_lossy(&file).into_owned();
        let pages = text.split('|').enumerate();
        let pages = pages.map(|(index, text)| json!({"index": index, "markdown": text}));
        Ok(json!({"pages": pages.collect::<Vec<_>>(), "model": "page-reader"}))
    }
}

/// Reads files of these names and texts; returns the end, the output and the faults.
async fn text(files: &[(&str, &str)], words: &[&str]) -> (End, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().display().to_string();
    let mut all = vec!["text".to_owned()];
    all.extend(words.iter().map(|word| (*word).to_owned()));
    for (name, text) in files {
        let path = format!("{root}/{name}");
        if *text == "folder" {
            fs::create_dir(&path).unwrap();
        } else {
            fs::write(&path, text).unwrap();
        }
        all.push(path);
    }
    let arguments = Arguments::try_parse_from(all).unwrap().text;
    let stop = CancellationToken::new();
    if files.iter().any(|(_, text)| *text == "slow") {
        stop.cancel();
    }
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let local = || Ok(Box::new(Echo) as Box<dyn TextReader>);
    let end = run(&arguments, local, stop, &mut out, &mut errors)
        .await
        .unwrap();
    let told = |bytes| {
        String::from_utf8(bytes)
            .unwrap()
            .replace(&format!("{root}/"), "")
    };
    (end, told(out), told(errors))
}

#[tokio::test]
async fn one_file_is_its_text_with_its_pages_apart() {
    let (end, out, errors) = text(&[("a.pdf", "TOTAL   5\n\n\u{1b}[2J|second||")], &[]).await;
    assert_eq!((end, errors.as_str()), (End::Clean, ""));
    assert_eq!(out, "TOTAL   5\n\n [2J\n\u{c}second\n\u{c}\u{c}");
}

#[tokio::test]
async fn several_files_stand_under_their_names_and_faults_are_told() {
    let files = [
        ("a.png", "one"),
        ("b.png", "bad"),
        ("c", "folder"),
        ("d.png", "two"),
    ];
    let (end, out, errors) = text(&files, &[]).await;
    assert_eq!(end, End::Faults);
    assert_eq!(out, "==> a.png <==\none\n\n==> d.png <==\ntwo\n");
    assert_eq!(
        errors,
        "b.png: It is damaged. (damaged)\nc: This is a folder; name the files in it. (folder)\n"
    );
}

#[tokio::test]
async fn json_is_a_line_a_file() {
    let (end, out, _) = text(&[("a.png", "one"), ("b.png", "two")], &["--json"]).await;
    assert_eq!(end, End::Clean);
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["file"], "a.png");
    assert_eq!(lines[1]["pages"], json!([{"index": 0, "markdown": "two"}]));
    assert_eq!(lines[1]["model"], "page-reader");
}

#[tokio::test]
async fn a_fault_of_every_file_ends_the_run() {
    let (end, out, errors) = text(&[("a.png", "fatal"), ("b.png", "two")], &[]).await;
    assert_eq!((end, out.as_str()), (End::Faults, ""));
    assert_eq!(
        errors,
        "a.png: There is none. (no_gateway)\n\
         stopped: every other file would fail in the same way\n"
    );
}

#[tokio::test]
async fn an_interrupt_ends_the_run() {
    let (end, _, errors) = text(&[("a.png", "slow")], &[]).await;
    assert_eq!((end, errors.as_str()), (End::Interrupted, ""));
}
