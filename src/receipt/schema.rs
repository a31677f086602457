//! The schema that an extraction must satisfy: one document for the grammar and for validation.

use std::{fmt, path::Path, sync::Arc};

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::budget::{self, Unbounded};

/// Which currencies an invoice may name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Currency {
    /// Always this one (ISO 4217).
    Fixed(String),
    /// Whatever is printed.
    Detect,
}

impl TryFrom<String> for Currency {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "detect" {
            return Ok(Self::Detect);
        }
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            return Ok(Self::Fixed(text));
        }
        Err(format!(
            "{text:?} is neither \"detect\" nor a code of three capitals such as \"IDR\""
        ))
    }
}

/// Why a schema cannot be used.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// No JSON.
    #[error("{path}: {error}")]
    Json {
        /// The file.
        path: String,
        /// What the parser says.
        error: serde_json::Error,
    },
    /// No valid JSON Schema.
    #[error("not a valid JSON Schema: {0}")]
    Invalid(String),
    /// The grammar cannot express it.
    #[error("the grammar cannot enforce it: {0}")]
    Grammar(String),
    /// It would let a model write without end.
    #[error(transparent)]
    Unbounded(#[from] Unbounded),
    /// No place for the currency.
    #[error("it has no /$defs/item/properties/currency for the currency setting to act on")]
    NoCurrency,
}

/// A schema compiled for use, whose every answer is of bounded length.
#[derive(Clone)]
pub struct ReceiptSchema {
    document: Arc<Value>,
    validator: Arc<jsonschema::Validator>,
    max_tokens: usize,
}

impl fmt::Debug for ReceiptSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiptSchema")
            .field("max_tokens", &self.max_tokens)
            .finish_non_exhaustive()
    }
}

