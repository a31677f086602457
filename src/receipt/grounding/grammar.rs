//! Writes grammars in llguidance's dialect of Lark.

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::Value;

use super::{GroundedField, unprinted};
use crate::{
    grammar::{Grammar, GrammarError, check, written},
    receipt::{
        evidence::{FieldRole, ItemRows},
        schema::{AnswerForm, Member, PrintedField, PrintedKind},
    },
};

/// Name of the list whose elements are held to their rows.
const ITEMS: &str = "items";

/// End of the JSON pointer to an element of a list within an item, which may stand in any of its rows.
const DETAIL: &str = "/0";

/// Writes the grammar of a form whose marked fields have these values, and compiles it once as a
/// check. Where there are `rows`, the list of items has one element for each, with its amount and its texts.
pub fn write(
    form: &AnswerForm,
    fields: &[GroundedField],
    rows: &[ItemRows],
) -> Result<String, GrammarError> {
    let mut writer = RuleWriter {
        fields,
        next: 0,
        items: rows,
        row: None,
        rules: Vec::new(),
        known: HashMap::new(),
    };
    let root = writer.rule_of(form)?;
    let mut text = format!("start: {root}\n");
    text.push_str(&writer.rules.concat());
    check(&Grammar::Lark(text.as_str().into()))?;
    Ok(text)
}

struct RuleWriter<'a> {
    /// The fields that are still to come, in the order of the form.
    fields: &'a [GroundedField],
    next: usize,
    /// The rows of the items, and those of the item that is being written.
    items: &'a [ItemRows],
    row: Option<&'a ItemRows>,
    rules: Vec<String>,
    /// Names of rules by what they are defined as.
    known: HashMap<String, String>,
}

impl RuleWriter<'_> {
    /// Adds the rule of a form, and returns its name.
    fn rule_of(&mut self, form: &AnswerForm) -> Result<String, GrammarError> {
        let body = match form {
            AnswerForm::Object(members) => return self.object(members),
            AnswerForm::List {
                element,
                least,
                most,
            } => {
                let element = self.rule_of(element)?;
                list(&element, *least, *most)
            }
            AnswerForm::Either(forms) => {
                let names = forms.iter().map(|form| self.rule_of(form));
                names.collect::<Result<Vec<_>, _>>()?.join(" | ")
            }
            AnswerForm::Plain(schema) => plain(schema)?,
            AnswerForm::Printed(field) => return self.printed(field),
        };
        Ok(self.rule("r", body))
    }

    /// Adds a rule or a terminal, unless there is an equal one.
    fn rule(&mut self, prefix: &str, body: String) -> String {
        if let Some(name) = self.known.get(&body) {
            return name.clone();
        }
        let name = format!("{prefix}{}", self.known.len());
        self.rules.push(format!("{name}: {body}\n"));
        self.known.insert(body, name.clone());
        name
    }

    /// Adds the rules of an object: for each member one for what follows if members stand before
    /// it, and one if none do.
    fn object(&mut self, members: &[Member]) -> Result<String, GrammarError> {
        let mut values = Vec::with_capacity(members.len());
        for member in members {
            let key = Value::from(member.name.as_str()).to_string();
            let value = match &member.form {
                AnswerForm::List { element, .. }
                    if member.name == ITEMS && !self.items.is_empty() =>
                {
                    self.item_by_item(element)?
                }
                form => self.rule_of(form)?,
            };
            values.push((key, member.is_required, value));
        }
        let close = quoted("}");
        let (mut first, mut later) = (close.clone(), close);
        for (key, is_required, value) in values.iter().rev() {
            let named = quoted(&format!("{key}:"));
            let behind = quoted(&format!(",{key}:"));
            let (mut begins, mut goes_on) = (
                format!("{named} {value} {later}"),
                format!("{behind} {value} {later}"),
            );
            if !is_required {
                begins = format!("{begins} | {first}");
                goes_on = format!("{goes_on} | {later}");
            }
            first = self.rule("r", begins);
            later = self.rule("r", goes_on);
        }
        Ok(self.rule("r", format!("{} {first}", quoted("{"))))
    }

    /// Adds the rule of a list with one element for each of the rows.
    fn item_by_item(&mut self, element: &AnswerForm) -> Result<String, GrammarError> {
        let (rows, first) = (self.items, self.next);
        let mut elements = Vec::with_capacity(rows.len());
        for row in rows {
            (self.row, self.next) = (Some(row), first);
            elements.push(self.rule_of(element)?);
        }
        self.row = None;
        let elements = elements.join(&format!(" {} ", quoted(",")));
        Ok(self.rule("r", format!("{} {elements} {}", quoted("["), quoted("]"))))
    }

    fn printed(&mut self, field: &PrintedField) -> Result<String, GrammarError> {
        let grounded = self.fields.get(self.next);
        self.next += 1;
        let choices = grounded.map(|grounded| &grounded.choices[..]);
        let row = self.row;
        let role = FieldRole::of(&field.pointer);
        let is_of_row = |literal: &&str| {
            let Some(row) = row else {
                return true;
            };
            let number = || literal.parse::<Decimal>().ok();
            let is_among =
                |numbers: &HashSet<Decimal>| number().is_some_and(|it| numbers.contains(&it));
            match (field.kind, role) {
                (PrintedKind::Text, _) if field.pointer.ends_with(DETAIL) => {
                    row.details.contains(*literal)
                }
                (PrintedKind::Text, _) => row.names.contains(*literal),
                (PrintedKind::Amount, FieldRole::Total) => number() == Some(row.total),
                (PrintedKind::Amount, FieldRole::UnitPrice) => is_among(&row.prices),
                (PrintedKind::Quantity, FieldRole::Quantity) => is_among(&row.quantities),
                _ => true,
            }
        };
        let printed = choices
            .into_iter()
            .flatten()
            .map(|choice| choice.literal.as_str())
            .filter(is_of_row);
        let mut tree = Letters::default();
        let is_certain = row.is_some_and(|row| row.quantities.len() == 1)
            && matches!(role, FieldRole::Quantity | FieldRole::UnitPrice);
        let unprinted = unprinted(field).into_iter().filter(|_| !is_certain);
        for value in printed.chain(unprinted) {
            tree.add(value);
        }
        if tree.next.is_empty() {
            let body = plain(&field.schema)?;
            return Ok(self.rule("r", body));
        }
        Ok(self.rule("T", tree.written()))
    }
}

