//! The text of `/metrics`, read back.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;

use crate::support::{Gateway, Reply};

/// One line of the text.
pub struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// What was scraped.
pub struct Scrape(pub Vec<Sample>);

impl Scrape {
    fn parse(reply: &Reply) -> Self {
        let text = std::str::from_utf8(&reply.body).unwrap();
        assert!(text.ends_with("\n# EOF\n"), "{text}");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.map(Sample::parse).collect())
    }

    /// The sum of the series of that name that have those labels among theirs.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            let mut labels = labels.iter();
            sample.name == format!("receipt_gateway_{name}")
                && labels.all(|(key, value)| sample.labels.get(*key).is_some_and(|v| v == value))
        };
        self.0.iter().filter(has).map(|sample| sample.value).sum()
    }

    /// The values that a label has.
    pub fn values(&self, label: &str) -> BTreeSet<&str> {
        let labels = self.0.iter().filter_map(|sample| sample.labels.get(label));
        labels.map(String::as_str).collect()
    }

    pub fn names(&self) -> BTreeSet<&str> {
        self.0.iter().map(|sample| &*sample.name).collect()
    }
}

impl Sample {
    fn parse(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').unwrap().trim_end_matches('"');
        let labels = labels.split("\",").filter_map(|label| {
            let (key, value) = label.split_once("=\"")?;
            Some((key.to_owned(), value.to_owned()))
        });
        Self {
            name: name.to_owned(),
            labels: labels.collect(),
            value: value.parse().unwrap(),
        }
    }
}

pub async fn scrape(gateway: &Gateway) -> Scrape {
    let reply = gateway.get("/metrics").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(
        reply.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    Scrape::parse(&reply)
}
