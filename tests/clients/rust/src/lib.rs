//! Runs the cases of a client and prints a line of JSON for each.

use std::{env, error::Error, fs, panic, path::Path, pin::Pin, sync::Mutex, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// What a case ends in: a client's error is its fault, as a failed assertion is.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// Bounds a case, so that a client that waits for ever fails it.
const CASE: Duration = Duration::from_mins(1);

/// How often a model is asked until its place is free, and the pause between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// The words of the last panic, which `assert!` ends in.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// What a client is to do.
pub struct Case {
    name: String,
    body: Pin<Box<dyn Future<Output = Outcome> + Send>>,
}

/// Creates a case; nothing happens until it is run.
pub fn case(name: impl Into<String>, body: impl Future<Output = Outcome> + Send + 'static) -> Case {
    Case {
        name: name.into(),
        body: Box::pin(body),
    }
}

/// Lists functions without arguments as cases of their names.
#[macro_export]
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        vec![$($crate::case(stringify!($name).replace('_', " "), $name())),*]
    };
}

/// Runs the cases of a client, one after another.
pub async fn run(client: &str, cases: Vec<Case>) {
    panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = PANIC.lock() {
            *last = Some(panic.to_string());
        }
    }));
    println!(
        "{}",
        json!({ "client": client, "version": version(client) })
    );
    for Case { name, body } in cases {
        let fault = match tokio::spawn(tokio::time::timeout(CASE, body)).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => Some(format!("{error}\n{error:?}")),
            Ok(Err(elapsed)) => Some(elapsed.to_string()),
            Err(panicked) => {
                let said = PANIC.lock().ok().and_then(|mut last| last.take());
                Some(said.unwrap_or_else(|| panicked.to_string()))
            }
        };
        println!("{}", json!({ "case": name, "fault": fault }));
    }
}

/// Returns the version of a crate that this program was built with.
fn version(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split_once(&format!("name = \"{name}\"\nversion = \""));
    let version = entry.and_then(|(_, rest)| rest.split_once('"'));
    version.map_or("?", |(version, _)| version)
}

/// The address of the gateway.
#[must_use]
pub fn gateway() -> String {
    variable("GATEWAY")
}

/// The address of a picture.
#[must_use]
pub fn picture_url() -> String {
    variable("PICTURE_URL")
}

/// The picture in base64.
#[must_use]
pub fn picture() -> String {
    base64_of(variable("PICTURE"))
}

/// An invoice as a PDF in base64.
#[must_use]
pub fn document() -> String {
    base64_of(variable("DOCUMENT"))
}

/// A file in base64 as a `data:` URI.
#[must_use]
pub fn data_uri(kind: &str, base64: &str) -> String {
    format!("data:{kind};base64,{base64}")
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("there is no {name}"))
}

fn base64_of(path: impl AsRef<Path>) -> String {
    STANDARD.encode(fs::read(path).expect("the file is there"))
}

/// Occupies a model that has a single place, until the answer is dropped. Waits until the gateway has noticed that the
/// one before left.
///
/// # Errors
/// What the last request ends in.
pub async fn occupied(model: &str) -> Result<reqwest::Response, reqwest::Error> {
    let body = json!({
        "model": model, "max_tokens": 100_000, "stream": true,
        "messages": [{ "role": "user", "content": "On and on" }],
    });
    let url = format!("{}/v1/chat/completions", gateway());
    let client = reqwest::Client::new();
    let mut tries = 1;
    let mut answer = loop {
        let asked = client.post(&url).json(&body).send().await?;
        match asked.error_for_status() {
            Err(_) if tries < TRIES => tokio::time::sleep(PAUSE).await,
            answer => break answer?,
        }
        tries += 1;
    };
    answer.chunk().await?;
    Ok(answer)
}

/// The schema of a function's parameters, and of an object.
#[must_use]
pub fn weather() -> Value {
    json!({
        "type": "object",
        "properties": { "sky": { "type": "string", "enum": ["blue", "grey"] } },
        "required": ["sky"],
        "additionalProperties": false,
    })
}

/// Asserts that a text is an object of [`weather`].
///
/// # Panics
/// As any assertion.
#[track_caller]
pub fn assert_weather(text: &str) {
    let told: Value = serde_json::from_str(text).expect(text);
    assert!(
        ["blue", "grey"].contains(&told["sky"].as_str().unwrap_or_default()),
        "{text}"
    );
}

/// Asserts that a text is an object of the schema invoice.
///
/// # Panics
/// As any assertion.
#[track_caller]
pub fn assert_invoice(text: &str) {
    let told: Value = serde_json::from_str(text).expect(text);
    assert!(
        told["items"].is_array() && told["taxes"].is_array(),
        "{text}"
    );
    assert!(told["total_due"].is_number(), "{text}");
}
