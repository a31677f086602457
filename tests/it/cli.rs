//! `extract`, `eval` and `text` as programs, against a gateway that is none.

use std::{
    collections::HashMap,
    fs,
    io::Write,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::Bytes,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A gateway that takes its time and answers with the text that is in place of a picture; it
/// refuses the text `bad`.
struct Gateway {
    url: String,
    /// How often each text came.
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl Gateway {
    async fn start(takes: Duration) -> Self {
        let asked = Arc::<Mutex<HashMap<String, usize>>>::default();
        let seen = asked.clone();
        let answer = move |uri: Uri, body: Bytes| async move {
            tokio::time::sleep(takes).await;
            let text = String::from_utf8(body.to_vec()).unwrap();
            *seen.lock().unwrap().entry(text.clone()).or_default() += 1;
            answer(
                &text,
                uri.query()
                    .is_some_and(|query| query.contains("include=meta")),
            )
        };
        let router = Router::new()
            .route("/extract", post(answer))
            .route("/v1/ocr", post(page_text));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_receipt-gateway"));
        command
            .args(words)
            .args(["--server", &self.url])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, words: &[&str]) -> (i32, String, String) {
        told(self.command(words).output().unwrap())
    }
}

fn answer(text: &str, with_meta: bool) -> Response {
    if text == "bad" {
        let fault = json!({"error": "This is no image.", "code": "unsupported_image"});
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(fault)).into_response();
    }
    let invoice = json!({"vendor_name": format!("Toko \"{text}\",\nJl. 1"), "total_due": 5});
    Json(if with_meta {
        let meta = json!({
            "source": "model", "checks": [], "model": "fake",
            "usage": {"prompt_tokens": 10, "completion_tokens": 11,
                      "prompt_tokens_details": {"cached_tokens": 5}},
            "timings": {"first_token_ms": 30.0, "generate_ms": 500.0},
        });
        json!({"invoice": invoice, "meta": meta})
    } else {
        invoice
    })
    .into_response()
}

/// The text that is in place of a picture, as that of its page.
async fn page_text(body: Bytes) -> Response {
    if &*body == b"bad" {
        let fault = json!({"message": "This is no image.", "code": "unsupported_image"});
        return (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Json(json!({"error": fault})),
        )
            .into_response();
    }
    let page = json!({"index": 0, "markdown": String::from_utf8_lossy(&body)});
    Json(json!({"pages": [page]})).into_response()
}

/// Status, output and faults.
fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let status = output.status.code().unwrap();
    (status, text(output.stdout), text(output.stderr))
}

/// A folder of pictures whose text is their number.
fn pictures(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..count {
        let path = folder.path().join(format!("{number:03}.png"));
        fs::write(path, number.to_string()).unwrap();
    }
    folder
}

