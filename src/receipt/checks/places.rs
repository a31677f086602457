//! The rules of the places that use a currency: its decimals, and the coins that totals are rounded
//! to.
//!
//! Sources. For decimals, and amounts that are written without any: ISO 4217 and Unicode CLDR 45,
//! `supplemental/currencyData` (`digits`, `cashDigits`, `cashRounding`). For coins: the law or the
//! central bank named at the row, otherwise the article "Cash rounding" of the English Wikipedia,
//! which lists them by country. A currency without a row rounds to its decimals alone.

use rust_decimal::{Decimal, RoundingStrategy};

/// Direction in which an amount between two steps is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the nearer step; from the middle to either.
    Nearest,
    /// To the step nearer to 0.
    Down,
    /// To either step, as the seller chooses.
    Either,
}

/// A rounding rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundingStep {
    /// Size of a step.
    pub size: Decimal,
    /// Direction of the rounding.
    pub direction: Direction,
}

impl RoundingStep {
    /// Creates a rule that rounds to the nearest multiple of `size`.
    pub fn nearest(size: Decimal) -> Self {
        Self {
            size,
            direction: Direction::Nearest,
        }
    }

    /// Returns whether `exact`, rounded, is `printed`.
    pub fn makes(self, exact: Decimal, printed: Decimal) -> bool {
        if self.size.is_zero() || !(printed % self.size).is_zero() {
            return exact == printed;
        }
        let (off, half) = ((exact - printed).abs(), self.size / Decimal::TWO);
        match self.direction {
            Direction::Nearest => off <= half,
            Direction::Down => off < self.size && printed.abs() <= exact.abs(),
            Direction::Either => off < self.size,
        }
    }

    /// Rounds `exact` to the nearest multiple, from the middle away from 0.
    pub fn round(self, exact: Decimal) -> Decimal {
        let steps = exact.checked_div(self.size).unwrap_or(exact);
        let steps = steps.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        steps * self.size
    }
}

/// The rules of a currency.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct CurrencyRules {
    /// Decimals of its amounts.
    pub decimals: u32,
    /// Whether amounts may be written without decimals, if no amount on the paper has any.
    pub is_written_whole: bool,
    /// Steps to which totals in cash may be rounded, in thousandths, with their direction.
    coins: &'static [(i64, Direction)],
    /// Whether the seller chooses how amounts with more decimals are rounded.
    pub rounds_freely: bool,
    /// Whether prices are in steps of the coin too, and weighed items are rounded to it.
    pub prices_are_in_coins: bool,
    /// Whether tills add the tax, so that a rounded total may have tax on top. Elsewhere, prices
    /// that are paid in cash include it.
    pub tills_add_tax: bool,
    /// A rate that may apply to a share of the price only, that share, and its first day.
    part_taxed: Option<(u32, [u32; 2], &'static str)>,
    /// Rates of the tax that prices include, in tenths of a per cent; `None` if they are not
    /// listed.
    included_rates: Option<&'static [u32]>,
}

impl CurrencyRules {
    /// Returns the steps to which a total in cash may be rounded.
    pub fn coins(&self) -> impl Iterator<Item = RoundingStep> + '_ {
        self.coins
            .iter()
            .map(|&(thousandths, direction)| RoundingStep {
                size: Decimal::new(thousandths, 3).normalize(),
                direction,
            })
    }

    /// Returns the share of a price to which a tax of `rate` per cent may apply on a day
    /// (YYYY-MM-DD); `None` for the whole price.
    pub fn part_taxed(&self, rate: Decimal, day: &str) -> Option<Decimal> {
        let (at, [part, whole], since) = self.part_taxed?;
        let share = Decimal::from(part).checked_div(whole.into())?;
        (rate == at.into() && day >= since).then_some(share)
    }

    /// Returns the rates, in per cent, of the tax that prices may include: those of the place, or
    /// whole numbers.
    pub fn included_rates(&self) -> impl Iterator<Item = Decimal> + '_ {
        let listed = self.included_rates.into_iter().flatten();
        let listed = listed.map(|&rate| Decimal::new(rate.into(), 1));
        let is_listed = self.included_rates.is_some();
        let others = (1..=27_u32).filter(move |_| !is_listed).map(Decimal::from);
        listed.chain(others)
    }
}

