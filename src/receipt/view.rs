//! What a model is shown of a receipt: pictures of its pages, or their text.

use std::{sync::Arc, time::Duration};

use futures::future::{Either, ready};
use tokio::time::Instant;

use super::{ExtractError, ReadAs, doubt::Step, job::ReadingJob, schema::ReceiptSchema};
use crate::{
    engine::{Engine, EngineError},
    generation::{FileContents, Script, Shown},
    image::{
        BlankPages, ImageError, ImageLoader, Pages, Preparation, Survey, WrittenPages, text_beside,
    },
    page::{Legibility, PageReading},
    registry::Reads,
};

/// Estimates of the tokens that a chat template adds in all, and around each message.
const TEMPLATE_TOKENS: usize = 64;
const TURN_TOKENS: usize = 8;

/// An attempt whose model is to be shown the receipt.
#[derive(Clone, Copy)]
pub struct Viewing<'a> {
    /// The loaded model.
    pub engine: &'a dyn Engine,
    /// The attempt.
    pub step: &'a Step,
    /// The receipt.
    pub job: &'a ReadingJob,
    /// The messages to the model.
    pub script: &'a Script,
    /// The schema of the answer.
    pub schema: &'a ReceiptSchema,
    /// The loader of the pages.
    pub images: &'a ImageLoader,
    /// The treatment of blank pages.
    pub blank_pages: BlankPages,
}

/// A receipt as a model is shown it.
pub struct View {
    /// The contents of the gaps in the messages.
    pub shown: Shown,
    /// The form of the pages.
    pub read_as: ReadAs,
    /// The number of pages that are shown.
    pub pages: usize,
    /// The numbers of the blank pages left out.
    pub blank: Vec<usize>,
    /// The tokens of the pictures.
    pub image_tokens: usize,
    /// The tokens of the model's context that are left for the answer.
    pub room: usize,
    /// The text of all pages.
    pub text: Arc<Vec<PageReading>>,
    /// The time for preparing the pages.
    pub prepare: Duration,
    /// The time for reading the text.
    pub text_took: Duration,
}

impl Viewing<'_> {
    /// Prepares the pages in the form that the model reads, with `text`, their text.
    ///
    /// # Errors
    /// Files that cannot be read, a model that sees no pictures, a page without text for a model
    /// that reads text, and a text that leaves no room for an answer.
    pub async fn view(
        self,
        text: impl Future<Output = Arc<Vec<PageReading>>>,
    ) -> Result<View, ExtractError> {
        match self.step.model.settings().reads {
            Reads::Pictures => self.pictures(timed(text)).await,
            reads => {
                let surveying = timed(self.images.survey(self.job.files.clone()));
                let (survey, read) = tokio::join!(surveying, timed(text));
                match reads.of_document(Legibility::of(&read.0)) {
                    Reads::Pictures => self.pictures(ready(read)).await,
                    _ => self.page_text(survey, read).await,
                }
            }
        }
    }

    async fn pictures(
        self,
        reading: impl Future<Output = Timed<Arc<Vec<PageReading>>>>,
    ) -> Result<View, ExtractError> {
        let grid = self.engine.info().vision.ok_or_else(|| {
            let model = self.step.model.settings().id.clone();
            ExtractError::NoVision(model)
        })?;
        // A text beside the pictures takes tokens that they cannot have.
        let (beside, reading) = if self.script.shows_page_text() {
            let read = reading.await;
            (text_beside(&read.0, &[]), Either::Left(ready(read)))
        } else {
            (String::new(), Either::Right(reading))
        };
        let context = self.engine.info().context_length;
        let room = context.saturating_sub(self.prompt_tokens(&beside).await?);
        let preparation = Preparation {
            grid,
            fit: self.step.fit,
            room: room.saturating_sub(reserve(self.engine, self.schema)),
            blank: self.blank_pages,
        };
        let preparing = timed(self.images.prepare(self.job.files.clone(), preparation));
        let ((prepared, prepare), (text, text_took)) = tokio::join!(preparing, reading);
        let Pages { files, blank } = prepared?;
        let pages = || files.iter().flatten();
        let image_tokens: usize = pages().map(|page| grid.tokens(page)).sum();
        let page_text = if beside.is_empty() {
            beside
        } else {
            text_beside(&text, &blank)
        };
        Ok(View {
            read_as: if page_text.is_empty() {
                ReadAs::Pictures
            } else {
                ReadAs::Both
            },
            pages: pages().count(),
            blank,
            image_tokens,
            room: room.saturating_sub(image_tokens),
            shown: Shown {
                files: files.into_iter().map(FileContents::Pictures).collect(),
                page_text,
            },
            text,
            prepare,
            text_took,
        })
    }

    async fn page_text(
        self,
        (survey, prepare): Timed<Result<Survey, ImageError>>,
        (text, text_took): Timed<Arc<Vec<PageReading>>>,
    ) -> Result<View, ExtractError> {
        let written = WrittenPages::of(&text, &survey?, self.blank_pages)?;
        let page_text = written.all();
        let context = self.engine.info().context_length;
        let prompt = self.prompt_tokens(&page_text).await?;
        if prompt >= context {
            let overflow = EngineError::ContextOverflow {
                prompt,
                pictures: 0,
                context,
            };
            return Err(ExtractError::Model(overflow.into()));
        }
        Ok(View {
            read_as: ReadAs::PageText,
            pages: written.shown,
            blank: written.blank,
            image_tokens: 0,
            room: context - prompt,
            shown: Shown {
                // A prompt with a place for the text has it there alone.
                files: if self.script.shows_page_text() {
                    Vec::new()
                } else {
                    written.files.into_iter().map(FileContents::Text).collect()
                },
                page_text,
            },
            text,
            prepare,
            text_took,
        })
    }

    /// Returns the tokens of the messages with that text of pages, but without pictures.
    async fn prompt_tokens(&self, page_text: &str) -> Result<usize, ExtractError> {
        let mut told = self.script.text();
        if let Some(objection) = &self.step.objection {
            told += &objection.answer;
            told += &objection.text;
        }
        told += page_text;
        let tokens = tokens_of(self.engine, &told).await?;
        Ok(tokens + TURN_TOKENS * self.script.turns.len())
    }
}

/// Returns the tokens of a prompt in the model's chat template.
pub async fn tokens_of(engine: &dyn Engine, prompt: &str) -> Result<usize, ExtractError> {
    let tokens = engine.count_tokens(prompt).await;
    let tokens = tokens.map_err(|error| ExtractError::Model(error.into()))?;
    Ok(tokens + TEMPLATE_TOKENS)
}

/// Returns the tokens to reserve for the answer: those of the longest one, but at most half the
/// context. An answer that needs more is cut off, which is an error.
pub fn reserve(engine: &dyn Engine, schema: &ReceiptSchema) -> usize {
    schema.max_tokens().min(engine.info().context_length / 2)
}

/// A result, and how long it took.
type Timed<T> = (T, Duration);

/// Returns what `work` returns, and how long it took.
async fn timed<T>(work: impl Future<Output = T>) -> Timed<T> {
    let started = Instant::now();
    (work.await, started.elapsed())
}
