//! Rewrites the document in a form that client generators understand. Observed problems:
//! - A number without a format becomes a `float32` in Go.
//! - Parts of a `oneOf` without names become `OneOf1`, `OneOf2`.
//! - Go's code for `oneOf`, unlike `anyOf`, needs a third-party module and refuses values that match two parts.
//! - An empty schema as `additionalProperties` in a union becomes Go code that does not compile.
//! - An object without properties becomes an empty type in TypeScript.

use serde_json::{Map, Value, json};

/// Keywords with values that are not schemas.
const DATA: [&str; 5] = ["enum", "const", "default", "examples", "example"];

/// Path of the components in the document.
const SCHEMAS: &str = "/components/schemas";

/// Rewrites the whole document.
pub fn shape(document: &mut Value) {
    walk(document);
    name_parts(document);
}

/// Converts a name to Pascal case: `OutputText` for `output_text` or `output.text`.
pub fn pascal(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .flat_map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            [first.to_ascii_uppercase(), rest.to_owned()]
        })
        .collect()
}

fn walk(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(walk),
        Value::Object(keywords) => {
            for (name, value) in keywords.iter_mut() {
                // A property may have the name of a keyword.
                match value {
                    Value::Object(schemas) if name == "properties" => {
                        schemas.values_mut().for_each(walk);
                    }
                    _ if DATA.contains(&name.as_str()) => {}
                    _ => walk(value),
                }
            }
            plain(keywords);
        }
        _ => {}
    }
}

fn plain(keywords: &mut Map<String, Value>) {
    let kind = keywords.get("type").cloned();
    let is = |wanted: &str| match &kind {
        Some(Value::String(kind)) => kind == wanted,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == wanted),
        _ => false,
    };
    let format = [("number", "double"), ("integer", "int64")]
        .into_iter()
        .find(|(kind, _)| is(kind));
    let is_unsigned = keywords.get("format") == Some(&json!("uint64"));
    if let Some((_, format)) = format
        && !is_unsigned
    {
        keywords.insert("format".to_owned(), json!(format));
    }
    // All property names are strings.
    if keywords.get("propertyNames") == Some(&json!({"type": "string"})) {
        keywords.shift_remove("propertyNames");
    }
    let others = keywords.get("additionalProperties");
    let is_open = others.is_none() && is("object") && !keywords.contains_key("properties");
    if is_open || others == Some(&json!({})) {
        keywords.insert("additionalProperties".to_owned(), json!(true));
    }
    if let Some(Value::Array(parts)) = keywords.get("oneOf").cloned() {
        keywords.shift_remove("oneOf");
        keywords.insert("anyOf".to_owned(), Value::Array(parts));
    }
}

/// Turns objects inside an `anyOf` of a component into components of their own, named after that component and
/// their `type`.
fn name_parts(document: &mut Value) {
    let Some(Value::Object(schemas)) = document.pointer_mut(SCHEMAS) else {
        return;
    };
    let mut named = Map::new();
    for (name, schema) in schemas.iter_mut() {
        let Some(Value::Array(parts)) = schema.get_mut("anyOf") else {
            continue;
        };
        let mut mapping = Map::new();
        for part in parts.iter_mut() {
            if part.get("properties").is_none() {
                continue;
            }
            let tag = part.pointer("/properties/type/enum/0");
            let tag = tag.and_then(Value::as_str).map(str::to_owned);
            let part_name = part_name(name, tag.as_deref());
            let target = format!("#{SCHEMAS}/{part_name}");
            if let Some(tag) = tag {
                mapping.insert(tag, json!(target));
            }
            named.insert(part_name, std::mem::replace(part, json!({"$ref": target})));
        }
        if !mapping.is_empty() && mapping.len() == parts.len() {
            let by_type = json!({"propertyName": "type", "mapping": mapping});
            schema["discriminator"] = by_type;
        }
    }
    schemas.extend(named);
}

/// Returns the name of a part, such as `ContentPartText`. A prefix that tag and whole share is not repeated:
/// `ResponseEventCreated`.
fn part_name(whole: &str, tag: Option<&str>) -> String {
    let Some(tag) = tag else {
        return format!("{whole}Object");
    };
    let own = match tag.split_once('.') {
        Some((first, rest)) if whole.starts_with(&pascal(first)) => rest,
        _ => tag,
    };
    format!("{whole}{}", pascal(own))
}
