use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

use async_trait::async_trait;
use bytes::Bytes;
use clap::Parser;
use serde_json::{Value, json};

use super::{super::reader::FileReading, *};

#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    extract: ExtractArguments,
}

/// A reader that returns every file's bytes in an invoice; some bytes are special.
#[derive(Default)]
struct Echo {
    reads: AtomicUsize,
    stop: CancellationToken,
    meta: AtomicBool,
}

#[async_trait]
impl ReceiptReader for &'static Echo {
    async fn read(&self, file: Bytes, _: &str) -> Result<FileReading, FileFault> {
        self.reads.fetch_add(1, SeqCst);
        match &*file {
            b"bad" => return Err(FileFault::new("damaged", "It is\ndamaged.")),
            b"fatal" => return Err(FileFault::fatal("no_gateway", "There is none.")),
            b"stop" => self.stop.cancel(),
            _ => {}
        }
        if &*file == b"stop" || &*file == b"slow" {
            std::future::pending::<()>().await;
        }
        let text = String::from_utf8_lossy(&file).into_owned();
        let place = json!({"page": 1, "box": [0.5, 0.25], "text": format!("{text}!")});
        let fact = json!({"printed": "printed", "evidence": [place]});
        let meta = json!({"confidence": 1.0, "fields": {"/text": fact}});
        let meta = self.meta.load(SeqCst).then_some(meta);
        Ok(FileReading {
            invoice: json!({"text": text}),
            meta,
        })
    }
}

struct Scene {
    folder: tempfile::TempDir,
    echo: &'static Echo,
}

impl Scene {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let echo = Box::leak(Box::default());
        Self { folder, echo }
    }

    /// Reads the folder into a file `out`; returns the end and the faults.
    async fn extract(&self, words: &[&str]) -> anyhow::Result<(End, String)> {
        let root = self.folder.path().display().to_string();
        let to = format!("{root}/out");
        let words = [&["extract", &root, "--to", &to, "--jobs", "2"], words].concat();
        let arguments = Arguments::try_parse_from(words)?.extract;
        let mut errors = Vec::new();
        let local = async |ask: &Ask| {
            self.echo.meta.store(ask.meta, SeqCst);
            Ok(Box::new(self.echo) as Box<dyn ReceiptReader>)
        };
        let end = run(&arguments, local, self.echo.stop.clone(), &mut errors).await?;
        Ok((
            end,
            String::from_utf8(errors)?.replace(&format!("{root}/"), ""),
        ))
    }

    /// Returns the texts of the receipts in `out`, in order.
    fn texts(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("out")).unwrap();
        let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
        records
            .map(|record: Value| record["invoice"]["text"].as_str().unwrap().to_owned())
            .collect()
    }

    fn reads(&self) -> usize {
        self.echo.reads.swap(0, SeqCst)
    }
}

#[tokio::test]
async fn failed_files_are_reported_and_read_again_by_the_next_run() {
    let scene = Scene::new(&[("a.png", "1"), ("b.png", "bad"), ("c.png", "3")]);
    let (end, errors) = scene.extract(&[]).await.unwrap();
    assert_eq!(end, End::Faults);
    assert_eq!(errors, "b.png: It is damaged. (damaged)\n");
    assert_eq!(scene.texts(), ["1", "3"]);
    assert_eq!(scene.reads(), 3);

    assert!(
        scene
            .extract(&[])
            .await
            .unwrap_err()
            .chain()
            .any(|e| e.to_string().contains("--resume"))
    );
    fs::write(scene.folder.path().join("b.png"), "2").unwrap();
    assert_eq!(
        scene.extract(&["--resume"]).await.unwrap(),
        (End::Clean, String::new())
    );
    assert_eq!(scene.texts(), ["1", "3", "2"]);
    assert_eq!(scene.reads(), 1);

    assert_eq!(scene.extract(&["--resume"]).await.unwrap().0, End::Clean);
    assert_eq!(scene.reads(), 0);
    assert_eq!(scene.extract(&["--overwrite"]).await.unwrap().0, End::Clean);
    assert_eq!(scene.texts(), ["1", "2", "3"]);
}

#[tokio::test]
async fn an_interrupt_keeps_the_finished_receipts() {
    let files = [
        ("a.png", "1"),
        ("b.png", "slow"),
        ("c.png", "3"),
        ("d.png", "stop"),
        ("e.png", "5"),
    ];
    let scene = Scene::new(&files);
    let (end, errors) = scene.extract(&[]).await.unwrap();
    assert_eq!(
        (end, errors.as_str(), end.code()),
        (End::Interrupted, "", 130)
    );
    // The third was finished, and waited for the second.
    assert_eq!(scene.texts(), ["1", "3"]);
}

