//! The engine against Hugging Face transformers, token for token: see `tests/reference`.

use std::sync::Arc;

use futures::future::join_all;
use receipt_gateway::{
    engine::Engine,
    generation::{
        Event, Generation, Grammar, Logprobs, Message, Part, Prompt, Role, Sampling, Token,
    },
    image::Picture,
};
use serde::Deserialize;

use crate::support::committed;

/// How far a log-probability may lie from the reference's.
const TOLERANCE: f32 = 3e-3;

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    messages: Vec<CaseMessage>,
    prompt_tokens: usize,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct CaseMessage {
    role: String,
    content: CaseContent,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CaseContent {
    Text(String),
    Parts(Vec<CasePart>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum CasePart {
    Text { text: String },
    Image { file: String },
}

#[derive(Deserialize)]
struct Step {
    id: u32,
    logprob: f32,
    top: Vec<Top>,
}

#[derive(Deserialize)]
struct Top {
    logprob: f32,
}

fn reference(model: &str) -> Reference {
    let text = std::fs::read(format!("tests/reference/{model}.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

async fn engine(model: &str) -> Arc<dyn Engine> {
    committed(model, true, 256 << 20).await
}

fn picture(file: &str) -> Part {
    let pixels = image::open(format!("tests/reference/{file}"))
        .unwrap()
        .into_rgb8();
    Part::Picture(Arc::new(Picture::new(pixels)))
}

fn generation(case: &Case) -> Generation {
    let messages = case.messages.iter().map(|message| Message {
        role: match message.role.as_str() {
            "system" => Role::System,
            "assistant" => Role::Assistant,
            _ => Role::User,
        },
        parts: match &message.content {
            CaseContent::Text(text) => vec![Part::Text(text.clone())],
            CaseContent::Parts(parts) => parts
                .iter()
                .map(|part| match part {
                    CasePart::Text { text } => Part::Text(text.clone()),
                    CasePart::Image { file } => picture(file),
                })
                .collect(),
        },
    });
    Generation {
        prompt: Prompt::Chat(messages.collect()),
        sampling: Sampling::greedy(),
        max_tokens: case.steps.len(),
        grammar: Grammar::Free,
        tools: None,
        logprobs: Logprobs::All,
        top_logprobs: 5,
    }
}

async fn run(engine: &dyn Engine, case: &Case) -> Vec<Token> {
    let mut generating = engine.generate(generation(case)).await.unwrap();
    assert_eq!(
        generating.prompt_tokens, case.prompt_tokens,
        "{}",
        case.name
    );
    let mut tokens = Vec::new();
    while let Some(event) = generating.events.recv().await {
        match event.unwrap() {
            Event::Token(token) => tokens.push(token),
            Event::Finished { usage, .. } => {
                assert_eq!(usage.prompt_tokens, case.prompt_tokens, "{}", case.name);
            }
        }
    }
    tokens
}

/// The largest difference of a log-probability, over the drawn tokens and the likeliest five.
fn compare(case: &Case, tokens: &[Token]) -> f32 {
    let ids: Vec<_> = tokens.iter().map(|token| token.id).collect();
    let expected: Vec<_> = case.steps.iter().map(|step| step.id).collect();
    assert!(expected.len() >= 64);
    assert_eq!(ids, expected, "{}", case.name);
    let mut largest = 0f32;
    for (token, step) in tokens.iter().zip(&case.steps) {
        let top = token
            .top
            .iter()
            .zip(&step.top)
            .map(|(a, b)| (a.logprob - b.logprob).abs());
        let drawn = (token.logprob.unwrap() - step.logprob).abs();
        largest = top.fold(largest.max(drawn), f32::max);
    }
    assert!(largest < TOLERANCE, "{}: {largest}", case.name);
    largest
}

async fn alone(model: &str) {
    let engine = engine(model).await;
    let mut largest = 0f32;
    for case in &reference(model).cases {
        largest = largest.max(compare(case, &run(&*engine, case).await));
    }
    println!("{model}: the largest difference of a log-probability is {largest}");
}

/// Equal-length prompts with different pictures, so that they run as rows of one batch, twice
/// over so that pictures come from the encoder's cache too.
async fn batched(model: &str) {
    let engine = engine(model).await;
    let reference = reference(model);
    let rows: Vec<_> = reference
        .cases
        .iter()
        .filter(|case| case.name.starts_with("batch"))
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(
        rows.iter()
            .all(|row| row.prompt_tokens == rows[0].prompt_tokens)
    );
    let plug = reference
        .cases
        .iter()
        .find(|case| case.name == "two-pictures")
        .unwrap();
    for _ in 0..2 {
        // While this one is read, the rows gather at the engine's door and enter together.
        let plugged = run(&*engine, plug);
        let rows_run = join_all(rows.iter().map(|row| run(&*engine, row)));
        let (plugged, tokens) = tokio::join!(plugged, rows_run);
        compare(plug, &plugged);
        for (row, tokens) in rows.iter().zip(&tokens) {
            compare(row, tokens);
        }
    }
}

/// Everything at once: text beside pictures, prompts of every length.
async fn mixed(model: &str) {
    let engine = engine(model).await;
    let reference = reference(model);
    let tokens = join_all(reference.cases.iter().map(|case| run(&*engine, case))).await;
    for (case, tokens) in reference.cases.iter().zip(&tokens) {
        compare(case, tokens);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen2_vl_alone() {
    alone("tiny-qwen2-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen2_vl_batched() {
    batched("tiny-qwen2-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen2_vl_mixed() {
    mixed("tiny-qwen2-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_nano_alone() {
    alone("receipt-nano").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_nano_mixed() {
    mixed("receipt-nano").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen3_vl_alone() {
    alone("tiny-qwen3-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen3_vl_batched() {
    batched("tiny-qwen3-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen3_vl_mixed() {
    mixed("tiny-qwen3-vl").await;
}