/// Waits until `file` has so many line feeds.
fn wait_for_lines(file: &Path, count: usize, run: &mut Child) {
    let started = Instant::now();
    loop {
        let bytes = fs::read(file).unwrap_or_default();
        if bytes.split(|byte| *byte == b'\n').count() > count {
            return;
        }
        assert!(run.try_wait().unwrap().is_none(), "it has ended");
        assert!(started.elapsed() < Duration::from_mins(1), "it is stuck");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Names and vendors in the file that a run wrote.
fn records(file: &Path, form: &str) -> Vec<(String, String)> {
    let text = fs::read(file).unwrap();
    if form == "csv" {
        let mut reader = csv::Reader::from_reader(&*text);
        let rows = reader.records().map(Result::unwrap);
        return rows
            .map(|row| (row[0].to_owned(), row[1].to_owned()))
            .collect();
    }
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| {
            let record: Value = serde_json::from_slice(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                text(&record["file"]),
                text(&record["invoice"]["vendor_name"]),
            )
        })
        .collect()
}

/// Kills a run thrice, tears the last record, and lets it go on each time.
async fn survives_being_killed(form: &str) {
    const COUNT: usize = 120;
    let gateway = Gateway::start(Duration::from_millis(10)).await;
    let folder = pictures(COUNT);
    let to = folder.path().join("out");
    let root = folder.path().to_str().unwrap();
    let words = [
        "extract",
        root,
        "--out",
        form,
        "--to",
        to.to_str().unwrap(),
        "--resume",
    ];

    for kill in 1..=3 {
        let mut run = gateway.command(&words).spawn().unwrap();
        wait_for_lines(&to, kill * 30, &mut run);
        run.kill().unwrap();
        run.wait().unwrap();
        let mut file = fs::OpenOptions::new().append(true).open(&to).unwrap();
        let torn: &[u8] = if form == "csv" {
            b"x.png,\"Toko\r\nJl."
        } else {
            b"{\"file\":\"x.png\",\"inv"
        };
        file.write_all(torn).unwrap();
    }
    assert_eq!(gateway.run(&words), (0, String::new(), String::new()));

    let mut records = records(&to, form);
    records.sort();
    let expected: Vec<_> = (0..COUNT)
        .map(|n| {
            (
                format!("{root}/{n:03}.png"),
                format!("Toko \"{n}\",\nJl. 1"),
            )
        })
        .collect();
    assert_eq!(records, expected);
    // Only what was being read, or waited for its turn, when a run was killed was read again.
    let asked: usize = gateway.asked.lock().unwrap().values().sum();
    assert!(asked <= COUNT + 3 * 8, "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_survive_being_killed() {
    survives_being_killed("jsonl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_survive_being_killed() {
    survives_being_killed("csv").await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_a_run_with_what_is_done() {
    let gateway = Gateway::start(Duration::from_millis(20)).await;
    let folder = pictures(200);
    let to = folder.path().join("out");
    let root = folder.path().to_str().unwrap();
    let words = [
        "extract",
        root,
        "--out",
        "json",
        "--to",
        to.to_str().unwrap(),
    ];
    let mut run = gateway.command(&words).spawn().unwrap();
    wait_for_lines(&to, 10, &mut run);
    let interrupt = ["-INT".to_owned(), run.id().to_string()];
    assert!(
        Command::new("kill")
            .args(interrupt)
            .status()
            .unwrap()
            .success()
    );
    let (status, _, errors) = told(run.wait_with_output().unwrap());
    assert_eq!((status, errors.as_str()), (130, ""));
    let array: Vec<Value> = serde_json::from_slice(&fs::read(&to).unwrap()).unwrap();
    assert!((9..200).contains(&array.len()), "{}", array.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_a_line_and_makes_the_status_1() {
    let gateway = Gateway::start(Duration::ZERO).await;
    let folder = pictures(3);
    fs::write(folder.path().join("001.png"), "bad").unwrap();
    let root = folder.path().to_str().unwrap();
    let missing = format!("{root}/missing.png");
    let (status, out, errors) = gateway.run(&["extract", &missing, root]);
    assert_eq!(status, 1);
    assert_eq!(
        errors.replace(root, ""),
        "/missing.png: There is no such file. (not_found)\n\
         /001.png: This is no image. (unsupported_image)\n"
    );
    assert_eq!(out.lines().count(), 2);
    assert!(
        out.ends_with(
            "\"invoice\":{\"vendor_name\":\"Toko \\\"2\\\",\\nJl. 1\",\"total_due\":5}}\n"
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_input_is_a_file() {
    let gateway = Gateway::start(Duration::ZERO).await;
    let mut command = gateway.command(&["extract", "-", "-"]);
    let mut run = command.stdin(Stdio::piped()).spawn().unwrap();
    run.stdin.take().unwrap().write_all(b"7").unwrap();
    let (status, out, errors) = told(run.wait_with_output().unwrap());
    assert_eq!((status, errors.as_str(), out.lines().count()), (0, "", 1));
    assert!(out.starts_with("{\"file\":\"-\",\"invoice\":{\"vendor_name\":\"Toko \\\"7\\\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_2_and_a_gateway_that_is_not_there_is_1() {
    let mut gateway = Gateway::start(Duration::ZERO).await;
    let (status, _, errors) = gateway.run(&["extract", "a.png", "--resume"]);
    assert_eq!(status, 2, "{errors}");
    let (status, _, errors) = gateway.run(&[
        "extract", "a.png", "--to", "x", "--resume", "--out", "table",
    ]);
    assert_eq!(status, 2, "{errors}");
    assert!(errors.starts_with("error: --resume needs"), "{errors}");

    let folder = pictures(100);
    "http://127.0.0.1:9".clone_into(&mut gateway.url);
    let (status, out, errors) = gateway.run(&["extract", folder.path().to_str().unwrap()]);
    assert_eq!(
        (status, out.as_str(), errors.lines().count()),
        (1, "", 2),
        "{errors}"
    );
    assert!(
        errors.contains("No gateway answers at http://127.0.0.1:9/extract"),
        "{errors}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_is_no_fault() {
    let gateway = Gateway::start(Duration::ZERO).await;
    let folder = pictures(50);
    let mut run = gateway
        .command(&["extract", folder.path().to_str().unwrap()])
        .spawn()
        .unwrap();
    drop(run.stdout.take());
    let (_, _, errors) = told(run.wait_with_output().unwrap());
    assert_eq!(errors, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn eval_says_how_many_fields_are_right() {
    let gateway = Gateway::start(Duration::ZERO).await;
    let folder = pictures(2);
    let truth = |name: &str, total: u32| {
        let truth = json!({"total_due": total}).to_string();
        fs::write(folder.path().join(name), truth).unwrap();
    };
    truth("000.json", 5);
    truth("001.json", 6);
    let (status, out, errors) = gateway.run(&["eval", folder.path().to_str().unwrap()]);
    assert_eq!((status, errors.as_str()), (0, ""));
    assert!(out.contains("| total_due      | 50.0 |  2 |\n"), "{out}");
    assert!(out.contains("| source model "), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bench_measures_a_gateway_elsewhere() {
    let gateway = Gateway::start(Duration::from_millis(5)).await;
    let folder = pictures(3);
    let root = folder.path().to_str().unwrap();
    let words = format!("bench --receipts {root} --requests 8 --concurrency 4 --json");
    let words: Vec<_> = words.split(' ').collect();
    let (status, out, errors) = gateway.run(&words);
    assert_eq!((status, errors.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&report["receipts"], &report["failed"]),
        (&json!(8), &json!(0))
    );
    assert_eq!(
        (&report["is_local"], &report["model"]),
        (&json!(false), &json!("fake"))
    );
    assert_eq!(report["first_token_seconds"]["median"], 0.03);
    assert_eq!(report["prompt_computed_before_percent"], 50.0);
    let asked = gateway.asked.lock().unwrap().clone();
    assert_eq!(["0", "1", "2"].map(|it| asked[it]), [3, 3, 2]);

    fs::write(folder.path().join("001.png"), "bad").unwrap();
    let (status, out, _) = gateway.run(&["bench", "--receipts", root]);
    assert_eq!(status, 1);
    assert!(out.contains(" a gateway elsewhere |"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_written_and_every_fault_makes_the_status_1() {
    let gateway = Gateway::start(Duration::ZERO).await;
    let folder = pictures(3);
    fs::write(folder.path().join("001.png"), "bad").unwrap();
    let root = folder.path().to_str().unwrap();
    let [first, bad, last] = [0, 1, 2].map(|number| format!("{root}/00{number}.png"));
    assert_eq!(
        gateway.run(&["text", &last]),
        (0, "2\n".to_owned(), String::new())
    );
    let (status, out, errors) = gateway.run(&["text", &first, &bad, &last, root]);
    assert_eq!(status, 1);
    assert_eq!(
        out.replace(root, ""),
        "==> /000.png <==\n0\n\n==> /002.png <==\n2\n"
    );
    assert_eq!(
        errors.replace(root, ""),
        "/001.png: This is no image. (unsupported_image)\n\
         : This is a folder; name the files in it. (folder)\n"
    );

    let mut run = gateway.command(&["text", "-", "--json"]);
    let mut run = run.stdin(Stdio::piped()).spawn().unwrap();
    run.stdin.take().unwrap().write_all(b"TOTAL 5").unwrap();
    let (status, out, _) = told(run.wait_with_output().unwrap());
    let record: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, &record["file"]), (0, &json!("-")));
    assert_eq!(record["pages"][0]["markdown"], "TOTAL 5");
}
