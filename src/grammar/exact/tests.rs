use serde_json::json;

use super::*;

fn verdict(schema: &Value, text: &str) -> Result<(), String> {
    let document = Document::of(text).map_err(|misfit| misfit.to_string())?;
    Exact::of(schema).unwrap().check(&document)
}

#[test]
fn numbers_are_judged_by_their_value() {
    let big: Value = serde_json::from_str(r#"{"const": 20240115123456789}"#).unwrap();
    let cents = json!({"multipleOf": 0.1});
    let share = json!({"exclusiveMinimum": 0, "maximum": 0.3});
    let draft_4 =
        json!({"minimum": 0, "exclusiveMinimum": true, "maximum": 1, "exclusiveMaximum": true});
    for (schema, text, fits) in [
        (&big, "20240115123456789", true),
        (&big, "20240115123456789.0", true),
        (&big, "20240115123456788", false),
        (&cents, "0.3", true),
        (&cents, "1e400", true),
        (&cents, "0.30000000000000001", false),
        (&cents, "1e-400", false),
        (&share, "0.3", true),
        (&share, "0.30000000000000001", false),
        (&share, "0", false),
        (&share, "-0.0", false),
        (&share, "1e-400", true),
        (&draft_4, "0", false),
        (&draft_4, "0.5", true),
        (&draft_4, "1", false),
        (&json!({"type": "integer"}), "1.0", true),
        (&json!({"type": "integer"}), "1e2", true),
        (&json!({"type": "integer"}), "-0", true),
        (&json!({"type": "integer"}), "1.5", false),
        (&json!({"type": ["string", "number"]}), "1", true),
        (&json!({"enum": [1.0, {"a": [2]}]}), "1", true),
        (&json!({"enum": [1.0, {"a": [2]}]}), "{\"a\":[2.0]}", true),
        (&json!({"enum": [1.0, {"a": [2]}]}), "{\"a\":[2,3]}", false),
    ] {
        assert_eq!(verdict(schema, text).is_ok(), fits, "{schema} {text}");
    }
}

#[test]
fn faults_say_where_and_why() {
    let schema = json!({
        "type": "object", "properties": {"a/b": {"type": "array", "items": {"maximum": 3}}},
        "patternProperties": {"^x": {"type": "null"}}, "additionalProperties": false,
        "required": ["a/b"], "maxProperties": 2
    });
    for (text, fault) in [
        (r#"{"a/b":[1,4]}"#, "/a~1b/1: 4 is beyond the maximum of 3"),
        (
            r#"{"xa":1,"a/b":[]}"#,
            "/xa: it is not of the type \"null\"",
        ),
        (r#"{"a/b":[],"y":1}"#, "/y: the schema allows no value here"),
        ("{}", "/: \"a/b\" is missing"),
        (
            r#"{"a/b":[],"a\/b":[]}"#,
            "/: the name \"a/b\" is given twice",
        ),
        (
            r#"{"a/b":[],"x":null,"xx":null}"#,
            "/: it is longer than its maxProperties",
        ),
        ("[]", "/: it is not of the type \"object\""),
    ] {
        assert_eq!(verdict(&schema, text), Err(fault.to_owned()));
    }
}

#[test]
fn branches_and_references_apply() {
    let schema = json!({
        "$ref": "#/$defs/node",
        "$defs": {"node": {"type": "object", "required": ["v"], "properties": {
            "v": {"anyOf": [{"type": "string", "format": "date"}, {"type": "integer"}]},
            "w": {"oneOf": [{"type": "integer"}, {"minimum": 10}], "allOf": [{"maximum": 20}]},
            "next": {"$ref": "#/$defs/node"},
            "pair": {"type": "array", "prefixItems": [{"const": 1}], "items": false}
        }}}
    });
    for (text, fits) in [
        (r#"{"v":"2024-02-29","next":{"v":3,"next":{"v":4}}}"#, true),
        (r#"{"v":"2023-02-29"}"#, false),
        (r#"{"v":3,"next":{"v":3,"next":{}}}"#, false),
        (r#"{"v":3,"w":9}"#, true),
        (r#"{"v":3,"w":10}"#, false),
        (r#"{"v":3,"w":10.5}"#, true),
        (r#"{"v":3,"w":20.5}"#, false),
        (r#"{"v":3,"pair":[1]}"#, true),
        (r#"{"v":3,"pair":[1,1]}"#, false),
        (r#"{"v":3,"pair":[2]}"#, false),
    ] {
        assert_eq!(verdict(&schema, text).is_ok(), fits, "{text}");
    }
    let listed = json!({"items": [{"const": 1}], "additionalItems": {"const": 2}});
    assert!(verdict(&listed, "[1,2,2]").is_ok() && verdict(&listed, "[1,1]").is_err());
}

#[test]
fn lengths_count_characters() {
    let schema = json!({"minLength": 2, "maxLength": 2, "pattern": "^.+$"});
    for (text, fits) in [
        ("\"é😀\"", true),
        ("\"\\u00e9\\ud83d\\ude00\"", true),
        ("\"😀\"", false),
        ("\"abc\"", false),
        ("\"a\\n\"", false),
        ("7", true),
    ] {
        assert_eq!(verdict(&schema, text).is_ok(), fits, "{text}");
    }
}

#[test]
fn keywords_that_are_not_checked_here_are_named() {
    for (schema, place) in [
        (
            json!({"properties": {"a": {"not": {}}}}),
            "/properties/a/not",
        ),
        (json!({"uniqueItems": true}), "/uniqueItems"),
        (
            json!({"items": {"$ref": "https://example.com"}}),
            "/items/$ref",
        ),
        (json!({"anyOf": [{"pattern": "(?=a)"}]}), "/anyOf/0/pattern"),
    ] {
        let reason = Exact::of(&schema).unwrap_err();
        assert!(reason.starts_with(&format!("{place}: ")), "{reason}");
    }
}

#[test]
fn checking_stops_at_its_limits() {
    let endless = json!({"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}});
    assert!(verdict(&endless, "1").unwrap_err().contains("too long"));
    // Each level is judged once, though two ways lead to it.
    let mut levels = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/$defs/a{}", level + 1)});
        levels.insert(format!("a{level}"), json!({"anyOf": [next, next]}));
    }
    levels.insert("a40".to_owned(), json!({"type": "null"}));
    let doubling = json!({"$ref": "#/$defs/a0", "$defs": levels});
    assert!(verdict(&doubling, "1").is_err() && verdict(&doubling, "null").is_ok());
}
