//! Checks that the values of an answer stand on the pages.

use serde_json::Value;

use super::Finding;
use crate::receipt::evidence::{FieldEvidence, PrintedShare, Standing};

/// Most values that the description of a fault names.
const MOST_NAMED: usize = 10;

/// Checks that every value that has to be printed is, or follows from printed ones. Does not apply
/// where the text of a page is not known.
pub fn is_printed(object: &Value, evidence: &[FieldEvidence]) -> Option<Finding> {
    PrintedShare::of(evidence)?;
    let missing = evidence
        .iter()
        .filter(|field| field.standing == Standing::Missing);
    let missing: Vec<_> = missing.map(|field| field.pointer.as_str()).collect();
    if missing.is_empty() {
        return Some(Finding::new("is_printed", &parts(evidence), None));
    }
    let named = missing.iter().take(MOST_NAMED).map(|pointer| {
        let value = object.pointer(pointer).unwrap_or(&Value::Null);
        format!("{pointer} {value}")
    });
    let named: Vec<_> = named.collect();
    let more = match missing.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let fault = format!("Not printed: {}{more}.", named.join(", "));
    Some(Finding::new("is_printed", &missing, Some(fault)))
}

/// Returns the pointers to the parts of the object that hold printed values.
fn parts(evidence: &[FieldEvidence]) -> Vec<&str> {
    let is_printed =
        |standing: &Standing| matches!(standing, Standing::Printed(_) | Standing::Derived);
    let printed = evidence.iter().filter(|field| is_printed(&field.standing));
    let mut parts: Vec<&str> = Vec::new();
    for field in printed {
        let end = field.pointer.get(1..).and_then(|rest| rest.find('/'));
        let part = end.map_or(field.pointer.as_str(), |end| &field.pointer[..=end]);
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(pointer: &str, standing: Standing) -> FieldEvidence {
        FieldEvidence {
            pointer: pointer.to_owned(),
            standing,
        }
    }

    #[test]
    fn missing_values_are_named() {
        let object = json!({"total": 5, "name": "A", "items": [{"total": 2.5}]});
        let evidence = [
            field("/total", Standing::Missing),
            field("/name", Standing::Derived),
            field("/items/0/total", Standing::Missing),
        ];
        let finding = is_printed(&object, &evidence).unwrap();
        assert_eq!(finding.fields, ["/total", "/items/0/total"]);
        let fault = "Not printed: /total 5, /items/0/total 2.5.";
        assert_eq!(finding.fault.as_deref(), Some(fault));
    }

    #[test]
    fn printed_values_pass_and_unknown_ones_are_not_checked() {
        let object = json!({});
        let printed = [
            field("/total", Standing::Derived),
            field("/items/0/total", Standing::Derived),
            field("/items/1/total", Standing::Derived),
            field("/note", Standing::Exempt),
        ];
        let finding = is_printed(&object, &printed).unwrap();
        assert_eq!(
            (finding.fields, finding.fault),
            (vec!["/total".into(), "/items".into()], None)
        );
        let unknown = [
            field("/total", Standing::Missing),
            field("/name", Standing::Unknown),
        ];
        assert_eq!(is_printed(&object, &unknown), None);
        assert_eq!(is_printed(&object, &[]), None);
    }
}
