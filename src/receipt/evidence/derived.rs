//! Finds the numbers that are not printed but follow from printed ones.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Standing, labels::FieldRole, leaves::AnswerLeaf};

/// Rounds of deriving: a number may follow from one that is derived itself.
const ROUNDS: usize = 2;

/// Decimals of computed amounts.
const DECIMALS: u32 = 2;

/// The known numbers of an object by what they are for.
#[derive(Default)]
struct Figures {
    known: HashMap<FieldRole, Decimal>,
    /// The sum of the totals of the records, if all are known.
    records: Option<Decimal>,
    /// The sum of the amounts of tax of the records, if all are known.
    taxes: Option<Decimal>,
}

/// Marks the numbers that are missing and follow from others.
pub fn mark(leaves: &[AnswerLeaf], standings: &mut [Standing]) {
    for _ in 0..ROUNDS {
        let all = figures(leaves, standings);
        let mut derived = Vec::new();
        for (at, leaf) in leaves.iter().enumerate() {
            let is_missing = standings.get(at) == Some(&Standing::Missing);
            let Some(number) = leaf.number.filter(|_| is_missing && leaf.is_direct()) else {
                continue;
            };
            let figures = all.get(&leaf.record());
            if figures.is_some_and(|figures| figures.give(leaf.role, number)) {
                derived.push(at);
            }
        }
        if derived.is_empty() {
            return;
        }
        for at in derived {
            standings[at] = Standing::Derived;
        }
    }
}

/// Returns the figures of the object and of each record.
fn figures<'a>(
    leaves: &'a [AnswerLeaf],
    standings: &[Standing],
) -> HashMap<Option<(&'a str, usize)>, Figures> {
    let mut all: HashMap<Option<(&str, usize)>, Figures> = HashMap::new();
    let (mut totals, mut taxes) = (Some(Decimal::ZERO), Some(Decimal::ZERO));
    let (mut has_totals, mut has_taxes) = (false, false);
    for (leaf, standing) in leaves.iter().zip(standings) {
        let Some(number) = leaf.number.filter(|_| leaf.is_direct()) else {
            continue;
        };
        let is_known = *standing != Standing::Missing;
        let known = is_known.then_some(number);
        if leaf.record().is_some() {
            let add = |sum: Option<Decimal>| sum?.checked_add(known?);
            match leaf.role {
                FieldRole::Total => (totals, has_totals) = (add(totals), true),
                FieldRole::Tax => (taxes, has_taxes) = (add(taxes), true),
                _ => {}
            }
        }
        if let Some(number) = known {
            let figures = all.entry(leaf.record()).or_default();
            figures.known.entry(leaf.role).or_insert(number);
        }
    }
    let whole = all.entry(None).or_default();
    whole.records = totals.filter(|_| has_totals);
    whole.taxes = taxes.filter(|_| has_taxes);
    all
}

impl Figures {
    /// Returns whether the figures make `number`, a value of that role.
    fn give(&self, role: FieldRole, number: Decimal) -> bool {
        let made = match role {
            FieldRole::Total => self.totals(),
            FieldRole::UnitPrice => vec![self.quotient(FieldRole::Total, FieldRole::Quantity)],
            FieldRole::Quantity => vec![self.quotient(FieldRole::Total, FieldRole::UnitPrice)],
            FieldRole::Subtotal => self.subtotals(),
            FieldRole::Tax => self.taxes(),
            FieldRole::Rate => self.rates(),
            FieldRole::Discount => vec![self.rest(FieldRole::Discount).map(|rest| -rest)],
            FieldRole::Prepaid => vec![self.rest(FieldRole::Prepaid).map(|rest| -rest)],
            FieldRole::Rounding => vec![self.rest(FieldRole::Rounding)],
            FieldRole::Due | FieldRole::Issuer | FieldRole::Other => Vec::new(),
        };
        let decimals = if role == FieldRole::Rate {
            number.normalize().scale()
        } else {
            number.normalize().scale().max(DECIMALS)
        };
        let is_made = |made: Decimal| {
            // Amounts of a currency without decimals are rounded to whole ones.
            let is_whole = number.fract().is_zero() && self.are_whole();
            made.round_dp(decimals) == number
                || (is_whole && (made - number).abs() <= Decimal::new(5, 1))
        };
        made.into_iter().flatten().any(is_made)
    }

