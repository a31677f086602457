//! Where the values of an answer stand on the pages.
//!
//! Every leaf of an answer is looked up on the text of the pages: numbers under the page's own
//! style (`amounts`), days in all printed forms (`dates`), texts by edit distance (`texts`). The
//! values of a list's element are sought on neighbouring rows (`records`). A number that is not
//! printed may follow from printed ones (`derived`).

mod amounts;
mod choices;
mod currencies;
mod dates;
mod derived;
mod facts;
mod fold;
mod labels;
mod leaves;
mod months;
mod placed_dates;
mod records;
mod sheet;
mod texts;

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

pub use choices::{ItemCount, ItemDetails, ItemRows, ItemText, PrintedChoice, choices, item_rows};
pub use facts::{PageFacts, TextFacts};

use super::schema::ReceiptSchema;
use crate::page::{PageBox, PageReading, TextSource};
use amounts::NumberIndex;
use dates::PrintedDate;
pub use labels::FieldRole;
use leaves::{AnswerLeaf, Sought};
use sheet::{Occurrence, Sheet};
use texts::TextIndex;

/// Most places that are told of one value.
const MOST_PLACES: usize = 4;

/// Cost by which a place may be behind the best one and still be told.
const SPREAD: f32 = 0.5;

/// A place on a page where a value is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Number of the page, counted from 1 over all files.
    pub page: usize,
    /// The place on the upright page.
    pub area: PageBox,
    /// The text that stands there, as it is printed.
    pub text: String,
    /// Where that text was taken from.
    pub source: EvidenceSource,
    /// Probability that the text was read right, 0 to 1.
    pub confidence: f32,
}

/// Where the text of a place was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceSource {
    /// The text of the page.
    Text(TextSource),
    /// A code that is printed there.
    Code,
}

impl EvidenceSource {
    /// All sources.
    pub const ALL: [Self; 3] = [
        Self::Text(TextSource::Pdf),
        Self::Text(TextSource::Reader),
        Self::Code,
    ];

    /// Returns the name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text(source) => source.as_str(),
            Self::Code => "code",
        }
    }
}

/// Whether a value stands on the pages.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It is printed in these places, the likeliest first; at least one.
    Printed(Vec<Evidence>),
    /// It is a sum, a product or a quotient of printed values.
    Derived,
    /// It stands nowhere.
    Missing,
    /// It need not be printed, such as null or 0.
    Exempt,
    /// The text of a page is not known, so that nothing can be said.
    Unknown,
}

impl Standing {
    /// Returns the name in the API.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Printed(_) => "printed",
            Self::Derived => "derived",
            Self::Missing => "missing",
            Self::Exempt => "exempt",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the places where the value is printed, the likeliest first.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        match self {
            Self::Printed(places) => places,
            _ => &[],
        }
    }
}

/// Whether one value of an answer stands on the pages.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldEvidence {
    /// JSON pointer to the value.
    pub pointer: String,
    /// Whether it stands on the pages.
    pub standing: Standing,
}

impl FieldEvidence {
    /// Returns the probability that the likeliest place was read right; `None` if the value is not
    /// printed.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        let place = self.standing.evidence().first()?;
        Some(f64::from(place.confidence))
    }
}

/// How many of the values that have to be printed are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintedShare {
    /// Values that are printed, or follow from printed ones.
    pub found: usize,
    /// All values that have to be printed.
    pub all: usize,
}

impl PrintedShare {
    /// Counts the values; `None` if there are none, or nothing can be said of one.
    #[must_use]
    pub fn of(fields: &[FieldEvidence]) -> Option<Self> {
        let mut share = Self { found: 0, all: 0 };
        for field in fields {
            match field.standing {
                Standing::Printed(_) | Standing::Derived => {
                    share.found += 1;
                    share.all += 1;
                }
                Standing::Missing => share.all += 1,
                Standing::Exempt => {}
                Standing::Unknown => return None,
            }
        }
        (share.all > 0).then_some(share)
    }
}

/// Looks every leaf of `object` up on the text of the pages, and returns them in its order.
///
/// Takes milliseconds of one core for a long answer: keep it off the async threads.
#[must_use]
pub fn of_fields(
    object: &Value,
    schema: &ReceiptSchema,
    pages: &[PageReading],
) -> Vec<FieldEvidence> {
    let known = pages.iter().zip(1..);
    let sheets: Vec<_> = known
        .filter_map(|(page, number)| Some(Sheet::new(number, page.as_ref().ok()?)))
        .collect();
    let is_unknown = pages.is_empty() || pages.iter().any(Result::is_err);
    let leaves = leaves::leaves(object, schema);
    let mut pages = Lookup::of(&sheets);
    let mut found: Vec<_> = leaves.iter().map(|leaf| pages.find(leaf)).collect();
    records::settle(&leaves, &mut found);
    let places = leaves.iter().zip(found);
    let mut standings: Vec<_> = places
        .map(|(leaf, places)| pages.standing(leaf, places))
        .collect();
    derived::mark(&leaves, &mut standings);
    for (leaf, standing) in leaves.iter().zip(&mut standings) {
        if *standing == Standing::Missing && pages.is_computed(leaf) {
            *standing = Standing::Derived;
        }
    }
    let fields = leaves.into_iter().zip(standings);
    fields
        .map(|(leaf, standing)| FieldEvidence {
            pointer: leaf.pointer,
            standing: match standing {
                Standing::Missing if is_unknown => Standing::Unknown,
                known => known,
            },
        })
        .collect()
}

