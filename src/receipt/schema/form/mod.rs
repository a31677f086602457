//! The form of the answers to a schema, as far as its marks reach: which fields are printed, and in
//! which objects and lists they stand.
//!
//! A field is marked by the keyword `x-printed` beside its other keywords. Marks are hints for the
//! grammar; [`unmarked`] removes them before a schema goes anywhere else.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::SchemaError;
use crate::grammar::Validator;

/// The keyword of a mark.
pub(super) const MARK: &str = "x-printed";

/// Most references and objects that lie within each other above a mark.
const DEEPEST: usize = 32;

/// What is printed where a field's value is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrintedKind {
    /// An amount of money.
    Amount,
    /// A calendar date.
    Date,
    /// Words of a line, or of lines that belong together.
    Text,
    /// A number or code that identifies something.
    Identifier,
    /// How many or how much of something, or a rate.
    Quantity,
}

impl PrintedKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Amount,
        Self::Date,
        Self::Text,
        Self::Identifier,
        Self::Quantity,
    ];

    /// Returns the name in schemas.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Date => "date",
            Self::Text => "text",
            Self::Identifier => "identifier",
            Self::Quantity => "quantity",
        }
    }

    fn of(mark: &Value) -> Option<Self> {
        let name = mark.as_str()?;
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A marked field.
#[derive(Debug, Clone)]
pub struct PrintedField {
    /// What is printed.
    pub kind: PrintedKind,
    /// JSON pointer to the field, with 0 for each element of a list.
    pub pointer: String,
    /// The check of the field's values.
    pub validator: Arc<Validator>,
    /// The schema of the field, for pages without anything that it can be.
    pub schema: Arc<Value>,
}

/// The form of a value.
#[derive(Debug, Clone)]
pub enum AnswerForm {
    /// An object with these members, in this order.
    Object(Vec<Member>),
    /// A list of elements of one form.
    List {
        /// The form of an element.
        element: Box<AnswerForm>,
        /// Fewest elements.
        least: usize,
        /// Most elements.
        most: usize,
    },
    /// One of several forms.
    Either(Vec<AnswerForm>),
    /// A marked field.
    Printed(PrintedField),
    /// A value without marked fields, by its schema.
    Plain(Arc<Value>),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Whether it is in every object.
    pub is_required: bool,
    /// The form of its value.
    pub form: AnswerForm,
}

impl AnswerForm {
    /// Reads the form of a document; `None` if it has no marks.
    ///
    /// # Errors
    /// [`SchemaError::Mark`] for a mark of an unknown kind, or in a place where it cannot be followed.
    pub fn of(document: &Value) -> Result<Option<Self>, SchemaError> {
        if !has_marks(document) {
            return Ok(None);
        }
        let reader = FormReader { document };
        reader.read(document, "", DEEPEST).map(Some)
    }

    /// Returns the marked fields, in the order of the answer.
    #[must_use]
    pub fn fields(&self) -> Vec<&PrintedField> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a PrintedField>) {
        match self {
            Self::Object(members) => members.iter().for_each(|member| member.form.collect(found)),
            Self::List { element, .. } => element.collect(found),
            Self::Either(forms) => forms.iter().for_each(|form| form.collect(found)),
            Self::Printed(field) => found.push(field),
            Self::Plain(_) => {}
        }
    }
}

/// Returns `document` without marks.
#[must_use]
pub fn unmarked(document: &Value) -> Value {
    let mut document = document.clone();
    remove_marks(&mut document);
    document
}

/// A mark is a string; a property that happens to be called so has a schema.
fn is_mark(name: &str, value: &Value) -> bool {
    name == MARK && !value.is_object() && !value.is_boolean()
}

fn has_marks(value: &Value) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| is_mark(name, value) || has_marks(value)),
        Value::Array(values) => values.iter().any(has_marks),
        _ => false,
    }
}

fn remove_marks(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, value| !is_mark(name, value));
            members.values_mut().for_each(remove_marks);
        }
        Value::Array(values) => values.iter_mut().for_each(remove_marks),
        _ => {}
    }
}

struct FormReader<'a> {
    document: &'a Value,
}

