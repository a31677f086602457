//! Texts that are given whole: they are scored in a few passes, each token as if it had taken one of its own.

use receipt_gateway::{
    generation::{FinishReason, Grammar},
    grammar::only,
};

use super::{TOLERANCE, asks, compare, engine, invoice, picture, says, write};
use crate::support::committed;

/// The models, each with a picture.
const MODELS: [(&str, &str); 3] = [
    ("tiny-qwen2-vl", "qwen2-bars"),
    ("tiny-qwen3-vl", "qwen3-bars"),
    ("receipt-nano", "nano-receipt-09-card"),
];

/// Tokens of a pass, at most.
const LONGEST_RUN: usize = 256;

#[tokio::test(flavor = "multi_thread")]
async fn a_given_text_is_scored_as_if_each_token_took_a_pass() {
    let long = format!(
        "[{}]",
        (100..300)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(",")
    );
    let texts = [
        r#"{"vendor_name":"KOPI \"KITA\" é€","total_due":60.30,"x":null}"#,
        r#"{"vendor_name":"KOPI \"KITA\" é€","total_due":60.31,"x":null}"#,
        &long,
        "a",
    ];
    for (model, seen) in MODELS {
        let chunked = committed(model, true, 64 << 20).await;
        let writes = engine(model, false).await;
        for text in texts {
            let given = || {
                let parts = [says("What is it?"), vec![picture(seen)]].concat();
                let mut given = asks(parts, only(text));
                given.max_tokens = text.len() + 1;
                given
            };
            let scored = write(&*chunked, given()).await;
            assert_eq!(
                (scored.text().as_str(), scored.reason),
                (text, FinishReason::Stop)
            );
            assert!(
                scored.tokens.iter().all(|token| token.logprob.is_some()),
                "{model}"
            );
            let most = scored.tokens.len().div_ceil(LONGEST_RUN) + 2;
            assert!(scored.passes() <= most, "{model}: {}", scored.passes());
            compare(&scored, &write(&*writes, given()).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_model_wrote_is_as_likely_when_it_is_given() {
    for (model, _) in MODELS {
        let engine = committed(model, true, 64 << 20).await;
        let prompt = |grammar: Grammar| asks(says("Write an invoice."), grammar);
        let written = write(&*engine, prompt(invoice())).await;
        let given = write(&*engine, prompt(only(&written.text()))).await;
        assert_eq!(given.text(), written.text());
        let pairs = written.tokens.iter().zip(&given.tokens);
        let same: Vec<_> = pairs
            .take_while(|(one, other)| one.id == other.id)
            .collect();
        // The model may divide its text otherwise than the tokenizer does.
        assert!(!same.is_empty(), "{model}");
        for (one, other) in same {
            let (one, other) = (one.logprob.unwrap(), other.logprob.unwrap());
            assert!((one - other).abs() < TOLERANCE, "{model}: {one} {other}");
        }
    }
}
