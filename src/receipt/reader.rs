//! From a receipt's files to the reading of it.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::{
    ExtractError, ExtractSettings, checks, confidence,
    doubt::{Objection, Step, is_better},
    progress::{Progress, Stage},
    reading::{Attempt, CheckedReceipt, Reading, Reason, Report, Timings},
    schema::ReceiptSchema,
};
use crate::{
    chat::{Generation, Grammar, Logprobs, Message, Prompt, Role, Sampling, Script},
    engine::Engine,
    image::{EncodedImage, ImageLoader, Pages, Picture, Preparation},
    metrics::ReceiptOutcome,
    registry::{Model, Registry, Ticket},
};

/// What a chat template adds around the messages and around each of them, in tokens.
const TEMPLATE_TOKENS: usize = 64;
const TURN_TOKENS: usize = 8;

/// A receipt to be read.
pub struct Job {
    /// Its pages.
    pub files: Vec<EncodedImage>,
    /// Who is to read it.
    pub model: Arc<Model>,
    /// Who is asked in turn where that gives no answer.
    pub others: Vec<Arc<Model>>,
    /// What the answer must be.
    pub schema: ReceiptSchema,
    /// What the request tells the model.
    pub script: Option<Script>,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Who asks.
    pub ticket: Ticket,
    /// Who wants to know how far it is.
    pub progress: Progress,
}

/// Reads receipts, from the cache of nobody.
#[derive(Clone)]
pub struct Reader {
    pub settings: Arc<ExtractSettings>,
    pub images: Arc<ImageLoader>,
    pub registry: Arc<Registry>,
}

impl Reader {
    /// Reads, with the next model of the route where one gives no answer, and reads again while the answer is
    /// doubtful and the policy has more to try; the best answer wins.
    pub async fn settle(self, job: Job) -> Result<Reading, ExtractError> {
        let policy = &self.settings.doubt;
        let mut step = Step::first(&job.model, &job.sampling);
        let mut made = Vec::new();
        let mut best = self.attempt(&step, &job, &mut made).await;
        for model in &job.others {
            if !best.as_ref().is_err_and(ExtractError::leads_on) {
                break;
            }
            step = Step {
                reason: Reason::Fallback,
                ..Step::first(model, &job.sampling)
            };
            best = better(best, self.attempt(&step, &job, &mut made).await);
        }
        // Those that gave no answer are no attempts at a better one.
        let fallen = made
            .iter()
            .filter(|made| made.reason == Reason::Fallback)
            .count();
        let mut deadline = Instant::now() + policy.max_time;
        loop {
            let next = match &best {
                Ok(best) if policy.doubts(&best.report) => {
                    policy.next(made.len() - fallen, &step, best, &self)
                }
                Err(error) if error.is_of_the_model() => {
                    policy.instead(made.len() - fallen, &step, &self.registry)
                }
                Ok(_) | Err(_) => None,
            };
            let Some(next) = next.filter(|_| Instant::now() < deadline) else {
                break;
            };
            step = next;
            // Loading a model, a download perhaps, does not count; its fault is the attempt's.
            let started = Instant::now();
            let _ = step.model.lease().await;
            deadline += started.elapsed();
            let Ok(new) = timeout_at(deadline, self.attempt(&step, &job, &mut made)).await else {
                made.push(step.failed("out of time".to_owned(), policy.max_time));
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

    /// One attempt, noted in `made`.
    async fn attempt(
        &self,
        step: &Step,
        job: &Job,
        made: &mut Vec<Attempt>,
    ) -> Result<Reading, ExtractError> {
        let started = Instant::now();
        let reason = step.reason.as_str();
        step.model.metrics().receipt_attempt(reason);
        let reading = self.read(step, job).await;
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
                tracing::warn!(model, %error, "no reading");
                step.failed(error.for_clients(), started.elapsed())
            }
        });
        reading
    }

    /// From the files to the checked receipt.
    async fn read(&self, step: &Step, job: &Job) -> Result<Reading, ExtractError> {
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
        let Pages { files, blank } = self.images.prepare(files, preparation).await?;
        let pages = || files.iter().flatten();
        let image_tokens: usize = pages().map(|page| grid.tokens(page)).sum();
        let (prepared, pages_read) = (Instant::now(), pages().count());
        let mut generation = generation(&script, files, step, schema);
        generation.max_tokens = schema.max_tokens().min(room.saturating_sub(image_tokens));
        let answer = lease.generate(generation, &job.ticket).await?;
        let entered = Instant::now();
        job.progress.reach(|| Stage::Reading { pages: pages_read });
        let text = |text: &str| {
            job.progress
                .reach(|| Stage::Generating { text: text.into() });
        };
        let answer = answer.complete_with(text).await?;
        job.progress.reach(|| Stage::Checking);
        let receipt = CheckedReceipt::check(&answer, schema)?;
        let model = step.model.settings().id.clone();
        let calibration = settings
            .reader(&model)
            .and_then(|r| r.calibration.as_deref());
        Ok(Reading {
            report: Arc::new(Report {
                schema: schema.name().to_owned(),
                pages: pages_read,
                blank_pages: blank,
                image_tokens,
                fields: confidence::of_fields(&answer.text, &answer.tokens, schema, calibration),
                checks: checks::run(receipt.as_json(), (settings.today)(), schema.max_items()),
                attempts: Vec::new(),
                usage: answer.usage,
                timings: Timings {
                    prepare: prepared - loaded,
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

/// What the model is asked.
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

impl Step {
    fn failed(&self, error: String, took: std::time::Duration) -> Attempt {
        Attempt {
            model: self.model.settings().id.clone(),
            reason: self.reason,
            confidence: None,
            failed: Vec::new(),
            image_tokens: 0,
            took,
            error: Some(error),
        }
    }
}

impl Reading {
    /// With the story of how it was come by.
    fn after(self, attempts: Vec<Attempt>) -> Self {
        let mut report = Arc::unwrap_or_clone(self.report);
        report.attempts = attempts;
        Self {
            receipt: self.receipt,
            report: Arc::new(report),
        }
    }
}

/// The better of two attempts; a fault only where both failed, and then the first, of the model
/// that was asked for.
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

/// Tokens that the model's context holds beside what it is told: for the pictures and the answer.
pub async fn room_beside(engine: &dyn Engine, prompt: &str) -> Result<usize, ExtractError> {
    let prompt = engine.count_tokens(prompt).await;
    let prompt = prompt.map_err(|error| ExtractError::Model(error.into()))?;
    let context = engine.info().context_length;
    Ok(context.saturating_sub(prompt + TEMPLATE_TOKENS))
}

/// Tokens of it that pictures leave to the answer: those of the longest one, or half the context where
/// that is less. An answer that then finds no room is cut short, which is an error.
pub fn reserve(engine: &dyn Engine, schema: &ReceiptSchema) -> usize {
    schema.max_tokens().min(engine.info().context_length / 2)
}