/// The indexes of all pages.
struct Lookup<'a> {
    sheets: &'a [Sheet<'a>],
    numbers: NumberIndex,
    dates: HashMap<NaiveDate, Vec<Occurrence>>,
    /// The dates of all sheets with their places.
    printed_dates: Vec<(PrintedDate, Occurrence)>,
    texts: TextIndex,
    /// The places of the currencies that were asked for.
    currencies: HashMap<String, Vec<Occurrence>>,
    is_any_currency_printed: bool,
    /// The computed numbers of the roles that were asked for.
    computed: HashMap<FieldRole, Vec<Decimal>>,
}

impl<'a> Lookup<'a> {
    fn of(sheets: &'a [Sheet<'a>]) -> Self {
        let of_lines = |sheet: &Sheet<'_>| -> Vec<_> {
            let lines = sheet.prints.iter();
            lines.map(|line| dates::dates(&line.chars)).collect()
        };
        let printed: Vec<_> = sheets.iter().map(of_lines).collect();
        let numbers = NumberIndex::of(sheets, &printed);
        let printed = placed_dates::placed(sheets, printed);
        let mut days: HashMap<NaiveDate, Vec<Occurrence>> = HashMap::new();
        for (date, place) in &printed {
            for (day, cost) in &date.days {
                let mut occurrence = place.clone();
                occurrence.cost += cost;
                days.entry(*day).or_default().push(occurrence);
            }
        }
        Self {
            numbers,
            dates: days,
            printed_dates: printed,
            texts: TextIndex::of(sheets),
            currencies: HashMap::new(),
            is_any_currency_printed: currencies::is_any_printed(sheets),
            computed: HashMap::new(),
            sheets,
        }
    }

    /// Returns the places where a leaf may be printed.
    fn find(&mut self, leaf: &AnswerLeaf) -> Vec<Occurrence> {
        match &leaf.sought {
            Sought::Nothing => Vec::new(),
            Sought::Number(number) => self.numbers.find(*number, leaf.role),
            Sought::Day(day) => self.days(*day, leaf.role),
            Sought::Identifier(text) => texts::find_identifier(text, self.sheets),
            Sought::Text(text) => self.texts.find(text, self.sheets),
            Sought::Currency(code) => {
                let places = self.currencies.entry(code.clone());
                let places = places.or_insert_with(|| currencies::find(code, self.sheets));
                places.clone()
            }
        }
    }

    /// Returns whether a value of a list is the quotient or product of numbers printed beside each
    /// other.
    fn is_computed(&mut self, leaf: &AnswerLeaf) -> bool {
        let Some(number) = leaf.number.filter(|_| leaf.record().is_some()) else {
            return false;
        };
        let computed = self.computed.entry(leaf.role);
        let computed = computed.or_insert_with(|| choices::computed(&self.numbers, leaf.role));
        computed.contains(&number.abs())
    }

    fn days(&self, day: NaiveDate, role: FieldRole) -> Vec<Occurrence> {
        let mut places = self.dates.get(&day).cloned().unwrap_or_default();
        for place in &mut places {
            if let Some((line, words)) = place.parts.first() {
                place.cost += self.cost_of_day(place.sheet, *line, words.start, role);
            }
        }
        places
    }

    /// Returns the cost of the words before a date for a field of that role.
    fn cost_of_day(&self, sheet: usize, line: usize, word: usize, role: FieldRole) -> f32 {
        let label = self.sheets[sheet].left_of(line, word);
        let is_due = FieldRole::Due.cost(&label) == 0.0;
        if is_due == (role == FieldRole::Due) {
            0.0
        } else {
            SPREAD / 2.0
        }
    }

    /// Returns where a leaf stands, by the places where it may be printed.
    fn standing(&self, leaf: &AnswerLeaf, mut places: Vec<Occurrence>) -> Standing {
        let is_one = leaf.role == FieldRole::Quantity && leaf.number == Some(Decimal::ONE);
        let is_of_place =
            matches!(leaf.sought, Sought::Currency(_)) && !self.is_any_currency_printed;
        places.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let Some(best) = places.first().map(|place| place.cost) else {
            return match leaf.sought {
                Sought::Nothing => Standing::Exempt,
                _ if is_one || is_of_place => Standing::Exempt,
                _ => Standing::Missing,
            };
        };
        let mut told: Vec<Evidence> = Vec::new();
        for place in places.iter().filter(|place| place.cost <= best + SPREAD) {
            let evidence = self.sheets[place.sheet].evidence(place);
            let is_new = !told
                .iter()
                .any(|other| other.page == evidence.page && other.area == evidence.area);
            if is_new && told.len() < MOST_PLACES {
                told.push(evidence);
            }
        }
        Standing::Printed(told)
    }
}

#[cfg(test)]
mod tests;
