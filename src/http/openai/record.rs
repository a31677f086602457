//! Records the answers of chats and completions, so that clients can ask later what one took.

use std::{sync::Arc, time::Duration};

use axum::response::sse::Event;
use chrono::Utc;
use tokio::time::Instant;

use super::envelope::finish_reason;
use crate::{
    chat::{ChatRequest, Finish, Growth},
    generation::Usage,
    history::{History, PastAnswer},
    http::{caller::Caller, events::WriteEvents, fault::Fault},
    presets::Preset,
};

/// Follows a request from its beginning.
pub struct Recorder {
    history: Arc<History>,
    started: Instant,
    past: PastAnswer,
}

/// An answer that has begun: its id, and who answers.
pub struct BegunAnswer {
    id: String,
    model: String,
    provider: String,
}

impl BegunAnswer {
    /// Creates the answer `id` of `preset`.
    pub fn new(id: &str, preset: &Preset) -> Self {
        Self {
            id: id.to_owned(),
            model: preset.id.clone(),
            provider: preset.model.settings().provider_name().to_owned(),
        }
    }
}

impl Recorder {
    /// Begins to follow `request`.
    pub fn begin(caller: &Caller, request: &ChatRequest, streamed: bool) -> Self {
        Self {
            history: caller.history.clone(),
            started: Instant::now(),
            past: PastAnswer {
                id: String::new(),
                key: caller.payer().name().map(ToOwned::to_owned),
                model: String::new(),
                provider: String::new(),
                created: Utc::now(),
                streamed,
                cancelled: false,
                finish: None,
                files: request.files(),
                usage: None,
                latency: None,
                took: Duration::ZERO,
            },
        }
    }

    /// Remembers a whole answer.
    pub fn whole(mut self, answered: BegunAnswer, finish: Finish, usage: Usage) {
        self.answered(answered);
        self.past.latency = Some(self.started.elapsed());
        self.past.finish = Some(finish_reason(finish));
        self.past.usage = Some(usage);
        self.remember();
    }

    /// Follows an answer that `writer` streams, and remembers it at its end, or when the client leaves.
    pub fn stream<W: WriteEvents>(mut self, answered: BegunAnswer, writer: W) -> Recorded<W> {
        self.answered(answered);
        Recorded {
            recorder: self,
            writer,
            has_ended: false,
        }
    }

    fn answered(
        &mut self,
        BegunAnswer {
            id,
            model,
            provider,
        }: BegunAnswer,
    ) {
        self.past.id = id;
        self.past.model = model;
        self.past.provider = provider;
    }

    fn remember(&self) {
        self.history.remember(PastAnswer {
            took: self.started.elapsed(),
            ..self.past.clone()
        });
    }
}

/// A writer whose answer is recorded.
pub struct Recorded<W: WriteEvents> {
    recorder: Recorder,
    writer: W,
    has_ended: bool,
}

impl<W: WriteEvents> WriteEvents for Recorded<W> {
    fn begun(&mut self, index: usize, prompt_tokens: usize) -> Vec<Event> {
        self.writer.begun(index, prompt_tokens)
    }

    fn grown(&mut self, index: usize, growth: Growth) -> Vec<Event> {
        let Recorder { started, past, .. } = &mut self.recorder;
        past.latency.get_or_insert_with(|| started.elapsed());
        if let Some(end) = &growth.end {
            past.finish.get_or_insert(finish_reason(end.finish));
        }
        self.writer.grown(index, growth)
    }

    fn failed(&mut self, index: usize, fault: &Fault) -> Vec<Event> {
        self.recorder.past.finish = Some("error");
        self.writer.failed(index, fault)
    }

    fn end(&mut self, has_failed: bool) -> Vec<Event> {
        self.has_ended = true;
        self.writer.end(has_failed)
    }

    fn usage(&self) -> Option<Usage> {
        self.writer.usage()
    }

    fn sign_of_life(&self) -> Event {
        self.writer.sign_of_life()
    }
}

impl<W: WriteEvents> Drop for Recorded<W> {
    fn drop(&mut self) {
        self.recorder.past.cancelled = !self.has_ended;
        self.recorder.past.usage = self.writer.usage();
        self.recorder.remember();
    }
}
