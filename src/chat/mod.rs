//! Answers chats and continues texts. [`ChatService::answer`] and [`ChatService::stream`] are the whole path, from a
//! [`ChatRequest`] to the pieces of its answers. Depends neither on a wire form nor on an engine.

mod choice;
mod count;
mod error;
mod format;
mod growth;
mod job;
mod options;
mod pictures;
mod pieces;
mod receipt;
mod request;
mod script;
mod tools;

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt, future, stream};

pub use error::{ChatError, FieldPath, Problem};
pub use growth::{CallDelta, ChoiceEnd, Finish, Growth, News, Piece, WholeChoice};
pub use options::ChatOptions;
pub use pieces::Pieces;
pub use request::{
    AnswerFormat, ChatDocument, ChatPart, ChatPrompt, ChatRequest, ChatRole, ChatTurn, Client,
    FunctionCall, FunctionOptions, ToolChoice, ToolOptions,
};

use crate::{
    generation::Script,
    grammar::Compiler,
    image::ImageLoader,
    presets::Preset,
    receipt::Extractor,
    routing::{AttemptError, Routed, Turns},
};
use pictures::Files;

/// Defaults and bounds of chats.
#[derive(Debug, Clone)]
pub struct ChatSettings {
    /// Most tokens to generate if a request sets no limit.
    pub max_tokens: usize,
    /// Temperature if a request sets none.
    pub temperature: f64,
    /// Most answers to one request.
    pub max_choices: usize,
    /// Most pictures in one request; each page of a PDF and each text file counts as one.
    pub max_images: usize,
    /// Most bytes of text in the text files of one request, with their names.
    pub max_file_text_bytes: usize,
    /// Most bytes of the schemas in one request.
    pub max_schema_bytes: usize,
    /// Instructions for calling functions; the functions replace `{tools}`.
    pub tools_prompt: Arc<str>,
    /// Time after which a silent stream sends a comment, so that proxies keep it open.
    pub keep_alive: Duration,
}

/// Answers chats.
pub struct ChatService {
    /// Defaults and bounds.
    pub settings: ChatSettings,
    /// Compiles the schemas that requests bring.
    pub compiler: Compiler,
    /// Loads pictures.
    pub images: Arc<ImageLoader>,
    /// Reads receipts for presets with a schema.
    pub extractor: Arc<Extractor>,
}

/// A request with its prompt prepared for any number of candidates.
struct Asked {
    request: ChatRequest,
    prompt: Prompt,
}

/// The prepared prompt of a request.
enum Prompt {
    Conversation(Script, Box<Files>),
    Texts(Vec<String>),
}

impl ChatService {
    /// Answers a request whole.
    ///
    /// # Errors
    /// See [`ChatError`].
    pub async fn answer(
        &self,
        request: ChatRequest,
    ) -> Result<Routed<Preset, Vec<WholeChoice>>, ChatError> {
        self.first(request, pieces::collect).await
    }

    /// Answers a request as a stream. Candidates are asked in turn until one sends the first piece of its answer. If
    /// none has after [`ChatSettings::keep_alive`], the stream begins without a piece, so that comments keep it open.
    ///
    /// # Errors
    /// See [`ChatError`]; an error after the stream has begun is one of its pieces.
    pub async fn stream(
        self: Arc<Self>,
        request: ChatRequest,
    ) -> Result<Routed<Preset, Pieces>, ChatError> {
        let patience = self.settings.keep_alive;
        let likely = request.candidates.first().cloned();
        let mut beginning = async move { self.first(request, pieces::committed).await }.boxed();
        let begun = tokio::time::timeout(patience, &mut beginning).await;
        let (Err(_), Some(candidate)) = (&begun, likely) else {
            return begun.unwrap_or(Err(ChatError::NoCandidate));
        };
        let later = beginning.map(|begun| match begun {
            Ok(routed) => routed.answer,
            Err(error) => pieces::of_whole(future::ready(Err(error))),
        });
        Ok(Routed {
            candidate,
            answer: stream::once(later).flatten().boxed(),
            attempts: 0,
        })
    }

    /// Asks the candidates in turn and returns the first answer that `finish` accepts.
    async fn first<T, F: Future<Output = Result<T, ChatError>>>(
        &self,
        mut request: ChatRequest,
        finish: fn(Pieces) -> F,
    ) -> Result<Routed<Preset, T>, ChatError> {
        let mut turns = Turns::new(std::mem::take(&mut request.candidates));
        let asked = self.asked(request)?;
        while let Some(candidate) = turns.next_candidate() {
            let answer = match self.begin(&asked, &candidate).await {
                Ok(pieces) => finish(pieces).await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(answer) => {
                    return Ok(Routed {
                        candidate,
                        answer,
                        attempts: turns.asked(),
                    });
                }
                Err(error) => {
                    if error.leads_on() && !turns.is_last() {
                        let model = &candidate.model.settings().id;
                        tracing::warn!(model, %error, "no answer; the next candidate is asked");
                    }
                    turns.failed(error)?;
                }
            }
        }
        Err(ChatError::NoCandidate)
    }

    /// Prepares the prompt of a request.
    fn asked(&self, mut request: ChatRequest) -> Result<Asked, ChatError> {
        let nothing = ChatPrompt::Texts(Vec::new());
        let prompt = match std::mem::replace(&mut request.prompt, nothing) {
            ChatPrompt::Conversation(turns) => {
                let (script, files) = script::script(turns, &self.settings)?;
                Prompt::Conversation(script, Box::new(Files::new(files)))
            }
            ChatPrompt::Texts(texts) => Prompt::Texts(texts),
        };
        Ok(Asked { request, prompt })
    }

    /// Begins the answer of one candidate.
    async fn begin(&self, asked: &Asked, candidate: &Preset) -> Result<Pieces, ChatError> {
        let request = &asked.request;
        match &asked.prompt {
            Prompt::Texts(texts) => {
                pieces::of_jobs(self.continuations(request, candidate, texts)?).await
            }
            Prompt::Conversation(script, files) => {
                let script = script.clone();
                if let Some(schema) = &candidate.schema
                    && takes_any_object(request)
                {
                    let (schema, shown) = (schema.clone(), files.shown());
                    return self
                        .receipt(request, candidate, schema, script, shown)
                        .await;
                }
                let job = self.conversation(request, candidate, script, files);
                pieces::of_jobs([job.await?]).await
            }
        }
    }
}

/// Returns whether a preset's schema may decide the form of the answer: the request leaves the form open, or asks
/// for any object, as clients without schemas do. A schema in the request takes precedence.
fn takes_any_object(request: &ChatRequest) -> bool {
    !matches!(request.format, AnswerFormat::Schema { .. })
}
