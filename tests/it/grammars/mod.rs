//! What a grammar admits fits its schema: random schemas, and random answers that their grammars admit, byte
//! by byte and with no model, judged by two validators.

pub mod random;

use std::collections::BTreeMap;

use fastrand::Rng;
use llguidance::{Matcher, ParserFactory, api::TopLevelGrammar, toktrie::ApproximateTokEnv};
use receipt_gateway::grammar::{Validator, check_schema, written};
use serde_json::{Value, json};

/// Schemas that are tried; more by hand, with `GATEWAY_TEST_SCHEMAS=2000`.
const SCHEMAS: u64 = 250;

/// Answers of each.
const ANSWERS: u64 = 6;

/// Bytes of an answer, at most; one that is longer is given up.
const MAX_BYTES: usize = 3000;

/// Bytes from which an answer hurries to its end.
const HURRY: usize = 120;

/// How many schemas to try, where nobody asks for more.
pub fn schemas(otherwise: u64) -> u64 {
    let asked = std::env::var("GATEWAY_TEST_SCHEMAS").ok();
    asked
        .and_then(|asked| asked.parse().ok())
        .unwrap_or(otherwise)
}

/// As a chat's answers are held.
fn guided(mut schema: Value) -> Value {
    schema["x-guidance"] = json!({"whitespace_flexible": false});
    schema
}

/// How a walk through a grammar ended.
enum Walk {
    /// With an answer.
    Answer(String),
    /// Nowhere: what was written has no end.
    Stuck(String),
    /// It went on for too long.
    Endless,
}

/// A random answer of a grammar.
fn walk(matcher: &mut Matcher, rng: &mut Rng) -> Walk {
    let mut text = Vec::new();
    while text.len() < MAX_BYTES {
        let hurries = text.len() > HURRY;
        let may_end = matcher.is_stopped() || matcher.is_accepting().unwrap();
        if may_end && (matcher.is_stopped() || hurries || rng.u8(..4) == 0) {
            return Walk::Answer(String::from_utf8(text).unwrap());
        }
        let Ok(mask) = matcher.compute_mask() else {
            return Walk::Stuck(String::from_utf8_lossy(&text).into_owned());
        };
        let allowed: Vec<u8> = (0..=u8::MAX)
            .filter(|byte| mask.is_allowed(u32::from(*byte)))
            .collect();
        let closing: Vec<u8> = allowed
            .iter()
            .copied()
            .filter(|byte| b"\"}]".contains(byte))
            .collect();
        let plain: Vec<u8> = allowed
            .iter()
            .copied()
            .filter(u8::is_ascii_alphanumeric)
            .collect();
        let choices = match rng.u8(..8) {
            0..4 if hurries && !closing.is_empty() => &closing,
            0..6 if !plain.is_empty() => &plain,
            _ => &allowed,
        };
        let Some(byte) = rng.choice(choices) else {
            // The end alone is allowed.
            return Walk::Answer(String::from_utf8(text).unwrap());
        };
        text.push(*byte);
        matcher.consume_token(u32::from(*byte)).unwrap();
    }
    Walk::Endless
}

/// The jsonschema crate, which the gateway's own judgement owes nothing.
pub fn independent(schema: &Value) -> jsonschema::Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).unwrap()
}

/// Whether doubles hold all numbers of an answer; of others the crate would judge others.
pub fn holds_doubles(value: &Value, text: &str) -> bool {
    let most = 2f64.powi(53);
    match value {
        Value::Number(number) => {
            let written = number.to_string();
            let is_written = text.contains(written.trim_end_matches(".0"));
            is_written && number.as_f64().is_some_and(|double| double.abs() <= most)
        }
        Value::Array(values) => values.iter().all(|value| holds_doubles(value, text)),
        Value::Object(map) => map.values().all(|value| holds_doubles(value, text)),
        _ => true,
    }
}

#[test]
fn what_a_grammar_admits_fits_its_schema() {
    let mut factory = ParserFactory::new_simple(&ApproximateTokEnv::single_byte_env()).unwrap();
    factory.quiet();
    let (mut held, mut answers, mut endless) = (0, 0, 0);
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    let mut faults = Vec::new();
    let tried = schemas(SCHEMAS);
    for seed in 0..tried {
        let schema = random::schema(seed);
        let guided = guided(schema.clone());
        if let Err(reason) = check_schema(&guided) {
            let kind: String = reason
                .to_string()
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .take(60)
                .collect();
            *refused.entry(kind).or_default() += 1;
            continue;
        }
        held += 1;
        let validator = Validator::new(&schema).unwrap();
        let independent = independent(&schema);
        let grammar = TopLevelGrammar::from_json_schema(written(&guided).unwrap());
        let parser = factory.create_parser(grammar).unwrap();
        let matcher = Matcher::new(Ok(parser));
        for number in 0..ANSWERS {
            let mut rng = Rng::with_seed(seed * 1000 + number);
            let text = match walk(&mut matcher.deep_clone(), &mut rng) {
                Walk::Answer(text) => text,
                Walk::Endless => {
                    endless += 1;
                    continue;
                }
                Walk::Stuck(text) => {
                    faults.push(format!("{seed}: {schema}\n  leads nowhere: {text}"));
                    continue;
                }
            };
            answers += 1;
            let ours = validator.check(&text);
            // A name given twice is the one thing that no grammar can keep out of an open map.
            if ours
                .as_ref()
                .is_err_and(|misfit| misfit.to_string().contains("given twice"))
            {
                continue;
            }
            let value = serde_json::from_str(&text).ok();
            let theirs = value.filter(|value| holds_doubles(value, &text));
            let theirs = theirs.map(|value: Value| {
                independent
                    .validate(&value)
                    .map_err(|error| error.to_string())
            });
            if ours.is_err() || matches!(theirs, Some(Err(_))) {
                faults.push(format!("{seed}: {schema}\n  {text}\n  {ours:?} {theirs:?}"));
            }
        }
    }
    println!("{held} schemas held, {answers} answers, {endless} endless; refused: {refused:#?}");
    assert!(held * 3 > tried * 2, "{held} of {tried} are held");
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults[..faults.len().min(12)].join("\n")
    );
}
