//! Random schemas of the kinds that grammars hold, and some that they may refuse.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// A schema, the same for the same seed.
pub fn schema(seed: u64) -> Value {
    let mut rng = Rng::with_seed(seed);
    let mut draw = Draw {
        is_old: rng.u8(..8) == 0,
        rng,
        definitions: Map::new(),
    };
    let mut schema = if draw.rng.bool() {
        draw.object(3)
    } else {
        draw.any(3)
    };
    if draw.is_old {
        schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    }
    if !draw.definitions.is_empty()
        && let Some(schema) = schema.as_object_mut()
    {
        schema.insert("$defs".to_owned(), Value::Object(draw.definitions));
    }
    schema
}

struct Draw {
    rng: Rng,
    /// Whether it is of draft 7, which lists items otherwise.
    is_old: bool,
    definitions: Map<String, Value>,
}

/// Names of properties, some of which need escapes.
const NAMES: [&str; 9] = ["a", "b", "ab", "total", "a b", "x/y", "é", "q\"q", "n\nn"];

const PATTERNS: [&str; 16] = [
    "^[a-z]{2,4}$",
    "^\\d{4}-\\d{2}$",
    "[0-9]",
    "^(red|green|blue)$",
    "^a",
    "z$",
    "^\\w+$",
    "^[^a-z]{1,3}$",
    "^.{1,3}$",
    "^\\s?x\\S$",
    "a|^b$",
    "^(?<stop>ab)+$",
    "^[a&&b]{1,4}$",
    "^\\u0041\\x42?$",
    "^(\\+|-)?\\d+(\\.\\d{1,2})?$",
    "^\\p{Lu}[\\w-]*$",
];

