//! Reads UBL 2.1 invoices and credit notes: those of Peppol BIS and `XRechnung`, of `MyInvois`, and others that
//! keep to the elements of EN 16931.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    codes::{is_credit_note, is_my_invois_credit_note, is_of_my_invois},
    element::{Element, Prefixes},
    error::EInvoiceError,
    facts::{
        DocumentCharge, DocumentTotals, InvoiceFacts, InvoiceLine, Stated, TaxSubtotal, largest,
        only_day,
    },
    price::NetPrice,
    profile::has_third_parties,
    totals::{only_in, total},
    values,
};

/// How the namespaces of all UBL documents begin.
pub const FAMILY: &str = "urn:oasis:names:specification:ubl:schema:xsd:";

/// The namespace of the root element of an invoice.
pub const INVOICE: &str = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";

/// The namespace of the root element of a credit note.
pub const CREDIT_NOTE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2";

/// The namespaces below the root element.
pub const PREFIXES: Prefixes = &[
    (
        "cac",
        "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    ),
    (
        "cbc",
        "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    ),
];

/// Descriptions of one item that an answer holds.
const DETAILS: usize = 2;

/// The elements that invoices and credit notes name differently.
struct UblWords {
    type_code: &'static str,
    line: &'static str,
    quantity: &'static str,
}

const OF_INVOICES: UblWords = UblWords {
    type_code: "cbc:InvoiceTypeCode",
    line: "cac:InvoiceLine",
    quantity: "cbc:InvoicedQuantity",
};

const OF_CREDIT_NOTES: UblWords = UblWords {
    type_code: "cbc:CreditNoteTypeCode",
    line: "cac:CreditNoteLine",
    quantity: "cbc:CreditedQuantity",
};

/// Reads the invoice, or credit note, of a root element.
///
/// # Errors
/// See [`EInvoiceError`].
pub fn read(root: &Element<'_>, is_credit_note: bool) -> Result<InvoiceFacts, EInvoiceError> {
    let words = if is_credit_note {
        OF_CREDIT_NOTES
    } else {
        OF_INVOICES
    };
    let code = root.required("cbc:DocumentCurrencyCode")?;
    let currency =
        values::currency(&code, "BT-5")?.ok_or_else(|| root.missing("cbc:DocumentCurrencyCode"))?;
    let kind = UblKind::of(root, &words)?;
    let reader = UblReader {
        words: &words,
        root,
        currency: &currency.value,
    };
    let (lines, line_rate) = reader.lines()?;
    let (allowances, charges) = reader.allowances_and_charges()?;
    let (tax, taxes) = reader.tax()?;
    let specification = kind.specification;
    let third_parties = match &specification {
        Some(id) if has_third_parties(id) => reader.third_parties()?,
        _ => Vec::new(),
    };
    Ok(InvoiceFacts {
        specification,
        is_credit: is_credit_note || kind.is_credit,
        vendor: vendor(root)?,
        number: values::text(&root.required("cbc:ID")?, "BT-1")?
            .ok_or_else(|| root.missing("cbc:ID"))?,
        issued: values::day(&root.required("cbc:IssueDate")?, "BT-2")?
            .ok_or_else(|| root.missing("cbc:IssueDate"))?,
        due_on: due_on(root)?,
        lines,
        line_rate,
        allowances,
        charges,
        third_parties,
        taxes,
        totals: reader.totals(tax)?,
        currency,
    })
}

/// What identifiers and codes say of a document.
struct UblKind {
    specification: Option<String>,
    is_credit: bool,
}

impl UblKind {
    fn of(root: &Element<'_>, words: &UblWords) -> Result<Self, EInvoiceError> {
        let id = root.optional("cbc:CustomizationID")?;
        let id = id.map(|element| values::code(&element)).transpose()?;
        let specification = id.filter(|id| !id.is_empty());
        let Some(element) = root.optional(words.type_code)? else {
            let is_credit = false;
            return Ok(Self {
                specification,
                is_credit,
            });
        };
        let code = values::code(&element)?;
        if specification.is_none()
            && is_of_my_invois(&code)
            && let Some(version) = element.attribute("listVersionID")
        {
            let version: String = version.chars().take(10).collect();
            return Ok(Self {
                specification: Some(format!("myinvois-{version}")),
                is_credit: is_my_invois_credit_note(&code),
            });
        }
        Ok(Self {
            specification,
            is_credit: is_credit_note(&code),
        })
    }
}

fn vendor(root: &Element<'_>) -> Result<Stated<String>, EInvoiceError> {
    let party = root.required("cac:AccountingSupplierParty/cac:Party")?;
    // UBL admits several names of a party; EN 16931 one.
    let traded = party.all("cac:PartyName");
    if let Some(first) = traded.first()
        && let Some(element) = first.optional("cbc:Name")?
        && let Some(name) = values::text(&element, "BT-28")?
    {
        return Ok(name);
    }
    let legal = party.all("cac:PartyLegalEntity");
    if let Some(first) = legal.first()
        && let Some(element) = first.optional("cbc:RegistrationName")?
        && let Some(name) = values::text(&element, "BT-27")?
    {
        return Ok(name);
    }
    Err(party.missing("cac:PartyLegalEntity/cbc:RegistrationName"))
}

fn due_on(root: &Element<'_>) -> Result<Option<Stated<NaiveDate>>, EInvoiceError> {
    if let Some(element) = root.optional("cbc:DueDate")?
        && let Some(day) = values::day(&element, "BT-9")?
    {
        return Ok(Some(day));
    }
    for parent in ["cac:PaymentMeans", "cac:PaymentTerms"] {
        let mut days = Vec::new();
        for parent in root.all(parent) {
            if let Some(element) = parent.optional("cbc:PaymentDueDate")? {
                days.extend(values::day(&element, "BT-9")?);
            }
        }
        if !days.is_empty() {
            return Ok(only_day(days));
        }
    }
    Ok(None)
}

/// What lines and totals are read with.
struct UblReader<'r, 'a> {
    words: &'r UblWords,
    root: &'r Element<'a>,
    currency: &'r str,
}

type MaybeAmount = Option<Stated<Decimal>>;

impl<'a> UblReader<'_, 'a> {
    fn amount(
        &self,
        parent: &Element<'a>,
        path: &'static str,
        term: &'static str,
    ) -> Result<MaybeAmount, EInvoiceError> {
        match parent.optional(path)? {
            Some(element) => values::amount(&element, term, self.currency),
            None => Ok(None),
        }
    }

    fn needed(
        &self,
        parent: &Element<'a>,
        path: &'static str,
        term: &'static str,
    ) -> Result<Stated<Decimal>, EInvoiceError> {
        let amount = self.amount(parent, path, term)?;
        amount.ok_or_else(|| parent.missing(path))
    }

    fn lines(&self) -> Result<(Vec<InvoiceLine>, MaybeAmount), EInvoiceError> {
        let elements = self.root.some(self.words.line, self.root.limits().lines)?;
        if elements.is_empty() {
            return Err(self.root.missing(self.words.line));
        }
        let (mut lines, mut line_rate) = (Vec::new(), None);
        for element in &elements {
            lines.push(self.line(element)?);
            line_rate = largest(line_rate, line_rate_of(element)?);
        }
        Ok((lines, line_rate))
    }

    fn line(&self, element: &Element<'a>) -> Result<InvoiceLine, EInvoiceError> {
        let item = element.required("cac:Item")?;
        let name = match item.optional("cbc:Name")? {
            Some(element) => values::text(&element, "BT-153")?,
            None => None,
        };
        let mut descriptions = Vec::new();
        for element in item.some("cbc:Description", DETAILS)? {
            descriptions.extend(values::text(&element, "BT-154")?);
        }
        let (name, details) =
            InvoiceLine::names(name, descriptions).ok_or_else(|| item.missing("cbc:Name"))?;
        let counted = element.optional(self.words.quantity)?;
        let quantity = match &counted {
            Some(element) => values::quantity(element, "BT-129")?,
            None => None,
        };
        let price = NetPrice {
            amount: element.optional("cac:Price/cbc:PriceAmount")?,
            base: element.optional("cac:Price/cbc:BaseQuantity")?,
            unit: counted.as_ref().and_then(|it| it.attribute("unitCode")),
            currency: self.currency,
        };
        Ok(InvoiceLine {
            name,
            details,
            quantity,
            price: price.of_one()?,
            total: self.amount(element, "cbc:LineExtensionAmount", "BT-131")?,
        })
    }

    fn allowances_and_charges(
        &self,
    ) -> Result<(Vec<Stated<Decimal>>, Vec<DocumentCharge>), EInvoiceError> {
        let (mut allowances, mut charges) = (Vec::new(), Vec::new());
        for element in self.root.all("cac:AllowanceCharge") {
            if values::indicator(&element.required("cbc:ChargeIndicator")?)? {
                let amount = self.needed(&element, "cbc:Amount", "BT-99")?;
                let reason = reason(&element)?;
                charges.push(DocumentCharge { reason, amount });
            } else {
                allowances.push(self.needed(&element, "cbc:Amount", "BT-92")?);
            }
        }
        Ok((allowances, charges))
    }

    /// Claims of third parties (BG-DEX-09) that are to be paid with the invoice.
    fn third_parties(&self) -> Result<Vec<DocumentCharge>, EInvoiceError> {
        let limit = self.root.limits().lines;
        let claims = self.root.some("cac:PrepaidPayment", limit)?;
        let claims = claims.iter().map(|claim| {
            let reason = claim.optional("cbc:InstructionID")?;
            let reason = reason.map(|reason| values::text(&reason, "BT-DEX-003"));
            Ok(DocumentCharge {
                reason: reason.transpose()?.flatten(),
                amount: self.needed(claim, "cbc:PaidAmount", "BT-DEX-002")?,
            })
        });
        claims.collect()
    }

    /// The tax in the currency of the document and its breakdown, beside which there may be the tax in the
    /// currency of accounting (BT-111).
    fn tax(&self) -> Result<(MaybeAmount, Vec<TaxSubtotal>), EInvoiceError> {
        let mut amounts = Vec::new();
        let mut totals = self.root.all("cac:TaxTotal");
        // Saudi Arabia repeats the total without the breakdown.
        totals.sort_by_key(|total| total.all("cac:TaxSubtotal").is_empty());
        for total in &totals {
            amounts.push(total.required("cbc:TaxAmount")?);
        }
        let Some(chosen) = only_in(&amounts, self.currency)? else {
            return Ok((None, Vec::new()));
        };
        let tax = values::number(chosen, "BT-110")?;
        let pairs = amounts.iter().zip(&totals);
        let mut pairs = pairs.filter(|(amount, _)| amount.path() == chosen.path());
        let Some((_, total)) = pairs.next() else {
            return Ok((tax, Vec::new()));
        };
        let limit = total.limits().taxes;
        let subtotals = total.some("cac:TaxSubtotal", limit)?;
        let taxes = subtotals.iter().map(|subtotal| {
            Ok(TaxSubtotal {
                rate: rate_of(subtotal, "BT-119")?,
                base: self.amount(subtotal, "cbc:TaxableAmount", "BT-116")?,
                amount: self.needed(subtotal, "cbc:TaxAmount", "BT-117")?,
            })
        });
        Ok((tax, taxes.collect::<Result<_, EInvoiceError>>()?))
    }

    fn totals(&self, tax: MaybeAmount) -> Result<DocumentTotals, EInvoiceError> {
        let totals = self.root.required("cac:LegalMonetaryTotal")?;
        let total = |name, term| total(&totals, name, term, self.currency);
        let due = total("cbc:PayableAmount", "BT-115")?;
        if due.is_none() {
            return Err(totals.missing("cbc:PayableAmount"));
        }
        Ok(DocumentTotals {
            lines: total("cbc:LineExtensionAmount", "BT-106")?,
            allowances: total("cbc:AllowanceTotalAmount", "BT-107")?,
            charges: total("cbc:ChargeTotalAmount", "BT-108")?,
            net: total("cbc:TaxExclusiveAmount", "BT-109")?,
            tax,
            gross: total("cbc:TaxInclusiveAmount", "BT-112")?,
            prepaid: total("cbc:PrepaidAmount", "BT-113")?,
            rounding: total("cbc:PayableRoundingAmount", "BT-114")?,
            due,
        })
    }
}

/// The rate of a `TaxSubtotal`, which older documents state outside its category.
fn rate_of(subtotal: &Element<'_>, term: &'static str) -> Result<MaybeAmount, EInvoiceError> {
    for path in ["cac:TaxCategory/cbc:Percent", "cbc:Percent"] {
        if let Some(element) = subtotal.optional(path)?
            && let Some(rate) = values::rate(&element, term)?
        {
            return Ok(Some(rate));
        }
    }
    Ok(None)
}

fn line_rate_of(line: &Element<'_>) -> Result<MaybeAmount, EInvoiceError> {
    let mut found = None;
    for category in line.required("cac:Item")?.all("cac:ClassifiedTaxCategory") {
        if let Some(element) = category.optional("cbc:Percent")? {
            found = largest(found, values::rate(&element, "BT-152")?);
        }
    }
    for total in line.all("cac:TaxTotal") {
        for subtotal in total.all("cac:TaxSubtotal") {
            found = largest(found, rate_of(&subtotal, "BT-152")?);
        }
    }
    Ok(found)
}

fn reason(element: &Element<'_>) -> Result<Option<Stated<String>>, EInvoiceError> {
    for name in ["cbc:AllowanceChargeReason", "cbc:AllowanceChargeReasonCode"] {
        // UBL admits a reason in several languages; EN 16931 one.
        if let Some(first) = element.all(name).first()
            && let Some(reason) = values::text(first, "BT-104")?
        {
            return Ok(Some(reason));
        }
    }
    Ok(None)
}
