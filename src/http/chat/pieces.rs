//! An answer as it comes, whatever form it goes out in: pieces of its choices, as they grow.

use std::sync::Arc;

use axum::http::HeaderMap;
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};

use super::{
    answer::{Growing, Growth},
    job::Job,
    response::{CalledFunction, Logprobs, ToolCall},
};
use crate::{chat::Usage, http::fault::Fault};

/// The pieces of an answer; those of one choice come in order, from [`News::Begun`] to an end or a
/// fault.
pub type Pieces = BoxStream<'static, Piece>;

/// Something new of choice number `index`.
pub struct Piece {
    /// The choice's number.
    pub index: usize,
    /// What is new.
    pub news: News,
}

/// What is new of a choice.
pub enum News {
    /// It has begun.
    Begun,
    /// It has grown, or failed.
    Grown(Result<Growth, Fault>),
}

/// A choice that has come to its end.
#[derive(Debug, Default)]
pub struct Whole {
    /// Its text.
    pub text: String,
    /// Its calls.
    pub calls: Vec<ToolCall>,
    /// Log-probabilities of its text, if asked for.
    pub logprobs: Option<Logprobs>,
    /// The wire's name of why it ended.
    pub finish: &'static str,
    /// What it took.
    pub usage: Usage,
    /// What the answer's headers say.
    pub headers: HeaderMap,
}

/// The choices of all `jobs`, numbered through, once the first has begun.
///
/// # Errors
/// Those of the first before it begins, so that a full house is a 429 and not a broken stream.
pub async fn of_jobs(jobs: impl IntoIterator<Item = Job>) -> Result<Pieces, Fault> {
    let of_job = |job: Job| {
        let job = Arc::new(job);
        (0..job.choices).map(move |number| (job.clone(), number))
    };
    let mut choices: Vec<Pieces> = Vec::new();
    for (index, (job, number)) in jobs.into_iter().flat_map(of_job).enumerate() {
        choices.push(if index == 0 {
            grow(index, begin(&job, number).await?).boxed()
        } else {
            begun_later(index, job, number).boxed()
        });
    }
    Ok(stream::select_all(choices).boxed())
}

/// One choice that comes whole, or not at all.
pub fn of_whole(end: impl Future<Output = Result<Growth, Fault>> + Send + 'static) -> Pieces {
    let piece = |news| Piece { index: 0, news };
    let end = stream::once(end).map(move |end| piece(News::Grown(end)));
    stream::iter([piece(News::Begun)]).chain(end).boxed()
}

/// The same pieces, once the first of an answer is there.
///
/// # Errors
/// A fault in its place.
pub async fn committed(mut pieces: Pieces) -> Result<Pieces, Fault> {
    let mut read = Vec::new();
    while let Some(piece) = pieces.next().await {
        let is_growth = match piece.news {
            News::Grown(Err(fault)) => return Err(fault),
            News::Grown(Ok(_)) => true,
            News::Begun => false,
        };
        read.push(piece);
        if is_growth {
            break;
        }
    }
    Ok(stream::iter(read).chain(pieces).boxed())
}

/// Waits for the ends of all choices.
///
/// # Errors
/// The first fault.
pub async fn collect(mut pieces: Pieces) -> Result<Vec<Whole>, Fault> {
    let mut choices: Vec<Whole> = Vec::new();
    while let Some(Piece { index, news }) = pieces.next().await {
        if choices.len() <= index {
            choices.resize_with(index + 1, Whole::default);
        }
        if let (News::Grown(growth), Some(choice)) = (news, choices.get_mut(index)) {
            choice.add(growth?);
        }
    }
    Ok(choices)
}

impl Whole {
    fn add(&mut self, growth: Growth) {
        self.text.push_str(&growth.text);
        for delta in growth.calls {
            match (delta.id, self.calls.last_mut()) {
                (Some(id), _) => self.calls.push(ToolCall {
                    id,
                    r#type: "function",
                    function: CalledFunction {
                        name: delta.function.name.unwrap_or_default(),
                        arguments: delta.function.arguments,
                    },
                }),
                (None, Some(call)) => {
                    let arguments = &mut call.function.arguments;
                    arguments.push_str(&delta.function.arguments);
                }
                (None, None) => {}
            }
        }
        if let Some(new) = growth.logprobs {
            let logprobs = self.logprobs.get_or_insert_default();
            logprobs.content.extend(new.content);
        }
        if let Some(end) = growth.end {
            self.finish = end.finish;
            self.usage = end.usage;
            self.headers = end.headers;
        }
    }
}

/// Choice number `number` of `job`.
async fn begin(job: &Job, number: usize) -> Result<Growing, Fault> {
    let answer = job
        .model
        .generate(job.generation(number), &job.ticket)
        .await;
    let answer = answer.map_err(|error| Fault::from(&error))?;
    Ok(Growing::new(answer, job, number))
}

/// A choice that still has to find a place.
fn begun_later(index: usize, job: Arc<Job>, number: usize) -> impl Stream<Item = Piece> + Send {
    let begun = async move {
        match begin(&job, number).await {
            Ok(growing) => grow(index, growing).boxed(),
            Err(fault) => {
                let news = News::Grown(Err(fault));
                stream::iter([Piece { index, news }]).boxed()
            }
        }
    };
    stream::once(begun).flatten()
}

/// A choice from its beginning to its end or fault.
fn grow(index: usize, growing: Growing) -> impl Stream<Item = Piece> + Send {
    let begun = Piece {
        index,
        news: News::Begun,
    };
    let grown = stream::unfold(Some(growing), move |growing| async move {
        let mut growing = growing?;
        let growth = growing.next().await;
        let goes_on = growth.as_ref().is_ok_and(|growth| growth.end.is_none());
        let news = News::Grown(growth);
        Some((Piece { index, news }, goes_on.then_some(growing)))
    });
    stream::iter([begun]).chain(grown)
}
