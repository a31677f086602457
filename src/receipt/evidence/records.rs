//! Chooses the places of the values of lists: those of one element stand on neighbouring rows, and
//! the elements are in the order printed.

use rust_decimal::Decimal;

use super::{
    labels::FieldRole,
    leaves::{AnswerLeaf, Sought},
    sheet::Occurrence,
};

/// Most places of a record that are tried.
const MOST_ANCHORS: usize = 16;

/// Rows beyond which a value does not belong to its record.
const FARTHEST: f32 = 6.0;

/// Cost of each row between a value and its record.
const BY_ROW: f32 = 0.12;

/// Cost of each equal number behind a total on its row.
const BEFORE_LAST: f32 = 0.1;

/// Worth of records in the order printed, of two on one row, and of two in the other order.
const IN_ORDER: f32 = 0.4;
const ON_ONE_ROW: f32 = -0.2;
const OUT_OF_ORDER: f32 = -0.6;

/// A row of a sheet.
type RowPlace = (usize, usize);

/// A place that may be a record's, with its worth.
struct Anchor {
    place: RowPlace,
    worth: f32,
}

/// Adds to the cost of each occurrence what its place among the records costs.
pub fn settle(leaves: &[AnswerLeaf], found: &mut [Vec<Occurrence>]) {
    let mut at = 0;
    while let Some(leaf) = leaves.get(at) {
        let Some((list, _)) = leaf.record() else {
            at += 1;
            continue;
        };
        let same = |leaf: &AnswerLeaf| leaf.record().is_some_and(|(other, _)| other == list);
        let end = at + leaves[at..].iter().take_while(|leaf| same(leaf)).count();
        settle_list(&leaves[at..end], &mut found[at..end]);
        at = end;
    }
}

fn settle_list(leaves: &[AnswerLeaf], found: &mut [Vec<Occurrence>]) {
    let mut records = Vec::new();
    let mut at = 0;
    while at < leaves.len() {
        let record = leaves[at].record();
        let end = at
            + leaves[at..]
                .iter()
                .take_while(|leaf| leaf.record() == record)
                .count();
        records.push(at..end);
        at = end;
    }
    let anchors: Vec<Vec<Anchor>> = records
        .iter()
        .map(|record| anchors(&leaves[record.clone()], &found[record.clone()]))
        .collect();
    for (record, place) in records.into_iter().zip(best_order(&anchors)) {
        let Some(place) = place else {
            continue;
        };
        for (leaf, occurrences) in leaves[record.clone()].iter().zip(&mut found[record]) {
            if matches!(leaf.sought, Sought::Currency(_)) {
                continue;
            }
            for occurrence in occurrences.iter_mut() {
                occurrence.cost += distance(place, occurrence) * BY_ROW;
            }
            if leaf.role == FieldRole::Total {
                prefer_last(occurrences);
            }
        }
    }
}

/// Prefers the last place of a row, where totals stand: a single piece has its price there twice.
fn prefer_last(occurrences: &mut [Occurrence]) {
    let place = |occurrence: &Occurrence| {
        let first = occurrence.parts.first();
        let words = first.map(|(line, words)| (*line, words.start));
        (occurrence.sheet, occurrence.row, words)
    };
    let places: Vec<_> = occurrences.iter().map(place).collect();
    for (occurrence, own) in occurrences.iter_mut().zip(&places) {
        let is_later = |other: &&_| {
            let (sheet, row, words) = **other;
            (sheet, row) == (own.0, own.1) && words > own.2
        };
        occurrence.cost += places.iter().filter(is_later).count() as f32 * BEFORE_LAST;
    }
}

/// Returns the places that may be a record's, the best first.
fn anchors(leaves: &[AnswerLeaf], found: &[Vec<Occurrence>]) -> Vec<Anchor> {
    let mut places: Vec<RowPlace> = Vec::new();
    for occurrence in found.iter().flatten() {
        let place = (occurrence.sheet, occurrence.row);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let worth = |place: RowPlace| {
        let each = leaves.iter().zip(found).map(|(leaf, occurrences)| {
            let worth = occurrences.iter().map(|occurrence| {
                let near = 1.0 - distance(place, occurrence) / FARTHEST;
                (1.0 - occurrence.cost).max(0.1) * near
            });
            worth.fold(0.0, f32::max) * weight(leaf)
        });
        each.sum()
    };
    let mut anchors: Vec<_> = places
        .into_iter()
        .map(|place| Anchor {
            worth: worth(place),
            place,
        })
        .collect();
    anchors.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.place.cmp(&b.place)));
    anchors.truncate(MOST_ANCHORS);
    anchors
}

/// Returns how much a value tells about its record's place.
fn weight(leaf: &AnswerLeaf) -> f32 {
    match &leaf.sought {
        Sought::Text(text) if text.len() > 3 => 2.0,
        // Small numbers stand everywhere.
        Sought::Number(number) if number.abs() < Decimal::TEN => 0.5,
        Sought::Text(_) | Sought::Identifier(_) | Sought::Day(_) | Sought::Number(_) => 1.0,
        Sought::Currency(_) | Sought::Nothing => 0.0,
    }
}

/// Returns the rows between a record and an occurrence, at most [`FARTHEST`]. A record goes on
/// downwards.
fn distance(place: RowPlace, occurrence: &Occurrence) -> f32 {
    let (sheet, row) = place;
    if sheet != occurrence.sheet {
        return FARTHEST;
    }
    let rows = row.abs_diff(occurrence.row) as f32;
    let upwards = if occurrence.row < row { 0.5 } else { 0.0 };
    (rows + upwards).min(FARTHEST)
}

/// Returns the place of each record, by the most worth together.
fn best_order(anchors: &[Vec<Anchor>]) -> Vec<Option<RowPlace>> {
    // For each anchor of each record that has any: the most worth up to it, and the anchor before.
    let mut table: Vec<(usize, Vec<(f32, usize)>)> = Vec::new();
    for (record, own) in anchors
        .iter()
        .enumerate()
        .filter(|(_, own)| !own.is_empty())
    {
        let row = own.iter().map(|anchor| {
            let Some((before, worths)) = table.last() else {
                return (anchor.worth, 0);
            };
            let ways = worths.iter().enumerate().map(|(at, (worth, _))| {
                let order = match anchors[*before][at].place.cmp(&anchor.place) {
                    std::cmp::Ordering::Less => IN_ORDER,
                    std::cmp::Ordering::Equal => ON_ONE_ROW,
                    std::cmp::Ordering::Greater => OUT_OF_ORDER,
                };
                (worth + order + anchor.worth, at)
            });
            ways.fold(
                (f32::MIN, 0),
                |best, way| if way.0 > best.0 { way } else { best },
            )
        });
        let row = row.collect();
        table.push((record, row));
    }
    let mut places = vec![None; anchors.len()];
    let last = table.last().map(|(_, worths)| {
        let ways = worths.iter().enumerate();
        ways.fold((f32::MIN, 0), |best, (at, (worth, _))| {
            if *worth > best.0 { (*worth, at) } else { best }
        })
    });
    let mut chosen = last.map(|(_, at)| at);
    for (record, worths) in table.iter().rev() {
        let Some(at) = chosen else {
            break;
        };
        places[*record] = anchors[*record].get(at).map(|anchor| anchor.place);
        chosen = worths.get(at).map(|(_, before)| *before);
    }
    places
}
