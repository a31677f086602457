//! Why an XML file is no invoice that can be read.

use std::fmt;

use thiserror::Error;

/// An element of an XML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlPlace {
    /// Its path with the usual prefixes, `/Invoice/cac:InvoiceLine[2]/cbc:LineExtensionAmount`.
    pub path: String,
    /// Its line in the file, counted from 1.
    pub line: u32,
}

impl fmt::Display for XmlPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (line {})", self.path, self.line)
    }
}

/// What the text of an element has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlValueKind {
    /// A decimal number, `-12.50`.
    Number,
    /// A day from 1900 to 2099 in the form of the syntax.
    Date,
    /// An ISO 4217 code.
    Currency,
    /// `true` or `false`.
    Indicator,
    /// Characters without elements among them.
    Text,
}

impl fmt::Display for XmlValueKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Number => "a decimal number",
            Self::Date => "a date",
            Self::Currency => "a currency code",
            Self::Indicator => "true or false",
            Self::Text => "plain text",
        })
    }
}

/// Why an XML file cannot be read as an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EInvoiceError {
    /// It is no XML, or broken.
    #[error("the XML is not well-formed: {0}")]
    NotWellFormed(String),
    /// It has a document type declaration, which no invoice needs.
    #[error("the XML has a document type declaration (<!DOCTYPE), which is refused")]
    DocumentType,
    /// It has more bytes than [`super::XmlLimits::bytes`].
    #[error("the XML is larger than {limit} bytes")]
    TooLarge {
        /// The bytes that it may have.
        limit: usize,
    },
    /// It has more nodes than [`super::XmlLimits::nodes`].
    #[error("the XML has more than {limit} elements and texts")]
    TooManyNodes {
        /// The nodes that it may have.
        limit: u32,
    },
    /// Its elements are nested more deeply than [`super::XmlLimits::depth`].
    #[error("the XML has more than {limit} elements within one another (line {line})")]
    TooDeep {
        /// The depth that it may have.
        limit: usize,
        /// Where that depth is passed.
        line: u32,
    },
    /// An element has more attributes, or the file more namespaces, than any invoice.
    #[error("the XML has too many attributes or namespaces (line {line})")]
    TooManyAttributes {
        /// Where there are too many.
        line: u32,
    },
    /// An element occurs more often than its limit allows.
    #[error("{place} occurs more than {limit} times")]
    TooMany {
        /// The first one that is too many.
        place: XmlPlace,
        /// How often it may occur.
        limit: usize,
    },
    /// It declares an encoding that is not known.
    #[error("the encoding {0:?} that the XML declares is not known")]
    UnknownEncoding(String),
    /// Its bytes are not of its encoding.
    #[error("the XML has bytes that are no {0}")]
    NotInEncoding(&'static str),
    /// Its root element is of no syntax that is read.
    #[error(
        "the root element {name} of the namespace {namespace:?} is no invoice that can be read; CII, UBL and FatturaPA can"
    )]
    UnknownRoot {
        /// Local name of the root element.
        name: String,
        /// Its namespace, empty where it has none.
        namespace: String,
    },
    /// It is another document of a syntax that is read.
    #[error("the XML is {document}, which is no invoice")]
    NoInvoice {
        /// Name of the document, `a UBL Order`.
        document: String,
    },
    /// It is an invoice in a version of a syntax that is not read.
    #[error("the XML is {document} of a version that is not read ({namespace:?})")]
    OtherVersion {
        /// Name of the document, `a FatturaPA FatturaElettronica`.
        document: String,
        /// Namespace of its root element.
        namespace: String,
    },
    /// It holds more than one invoice.
    #[error("the XML holds several invoices ({second} is the second); send each by itself")]
    SeveralInvoices {
        /// The second one.
        second: XmlPlace,
    },
    /// It lacks an element, or the element is empty.
    #[error("the XML lacks {0}, or it is empty")]
    Missing(XmlPlace),
    /// It has an element twice that may occur once.
    #[error("{0} occurs twice")]
    Twice(XmlPlace),
    /// The text of an element is not what it has to be.
    #[error("{place} is not {kind}")]
    NotValue {
        /// The element.
        place: XmlPlace,
        /// What it has to be.
        kind: XmlValueKind,
    },
    /// A number is larger, or has more digits, than the answer can hold exactly.
    #[error("{0} has more digits than an answer can hold exactly")]
    BeyondDigits(XmlPlace),
    /// A sum of what the XML states has more digits than the answer can hold exactly.
    #[error("the sum for {field} has more digits than an answer can hold exactly")]
    SumBeyondDigits {
        /// Name of the answer's field.
        field: &'static str,
    },
    /// A text is longer than [`super::XmlLimits::text`].
    #[error("{place} is longer than {limit} characters")]
    TextTooLong {
        /// The element.
        place: XmlPlace,
        /// The characters that it may have.
        limit: usize,
    },
    /// An amount is not in the currency of the document.
    #[error("{place} is not in {currency}, the currency of the document")]
    OtherCurrency {
        /// The element.
        place: XmlPlace,
        /// The currency of the document.
        currency: String,
    },
}
