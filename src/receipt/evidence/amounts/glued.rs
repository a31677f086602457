//! Quantities that stand at their prices with no blank between them, `2404.085` for 2 at 404.085.

use rust_decimal::Decimal;

use super::{super::sheet::Sheet, NumberIndex, NumberReading, PrintedNumber, surroundings::GLUED};

impl NumberIndex {
    /// Adds the quantities and prices of sheet `number` that stand in one word, where they make the amount at the end of
    /// its row.
    pub(super) fn add_glued(&mut self, number: usize, sheet: &Sheet<'_>) {
        for end in self.row_ends(number, sheet) {
            for &line in sheet.lines_of(end.row) {
                for (word, printed) in sheet.lines[line].words.iter().enumerate() {
                    for value in parts(end.value, &printed.text).into_iter().flatten() {
                        self.add_part(number, sheet, (line, word), value);
                    }
                }
            }
        }
    }

    fn add_part(
        &mut self,
        number: usize,
        sheet: &Sheet<'_>,
        (line, word): (usize, usize),
        value: Decimal,
    ) {
        let place = self.readings.len();
        self.by_value.entry(value).or_default().push(place);
        self.readings.push(NumberReading {
            value,
            number: self.numbers.len(),
            cost: GLUED,
        });
        self.numbers.push(PrintedNumber {
            occurrence: sheet.occurrence(number, vec![(line, word..word + 1)], GLUED),
            is_percent: false,
            is_negative: false,
            is_plain: false,
            label: sheet.left_of(line, word),
            header: sheet.above(line, word),
        });
    }
}

/// Returns the quantity and the price that a word of digits is made of, if they make the total.
fn parts(total: Decimal, word: &str) -> Option<[Decimal; 2]> {
    let is_digits = word
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    if !is_digits {
        return None;
    }
    let number = |text: &str| {
        let decimals = match text.rsplit_once(['.', ',']) {
            Some((_, behind)) if behind.len() < 3 => behind.len(),
            _ => 0,
        };
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        Some(Decimal::new(
            digits.parse().ok()?,
            u32::try_from(decimals).ok()?,
        ))
    };
    let mut ways = (1..word.len()).filter_map(|at| {
        let (quantity, price) = word.split_at(at);
        let begins = price.starts_with(|c: char| c.is_ascii_digit() && c != '0');
        let ends = quantity.ends_with(|c: char| c.is_ascii_digit());
        let (quantity, price) = (number(quantity)?, number(price)?);
        let makes = quantity.checked_mul(price) == Some(total) && !total.is_zero();
        (begins && ends && makes).then_some([quantity.normalize(), price])
    });
    ways.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(total: &str, word: &str) -> Option<[String; 2]> {
        let found = parts(total.parse().unwrap(), word)?;
        Some(found.map(|it| it.normalize().to_string()))
    }

    #[test]
    fn a_quantity_may_stand_at_its_price_without_a_blank() {
        for (total, word, quantity, price) in [
            ("808170", "2404.085", "2", "404085"),
            ("32100.00", "2.016,050.00", "2", "16050"),
            ("240000", "1240.000", "1", "240000"),
        ] {
            let parts = [quantity, price].map(str::to_owned);
            assert_eq!(of(total, word), Some(parts), "{word}");
        }
        for (total, word) in [("240000", "240.000"), ("0", "1000"), ("7.50", "32.50x")] {
            assert_eq!(of(total, word), None, "{word}");
        }
    }
}