const PLAIN: CurrencyRules = CurrencyRules {
    decimals: 2,
    is_written_whole: false,
    coins: &[],
    rounds_freely: false,
    prices_are_in_coins: false,
    tills_add_tax: true,
    part_taxed: None,
    included_rates: None,
};

const fn cash(coins: &'static [(i64, Direction)]) -> CurrencyRules {
    CurrencyRules { coins, ..PLAIN }
}

const fn whole(coins: &'static [(i64, Direction)]) -> CurrencyRules {
    CurrencyRules {
        is_written_whole: true,
        coins,
        ..PLAIN
    }
}

const fn undivided(coins: &'static [(i64, Direction)]) -> CurrencyRules {
    CurrencyRules {
        decimals: 0,
        is_written_whole: true,
        coins,
        ..PLAIN
    }
}

const fn with_rates(place: CurrencyRules, included_rates: &'static [u32]) -> CurrencyRules {
    CurrencyRules {
        included_rates: Some(included_rates),
        ..place
    }
}

/// Currencies of places where shops have to show prices with tax (in the EU by directive 98/6/EC).
const PRICES_HOLD_TAX: [&str; 21] = [
    "EUR", "SEK", "NOK", "DKK", "ISK", "HUF", "CZK", "CHF", "GBP", "PLN", "RON", "BAM", "RSD",
    "MKD", "UAH", "RUB", "ILS", "AUD", "NZD", "ZAR", "CLP",
];

use Direction::{Down, Nearest};

/// Returns the rules of `currency`. An unknown one has two decimals, which may be left out if no
/// amount has any.
pub fn of(currency: &str) -> CurrencyRules {
    let place = europe(currency).or_else(|| asia(currency));
    CurrencyRules {
        tills_add_tax: !PRICES_HOLD_TAX.contains(&currency),
        ..place.unwrap_or_else(|| others(currency))
    }
}

fn europe(currency: &str) -> Option<CurrencyRules> {
    Some(match currency {
        // FI: Act 890/2000 on the rounding of cash payments; NL 2004; BE: Code of Economic Law VI.7/1;
        // IE 2015; IT: D.L. 50/2017, art. 13-quater; SK: Act 18/1996 as of 2022; LT, EE: as of 2025.
        "EUR" => with_rates(
            cash(&[(50, Nearest)]),
            &[
                21, 30, 40, 48, 50, 55, 60, 65, 70, 80, 90, 95, 100, 120, 130, 135, 140, 160, 170,
                180, 190, 200, 210, 220, 230, 240, 250, 255,
            ],
        ),
        // The Riksbank withdrew the 50 öre in 2010.
        "SEK" => with_rates(whole(&[(1_000, Nearest)]), &[60, 120, 250]),
        // The Bank of Norway withdrew the 50 øre in 2012.
        "NOK" => with_rates(whole(&[(1_000, Nearest)]), &[120, 150, 250]),
        // Danmarks Nationalbank withdrew the 25 øre in 2008.
        "DKK" => with_rates(cash(&[(500, Nearest)]), &[250]),
        "ISK" => with_rates(undivided(&[]), &[110, 240]),
        // Act III of 2008: to 5 forints.
        "HUF" => with_rates(whole(&[(5_000, Nearest)]), &[50, 180, 270]),
        // Act 634/1992, par. 3: to whole crowns.
        "CZK" => with_rates(whole(&[(1_000, Nearest)]), &[100, 120, 150, 210]),
        // Coins below 5 Rappen ended in 2007; prices are in steps of 5 too.
        "CHF" => CurrencyRules {
            prices_are_in_coins: true,
            ..with_rates(cash(&[(50, Nearest)]), &[25, 26, 37, 38, 77, 81])
        },
        "GBP" => with_rates(PLAIN, &[50, 200]),
        "PLN" => with_rates(PLAIN, &[50, 80, 230]),
        "RON" => with_rates(PLAIN, &[50, 90, 110, 190, 210]),
        "BAM" => with_rates(cash(&[(50, Nearest)]), &[170]),
        "RSD" => with_rates(undivided(&[(1_000, Nearest)]), &[100, 200]),
        "MKD" => cash(&[(1_000, Nearest)]),
        "ALL" => undivided(&[]),
        // National Bank of Ukraine: to 10 kopiykas, and to 50 as those are withdrawn.
        "UAH" => with_rates(cash(&[(100, Nearest), (500, Nearest)]), &[70, 140, 200]),
        "RUB" => with_rates(cash(&[(1_000, Down)]), &[100, 200]),
        _ => return None,
    })
}

