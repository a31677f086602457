//! The pieces of an answer as they come, independent of the wire form.

use std::sync::Arc;

use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};

use super::{
    choice::Choice,
    error::ChatError,
    growth::{Growth, News, Piece, WholeChoice},
    job::Job,
};

/// The pieces of an answer. Those of one choice come in order, from [`News::Begun`] to an end or an error.
pub type Pieces = BoxStream<'static, Piece>;

/// Starts the choices of all `jobs`, numbered consecutively, and returns when the first has begun.
///
/// # Errors
/// The error of the first choice before it begins, so that an overloaded model is an error and not a stream.
pub async fn of_jobs(jobs: impl IntoIterator<Item = Job>) -> Result<Pieces, ChatError> {
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
    Ok(match choices.len() {
        1 => choices.remove(0),
        _ => stream::select_all(choices).boxed(),
    })
}

/// Makes the pieces of one choice that comes whole or fails.
pub fn of_whole(end: impl Future<Output = Result<Growth, ChatError>> + Send + 'static) -> Pieces {
    let piece = |news| Piece { index: 0, news };
    let end = stream::once(end).map(move |end| piece(News::Grown(end)));
    let begun = piece(News::Begun { prompt_tokens: 0 });
    stream::iter([begun]).chain(end).boxed()
}

/// Waits for the first growth and returns all pieces from the beginning.
///
/// # Errors
/// An error instead of the first growth.
pub async fn committed(mut pieces: Pieces) -> Result<Pieces, ChatError> {
    let mut read = Vec::new();
    while let Some(piece) = pieces.next().await {
        let is_growth = match piece.news {
            News::Grown(Err(error)) => return Err(error),
            News::Grown(Ok(_)) => true,
            News::Begun { .. } => false,
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
/// The first error.
pub async fn collect(mut pieces: Pieces) -> Result<Vec<WholeChoice>, ChatError> {
    let mut choices: Vec<WholeChoice> = Vec::new();
    while let Some(Piece { index, news }) = pieces.next().await {
        if choices.len() <= index {
            choices.resize_with(index + 1, WholeChoice::default);
        }
        if let (News::Grown(growth), Some(choice)) = (news, choices.get_mut(index)) {
            choice.add(growth?);
        }
    }
    Ok(choices)
}

/// Starts choice number `number` of `job`.
async fn begin(job: &Job, number: usize) -> Result<Choice, ChatError> {
    let generation = job.generation(number);
    let answer = job.model.generate(generation, &job.client.ticket).await?;
    Ok(Choice::new(answer, job, number))
}

/// Returns the pieces of a choice that has no place on the model yet.
fn begun_later(index: usize, job: Arc<Job>, number: usize) -> impl Stream<Item = Piece> + Send {
    let begun = async move {
        match begin(&job, number).await {
            Ok(choice) => grow(index, choice).boxed(),
            Err(error) => {
                let news = News::Grown(Err(error));
                stream::iter([Piece { index, news }]).boxed()
            }
        }
    };
    stream::once(begun).flatten()
}

/// Returns the pieces of a choice from its beginning to its end or error.
fn grow(index: usize, choice: Choice) -> impl Stream<Item = Piece> + Send {
    let begun = Piece {
        index,
        news: News::Begun {
            prompt_tokens: choice.prompt_tokens(),
        },
    };
    let grown = stream::unfold(Some(choice), move |choice| async move {
        let mut choice = choice?;
        let growth = choice.next().await;
        let goes_on = growth.as_ref().is_ok_and(|growth| growth.end.is_none());
        let news = News::Grown(growth);
        Some((Piece { index, news }, goes_on.then_some(choice)))
    });
    stream::iter([begun]).chain(grown)
}
