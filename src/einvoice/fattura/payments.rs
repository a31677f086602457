//! What is to be paid, and when.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::{
    element::Element,
    error::EInvoiceError,
    facts::{Stated, only_day},
    values,
};

/// The payments that an invoice states.
pub(super) struct Payments {
    amounts: Vec<Stated<Decimal>>,
    days: Vec<Stated<NaiveDate>>,
    is_credit: bool,
}

impl Payments {
    pub(super) fn of(body: &Element<'_>, is_credit: bool) -> Result<Self, EInvoiceError> {
        let (mut amounts, mut days) = (Vec::new(), Vec::new());
        for terms in body.all("DatiPagamento") {
            for payment in terms.all("DettaglioPagamento") {
                if let Some(element) = payment.optional("ImportoPagamento")? {
                    amounts.extend(values::number(&element, "BT-115")?);
                }
                if let Some(element) = payment.optional("DataScadenzaPagamento")? {
                    days.extend(values::day(&element, "BT-9")?);
                }
            }
        }
        Ok(Self {
            amounts,
            days,
            is_credit,
        })
    }

    /// The day by which all is to be paid, if there is one alone.
    pub(super) fn due_on(&self) -> Option<Stated<NaiveDate>> {
        only_day(self.days.clone())
    }

    /// What is to be paid: the sum of the payments, or one of them if they are ways to pay the same; without
    /// payments the total less what is kept. Never more than the total.
    pub(super) fn due(
        &self,
        gross: Option<&Stated<Decimal>>,
        kept: Option<&Stated<Decimal>>,
    ) -> Option<Stated<Decimal>> {
        let kept = kept.map(Stated::negated);
        let left = gross.and_then(|gross| Stated::sum([gross].into_iter().chain(&kept)));
        let Some(sum) = Stated::sum(&self.amounts) else {
            return left;
        };
        let Some(gross) = gross else {
            return Some(sum);
        };
        // Some write what a credit note pays back as a negative payment.
        if self.is_credit && sum.value.is_sign_negative() != gross.value.is_sign_negative() {
            return Some(sum.negated());
        }
        if sum.value.abs() <= gross.value.abs() {
            return Some(sum);
        }
        let among = |whole: Option<&Stated<Decimal>>| {
            let mut amounts = self.amounts.iter();
            amounts.find(|amount| whole.is_some_and(|whole| whole.value == amount.value))
        };
        let way = among(left.as_ref()).or_else(|| among(Some(gross)));
        way.cloned().or(left)
    }
}
