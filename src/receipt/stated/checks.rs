//! Checks what an e-invoice states: the sums of EN 16931, its dates, and the pages around it.

use chrono::NaiveDate;

use super::{EInvoice, Filled};
use crate::{
    page::PageReading,
    receipt::{
        checks::{self, Finding},
        evidence::{FieldEvidence, Standing},
    },
};

/// The name of the check that the page says what the XML says.
const XML_MATCHES_PAGE: &str = "xml_matches_page";

/// The field that is compared with the page.
const TOTAL: &str = "/total_due";

/// An e-invoice, and what is compared with it.
pub struct Compared<'a> {
    pub invoice: &'a EInvoice,
    pub filled: &'a Filled,
    pub evidence: &'a [FieldEvidence],
    pub pages: &'a [PageReading],
    /// The day of the reading in UTC.
    pub today: NaiveDate,
}

/// Runs every check that applies.
pub fn run(compared: &Compared<'_>) -> Vec<Finding> {
    let mut findings = checks::of_dates(&compared.filled.answer, compared.today);
    let sums = compared.invoice.sums().into_iter().map(|sum| Finding {
        name: sum.rule,
        fields: compared.in_answer(&sum.pointers),
        fault: (!sum.holds).then_some(sum.message),
    });
    findings.extend(sums);
    findings.extend(compared.with_page());
    findings
}

/// Returns whether the total is printed on the pages.
pub fn is_total_printed(filled: &Filled, evidence: &[FieldEvidence]) -> bool {
    let total = filled.place_of(TOTAL);
    let total = evidence.iter().find(|field| Some(&*field.pointer) == total);
    total.is_some_and(|field| matches!(field.standing, Standing::Printed(_)))
}

impl Compared<'_> {
    /// Returns the places in the answer of fields of the invoice.
    fn in_answer(&self, fields: &[String]) -> Vec<String> {
        let places = fields
            .iter()
            .filter_map(|field| self.filled.place_of(field));
        places.map(str::to_owned).collect()
    }

    /// Checks that the total is printed on the pages. Does not apply where the pages show no text, or the total need not
    /// be printed.
    fn with_page(&self) -> Option<Finding> {
        let lines = self.pages.iter().flatten().map(|page| page.lines.len());
        if lines.sum::<usize>() == 0 {
            return None;
        }
        let total = self.filled.place_of(TOTAL)?;
        let standing = self.evidence.iter().find(|field| field.pointer == total)?;
        let fault = match standing.standing {
            Standing::Printed(_) | Standing::Derived => None,
            Standing::Missing => {
                let stated = self.filled.answer.pointer(total)?;
                Some(format!(
                    "The XML states {stated} as what is to be paid, which is not printed on the page."
                ))
            }
            Standing::Exempt | Standing::Unknown => return None,
        };
        Some(Finding {
            name: XML_MATCHES_PAGE,
            fields: vec![total.to_owned()],
            fault,
        })
    }
}