fn list(element: &str, least: usize, most: usize) -> String {
    let (open, comma, close) = (quoted("["), quoted(","), quoted("]"));
    let some = |least: usize| {
        let (least, most) = (least.saturating_sub(1), most.saturating_sub(1));
        // A repetition of none at most is no expression of the grammar.
        match most {
            0 => format!("{open} {element} {close}"),
            most => format!("{open} {element} ({comma} {element}){{{least},{most}}} {close}"),
        }
    };
    match (least, most) {
        (_, 0) => quoted("[]"),
        (0, _) => format!("{} | {}", quoted("[]"), some(0)),
        (least, _) => some(least),
    }
}

fn plain(schema: &Value) -> Result<String, GrammarError> {
    Ok(format!("%json {}", written(schema)?))
}

/// Writes a literal.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Values by their letters, so that equal beginnings are written once.
#[derive(Default)]
struct Letters {
    next: BTreeMap<char, Letters>,
    is_end: bool,
}

impl Letters {
    fn add(&mut self, value: &str) {
        let mut at = self;
        for letter in value.chars() {
            at = at.next.entry(letter).or_default();
        }
        at.is_end = true;
    }

    /// Writes the values as a terminal's expression.
    fn written(&self) -> String {
        let ways: Vec<_> = self
            .next
            .iter()
            .map(|(letter, rest)| {
                let (mut run, mut at) = (letter.to_string(), rest);
                while let (false, Some((letter, rest)), 1) =
                    (at.is_end, at.next.first_key_value(), at.next.len())
                {
                    run.push(*letter);
                    at = rest;
                }
                if at.next.is_empty() {
                    quoted(&run)
                } else {
                    format!("{} {}", quoted(&run), at.written())
                }
            })
            .collect();
        let optional = if self.is_end { "?" } else { "" };
        format!("({}){optional}", ways.join(" | "))
    }
}
