//! Rewrites number bounds that llguidance's grammar of a range gets wrong as other bounds of the
//! same numbers, and steps within bounds as lists of numbers.

use num_bigint::BigInt;
use num_integer::Integer;
use serde_json::{Map, Number, Value, json};

use super::Fault;
use crate::grammar::exact::Decimal;

/// The keywords that bound numbers.
pub const BOUNDS: [&str; 5] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

/// The largest number whose neighbours, like those of its negative, are still distinct doubles;
/// llguidance calculates in doubles.
const MOST: u64 = 1 << 53;

/// Maximum number of listed values.
const MAX_LISTED: u8 = 32;

/// Number of significant digits that every double keeps.
const DIGITS: usize = 15;

/// Rewrites the bounds of numbers so that llguidance enforces them.
///
/// # Errors
/// The keyword that cannot be enforced.
pub fn hold(keywords: &mut Map<String, Value>) -> Result<(), Fault> {
    for keyword in BOUNDS.into_iter().chain(["const", "enum"]) {
        if let Some(number) = keywords.get(keyword).and_then(beyond) {
            let reason = format!(
                "{number} is beyond 2^53, where neighbours are the same double; use a smaller one"
            );
            return Err((keyword.to_owned(), reason));
        }
    }
    let is_bounded = BOUNDS.iter().any(|keyword| keywords.contains_key(*keyword));
    let is_listed = keywords.contains_key("const") || keywords.contains_key("enum");
    if !is_bounded && !is_listed {
        return Ok(());
    }
    let limits = Limits::of(keywords)?;
    let names: Vec<String> = types(keywords).into_iter().map(str::to_owned).collect();
    let takes = |value: &Value| limits.take(value) && names.iter().any(|name| is_of(value, name));
    let place = BOUNDS
        .iter()
        .find_map(|keyword| keywords.keys().position(|other| other == keyword));
    for keyword in BOUNDS {
        keywords.shift_remove(keyword);
    }
    if let Some(only) = keywords.shift_remove("const") {
        if takes(&only) {
            keywords.insert("const".to_owned(), only);
        } else {
            keywords.insert("enum".to_owned(), json!([]));
        }
    } else if let Some(Value::Array(values)) = keywords.get_mut("enum") {
        values.retain(takes);
    } else {
        let types = types(keywords);
        let is_whole = types.contains(&"integer") && !types.contains(&"number");
        if is_whole || types.contains(&"number") {
            // In their places, since llguidance processes keywords in order.
            for (keyword, value) in limits.written(keywords, is_whole)? {
                let place = place.unwrap_or(0).min(keywords.len());
                keywords.shift_insert(place, keyword.to_owned(), value);
            }
        }
    }
    Ok(())
}

/// Returns a number beyond 2^53 in a value.
fn beyond(value: &Value) -> Option<&Number> {
    match value {
        Value::Number(number) => {
            let most = Decimal::of(&MOST.to_string())?;
            let least = Decimal::of(&format!("-{MOST}"))?;
            let decimal = Decimal::of_number(number)?;
            (decimal > most || decimal < least).then_some(number)
        }
        Value::Array(values) => values.iter().find_map(beyond),
        Value::Object(map) => map.values().find_map(beyond),
        _ => None,
    }
}

const ALL: [&str; 6] = ["null", "boolean", "number", "string", "array", "object"];

/// Returns the types that a schema allows.
fn types(keywords: &Map<String, Value>) -> Vec<&str> {
    match keywords.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => ALL.to_vec(),
    }
}

/// Returns whether a value is of a type.
fn is_of(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
        Value::Number(number) => {
            let is_whole = || Decimal::of_number(number).is_some_and(|number| number.is_whole());
            name == "number" || (name == "integer" && is_whole())
        }
    }
}

#[derive(Debug, Clone)]
struct Bound {
    number: Decimal,
    /// The number itself is outside.
    is_open: bool,
}

/// The limits of numbers in a schema.
#[derive(Debug)]
struct Limits {
    least: Option<Bound>,
    most: Option<Bound>,
    unit: Option<Decimal>,
}

