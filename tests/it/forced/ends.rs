//! Ends that fall within a run of forced tokens: the limit of tokens, the grammar's own, and a client that
//! leaves.

use std::{sync::Arc, time::Duration};

use receipt_gateway::generation::{FinishReason, Generation, Grammar, Logprobs};
use serde_json::json;

use super::{asks, engine, invoice, says, write};

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

#[tokio::test(flavor = "multi_thread")]
async fn one_who_leaves_before_a_text_is_counted_harms_nobody() {
    let engine = engine("tiny-qwen2-vl", true).await;
    let generation = asks(says("Read this."), invoice());
    let whole = write(&*engine, generation.clone()).await;
    let staying = write(&*engine, generation);
    let leave = async {
        for _ in 0..50 {
            // Polled once, so that the engine has been asked.
            let counting = engine.count_tokens("some words");
            let left = tokio::time::timeout(Duration::ZERO, counting).await;
            drop(left);
            tokio::task::yield_now().await;
        }
    };
    let (staying, ()) = tokio::join!(staying, leave);
    assert_eq!(staying.ids(), whole.ids());
    assert!(engine.count_tokens("some words").await.unwrap() > 0);
}
