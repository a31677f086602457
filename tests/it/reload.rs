//! The configuration changes while the gateway serves: applied whole or not at all, under requests that
//! go on.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use futures::StreamExt;
use receipt_gateway::{
    app::live::{ConfigFile, Gateway},
    config::Environment,
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

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
            environment: Environment::default,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        write(&folder, entries, watch_seconds);
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

    /// Writes the configuration anew and asks for a reload.
    async fn reload(&self, entries: &str) -> (StatusCode, Value) {
        write(&self.folder, entries, 0);
        let asked = self.client.post(self.url("/admin/reload"));
        let answer = asked.send().await.unwrap();
        (answer.status(), json_of(answer).await)
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

    async fn end(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
    }
}

async fn json_of(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn write(folder: &tempfile::TempDir, entries: &str, watch_seconds: u64) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let text = format!(
        "[server]\nwatch_seconds = {watch_seconds}\n[extract]\nmodel = \"first\"\n\
         schemas = \"ROOT/schemas\"\nprompt = \"ROOT/config/prompts/any.txt\"\n{entries}"
    );
    let text = text.replace("ROOT", root.to_str().unwrap());
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
async fn a_change_of_the_file_is_noticed() {
    let served = Served::start(&model("first"), 1).await;
    write(&served.folder, &(model("first") + &model("second")), 1);
    let seen = async {
        while served.names().await.len() < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let seen = tokio::time::timeout(Duration::from_mins(1), seen).await;
    assert!(seen.is_ok());
    served.end().await;
}