impl Limits {
    fn of(keywords: &Map<String, Value>) -> Result<Self, Fault> {
        let number = |keyword: &str| match keywords.get(keyword) {
            None | Some(Value::Bool(_)) => Ok(None),
            Some(Value::Number(number)) => Ok(Decimal::of_number(number)),
            Some(other) => Err((
                keyword.to_owned(),
                format!("it must be a number, not {other}"),
            )),
        };
        let bound = |closed: &str, open: &str, is_tighter: fn(&Decimal, &Decimal) -> bool| {
            // The form of draft 4.
            let is_open = keywords.get(open) == Some(&Value::Bool(true));
            let bound = |number, is_open| Bound { number, is_open };
            let closed = number(closed)?.map(|number| bound(number, is_open));
            let open = number(open)?.map(|number| bound(number, true));
            Ok::<_, Fault>(match (closed, open) {
                (Some(closed), Some(open)) if is_tighter(&closed.number, &open.number) => {
                    Some(closed)
                }
                (closed, open) => open.or(closed),
            })
        };
        let unit = number("multipleOf")?;
        if unit
            .as_ref()
            .is_some_and(|unit| unit.is_zero() || unit.is_negative())
        {
            return Err(("multipleOf".to_owned(), "it must be above 0".to_owned()));
        }
        Ok(Self {
            least: bound("minimum", "exclusiveMinimum", |closed, open| closed > open)?,
            most: bound("maximum", "exclusiveMaximum", |closed, open| closed < open)?,
            unit,
        })
    }

    /// Returns whether a value is within the limits or is not a number.
    fn take(&self, value: &Value) -> bool {
        let Value::Number(number) = value else {
            return true;
        };
        let Some(number) = Decimal::of_number(number) else {
            return false;
        };
        let equals = |bound: &Bound| number == bound.number;
        let above = |bound: &Bound| number > bound.number || (equals(bound) && !bound.is_open);
        let below = |bound: &Bound| number < bound.number || (equals(bound) && !bound.is_open);
        self.least.as_ref().is_none_or(above)
            && self.most.as_ref().is_none_or(below)
            && self
                .unit
                .as_ref()
                .is_none_or(|unit| number.is_multiple_of(unit))
    }

    /// Returns the equivalent keywords.
    fn written(
        &self,
        keywords: &mut Map<String, Value>,
        is_whole: bool,
    ) -> Result<Vec<(&'static str, Value)>, Fault> {
        let step = match (&self.unit, is_whole) {
            (Some(unit), true) => Some(whole_step(unit)),
            (Some(unit), false) => Some(unit.clone()),
            (None, true) => Decimal::of("1"),
            (None, false) => None,
        };
        match step {
            Some(step) => self.stepped(keywords, &step),
            None => self.unstepped(keywords),
        }
    }

    /// Returns the keywords for multiples of `step`, from the first to the last.
    fn stepped(
        &self,
        keywords: &mut Map<String, Value>,
        step: &Decimal,
    ) -> Result<Vec<(&'static str, Value)>, Fault> {
        let least = self.least.as_ref().map(|bound| {
            let times = bound.number.floor_in(step);
            let is_there = step.times(&times) == bound.number;
            if is_there && !bound.is_open {
                times
            } else {
                times + 1
            }
        });
        let most = self.most.as_ref().map(|bound| {
            let times = bound.number.floor_in(step);
            let is_there = step.times(&times) == bound.number;
            if is_there && bound.is_open {
                times - 1
            } else {
                times
            }
        });
        if let (Some(least), Some(most)) = (&least, &most) {
            if least > most {
                return Ok(without_numbers(keywords));
            }
            let is_one_type = keywords.get("type").is_some_and(Value::is_string);
            if is_one_type && most - least < BigInt::from(MAX_LISTED) {
                let mut times = least.clone();
                let mut values = Vec::new();
                while times <= *most {
                    values.push(number("multipleOf", &step.times(&times))?);
                    times += 1;
                }
                return Ok(vec![("enum", json!(values))]);
            }
        }
        let mut written = Vec::new();
        if let Some(least) = &least {
            written.push(("minimum", number("minimum", &step.times(least))?));
        }
        if let Some(most) = &most {
            written.push(("maximum", number("maximum", &step.times(most))?));
        }
        if self.unit.is_some() {
            let unit = number("multipleOf", step)?;
            if !is_kept(&unit, step) {
                let reason = "it has more digits than a grammar can count; use fewer".to_owned();
                return Err(("multipleOf".to_owned(), reason));
            }
            written.push(("multipleOf", unit));
        }
        Ok(written)
    }