fn asia(currency: &str) -> Option<CurrencyRules> {
    Some(match currency {
        // Regulation 35/2013 of the Ministry of Trade lets sellers round to what coins there are.
        // By regulation PMK 131/2024 of the Ministry of Finance, 12 % are of 11/12 of the price since 2025.
        "IDR" => CurrencyRules {
            part_taxed: Some((12, [11, 12], "2025-01-01")),
            ..with_rates(
                whole(&[(100_000, Nearest), (100_000, Down)]),
                &[10, 11, 30, 50, 100, 110, 120],
            )
        },
        // Bank Negara Malaysia, Rounding Mechanism, 2008: to 5 sen.
        "MYR" => with_rates(cash(&[(50, Nearest)]), &[50, 60, 80, 100]),
        // The Currency Interchangeability Agreement ties both; 1 cent is no longer issued.
        "SGD" => with_rates(cash(&[(50, Nearest), (50, Down)]), &[70, 80, 90]),
        "BND" => cash(&[(50, Nearest)]),
        "HKD" => cash(&[(100, Nearest), (100, Down)]),
        // Reserve Bank of India: the 50 paise is the smallest coin; the GST Act, s. 170, rounds to rupees.
        "INR" => with_rates(cash(&[(1_000, Nearest)]), &[50, 120, 180, 280, 400]),
        "BDT" | "LKR" | "NPR" => cash(&[(1_000, Nearest)]),
        "PKR" => whole(&[(1_000, Nearest)]),
        "VND" => with_rates(
            undivided(&[(500_000, Nearest), (1_000_000, Nearest)]),
            &[50, 80, 100],
        ),
        // 25 satang is the smallest coin in use.
        "THB" => with_rates(cash(&[(250, Nearest), (250, Down)]), &[70]),
        "PHP" => with_rates(cash(&[(250, Nearest), (50, Nearest)]), &[120]),
        "TWD" => with_rates(whole(&[(1_000, Nearest)]), &[50]),
        // How the tax is rounded is left to the seller, once a rate and invoice.
        "JPY" => CurrencyRules {
            rounds_freely: true,
            ..with_rates(undivided(&[]), &[80, 100])
        },
        "KRW" => CurrencyRules {
            rounds_freely: true,
            ..with_rates(undivided(&[(10_000, Down), (10_000, Nearest)]), &[100])
        },
        "CNY" => with_rates(cash(&[(100, Nearest), (100, Down)]), &[10, 30, 60, 90, 130]),
        // Bank of Israel, 2008: to 10 agorot.
        "ILS" => with_rates(cash(&[(100, Nearest)]), &[170, 180]),
        // Three decimals; coins below 5 or 10 thousandths are not in use.
        "BHD" | "KWD" | "OMR" => CurrencyRules {
            decimals: 3,
            ..cash(&[(5, Nearest)])
        },
        "JOD" | "LYD" | "TND" => CurrencyRules {
            decimals: 3,
            ..cash(&[(5, Nearest), (10, Nearest)])
        },
        "IQD" | "YER" | "SYP" | "LBP" | "IRR" | "AFN" | "LAK" | "MMK" => undivided(&[]),
        "AED" | "QAR" => with_rates(cash(&[(250, Nearest)]), &[50]),
        "SAR" => with_rates(cash(&[(50, Nearest)]), &[50, 150]),
        "AMD" | "MNT" | "UZS" => whole(&[]),
        _ => return None,
    })
}