impl FormReader<'_> {
    fn read(&self, schema: &Value, pointer: &str, depth: usize) -> Result<AnswerForm, SchemaError> {
        let fault = |reason: &str| SchemaError::Mark {
            place: if pointer.is_empty() { "/" } else { pointer }.to_owned(),
            reason: reason.to_owned(),
        };
        let Some(keywords) = schema.as_object() else {
            return Ok(self.plain(schema));
        };
        if let Some(mark) = keywords.get(MARK) {
            let known = PrintedKind::ALL.map(PrintedKind::as_str).join(", ");
            let kind = PrintedKind::of(mark)
                .ok_or_else(|| fault(&format!("{MARK} is {mark}, but has to be one of {known}")))?;
            return self.printed(kind, schema, pointer);
        }
        if !self.leads_to_marks(schema, DEEPEST) {
            return Ok(self.plain(schema));
        }
        let deeper = depth.checked_sub(1).ok_or_else(|| {
            fault("marked fields lie too deep, or in a schema that refers to itself")
        })?;
        if let Some(target) = self.target(keywords) {
            return self.read(target, pointer, deeper);
        }
        if let Some(Value::Array(branches)) = keywords.get("anyOf") {
            let forms = branches
                .iter()
                .map(|branch| self.read(branch, pointer, deeper));
            return Ok(AnswerForm::Either(forms.collect::<Result<_, _>>()?));
        }
        match keywords.get("type").and_then(Value::as_str) {
            Some("object") => self.object(keywords, pointer, deeper, &fault),
            Some("array") => self.list(keywords, pointer, deeper, &fault),
            _ => Err(fault(
                "marked fields can lie in objects, lists, anyOf and $ref alone",
            )),
        }
    }

    fn object(
        &self,
        keywords: &Map<String, Value>,
        pointer: &str,
        depth: usize,
        fault: &dyn Fn(&str) -> SchemaError,
    ) -> Result<AnswerForm, SchemaError> {
        if keywords.get("additionalProperties") != Some(&json!(false))
            || keywords.contains_key("patternProperties")
        {
            return Err(fault(
                "an object with marked fields needs \"additionalProperties\": false",
            ));
        }
        let required = keywords.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|names| names.contains(&json!(name)));
        let properties = keywords.get("properties").and_then(Value::as_object);
        let members = properties.into_iter().flatten().map(|(name, schema)| {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            Ok(Member {
                is_required: is_required(name),
                form: self.read(schema, &format!("{pointer}/{escaped}"), depth)?,
                name: name.clone(),
            })
        });
        let members: Result<_, SchemaError> = members.collect();
        Ok(AnswerForm::Object(members?))
    }

    fn list(
        &self,
        keywords: &Map<String, Value>,
        pointer: &str,
        depth: usize,
        fault: &dyn Fn(&str) -> SchemaError,
    ) -> Result<AnswerForm, SchemaError> {
        let bound = |name: &str| {
            let bound = keywords.get(name).and_then(Value::as_u64);
            bound.and_then(|bound| usize::try_from(bound).ok())
        };
        let (Some(element), Some(most), false) = (
            keywords.get("items"),
            bound("maxItems"),
            keywords.contains_key("prefixItems"),
        ) else {
            return Err(fault("a list with marked fields needs items and maxItems"));
        };
        Ok(AnswerForm::List {
            element: Box::new(self.read(element, &format!("{pointer}/0"), depth)?),
            least: bound("minItems").unwrap_or(0),
            most,
        })
    }

    fn printed(
        &self,
        kind: PrintedKind,
        schema: &Value,
        pointer: &str,
    ) -> Result<AnswerForm, SchemaError> {
        let schema = self.alone(schema);
        let validator = Validator::new(&schema).map_err(SchemaError::Invalid)?;
        Ok(AnswerForm::Printed(PrintedField {
            kind,
            pointer: pointer.to_owned(),
            validator: Arc::new(validator),
            schema: Arc::new(schema),
        }))
    }

    fn plain(&self, schema: &Value) -> AnswerForm {
        AnswerForm::Plain(Arc::new(self.alone(schema)))
    }

    /// Returns a part of the document as a document of its own, with the definitions that it may
    /// refer to.
    fn alone(&self, schema: &Value) -> Value {
        let mut alone = unmarked(schema);
        if let Value::Object(keywords) = &mut alone {
            keywords.shift_remove("description");
            if refers(schema) {
                for name in ["$defs", "definitions"] {
                    if let Some(definitions) = self.document.get(name) {
                        keywords.insert(name.to_owned(), unmarked(definitions));
                    }
                }
            }
            if let Some(guidance) = self.document.get("x-guidance") {
                keywords.insert("x-guidance".to_owned(), guidance.clone());
            }
        }
        alone
    }

    fn target(&self, keywords: &Map<String, Value>) -> Option<&Value> {
        let reference = keywords.get("$ref")?.as_str()?;
        self.document.pointer(reference.strip_prefix('#')?)
    }

    /// Returns whether a part of the document has marks, or refers to one that has.
    fn leads_to_marks(&self, schema: &Value, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        match schema {
            Value::Object(keywords) => {
                let target = self.target(keywords);
                target.is_some_and(|target| self.leads_to_marks(target, depth))
                    || keywords.iter().any(|(name, value)| {
                        is_mark(name, value)
                            || (!matches!(name.as_str(), "$defs" | "definitions")
                                && self.leads_to_marks(value, depth))
                    })
            }
            Value::Array(values) => values.iter().any(|value| self.leads_to_marks(value, depth)),
            _ => false,
        }
    }
}

/// Returns whether a schema refers to another.
fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.contains_key("$ref") || members.values().any(refers),
        Value::Array(values) => values.iter().any(refers),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