    /// Returns the keywords for any numbers. Where a whole number is just outside one bound,
    /// llguidance accepts it if the other bound, from any schema, comes before the next whole
    /// number; so the first number of 15 digits replaces the bound.
    fn unstepped(
        &self,
        keywords: &mut Map<String, Value>,
    ) -> Result<Vec<(&'static str, Value)>, Fault> {
        if let (Some(least), Some(most)) = (&self.least, &self.most) {
            let is_one = least.number == most.number && !least.is_open && !most.is_open;
            if least.number >= most.number && !is_one {
                return Ok(without_numbers(keywords));
            }
        }
        let mut written = Vec::new();
        let ends = [
            (&self.least, "minimum", "exclusiveMinimum", 1),
            (&self.most, "maximum", "exclusiveMaximum", -1),
        ];
        for (bound, closed, open, inwards) in ends {
            let Some(bound) = bound else { continue };
            let (keyword, value) = match bound.is_open {
                false => (closed, number(closed, &bound.number)?),
                true if !bound.number.is_whole() => (open, number(open, &bound.number)?),
                true => {
                    let places = DIGITS.saturating_sub(bound.number.whole_digits());
                    let next = bound.number.moved(inwards, places as u32);
                    let other = if inwards > 0 { &self.most } else { &self.least };
                    let is_beyond = other.as_ref().is_some_and(|other| {
                        if inwards > 0 {
                            next > other.number
                        } else {
                            next < other.number
                        }
                    });
                    if is_beyond {
                        let reason = format!(
                            "the numbers next to {} cannot be distinguished; use fewer digits",
                            bound.number
                        );
                        return Err((open.to_owned(), reason));
                    }
                    (closed, number(open, &next)?)
                }
            };
            written.push((keyword, value));
        }
        Ok(written)
    }
}

/// Returns the keywords of a schema that admits the same values except numbers.
fn without_numbers(keywords: &mut Map<String, Value>) -> Vec<(&'static str, Value)> {
    let others = types(keywords)
        .into_iter()
        .filter(|name| !["number", "integer"].contains(name));
    let others: Vec<_> = others.map(str::to_owned).collect();
    if others.is_empty() {
        return vec![("enum", json!([]))];
    }
    keywords.insert("type".to_owned(), json!(others));
    Vec::new()
}

/// Returns the least whole number that is a multiple of `unit`.
fn whole_step(unit: &Decimal) -> Decimal {
    let (digits, places) = unit.parts();
    let scale = BigInt::from(10u8).pow(u32::try_from(places).unwrap_or(0));
    let common = BigInt::from(digits).gcd(&scale);
    unit.times(&(scale / common))
}

/// Converts a number of a schema.
fn number(keyword: &str, decimal: &Decimal) -> Result<Value, Fault> {
    let text = decimal.to_string();
    let whole = decimal.to_i64();
    let value = match whole {
        Some(whole) => Some(Number::from(whole)),
        None => text.parse::<f64>().ok().and_then(Number::from_f64),
    };
    let is_same = |number: &Number| Decimal::of_number(number).as_ref() == Some(decimal);
    match value.filter(is_same) {
        Some(value) => Ok(Value::Number(value)),
        None => Err((
            keyword.to_owned(),
            format!("{text} has more digits than a double; use fewer"),
        )),
    }
}

/// Returns whether llguidance, which counts the places of a double by multiplying it by 10,
/// determines the same step and can calculate its remainders in 32 bits.
fn is_kept(unit: &Value, step: &Decimal) -> bool {
    let mut value = unit.as_f64().unwrap_or(0.0);
    let mut places = 0;
    while value.fract() != 0.0 {
        value *= 10.0;
        places += 1;
    }
    let largest = 10.0 * value + 9.0 * 10f64.powi(places);
    let found = Decimal::of(&format!("{value}e-{places}"));
    largest <= f64::from(u32::MAX) && found.as_ref() == Some(step)
}
