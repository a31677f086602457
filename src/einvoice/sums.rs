//! The sums of EN 16931, rules BR-CO-10 to BR-CO-17, on what an invoice states.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    Syntax,
    amounts::AnswerAmounts,
    facts::{InvoiceFacts, Stated, TaxSubtotal},
};

/// Decimals to which the rules round.
const DECIMALS: u32 = 2;

/// One rule on an invoice that states its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// Name of the rule, `BR-CO-10`.
    pub rule: &'static str,
    /// Whether the terms make the sum.
    pub holds: bool,
    /// JSON pointers to the values of the answer that the rule concerns.
    pub pointers: Vec<String>,
    /// The sum and what is stated, for people.
    pub message: String,
}

/// Checks the rules whose terms are stated, in their order.
#[must_use]
pub fn check(syntax: Syntax, facts: &InvoiceFacts, amounts: &AnswerAmounts) -> Vec<Sum> {
    let sums = Sums {
        is_italian: syntax == Syntax::FatturaPa,
        facts,
        amounts,
    };
    let checked = [
        sums.lines(),
        sums.allowances(),
        sums.charges(),
        sums.net(),
        sums.taxes(),
        sums.gross(),
        sums.due(),
        sums.rates(),
    ];
    checked.into_iter().flatten().collect()
}

struct Sums<'a> {
    /// `FatturaPA` states other totals: its lines may differ from them by the rounding of each rate, and the
    /// rounding of the document may be within its total.
    is_italian: bool,
    facts: &'a InvoiceFacts,
    amounts: &'a AnswerAmounts,
}

/// What a rule compares.
struct Comparison<'c> {
    rule: &'static str,
    /// What is added up, `the lines`.
    terms: &'c str,
    computed: Decimal,
    stated: Decimal,
    term: &'c str,
    pointers: &'c [&'c str],
}

