//! Fills the form of a schema with what an e-invoice states.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::EInvoice;
use crate::receipt::{
    error::EInvoiceFault, names::field_of, schema::ReceiptSchema, source::StatingElement,
};

/// Most references and objects that lie within each other.
const DEEPEST: usize = 16;

/// An answer, and what of it a file states.
#[derive(Debug)]
pub struct Filled {
    /// The object.
    pub answer: Value,
    /// The elements that state its values, in the order of the object.
    pub stated: Vec<StatingElement>,
    /// The place in the object of each of the invoice's fields, both as JSON pointers.
    pub places: Vec<(String, String)>,
}

impl Filled {
    /// Returns the place in the object of a field of the invoice.
    pub fn place_of(&self, field: &str) -> Option<&str> {
        let place = self.places.iter().find(|(from, _)| from == field)?;
        Some(&place.1)
    }
}

/// Fills the form of `schema`: the invoice's own takes the whole invoice, any other the fields whose names it shares.
///
/// # Errors
/// [`EInvoiceFault::Unstated`] with the required fields of which the file says nothing.
pub fn fill(invoice: &EInvoice, schema: &ReceiptSchema) -> Result<Filled, EInvoiceFault> {
    let mut whole = invoice.to_json();
    let mut former = Former {
        document: schema.published(),
        unstated: Vec::new(),
        places: Vec::new(),
    };
    if let Value::Object(fields) = &mut whole {
        fields.insert("currency".to_owned(), invoice.currency().into());
    }
    let answer = former.object(schema.published(), &whole, ("", ""), DEEPEST);
    let Former {
        unstated, places, ..
    } = former;
    let Some(answer) = answer.filter(|_| unstated.is_empty()) else {
        return Err(EInvoiceFault::Unstated {
            schema: schema.name().to_owned(),
            fields: unstated,
        });
    };
    let known = invoice.stated();
    let known: HashMap<_, _> = known
        .iter()
        .map(|value| (value.pointer.as_str(), &value.sources))
        .collect();
    let mut stated = Vec::new();
    for (from, to) in &places {
        let sources = known.get(from.as_str()).into_iter();
        stated.extend(
            sources
                .flat_map(|sources| sources.iter())
                .map(|source| StatingElement {
                    pointer: to.clone(),
                    term: source.term.to_owned(),
                    element: source.path.clone(),
                    text: source.text.clone(),
                }),
        );
    }
    Ok(Filled {
        answer,
        stated,
        places,
    })
}

/// Forms an object from another by the names of its fields.
struct Former<'a> {
    document: &'a Value,
    /// Required fields of which nothing is said.
    unstated: Vec<String>,
    /// Pointers into the invoice, and into the object.
    places: Vec<(String, String)>,
}

impl<'a> Former<'a> {
    fn value(
        &mut self,
        schema: &'a Value,
        from: &Value,
        at: (&str, &str),
        depth: usize,
    ) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let schema = self.target(schema);
        if let Some(branches) = schema.get("anyOf").and_then(Value::as_array)
            && !from.is_null()
            && let Some(branch) = branches.iter().find(|branch| !is_null(branch))
        {
            return self.value(branch, from, at, depth);
        }
        match from {
            Value::Object(_) => self.object(schema, from, at, depth),
            Value::Array(values) => {
                let element = schema.get("items")?;
                self.places.push((at.0.to_owned(), at.1.to_owned()));
                let elements = values.iter().enumerate().map(|(index, value)| {
                    let (source, target) = at;
                    let at = (format!("{source}/{index}"), format!("{target}/{index}"));
                    self.value(element, value, (&at.0, &at.1), depth)
                });
                Some(Value::Array(elements.collect::<Option<_>>()?))
            }
            plain => {
                self.places.push((at.0.to_owned(), at.1.to_owned()));
                Some(plain.clone())
            }
        }
    }

    fn object(
        &mut self,
        schema: &'a Value,
        from: &Value,
        at: (&str, &str),
        depth: usize,
    ) -> Option<Value> {
        let properties = schema.get("properties")?.as_object()?;
        let required = schema.get("required").and_then(Value::as_array);
        let mut object = Map::new();
        for (name, property) in properties {
            let field = field_of(from, name);
            let value = field.and_then(|(field, value)| {
                let at = (format!("{}/{field}", at.0), format!("{}/{name}", at.1));
                self.value(property, value, (&at.0, &at.1), depth)
            });
            match value {
                Some(value) => {
                    object.insert(name.clone(), value);
                }
                None if required
                    .is_some_and(|required| required.iter().any(|required| required == name)) =>
                {
                    self.unstated.push(format!("{}/{name}", at.1));
                }
                None => {}
            }
        }
        Some(Value::Object(object))
    }

    /// Follows the reference of a schema.
    fn target(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..DEEPEST {
            let reference = schema.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|reference| reference.strip_prefix('#'));
            match target.and_then(|pointer| self.document.pointer(pointer)) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}
