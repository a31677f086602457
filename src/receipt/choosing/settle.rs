//! Has the model score the answers, and takes the best.

use std::{sync::Arc, time::Duration};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::{
    AnswerChoice, choose,
    proposals::{FieldValues, Proposal, WrittenAnswer, proposals},
};
use crate::{
    generation::Generation,
    receipt::{
        confidence::FieldConfidence,
        evidence::FieldRole,
        grounding::GroundedField,
        reading::CheckedReceipt,
        schema::{PrintedKind, ReceiptSchema},
        weighed::WeighedAnswer,
    },
    registry::{Completed, Model, Ticket, score},
    telemetry,
};

/// Cost of the place of a value that is not printed, as of a label that says nothing.
const UNPRINTED: f32 = 0.3;

/// Cost from which on the words beside an amount say that it is not the total.
const NO_TOTAL: f32 = 0.5;

/// What a choice needs beside the answer.
pub struct Choosing<'a> {
    /// The model that gave the answer.
    pub model: &'a Arc<Model>,
    /// The ticket with which to wait for a place on it.
    pub ticket: &'a Ticket,
    /// What it was asked.
    pub generation: &'a Generation,
    /// The schema of the answer.
    pub schema: &'a ReceiptSchema,
    /// The fields that were chosen from what is printed; none if the answer is not to be weighed.
    pub fields: &'a [GroundedField],
    /// The day of the reading.
    pub today: NaiveDate,
}

/// The answer of a model after others were weighed against it.
#[derive(Debug)]
pub struct SettledAnswer {
    /// The object.
    pub receipt: CheckedReceipt,
    /// The answers that were weighed; none if no other was nearly as likely.
    pub weighed: Vec<WeighedAnswer>,
    /// The time that it took.
    pub took: Duration,
    /// The answer that took the place of the model's own, as the model scored it, with the JSON pointers to the values
    /// that differ.
    replacement: Option<(Vec<String>, Completed)>,
}

impl SettledAnswer {
    /// The answer as the model wrote it.
    fn as_written(receipt: CheckedReceipt) -> Self {
        Self {
            receipt,
            weighed: Vec::new(),
            took: Duration::ZERO,
            replacement: None,
        }
    }

    /// Returns the confidence in each value, which `confidence` tells of an answer: of values that were replaced by the
    /// tokens of the chosen answer, of others by those of `answer`, as the model wrote it.
    pub fn fields(
        &self,
        answer: &Completed,
        confidence: impl Fn(&Completed) -> Vec<FieldConfidence>,
    ) -> Vec<FieldConfidence> {
        let mut fields = confidence(answer);
        if let Some((pointers, chosen)) = &self.replacement {
            for replaced in confidence(chosen) {
                let written = fields
                    .iter_mut()
                    .find(|field| field.pointer == replaced.pointer);
                if let Some(written) = written.filter(|field| pointers.contains(&field.pointer)) {
                    *written = replaced;
                }
            }
        }
        fields
    }
}

impl Choosing<'_> {
    /// Weighs `answer` against others that are nearly as likely, and returns the best. It stays where that fails.
    pub async fn settle(&self, answer: Arc<Completed>, receipt: CheckedReceipt) -> SettledAnswer {
        if self.fields.is_empty() {
            return SettledAnswer::as_written(receipt);
        }
        let started = Instant::now();
        let settled = self.weigh(answer, receipt).await;
        SettledAnswer {
            took: started.elapsed(),
            ..settled
        }
    }

    async fn weigh(&self, answer: Arc<Completed>, receipt: CheckedReceipt) -> SettledAnswer {
        let written = WrittenAnswer {
            answer,
            receipt: receipt.clone(),
            schema: self.schema.clone(),
            fields: field_values(self.fields),
            payments: payments(self.fields),
            today: self.today,
        };
        let work = telemetry::carried_over(move || proposals(&written));
        let proposed = tokio::task::spawn_blocking(work).await.unwrap_or_default();
        let Some(choice) = self.choose(proposed).await else {
            return SettledAnswer::as_written(receipt);
        };
        let Some((proposal, answer)) = choice.better else {
            return SettledAnswer {
                weighed: choice.weighed,
                ..SettledAnswer::as_written(receipt)
            };
        };
        match CheckedReceipt::check(&answer, self.schema) {
            Ok(receipt) => SettledAnswer {
                receipt,
                weighed: choice.weighed,
                took: Duration::ZERO,
                replacement: Some((proposal.pointers(), answer)),
            },
            Err(error) => {
                tracing::error!(%error, "an answer that was chosen does not fit its schema");
                SettledAnswer::as_written(receipt)
            }
        }
    }

    async fn choose(&self, proposed: Vec<Proposal>) -> Option<AnswerChoice> {
        if proposed.is_empty() {
            return None;
        }
        let texts: Vec<_> = proposed
            .iter()
            .map(|proposal| proposal.text.as_str())
            .collect();
        match score(self.model, self.generation, &texts, self.ticket).await {
            Ok(scored) => choose(proposed, scored),
            Err(error) => {
                let model = &self.model.settings().id;
                tracing::warn!(model, %error, "answers could not be weighed");
                None
            }
        }
    }
}

/// Returns the amounts and dates of the object itself, and who issued it, with the values that they may have; not the day
/// by which to pay, which few receipts have.
fn field_values(fields: &[GroundedField]) -> Vec<FieldValues> {
    let is_weighed = |field: &&GroundedField| {
        let (pointer, role) = (&field.field.pointer, FieldRole::of(&field.field.pointer));
        let is_weighable = match field.field.kind {
            PrintedKind::Amount | PrintedKind::Date => role != FieldRole::Due,
            PrintedKind::Text => role == FieldRole::Issuer,
            PrintedKind::Identifier | PrintedKind::Quantity => false,
        };
        is_weighable && pointer.matches('/').count() == 1
    };
    let values = fields.iter().filter(is_weighed).map(|field| {
        let printed = field.choices.iter();
        let printed = printed.map(|choice| (choice.literal.clone(), choice.cost));
        let others = field.unprinted().into_iter();
        let others = others.map(|literal| (literal.to_owned(), UNPRINTED));
        FieldValues {
            pointer: field.field.pointer.clone(),
            is_total: FieldRole::of(&field.field.pointer) == FieldRole::Total,
            values: printed.chain(others).collect(),
        }
    });
    values.collect()
}

/// Returns the amounts beside which stands that they are not the total.
fn payments(fields: &[GroundedField]) -> Vec<Decimal> {
    let is_total = |field: &&GroundedField| {
        field.field.kind == PrintedKind::Amount
            && FieldRole::of(&field.field.pointer) == FieldRole::Total
    };
    let choices = fields
        .iter()
        .filter(is_total)
        .flat_map(|field| &field.choices);
    let others = choices.filter(|choice| choice.cost >= NO_TOTAL);
    let mut payments: Vec<Decimal> = others
        .filter_map(|choice| choice.literal.parse().ok())
        .filter(|amount| *amount > Decimal::ZERO)
        .collect();
    payments.sort_unstable();
    payments.dedup();
    payments
}
