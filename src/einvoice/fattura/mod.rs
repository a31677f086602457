//! Reads Italy's `FatturaPA`: the ordinary invoice between companies and to offices, and the simplified one.

mod ordinary;
mod payments;
mod simplified;

use chrono::NaiveDate;

use super::{
    codes::is_italian_credit_note,
    element::{Element, Prefixes},
    error::EInvoiceError,
    facts::Stated,
    values,
};

pub use ordinary::read as read_ordinary;
pub use simplified::read as read_simplified;

/// How the namespaces of Italy's exchange begin.
pub const FAMILIES: [&str; 2] = [
    "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/",
    "http://www.fatturapa.gov.it/sdi/",
];

/// The namespace of the root element of an ordinary invoice.
pub const ORDINARY: &str = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2";

/// The namespace of the root element of a simplified invoice.
pub const SIMPLIFIED: &str = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0";

/// The namespaces of both; the elements within have none.
pub const PREFIXES: Prefixes = &[("p", ORDINARY), ("p", SIMPLIFIED)];

/// The only `FatturaElettronicaBody`: a lot of invoices has several.
fn only_body<'a>(root: &Element<'a>) -> Result<Element<'a>, EInvoiceError> {
    let mut bodies = root.all("FatturaElettronicaBody").into_iter();
    let first = bodies.next();
    if let Some(second) = bodies.next() {
        let second = second.place();
        return Err(EInvoiceError::SeveralInvoices { second });
    }
    first.ok_or_else(|| root.missing("FatturaElettronicaBody"))
}

/// The version that the file names, `FPR12`.
fn version(root: &Element<'_>) -> Option<String> {
    let version: String = root
        .attribute("versione")?
        .trim()
        .chars()
        .take(10)
        .collect();
    Some(version).filter(|version| !version.is_empty())
}

/// What `DatiGeneraliDocumento` says of both kinds of invoices.
struct GeneralData<'a> {
    element: Element<'a>,
    is_credit: bool,
    currency: Stated<String>,
    issued: Stated<NaiveDate>,
    number: Stated<String>,
}

impl<'a> GeneralData<'a> {
    fn of(body: &Element<'a>) -> Result<Self, EInvoiceError> {
        let element = body.required("DatiGenerali/DatiGeneraliDocumento")?;
        let kind = values::code(&element.required("TipoDocumento")?)?;
        let currency = values::currency(&element.required("Divisa")?, "BT-5")?;
        let issued = values::day(&element.required("Data")?, "BT-2")?;
        let number = values::text(&element.required("Numero")?, "BT-1")?;
        Ok(Self {
            is_credit: is_italian_credit_note(&kind),
            currency: currency.ok_or_else(|| element.missing("Divisa"))?,
            issued: issued.ok_or_else(|| element.missing("Data"))?,
            number: number.ok_or_else(|| element.missing("Numero"))?,
            element,
        })
    }
}

/// The name of a party: its `Denominazione`, or first name and surname.
fn party_name(party: &Element<'_>) -> Result<Stated<String>, EInvoiceError> {
    let read = |name| match party.optional(name)? {
        Some(element) => values::text(&element, "BT-27"),
        None => Ok(None),
    };
    if let Some(name) = read("Denominazione")? {
        return Ok(name);
    }
    match (read("Nome")?, read("Cognome")?) {
        (Some(first), Some(last)) => Ok(Stated {
            value: format!("{} {}", first.value, last.value),
            sources: [first.sources, last.sources].concat(),
        }),
        _ => Err(party.missing("Denominazione")),
    }
}
