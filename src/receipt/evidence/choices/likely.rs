//! Which of the amounts on a page may be those of its sums, by the words that they stand beside.

use rust_decimal::Decimal;

use super::super::labels::{FieldRole, LIKELY};

/// Cost above that of the likeliest amount up to which another one is a choice, where an amount
/// stands beside words for the field.
const SPREAD: f32 = 0.25;

/// Cost of the sum before rounding where the sum after it is printed.
const BEFORE_ROUNDING: f32 = 0.3;

/// Keeps the amounts that a field of that role likely has, each with its cost; the likeliest is the
/// first.
pub fn keep(role: FieldRole, found: &mut Vec<(Decimal, f32)>) {
    if role == FieldRole::Total {
        prefer_rounded(found);
    }
    let best = found.first().map_or(f32::INFINITY, |(_, cost)| *cost);
    if best <= LIKELY {
        found.retain(|(_, cost)| *cost <= best + SPREAD);
    }
}

/// Prefers a sum after cash rounding to the same sum before it: of two likely sums that differ by
/// less than five hundredths, the one that is a multiple of five hundredths.
fn prefer_rounded(found: &mut [(Decimal, f32)]) {
    let step = Decimal::new(5, 2);
    let is_round = |amount: &Decimal| amount.checked_rem(step).is_some_and(|rest| rest.is_zero());
    let rounded: Vec<(Decimal, f32)> = found
        .iter()
        .filter(|(amount, _)| is_round(amount) && !amount.is_zero())
        .copied()
        .collect();
    for at in 0..found.len() {
        let (amount, cost) = found[at];
        if is_round(&amount) || cost > LIKELY {
            continue;
        }
        let is_near = |other: &Decimal| {
            let apart = other.checked_sub(amount);
            apart.is_some_and(|apart| apart.abs() < step)
        };
        let after = rounded.iter().find(|(other, _)| is_near(other));
        if let Some((after, _)) = after {
            found[at].1 += BEFORE_ROUNDING;
            for (other, other_cost) in found.iter_mut() {
                if other == after {
                    *other_cost = other_cost.min(cost);
                }
            }
        }
    }
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
}
