//! Runs models on a receipt's files, and reads doubtful receipts again.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::OnceCell,
    time::{Instant, timeout_at},
};

use super::{
    ExtractError, ExtractSettings, checks, confidence,
    doubt::{Objection, Step, is_better},
    evidence::{self, FieldEvidence, PageFacts},
    job::ReadingJob,
    progress::ReadingStage,
    reading::{Attempt, CheckedReceipt, Reading, Reason, Report, Timings},
    schema::ReceiptSchema,
};
use crate::{
    engine::Engine,
    generation::{Generation, Grammar, Logprobs, Message, Prompt, Role, Script},
    image::{ImageLoader, Pages, Picture, Preparation},
    metrics::ReceiptOutcome,
    page::PageReading,
    registry::Registry,
    routing::{AttemptError, Turns},
    telemetry,
};

/// Estimates of the tokens that a chat template adds in all, and around each message.
const TEMPLATE_TOKENS: usize = 64;
const TURN_TOKENS: usize = 8;

/// The text of a job's pages, which is read once for all attempts.
type JobText = OnceCell<Arc<Vec<PageReading>>>;

/// Reads receipts without a cache.
#[derive(Clone)]
pub struct Reader {
    pub settings: Arc<ExtractSettings>,
    pub images: Arc<ImageLoader>,
    pub registry: Arc<Registry>,
}

impl Reader {
    /// Reads a receipt, asking the next model of the route when one gives no answer. While the
    /// answer is doubtful and the policy has more to try, reads it again; returns the best answer.
    pub async fn settle(self, job: ReadingJob) -> Result<Reading, ExtractError> {
        let policy = &self.settings.doubt;
        let text = JobText::new();
        let mut made = Vec::new();
        let mut turns = Turns::new(std::iter::once(&job.model).chain(&job.others));
        let mut step = Step::first(&job.model, &job.sampling);
        let mut best = loop {
            if let Some(model) = turns.next_candidate()
                && turns.asked() > 1
            {
                step = Step {
                    reason: Reason::Fallback,
                    ..Step::first(model, &job.sampling)
                };
            }
            match self.attempt(&step, &job, &text, &mut made).await {
                Ok(reading) => break Ok(reading),
                Err(error) => {
                    if let Err(error) = turns.failed(error) {
                        break Err(error);
                    }
                }
            }
        };
        // Fallbacks do not count as attempts at a better answer.
        let fallbacks = made
            .iter()
            .filter(|made| made.reason == Reason::Fallback)
            .count();
        let mut deadline = Instant::now() + policy.max_time;
        loop {
            let next = match &best {
                Ok(best) if policy.doubts(&best.report) => {
                    policy.next(made.len() - fallbacks, &step, best, &self.registry)
                }
                Err(error) if error.leads_on() => {
                    policy.instead(made.len() - fallbacks, &step, &self.registry)
                }
                Ok(_) | Err(_) => None,
            };
            let Some(next) = next.filter(|_| Instant::now() < deadline) else {
                break;
            };
            step = next;
            // Time for loading the model is not counted; if loading fails, the attempt reports it.
            let started = Instant::now();
            let _ = step.model.lease().await;
            deadline += started.elapsed();
            let Ok(new) = timeout_at(deadline, self.attempt(&step, &job, &text, &mut made)).await
            else {
                made.push(step.failed(
                    "The time for further attempts ran out.".to_owned(),
                    policy.max_time,
                ));
                break;
            };
            best = better(best, new);
        }
        job.model.metrics().receipt(match &best {
            Ok(best) if policy.doubts(&best.report) => ReceiptOutcome::Doubtful,
            Ok(_) => ReceiptOutcome::Ok,
            Err(_) => ReceiptOutcome::Error,
        });
        best.map(|best| best.after(made))
    }

    /// Makes one attempt and adds it to `made`.
    async fn attempt(
        &self,
        step: &Step,
        job: &ReadingJob,
        text: &JobText,
        made: &mut Vec<Attempt>,
    ) -> Result<Reading, ExtractError> {
        let started = Instant::now();
        let reason = step.reason.as_str();
        step.model.metrics().receipt_attempt(reason);
        let reading = self.read(step, job, text).await;
        made.push(match &reading {
            Ok(reading) => Attempt {
                model: reading.report.model.clone(),
                reason: step.reason,
                confidence: reading.report.confidence(),
                failed: reading.report.failed().map(|check| check.name).collect(),
                image_tokens: reading.report.image_tokens,
                took: started.elapsed(),
                error: None,
            },
            Err(error) => {
                let model = &step.model.settings().id;
                tracing::warn!(model, %error, "an attempt to read a receipt failed");
                step.failed(error.for_clients(), started.elapsed())
            }
        });
        reading
    }

    /// Reads the text of the job's pages, unless an attempt before has read it. Without text, nothing
    /// is known of where values stand; it fails no reading.
    async fn text(&self, job: &ReadingJob, text: &JobText) -> Arc<Vec<PageReading>> {
        let read = text.get_or_init(|| async {
            let pages = self.images.read_text(job.files.clone()).await;
            Arc::new(pages.unwrap_or_else(|error| {
                tracing::warn!(%error, "the text of the pages could not be read");
                Vec::new()
            }))
        });
        read.await.clone()
    }

