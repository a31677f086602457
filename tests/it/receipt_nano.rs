//! The committed model on the committed receipts: what it reads is compared with their truth.

use std::{collections::BTreeMap, path::Path};

use receipt_gateway::{
    config::{Config, Environment},
    http::router,
};
use serde_json::Value;

use crate::support::{Gateway, receipts};

/// Fields that have to be right, of twelve receipts of ten fields each: about what was measured, less
/// a few, since other processors round otherwise. To be raised with the model.
const AT_LEAST: [(&str, usize); 6] = [
    ("every field", 102),
    ("tax_rate_percent", 11),
    ("tax_amount", 11),
    ("invoice_date", 11),
    ("total_due", 11),
    ("vendor_name", 9),
];

/// Whether two values agree: amounts to the cent; the currency is the gateway's to set.
fn agree(read: &Value, truth: &Value) -> bool {
    match (read, truth) {
        (Value::Number(a), Value::Number(b)) => {
            (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 0.005
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b))
        }
        (Value::Object(a), Value::Object(b)) => a
            .iter()
            .filter(|(name, _)| *name != "currency")
            .all(|(name, value)| agree(value, &b[name])),
        _ => read == truth,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_nano_reads_the_fixtures() {
    let config = Config::load(
        Path::new("config/gateway.toml"),
        &Environment::new([("", ""); 0]),
    )
    .unwrap();
    let gateway = Gateway(router(receipt_gateway::app::build(&config).unwrap()));
    let mut right = BTreeMap::<String, usize>::new();
    for (path, picture) in receipts() {
        let truth = std::fs::read(path.with_extension("json")).unwrap();
        let truth: Value = serde_json::from_slice(&truth).unwrap();
        let reply = gateway.extract(picture.into()).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let read = reply.json();
        let mut wrong = Vec::new();
        for (name, value) in truth.as_object().unwrap() {
            if agree(&read[name], value) {
                *right.entry(name.clone()).or_default() += 1;
                *right.entry("every field".into()).or_default() += 1;
            } else {
                wrong.push(format!("{name}: {} for {value}", read[name]));
            }
        }
        println!("{}\n  {}", path.display(), wrong.join("\n  "));
    }
    println!("{right:#?}");
    for (name, least) in AT_LEAST {
        let count = right.get(name).copied().unwrap_or_default();
        assert!(count >= least, "{name}: {count} of {least}");
    }
}
