//! Records what answers took, so that clients can ask later by an answer's id.

use std::{sync::Arc, time::Duration};

use axum::response::sse::Event;
use chrono::Utc;
use tokio::time::Instant;
use uuid::Uuid;

use super::{caller::Caller, events::WriteEvents, fault::Fault};
use crate::{
    chat::{Finish, Growth},
    generation::Usage,
    history::{History, PastAnswer},
    presets::Preset,
    receipt::{CacheOutcome, Reading},
    registry::GATEWAY,
};

/// The reason that an answer failed to end.
const FAILED: &str = "error";

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

    /// Returns its id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Recorder {
    /// Begins to follow a request with so many pictures and other files.
    pub fn begin(caller: &Caller, files: usize, streamed: bool) -> Self {
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
                files,
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

    /// Remembers a receipt that was read whole.
    pub fn read(
        self,
        mut answered: BegunAnswer,
        read: &Reading,
        found: CacheOutcome,
        caller: &Caller,
    ) {
        answered.provider = provider(read, caller);
        self.whole(answered, Finish::Stop, read.report.usage_for(found));
    }

    /// Follows an answer that `writer` streams, and remembers it at its end, or when the client leaves.
    pub fn stream<W: WriteEvents>(self, answered: BegunAnswer, writer: W) -> Recorded<W> {
        Recorded {
            followed: self.follow(answered),
            writer,
        }
    }

    /// Follows an answer that is sent in pieces, and remembers it at its end, or when the client leaves.
    pub fn follow(mut self, answered: BegunAnswer) -> FollowedAnswer {
        self.answered(answered);
        FollowedAnswer {
            recorder: self,
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

/// An answer that is sent in pieces. It is remembered when this is dropped.
pub struct FollowedAnswer {
    recorder: Recorder,
    has_ended: bool,
}

impl FollowedAnswer {
    /// Notes that something of the answer itself is sent.
    pub fn grows(&mut self) {
        let Recorder { started, past, .. } = &mut self.recorder;
        past.latency.get_or_insert_with(|| started.elapsed());
    }

    /// Notes that the answer failed.
    pub fn fails(&mut self) {
        self.recorder.past.finish = Some(FAILED);
        self.has_ended = true;
    }

    /// Notes that the answer has ended with a receipt that was read.
    pub fn ends(&mut self, read: &Reading, found: CacheOutcome, caller: &Caller) {
        self.grows();
        let past = &mut self.recorder.past;
        past.provider = provider(read, caller);
        past.finish = Some(finish_reason(Finish::Stop));
        past.usage = Some(read.report.usage_for(found));
        self.has_ended = true;
    }
}

impl Drop for FollowedAnswer {
    fn drop(&mut self) {
        self.recorder.past.cancelled = !self.has_ended;
        self.recorder.remember();
    }
}

/// A writer whose answer is recorded.
pub struct Recorded<W: WriteEvents> {
    followed: FollowedAnswer,
    writer: W,
}

impl<W: WriteEvents> WriteEvents for Recorded<W> {
    fn begun(&mut self, index: usize, prompt_tokens: usize) -> Vec<Event> {
        self.writer.begun(index, prompt_tokens)
    }

    fn grown(&mut self, index: usize, growth: Growth) -> Vec<Event> {
        self.followed.grows();
        if let Some(end) = &growth.end {
            let past = &mut self.followed.recorder.past;
            past.finish.get_or_insert(finish_reason(end.finish));
        }
        self.writer.grown(index, growth)
    }

    fn failed(&mut self, index: usize, fault: &Fault) -> Vec<Event> {
        self.followed.fails();
        self.writer.failed(index, fault)
    }

    fn end(&mut self, has_failed: bool) -> Vec<Event> {
        self.followed.has_ended = true;
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
        self.followed.recorder.past.usage = self.writer.usage();
    }
}

/// Returns the name that OpenAI and OpenRouter have for the reason that a choice ended.
#[must_use]
pub fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Calls => "tool_calls",
    }
}

/// Creates a name that begins with `kind` and that no other answer or call has.
#[must_use]
pub fn new_id(kind: &str) -> String {
    format!("{kind}{}", Uuid::new_v4().simple())
}

/// Returns who ran the model that read a receipt; the gateway itself where a file states the values.
fn provider(read: &Reading, caller: &Caller) -> String {
    let model = caller.registry.get(&read.report.model);
    let provider = model.map(|model| model.settings().provider_name().to_owned());
    provider.unwrap_or_else(|| GATEWAY.to_owned())
}
