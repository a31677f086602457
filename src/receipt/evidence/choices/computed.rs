//! Prices and totals that are not printed, but are the quotient or product of numbers printed
//! beside each other.

use rust_decimal::Decimal;

use super::super::{amounts::NumberIndex, labels::FieldRole};

/// Decimals of computed numbers at most.
const DECIMALS: u32 = 4;

/// Largest number of pieces.
const MOST_PIECES: i64 = 1000;

/// Most computed numbers of one kind.
const MOST: usize = 200;

/// Rows between a quantity and its amount at most.
const ROWS: usize = 1;

/// Returns unit prices (printed total over printed quantity), or totals (their product).
pub fn numbers(index: &NumberIndex, role: FieldRole) -> Vec<Decimal> {
    let mut found = Vec::new();
    if !matches!(role, FieldRole::UnitPrice | FieldRole::Total) {
        return found;
    }
    let quantities = index.placed(FieldRole::Quantity, false);
    let amounts = index.placed(role, true);
    for (quantity, place) in &quantities {
        let quantity = quantity.abs().normalize();
        if quantity <= Decimal::ONE || quantity > MOST_PIECES.into() || !quantity.fract().is_zero()
        {
            continue;
        }
        for (amount, other) in &amounts {
            let is_near = place.0 == other.0 && place.1.abs_diff(other.1) <= ROWS;
            if !is_near || place == other {
                continue;
            }
            let made = match role {
                FieldRole::UnitPrice => amount.abs().checked_div(quantity),
                _ => amount.abs().checked_mul(quantity),
            };
            let Some(made) = made.map(|made| made.normalize()) else {
                continue;
            };
            if made.scale() <= DECIMALS && !found.contains(&made) {
                found.push(made);
            }
            if found.len() == MOST {
                return found;
            }
        }
    }
    found
}
