//! A model of the configuration, as it loads, chats and reads receipts here.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    app,
    cli::{
        eval,
        figures::{ReadingFigures, Spread, rounded},
        host::ProcessMemory,
        inputs::InputFile,
        local::Local,
        progress::RunProgress,
        queue::Queue,
        reader::Ask,
        score::Tally,
    },
    config::{Config, ModelConfig, ModelSource},
    engine::Dtype,
    generation::{Generation, Grammar, Logprobs, Message, Prompt, Role, Sampling},
    registry::{Model, Ticket},
};

/// What the model is asked in the chat.
const QUESTION: &str = "In two sentences: what is the difference between a receipt and an invoice?";
/// Tokens of the answer, at most.
const ANSWER_TOKENS: usize = 64;

/// A model, and what was measured of it.
pub(super) struct MeasuredModel {
    pub id: String,
    pub dtype: Dtype,
    /// The quantisation that it was loaded with.
    pub isq: Option<String>,
    /// The device that computed; none if the model was unloaded meanwhile.
    pub device: Option<String>,
    pub load: Duration,
    /// None for a model that takes no instructions.
    pub chat: Option<ChatFigures>,
    pub figures: ReadingFigures,
    pub tally: Tally,
    pub memory: ProcessMemory,
}

/// What was measured of one answer in a chat.
pub(super) struct ChatFigures {
    pub prompt_tokens: usize,
    pub tokens: usize,
    /// From asking to the first token.
    pub first_token: Duration,
    /// Behind the first token; none if there is no other.
    pub tokens_per_second: Option<f64>,
    pub text: String,
}

impl MeasuredModel {
    /// Loads the model, chats with it, and has it read `receipts`, which have their expected invoices beside them.
    pub(super) async fn of(
        config: &Config,
        entry: &ModelConfig,
        receipts: Vec<InputFile>,
        stop: &CancellationToken,
        progress: &mut RunProgress<'_>,
    ) -> anyhow::Result<Self> {
        if let ModelSource::Hub { repo, revision } = entry.source("models")? {
            // A download is no part of loading.
            let model = app::hub_model(entry, &repo, &revision);
            app::hub(config)?.pull(&model).await?;
        }
        let ask = Ask {
            model: Some(entry.id.clone()),
            fresh: true,
            meta: true,
            ..Ask::default()
        };
        let local = Local::new(config, &ask).await?;
        let model = local.model().clone();
        let chat = if entry.takes_instructions {
            Some(ChatFigures::of(&model).await?)
        } else {
            None
        };
        let (mut figures, mut tally) = (ReadingFigures::default(), Tally::new());
        Queue::new(&local, receipts, 1)
            .each(stop, |done| {
                figures.add(&done);
                eval::count(&mut tally, &done)?;
                progress.count(&done)
            })
            .await?;
        let info = model.loaded_info();
        Ok(Self {
            id: entry.id.clone(),
            dtype: entry.dtype,
            isq: info.as_ref().and_then(|info| info.quantisation.clone()),
            device: info.map(|info| info.device),
            load: local.load_time(),
            chat,
            figures,
            tally,
            memory: ProcessMemory::now(),
        })
    }

    /// Returns the number format that the configuration asks for, and the quantisation.
    pub(super) fn format(&self) -> String {
        let dtype = match self.dtype {
            Dtype::Auto => "auto",
            Dtype::Bf16 => "bf16",
            Dtype::F16 => "f16",
            Dtype::F32 => "f32",
        };
        match &self.isq {
            Some(isq) => format!("{dtype}, isq {isq}"),
            None => dtype.to_owned(),
        }
    }

    /// Returns all of it as one object.
    pub(super) fn object(&self) -> Value {
        let median = |spread: Option<Spread>| rounded(spread.map(|spread| spread.median));
        json!({
            "id": self.id,
            "dtype": self.dtype,
            "isq": self.isq,
            "device": self.device,
            "load_seconds": rounded(Some(self.load.as_secs_f64())),
            "chat": self.chat.as_ref().map(ChatFigures::object),
            "receipt_seconds": median(self.figures.seconds()),
            "first_token_seconds": median(self.figures.first_token()),
            "answer_tokens_per_second": median(self.figures.tokens_per_second()),
            "memory_bytes": self.memory,
            "receipts": eval::object(&self.tally),
        })
    }
}

impl ChatFigures {
    async fn of(model: &Arc<Model>) -> anyhow::Result<Self> {
        let generation = Generation {
            prompt: Prompt::Chat(vec![Message::text(Role::User, QUESTION)]),
            sampling: Sampling::greedy(),
            max_tokens: ANSWER_TOKENS,
            grammar: Grammar::Free,
            tools: None,
            logprobs: Logprobs::None,
            top_logprobs: 0,
        };
        let lease = model.lease().await?;
        let asked = Instant::now();
        let answer = lease.generate(generation, &Ticket::default()).await?;
        let begun = asked.elapsed();
        let answer = answer.complete().await?;
        let tokens = answer.usage.completion_tokens;
        let writing = answer.took.saturating_sub(answer.first_token).as_secs_f64();
        let rest = tokens.saturating_sub(1) as f64;
        Ok(Self {
            prompt_tokens: answer.usage.prompt_tokens,
            tokens,
            first_token: begun + answer.first_token,
            tokens_per_second: (writing > 0.0 && rest > 0.0).then(|| rest / writing),
            text: answer.text,
        })
    }

    fn object(&self) -> Value {
        json!({
            "question": QUESTION,
            "text": self.text,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.tokens,
            "first_token_seconds": rounded(Some(self.first_token.as_secs_f64())),
            "tokens_per_second": rounded(self.tokens_per_second),
        })
    }

    /// Returns the question and the answer.
    pub(super) fn lines(&self) -> [&str; 2] {
        [QUESTION, &self.text]
    }
}
