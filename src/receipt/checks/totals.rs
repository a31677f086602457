//! Checks of the total, and of the tax that is in it or on top of it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Finding, amounts::Amounts, places::RoundingStep};

/// The relation of prices and tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The tax comes on top of the prices.
    Added,
    /// The prices include the tax.
    Included,
}

const MODES: [Mode; 2] = [Mode::Added, Mode::Included];

/// Checks that subtotal plus tax less discount and prepaid is the total, with the tax added or in
/// the prices, and rounded as printed or as tills of the place round.
pub fn total_adds_up(amounts: &Amounts) -> Option<Finding> {
    let subtotal = amounts.before_tax()?;
    let (tax, discount, total) = (amounts.tax?, amounts.discount?, amounts.total?);
    let mut fields = vec!["/subtotal", "/tax_amount", "/discount", "/total_due"];
    let more = [
        ("/prepaid", amounts.prepaid),
        ("/rounding", amounts.rounding),
    ];
    fields.extend(
        more.iter()
            .filter(|(_, part)| !part.is_zero())
            .map(|(name, _)| *name),
    );
    let agrees = MODES.iter().any(|mode| makes_total(amounts, *mode));
    let fault = (!agrees).then(|| {
        let (prepaid, rounding) = (amounts.prepaid, amounts.rounding);
        let sum = subtotal + tax - discount - prepaid + rounding;
        let named = |words: &str, part: Decimal| {
            let text = (!part.is_zero()).then(|| format!(" {words} {part}"));
            text.unwrap_or_default()
        };
        let (less, plus) = (named("less prepaid", prepaid), named("plus rounding", rounding));
        format!(
            "The subtotal {subtotal} plus tax {tax} less discount {discount}{less}{plus} makes {sum}, \
             not {total}."
        )
    });
    Some(Finding::new("total_adds_up", &fields, fault))
}

fn makes_total(amounts: &Amounts, mode: Mode) -> bool {
    let sums = || {
        let (tax, total) = (amounts.tax?, amounts.total?);
        let on_top = match mode {
            Mode::Added => tax,
            Mode::Included => Decimal::ZERO,
        };
        Some((net(amounts)? + on_top - amounts.prepaid, total))
    };
    sums().is_some_and(|(sum, total)| {
        sum + amounts.rounding == total || is_rounded(amounts, mode, sum, total)
    })
}

/// Returns the subtotal less the discount, unless it is taken off already.
fn net(amounts: &Amounts) -> Option<Decimal> {
    let (subtotal, discount) = (amounts.before_tax()?, amounts.discount?);
    let is_taken_off = amounts.discount_is_in_subtotal();
    Some(if is_taken_off {
        subtotal
    } else {
        subtotal - discount
    })
}

/// Returns whether a till of the place rounds `sum` to `total` in cash without printing the
/// rounding. That is ruled out if a part of the sum is less than the coin.
fn is_rounded(amounts: &Amounts, mode: Mode, sum: Decimal, total: Decimal) -> bool {
    let Amounts {
        place,
        tax,
        discount,
        prepaid,
        ..
    } = amounts;
    let added = tax.filter(|_| mode == Mode::Added).unwrap_or_default();
    let may_be_rounded_at_a_till = place.tills_add_tax || added.is_zero();
    let parts = [
        discount.unwrap_or_default(),
        *prepaid,
        if place.is_written_whole {
            added
        } else {
            Decimal::ZERO
        },
    ];
    may_be_rounded_at_a_till
        && amounts.rounding.is_zero()
        && !total.is_zero()
        && place.coins().any(|coin| {
            let is_sound = parts
                .iter()
                .all(|part| part.is_zero() || part.abs() >= coin.size);
            is_sound && coin.makes(sum, total)
        })
}

/// Checks that the tax is its rate of the subtotal, before or after the discount, added or in the
/// prices. If the tax is broken down, checks that the largest rate is the rate.
pub fn tax_matches_rate(amounts: &Amounts) -> Option<Finding> {
    let (rate, tax) = (amounts.tax_rate?, amounts.tax?);
    if !amounts.taxes.is_empty() {
        return rate_is_of_the_taxes(amounts, rate);
    }
    let subtotal = amounts.before_tax()?;
    let discount = amounts.discount?;
    if rate <= Decimal::ZERO {
        return included_without_rate(amounts, subtotal, discount, tax);
    }
    let modes = modes(amounts);
    let part = amounts.place.part_taxed(rate, &amounts.day);
    let rates = [Some(rate), part.map(|part| (rate * part).round_dp(9))];
    let agrees = modes.iter().any(|mode| {
        rates.into_iter().flatten().any(|rate| {
            [subtotal, subtotal - discount]
                .into_iter()
                .any(|base| is_tax(amounts, *mode, base, rate, tax))
                || is_tax_by_line(amounts, *mode, rate, tax)
        })
    });
    let fault = (!agrees).then(|| {
        let expected = share(Mode::Added, subtotal, rate).round_dp(3).normalize();
        format!("{rate} % of {subtotal} makes {expected}, and the tax is {tax}.")
    });
    Some(of_rate(fault))
}

