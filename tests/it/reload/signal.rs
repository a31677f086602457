//! SIGHUP to the program itself.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use reqwest::Client;
use serde_json::{Value, json};

use super::{json_of, remote, write};
use crate::upstream::{Upstream, says};

const PATIENCE: Duration = Duration::from_mins(1);

const SERVER: &str = "port = 0\nwatch_seconds = 0";

/// The program as it serves, and the lines of its log.
struct Program {
    folder: tempfile::TempDir,
    child: Child,
    log: Receiver<Value>,
    client: Client,
    address: SocketAddr,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn start(entries: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, SERVER, entries);
        let mut child = Command::new(env!("CARGO_BIN_EXE_receipt-gateway"))
            .args(["--config", "gateway.toml"])
            .current_dir(&folder)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, log) = mpsc::channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let mut program = Self {
            folder,
            child,
            log,
            client: Client::builder().no_proxy().build().unwrap(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let line = program.says("listening on http://");
        let address = line["fields"]["message"].as_str().unwrap();
        let address = address.strip_prefix("listening on http://").unwrap();
        let (address, _) = address.split_once(',').unwrap();
        program.address = address.parse().unwrap();
        program
    }

    /// Waits for the next line of the log with those words.
    fn says(&self, words: &str) -> Value {
        loop {
            let line = self.log.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("{words:?}: {error}"));
            let message = line["fields"]["message"].as_str();
            if message.is_some_and(|message| message.contains(words)) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    /// The ids of the models, and what `first` answers.
    async fn serves(&self) -> (Vec<Value>, Value) {
        let url = |path: &str| format!("http://{}{path}", self.address);
        let listed = self.client.get(url("/v1/models")).send().await.unwrap();
        let listed = json_of(listed).await;
        let models = listed["data"].as_array().unwrap().iter();
        let body = json!({"model": "first", "messages": [{"role": "user", "content": "Hello"}]});
        let asked = self
            .client
            .post(url("/v1/chat/completions"))
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = json_of(asked.send().await.unwrap()).await;
        (
            models.map(|model| model["id"].clone()).collect(),
            answer["choices"][0]["message"]["content"].clone(),
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_makes_the_program_read_its_file_anew() {
    let (_old, old) = Upstream::serve([says(&["old"])]).await;
    let (_new, new) = Upstream::serve([says(&["new"])]).await;
    let log = "[log]\nformat = \"json\"\n";
    let mut program = Program::start(&(remote(old, "") + log));
    let before = (vec![json!("first")], json!("old"));
    assert_eq!(program.serves().await, before);

    fs::write(program.folder.path().join("gateway.toml"), "x =").unwrap();
    program.signal("-HUP");
    let complaint = program.says("is not sound and changes nothing");
    assert_eq!(complaint["level"], "ERROR");
    let message = complaint["fields"]["message"].as_str().unwrap();
    assert!(message.contains("gateway.toml: syntax"), "{message}");
    assert_eq!(program.serves().await, before);

    let second = "[[models]]\nid = \"second\"\nprovider = \"upstream\"\n";
    write(&program.folder, SERVER, &(remote(new, "") + second + log));
    program.signal("-HUP");
    program.says("the configuration is reloaded");
    let after = (vec![json!("first"), json!("second")], json!("new"));
    assert_eq!(program.serves().await, after);

    program.signal("-TERM");
    program.says("stopping");
    assert!(program.child.wait().unwrap().success());
}
