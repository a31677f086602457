//! Writes grammars in llguidance's dialect of Lark.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use serde_json::Value;

use super::GroundedField;
use crate::{
    grammar::{Grammar, GrammarError, check, written},
    receipt::{
        evidence::{FieldRole, ItemCount, ItemDetails, ItemRows, ItemText},
        schema::{AnswerForm, Member, PrintedField, PrintedKind},
    },
};

/// Name of the list whose elements are held to their rows.
const ITEMS: &str = "items";

/// End of the JSON pointer to an element of a list within an item.
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
        way: None,
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
    /// The rows of the items, and the way in which those of the item that is being written are read.
    items: &'a [ItemRows],
    way: Option<ItemWay<'a>>,
    rules: Vec<String>,
    /// Names of rules by what they are defined as.
    known: HashMap<String, String>,
}

/// One way of reading the rows of an item.
#[derive(Clone, Copy)]
struct ItemWay<'a> {
    total: Decimal,
    /// `None` if its texts may stand anywhere.
    text: Option<&'a ItemText>,
    count: &'a ItemCount,
}

impl ItemWay<'_> {
    /// Returns the number that a field of an item has, or null, as JSON; `None` if that is not known.
    fn number(&self, kind: PrintedKind, role: FieldRole) -> Option<String> {
        let number = match (kind, role) {
            (PrintedKind::Amount, FieldRole::Total) => Some(self.total),
            (PrintedKind::Amount, FieldRole::UnitPrice) => self.count.price,
            (PrintedKind::Quantity, FieldRole::Quantity) => Some(self.count.quantity),
            _ => return None,
        };
        Some(number.map_or("null".to_owned(), |it| it.normalize().to_string()))
    }
}

impl<'a> RuleWriter<'a> {
    /// Adds the rule of a form, and returns its name.
    fn rule_of(&mut self, form: &AnswerForm) -> Result<String, GrammarError> {
        let body = match form {
            AnswerForm::Object(members) => return self.object(members),
            AnswerForm::List {
                element,
                least,
                most,
            } => match (&**element, self.details()) {
                (AnswerForm::Printed(field), Some(lists)) if field.pointer.ends_with(DETAIL) => {
                    self.next += 1;
                    choice_of_lists(field, lists, *most)
                }
                _ => {
                    let element = self.rule_of(element)?;
                    list(&element, *least, *most)
                }
            },
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

    /// Adds the rule of a list with one element for each of the rows, in any way of reading these in which each item begins
    /// where the one before ends.
    fn item_by_item(&mut self, element: &AnswerForm) -> Result<String, GrammarError> {
        let (items, first) = (self.items, self.next);
        // What may follow, by the number of the row where it begins; `None` where that does not matter.
        let mut behind: BTreeMap<Option<usize>, String> = BTreeMap::new();
        behind.insert(None, quoted("]"));
        for (number, item) in items.iter().enumerate().rev() {
            let mut before: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
            let likely = item.texts.iter().filter(|text| text.is_likely);
            let likely: Vec<_> = likely.collect();
            if likely.is_empty() {
                // An item without words of its own leaves the place to the next.
                for (from, rest) in &behind {
                    before.insert(*from, self.counted(element, item, None, rest, first)?);
                }
            }
            // Rows that no item can begin in are passed over.
            let is_exact = likely
                .iter()
                .any(|text| behind.contains_key(&Some(text.to)));
            for text in likely {
                let mut next = behind.range(Some(text.to)..);
                let next = next
                    .next()
                    .filter(|(to, _)| !is_exact || **to == Some(text.to));
                let rest = next.map(|(_, rest)| rest).or(behind.get(&None));
                if let Some(rest) = rest {
                    let ways = self.counted(element, item, Some(text), rest, first)?;
                    before.entry(Some(text.from)).or_default().extend(ways);
                }
            }
            let rules = before.into_iter().map(|(from, ways)| {
                let ways = self.rule("r", ways.join(" | "));
                let follows = format!("{} {ways}", quoted(","));
                (from, if number > 0 { follows } else { ways })
            });
            behind = rules.collect();
        }
        self.way = None;
        let ways: Vec<_> = behind.into_values().collect();
        Ok(self.rule("r", format!("{} ({})", quoted("["), ways.join(" | "))))
    }

    /// Returns the expressions of an item whose rows are read in one way, each with a quantity and price that it may have,
    /// and what follows it.
    fn counted(
        &mut self,
        element: &AnswerForm,
        item: &'a ItemRows,
        text: Option<&'a ItemText>,
        rest: &str,
        first: usize,
    ) -> Result<Vec<String>, GrammarError> {
        let counts = item.counts.iter().map(|count| {
            self.next = first;
            self.way = Some(ItemWay {
                total: item.total,
                text,
                count,
            });
            Ok(format!("{} {rest}", self.rule_of(element)?))
        });
        counts.collect()
    }

    /// Returns the lists of details of the item that is being written, if they are known.
    fn details(&self) -> Option<&'a [Vec<String>]> {
        match &self.way?.text?.details {
            ItemDetails::Lists(lists) => Some(lists),
            ItemDetails::Any(_) => None,
        }
    }

    fn printed(&mut self, field: &PrintedField) -> Result<String, GrammarError> {
        let grounded = self.fields.get(self.next);
        self.next += 1;
        let choices = grounded.map_or(&[][..], |grounded| &grounded.choices);
        let mut tree = Letters::default();
        let role = FieldRole::of(&field.pointer);
        let text = self.way.and_then(|way| way.text);
        let fits = |literal: &&str| field.validator.check(literal).is_ok();
        if let Some(written) = self.way.and_then(|way| way.number(field.kind, role)) {
            let number: Option<Decimal> = written.parse().ok();
            let printed = choices.iter().map(|choice| choice.literal.as_str());
            let printed =
                printed.filter(|literal| number.is_some() && literal.parse().ok() == number);
            let all = printed.chain([written.as_str()]);
            all.filter(fits).for_each(|literal| tree.add(literal));
        } else if let Some(text) = text.filter(|_| field.kind == PrintedKind::Text) {
            let texts = match &text.details {
                ItemDetails::Any(texts) if field.pointer.ends_with(DETAIL) => texts,
                _ => &text.names,
            };
            let texts = texts.iter().map(String::as_str);
            texts.filter(fits).for_each(|literal| tree.add(literal));
        }
        if tree.next.is_empty() {
            let unprinted = grounded.map(GroundedField::unprinted).unwrap_or_default();
            let printed = choices.iter().map(|choice| choice.literal.as_str());
            printed
                .chain(unprinted)
                .for_each(|literal| tree.add(literal));
        }
        if tree.next.is_empty() {
            let body = plain(&field.schema)?;
            return Ok(self.rule("r", body));
        }
        Ok(self.rule("T", tree.written()))
    }
}

/// Writes a choice of lists, each of at most `most` texts that the schema of their field admits.
fn choice_of_lists(field: &PrintedField, lists: &[Vec<String>], most: usize) -> String {
    let mut written: Vec<String> = Vec::new();
    for list in lists {
        let texts = list
            .iter()
            .filter(|text| field.validator.check(text).is_ok());
        let texts: Vec<_> = texts.take(most).map(String::as_str).collect();
        let list = quoted(&format!("[{}]", texts.join(",")));
        if !written.contains(&list) {
            written.push(list);
        }
    }
    written.join(" | ")
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