fn of_rate(fault: Option<String>) -> Finding {
    Finding::new(
        "tax_matches_rate",
        &["/subtotal", "/tax_rate_percent", "/tax_amount"],
        fault,
    )
}

/// Returns the relations of prices and tax with which the total adds up; both if none does or there
/// is no total.
fn modes(amounts: &Amounts) -> Vec<Mode> {
    let fit: Vec<Mode> = MODES
        .into_iter()
        .filter(|mode| makes_total(amounts, *mode))
        .collect();
    if fit.is_empty() { MODES.to_vec() } else { fit }
}

/// Returns the tax of `base`, not rounded.
fn share(mode: Mode, base: Decimal, rate: Decimal) -> Decimal {
    let whole = match mode {
        Mode::Added => Decimal::ONE_HUNDRED,
        Mode::Included => Decimal::ONE_HUNDRED + rate,
    };
    (base * rate).checked_div(whole).unwrap_or_default()
}

/// Returns whether `tax` is the tax of `base`. The total checks an added tax to the last digit, so
/// in places without small change it may be rounded either way.
fn is_tax(amounts: &Amounts, mode: Mode, base: Decimal, rate: Decimal, tax: Decimal) -> bool {
    let exact = share(mode, base, rate);
    let is_free = mode == Mode::Added && amounts.unit >= Decimal::ONE;
    amounts.step().makes(exact, tax) || (is_free && (exact - tax).abs() < amounts.unit)
}

/// Returns whether `tax` is the sum of the items' taxes, each rounded.
fn is_tax_by_line(amounts: &Amounts, mode: Mode, rate: Decimal, tax: Decimal) -> bool {
    let step = RoundingStep::nearest(amounts.unit);
    let taxes: Option<Vec<Decimal>> = amounts
        .items
        .iter()
        .map(|item| Some(step.round(share(mode, item.total?, rate))))
        .collect();
    taxes.is_some_and(|taxes| !taxes.is_empty() && taxes.iter().sum::<Decimal>() == tax)
}

/// Checks that a tax in the prices without a printed rate fits a rate of the place. An added tax
/// needs no rate, since the total checks it.
fn included_without_rate(
    amounts: &Amounts,
    subtotal: Decimal,
    discount: Decimal,
    tax: Decimal,
) -> Option<Finding> {
    let is_held = makes_total(amounts, Mode::Added) || !makes_total(amounts, Mode::Included);
    if tax.is_zero() || is_held {
        return None;
    }
    let agrees = amounts.place.included_rates().any(|rate| {
        [subtotal, subtotal - discount]
            .into_iter()
            .any(|base| is_tax(amounts, Mode::Included, base, rate, tax))
            || is_tax_by_line(amounts, Mode::Included, rate, tax)
    });
    let fault = (!agrees).then(|| {
        format!("A tax of {tax} in {subtotal} fits no tax rate that is used with the currency.")
    });
    Some(of_rate(fault))
}

/// Checks that the rate is the largest in the breakdown, or the sum of the rates if they apply to
/// the same base.
fn rate_is_of_the_taxes(amounts: &Amounts, rate: Decimal) -> Option<Finding> {
    let rates: Vec<Decimal> = amounts.taxes.iter().filter_map(|tax| tax.rate).collect();
    let largest = *rates.iter().max()?;
    let bases: BTreeSet<_> = amounts.taxes.iter().map(|tax| tax.base).collect();
    // A withheld tax is not part of the sum.
    let signs: BTreeSet<_> = amounts
        .taxes
        .iter()
        .filter_map(|tax| Some(tax.amount? >= Decimal::ZERO))
        .collect();
    let is_sum = bases.len() == 1 && signs.len() == 1 && rates.iter().sum::<Decimal>() == rate;
    let fault = (rate != largest && !is_sum)
        .then(|| format!("The rate is {rate} %, and the largest of the taxes is {largest} %."));
    Some(Finding::new(
        "tax_matches_rate",
        &["/tax_rate_percent", "/taxes"],
        fault,
    ))
}

