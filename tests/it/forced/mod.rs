//! Tokens that a grammar leaves no choice about: that they go into one pass with the token before them
//! changes how many passes there are, and nothing of what is written or told.
//!
//! Which tokens those are is llguidance's to say, either way. It divides forced text as the tokenizer would,
//! and leaves out a last token that could as well be the beginning of a longer one.

mod chats;
mod ends;
mod same;
mod scored;

use std::{path::Path, sync::Arc};

use receipt_gateway::{
    config::{Config, Environment},
    engine::Engine,
    generation::{
        Event, FinishReason, Generation, Grammar, Logprobs, Message, Part, Prompt, Role, Sampling,
        Token, Usage,
    },
    http::router,
    image::Picture,
};
use serde_json::json;

use crate::support::{Gateway, committed};

/// How far a log-probability may lie from that of a pass over one token.
const TOLERANCE: f32 = 3e-3;

async fn engine(model: &str, forced_tokens: bool) -> Arc<dyn Engine> {
    committed(model, forced_tokens, 0).await
}

fn picture(file: &str) -> Part {
    let path = format!("tests/reference/pictures/{file}.png");
    let pixels = image::open(path).unwrap().into_rgb8();
    Part::Picture(Arc::new(Picture::new(pixels)))
}

fn asks(parts: Vec<Part>, grammar: Grammar) -> Generation {
    let message = Message {
        role: Role::User,
        parts,
    };
    Generation {
        prompt: Prompt::Chat(vec![message]),
        sampling: Sampling::greedy(),
        max_tokens: 300,
        grammar,
        logprobs: Logprobs::All,
        top_logprobs: 3,
        tools: None,
    }
}

fn says(text: &str) -> Vec<Part> {
    vec![Part::Text(text.to_owned())]
}

/// Something like an invoice, short enough for random weights to come to its end.
fn invoice() -> Grammar {
    let amount = json!({"type": "number", "minimum": 0, "maximum": 99, "multipleOf": 0.01});
    Grammar::JsonSchema(Arc::new(json!({
        "type": "object", "additionalProperties": false,
        "required": ["vendor_name", "invoice_date", "items", "currency", "total_due", "notes"],
        "properties": {
            "vendor_name": {"type": "string", "maxLength": 6},
            "invoice_date": {"type": "string", "format": "date"},
            "items": {"type": "array", "minItems": 1, "maxItems": 2, "items": {
                "type": "object", "additionalProperties": false,
                "required": ["description", "line_total"],
                "properties": {
                    "description": {"type": "string", "maxLength": 4},
                    "line_total": amount
                }
            }},
            "currency": {"enum": ["EUR", "EURO", "USD"]},
            "total_due": {"anyOf": [amount, {"type": "null"}]},
            "notes": {"type": "null"}
        },
        "x-guidance": {"whitespace_flexible": false}
    })))
}

/// What a generation came to.
struct Written {
    tokens: Vec<Token>,
    reason: FinishReason,
    usage: Usage,
}

impl Written {
    fn ids(&self) -> Vec<u32> {
        self.tokens.iter().map(|token| token.id).collect()
    }

    fn text(&self) -> String {
        let bytes = self.tokens.iter().flat_map(|token| token.bytes.clone());
        String::from_utf8(bytes.collect()).unwrap()
    }

    fn passes(&self) -> usize {
        self.usage.writing.unwrap().passes
    }

    fn forced(&self) -> usize {
        self.tokens.iter().filter(|token| token.forced).count()
    }
}

async fn write(engine: &dyn Engine, generation: Generation) -> Written {
    let mut generating = engine.generate(generation).await.unwrap();
    let mut tokens = Vec::new();
    while let Some(event) = generating.events.recv().await {
        match event.unwrap() {
            Event::Token(token) => tokens.push(token),
            Event::Finished { reason, usage } => {
                return Written {
                    tokens,
                    reason,
                    usage,
                };
            }
        }
    }
    panic!("the generation has no end");
}

/// Holds `with` to `without`, whose every token took a pass: the same tokens with the same probabilities.
fn compare(with: &Written, without: &Written) {
    assert_eq!(
        with.ids(),
        without.ids(),
        "{} {}",
        with.text(),
        without.text()
    );
    assert_eq!(with.reason, without.reason);
    assert_eq!(
        with.usage.completion_tokens,
        without.usage.completion_tokens
    );
    assert_eq!(with.forced(), without.forced());
    assert_eq!(
        with.usage.writing.unwrap().forced_tokens,
        without.usage.writing.unwrap().forced_tokens
    );
    assert_eq!(without.passes(), without.usage.completion_tokens);
    for (one, other) in with.tokens.iter().zip(&without.tokens) {
        let Some(logprob) = one.logprob else {
            assert!(one.forced);
            continue;
        };
        assert!(
            (logprob - other.logprob.unwrap()).abs() < TOLERANCE,
            "{one:?} {other:?}"
        );
        for (one, other) in one.top.iter().zip(&other.top) {
            assert!((one.logprob - other.logprob).abs() < TOLERANCE);
        }
    }
}

/// A gateway with the committed models, whose forced tokens are drawn where `forced_tokens` is false.
fn gateway(forced_tokens: bool) -> Gateway {
    let environment = Environment::new([("", ""); 0]);
    let mut config = Config::load(Path::new("config/gateway.toml"), &environment).unwrap();
    for model in &mut config.models {
        model.forced_tokens = forced_tokens;
    }
    Gateway(router(receipt_gateway::app::build(&config).unwrap()))
}
