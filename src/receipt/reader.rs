//! Runs models on a receipt's files, and reads doubtful receipts again.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::{
    ExtractError, ExtractSettings,
    choosing::{Choosing, TOP_TOKENS},
    doubt::{Objection, Step, is_better},
    evidence::PageFacts,
    grounding::{self, Grounded, Grounding, GroundingOutcome, Lapse},
    itemising::Itemising,
    job::ReadingJob,
    judging::Judging,
    paper::Paper,
    progress::ReadingStage,
    reading::{Attempt, CheckedReceipt, Reading, Reason, Report, Timings},
    schema::ReceiptSchema,
    source::ReadingSource,
    stated::{StatedFiles, StatedReader},
    view::Viewing,
};
use crate::{
    generation::{Generation, Grammar, Logprobs, Message, Prompt, Role, Script, Shown},
    image::ImageLoader,
    metrics::ReceiptOutcome,
    page::PageReading,
    registry::Registry,
    routing::{AttemptError, Turns},
    telemetry,
};

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
    pub async fn settle(self, mut job: ReadingJob) -> Result<Reading, ExtractError> {
        let of_files = StatedReader {
            settings: &self.settings,
            images: &self.images,
        };
        let passed_over = match of_files.read(&job).await? {
            StatedFiles::Answer(reading) => return Ok(*reading),
            StatedFiles::Nothing(passed_over) => passed_over,
        };
        let (ticket, tally) = job.ticket.tallied();
        job.ticket = ticket;
        let policy = &self.settings.doubt;
        let paper = Paper::new(&job.files, &self.images, self.settings.codes);
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
            match self.attempt(&step, &job, &paper, &mut made).await {
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
            let Ok(new) = timeout_at(deadline, self.attempt(&step, &job, &paper, &mut made)).await
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
        best.map(|best| best.after(made, passed_over, tally.sum()))
    }

    /// Makes one attempt and adds it to `made`.
    async fn attempt(
        &self,
        step: &Step,
        job: &ReadingJob,
        paper: &Paper<'_>,
        made: &mut Vec<Attempt>,
    ) -> Result<Reading, ExtractError> {
        let started = Instant::now();
        let reason = step.reason.as_str();
        step.model.metrics().receipt_attempt(reason);
        let reading = self.read(step, job, paper).await;
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

    /// Runs the model on the files and checks its answer.
    async fn read(
        &self,
        step: &Step,
        job: &ReadingJob,
        paper: &Paper<'_>,
    ) -> Result<Reading, ExtractError> {
        let (settings, started) = (&self.settings, Instant::now());
        let wanted = settings.grounding_for(&step.model, job);
        let schema = &settings.schema_for(&step.model, &job.schema);
        let lease = step.model.lease().await?;
        let script = settings.script_for(&step.model, job);
        let is_text_wanted = wanted != Grounding::Off
            || step.model.settings().reads.shows_page_text()
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
        let view = viewing.view(paper.text_if(is_text_wanted)).await?;
        let codes = paper.codes().await;
        let (grounded, grounding) = hold(step, schema, view.text.clone(), wanted).await;
        let prepared = Instant::now();
        let mut generation = generation(&script, view.shown, step, schema, grounded.as_ref());
        generation.max_tokens = schema.max_tokens().min(view.room);
        let weighed = grounded.as_ref();
        let weighed = weighed.filter(|_| settings.weighs_answers(&step.model));
        generation.top_logprobs = weighed.map_or(0, |_| TOP_TOKENS);
        let answer = lease.generate(generation.clone(), &job.ticket).await?;
        let entered = Instant::now();
        job.progress
            .reach(|| ReadingStage::Reading { pages: view.pages });
        let text = |text: &str| {
            job.progress
                .reach(|| ReadingStage::Generating { text: text.into() });
        };
        let answer = Arc::new(answer.complete_with(text).await?);
        job.progress.reach(|| ReadingStage::Checking);
        let receipt = CheckedReceipt::check(&answer, schema)?;
        let itemising = Itemising::new(step, job, &generation, schema);
        let itemising = itemising.on(grounded.as_ref(), &view.text);
        let itemised = itemising.settle(answer, receipt).await;
        let (answer, receipt) = (itemised.answer, itemised.receipt);
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
        let model = step.model.settings().id.clone();
        let judging = Judging {
            settings,
            model: &model,
            answer: &answer,
            settled: &settled,
            is_grounded: grounded.is_some(),
            schema,
            pages: view.text.clone(),
            codes: &codes,
            today,
        };
        let judged = judging.judge().await;
        Ok(Reading {
            report: Arc::new(Report {
                schema: schema.name().to_owned(),
                source: ReadingSource::Model { passed_over: None },
                read_as: view.read_as,
                pages: view.pages,
                blank_pages: view.blank,
                image_tokens: view.image_tokens,
                fields: judged.fields,
                checks: judged.checks,
                evidence: judged.evidence,
                text: PageFacts::of(&view.text),
                codes: codes.codes.clone(),
                grounding,
                is_by_rows: itemised.is_by_rows,
                weighed: settled.weighed,
                attempts: Vec::new(),
                usage: answer.usage,
                timings: Timings {
                    prepare: view.prepare,
                    text: view.text_took,
                    queued: (loaded - started) + (entered - prepared),
                    first_token: answer.first_token,
                    generate: answer.took.saturating_sub(answer.first_token),
                    weigh: itemised.took + settled.took,
                    total: started.elapsed(),
                },
                model,
            }),
            receipt: judged.receipt,
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