    fn of(&self, role: FieldRole) -> Option<Decimal> {
        self.known.get(&role).copied()
    }

    /// Returns the number of that role; 0 if there is none.
    fn or_zero(&self, role: FieldRole) -> Decimal {
        self.of(role).unwrap_or_default()
    }

    fn are_whole(&self) -> bool {
        let amounts = self.known.iter().filter(|(role, _)| role.is_amount());
        amounts
            .into_iter()
            .all(|(_, amount)| amount.fract().is_zero())
    }

    fn quotient(&self, of: FieldRole, by: FieldRole) -> Option<Decimal> {
        self.of(of)?.checked_div(self.of(by)?)
    }

    /// Returns the sums before tax that are known.
    fn before_tax(&self) -> impl Iterator<Item = Decimal> {
        [self.of(FieldRole::Subtotal), self.records]
            .into_iter()
            .flatten()
    }

    /// Returns what is added to the sum before tax, without the tax.
    fn added(&self) -> Decimal {
        self.or_zero(FieldRole::Rounding)
            - self.or_zero(FieldRole::Discount)
            - self.or_zero(FieldRole::Prepaid)
    }

    fn totals(&self) -> Vec<Option<Decimal>> {
        let (added, tax) = (self.added(), self.or_zero(FieldRole::Tax));
        let product = self
            .of(FieldRole::Quantity)
            .zip(self.of(FieldRole::UnitPrice))
            .and_then(|(quantity, price)| quantity.checked_mul(price));
        let sums = self
            .before_tax()
            .flat_map(|sum| [sum.checked_add(added), sum.checked_add(added + tax)]);
        sums.chain([product]).collect()
    }

    fn subtotals(&self) -> Vec<Option<Decimal>> {
        let tax = self.of(FieldRole::Tax);
        let total = self.of(FieldRole::Total);
        let net = total.and_then(|total| (total - self.added()).checked_sub(tax?));
        let gross = total.and_then(|total| total.checked_sub(self.added()));
        let by_rate =
            tax.and_then(|tax| (tax * Decimal::ONE_HUNDRED).checked_div(self.of(FieldRole::Rate)?));
        vec![self.records, net, gross.filter(|_| tax.is_some()), by_rate]
    }

    fn taxes(&self) -> Vec<Option<Decimal>> {
        let (added, total) = (self.added(), self.of(FieldRole::Total));
        let rate = self.of(FieldRole::Rate);
        let mut made = vec![self.taxes];
        for sum in self.before_tax() {
            made.push(total.and_then(|total| (total - added).checked_sub(sum)));
            for base in [sum, sum - self.or_zero(FieldRole::Discount)] {
                made.push(
                    rate.and_then(|rate| base.checked_mul(rate)?.checked_div(Decimal::ONE_HUNDRED)),
                );
            }
        }
        made.push(total.zip(rate).and_then(|(total, rate)| {
            total
                .checked_mul(rate)?
                .checked_div(Decimal::ONE_HUNDRED + rate)
        }));
        made.retain(|made| made.is_some_and(|made| !made.is_zero()));
        made
    }

    fn rates(&self) -> Vec<Option<Decimal>> {
        let Some(tax) = self.of(FieldRole::Tax).or(self.taxes) else {
            return Vec::new();
        };
        let nets = self
            .before_tax()
            .flat_map(|sum| [sum, sum - self.or_zero(FieldRole::Discount), sum - tax]);
        let of_total = self.of(FieldRole::Total).map(|total| total - tax);
        nets.chain(of_total)
            .map(|net| (tax * Decimal::ONE_HUNDRED).checked_div(net))
            .collect()
    }

    /// Returns what the total has more than the others make, without `role`.
    fn rest(&self, role: FieldRole) -> Option<Decimal> {
        let total = self.of(FieldRole::Total)?;
        let sum = self.before_tax().next()?;
        let own = match role {
            FieldRole::Rounding => self.or_zero(role),
            _ => -self.or_zero(role),
        };
        total.checked_sub(sum + self.or_zero(FieldRole::Tax) + self.added() - own)
    }
}
