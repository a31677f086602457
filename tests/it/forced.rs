//! Tokens that a grammar leaves no choice about: that they go into one pass with the token before them
//! changes how many passes there are, and nothing of what is written or told.
//!
//! Which tokens those are is llguidance's to say, either way. It divides forced text as the tokenizer would,
//! and leaves out a last token that could as well be the beginning of a longer one.

use std::{path::Path, sync::Arc};

use futures::future::join_all;
use receipt_gateway::{
    chat::{
        Event, FinishReason, Generation, Grammar, Logprobs, Message, Part, Prompt, Role, Sampling,
        Token, Usage,
    },
    config::{Config, Environment},
    engine::Engine,
    http::router,
    image::Picture,
};
use serde_json::{Value, json};

use crate::support::{Gateway, committed, form, receipts};

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

async fn nothing_changes_but_the_passes(model: &str, pictures: [&str; 3]) {
    let (with, without) = (engine(model, true).await, engine(model, false).await);
    let mut prompts = vec![says("Read this."), says("Hello, and what else is there?")];
    prompts.extend(pictures.map(|file| {
        let mut parts = says("Read this: ");
        parts.push(picture(file));
        parts.extend(says(" and tell all of it."));
        parts
    }));
    for parts in prompts {
        let scored = asks(parts, invoice());
        let told = Generation {
            logprobs: Logprobs::Drawn,
            ..scored.clone()
        };
        let drawn = write(&*without, scored.clone()).await;
        let scored = write(&*with, scored).await;
        let appended = write(&*with, told).await;
        println!(
            "{model}: {} tokens, {} forced; passes {} without, {} with, {} with all log-probabilities",
            drawn.usage.completion_tokens,
            appended.forced(),
            drawn.passes(),
            appended.passes(),
            scored.passes(),
        );
        compare(&scored, &drawn);
        compare(&appended, &drawn);
        assert!(scored.tokens.iter().all(|token| token.logprob.is_some()));
        // Each pass but the last leads to a token that was drawn, and the end costs none.
        assert!(appended.passes() < drawn.passes() * 4 / 5);
        assert!(scored.passes() <= appended.passes() + 1);
        let told = appended.tokens.iter().filter(|token| token.forced);
        assert!(told.clone().count() > 10);
        assert!(told.into_iter().all(|token| token.logprob.is_none()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen2_vl_writes_the_same() {
    let pictures = ["qwen2-bars", "qwen2-noise", "qwen2-strip"];
    nothing_changes_but_the_passes("tiny-qwen2-vl", pictures).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen3_vl_writes_the_same() {
    let pictures = ["qwen3-bars", "qwen3-noise", "qwen3-strip"];
    nothing_changes_but_the_passes("tiny-qwen3-vl", pictures).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_nano_writes_the_same() {
    let pictures = [
        "nano-receipt-01-shop",
        "nano-receipt-03-restaurant",
        "nano-receipt-05-invoice",
    ];
    nothing_changes_but_the_passes("receipt-nano", pictures).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn the_receipts_are_read_the_same() {
    let (with, without) = (gateway(true), gateway(false));
    let (mut tokens, mut steps, mut took) = (0, [0, 0], [0.0, 0.0]);
    for (path, receipt) in receipts() {
        let request = || form("/extract?include=meta", &[("r.png", &receipt)]);
        let one = with.send(request()).await.json();
        let other = without.send(request()).await.json();
        assert_eq!(one["invoice"], other["invoice"], "{}", path.display());
        let (one, other) = (&one["meta"], &other["meta"]);
        let count = |meta: &Value, of: &str| meta["usage"][of].as_u64().unwrap();
        assert_eq!(
            count(one, "completion_tokens"),
            count(other, "completion_tokens")
        );
        assert_eq!(count(one, "forced_tokens"), count(other, "forced_tokens"));
        assert_eq!(count(other, "steps"), count(other, "completion_tokens"));
        tokens += count(one, "completion_tokens");
        for (i, meta) in [one, other].into_iter().enumerate() {
            steps[i] += count(meta, "steps");
            took[i] += meta["timings"]["generate_ms"].as_f64().unwrap();
        }
        // A forced token is no evidence, however it was come by.
        let fields = |meta: &Value| meta["fields"].as_object().unwrap().clone();
        let (fields, others) = (fields(one), fields(other));
        assert!(fields.keys().eq(others.keys()));
        for (pointer, field) in fields {
            let logprob = |field: &Value| field["logprob"].as_f64().unwrap();
            let difference = logprob(&field) - logprob(&others[&pointer]);
            assert!(difference.abs() < 0.01, "{pointer}");
        }
    }
    println!("{tokens} tokens in {steps:?} steps and {took:?} ms, with and without");
    // Its vocabulary has whole keys for tokens, which leaves less to force than others do.
    assert!(steps[0] * 20 < steps[1] * 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_falls_within_a_run_as_it_does_without() {
    let engine = engine("tiny-qwen2-vl", true).await;
    let whole = asks(says("Read this."), invoice());
    let written = write(&*engine, whole.clone()).await;
    assert_eq!(written.reason, FinishReason::Stop);
    for logprobs in [Logprobs::All, Logprobs::None] {
        for max_tokens in 1..=written.tokens.len() {
            let generation = Generation {
                max_tokens,
                logprobs,
                ..whole.clone()
            };
            let cut = write(&*engine, generation).await;
            assert_eq!(cut.ids(), written.ids()[..max_tokens], "{max_tokens}");
            assert_eq!(cut.reason, FinishReason::Length);
            assert_eq!(cut.usage.completion_tokens, max_tokens);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forced_altogether_takes_the_pass_over_the_prompt() {
    let engine = engine("tiny-qwen3-vl", true).await;
    let constant = Grammar::JsonSchema(Arc::new(json!({
        "const": {"paid": true, "note": "nothing else can be said"},
        "x-guidance": {"whitespace_flexible": false}
    })));
    let generation = Generation {
        logprobs: Logprobs::None,
        ..asks(says("Say it."), constant)
    };
    let appended = write(&*engine, generation.clone()).await;
    assert_eq!(
        appended.text(),
        r#"{"paid":true,"note":"nothing else can be said"}"#
    );
    assert_eq!(appended.passes(), 1);
    assert_eq!(appended.reason, FinishReason::Stop);
    let scored = Generation {
        logprobs: Logprobs::All,
        ..generation
    };
    let scored = write(&*engine, scored).await;
    assert_eq!(scored.ids(), appended.ids());
    assert_eq!(scored.passes(), 2);
    assert!(
        scored
            .tokens
            .iter()
            .all(|t| t.forced && t.logprob.is_some())
    );
}

/// Rows of a batch are forced at different places and by different grammars, or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_batch_do_not_meddle() {
    for model in ["tiny-qwen2-vl", "tiny-qwen3-vl", "receipt-nano"] {
        let (with, without) = (engine(model, true).await, engine(model, false).await);
        let lark = |rules: &str| Grammar::Lark(rules.into());
        let grammars = [
            invoice(),
            Grammar::Free,
            lark("start: \"abcdefghij\" /[0-9]{3}/ \" and so on \" /[a-z]{4}/"),
            lark("start: /[a-z]{3}/ \"klmnopqrstuvw\" /[0-9]{3}/"),
            invoice(),
        ];
        // Of one prompt, so that they are as long as one another.
        let rows: Vec<_> = grammars
            .into_iter()
            .map(|grammar| Generation {
                max_tokens: 60,
                ..asks(says("Go on."), grammar)
            })
            .collect();
        let mut alone = Vec::new();
        for row in &rows {
            alone.push(write(&*without, row.clone()).await);
        }
        for logprobs in [Logprobs::All, Logprobs::Drawn] {
            // While this one is read, the rows gather at the engine's door and enter together.
            let plug = write(&*with, asks(says(&"wait ".repeat(60)), Grammar::Free));
            let rows = join_all(rows.iter().map(|row| {
                let row = Generation {
                    logprobs,
                    ..row.clone()
                };
                write(&*with, row)
            }));
            let (_, together) = tokio::join!(plug, rows);
            for (row, alone) in together.iter().zip(&alone) {
                compare(row, alone);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_leaves_within_a_run_harms_nobody() {
    let engine = engine("tiny-qwen2-vl", true).await;
    let generation = asks(says("Read this."), invoice());
    let whole = write(&*engine, generation.clone()).await;
    for taken in [1, 3, 8, 20] {
        let mut leaving = engine.generate(generation.clone()).await.unwrap();
        let staying = write(&*engine, generation.clone());
        let leave = async {
            for _ in 0..taken {
                leaving.events.recv().await;
            }
            drop(leaving);
        };
        let (staying, ()) = tokio::join!(staying, leave);
        assert_eq!(staying.ids(), whole.ids());
    }
}

/// Everything that a chat can be held to, and stop sequences in the middle of what is forced.
#[tokio::test(flavor = "multi_thread")]
async fn chats_say_the_same() {
    let (with, without) = (gateway(true), gateway(false));
    let schema = json!({"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": {
        "type": "object", "additionalProperties": false, "required": ["total", "currency_of_it"],
        "properties": {
            "total": {"type": "integer", "minimum": 0, "maximum": 99},
            "currency_of_it": {"enum": ["EUR", "USD"]}
        }
    }}});
    let tool = json!({"type": "function", "function": {"name": "add_a_number", "strict": true, "parameters": {
        "type": "object", "additionalProperties": false, "required": ["number"],
        "properties": {"number": {"type": "integer", "minimum": 0, "maximum": 9}}
    }}});
    let mut forced = 0;
    for request in [
        json!({"response_format": schema}),
        json!({"response_format": schema, "logprobs": true, "top_logprobs": 2}),
        json!({"response_format": schema, "n": 3}),
        json!({"response_format": schema, "temperature": 1, "seed": 5}),
        json!({"response_format": schema, "frequency_penalty": 1.5, "repetition_penalty": 1.3}),
        json!({"response_format": schema, "logit_bias": {"32": 100}}),
        json!({"response_format": {"type": "json_object"}}),
        json!({"tools": [tool], "tool_choice": "required"}),
        json!({"tools": [tool], "tool_choice": {"type": "function", "function": {"name": "add_a_number"}}}),
    ] {
        let mut request = request;
        request["model"] = json!("tiny-qwen3-vl");
        request["max_tokens"] = json!(60);
        request["messages"] = json!([{"role": "user", "content": "Hello"}]);
        let one = with.chat(request.clone()).await.json();
        let other = without.chat(request.clone()).await.json();
        let choices = |reply: &Value| -> Vec<Value> {
            let choices = reply["choices"].as_array();
            choices
                .unwrap_or_else(|| panic!("{request}: {reply}"))
                .clone()
        };
        for (one, other) in choices(&one).iter().zip(&choices(&other)) {
            assert_eq!(
                one["message"]["content"], other["message"]["content"],
                "{request}"
            );
            assert_eq!(one["finish_reason"], other["finish_reason"], "{request}");
            let calls = |choice: &Value| choice["message"]["tool_calls"][0]["function"].clone();
            assert_eq!(calls(one), calls(other), "{request}");
            let probabilities = |choice: &Value| -> Vec<f64> {
                let tokens = choice["logprobs"]["content"].as_array();
                let tokens = tokens.into_iter().flatten();
                tokens
                    .map(|token| token["logprob"].as_f64().unwrap())
                    .collect()
            };
            let (one, other) = (probabilities(one), probabilities(other));
            assert_eq!(one.len(), other.len());
            let close = |(a, b): (&f64, &f64)| (a - b).abs() < f64::from(TOLERANCE);
            assert!(one.iter().zip(&other).all(close), "{request}");
        }
        let usage = |answer: &Value, of: &str| answer["usage"][of].clone();
        assert_eq!(
            usage(&one, "completion_tokens"),
            usage(&other, "completion_tokens"),
            "{request}"
        );
        let details = [&one, &other].map(|answer| usage(answer, "completion_tokens_details"));
        assert_eq!(
            details[0]["forced_tokens"], details[1]["forced_tokens"],
            "{request}"
        );
        forced += details[0]["forced_tokens"].as_u64().unwrap();
    }
    assert!(forced > 50, "{forced}");
}
