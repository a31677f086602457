//! Reads Cross Industry Invoices: those of Factur-X, `ZUGFeRD` 2 and `XRechnung`, and in other words those of
//! `ZUGFeRD` 1.

mod words;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    codes::is_credit_note,
    element::Element,
    error::EInvoiceError,
    facts::{
        DocumentCharge, DocumentTotals, InvoiceFacts, InvoiceLine, ItemNames, Stated, TaxSubtotal,
        largest, only_day,
    },
    price::NetPrice,
    profile::may_lack_lines,
    totals::{only_in, total},
    values,
};

pub use words::{CII, CII_OF_ZUGFERD_1, CiiWords, INVOICE, ZUGFERD_1};

/// The name of a line.
const LINE: &str = "ram:IncludedSupplyChainTradeLineItem";

/// Reads the invoice of a root element.
///
/// # Errors
/// See [`EInvoiceError`].
pub fn read(root: &Element<'_>, words: &CiiWords) -> Result<InvoiceFacts, EInvoiceError> {
    let document = root.required(words.document)?;
    let transaction = root.required(words.transaction)?;
    let agreement = transaction.required(words.agreement)?;
    let settlement = transaction.required(words.settlement)?;
    let code = settlement.required("ram:InvoiceCurrencyCode")?;
    let currency = values::currency(&code, "BT-5")?
        .ok_or_else(|| settlement.missing("ram:InvoiceCurrencyCode"))?;
    let reader = CiiReader {
        words,
        settlement: &settlement,
        currency: &currency.value,
    };
    let specification = specification(root, words)?;
    let (lines, line_rate) = reader.lines(&transaction)?;
    if lines.is_empty() && !specification.as_deref().is_some_and(may_lack_lines) {
        return Err(transaction.missing(LINE));
    }
    let (allowances, charges) = reader.allowances_and_charges()?;
    Ok(InvoiceFacts {
        specification,
        is_credit: is_credit(&document)?,
        vendor: vendor(&agreement)?,
        number: number(&document)?,
        issued: issued(&document)?,
        due_on: reader.due_on()?,
        lines,
        line_rate,
        allowances,
        charges,
        third_parties: Vec::new(),
        taxes: reader.taxes()?,
        totals: reader.totals()?,
        currency,
    })
}

fn specification(root: &Element<'_>, words: &CiiWords) -> Result<Option<String>, EInvoiceError> {
    let element = root.optional(words.specification)?;
    let id = element.map(|element| values::code(&element)).transpose()?;
    Ok(id.filter(|id| !id.is_empty()))
}

fn is_credit(document: &Element<'_>) -> Result<bool, EInvoiceError> {
    let element = document.optional("ram:TypeCode")?;
    let code = element.map(|element| values::code(&element)).transpose()?;
    Ok(code.is_some_and(|code| is_credit_note(&code)))
}

fn number(document: &Element<'_>) -> Result<Stated<String>, EInvoiceError> {
    let id = values::text(&document.required("ram:ID")?, "BT-1")?;
    id.ok_or_else(|| document.missing("ram:ID"))
}

fn issued(document: &Element<'_>) -> Result<Stated<NaiveDate>, EInvoiceError> {
    let path = "ram:IssueDateTime/udt:DateTimeString";
    let day = values::formatted_day(&document.required(path)?, "BT-2")?;
    day.ok_or_else(|| document.missing(path))
}

fn vendor(agreement: &Element<'_>) -> Result<Stated<String>, EInvoiceError> {
    let seller = agreement.required("ram:SellerTradeParty")?;
    let names = [
        (
            "ram:SpecifiedLegalOrganization/ram:TradingBusinessName",
            "BT-28",
        ),
        ("ram:Name", "BT-27"),
    ];
    for (path, term) in names {
        if let Some(element) = seller.optional(path)?
            && let Some(name) = values::text(&element, term)?
        {
            return Ok(name);
        }
    }
    Err(seller.missing("ram:Name"))
}

/// What lines and totals are read with.
struct CiiReader<'r, 'a> {
    words: &'r CiiWords,
    settlement: &'r Element<'a>,
    currency: &'r str,
}

