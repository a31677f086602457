//! What a meta object says of the places where values are printed, for the forms of the output.

use serde_json::{Map, Value, json};

/// The columns of a value, after its name and a dot. No schema has fields of these names.
const OF_VALUE: [&str; 4] = ["printed", "page", "box", "text"];

/// The column of a list or an object, which holds the places of all values in it.
const OF_LIST: &str = "evidence";

/// Returns the names of the columns with the places of a field whose value is `value`.
pub fn columns(field: &str, value: &Value) -> Vec<String> {
    let parts = if value.is_array() || value.is_object() {
        &[OF_LIST][..]
    } else {
        &OF_VALUE[..]
    };
    parts.iter().map(|part| format!("{field}.{part}")).collect()
}

/// Returns whether a column has such a name.
pub fn is_column(name: &str) -> bool {
    let part = name.rsplit_once('.').map(|(_, part)| part);
    part.is_some_and(|part| part == OF_LIST || OF_VALUE.contains(&part))
}

/// Returns the value of a cell in one of these columns.
pub fn cell(column: &str, meta: &Value) -> Option<Value> {
    let (field, part) = column.rsplit_once('.')?;
    let pointer = pointer(field);
    let fact = &meta["fields"][&pointer];
    let place = &fact["evidence"][0];
    Some(match part {
        "printed" => fact["printed"].clone(),
        "page" | "text" => place[part].clone(),
        "box" => edges(&place["box"]),
        OF_LIST => {
            let below = below(meta, &pointer);
            if below.is_empty() {
                Value::Null
            } else {
                Value::Object(below)
            }
        }
        _ => return None,
    })
}

/// Returns the places of all values, by JSON pointer.
pub fn all(meta: &Value) -> Value {
    Value::Object(below(meta, ""))
}

/// Returns whether a field, or a value in it, is not printed.
pub fn is_missing(meta: &Value, field: &str) -> bool {
    let pointer = pointer(field);
    let within = format!("{pointer}/");
    let fields = meta["fields"].as_object().into_iter().flatten();
    let mut facts = fields.filter(|(at, _)| **at == pointer || at.starts_with(&within));
    facts.any(|(_, fact)| fact["printed"] == "missing")
}

fn below(meta: &Value, pointer: &str) -> Map<String, Value> {
    let within = format!("{pointer}/");
    let fields = meta["fields"].as_object().into_iter().flatten();
    let known = fields.filter(|(at, fact)| at.starts_with(&within) && fact["printed"].is_string());
    known
        .map(|(at, fact)| {
            let places = fact["evidence"].as_array().cloned().unwrap_or_default();
            let fact = json!({"printed": fact["printed"], "evidence": places});
            (at.clone(), fact)
        })
        .collect()
}

/// Writes the edges of a box with blanks between them, so that a cell needs no quotes.
fn edges(area: &Value) -> Value {
    let edges = area.as_array().map_or(&[][..], Vec::as_slice);
    let edges: Vec<_> = edges.iter().map(Value::to_string).collect();
    edges.join(" ").into()
}

/// Returns the JSON pointer of a field of the object.
fn pointer(field: &str) -> String {
    format!("/{}", field.replace('~', "~0").replace('/', "~1"))
}
