//! The program itself, as it serves.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use reqwest::{Client, Response};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(1);

/// The program, its log, and the file of its configuration.
pub struct Program {
    pub folder: tempfile::TempDir,
    pub address: SocketAddr,
    child: Child,
    log: Receiver<Value>,
    client: Client,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Serves by that configuration, which may say anything but how it logs.
    pub fn start(config: &str, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, config);
        let mut child = command(&folder)
            .envs(environment.iter().copied())
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
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            child,
            log,
            client: Client::builder().no_proxy().build().unwrap(),
        };
        let line = program.says("listening on http");
        let address = line["fields"]["message"].as_str().unwrap();
        let (_, address) = address.split_once("://").unwrap();
        let (address, _) = address.split_once(',').unwrap();
        program.address = address.parse().unwrap();
        program
    }

    /// Puts another configuration in the place of its own.
    pub fn configure(&self, config: &str) {
        write(&self.folder, config);
    }

    /// Runs another command by the same file.
    pub fn run(&self, words: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = command(&self.folder);
        command.envs(environment.iter().copied());
        command.args(words).output().unwrap()
    }

    /// Waits for the next line of the log with those words.
    pub fn says(&self, words: &str) -> Value {
        loop {
            let line = self.log.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("{words:?}: {error}"));
            let message = line["fields"]["message"].as_str();
            if message.is_some_and(|message| message.contains(words)) {
                return line;
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    /// Ends it as a service manager does.
    pub fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.says("stopping");
        self.child.wait().unwrap()
    }

    pub async fn get(&self, path: &str) -> Response {
        let url = format!("http://{}{path}", self.address);
        self.client.get(url).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Response {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.client.post(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", "application/json");
        request.body(body.to_string()).send().await.unwrap()
    }
}

/// A configuration whose one model, `far`, is run at `upstream`; `server` is more of its `[server]`.
pub fn far(upstream: SocketAddr, server: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    format!(
        r#"
        [server]
        port = 0
        {server}
        [extract]
        model = "far"
        schemas = "{root}/schemas"
        prompt = "{root}/config/prompts/invoice.txt"
        [providers.up]
        base_url = "http://{upstream}/api"
        [[models]]
        id = "far"
        provider = "up"
        "#
    )
}

fn write(folder: &tempfile::TempDir, config: &str) {
    let config = format!("{config}\n[log]\nformat = \"json\"\n");
    fs::write(folder.path().join("gateway.toml"), config).unwrap();
}

fn command(folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_receipt-gateway"));
    command
        .args(["--config", "gateway.toml"])
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null());
    command
}
