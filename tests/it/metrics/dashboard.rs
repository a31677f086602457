//! The dashboard, held to the metrics that there are.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use receipt_gateway::engine::remote::{Provider, ProviderSettings};
use serde_json::Value;

use super::scrape::scrape;
use crate::support::{Gateway, Options, Script, Scripted, invoice, png};

/// All strings under a key of that name.
fn strings<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == key {
                    found.extend(value.as_str());
                }
                strings(value, key, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| strings(value, key, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_dashboard_asks_for_metrics_that_there_are() {
    let second = Duration::from_secs(1);
    let provider = Provider::new(ProviderSettings {
        name: "upstream".into(),
        base_url: "http://localhost".parse().unwrap(),
        api_key: None,
        headers: Vec::new(),
        connect_timeout: second,
        first_token_timeout: second,
        idle_timeout: second,
        max_answer_bytes: 1,
        failures_to_open: 1,
        open_for: second,
    });
    let options = Options {
        memory_budget: Some(1),
        providers: vec![Arc::new(provider.unwrap())],
        ..Options::default()
    };
    let script = Script::text(&invoice().to_string());
    let gateway = Gateway::new(Scripted::new([script]), options);
    gateway.extract(png(1)).await;
    let scrape = scrape(&gateway).await;
    let served = scrape.names();

    let dashboard = std::fs::read("config/grafana.json").unwrap();
    let dashboard: Value = serde_json::from_slice(&dashboard).unwrap();
    let mut expressions = Vec::new();
    strings(&dashboard, "expr", &mut expressions);
    strings(&dashboard, "query", &mut expressions);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let asked: BTreeSet<_> = expressions
        .iter()
        .flat_map(|expression| expression.split(|c| !is_word(c)))
        .filter(|word| word.starts_with("receipt_gateway_"))
        .collect();
    assert!(asked.len() > 20, "{asked:?}");
    let unknown: Vec<_> = asked.difference(&served).collect();
    assert!(unknown.is_empty(), "{unknown:?} of {served:?}");

    let mut sources = Vec::new();
    strings(&dashboard, "uid", &mut sources);
    sources.retain(|uid| *uid != "receipt-gateway");
    assert!(
        sources.iter().all(|uid| *uid == "${datasource}"),
        "{sources:?}"
    );
}
