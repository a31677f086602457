//! The same tokens with the same probabilities, alone and in a batch, and the same receipts.

use futures::future::join_all;
use receipt_gateway::generation::{Generation, Grammar, Logprobs};
use serde_json::Value;

use super::{asks, compare, engine, gateway, invoice, picture, says, write};
use crate::support::{form, receipts};

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
            let logprob = |field: &Value| field["logprob"].as_f64();
            let (one, other) = (logprob(&field), logprob(&others[&pointer]));
            assert_eq!(one.is_some(), other.is_some(), "{pointer}");
            let difference = one.unwrap_or_default() - other.unwrap_or_default();
            assert!(difference.abs() < 0.01, "{pointer}");
        }
    }
    println!("{tokens} tokens in {steps:?} steps and {took:?} ms, with and without");
    // Its vocabulary has whole keys for tokens, which leaves less to force than others do.
    assert!(steps[0] * 20 < steps[1] * 19);
}
