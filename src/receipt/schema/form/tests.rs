use super::*;

fn form(document: &Value) -> AnswerForm {
    AnswerForm::of(document).unwrap().unwrap()
}

#[test]
fn marked_fields_are_found_behind_references_lists_and_alternatives() {
    let document = json!({
        "type": "object", "additionalProperties": false, "required": ["total"],
        "properties": {
            "total": {"x-printed": "amount", "anyOf": [{"$ref": "#/$defs/amount"}, {"type": "null"}]},
            "kind": {"enum": ["A"]},
            "items": {"type": "array", "maxItems": 3, "items": {"$ref": "#/$defs/item"}}
        },
        "$defs": {
            "amount": {"type": "number"},
            "item": {"anyOf": [{"type": "null"}, {
                "type": "object", "additionalProperties": false, "required": [],
                "properties": {"a/b": {"x-printed": "text", "type": "string", "maxLength": 9}}
            }]}
        }
    });
    let form = form(&document);
    let fields = form.fields();
    let told: Vec<_> = fields
        .iter()
        .map(|field| (field.kind, field.pointer.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (PrintedKind::Amount, "/total"),
            (PrintedKind::Text, "/items/0/a~1b")
        ]
    );
    assert!(fields[0].validator.check("12.5").is_ok());
    assert!(fields[0].validator.check("null").is_ok());
    assert!(fields[0].validator.check("\"12\"").is_err());
    assert!(!unmarked(&document).to_string().contains("x-printed"));
}

#[test]
fn a_document_without_marks_has_no_form() {
    let named = json!({"type": "object", "properties": {"x-printed": {"type": "string"}}});
    assert!(AnswerForm::of(&named).unwrap().is_none());
    assert_eq!(unmarked(&named), named);
}

#[test]
fn marks_that_cannot_be_followed_are_refused_by_their_place() {
    let object = |property: Value| {
        json!({
            "type": "object", "additionalProperties": false, "properties": {"a": property}
        })
    };
    for (property, reason) in [
        (
            json!({"x-printed": "sum", "type": "number"}),
            "one of amount, date",
        ),
        (
            json!({"oneOf": [{"x-printed": "amount", "type": "number"}]}),
            "alone",
        ),
        (
            json!({"type": "array", "items": {"x-printed": "amount", "type": "number"}}),
            "maxItems",
        ),
        (
            json!({"type": "object", "properties": {"b": {"x-printed": "date", "type": "string"}}}),
            "additionalProperties",
        ),
    ] {
        let error = AnswerForm::of(&object(property)).unwrap_err().to_string();
        assert!(error.contains("/a") && error.contains(reason), "{error}");
    }
    let endless = json!({
        "$ref": "#/$defs/a",
        "$defs": {"a": {
            "type": "object", "additionalProperties": false,
            "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"x-printed": "date", "type": "string"}}
        }}
    });
    assert!(AnswerForm::of(&endless).is_err());
}