const FORMATS: [&str; 10] = [
    "date",
    "time",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uuid",
];

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.rng.usize(..bound)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn any(&mut self, depth: usize) -> Value {
        let kinds = if depth == 0 { 6 } else { 12 };
        match self.below(kinds) {
            0 | 1 => self.number(),
            2 | 3 => self.string(),
            4 => self.literal(),
            5 => json!({"type": self.one(&["null", "boolean", "number", "integer", "string"])}),
            6 => self.array(depth - 1),
            7 | 8 => self.object(depth - 1),
            9 => self.choice(depth - 1),
            10 => self.all(depth - 1),
            _ => self.reference(depth - 1),
        }
    }

    /// A decimal of few digits, as text; some lie at the edge of what a double holds.
    fn decimal(&mut self) -> Value {
        let whole = match self.below(12) {
            0 => self.rng.i64(-9_007_199_254_740_992..=9_007_199_254_740_992),
            1 => self.rng.i64(-100_000..=100_000),
            _ => self.rng.i64(-12..=12),
        };
        let places = self.one(&[0usize, 0, 1, 1, 2, 3]);
        let fraction = self.rng.u32(..10u32.pow(places as u32));
        let text = match places {
            0 => whole.to_string(),
            _ if whole.abs() > 100_000 => whole.to_string(),
            _ => format!("{whole}.{fraction:0places$}"),
        };
        serde_json::from_str(&text).unwrap()
    }

    fn number(&mut self) -> Value {
        let kind = self.one(&["number", "number", "integer"]);
        let mut schema = Map::from_iter([("type".to_owned(), json!(kind))]);
        if self.chance(10) {
            schema.insert("type".to_owned(), json!([kind, "null"]));
        }
        let (one, other) = (self.decimal(), self.decimal());
        let is_ordered = one.as_f64() <= other.as_f64();
        let (least, most) = if is_ordered {
            (one, other)
        } else {
            (other, one)
        };
        if self.chance(70) {
            let keyword = self.one(&["minimum", "exclusiveMinimum"]);
            schema.insert(keyword.to_owned(), least);
        }
        if self.chance(60) {
            let keyword = self.one(&["maximum", "exclusiveMaximum"]);
            schema.insert(keyword.to_owned(), most);
        }
        if self.chance(35) {
            let units = [
                "0.01", "0.1", "0.05", "0.5", "2", "3", "7", "0.25", "1.5", "10", "0.007",
            ];
            let unit = self.one(&units);
            schema.insert("multipleOf".to_owned(), serde_json::from_str(unit).unwrap());
        }
        Value::Object(schema)
    }

    fn string(&mut self) -> Value {
        let mut schema = Map::from_iter([("type".to_owned(), json!("string"))]);
        match self.below(4) {
            0 => {
                let pattern = self.one(&PATTERNS);
                schema.insert("pattern".to_owned(), json!(pattern));
            }
            1 => {
                let format = self.one(&FORMATS);
                schema.insert("format".to_owned(), json!(format));
            }
            _ => {}
        }
        if self.chance(50) {
            let least = self.below(4);
            schema.insert("minLength".to_owned(), json!(least));
        }
        if self.chance(50) {
            let most = self.below(12);
            schema.insert("maxLength".to_owned(), json!(most));
        }
        Value::Object(schema)
    }

    fn literal(&mut self) -> Value {
        let mut values: Vec<Value> = (0..=self.below(3)).map(|_| self.value(1)).collect();
        if values.len() == 1 {
            json!({"const": values.pop()})
        } else {
            json!({"enum": values})
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => json!(self.rng.bool()),
            2 => self.decimal(),
            3 | 4 => json!(self.one(&["", "a", "red", "a\"b", "é€😀", "x\ty"])),
            5 => json!([self.value(depth - 1)]),
            _ => {
                let name = self.one(&NAMES);
                json!({name: self.value(depth - 1)})
            }
        }
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut schema = Map::from_iter([("type".to_owned(), json!("array"))]);
        let (mut list, mut rest) = ("prefixItems", "items");
        if self.is_old && self.chance(50) {
            (list, rest) = ("items", "additionalItems");
        }
        if self.chance(30) || list == "items" {
            let first: Vec<Value> = (0..=self.below(2)).map(|_| self.any(depth)).collect();
            schema.insert(list.to_owned(), json!(first));
        }
        if self.chance(10) {
            schema.insert("anyOf".to_owned(), json!([{}, {"minItems": 1}]));
        }
        let items = match self.below(5) {
            0 => json!(false),
            _ => self.any(depth),
        };
        schema.insert(rest.to_owned(), items);
        if self.chance(40) {
            let least = self.below(3);
            schema.insert("minItems".to_owned(), json!(least));
        }
        if self.chance(60) {
            let most = self.below(5);
            schema.insert("maxItems".to_owned(), json!(most));
        }
        if self.chance(10) {
            schema.insert("uniqueItems".to_owned(), json!(false));
        }
        Value::Object(schema)
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for _ in 0..self.below(5) {
            let name = self.one(&NAMES);
            let property = self.any(depth);
            properties.insert(name.to_owned(), property);
            if self.chance(60) && !required.contains(&name) {
                required.push(name);
            }
        }
        if self.chance(8) {
            required.push("undeclared");
        }
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        schema.insert("properties".to_owned(), Value::Object(properties));
        schema.insert("required".to_owned(), json!(required));
        match self.below(4) {
            0 => {}
            1 => {
                let more = self.any(depth);
                schema.insert("additionalProperties".to_owned(), more);
            }
            _ => {
                schema.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        if self.chance(20) {
            let pattern = self.one(&["^x", "^[ab]+$", "[0-9]$", "^q"]);
            let matching = self.any(depth);
            schema.insert("patternProperties".to_owned(), json!({pattern: matching}));
        }
        if self.chance(10) {
            let keyword = self.one(&["minProperties", "maxProperties"]);
            let count = self.below(4);
            schema.insert(keyword.to_owned(), json!(count));
        }
        Value::Object(schema)
    }

    fn choice(&mut self, depth: usize) -> Value {
        let branches: Vec<Value> = (0..=self.below(3)).map(|_| self.any(depth)).collect();
        let keyword = self.one(&["anyOf", "anyOf", "anyOf", "oneOf"]);
        json!({keyword: branches})
    }

    /// Two schemas that hold at once.
    fn all(&mut self, depth: usize) -> Value {
        match self.below(4) {
            0 => {
                let number = self.number();
                let mut beside = self.number();
                beside["allOf"] = json!([number]);
                beside
            }
            1 => {
                let string = self.string();
                json!({"allOf": [string, self.string()]})
            }
            2 => {
                let mut object = self.object(depth);
                object["allOf"] = json!([self.object(depth)]);
                object
            }
            _ => {
                let mut object = self.object(depth);
                object["anyOf"] = json!([self.object(depth), self.object(depth)]);
                object
            }
        }
    }

    fn reference(&mut self, depth: usize) -> Value {
        let name = format!("d{}", self.below(3));
        if !self.definitions.contains_key(&name) {
            // It may refer to itself from within.
            self.definitions.insert(name.clone(), json!({}));
            let definition = self.any(depth);
            self.definitions.insert(name.clone(), definition);
        }
        let mut schema = json!({"$ref": format!("#/$defs/{name}")});
        if self.chance(20) {
            schema["description"] = json!("What it is.");
        }
        schema
    }
}
