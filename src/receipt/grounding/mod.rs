//! Grammars for one reading, in which marked fields are chosen from what is printed on its pages.
//!
//! A schema's marks (`x-printed`) say which fields are printed. [`ground`] looks up what each may be
//! ([`evidence::choices`](super::evidence)) and writes a grammar of the schema's form with those
//! values in place of the marked fields, so that the model cannot write a value that is not on the
//! paper. Every answer that the grammar admits, the schema admits too.

mod grammar;

use std::sync::Arc;

use serde::Deserialize;

use super::{
    evidence::{self, FieldRole, ItemRows, PrintedChoice},
    schema::{PrintedField, PrintedKind, ReceiptSchema},
};
use crate::{
    grammar::{Grammar, GrammarError},
    page::{Legibility, PageReading},
};

/// Whether values are held to what is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grounding {
    /// Marked fields are chosen from what is printed.
    #[default]
    Enforce,
    /// Values are free, and it is reported which are printed.
    Report,
    /// Values are free. The text of the pages is read only if the model needs it.
    Off,
}

impl Grounding {
    /// All settings.
    pub const ALL: [Self; 3] = [Self::Enforce, Self::Report, Self::Off];

    /// Returns the name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Report => "report",
            Self::Off => "off",
        }
    }
}

/// Why the values of a reading were not held to what is printed, though that was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// The schema marks no fields.
    Unmarked,
    /// The text of a page is not known.
    NoText,
    /// There are only a few words on the pages.
    LittleText,
    /// The words on the pages could not be read with confidence.
    UnsureText,
    /// The model runs elsewhere, where no grammar can be enforced.
    Elsewhere,
    /// No grammar could be made.
    Grammar,
}

impl Lapse {
    /// All reasons.
    pub const ALL: [Self; 6] = [
        Self::Unmarked,
        Self::NoText,
        Self::LittleText,
        Self::UnsureText,
        Self::Elsewhere,
        Self::Grammar,
    ];

    /// Returns the name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unmarked => "unmarked_schema",
            Self::NoText => "no_text",
            Self::LittleText => "little_text",
            Self::UnsureText => "unsure_text",
            Self::Elsewhere => "remote_model",
            Self::Grammar => "grammar",
        }
    }
}

/// What became of the grounding of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroundingOutcome {
    /// How the values were held.
    pub grounding: Grounding,
    /// Why they were held less strictly than was wanted.
    pub lapse: Option<Lapse>,
}

impl GroundingOutcome {
    /// The outcome that is wanted.
    #[must_use]
    pub fn as_wanted(grounding: Grounding) -> Self {
        Self {
            grounding,
            lapse: None,
        }
    }

    /// Values are free although they were to be chosen.
    #[must_use]
    pub fn lapsed(lapse: Lapse) -> Self {
        Self {
            grounding: Grounding::Report,
            lapse: Some(lapse),
        }
    }
}

/// A marked field with the values that it may have on some pages.
#[derive(Debug, Clone)]
pub struct GroundedField {
    /// The field.
    pub field: PrintedField,
    /// The values, without those that need not be printed.
    pub choices: Vec<PrintedChoice>,
    /// Whether the pages prove that the field has one of them.
    pub is_proven: bool,
}

impl GroundedField {
    /// Returns the values that it may have without their being printed, as JSON.
    #[must_use]
    pub fn unprinted(&self) -> Vec<&'static str> {
        if self.is_proven {
            Vec::new()
        } else {
            unprinted(&self.field)
        }
    }
}

/// The grammar of one reading.
#[derive(Debug, Clone)]
pub struct Grounded {
    /// The grammar.
    pub grammar: Grammar,
    /// The marked fields, in the order of the answer.
    pub fields: Vec<GroundedField>,
}

/// Makes the grammar of answers whose marked fields are printed on `pages`.
///
/// Takes milliseconds of one core: keep it off the async threads.
///
/// # Errors
/// Why values cannot be chosen from the pages.
pub fn ground(schema: &ReceiptSchema, pages: &[PageReading]) -> Result<Grounded, Lapse> {
    let form = schema.form().ok_or(Lapse::Unmarked)?;
    is_well_read(pages)?;
    let marked = form.fields();
    let asked: Vec<_> = marked
        .iter()
        .map(|field| (field.kind, field.pointer.as_str()))
        .collect();
    let found = evidence::choices(&asked, pages);
    let fields = marked.into_iter().zip(found).map(|(field, found)| {
        let fits = |choice: &PrintedChoice| field.validator.check(&choice.literal).is_ok();
        let choices: Vec<_> = found.values.into_iter().filter(fits).collect();
        GroundedField {
            field: field.clone(),
            is_proven: found.is_proven && !choices.is_empty(),
            choices,
        }
    });
    let fields: Vec<_> = fields.collect();
    let rules = grammar::write(form, &fields, &[]);
    let rules = rules.map_err(|error: GrammarError| {
        tracing::warn!(%error, "no grammar could be made of what is printed");
        Lapse::Grammar
    })?;
    Ok(Grounded {
        grammar: Grammar::Once(Arc::from(rules)),
        fields,
    })
}

/// Makes the grammar of answers whose items are in these rows, for fields that may have the values of `fields`; `None` if
/// there are no rows, or more than the schema allows.
///
/// Takes milliseconds of one core: keep it off the async threads.
#[must_use]
pub fn by_rows(
    schema: &ReceiptSchema,
    fields: &[GroundedField],
    rows: &[ItemRows],
) -> Option<Grammar> {
    if rows.is_empty() || schema.max_items().is_none_or(|most| rows.len() > most) {
        return None;
    }
    let rules = grammar::write(schema.form()?, fields, rows);
    let rules = rules.inspect_err(|error| {
        tracing::warn!(%error, "no grammar could be made of the rows of the items");
    });
    Some(Grammar::Once(Arc::from(rules.ok()?)))
}

/// Checks that the pages were read well enough for values to be chosen from them.
fn is_well_read(pages: &[PageReading]) -> Result<(), Lapse> {
    match Legibility::of(pages) {
        Legibility::Good => Ok(()),
        Legibility::Unread => Err(Lapse::NoText),
        Legibility::LittleText => Err(Lapse::LittleText),
        Legibility::Unsure => Err(Lapse::UnsureText),
    }
}

/// Returns the values of a field of that kind that need not be printed, as JSON. The field's own
/// schema decides which of them it may have.
fn unprinted(field: &PrintedField) -> Vec<&'static str> {
    let all: &[&str] = match field.kind {
        PrintedKind::Amount => &["null", "0"],
        // One piece of something need not be printed, but one per cent.
        PrintedKind::Quantity if FieldRole::of(&field.pointer) == FieldRole::Rate => &["null", "0"],
        PrintedKind::Quantity => &["null", "0", "1"],
        PrintedKind::Date | PrintedKind::Text | PrintedKind::Identifier => &["null"],
    };
    let is_valid = |value: &str| field.validator.check(value).is_ok();
    let nullable = is_valid("null");
    let values = all.iter().copied().filter(|value| is_valid(value));
    // An amount that may be null is never 0 without being printed.
    let is_meant = |value: &&str| !(field.kind == PrintedKind::Amount && nullable && *value == "0");
    values.filter(is_meant).collect()
}

#[cfg(test)]
mod tests;