#[tokio::test]
async fn a_fatal_fault_ends_the_run() {
    let scene = Scene::new(&[
        ("a.png", "1"),
        ("b.png", "fatal"),
        ("c.png", "slow"),
        ("d.png", "4"),
    ]);
    let (end, errors) = scene.extract(&[]).await.unwrap();
    assert_eq!(end, End::Faults);
    assert_eq!(
        errors,
        "b.png: There is none. (no_gateway)\nstopped: every other file would fail in the same way\n"
    );
    assert_eq!(scene.texts(), ["1"]);
}

#[tokio::test]
async fn the_model_is_not_loaded_without_files_to_read() {
    let scene = Scene::new(&[]);
    let refused = scene.extract(&[]).await.unwrap_err();
    assert!(refused.to_string().contains("no pictures"));
}

#[tokio::test]
async fn arguments_that_exclude_each_other_are_a_usage_error() {
    let scene = Scene::new(&[("a.png", "1")]);
    for words in [
        &["--resume", "--out", "json"][..],
        &["--resume", "--out", "table"],
        &["--resume", "-"],
        &["--resume", "--overwrite"],
        &["--jobs", "0"],
        &["--api-key", "k"],
    ] {
        let refused = scene.extract(words).await.unwrap_err();
        let usage = refused.downcast_ref::<clap::Error>();
        assert_eq!(
            usage.map(clap::Error::exit_code),
            Some(2),
            "{words:?}: {refused}"
        );
    }
    assert!(Arguments::try_parse_from(["extract", "a.png", "--resume"]).is_err());
    assert!(Arguments::try_parse_from(["extract"]).is_err());
}

#[test]
fn a_guarded_name_is_recognised() {
    let among = |words: &[&str], had: &str, file: &str| {
        let words = [&["extract", "x", "--out", "csv"], words].concat();
        let arguments = Arguments::try_parse_from(words).unwrap().extract;
        arguments.is_among(&HashSet::from([had.to_owned()]), file)
    };
    for (had, file) in [
        ("'=x.png", "=x.png"),
        ("''=x.png", "'=x.png"),
        // In a file that was begun with --csv-raw.
        ("=x.png", "=x.png"),
        ("a.png", "a.png"),
    ] {
        assert!(among(&[], had, file), "{had} {file}");
    }
    assert!(!among(&[], "'=x.png", "'=x.png"));
    assert!(among(&["--csv-raw"], "'=x.png", "'=x.png"));
    assert!(!among(&["--csv-raw"], "'=x.png", "=x.png"));
}

#[tokio::test]
async fn csv_of_a_folder_is_continued() {
    let scene = Scene::new(&[("a.png", "=1+1"), ("b.HEIC", "x"), ("c.jfif", "-2")]);
    let (end, errors) = scene.extract(&["--out", "csv"]).await.unwrap();
    assert_eq!(end, End::Faults);
    assert!(
        errors.starts_with("b.HEIC: HEIC, HEIF and AVIF"),
        "{errors}"
    );
    let written = || fs::read_to_string(scene.folder.path().join("out")).unwrap();
    let text = written();
    assert!(
        text.contains("a.png,'=1+1\r\n") && text.contains("c.jfif,'-2\r\n"),
        "{text}"
    );
    assert_eq!(scene.reads(), 2);
    scene.extract(&["--out", "csv", "--resume"]).await.unwrap();
    assert_eq!((scene.reads(), written()), (0, text));
}

#[tokio::test]
async fn rows_with_places_are_continued() {
    let scene = Scene::new(&[("a.png", "1"), ("b.png", "bad")]);
    let words = ["--out", "csv", "--evidence"];
    scene.extract(&words).await.unwrap();
    fs::write(scene.folder.path().join("b.png"), "2").unwrap();
    let (end, errors) = scene
        .extract(&[&words[..], &["--resume"]].concat())
        .await
        .unwrap();
    assert_eq!((end, errors.as_str()), (End::Clean, ""));
    fs::write(scene.folder.path().join("c.png"), "3").unwrap();
    // The columns of the file decide.
    let end = scene.extract(&["--out", "csv", "--resume"]).await;
    assert_eq!(end.unwrap().0, End::Clean);
    let written = fs::read_to_string(scene.folder.path().join("out")).unwrap();
    let root = scene.folder.path().display().to_string();
    assert_eq!(
        written.replace(&format!("{root}/"), ""),
        "file,text,text.printed,text.page,text.box,text.text\r\n\
         a.png,1,printed,1,0.5 0.25,1!\r\n\
         b.png,2,printed,1,0.5 0.25,2!\r\n\
         c.png,3,printed,1,0.5 0.25,3!\r\n"
    );
}