fn others(currency: &str) -> CurrencyRules {
    match currency {
        // Royal Australian Mint: to 5 cents since 1992.
        "AUD" => with_rates(cash(&[(50, Nearest)]), &[100]),
        // Reserve Bank of New Zealand: to 10 cents since 2006.
        "NZD" => with_rates(cash(&[(100, Nearest)]), &[150]),
        // Department of Finance: to 5 cents since 2013.
        "CAD" => with_rates(cash(&[(50, Nearest)]), &[50, 130, 150]),
        "USD" => with_rates(PLAIN, &[]),
        // South African Reserve Bank: no 5 cents since 2012; shops round down.
        "ZAR" => with_rates(cash(&[(100, Down), (100, Nearest)]), &[140, 150]),
        "NAD" | "BWP" | "LSL" | "SZL" => cash(&[(50, Nearest), (100, Down)]),
        // Ley 20.956: to 10 pesos.
        "CLP" => with_rates(undivided(&[(10_000, Nearest)]), &[190]),
        "COP" => with_rates(whole(&[(50_000, Nearest)]), &[50, 190]),
        "CRC" => whole(&[(5_000, Nearest)]),
        "BRL" => cash(&[(50, Down)]),
        // Ley 25.954: down, for the buyer.
        "ARS" => cash(&[(50, Down), (1_000, Down), (10_000, Down)]),
        "PEN" => with_rates(cash(&[(100, Down)]), &[180]),
        "GYD" | "TZS" | "MUR" => whole(&[(1_000, Nearest)]),
        "KES" | "NGN" | "UYU" => cash(&[(1_000, Nearest)]),
        "PYG" | "UGX" | "RWF" | "BIF" | "DJF" | "GNF" | "KMF" | "MGA" | "SOS" | "VUV" | "XAF"
        | "XOF" | "XPF" => undivided(&[]),
        "CLF" | "UYW" => CurrencyRules {
            decimals: 4,
            ..PLAIN
        },
        _ => CurrencyRules {
            is_written_whole: true,
            ..PLAIN
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn rounds(currency: &str, exact: &str, printed: &str) -> bool {
        of(currency)
            .coins()
            .any(|coin| coin.makes(d(exact), d(printed)))
    }

    #[test]
    fn totals_are_rounded_as_in_the_place() {
        for (currency, exact, printed) in [
            ("EUR", "12.32", "12.30"),
            ("EUR", "12.33", "12.35"),
            ("SEK", "24.50", "25"),
            ("NOK", "24.40", "24"),
            ("DKK", "24.30", "24.50"),
            ("HUF", "498", "500"),
            ("CZK", "99.50", "100"),
            ("ZAR", "18.99", "18.90"),
            ("ILS", "9.94", "9.90"),
            ("CHF", "7.43", "7.45"),
            ("AUD", "10.02", "10"),
            ("NZD", "10.05", "10.10"),
            ("CAD", "1.13", "1.15"),
            ("MYR", "3.02", "3"),
            ("INR", "45.60", "46"),
            ("IDR", "30803", "30800"),
            ("IDR", "30860", "30800"),
            ("VND", "20300", "20500"),
            ("KWD", "1.373", "1.375"),
            ("EUR", "-12.32", "-12.30"),
            ("CLP", "1235", "1240"),
        ] {
            assert!(
                rounds(currency, exact, printed),
                "{currency} {exact} {printed}"
            );
        }
        for (currency, exact, printed) in [
            ("EUR", "12.32", "12.35"),
            ("EUR", "12.32", "12.31"),
            ("SEK", "24.40", "25"),
            ("ZAR", "18.99", "18.80"),
            ("USD", "12.32", "12.30"),
            ("GBP", "12.32", "12.30"),
            ("JPY", "1231", "1230"),
            ("IDR", "30803", "30900"),
            ("XXX", "12.32", "12.30"),
        ] {
            assert!(
                !rounds(currency, exact, printed),
                "{currency} {exact} {printed}"
            );
        }
    }

    #[test]
    fn decimals_are_those_of_the_currency() {
        for (currency, decimals, whole) in [
            ("EUR", 2, false),
            ("JPY", 0, true),
            ("KWD", 3, false),
            ("IDR", 2, true),
            ("HUF", 2, true),
            ("CLF", 4, false),
            ("", 2, true),
        ] {
            let place = of(currency);
            assert_eq!(
                (place.decimals, place.is_written_whole),
                (decimals, whole),
                "{currency}"
            );
        }
    }

    #[test]
    fn steps_of_nothing_change_nothing() {
        let step = RoundingStep::nearest(Decimal::ZERO);
        assert!(step.makes(d("1.23"), d("1.23")));
        assert!(!step.makes(d("1.23"), d("1.24")));
        assert_eq!(
            RoundingStep::nearest(d("0.05")).round(d("1.225")),
            d("1.25")
        );
    }
}
