//! Runs models on a receipt's files, and reads doubtful receipts again.

use std::sync::Arc;

use tokio::{
    sync::OnceCell,
    time::{Instant, timeout_at},
};

use super::{
    ExtractError, ExtractSettings, checks,
    choosing::{Choosing, TOP_TOKENS},
    confidence,
    doubt::{Objection, Step, is_better},
    evidence::{self, FieldEvidence, PageFacts},
    grounding::{self, Grounded, Grounding, GroundingOutcome, Lapse},
    job::ReadingJob,
    progress::ReadingStage,
    reading::{Attempt, CheckedReceipt, Reading, Reason, Report, Timings},
    schema::ReceiptSchema,
    view::{View, Viewing},
};
use crate::{
    generation::{Generation, Grammar, Logprobs, Message, Prompt, Role, Script, Shown},
    image::ImageLoader,
    metrics::ReceiptOutcome,
    page::PageReading,
    registry::{Reads, Registry},
    routing::{AttemptError, Turns},
    telemetry,
};

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

    /// Reads the text of the job's pages, unless it is not wanted or an attempt before has read it.
    /// Without text, nothing is known of where values stand; it fails no reading.
    async fn text(
        &self,
        job: &ReadingJob,
        text: &JobText,
        is_wanted: bool,
    ) -> Arc<Vec<PageReading>> {
        if !is_wanted {
            return Arc::default();
        }
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
        let wanted = settings.grounding_for(&step.model, job);
        let schema = &settings.schema_for(&step.model, &job.schema);
        let lease = step.model.lease().await?;
        let script = settings.script_for(&step.model, job);
        let is_text_wanted = wanted != Grounding::Off
            || step.model.settings().reads == Reads::PageText
            || script.shows_page_text();
        let loaded = Instant::now();
        let viewing = Viewing {
            engine: lease.engine(),
            step,
            job,
            script: &script,
            schema,
            images: &self.images,
            blank_pages: settings.blank_pages,
        };
        let View {
            shown,
            read_as,
            pages: pages_read,
            blank,
            image_tokens,
            room,
            text: pages_text,
            prepare,
            text_took,
        } = viewing.view(self.text(job, text, is_text_wanted)).await?;
        let (grounded, grounding) = hold(step, schema, pages_text.clone(), wanted).await;
        let prepared = Instant::now();
        let mut generation = generation(&script, shown, step, schema, grounded.as_ref());
        generation.max_tokens = schema.max_tokens().min(room);
        let weighed = grounded.as_ref();
        let weighed = weighed.filter(|_| settings.weighs_answers(&step.model));
        generation.top_logprobs = weighed.map_or(0, |_| TOP_TOKENS);
        let answer = lease.generate(generation.clone(), &job.ticket).await?;
        let entered = Instant::now();
        job.progress
            .reach(|| ReadingStage::Reading { pages: pages_read });
        let text = |text: &str| {
            job.progress
                .reach(|| ReadingStage::Generating { text: text.into() });
        };
        let answer = Arc::new(answer.complete_with(text).await?);
        job.progress.reach(|| ReadingStage::Checking);
        let receipt = CheckedReceipt::check(&answer, schema)?;
        let today = (settings.today)();
        let choosing = Choosing {
            model: &step.model,
            ticket: &job.ticket,
            generation: &generation,
            schema,
            fields: weighed.map_or(&[], |grounded| &grounded.fields[..]),
            today,
        };
        let settled = choosing.settle(answer.clone(), receipt).await;
        let receipt = settled.receipt.clone();
        let evidence = look_up(&receipt, schema, pages_text.clone()).await;
        let model = step.model.settings().id.clone();
        let calibration = settings
            .reader(&model)
            .and_then(|r| r.calibration.as_deref());
        let fields = settled.fields(&answer, |answer| {
            let (text, tokens) = (&answer.text, &answer.tokens);
            confidence::of_fields(text, tokens, schema, calibration, grounded.is_some())
        });
        let checks = checks::run(receipt.as_json(), &evidence, today, schema.max_items());
        Ok(Reading {
            report: Arc::new(Report {
                schema: schema.name().to_owned(),
                read_as,
                pages: pages_read,
                blank_pages: blank,
                image_tokens,
                fields: settings.weights.weigh(fields, &evidence, &checks),
                checks,
                evidence,
                text: PageFacts::of(&pages_text),
                grounding,
                weighed: settled.weighed,
                attempts: Vec::new(),
                usage: answer.usage,
                timings: Timings {
                    prepare,
                    text: text_took,
                    queued: (loaded - started) + (entered - prepared),
                    first_token: answer.first_token,
                    generate: answer.took.saturating_sub(answer.first_token),
                    weigh: settled.took,
                    total: started.elapsed(),
                },
                model,
            }),
            receipt,
        })
    }
}

/// Makes the grammar of a reading, if its values are to be chosen from what is printed and can be.
async fn hold(
    step: &Step,
    schema: &ReceiptSchema,
    pages: Arc<Vec<PageReading>>,
    wanted: Grounding,
) -> (Option<Grounded>, GroundingOutcome) {
    if wanted != Grounding::Enforce {
        return (None, GroundingOutcome::as_wanted(wanted));
    }
    if step.model.settings().provider.is_some() {
        return (None, GroundingOutcome::lapsed(Lapse::Elsewhere));
    }
    let schema = schema.clone();
    let work = telemetry::carried_over(move || grounding::ground(&schema, &pages));
    let grounded = tokio::task::spawn_blocking(work).await;
    match grounded.unwrap_or(Err(Lapse::Grammar)) {
        Ok(grounded) => (Some(grounded), GroundingOutcome::as_wanted(wanted)),
        Err(lapse) => (None, GroundingOutcome::lapsed(lapse)),
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

/// Builds the request to the model.
fn generation(
    script: &Script,
    shown: Shown,
    step: &Step,
    schema: &ReceiptSchema,
    grounded: Option<&Grounded>,
) -> Generation {
    let mut messages = script.with(shown);
    if let Some(Objection { answer, text }) = &step.objection {
        messages.push(Message::text(Role::Assistant, answer));
        messages.push(Message::text(Role::User, text));
    }
    Generation {
        prompt: Prompt::Chat(messages),
        sampling: step.sampling.clone(),
        max_tokens: schema.max_tokens(),
        grammar: match grounded {
            Some(grounded) => grounded.grammar.clone(),
            None => Grammar::JsonSchema(schema.grammar().clone()),
        },
        // What is printed forces tokens of values, whose probabilities tell of the value.
        logprobs: match grounded {
            Some(_) => Logprobs::All,
            None => Logprobs::Drawn,
        },
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
