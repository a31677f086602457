//! The configuration changes while the gateway serves: applied whole or not at all, under requests that
//! go on.

mod providers;
#[cfg(unix)]
mod signal;

use std::{fs, net::SocketAddr, time::Duration};

use futures::StreamExt;
use receipt_gateway::{
    config::Environment,
    server::{ConfigFile, Gateway},
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::upstream::{Upstream, says};

const MODEL: &str = r#"
[[models]]
id = "ID"
path = "ROOT/models/tiny-qwen2-vl"
dtype = "f32"
device = "cpu"
concurrency = 2
"#;

fn model(id: &str) -> String {
    MODEL.replace("ID", id)
}

/// A provider at that address, and the model `first` that it runs.
fn remote(address: SocketAddr, settings: &str) -> String {
    format!(
        "[providers.upstream]\nbase_url = \"http://{address}/api\"\n{settings}\n\
         [[models]]\nid = \"first\"\nprovider = \"upstream\"\n"
    )
}

fn environment() -> Environment {
    Environment::new([("FIRST_KEY", "one"), ("SECOND_KEY", "two")])
}

/// A gateway over a port, and the file of its configuration.
struct Served {
    folder: tempfile::TempDir,
    address: SocketAddr,
    client: Client,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Served {
    /// Serves with those models; the first reads receipts.
    async fn start(entries: &str, watch_seconds: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = ConfigFile {
            path: folder.path().join("gateway.toml"),
            environment,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        write(
            &folder,
            &format!("watch_seconds = {watch_seconds}"),
            entries,
        );
        let gateway = Gateway::start(file.read().unwrap(), file).await.unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(gateway.serve(listener, stop.clone()));
        Self {
            folder,
            address,
            client: Client::builder().no_proxy().build().unwrap(),
            stop,
            serving,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(self.url(path)).send().await.unwrap();
        json_of(answer).await
    }

    async fn post(&self, path: &str) -> (StatusCode, Value) {
        let answer = self.client.post(self.url(path)).send().await.unwrap();
        (answer.status(), json_of(answer).await)
    }

    /// Writes the configuration anew and asks for a reload.
    async fn reload(&self, entries: &str) -> (StatusCode, Value) {
        self.reload_with("watch_seconds = 0", entries).await
    }

    /// The same with those settings of the server.
    async fn reload_with(&self, server: &str, entries: &str) -> (StatusCode, Value) {
        write(&self.folder, server, entries);
        self.post("/admin/reload").await
    }

    /// Reloads what is sound.
    async fn becomes(&self, entries: &str) {
        let (status, outcome) = self.reload(entries).await;
        assert_eq!(status, StatusCode::OK, "{outcome}");
    }

    async fn names(&self) -> Vec<String> {
        let listed = self.get("/v1/models").await;
        let models = listed["data"].as_array().unwrap().iter();
        models
            .map(|model| model["id"].as_str().unwrap().to_owned())
            .collect()
    }

    fn chat(&self, model: &str, tokens: u32, streams: bool) -> reqwest::RequestBuilder {
        let body = json!({
            "model": model, "max_tokens": tokens, "stream": streams,
            "messages": [{"role": "user", "content": "Hello"}]
        });
        let url = self.url("/v1/chat/completions");
        self.client
            .post(url)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// The model's state, and how often it was loaded.
    async fn state(&self, model: &str) -> (String, u64) {
        let states = self.get("/admin/models").await;
        let mut models = states["models"].as_array().unwrap().iter();
        let model = models.find(|state| state["id"] == model).unwrap();
        let state = model["state"].as_str().unwrap().to_owned();
        (state, model["loads"].as_u64().unwrap())
    }

    async fn until_ready(&self, model: &str) {
        let ready = async {
            while self.state(model).await.0 != "ready" {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let ready = tokio::time::timeout(Duration::from_mins(1), ready).await;
        assert!(ready.is_ok(), "{model} is not loaded");
    }

    /// What the model answers.
    async fn answer(&self, model: &str) -> String {
        let answer = self.chat(model, 9, false).send().await.unwrap();
        let answer = json_of(answer).await;
        let content = answer["choices"][0]["message"]["content"].as_str();
        content.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn end(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
    }
}

async fn json_of(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn configuration(server: &str, entries: &str) -> String {
    let text = format!(
        "[server]\n{server}\n[extract]\nmodel = \"first\"\n\
         schemas = \"ROOT/schemas\"\nprompt = \"ROOT/config/prompts/any.txt\"\n{entries}"
    );
    text.replace("ROOT", env!("CARGO_MANIFEST_DIR"))
}

fn write(folder: &tempfile::TempDir, server: &str, entries: &str) {
    let text = configuration(server, entries);
    fs::write(folder.path().join("gateway.toml"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_configuration_is_applied_whole_and_a_bad_one_not_at_all() {
    let served = Served::start(&model("first"), 0).await;
    let answer = served.chat("first", 2, false).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);

    let more = format!(
        "[presets.short]\nmodel = \"second\"\n{}queue_length = 7\n{}",
        model("first"),
        model("second")
    );
    let (status, outcome) = served.reload(&more).await;
    assert_eq!(status, StatusCode::OK, "{outcome}");
    assert_eq!(outcome, json!({"status": "reloaded", "needs_restart": []}));
    assert_eq!(served.names().await, ["first", "second", "short"]);
    // What was in memory and loads the same has stayed there.
    let models = served.get("/admin/models").await;
    assert_eq!(
        (&models["models"][0]["state"], &models["models"][0]["loads"]),
        (&json!("ready"), &json!(1))
    );
    let answer = served.chat("short", 2, false).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);

    for (bad, complaint) in [
        (model("second").replace("f32", "f8"), "models[0].dtype"),
        (model("second"), "extract.model"),
        ("x =".to_owned(), "syntax"),
    ] {
        let (status, fault) = served.reload(&bad).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert_eq!(fault["code"], "invalid_configuration");
        assert!(
            fault["error"].as_str().unwrap().contains(complaint),
            "{fault}"
        );
        assert_eq!(served.names().await, ["first", "second", "short"]);
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_finishes_on_the_model_that_is_no_longer_served() {
    let both = model("first") + &model("second");
    let served = Served::start(&both, 0).await;
    let asked = served.chat("second", 200, true).send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::OK);
    let mut body = asked.bytes_stream();
    let mut text = body.next().await.unwrap().unwrap().to_vec();

    let (status, outcome) = served.reload(&model("first")).await;
    assert_eq!(status, StatusCode::OK, "{outcome}");
    assert_eq!(served.names().await, ["first"]);
    let gone = served.chat("second", 2, false).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);

    while let Some(more) = body.next().await {
        text.extend_from_slice(&more.unwrap());
    }
    let text = String::from_utf8(text).unwrap();
    assert!(text.trim_end().ends_with("data: [DONE]"), "{text}");
    assert!(!text.contains("\"error\""), "{text}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_was_unloaded_stays_so_until_its_entry_changes() {
    let (_upstream, address) = Upstream::serve([says(&["Hi"])]).await;
    let first = remote(address, "");
    let another = |id: &str| format!("[[models]]\nid = \"{id}\"\nprovider = \"upstream\"\n");
    let served = Served::start(&first, 0).await;
    assert_eq!(served.state("first").await, ("ready".to_owned(), 1));
    let (status, unloaded) = served.post("/admin/models/first/unload").await;
    assert_eq!(
        (status, &unloaded["state"]),
        (StatusCode::OK, &json!("unloaded"))
    );

    // In the time that a new one takes to be loaded.
    served.becomes(&(first.clone() + &another("second"))).await;
    served.until_ready("second").await;
    assert_eq!(served.state("first").await, ("unloaded".to_owned(), 1));
    served.becomes(&(first.clone() + "queue_length = 7")).await;
    served.until_ready("first").await;
    assert_eq!(served.state("first").await, ("ready".to_owned(), 2));

    // One that could not be loaded is tried again.
    let missing = "[[models]]\nid = \"missing\"\npath = \"nowhere\"\npreload = true\n";
    let failures = async || {
        let metrics = served.client.get(served.url("/metrics")).send().await;
        let metrics = metrics.unwrap().text().await.unwrap();
        let name = "receipt_gateway_model_load_failures_total{model=\"missing\"} ";
        let line = metrics.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |count| count.parse().unwrap())
    };
    let tried_twice = async {
        while failures().await < 2 {
            served.becomes(&(first.clone() + missing)).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), tried_twice)
        .await
        .unwrap();
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_restart_can_change_is_told() {
    let served = Served::start(&model("first"), 0).await;
    let changed = "port = 1\nmax_connections = 7\nmax_body_bytes = 1024\nwatch_seconds = 0";
    let entries = model("first") + "[log]\nlevel = \"debug\"\n";
    // Until they are what the gateway started with.
    for _ in 0..2 {
        let (status, outcome) = served.reload_with(changed, &entries).await;
        assert_eq!(status, StatusCode::OK, "{outcome}");
        assert_eq!(
            outcome["needs_restart"],
            json!(["server.port", "server.max_connections", "log.level"])
        );
    }
    // What needs none acts.
    let long = served.chat(&"x".repeat(2000), 2, false);
    let refused = long.send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let (_, outcome) = served.reload(&model("first")).await;
    assert_eq!(outcome["needs_restart"], json!([]));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_file_is_noticed() {
    let served = Served::start(&model("first"), 1).await;
    let both = model("first") + &model("second");
    write(&served.folder, "watch_seconds = 1", &both);
    let seen = async {
        while served.names().await.len() < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let seen = tokio::time::timeout(Duration::from_mins(1), seen).await;
    assert!(seen.is_ok());
    served.end().await;
}