impl Sums<'_> {
    fn lines(&self) -> Option<Sum> {
        let stated = value(self.facts.totals.lines.as_ref())?;
        let totals: Option<Vec<_>> = self
            .facts
            .lines
            .iter()
            .map(|line| line.total.as_ref())
            .collect();
        let computed = total(totals.filter(|totals| !totals.is_empty())?)?;
        let mut sum = self.compared(&Comparison {
            rule: "BR-CO-10",
            terms: "the lines",
            computed,
            stated,
            term: "BT-106",
            pointers: &["/items", "/subtotal"],
        });
        sum.holds |= self.is_italian && (computed - stated).abs() < Decimal::ONE;
        Some(sum)
    }

    fn allowances(&self) -> Option<Sum> {
        Some(self.compared(&Comparison {
            rule: "BR-CO-11",
            terms: "the allowances",
            computed: total(self.facts.allowances.iter())?,
            stated: value(self.facts.totals.allowances.as_ref())?,
            term: "BT-107",
            pointers: &["/discount"],
        }))
    }

    fn charges(&self) -> Option<Sum> {
        let charges = self.facts.charges.iter().map(|charge| &charge.amount);
        Some(self.compared(&Comparison {
            rule: "BR-CO-12",
            terms: "the charges",
            computed: total(charges)?,
            stated: value(self.facts.totals.charges.as_ref())?,
            term: "BT-108",
            pointers: &["/items", "/subtotal"],
        }))
    }

    fn net(&self) -> Option<Sum> {
        if self.is_italian {
            return None;
        }
        let totals = &self.facts.totals;
        let lines = value(totals.lines.as_ref())?;
        let charges = value(self.amounts.charges.as_ref()).unwrap_or_default();
        let discount = value(self.amounts.discount.as_ref()).unwrap_or_default();
        Some(self.compared(&Comparison {
            rule: "BR-CO-13",
            terms: "lines and charges less allowances",
            computed: lines.checked_add(charges)?.checked_sub(discount)?,
            stated: value(totals.net.as_ref())?,
            term: "BT-109",
            pointers: &["/subtotal", "/discount"],
        }))
    }

    fn taxes(&self) -> Option<Sum> {
        let taxes = &self.facts.taxes;
        let stated = value(self.facts.totals.tax.as_ref())?;
        let computed = total(taxes.iter().map(|tax| &tax.amount))?;
        (!taxes.is_empty()).then(|| {
            self.compared(&Comparison {
                rule: "BR-CO-14",
                terms: "the taxes by rates",
                computed,
                stated,
                term: "BT-110",
                pointers: &["/taxes", "/tax_amount"],
            })
        })
    }

    fn gross(&self) -> Option<Sum> {
        let totals = &self.facts.totals;
        let net = value(totals.net.as_ref())?;
        let tax = value(self.amounts.tax.as_ref()).unwrap_or_default();
        Some(self.rounded(&Comparison {
            rule: "BR-CO-15",
            terms: "net and tax",
            computed: net.checked_add(tax)?,
            stated: value(totals.gross.as_ref())?,
            term: "BT-112",
            pointers: &["/subtotal", "/tax_amount", "/total_due"],
        }))
    }

    fn due(&self) -> Option<Sum> {
        let totals = &self.facts.totals;
        // Factur-X MINIMUM has no place for what was paid.
        let is_minimum = self.facts.lines.is_empty() && totals.lines.is_none();
        let gross = value(totals.gross.as_ref().filter(|_| !is_minimum))?;
        let prepaid = value(totals.prepaid.as_ref()).unwrap_or_default();
        let rounding = value(totals.rounding.as_ref()).unwrap_or_default();
        let claims = self.facts.third_parties.iter().map(|claim| &claim.amount);
        let left = gross.checked_sub(prepaid)?.checked_add(total(claims)?)?;
        let comparison = Comparison {
            rule: "BR-CO-16",
            terms: "the total less what is paid, plus rounding,",
            computed: left,
            stated: value(totals.due.as_ref())?,
            term: "BT-115",
            pointers: &["/total_due", "/prepaid", "/rounding"],
        };
        if self.is_italian {
            return Some(self.rounded(&comparison));
        }
        Some(self.compared(&Comparison {
            computed: left.checked_add(rounding)?,
            ..comparison
        }))
    }

    /// Compares, and for `FatturaPA` admits that its rounding is added too.
    fn rounded(&self, comparison: &Comparison<'_>) -> Sum {
        let mut sum = self.compared(comparison);
        if self.is_italian
            && let Some(rounding) = value(self.facts.totals.rounding.as_ref())
        {
            let with = comparison.computed.checked_add(rounding);
            sum.holds |= with == Some(comparison.stated);
        }
        sum
    }

    /// The tax of each rate, which the rule's published check lets differ by less than 1.
    fn rates(&self) -> Option<Sum> {
        let mut all = Vec::new();
        let mut broken = Vec::new();
        let mut faults = Vec::new();
        for (at, tax) in self.facts.taxes.iter().enumerate() {
            let Some((rate, base, computed)) = expected_tax(tax) else {
                continue;
            };
            let pointer = format!("/taxes/{at}/amount");
            let stated = tax.amount.value;
            if (stated - computed).abs() >= Decimal::ONE {
                broken.push(pointer.clone());
                let [base, computed, stated] = [base, computed, stated].map(shown);
                let rate = rate.normalize();
                faults.push(format!(
                    "{rate} % of {base} are {computed}, BT-117 states {stated}"
                ));
            }
            all.push(pointer);
        }
        let holds = broken.is_empty();
        let message = if holds {
            "the tax of each rate is that of its base".to_owned()
        } else {
            faults.join("; ")
        };
        let pointers = if holds { &all } else { &broken };
        let are_shown = !self.amounts.taxes.is_empty();
        (!all.is_empty()).then(|| Sum {
            rule: "BR-CO-17",
            holds,
            pointers: if are_shown {
                pointers.clone()
            } else {
                Vec::new()
            },
            message,
        })
    }

    fn compared(&self, comparison: &Comparison<'_>) -> Sum {
        let Comparison {
            rule,
            terms,
            computed,
            stated,
            term,
            pointers,
        } = comparison;
        let pointers = pointers.iter().filter(|pointer| self.is_shown(pointer));
        Sum {
            rule,
            holds: agree(*computed, *stated),
            pointers: pointers.map(|&pointer| pointer.to_owned()).collect(),
            message: format!(
                "{terms} add up to {}, {term} states {}",
                shown(*computed),
                shown(*stated)
            ),
        }
    }

    /// Whether the answer has the value because the XML states it.
    fn is_shown(&self, pointer: &str) -> bool {
        let (facts, amounts) = (self.facts, self.amounts);
        match pointer {
            "/items" => !facts.lines.is_empty(),
            "/taxes" => !amounts.taxes.is_empty(),
            "/subtotal" => amounts.subtotal.is_some(),
            "/discount" => amounts.discount.is_some(),
            "/tax_amount" => amounts.tax.is_some(),
            "/prepaid" => facts.totals.prepaid.is_some(),
            "/rounding" => facts.totals.rounding.is_some(),
            _ => facts.totals.due.is_some(),
        }
    }
}

/// The number with two decimals, or as many as it has.
fn shown(number: Decimal) -> Decimal {
    let mut number = number.normalize();
    if number.scale() < DECIMALS {
        number.rescale(DECIMALS);
    }
    number
}

/// Whether the stated number is the computed one, or that rounded.
fn agree(computed: Decimal, stated: Decimal) -> bool {
    let rounded = |strategy| computed.round_dp_with_strategy(DECIMALS, strategy);
    // XPath, in which the rules are published, rounds a half upwards; most programs round it away from 0.
    stated == computed
        || stated == rounded(RoundingStrategy::MidpointAwayFromZero)
        || stated == rounded(RoundingStrategy::MidpointTowardZero) && computed < Decimal::ZERO
}

fn value(stated: Option<&Stated<Decimal>>) -> Option<Decimal> {
    stated.map(|stated| stated.value)
}

fn total<'a>(all: impl IntoIterator<Item = &'a Stated<Decimal>>) -> Option<Decimal> {
    let mut values = all.into_iter().map(|stated| stated.value);
    values.try_fold(Decimal::ZERO, Decimal::checked_add)
}

/// The rate and the base of a subtotal, and the tax that they make.
fn expected_tax(tax: &TaxSubtotal) -> Option<(Decimal, Decimal, Decimal)> {
    let (rate, base) = (value(tax.rate.as_ref())?, value(tax.base.as_ref())?);
    let hundredfold = base.checked_mul(rate)?;
    let computed = hundredfold.checked_div(Decimal::ONE_HUNDRED)?;
    let strategy = RoundingStrategy::MidpointAwayFromZero;
    Some((
        rate,
        base,
        computed.round_dp_with_strategy(DECIMALS, strategy),
    ))
}
