use super::*;
use crate::grammar::{Grammar, check_schema, for_tests::accepts};

fn guided(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema["x-guidance"] = json!({"whitespace_flexible": false});
    schema
}

/// Returns `schema` rewritten, without the guidance.
fn rewritten(schema: &Value) -> Value {
    let mut written = written(&guided(schema)).unwrap();
    written.as_object_mut().unwrap().shift_remove("x-guidance");
    written
}

fn reason(schema: &Value) -> String {
    check_schema(&guided(schema)).unwrap_err().to_string()
}

#[test]
fn numbers_past_2_to_the_53rd_are_refused_by_name_and_place() {
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for keyword in [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "const",
    ] {
        for past in [
            "9007199254740993",
            "-9999999999999999",
            "1e300",
            "12345678901234567890123",
        ] {
            if past.starts_with('-') && keyword == "multipleOf" {
                continue;
            }
            let schema = json!({"properties": {"a": {"type": "number", keyword: number(past)}}});
            let reason = reason(&schema);
            assert!(
                reason.starts_with(&format!("/properties/a/{keyword}: ")),
                "{reason}"
            );
        }
    }
    for schema in [
        json!({"enum": [1, [{"a": 9_007_199_254_740_993_u64}]]}),
        json!({"enum": [1e16]}),
    ] {
        assert!(reason(&schema).starts_with("/enum: "), "{schema}");
    }
    for keyword in ["minimum", "maximum", "const"] {
        let edge = json!({"type": "integer", keyword: 9_007_199_254_740_992_u64});
        assert_eq!(check_schema(&guided(&edge)), Ok(()));
    }
    // In lenient mode the rest is enforced.
    let lenient = json!({"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_993_u64,
        "x-guidance": {"lenient": true}});
    let written = written(&lenient).unwrap();
    assert_eq!(
        (&written["minimum"], written.get("maximum")),
        (&json!(0), None)
    );
}

#[test]
fn open_bounds_stay_open() {
    for (schema, text, fits) in [
        (json!({"exclusiveMinimum": 0, "maximum": 0.5}), "0", false),
        (json!({"exclusiveMinimum": 0, "maximum": 0.5}), "0.0", false),
        (
            json!({"exclusiveMinimum": 0, "maximum": 0.5}),
            "0.001",
            true,
        ),
        (json!({"exclusiveMinimum": 0, "maximum": 0.5}), "0.5", true),
        (
            json!({"exclusiveMinimum": 3, "exclusiveMaximum": 3.5}),
            "3",
            false,
        ),
        (
            json!({"exclusiveMinimum": 3, "exclusiveMaximum": 3.5}),
            "3.4",
            true,
        ),
        (json!({"minimum": -0.5, "exclusiveMaximum": 0}), "-0", false),
        (
            json!({"minimum": -0.5, "exclusiveMaximum": 0}),
            "-0.1",
            true,
        ),
        (
            json!({"exclusiveMinimum": 0, "allOf": [{"maximum": 0.5}]}),
            "0",
            false,
        ),
        (
            json!({"minimum": 7, "exclusiveMinimum": true, "maximum": 7.2}),
            "7",
            false,
        ),
        (
            json!({"minimum": 7, "allOf": [], "exclusiveMinimum": true}),
            "7",
            false,
        ),
        (json!({"exclusiveMinimum": 0}), "0.25", true),
        (json!({"exclusiveMinimum": 0}), "25", true),
        (json!({"exclusiveMinimum": 0}), "0", false),
    ] {
        let mut schema = schema;
        schema["type"] = json!("number");
        let grammar = Grammar::JsonSchema(guided(&schema).into());
        assert_eq!(accepts(&grammar, text), fits, "{schema} {text}");
    }
    let narrow = json!({"type": "number", "exclusiveMinimum": 0, "maximum": 1e-20});
    assert!(reason(&narrow).starts_with("/exclusiveMinimum: "));
}

