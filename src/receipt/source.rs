//! Where the values of a reading were taken from, and the codes that were found beside them.

use crate::page::PageBox;

/// Where the values of a reading were taken from.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadingSource {
    /// A model read them from the pages.
    Model {
        /// Why the XML that a PDF carries was not used; `None` if it carries none.
        passed_over: Option<String>,
    },
    /// An e-invoice states them.
    EInvoice(EInvoiceSource),
}

impl ReadingSource {
    /// The name in answers where a model read the pages.
    const MODEL: &str = "model";

    /// Returns the name in answers: `model`, or the kind of the e-invoice.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Model { .. } => Self::MODEL,
            Self::EInvoice(source) => &source.kind,
        }
    }
}

/// An e-invoice that states the values of a reading.
#[derive(Debug, Clone, PartialEq)]
pub struct EInvoiceSource {
    /// The kind, such as `factur-x`, `xrechnung` or `fatturapa`.
    pub kind: String,
    /// The profile, such as `en16931`, if the file names one.
    pub profile: Option<String>,
    /// The name of the attachment, if a PDF carries it.
    pub file: Option<String>,
    /// The elements that state values, in the object's order; several where a value follows from them.
    pub stated: Vec<StatingElement>,
}

/// An element of an e-invoice that states a value, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatingElement {
    /// JSON pointer to the value.
    pub pointer: String,
    /// The business term of EN 16931, such as `BT-115`, or that of another standard.
    pub term: String,
    /// The path of the element.
    pub element: String,
    /// The text of the element.
    pub text: String,
}

/// A code on a page of a receipt, by whose rules it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeOnPage {
    /// The kind, such as `epc` or `swiss_qr_bill`.
    pub kind: String,
    /// Number of the page, counted from 1 over all files.
    pub page: usize,
    /// The place on the upright page.
    pub area: PageBox,
    /// What it states, by name.
    pub fields: Vec<(String, String)>,
}
