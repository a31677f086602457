//! Reads totals of which a file may state one for each currency.

use rust_decimal::Decimal;

use super::{
    element::Element,
    error::EInvoiceError,
    facts::Stated,
    values::{check_currency, is_in, number},
};

/// Returns the total of that name in the currency of the document.
///
/// # Errors
/// [`EInvoiceError::OtherCurrency`] if it is in other currencies alone, [`EInvoiceError::Twice`] if it
/// occurs twice in that of the document.
pub fn total(
    parent: &Element<'_>,
    name: &'static str,
    term: &'static str,
    currency: &str,
) -> Result<Option<Stated<Decimal>>, EInvoiceError> {
    let all = parent.all(name);
    let Some(element) = only_in(&all, currency)? else {
        return match all.first() {
            None => Ok(None),
            Some(other) => check_currency(other, currency).map(|()| None),
        };
    };
    number(element, term)
}

/// Returns the first amount in that currency; one that names no currency counts where none names it. A file
/// may repeat the amount.
///
/// # Errors
/// [`EInvoiceError::Twice`] if there is another amount.
pub fn only_in<'e, 'a>(
    amounts: &'e [Element<'a>],
    currency: &str,
) -> Result<Option<&'e Element<'a>>, EInvoiceError> {
    let names = |element: &Element<'_>| element.attribute("currencyID").is_some();
    let (mut in_it, mut unnamed) = (Vec::new(), Vec::new());
    for amount in amounts.iter().filter(|amount| is_in(amount, currency)) {
        let list = if names(amount) {
            &mut in_it
        } else {
            &mut unnamed
        };
        list.push(amount);
    }
    let chosen = if in_it.is_empty() { unnamed } else { in_it };
    let Some((first, others)) = chosen.split_first() else {
        return Ok(None);
    };
    for other in others {
        if value_of(first)? != value_of(other)? {
            return Err(EInvoiceError::Twice(other.place()));
        }
    }
    Ok(Some(first))
}

fn value_of(amount: &Element<'_>) -> Result<Option<Decimal>, EInvoiceError> {
    Ok(number(amount, "")?.map(|amount| amount.value))
}
