//! What to do about a reading that cannot be trusted: ask again, or ask a better model.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;

use super::{
    reader::Reader,
    reading::{Reading, Reason, Report},
};
use crate::{
    chat::Sampling,
    image::GridFit,
    registry::{Model, Registry},
};

/// What a doubtful reading leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDoubt {
    /// Nothing but the report.
    #[default]
    Report,
    /// The same model reads again: told what does not agree, with more tokens for the picture.
    Retry,
    /// The next model of a list reads.
    Escalate,
}

/// When a reading is doubtful, and what follows.
#[derive(Debug, Clone)]
pub struct DoubtPolicy {
    /// What follows.
    pub on_doubt: OnDoubt,
    /// A reading is doubtful where a check fails, or where its confidence is below this.
    pub below: f64,
    /// Attempts in all, the first among them.
    pub max_attempts: usize,
    /// Time for all attempts after the first.
    pub max_time: Duration,
    /// Pictures of a retry may take this many times the tokens.
    pub retry_scale: f64,
    /// Temperature of a retry, so that it does not repeat the answer.
    pub retry_temperature: f64,
    /// What a retry is told; `{findings}` stands for what does not agree.
    pub retry_prompt: Arc<str>,
    /// Names of the models to escalate to, in order.
    pub escalate_to: Vec<String>,
}

/// How an attempt differs from the first.
#[derive(Clone)]
pub struct Step {
    /// Who reads.
    pub model: Arc<Model>,
    /// Why.
    pub reason: Reason,
    /// What pictures may cost.
    pub fit: GridFit,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// The doubtful answer and what is wrong with it, where the model is told.
    pub objection: Option<Objection>,
}

/// A doubtful answer, and what to say about it.
#[derive(Debug, Clone)]
pub struct Objection {
    /// The answer as JSON.
    pub answer: String,
    /// What does not agree.
    pub text: String,
}

impl Step {
    /// The attempt that was asked for.
    pub fn first(model: &Arc<Model>, sampling: &Sampling) -> Self {
        Self {
            fit: model.settings().fit,
            model: model.clone(),
            reason: Reason::First,
            sampling: sampling.clone(),
            objection: None,
        }
    }
}

impl DoubtPolicy {
    /// Whether a reading is not to be trusted.
    #[must_use]
    pub fn doubts(&self, report: &Report) -> bool {
        report.failed().next().is_some() || report.confidence().is_some_and(|c| c < self.below)
    }

    /// The attempt that follows `best`, a doubtful reading, after `made` attempts of which the
    /// last was `last`; `None` where there is nothing left to try.
    #[must_use]
    pub fn next(&self, made: usize, last: &Step, best: &Reading, reader: &Reader) -> Option<Step> {
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
            OnDoubt::Escalate => self.escalate(last, &reader.registry),
        }
    }

    /// The attempt that follows one without an answer.
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
                // The same picture is to get the same answer, and each attempt another one.
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

/// Whether `new` is the better reading: fewer checks fail, or as many and it is surer.
#[must_use]
pub fn is_better(new: &Report, old: &Report) -> bool {
    let failed = |report: &Report| report.failed().count();
    let confidence = |report: &Report| report.confidence().unwrap_or(0.0);
    (failed(new), -confidence(new)) < (failed(old), -confidence(old))
}
