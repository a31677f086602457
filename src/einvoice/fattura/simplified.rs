//! The simplified invoice, `FSM10`, whose amounts include the tax.

use rust_decimal::Decimal;

use super::{
    super::{
        element::Element,
        error::EInvoiceError,
        facts::{DocumentTotals, InvoiceFacts, InvoiceLine, Stated, largest},
        values,
    },
    GeneralData, only_body, party_name, version,
};

/// Reads the simplified invoice of a root element.
///
/// # Errors
/// See [`EInvoiceError`].
pub fn read(root: &Element<'_>) -> Result<InvoiceFacts, EInvoiceError> {
    let body = only_body(root)?;
    let seller = root.required("FatturaElettronicaHeader/CedentePrestatore")?;
    let general = GeneralData::of(&body)?;
    let (mut lines, mut amounts, mut taxes) = (Vec::new(), Vec::new(), Vec::new());
    let mut line_rate = None;
    for element in body.some("DatiBeniServizi", body.limits().lines)? {
        let name = values::text(&element.required("Descrizione")?, "BT-153")?;
        let amount = values::number(&element.required("Importo")?, "BT-131")?;
        let amount = amount.ok_or_else(|| element.missing("Importo"))?;
        if let Some(element) = element.optional("DatiIVA/Aliquota")? {
            line_rate = largest(line_rate, values::rate(&element, "BT-152")?);
        }
        if let Some(element) = element.optional("DatiIVA/Imposta")? {
            taxes.extend(values::number(&element, "BT-110")?);
        }
        amounts.push(amount.clone());
        lines.push(InvoiceLine {
            name: name.ok_or_else(|| element.missing("Descrizione"))?,
            details: Vec::new(),
            quantity: None,
            price: None,
            total: Some(amount),
        });
    }
    let due: Option<Stated<Decimal>> = Stated::sum(&amounts);
    let totals = DocumentTotals {
        tax: Stated::sum(&taxes),
        due: Some(due.ok_or_else(|| body.missing("DatiBeniServizi"))?),
        ..DocumentTotals::default()
    };
    Ok(InvoiceFacts {
        specification: version(root),
        is_credit: general.is_credit,
        vendor: party_name(&seller)?,
        number: general.number,
        issued: general.issued,
        due_on: None,
        currency: general.currency,
        lines,
        line_rate,
        allowances: Vec::new(),
        charges: Vec::new(),
        third_parties: Vec::new(),
        taxes: Vec::new(),
        totals,
    })
}
