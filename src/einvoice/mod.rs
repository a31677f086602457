//! Reads XML e-invoices exactly, without a model: Cross Industry Invoices (Factur-X, `ZUGFeRD`, `XRechnung`), UBL
//! (Peppol BIS, `XRechnung`, `MyInvois`) and `FatturaPA`.
//!
//! [`read`] finds what a file states in the terms of EN 16931; an [`EInvoice`] writes that in the form of the
//! answers to receipts. docs/e-invoices.md has the table of terms and fields. Signatures are not judged, and
//! no rules of a standard are checked but its sums.

mod amounts;
mod answer;
mod cii;
mod codes;
mod element;
mod encoding;
mod error;
mod facts;
mod fattura;
mod guard;
mod limits;
mod price;
mod profile;
mod sniff;
mod sums;
mod totals;
mod ubl;
mod values;

use roxmltree::{Document, Error, ParsingOptions};
use serde_json::Value;

use amounts::AnswerAmounts;
use answer::InvoiceAnswer;
use element::{Element, Prefixes, XmlSurroundings};
use facts::InvoiceFacts;
use profile::SpecificationName;

pub use answer::StatedValue;
pub use error::{EInvoiceError, XmlPlace, XmlValueKind};
pub use facts::XmlSource;
pub use limits::XmlLimits;
pub use sniff::{is_signed, is_xml};
pub use sums::Sum;

/// Characters of the parser's message that an error repeats.
const MESSAGE: usize = 200;

/// Characters of an identifier that are kept.
const IDENTIFIER: usize = 250;

/// Characters of the file's own names that an error repeats.
const NAME: usize = 100;

/// The namespace of the envelopes in which Peppol sends documents.
const ENVELOPE: &str = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";

/// How the namespaces of UN/CEFACT's documents begin, Order-X among them.
const CEFACT: &str = "urn:un:unece:uncefact:data:";

/// How the namespaces of `ZUGFeRD` 1 and its drafts begin.
const FERD: &str = "urn:ferd:";

/// The root elements of invoices in all versions of the syntaxes.
const INVOICES: [&str; 6] = [
    "CreditNote",
    "CrossIndustryDocument",
    "CrossIndustryInvoice",
    "FatturaElettronica",
    "FatturaElettronicaSemplificata",
    "Invoice",
];

/// The languages that e-invoices are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// UN/CEFACT Cross Industry Invoice.
    Cii,
    /// OASIS Universal Business Language.
    Ubl,
    /// Italy's `FatturaPA`.
    FatturaPa,
}

impl Syntax {
    /// Returns the name, `cii`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cii => "cii",
            Self::Ubl => "ubl",
            Self::FatturaPa => "fatturapa",
        }
    }
}

/// An invoice that was read from XML.
#[derive(Debug, Clone)]
pub struct EInvoice {
    /// The language of the file.
    pub syntax: Syntax,
    facts: InvoiceFacts,
    amounts: AnswerAmounts,
    name: SpecificationName,
}

impl EInvoice {
    /// Returns the family of the specification that the file names: `factur-x`, `zugferd` (its first
    /// version), `xrechnung`, `peppol`, `myinvois`, `fatturapa`; `cii` or `ubl` where it is another.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.name.kind
    }

    /// Returns the profile or version, `basic-wl` or `xrechnung-3.0`; an unknown identifier as it is.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.name.profile.as_deref()
    }

    /// Returns the currency of the document, an ISO 4217 code.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.facts.currency.value
    }

    /// Returns the object of `schemas/invoice.schema.json`, its keys in their order. The amounts of a credit
    /// note have the other sign.
    #[must_use]
    pub fn to_json(&self) -> Value {
        InvoiceAnswer::of(&self.facts, &self.amounts).json
    }

    /// Returns the values of the object that the XML states, in its order. Values that only fill the form
    /// are not among them: null, 0, the quantity 1, the category.
    #[must_use]
    pub fn stated(&self) -> Vec<StatedValue> {
        InvoiceAnswer::of(&self.facts, &self.amounts).stated
    }

    /// Returns the rules BR-CO-10 to BR-CO-17 whose terms the XML states, and whether they hold.
    #[must_use]
    pub fn sums(&self) -> Vec<Sum> {
        sums::check(self.syntax, &self.facts, &self.amounts)
    }
}

