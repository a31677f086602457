//! The amounts of an answer, from what an invoice states.

use rust_decimal::Decimal;

use super::{
    error::EInvoiceError,
    facts::{InvoiceFacts, Stated, TaxSubtotal, largest},
    values::is_exact,
};

/// Amounts of an answer before the sign of a credit note; `None` is what the XML does not state.
#[derive(Debug, Clone)]
pub struct AnswerAmounts {
    /// Sum of the charges.
    pub charges: Option<Stated<Decimal>>,
    /// Sum of all items: lines, charges and claims of third parties, before tax and allowances.
    pub subtotal: Option<Stated<Decimal>>,
    /// Sum of the allowances.
    pub discount: Option<Stated<Decimal>>,
    /// The largest rate.
    pub tax_rate: Option<Stated<Decimal>>,
    /// The tax of all rates.
    pub tax: Option<Stated<Decimal>>,
    /// The tax by rates, if the rate of each is known.
    pub taxes: Vec<TaxSubtotal>,
}

impl AnswerAmounts {
    /// Finds the amounts.
    ///
    /// # Errors
    /// [`EInvoiceError::SumBeyondDigits`] if one is too large for an answer.
    pub fn of(facts: &InvoiceFacts) -> Result<Self, EInvoiceError> {
        let totals = &facts.totals;
        let charges = || summed("charges", facts.charges.iter().map(|charge| &charge.amount));
        let charges = match &totals.charges {
            None => charges()?,
            stated => stated.clone(),
        };
        let charges = charges.filter(|charges| !charges.value.is_zero());
        let subtotal = match &totals.lines {
            Some(lines) => {
                let others = facts.third_parties.iter().map(|claim| &claim.amount);
                summed(
                    "subtotal",
                    [lines].into_iter().chain(&charges).chain(others),
                )?
            }
            None => None,
        };
        let discount = match &totals.allowances {
            None => summed("discount", &facts.allowances)?,
            stated => stated.clone(),
        };
        let tax = match &totals.tax {
            None => summed("tax_amount", facts.taxes.iter().map(|tax| &tax.amount))?,
            stated => stated.clone(),
        };
        let rates = facts.taxes.iter().map(|tax| tax.rate.clone());
        let rate = rates.fold(None, largest);
        let has_rate = |tax: &TaxSubtotal| tax.rate.is_some() || tax.amount.value.is_zero();
        let is_whole = facts.taxes.iter().all(has_rate);
        Ok(Self {
            charges,
            subtotal,
            discount,
            tax_rate: rate.or_else(|| facts.line_rate.clone()),
            tax,
            taxes: if is_whole {
                facts.taxes.clone()
            } else {
                Vec::new()
            },
        })
    }
}

fn summed<'a>(
    field: &'static str,
    all: impl IntoIterator<Item = &'a Stated<Decimal>>,
) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
    let mut all = all.into_iter().peekable();
    if all.peek().is_none() {
        return Ok(None);
    }
    let sum = Stated::sum(all).filter(|sum| is_exact(sum.value));
    sum.map(Some)
        .ok_or(EInvoiceError::SumBeyondDigits { field })
}
