//! Answers of a model with random weights to random strict schemas, judged by two validators.

use std::{collections::BTreeMap, path::Path};

use futures::{StreamExt, stream};
use receipt_gateway::{
    config::{Config, Environment},
    grammar::Validator,
    http::router,
};
use serde_json::{Value, json};

use crate::{
    grammars::{holds_doubles, independent, random, schemas},
    support::Gateway,
};

/// Schemas that are tried; more by hand, with `GATEWAY_TEST_SCHEMAS=2000`.
const SCHEMAS: u64 = 40;

/// Questions at once.
const AT_ONCE: usize = 4;

/// How an answer ended, and what is wrong with it.
async fn judge(gateway: &Gateway, seed: u64) -> (&'static str, Option<String>) {
    let schema = random::schema(seed);
    let format = json!({"type": "json_schema", "json_schema": {"schema": schema, "strict": true}});
    let request = json!({
        "messages": [{"role": "user", "content": format!("Number {seed}")}],
        "temperature": 1, "seed": seed, "max_tokens": 200, "response_format": format,
    });
    let reply = gateway.chat(request).await;
    let place = format!("{seed}: {schema}\n{reply:?}");
    let answer = reply.json();
    let said = |pointer| {
        answer
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match reply.status.as_u16() {
        200 if said("/choices/0/finish_reason") == "length" => ("cut off", None),
        200 => {
            let text = said("/choices/0/message/content");
            let ours = Validator::new(&schema).unwrap().check(text);
            let theirs = serde_json::from_str(text)
                .ok()
                .filter(|value| holds_doubles(value, text));
            let fits = theirs.is_none_or(|value| independent(&schema).is_valid(&value));
            (
                "fits",
                (ours.is_err() || !fits).then(|| format!("{place} {ours:?}")),
            )
        }
        400 => ("refused", None),
        // What no grammar keeps out of an open map.
        502 if said("/error/message").contains("given twice") => ("failed", None),
        _ => ("failed", Some(place)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_random_strict_schemas_fit() {
    let environment = Environment::new([("MODEL_NAME", "tiny-qwen2-vl")]);
    let config = Config::load(Path::new("config/gateway.toml"), &environment).unwrap();
    let gateway = &Gateway(router(receipt_gateway::app::build(&config).unwrap()));
    let seeds = 0..schemas(SCHEMAS);
    let judged = stream::iter(seeds.clone()).map(|seed| judge(gateway, seed));
    let judged: Vec<_> = judged.buffer_unordered(AT_ONCE).collect().await;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (how, _) in &judged {
        *counts.entry(how).or_default() += 1;
    }
    println!("{seeds:?}: {counts:?}");
    let faults: Vec<_> = judged.into_iter().filter_map(|(_, fault)| fault).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(counts["fits"] * 4 > seeds.end, "{counts:?}");
}