/// Reads an invoice.
///
/// # Errors
/// See [`EInvoiceError`].
pub fn read(xml: &[u8], limits: &XmlLimits) -> Result<EInvoice, EInvoiceError> {
    let limit = limits.bytes;
    if xml.len() > limit {
        return Err(EInvoiceError::TooLarge { limit });
    }
    let text = encoding::decode(xml)?;
    guard::check(&text, limits)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: limits.nodes,
        ..ParsingOptions::default()
    };
    let document =
        Document::parse_with_options(&text, options).map_err(|error| unparsed(&error, limits))?;
    let form = Form::of(&document)?;
    let root = Element::root(XmlSurroundings {
        document: &document,
        prefixes: form.prefixes(),
        limits,
    });
    let facts = form.read(&root)?;
    let is_zugferd_1 = form == Form::Zugferd1;
    let id = facts.specification.as_deref();
    let id = id.map(|id| shortened(id, IDENTIFIER));
    Ok(EInvoice {
        syntax: form.syntax(),
        amounts: AnswerAmounts::of(&facts)?,
        name: SpecificationName::of(form.syntax(), is_zugferd_1, id.as_deref()),
        facts,
    })
}

fn unparsed(error: &Error, limits: &XmlLimits) -> EInvoiceError {
    match error {
        Error::DtdDetected => EInvoiceError::DocumentType,
        Error::NodesLimitReached => EInvoiceError::TooManyNodes {
            limit: limits.nodes,
        },
        error => EInvoiceError::NotWellFormed(shortened(&error.to_string(), MESSAGE)),
    }
}

fn shortened(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// The documents that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Cii,
    Zugferd1,
    UblInvoice,
    UblCreditNote,
    Fattura,
    FatturaSimplified,
}

impl Form {
    /// The form of a root element, which its namespace decides.
    fn of(document: &Document<'_>) -> Result<Self, EInvoiceError> {
        let name = document.root_element().tag_name();
        let (namespace, local) = (name.namespace().unwrap_or_default(), name.name());
        match (namespace, local) {
            (cii::INVOICE, "CrossIndustryInvoice") => Ok(Self::Cii),
            (cii::ZUGFERD_1, "CrossIndustryDocument") => Ok(Self::Zugferd1),
            (ubl::INVOICE, "Invoice") => Ok(Self::UblInvoice),
            (ubl::CREDIT_NOTE, "CreditNote") => Ok(Self::UblCreditNote),
            (fattura::ORDINARY, "FatturaElettronica") => Ok(Self::Fattura),
            (fattura::SIMPLIFIED, "FatturaElettronicaSemplificata") => Ok(Self::FatturaSimplified),
            _ => Err(unread(namespace, local)),
        }
    }

    fn syntax(self) -> Syntax {
        match self {
            Self::Cii | Self::Zugferd1 => Syntax::Cii,
            Self::UblInvoice | Self::UblCreditNote => Syntax::Ubl,
            Self::Fattura | Self::FatturaSimplified => Syntax::FatturaPa,
        }
    }

    fn prefixes(self) -> Prefixes {
        match self {
            Self::Cii => cii::CII.prefixes,
            Self::Zugferd1 => cii::CII_OF_ZUGFERD_1.prefixes,
            Self::UblInvoice | Self::UblCreditNote => ubl::PREFIXES,
            Self::Fattura | Self::FatturaSimplified => fattura::PREFIXES,
        }
    }

    fn read(self, root: &Element<'_>) -> Result<InvoiceFacts, EInvoiceError> {
        match self {
            Self::Cii => cii::read(root, &cii::CII),
            Self::Zugferd1 => cii::read(root, &cii::CII_OF_ZUGFERD_1),
            Self::UblInvoice => ubl::read(root, false),
            Self::UblCreditNote => ubl::read(root, true),
            Self::Fattura => fattura::read_ordinary(root),
            Self::FatturaSimplified => fattura::read_simplified(root),
        }
    }
}

/// The error of a root element that is not read: another document of a known family, or an unknown one.
fn unread(namespace: &str, local: &str) -> EInvoiceError {
    let name = shortened(local, NAME);
    let family = if namespace.starts_with(ubl::FAMILY) {
        "a UBL"
    } else if namespace.starts_with(CEFACT) {
        "a UN/CEFACT"
    } else if fattura::FAMILIES
        .iter()
        .any(|family| namespace.starts_with(family))
    {
        "a FatturaPA"
    } else if namespace == ENVELOPE {
        "an envelope"
    } else if namespace.starts_with(FERD) {
        "a ZUGFeRD"
    } else {
        let namespace = shortened(namespace, NAME);
        return EInvoiceError::UnknownRoot { name, namespace };
    };
    let document = format!("{family} {name}");
    if INVOICES.contains(&local) {
        let namespace = shortened(namespace, NAME);
        return EInvoiceError::OtherVersion {
            document,
            namespace,
        };
    }
    EInvoiceError::NoInvoice { document }
}

#[cfg(test)]
mod tests;