type MaybeAmount = Option<Stated<Decimal>>;

impl<'a> CiiReader<'_, 'a> {
    fn due_on(&self) -> Result<Option<Stated<NaiveDate>>, EInvoiceError> {
        let mut days = Vec::new();
        for terms in self.settlement.all("ram:SpecifiedTradePaymentTerms") {
            if let Some(element) = terms.optional("ram:DueDateDateTime/udt:DateTimeString")? {
                days.extend(values::formatted_day(&element, "BT-9")?);
            }
        }
        Ok(only_day(days))
    }

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

    fn lines(
        &self,
        transaction: &Element<'a>,
    ) -> Result<(Vec<InvoiceLine>, MaybeAmount), EInvoiceError> {
        let limit = transaction.limits().lines;
        let elements = transaction.some(LINE, limit)?;
        let (mut lines, mut line_rate) = (Vec::new(), None);
        for element in &elements {
            if let Some(line) = self.line(element)? {
                line_rate = largest(line_rate, self.line_rate(element)?);
                lines.push(line);
            }
        }
        Ok((lines, line_rate))
    }

    /// The line, unless it only groups others, informs, or is a text without an amount.
    fn line(&self, element: &Element<'a>) -> Result<Option<InvoiceLine>, EInvoiceError> {
        let reason = element
            .optional("ram:AssociatedDocumentLineDocument/ram:LineStatusReasonCode")?
            .map(|element| values::code(&element))
            .transpose()?;
        if matches!(reason.as_deref(), Some("GROUP" | "INFORMATION")) {
            return Ok(None);
        }
        let settlement = element.optional(self.words.line_settlement)?;
        let total = match &settlement {
            Some(settlement) => self.amount(settlement, self.words.line_total, "BT-131")?,
            None => None,
        };
        let Some((name, details)) = names(element)? else {
            return match total {
                None => Ok(None),
                Some(_) => Err(element.missing("ram:SpecifiedTradeProduct/ram:Name")),
            };
        };
        let delivery = element.optional(self.words.line_delivery)?;
        let billed = match &delivery {
            Some(delivery) => delivery.optional("ram:BilledQuantity")?,
            None => None,
        };
        let unit = billed.as_ref().and_then(|it| it.attribute("unitCode"));
        let quantity = match &billed {
            Some(element) => values::quantity(element, "BT-129")?,
            None => None,
        };
        Ok(Some(InvoiceLine {
            name,
            details,
            quantity,
            price: self.price(element, unit)?,
            total,
        }))
    }

    fn price(&self, line: &Element<'a>, unit: Option<&str>) -> Result<MaybeAmount, EInvoiceError> {
        let Some(agreement) = line.optional(self.words.line_agreement)? else {
            return Ok(None);
        };
        // The base quantity is stated with the net price, the gross price, or both.
        let base = agreement.optional("ram:NetPriceProductTradePrice/ram:BasisQuantity")?;
        let base = match base {
            None => agreement.optional("ram:GrossPriceProductTradePrice/ram:BasisQuantity")?,
            base => base,
        };
        NetPrice {
            amount: agreement.optional("ram:NetPriceProductTradePrice/ram:ChargeAmount")?,
            base,
            unit,
            currency: self.currency,
        }
        .of_one()
    }

    fn line_rate(&self, line: &Element<'a>) -> Result<MaybeAmount, EInvoiceError> {
        let Some(settlement) = line.optional(self.words.line_settlement)? else {
            return Ok(None);
        };
        let mut found = None;
        for tax in settlement.all("ram:ApplicableTradeTax") {
            if let Some(rate) = tax.optional(self.words.rate)? {
                found = largest(found, values::rate(&rate, "BT-152")?);
            }
        }
        Ok(found)
    }

    fn allowances_and_charges(
        &self,
    ) -> Result<(Vec<Stated<Decimal>>, Vec<DocumentCharge>), EInvoiceError> {
        let (mut allowances, mut charges) = (Vec::new(), Vec::new());
        for element in self.settlement.all("ram:SpecifiedTradeAllowanceCharge") {
            let indicator = element.required("ram:ChargeIndicator/udt:Indicator")?;
            if values::indicator(&indicator)? {
                let amount = self.needed(&element, "ram:ActualAmount", "BT-99")?;
                let reason = reason(&element, &["ram:Reason", "ram:ReasonCode"])?;
                charges.push(DocumentCharge { reason, amount });
            } else {
                allowances.push(self.needed(&element, "ram:ActualAmount", "BT-92")?);
            }
        }
        for element in self.settlement.all("ram:SpecifiedLogisticsServiceCharge") {
            let amount = self.needed(&element, "ram:AppliedAmount", "BT-99")?;
            let reason = reason(&element, &["ram:Description"])?;
            charges.push(DocumentCharge { reason, amount });
        }
        Ok((allowances, charges))
    }

    fn taxes(&self) -> Result<Vec<TaxSubtotal>, EInvoiceError> {
        let limit = self.settlement.limits().taxes;
        let elements = self.settlement.some("ram:ApplicableTradeTax", limit)?;
        let taxes = elements.iter().map(|tax| {
            let rate = tax.optional(self.words.rate)?;
            let rate = rate.map(|rate| values::rate(&rate, "BT-119"));
            Ok(TaxSubtotal {
                rate: rate.transpose()?.flatten(),
                base: self.amount(tax, "ram:BasisAmount", "BT-116")?,
                amount: self.needed(tax, "ram:CalculatedAmount", "BT-117")?,
            })
        });
        taxes.collect()
    }

    fn totals(&self) -> Result<DocumentTotals, EInvoiceError> {
        let totals = self.settlement.required(self.words.totals)?;
        let total = |name, term| total(&totals, name, term, self.currency);
        let prepaid = total("ram:TotalPrepaidAmount", "BT-113")?;
        let gross = total("ram:GrandTotalAmount", "BT-112")?;
        let due = total("ram:DuePayableAmount", "BT-115")?;
        // ZUGFeRD 1 need not repeat the total as what is to be paid.
        let is_unpaid = prepaid.as_ref().is_none_or(|paid| paid.value.is_zero());
        let due = match due {
            None if self.words.prefixes[0].1 == ZUGFERD_1 && is_unpaid => gross.clone(),
            due => due,
        };
        if due.is_none() {
            return Err(totals.missing("ram:DuePayableAmount"));
        }
        Ok(DocumentTotals {
            lines: total("ram:LineTotalAmount", "BT-106")?,
            allowances: total("ram:AllowanceTotalAmount", "BT-107")?,
            charges: total("ram:ChargeTotalAmount", "BT-108")?,
            net: total("ram:TaxBasisTotalAmount", "BT-109")?,
            tax: self.tax(&totals)?,
            gross,
            prepaid,
            rounding: total("ram:RoundingAmount", "BT-114")?,
            due,
        })
    }

    /// The tax in the currency of the document, beside which there may be that in the currency of
    /// accounting (BT-111).
    fn tax(&self, totals: &Element<'a>) -> Result<MaybeAmount, EInvoiceError> {
        let all = totals.all("ram:TaxTotalAmount");
        match only_in(&all, self.currency)? {
            Some(element) => values::number(element, "BT-110"),
            None => Ok(None),
        }
    }
}

/// The names of a line's item, and what its description says besides.
fn names(line: &Element<'_>) -> Result<Option<ItemNames>, EInvoiceError> {
    let read = |path, term| match line.optional(path)? {
        Some(element) => values::text(&element, term),
        None => Ok(None),
    };
    let name = read("ram:SpecifiedTradeProduct/ram:Name", "BT-153")?;
    let description = read("ram:SpecifiedTradeProduct/ram:Description", "BT-154")?;
    Ok(InvoiceLine::names(name, description.into_iter().collect()))
}

fn reason(
    element: &Element<'_>,
    names: &[&'static str],
) -> Result<Option<Stated<String>>, EInvoiceError> {
    for name in names {
        if let Some(element) = element.optional(name)?
            && let Some(reason) = values::text(&element, "BT-104")?
        {
            return Ok(Some(reason));
        }
    }
    Ok(None)
}