impl ReceiptSchema {
    /// Reads a schema file and sets its currency.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn load(path: &Path, currency: &Currency) -> Result<Self, SchemaError> {
        let name = path.display().to_string();
        let text = std::fs::read(path).map_err(|error| SchemaError::Read {
            path: name.clone(),
            error,
        })?;
        let document = serde_json::from_slice(&text)
            .map_err(|error| SchemaError::Json { path: name, error })?;
        Self::new(document, currency)
    }

    /// Compiles a schema with its currency set.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn new(mut document: Value, currency: &Currency) -> Result<Self, SchemaError> {
        if let Currency::Fixed(code) = currency {
            let slot = document
                .pointer_mut("/$defs/item/properties/currency")
                .ok_or(SchemaError::NoCurrency)?;
            *slot = json!({ "enum": [code] });
        }
        let validator = jsonschema::draft202012::new(&document)
            .map_err(|error| SchemaError::Invalid(error.to_string()))?;
        let max_bytes = budget::max_bytes(&document)?;
        super::grammar::check(&document).map_err(SchemaError::Grammar)?;
        Ok(Self {
            document: Arc::new(document),
            validator: Arc::new(validator),
            // The last one ends the answer.
            max_tokens: max_bytes + 1,
        })
    }

    /// The document, for the grammar.
    #[must_use]
    pub fn document(&self) -> &Arc<Value> {
        &self.document
    }

    /// Tokens that the longest answer takes; see [`budget::max_bytes`].
    #[must_use]
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Where `value` departs from the schema: JSON pointer and reason of the first fault.
    ///
    /// # Errors
    /// The fault, in one line.
    pub fn validate(&self, value: &Value) -> Result<(), String> {
        self.validator.validate(value).map_err(|error| {
            let path = error.instance_path().to_string();
            format!("{}: {error}", if path.is_empty() { "/" } else { &path })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(currency: &str) -> ReceiptSchema {
        let currency = Currency::try_from(currency.to_owned()).unwrap();
        ReceiptSchema::load(Path::new("schemas/invoice.schema.json"), &currency).unwrap()
    }

    fn receipt() -> Value {
        json!({
            "vendor_name": "Toko Maju", "invoice_number": null, "invoice_date": "2024-02-29",
            "due_date": null,
            "items": [{
                "description": "Kopi susu", "details": ["less sugar"], "quantity": 2,
                "unit_price": 12500, "total": 25000.5, "currency": "IDR", "category": "FOOD"
            }],
            "subtotal": 25000.5, "tax_rate_percent": 11, "tax_amount": 2750.05, "discount": 0,
            "total_due": 27750.55
        })
    }

    fn with(pointer: &str, value: Value) -> Value {
        let mut receipt = receipt();
        *receipt.pointer_mut(pointer).unwrap() = value;
        receipt
    }

    #[test]
    fn a_receipt_passes() {
        assert_eq!(invoice("IDR").validate(&receipt()), Ok(()));
    }

    #[test]
    fn faults_are_named() {
        for (pointer, value) in [
            ("/invoice_date", json!("2023-02-29")),
            ("/invoice_date", json!("1900-02-29")),
            ("/invoice_date", json!("2024-04-31")),
            ("/invoice_date", json!("")),
            ("/total_due", json!("27750.55")),
            ("/total_due", json!(1.005)),
            ("/total_due", json!(-1)),
            ("/total_due", json!(99_999_999_999_i64)),
            ("/vendor_name", json!("")),
            ("/vendor_name", json!("a\nb")),
            ("/vendor_name", json!("x".repeat(61))),
            ("/items/0/currency", json!("USD")),
            ("/items/0/category", json!("DRINKS")),
            ("/discount", json!(null)),
        ] {
            let fault = invoice("IDR")
                .validate(&with(pointer, value.clone()))
                .unwrap_err();
            assert!(fault.starts_with(pointer), "{pointer} {value}: {fault}");
        }
    }

    #[test]
    fn every_day_of_the_calendar_passes_and_no_other() {
        let schema = invoice("IDR");
        for year in [1900, 1999, 2000, 2001, 2004, 2024, 2099] {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for month in 0..=13 {
                let days = match month {
                    1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
                    4 | 6 | 9 | 11 => 30,
                    2 => 28 + i32::from(leap),
                    _ => 0,
                };
                for day in 0..=32 {
                    let date = format!("{year}-{month:02}-{day:02}");
                    let passes = schema.validate(&with("/due_date", json!(date))).is_ok();
                    assert_eq!(passes, (1..=days).contains(&day), "{date}");
                }
            }
        }
    }

    #[test]
    fn the_currency_is_a_setting() {
        let dollars = with("/items/0/currency", json!("USD"));
        assert!(invoice("IDR").validate(&dollars).is_err());
        assert!(invoice("USD").validate(&dollars).is_ok());
        assert!(invoice("detect").validate(&dollars).is_ok());
        assert!(Currency::try_from("rupiah".to_owned()).is_err());
    }

    #[test]
    fn the_longest_invoice_is_within_the_budget() {
        let text = "ſ".repeat(60);
        let short = "ſ".repeat(40);
        let item = json!({
            "description": text, "details": [short, short], "quantity": 99998.999,
            "unit_price": -9_999_999_998.99_f64, "total": -9_999_999_998.99_f64,
            "currency": "IDR", "category": "SUBSCRIPTIONS"
        });
        let longest = json!({
            "vendor_name": text, "invoice_number": short, "invoice_date": "2024-12-31",
            "due_date": "2024-12-31", "items": vec![item; 50],
            "subtotal": 9_999_999_998.99_f64, "tax_rate_percent": 99.99,
            "tax_amount": 9_999_999_998.99_f64, "discount": 9_999_999_998.99_f64,
            "total_due": 9_999_999_998.99_f64
        });
        let schema = invoice("IDR");
        assert_eq!(schema.validate(&longest), Ok(()));
        let bytes = longest.to_string().len();
        assert!(
            bytes < schema.max_tokens(),
            "{bytes} > {}",
            schema.max_tokens()
        );
        assert!(
            schema.max_tokens() - bytes < 600,
            "the bound should be near"
        );
    }
}
