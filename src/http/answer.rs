//! The headers of answers: the model that answered, and the facts about a reading.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::caller::Caller;
use crate::{
    presets::Preset,
    receipt::{CacheOutcome, CacheUse, PrintedShare, Reading, Report},
    registry::Model,
    routing::Routed,
};

/// Returns the headers that name the model that answered.
pub fn routed<T>(routed: &Routed<Preset, T>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if routed.attempts > 0 {
        name_model(&routed.candidate.model, routed.attempts, &mut headers);
    }
    headers
}

/// Adds the model that answered, its provider and the number of attempts to `headers`.
fn name_model(model: &Model, attempts: usize, headers: &mut HeaderMap) {
    let settings = model.settings();
    add(headers, "x-model", &settings.id);
    add(headers, "x-provider", settings.provider_name());
    add(headers, "x-attempts", &attempts.to_string());
}

/// Adds the confidence, evidence, checks, cache result and attempts of a reading to `headers`.
pub fn describe(reading: &Reading, found: CacheOutcome, caller: &Caller, headers: &mut HeaderMap) {
    let report = &reading.report;
    if let Some(model) = caller.registry.get(&report.model) {
        name_model(model, report.attempts.len(), headers);
    }
    add(headers, "x-source", report.source.as_str());
    add(headers, "x-cache", found.as_str());
    if let Some(confidence) = report.confidence() {
        add(headers, "x-confidence", &format!("{confidence:.2}"));
    }
    if let Some(PrintedShare { found, all }) = PrintedShare::of(&report.evidence) {
        add(headers, "x-evidence", &format!("{found}/{all}"));
    }
    add(headers, "x-checks", &checks(report));
}

/// Adds the id of an answer whose body has no place for it to `headers`.
pub fn name(id: &str, headers: &mut HeaderMap) {
    add(headers, "x-generation-id", id);
}

/// Writes the value of `x-checks`: `none`, `ok`, or the names of the checks that failed.
fn checks(report: &Report) -> String {
    let failed: Vec<_> = report.failed().map(|check| check.name).collect();
    match (report.checks.is_empty(), failed.is_empty()) {
        (true, _) => "none".to_owned(),
        (false, true) => "ok".to_owned(),
        (false, false) => failed.join(","),
    }
}

fn add(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// Returns whether the request may be answered from the cache, by its `Cache-Control`.
pub fn cache_use(headers: &HeaderMap) -> CacheUse {
    let is_fresh = headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|directive| {
            let directive = directive.trim().to_ascii_lowercase();
            directive == "no-cache" || directive == "no-store"
        });
    if is_fresh {
        CacheUse::Skip
    } else {
        CacheUse::Allow
    }
}
