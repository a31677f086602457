//! Beginnings of prompts that are kept: with them every prompt is answered as without, and only what
//! differs is computed.

mod pictures;

use std::{path::Path, sync::Arc};

use futures::future::join_all;
use image::{Rgb, RgbImage};
use receipt_gateway::{
    config::{Config, Environment, MetricsAccess},
    engine::Engine,
    generation::{Event, Generation, Grammar, Logprobs, Message, Part, Prompt, Role, Sampling},
    http::router,
    image::Picture,
};
use serde_json::{Value, json};

use crate::support::{Gateway, committed, form, receipts};

const MODELS: [&str; 3] = ["tiny-qwen2-vl", "tiny-qwen3-vl", "receipt-nano"];

/// How far a log-probability may lie from that of the prompt computed whole.
const TOLERANCE: f32 = 1e-3;

/// Prompts share beginnings in steps of so many tokens.
const STEP: usize = 64;

async fn engine(model: &str, prompt_cache_bytes: u64) -> Arc<dyn Engine> {
    committed(model, true, prompt_cache_bytes).await
}

fn instructions(subject: &str) -> Part {
    let lines = (0..12).map(|n| format!("- {subject} {n}: what is printed, and nothing else.\n"));
    Part::Text(lines.collect())
}

/// On the patch grid of every family.
fn picture(shade: u8) -> Part {
    let pixels = RgbImage::from_fn(224, 224, |x, y| {
        let dot = (x / 8 * (y / 8 + u32::from(shade))) as u8;
        Rgb([dot, shade, dot.wrapping_mul(shade)])
    });
    Part::Picture(Arc::new(Picture::new(pixels)))
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn user(parts: Vec<Part>) -> Vec<Message> {
    let role = Role::User;
    vec![Message { role, parts }]
}

/// What a model answered.
#[derive(Debug)]
struct Answer {
    tokens: Vec<(u32, f32)>,
    prompt: usize,
    cached: usize,
}

impl Answer {
    fn assert_same(&self, other: &Self, what: &str) {
        let ids = |answer: &Self| -> Vec<u32> { answer.tokens.iter().map(|(id, _)| *id).collect() };
        assert_eq!(ids(self), ids(other), "{what}");
        for ((_, one), (_, other)) in self.tokens.iter().zip(&other.tokens) {
            assert!((one - other).abs() < TOLERANCE, "{what}: {one} {other}");
        }
        assert_eq!(self.prompt, other.prompt, "{what}");
    }
}

async fn ask_held(engine: &dyn Engine, messages: Vec<Message>, grammar: Grammar) -> Answer {
    let generation = Generation {
        prompt: Prompt::Chat(messages),
        sampling: Sampling::greedy(),
        max_tokens: 24,
        grammar,
        logprobs: Logprobs::All,
        top_logprobs: 0,
        tools: None,
    };
    let mut generating = engine.generate(generation).await.unwrap();
    let mut tokens = Vec::new();
    while let Some(event) = generating.events.recv().await {
        match event.unwrap() {
            Event::Token(token) => tokens.push((token.id, token.logprob.unwrap())),
            Event::Finished { usage, .. } => {
                return Answer {
                    tokens,
                    prompt: usage.prompt_tokens,
                    cached: usage.cached_tokens.unwrap(),
                };
            }
        }
    }
    panic!("the answer has no end");
}

async fn ask(engine: &dyn Engine, messages: Vec<Message>) -> Answer {
    ask_held(engine, messages, Grammar::Free).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_receipt_goes_on_from_the_instructions() {
    for model in MODELS {
        let (keeps, forgets) = (engine(model, 64 << 20).await, engine(model, 0).await);
        let mut kept = Vec::new();
        for (what, parts) in [
            ("first", vec![picture(1)]),
            ("second", vec![picture(2)]),
            ("two pictures", vec![picture(3), picture(1)]),
            ("words below", vec![picture(4), text("Answer at once.")]),
        ] {
            let parts = [vec![instructions("A field")], parts].concat();
            let with = ask(&*keeps, user(parts.clone())).await;
            let without = ask(&*forgets, user(parts)).await;
            with.assert_same(&without, &format!("{model}, {what}"));
            assert_eq!(without.cached, 0);
            kept.push(with.cached);
        }
        // The instructions with what stands above them, up to the picture.
        assert_eq!(kept[0], 0, "{model}");
        assert!(
            kept[1] > 2 * STEP && kept[1..].iter().all(|k| *k == kept[1]),
            "{model} {kept:?}"
        );
        assert!(keeps.prompt_cache_used() > 0);
        assert_eq!(forgets.prompt_cache_used(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_instructions_share_what_they_have_in_common_in_steps() {
    for model in MODELS {
        let (keeps, forgets) = (engine(model, 64 << 20).await, engine(model, 0).await);
        let ask_both = async |parts: Vec<Part>| {
            let with = ask(&*keeps, user(parts.clone())).await;
            with.assert_same(&ask(&*forgets, user(parts)).await, model);
            with.cached
        };
        assert_eq!(ask_both(vec![instructions("A field"), picture(1)]).await, 0);
        let whole = ask_both(vec![instructions("A field"), picture(2)]).await;
        let Part::Text(mut changed) = instructions("A field") else {
            panic!("no text");
        };
        changed.truncate(changed.len() / 2);
        let changed = vec![Part::Text(changed), instructions("But"), picture(1)];
        let shared = ask_both(changed).await;
        assert!(
            shared >= STEP && shared < whole && shared % STEP == 0,
            "{model} {shared} {whole}"
        );
        assert_eq!(
            ask_both(vec![instructions("No field"), picture(1)]).await,
            0
        );
        // Another picture above leaves nothing that is the same.
        for shade in [1, 2] {
            let below = vec![picture(shade), instructions("A field")];
            assert_eq!(ask_both(below).await, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_goes_on_from_its_last_turn() {
    for model in MODELS {
        let (keeps, forgets) = (engine(model, 64 << 20).await, engine(model, 0).await);
        let mut chat = user(vec![instructions("A rule")]);
        let mut before = 0;
        for turn in 0..3 {
            let with = ask(&*keeps, chat.clone()).await;
            with.assert_same(&ask(&*forgets, chat.clone()).await, model);
            assert_eq!(with.cached, before / STEP * STEP, "{model}, turn {turn}");
            before = with.prompt;
            // Asked the same again, all is there but the last step, of one token at least.
            let again = ask(&*keeps, chat.clone()).await;
            again.assert_same(&with, model);
            assert_eq!(again.cached, (with.prompt - 1) / STEP * STEP);
            chat.push(Message::text(Role::Assistant, "Yes."));
            chat.push(Message::text(Role::User, "And then?"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_by_a_schema_is_the_same() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["total", "merchant"],
        "properties": {
            "total": {"type": "integer", "minimum": 0, "maximum": 99},
            "merchant": {"type": "string", "maxLength": 8}
        }
    });
    for model in MODELS {
        let (keeps, forgets) = (engine(model, 64 << 20).await, engine(model, 0).await);
        for shade in 1..4 {
            let messages = user(vec![instructions("A field"), picture(shade)]);
            let grammar = || Grammar::JsonSchema(Arc::new(schema.clone()));
            let with = ask_held(&*keeps, messages.clone(), grammar()).await;
            let without = ask_held(&*forgets, messages, grammar()).await;
            with.assert_same(&without, model);
            assert_eq!(with.cached > 0, shade > 1);
        }
    }
}

/// Rows of one batch: all with the same instructions, and then each with its own.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_batch_go_on_from_where_all_of_them_can() {
    for model in MODELS {
        let (keeps, forgets) = (engine(model, 64 << 20).await, engine(model, 0).await);
        let same = |shade| user(vec![instructions("A field"), picture(shade)]);
        let other = |shade| user(vec![instructions("B field"), picture(shade)]);
        let below = |shade| user(vec![picture(shade), instructions("A field")]);
        let batches = [
            vec![same(1), same(2)],
            vec![same(3), same(1)],
            vec![same(2), other(2)],
            vec![other(1), same(3), other(3)],
            // Where one may end, another has its picture.
            vec![same(2), below(2)],
            vec![below(2), same(2), below(1)],
        ];
        for (number, rows) in (0..).zip(batches) {
            let plug = user(vec![text("Wait."), picture(100 + number), picture(99)]);
            // While the plug is read, the rows gather at the engine's door and enter together.
            let together = async |engine: &dyn Engine| {
                let plugged = ask(engine, plug.clone());
                let rows = join_all(rows.iter().map(|row| ask(engine, row.clone())));
                tokio::join!(plugged, rows)
            };
            let (plugged, with) = together(&*keeps).await;
            let (_, without) = together(&*forgets).await;
            for (with, without) in with.iter().zip(&without) {
                with.assert_same(without, model);
            }
            assert!(plugged.cached < STEP, "{model}");
        }
        let last = ask(&*keeps, same(1)).await;
        assert!(last.cached > STEP, "{model}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_beginning_used_longest_ago_makes_room() {
    let about = |subject: &str| user(vec![instructions(subject), picture(1)]);
    let measured = engine("tiny-qwen2-vl", 64 << 20).await;
    ask(&*measured, about("1 field")).await;
    let one = measured.prompt_cache_used();
    assert!(one > 0);

    let keeps = engine("tiny-qwen2-vl", 2 * one + one / 2).await;
    for (subject, is_kept) in [
        ("1 field", false),
        ("2 field", false),
        ("1 field", true),
        ("3 field", false),
        ("1 field", true),
        ("3 field", true),
        ("2 field", false),
        ("1 field", false),
    ] {
        let answer = ask(&*keeps, about(subject)).await;
        assert_eq!(answer.cached > 0, is_kept, "{subject}: {}", answer.cached);
        assert!(keeps.prompt_cache_used() <= 2 * one + one / 2);
    }

    // One takes half of the room at most.
    let narrow = engine("tiny-qwen2-vl", one).await;
    ask(&*narrow, about("1 field")).await;
    let cached = ask(&*narrow, about("1 field")).await.cached;
    let whole = ask(&*measured, about("1 field")).await.cached;
    assert!(
        cached >= STEP && cached <= whole.div_ceil(2),
        "{cached} {whole}"
    );
    assert!(narrow.prompt_cache_used() <= one / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_is_told() {
    let environment = Environment::new([("MODEL_NAME", "tiny-qwen2-vl")]);
    let mut config = Config::load(Path::new("config/gateway.toml"), &environment).unwrap();
    config.metrics.access = MetricsAccess::Open;
    let gateway = Gateway(router(receipt_gateway::app::build(&config).unwrap()));
    let mut kept = Vec::new();
    for (_, receipt) in receipts().into_iter().take(2) {
        let file = ("r.png", &receipt[..]);
        let reply = gateway.send(form("/extract?include=meta", &[file])).await;
        let usage = &reply.json()["meta"]["usage"];
        kept.push(
            usage["prompt_tokens_details"]["cached_tokens"]
                .as_u64()
                .unwrap(),
        );
    }
    assert_eq!(kept[0], 0);
    assert!(kept[1] > 100, "{kept:?}");

    let question = json!({
        "model": "tiny-qwen2-vl", "max_tokens": 2, "messages": [
            {"role": "system", "content": "Be brief. ".repeat(30)},
            {"role": "user", "content": "Hello"},
        ]
    });
    assert_eq!(gateway.chat(question.clone()).await.status, 200);
    let usage = &gateway.chat(question.clone()).await.json()["usage"];
    let told = usage["prompt_tokens_details"]["cached_tokens"]
        .as_u64()
        .unwrap();
    let steps = |usage: &Value| (usage["prompt_tokens"].as_u64().unwrap() - 1) / 64 * 64;
    assert_eq!(told, steps(usage));
    let text =
        json!({"model": "tiny-qwen2-vl", "max_tokens": 2, "prompt": "Be brief. ".repeat(30)});
    assert_eq!(
        gateway.post_json("/v1/completions", &text).await.status,
        200
    );
    let usage = &gateway.post_json("/v1/completions", &text).await.json()["usage"];
    let completed = usage["prompt_tokens_details"]["cached_tokens"]
        .as_u64()
        .unwrap();
    assert_eq!(completed, steps(usage));

    let metrics = gateway.get("/metrics").await.body;
    let metrics = String::from_utf8(metrics.to_vec()).unwrap();
    for line in [
        "prompt_cache_hits_total{model=\"tiny-qwen2-vl\"} 3\n".to_owned(),
        format!(
            "prompt_cached_tokens_total{{model=\"tiny-qwen2-vl\"}} {}\n",
            kept[1] + told + completed
        ),
        "prompt_cache_size_bytes{model=\"tiny-qwen2-vl\"} ".to_owned(),
    ] {
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
}
