//! The settings of the schemas in the folder: currencies and scripts.

use serde::Deserialize;
use thiserror::Error;

use super::Alphabet;

/// The currencies that an invoice may name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Currency {
    /// This currency only (ISO 4217).
    Fixed(String),
    /// The currency that is printed.
    Detect,
}

/// A text that names no currency.
#[derive(Debug, Error)]
#[error("{0:?} is neither \"detect\" nor a code of three capitals such as \"IDR\"")]
pub struct CurrencyError(String);

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        if text == "detect" {
            return Ok(Self::Detect);
        }
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            return Ok(Self::Fixed(text));
        }
        Err(CurrencyError(text))
    }
}

/// Settings for the schemas in the folder, according to the receipts to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The currencies that an invoice may name.
    pub currency: Currency,
    /// Scripts that texts may use in addition to Latin.
    pub scripts: Vec<Alphabet>,
}

impl From<Currency> for Printed {
    fn from(currency: Currency) -> Self {
        Self {
            currency,
            scripts: Vec::new(),
        }
    }
}