#[test]
fn steps_within_bounds_become_a_list_of_numbers() {
    let number = |more: Value| {
        let mut schema = json!({"type": "number"});
        schema
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        schema
    };
    for (schema, wanted) in [
        (
            number(json!({"multipleOf": 0.1, "minimum": 0.05, "maximum": 0.15})),
            json!({"type": "number", "enum": [0.1]}),
        ),
        (
            number(json!({"multipleOf": 0.1, "exclusiveMinimum": 0.2, "maximum": 0.4})),
            json!({"type": "number", "enum": [0.3, 0.4]}),
        ),
        (
            number(json!({"multipleOf": 0.1, "minimum": 0.31, "maximum": 0.39})),
            json!({"type": "number", "enum": []}),
        ),
        (
            number(json!({"multipleOf": 0.01, "exclusiveMinimum": 0, "exclusiveMaximum": 10})),
            json!({"type": "number", "multipleOf": 0.01, "maximum": 9.99, "minimum": 0.01}),
        ),
        (
            json!({"type": "integer", "multipleOf": 1.5, "minimum": 1, "maximum": 7.5}),
            json!({"type": "integer", "enum": [3, 6]}),
        ),
        (
            json!({"type": "integer", "exclusiveMinimum": 0.5, "exclusiveMaximum": 4}),
            json!({"type": "integer", "enum": [1, 2, 3]}),
        ),
        (
            json!({"type": ["integer", "null"], "multipleOf": 2, "minimum": 3, "maximum": 3}),
            json!({"type": ["null"]}),
        ),
        (
            json!({"minimum": 3, "exclusiveMaximum": 3}),
            json!({"type": ["null", "boolean", "string", "array", "object"]}),
        ),
        (
            json!({"enum": [0.3, 0.35, "a", 7], "multipleOf": 0.1, "maximum": 1}),
            json!({"enum": [0.3, "a"]}),
        ),
        (json!({"const": 4, "maximum": 3}), json!({"enum": []})),
        (
            json!({"const": 0.3, "multipleOf": 0.1}),
            json!({"const": 0.3}),
        ),
    ] {
        assert_eq!(rewritten(&schema), wanted, "{schema}");
    }
    let dead_end = json!({"type": "number", "multipleOf": 0.1, "minimum": 0.05, "maximum": 0.15});
    assert!(accepts(
        &Grammar::JsonSchema(guided(&dead_end).into()),
        "0.1"
    ));
    assert!(reason(&json!({"multipleOf": 0})).starts_with("/multipleOf: "));
}