    /// Runs the model on the files and checks its answer.
    async fn read(
        &self,
        step: &Step,
        job: &ReadingJob,
        text: &JobText,
    ) -> Result<Reading, ExtractError> {
        let (settings, started) = (&self.settings, Instant::now());
        let schema = &settings.schema_for(&step.model, &job.schema);
        let lease = step.model.lease().await?;
        let grid = lease.engine().info().vision;
        let grid = grid.ok_or_else(|| ExtractError::NoVision(step.model.settings().id.clone()))?;
        let script = settings.script_for(&step.model, job);
        let told = match &step.objection {
            Some(objection) => script.text() + &objection.answer + &objection.text,
            None => script.text(),
        };
        let room = room_beside(lease.engine(), &told).await?;
        let room = room.saturating_sub(TURN_TOKENS * script.turns.len());
        let for_pictures = room.saturating_sub(reserve(lease.engine(), schema));
        let loaded = Instant::now();
        let files = job.files.clone();
        let preparation = Preparation {
            grid,
            fit: step.fit,
            room: for_pictures,
            blank: settings.blank_pages,
        };
        let (prepared, (pages_text, text_took)) = tokio::join!(
            timed(self.images.prepare(files, preparation)),
            timed(self.text(job, text)),
        );
        let (Pages { files, blank }, prepare) = (prepared.0?, prepared.1);
        let pages = || files.iter().flatten();
        let image_tokens: usize = pages().map(|page| grid.tokens(page)).sum();
        let (prepared, pages_read) = (Instant::now(), pages().count());
        let mut generation = generation(&script, files, step, schema);
        generation.max_tokens = schema.max_tokens().min(room.saturating_sub(image_tokens));
        let answer = lease.generate(generation, &job.ticket).await?;
        let entered = Instant::now();
        job.progress
            .reach(|| ReadingStage::Reading { pages: pages_read });
        let text = |text: &str| {
            job.progress
                .reach(|| ReadingStage::Generating { text: text.into() });
        };
        let answer = answer.complete_with(text).await?;
        job.progress.reach(|| ReadingStage::Checking);
        let receipt = CheckedReceipt::check(&answer, schema)?;
        let evidence = look_up(&receipt, schema, pages_text.clone()).await;
        let model = step.model.settings().id.clone();
        let calibration = settings
            .reader(&model)
            .and_then(|r| r.calibration.as_deref());
        let fields = confidence::of_fields(&answer.text, &answer.tokens, schema, calibration);
        let (today, most) = ((settings.today)(), schema.max_items());
        let checks = checks::run(receipt.as_json(), &evidence, today, most);
        Ok(Reading {
            report: Arc::new(Report {
                schema: schema.name().to_owned(),
                pages: pages_read,
                blank_pages: blank,
                image_tokens,
                fields: settings.weights.weigh(fields, &evidence, &checks),
                checks,
                evidence,
                text: PageFacts::of(&pages_text),
                attempts: Vec::new(),
                usage: answer.usage,
                timings: Timings {
                    prepare,
                    text: text_took,
                    queued: (loaded - started) + (entered - prepared),
                    first_token: answer.first_token,
                    generate: answer.took.saturating_sub(answer.first_token),
                    total: started.elapsed(),
                },
                model,
            }),
            receipt,
        })
    }
}

/// Looks the values of a receipt up on the pages, on a blocking thread.
async fn look_up(
    receipt: &CheckedReceipt,
    schema: &ReceiptSchema,
    pages: Arc<Vec<PageReading>>,
) -> Vec<FieldEvidence> {
    let (receipt, schema) = (receipt.clone(), schema.clone());
    let work =
        telemetry::carried_over(move || evidence::of_fields(receipt.as_json(), &schema, &pages));
    let found = tokio::task::spawn_blocking(work).await;
    found.unwrap_or_else(|error| {
        tracing::error!(%error, "looking values up on the pages failed");
        Vec::new()
    })
}

/// Returns what `work` returns, and how long it took.
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let started = Instant::now();
    (work.await, started.elapsed())
}

/// Builds the request to the model.
fn generation(
    script: &Script,
    files: Vec<Vec<Picture>>,
    step: &Step,
    schema: &ReceiptSchema,
) -> Generation {
    let mut messages = script.with_pages(files);
    if let Some(Objection { answer, text }) = &step.objection {
        messages.push(Message::text(Role::Assistant, answer));
        messages.push(Message::text(Role::User, text));
    }
    Generation {
        prompt: Prompt::Chat(messages),
        sampling: step.sampling.clone(),
        max_tokens: schema.max_tokens(),
        grammar: Grammar::JsonSchema(schema.grammar().clone()),
        logprobs: Logprobs::Drawn,
        top_logprobs: 0,
        tools: None,
    }
}

/// Returns the better of two attempts. If both failed, returns the first error, which is of the
/// requested model.
fn better(
    old: Result<Reading, ExtractError>,
    new: Result<Reading, ExtractError>,
) -> Result<Reading, ExtractError> {
    match (old, new) {
        (Ok(old), Ok(new)) if is_better(&new.report, &old.report) => Ok(new),
        (Ok(old), _) => Ok(old),
        (Err(_), Ok(new)) => Ok(new),
        (Err(old), Err(_)) => Err(old),
    }
}

/// Returns the tokens of the model's context that the prompt leaves for the pictures and the
/// answer.
pub async fn room_beside(engine: &dyn Engine, prompt: &str) -> Result<usize, ExtractError> {
    let prompt = engine.count_tokens(prompt).await;
    let prompt = prompt.map_err(|error| ExtractError::Model(error.into()))?;
    let context = engine.info().context_length;
    Ok(context.saturating_sub(prompt + TEMPLATE_TOKENS))
}

/// Returns the tokens to reserve for the answer: those of the longest one, but at most half the
/// context. An answer that needs more is cut off, which is an error.
pub fn reserve(engine: &dyn Engine, schema: &ReceiptSchema) -> usize {
    schema.max_tokens().min(engine.info().context_length / 2)
}
