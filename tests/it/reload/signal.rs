//! SIGHUP to the program itself.

use serde_json::{Value, json};

use super::{configuration, json_of, remote};
use crate::{
    program::Program,
    upstream::{Upstream, says},
};

const SERVER: &str = "port = 0\nwatch_seconds = 0";

/// The ids of the models, and what `first` answers.
async fn serves(program: &Program) -> (Vec<Value>, Value) {
    let listed = json_of(program.get("/v1/models").await).await;
    let models = listed["data"].as_array().unwrap().iter();
    let body = json!({"model": "first", "messages": [{"role": "user", "content": "Hello"}]});
    let answer = json_of(program.post("/v1/chat/completions", &[], &body).await).await;
    (
        models.map(|model| model["id"].clone()).collect(),
        answer["choices"][0]["message"]["content"].clone(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_makes_the_program_read_its_file_anew() {
    let (_old, old) = Upstream::serve([says(&["old"])]).await;
    let (_new, new) = Upstream::serve([says(&["new"])]).await;
    let program = Program::start(&configuration(SERVER, &remote(old, "")), &[]);
    let before = (vec![json!("first")], json!("old"));
    assert_eq!(serves(&program).await, before);

    program.configure("x =");
    program.signal("-HUP");
    let complaint = program.says("is not valid and was not applied");
    assert_eq!(complaint["level"], "ERROR");
    let message = complaint["fields"]["message"].as_str().unwrap();
    assert!(message.contains("gateway.toml: syntax"), "{message}");
    assert_eq!(serves(&program).await, before);

    let second = "[[models]]\nid = \"second\"\nprovider = \"upstream\"\n";
    program.configure(&configuration(SERVER, &(remote(new, "") + second)));
    program.signal("-HUP");
    program.says("the configuration is reloaded");
    let after = (vec![json!("first"), json!("second")], json!("new"));
    assert_eq!(serves(&program).await, after);
    assert!(program.stop().success());
}
