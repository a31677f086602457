//! Prompts that are kept with their pictures.

use std::sync::Arc;

use receipt_gateway::{
    engine::Engine,
    generation::{Grammar, Message, Part, Role},
};
use serde_json::json;
use tempfile::TempDir;

use super::{Answer, MODELS, STEP, ask, ask_held, engine, instructions, picture, text, user};
use crate::support::{loaded, random_qwen2_5};

/// A model with a prompt cache and the same model without one.
struct Pair {
    name: &'static str,
    keeps: Arc<dyn Engine>,
    forgets: Arc<dyn Engine>,
    _folder: Option<TempDir>,
}

impl Pair {
    /// One of each family.
    async fn all() -> Vec<Self> {
        let mut pairs = Vec::new();
        for name in MODELS {
            pairs.push(Self {
                name,
                keeps: engine(name, 64 << 20).await,
                forgets: engine(name, 0).await,
                _folder: None,
            });
        }
        let folder = random_qwen2_5();
        pairs.push(Self {
            name: "Qwen2.5-VL",
            keeps: loaded(folder.path(), true, 64 << 20).await,
            forgets: loaded(folder.path(), true, 0).await,
            _folder: Some(folder),
        });
        pairs
    }

    /// Asks both, which must answer the same.
    async fn ask(&self, messages: Vec<Message>) -> Answer {
        let with = ask(&*self.keeps, messages.clone()).await;
        with.assert_same(&ask(&*self.forgets, messages).await, self.name);
        with
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_that_is_asked_again_is_not_computed_again() {
    for pair in Pair::all().await {
        for parts in [
            vec![picture(1), text("What is it?")],
            vec![instructions("A field"), picture(2)],
            vec![picture(3), instructions("A field"), picture(4)],
            vec![picture(5), picture(6), instructions("A field")],
        ] {
            let first = pair.ask(user(parts.clone())).await;
            let again = pair.ask(user(parts)).await;
            let left = again.prompt - again.cached;
            assert!(left <= STEP, "{}: {again:?}", pair.name);
            assert!(first.cached < again.cached);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_ends_before_another_picture() {
    for pair in Pair::all().await {
        let parts = |first, second| {
            let words = text("And");
            user(vec![
                instructions("A field"),
                picture(first),
                words,
                picture(second),
            ])
        };
        pair.ask(parts(1, 2)).await;
        let of_instructions = pair.ask(parts(3, 2)).await;
        let of_the_first = pair.ask(parts(1, 3)).await;
        let of_both = pair.ask(parts(1, 2)).await;
        let cached = [of_instructions, of_the_first, of_both].map(|answer| answer.cached);
        assert!(
            cached[0] > 0 && cached.is_sorted_by(|a, b| a < b),
            "{} {cached:?}",
            pair.name
        );
        // Nothing is shared where the first differs, though all tokens are the same.
        pair.ask(user(vec![picture(4), instructions("A field")]))
            .await;
        let other = pair
            .ask(user(vec![picture(5), instructions("A field")]))
            .await;
        assert_eq!(other.cached, 0, "{}", pair.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_about_a_picture_goes_on_from_its_last_turn() {
    for pair in Pair::all().await {
        let mut chat = user(vec![text("Look: "), picture(1), text("What is it?")]);
        let mut before = 0;
        for turn in 0..4 {
            let answer = pair.ask(chat.clone()).await;
            assert!(
                answer.cached + STEP > before,
                "{}, turn {turn}: {} of {before}",
                pair.name,
                answer.cached
            );
            before = answer.prompt;
            chat.push(Message::text(Role::Assistant, "A receipt."));
            let parts = match turn {
                1 => vec![picture(2), text("And this?")],
                _ => vec![text("Tell more of it.")],
            };
            let role = Role::User;
            chat.push(Message { role, parts });
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forced_tokens_behind_a_kept_picture_are_the_same() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["what_it_is", "how_much"],
        "properties": {
            "what_it_is": {"enum": ["a receipt", "an invoice", "something else"]},
            "how_much": {"type": "integer", "minimum": 0, "maximum": 99}
        }
    });
    let grammar = || Grammar::JsonSchema(Arc::new(schema.clone()));
    for pair in Pair::all().await {
        let messages = || -> Vec<Message> {
            let parts: Vec<Part> = vec![picture(1), instructions("A field"), picture(2)];
            user(parts)
        };
        for turn in 0..3 {
            let with = ask_held(&*pair.keeps, messages(), grammar()).await;
            let without = ask_held(&*pair.forgets, messages(), grammar()).await;
            with.assert_same(&without, pair.name);
            assert_eq!(with.prompt - with.cached <= STEP, turn > 0, "{}", pair.name);
        }
    }
}
