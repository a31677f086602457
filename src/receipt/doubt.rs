//! The policy for doubtful readings: ask again, or ask a better model.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;

use super::reading::{Attempt, Reading, Reason, Report};
use crate::{
    generation::Sampling,
    image::GridFit,
    registry::{Model, Registry},
};

/// Reaction to a doubtful reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDoubt {
    /// Only report the doubt.
    #[default]
    Report,
    /// Ask the same model again, with the findings and more tokens for the picture.
    Retry,
    /// Ask the next model of a list.
    Escalate,
}

/// Rules for doubtful readings.
#[derive(Debug, Clone)]
pub struct DoubtPolicy {
    /// Reaction to a doubtful reading.
    pub on_doubt: OnDoubt,
    /// Confidence below which a reading is doubtful; one that fails a check is doubtful too.
    pub below: f64,
    /// Most attempts in all, the first included.
    pub max_attempts: usize,
    /// Longest time for all attempts after the first.
    pub max_time: Duration,
    /// Factor by which pictures of a retry may take more tokens.
    pub retry_scale: f64,
    /// Temperature of a retry, high enough not to repeat the answer.
    pub retry_temperature: f64,
    /// Prompt of a retry; `{findings}` stands for the failed checks.
    pub retry_prompt: Arc<str>,
    /// Names of the models to escalate to, in order.
    pub escalate_to: Vec<String>,
}

/// An attempt to read a receipt.
#[derive(Clone)]
pub struct Step {
    /// The model to ask.
    pub model: Arc<Model>,
    /// Reason for the attempt.
    pub reason: Reason,
    /// Limits on the size of pictures.
    pub fit: GridFit,
    /// Sampling of tokens.
    pub sampling: Sampling,
    /// The doubtful answer and its faults, if the model is shown them.
    pub objection: Option<Objection>,
}

/// A doubtful answer, and the reply to it.
#[derive(Debug, Clone)]
pub struct Objection {
    /// The answer as JSON.
    pub answer: String,
    /// The reply, which names the failed checks.
    pub text: String,
}

impl Step {
    /// Creates the first attempt with `model`.
    pub fn first(model: &Arc<Model>, sampling: &Sampling) -> Self {
        Self {
            fit: model.settings().fit,
            model: model.clone(),
            reason: Reason::First,
            sampling: sampling.clone(),
            objection: None,
        }
    }

    /// The record of the attempt where it gave no answer.
    pub(super) fn failed(&self, error: String, took: Duration) -> Attempt {
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

impl DoubtPolicy {
    /// Returns whether a reading is doubtful.
    #[must_use]
    pub fn doubts(&self, report: &Report) -> bool {
        report.failed().next().is_some() || report.confidence().is_some_and(|c| c < self.below)
    }

    /// Returns the attempt that follows `best`, a doubtful reading, after `made` attempts, the last
    /// of which was `last`; `None` if there is nothing left to try.
    #[must_use]
    pub fn next(&self, made: usize, last: &Step, best: &Reading, all: &Registry) -> Option<Step> {
        if made >= self.max_attempts {
            return None;
        }
        match self.on_doubt {
            OnDoubt::Report => None,
            OnDoubt::Retry => {
                let understands = last.model.settings().takes_instructions;
                let objection = understands.then(|| self.objection(best)).flatten();
                Some(Step {
                    objection,
                    ..self.retry(made, last)
                })
            }
            OnDoubt::Escalate => self.escalate(last, all),
        }
    }

    /// Returns the attempt that follows one without an answer, if there is one.
    #[must_use]
    pub fn instead(&self, made: usize, last: &Step, all: &Registry) -> Option<Step> {
        let escalates = self.on_doubt == OnDoubt::Escalate && made < self.max_attempts;
        escalates.then(|| self.escalate(last, all)).flatten()
    }

    fn retry(&self, made: usize, last: &Step) -> Step {
        let GridFit {
            trim,
            max_edge,
            max_tokens,
        } = last.fit;
        Step {
            model: last.model.clone(),
            reason: Reason::Retry,
            fit: GridFit {
                trim,
                max_edge: (f64::from(max_edge) * self.retry_scale.sqrt()) as u32,
                max_tokens: (f64::from(max_tokens) * self.retry_scale) as u32,
            },
            sampling: Sampling {
                temperature: self.retry_temperature.max(last.sampling.temperature),
                // The same picture should get the same answer every time, and each attempt a
                // different one.
                seed: Some(last.sampling.seed.unwrap_or(0).wrapping_add(made as u64)),
                ..last.sampling.clone()
            },
            objection: None,
        }
    }

    fn escalate(&self, last: &Step, all: &Registry) -> Option<Step> {
        let asked = &last.model.settings().id;
        let after = self.escalate_to.iter().position(|id| id == asked);
        let next = self.escalate_to.get(after.map_or(0, |at| at + 1))?;
        let model = all.get(next)?;
        Some(Step {
            reason: Reason::Escalate,
            ..Step::first(model, &last.sampling)
        })
    }

    fn objection(&self, best: &Reading) -> Option<Objection> {
        let faults: Vec<_> = best
            .report
            .failed()
            .filter_map(|f| f.fault.as_deref())
            .collect();
        (!faults.is_empty()).then(|| Objection {
            answer: best.receipt.as_json().to_string(),
            text: self.retry_prompt.replace("{findings}", &faults.join("\n")),
        })
    }
}

/// Returns whether `new` is the better reading: fewer checks fail, or as many with a higher
/// confidence.
#[must_use]
pub fn is_better(new: &Report, old: &Report) -> bool {
    let failed = |report: &Report| report.failed().count();
    let confidence = |report: &Report| report.confidence().unwrap_or(0.0);
    (failed(new), -confidence(new)) < (failed(old), -confidence(old))
}