#[test]
fn a_schema_that_admits_nothing_is_refused() {
    for schema in [
        json!({"type": "integer", "const": 5, "maximum": 3}),
        json!({"enum": []}),
        json!({"type": "string", "minLength": 3, "maxLength": 2}),
        json!({"type": "string", "pattern": "^a$", "minLength": 3}),
        json!({"type": "string", "const": "b", "pattern": "^a$"}),
        json!({"type": "object", "required": ["a"], "additionalProperties": false}),
        json!({"type": "object", "properties": {"a": false}, "required": ["a"]}),
        json!({"type": "array", "minItems": 2, "maxItems": 1}),
        json!({"type": "number", "multipleOf": 0.1, "minimum": 0.31, "maximum": 0.39}),
        json!({"type": "number", "minimum": 2, "maximum": 1}),
        json!({"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}),
        json!({"type": "array", "items": {"$ref": "#"}, "minItems": 1}),
        json!({"anyOf": [{"$ref": "#"}]}),
    ] {
        assert!(check_schema(&guided(&schema)).is_err(), "{schema}");
    }
    for schema in [
        json!({"type": "object", "properties": {"next": {"$ref": "#"}}}),
        json!({"type": "array", "items": {"$ref": "#"}}),
        json!({"type": "object", "required": ["next"], "properties": {
            "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}}),
    ] {
        assert_eq!(check_schema(&guided(&schema)), Ok(()), "{schema}");
    }
}

#[test]
fn keywords_that_require_nothing_are_ignored() {
    for schema in [
        json!({"type": "array", "uniqueItems": false, "items": {"type": "integer"}}),
        json!({"type": "array", "minContains": 2}),
        json!({"type": "object", "unevaluatedProperties": true, "dependentRequired": {}}),
        json!({"type": "string", "if": {"minLength": 2}}),
        json!({"type": "string", "deprecated": true}),
    ] {
        assert_eq!(check_schema(&guided(&schema)), Ok(()), "{schema}");
    }
    let unique = json!({"properties": {"a": {"type": "array", "uniqueItems": true}}});
    assert_eq!(
        reason(&unique),
        "/properties/a/uniqueItems: no grammar can enforce it; leave it out"
    );
    // Draft 4 does not know this keyword.
    let note = json!({"$schema": "http://json-schema.org/draft-04/schema#", "contains": {}});
    assert_eq!(check_schema(&guided(&note)), Ok(()));
}

#[test]
fn names_have_one_spelling() {
    let map = json!({"type": "object", "properties": {"id": {"type": "integer"}},
        "additionalProperties": {"type": "string"}});
    let grammar = Grammar::JsonSchema(guided(&map).into());
    for (text, fits) in [
        (r#"{"id":7}"#, true),
        (r#"{"id":7,"x":"y"}"#, true),
        (r#"{"x":"y\n"}"#, true),
        (r#"{"id":"seven"}"#, false),
        (r#"{"\u0069d":"seven"}"#, false),
        (r#"{"i\u0064":"seven"}"#, false),
    ] {
        assert_eq!(accepts(&grammar, text), fits, "{text}");
    }
    let patterned = json!({"type": "object", "patternProperties": {"^a": {"type": "integer"}},
        "properties": {"b": {}}});
    let grammar = Grammar::JsonSchema(guided(&patterned).into());
    assert!(accepts(&grammar, r#"{"a":1}"#) && !accepts(&grammar, r#"{"\u0061":"x"}"#));
    // A value that needs an escape.
    let bell = json!({"const": "\u{7}"});
    assert!(accepts(
        &Grammar::JsonSchema(guided(&bell).into()),
        r#""\u0007""#
    ));
}

#[test]
fn patterns_are_ecma_262() {
    for (pattern, text, fits) in [
        ("^\\s$", "\u{a0}", true),
        ("^\\s$", "\u{85}", false),
        ("^.$", "\u{2028}", false),
        ("^[a&&b]$", "&", true),
        ("^(?<stop>ab)c$", "abc", true),
        ("^\\d$", "٣", false),
    ] {
        let schema = json!({"type": "string", "pattern": pattern});
        let answer = Value::from(text).to_string();
        assert_eq!(
            accepts(&Grammar::JsonSchema(guided(&schema).into()), &answer),
            fits,
            "{pattern}"
        );
        let named = json!({"type": "object", "patternProperties": {pattern: {"const": 1}},
            "additionalProperties": false});
        let answer = format!("{{{answer}:1}}");
        assert_eq!(
            accepts(&Grammar::JsonSchema(guided(&named).into()), &answer),
            fits,
            "{pattern}"
        );
    }
    for (schema, place) in [
        (
            json!({"items": {"pattern": "^[[:alpha:]]+$"}}),
            "/items/pattern: ",
        ),
        (json!({"items": {"pattern": "(?=a)"}}), "/items/pattern: "),
        (
            json!({"patternProperties": {"[[:digit:]]": {}}}),
            "/patternProperties: ",
        ),
    ] {
        assert!(reason(&schema).starts_with(place), "{}", reason(&schema));
    }
}

#[test]
fn only_dates_of_the_calendar_fit() {
    for (format, text, fits) in [
        ("date", "2024-02-29", true),
        ("date", "2000-02-29", true),
        ("date", "2023-02-29", false),
        ("date", "1900-02-29", false),
        ("date", "0000-01-01", false),
        ("date", "2024-04-31", false),
        ("time", "23:59:59.25+07:00", true),
        ("time", "12:00:60Z", false),
        ("date-time", "2023-12-31T00:00:00Z", true),
        ("date-time", "2023-02-29T00:00:00Z", false),
        (
            "email",
            "first.middle.last+tag@mail.sub.example.co.uk",
            true,
        ),
        ("email", "a@b", true),
        ("email", "a@@b", false),
        ("hostname", "a.example.com", true),
    ] {
        let answer = Value::from(text).to_string();
        for schema in [
            json!({"type": "string", "format": format}),
            json!({"type": "string", "format": format, "pattern": "^[0-9a-z]", "maxLength": 60}),
        ] {
            let grammar = Grammar::JsonSchema(guided(&schema).into());
            assert_eq!(accepts(&grammar, &answer), fits, "{schema} {text}");
        }
    }
    let label = "a".repeat(63);
    let far = format!("\"{label}@{label}.{label}\"");
    let too_far = [format!("\"{label}aa@b\""), format!("\"b@{label}a\"")];
    let grammar = Grammar::JsonSchema(guided(&json!({"type": "string", "format": "email"})).into());
    assert!(accepts(&grammar, &far) && !too_far.iter().any(|text| accepts(&grammar, text)));
    let twenties = json!({"type": "string", "format": "date", "pattern": "^202"});
    let grammar = Grammar::JsonSchema(guided(&twenties).into());
    assert!(accepts(&grammar, "\"2024-01-01\"") && !accepts(&grammar, "\"1999-01-01\""));
}

#[test]
fn additional_items_are_enforced_in_any_order_of_keywords() {
    let schema =
        json!({"type": "array", "items": [{"const": 1}], "anyOf": [{}], "additionalItems": false});
    let grammar = Grammar::JsonSchema(guided(&schema).into());
    assert!(accepts(&grammar, "[1]") && !accepts(&grammar, "[1,2]"));
}

#[test]
fn counts_may_be_written_as_floats() {
    let schema = json!({"type": "string", "minLength": 1.0, "maxLength": 2.0});
    let written = rewritten(&schema);
    assert_eq!(
        (&written["minLength"], &written["maxLength"]),
        (&json!(1), &json!(2))
    );
    let open = rewritten(&json!({"type": "string", "maxLength": 1e20}));
    assert_eq!(open.get("maxLength"), None);
    let half = json!({"type": "string", "maxLength": 2.5});
    assert!(check_schema(&guided(&half)).is_err());
}

#[test]
fn control_characters_that_json_writes_by_code_are_refused() {
    for pattern in ["^a\\x01b$", "^\\0$", "^\\cA$", "^\\v$", "^a\u{7f}b$"] {
        let reason = reason(&json!({"properties": {"a": {"type": "string", "pattern": pattern}}}));
        let place = "/properties/a/pattern: ";
        assert!(
            reason.starts_with(place) && reason.contains("control character"),
            "{reason}"
        );
    }
    for pattern in ["^\\n$", "^\\t\\f$", "^[\\x00-\\x1f]$", "^\\s$"] {
        let schema = json!({"type": "string", "pattern": pattern});
        assert_eq!(check_schema(&guided(&schema)), Ok(()), "{pattern}");
    }
}