/// Checks that each tax is its rate of its base, that the taxes add up to the tax, and that the
/// bases add up to the amount bought.
pub fn taxes_add_up(amounts: &Amounts) -> Option<Finding> {
    if amounts.taxes.is_empty() {
        return None;
    }
    let mut faults = Vec::new();
    let sum: Option<Decimal> = amounts.taxes.iter().map(|tax| tax.amount).sum();
    if let (Some(sum), Some(tax)) = (sum, amounts.tax)
        && sum != tax
    {
        faults.push(format!("The taxes make {sum}, and the tax is {tax}."));
    }
    let modes = modes(amounts);
    // A base may be printed with or without its tax, whether or not prices include it.
    let mut ways = modes
        .iter()
        .flat_map(|mode| MODES.map(|base| (*mode, base)));
    let is_sound = ways.any(|(mode, base)| {
        misfit(amounts, base).is_none() && covers(amounts, mode, base) != Some(false)
    });
    if !is_sound {
        let misfits = MODES.map(|base| misfit(amounts, base));
        faults.push(match misfits {
            [Some((number, base)), Some(_)] => format!("Tax {number} is not its rate of {base}."),
            _ => "The bases of the taxes do not add up to the amount bought.".to_owned(),
        });
    }
    let fault = (!faults.is_empty()).then(|| faults.join(" "));
    Some(Finding::new(
        "taxes_add_up",
        &["/taxes", "/tax_amount", "/subtotal"],
        fault,
    ))
}

/// Returns the number and base of the first tax that is not its rate of its base; `mode` tells
/// whether bases include the tax.
fn misfit(amounts: &Amounts, mode: Mode) -> Option<(usize, Decimal)> {
    let mut taxes = amounts.taxes.iter().enumerate();
    taxes.find_map(|(number, tax)| {
        // A withheld tax is negative.
        let [rate, base, amount] = [tax.rate?, tax.base?, tax.amount?].map(|part| part.abs());
        let is_off = (share(mode, base, rate) - amount).abs() >= amounts.unit;
        is_off.then_some((number + 1, base))
    })
}

/// Returns whether the bases add up to the amount bought, except for items without tax; `None` if
/// that is not known. `prices` and `base` tell whether those include the tax.
fn covers(amounts: &Amounts, prices: Mode, base: Mode) -> Option<bool> {
    let (subtotal, discount, tax) = (amounts.before_tax()?, amounts.discount?, amounts.tax?);
    let more = match (prices, base) {
        (Mode::Added, Mode::Added) | (Mode::Included, Mode::Included) => Decimal::ZERO,
        (Mode::Added, Mode::Included) => tax,
        (Mode::Included, Mode::Added) => -tax,
    };
    // A withheld tax applies to a base that is counted already.
    let is_withheld = |amount: Decimal| amount.is_sign_negative() && !subtotal.is_sign_negative();
    let levied = amounts
        .taxes
        .iter()
        .filter(|tax| !tax.amount.is_some_and(is_withheld));
    let bases: Vec<Decimal> = levied.map(|tax| tax.base).collect::<Option<_>>()?;
    let untaxed = sums_of_some(amounts)?;
    let part = amounts
        .taxes
        .iter()
        .find_map(|tax| amounts.place.part_taxed(tax.rate?, &amounts.day));
    // The base of two taxes, such as those of a state and of the country, counts once.
    let once: BTreeSet<Decimal> = bases.iter().copied().collect();
    let covered: [Decimal; 2] = [bases.iter().sum(), once.iter().sum()];
    let bought = [subtotal + more, subtotal - discount + more];
    // A base that is a share of the price is rounded.
    let is_part = |bought: Decimal, part: Decimal| {
        let exact = untaxed.iter().map(|untaxed| (bought - untaxed) * part);
        exact
            .into_iter()
            .any(|exact| (exact - covered[0]).abs() < amounts.unit)
    };
    if part.is_some_and(|part| bought.iter().any(|bought| is_part(*bought, part))) {
        return Some(true);
    }
    let mut rests = bought
        .into_iter()
        .flat_map(|bought| covered.map(|covered| bought - covered));
    Some(rests.any(|rest| untaxed.contains(&rest)))
}

/// Returns the sums of all subsets of the items; `None` if there are too many.
fn sums_of_some(amounts: &Amounts) -> Option<BTreeSet<Decimal>> {
    const MOST: usize = 4096;
    let mut sums = BTreeSet::from([Decimal::ZERO]);
    for item in &amounts.items {
        let total = item.total?;
        let with: Vec<Decimal> = sums.iter().map(|sum| sum + total).collect();
        sums.extend(with);
        if sums.len() > MOST {
            return None;
        }
    }
    Some(sums)
}
