//! Groups what stands side by side into rows.

use super::PageBox;

/// Share of the lower box's height by which two boxes of one row overlap at least.
const SAME_ROW: f32 = 0.5;
/// Share of the narrower box's width by which two boxes of one row overlap at most.
const ABOVE: f32 = 0.3;
/// Number of rows that may still grow while boxes come from top to bottom.
const OPEN_ROWS: usize = 3;

/// Groups boxes into rows from top to bottom, each from left to right, by their indices.
pub(super) fn rows_of(areas: &[PageBox]) -> Vec<Vec<usize>> {
    let middle = |index: &usize| areas[*index].y + areas[*index].height / 2.0;
    let mut indices: Vec<usize> = (0..areas.len()).collect();
    indices.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for index in indices {
        let open = rows.len().saturating_sub(OPEN_ROWS);
        let row = rows[open..].iter_mut().rev().find(|row| {
            let mut fits = row.iter().map(|other| stance(areas[index], areas[*other]));
            let Some(first) = fits.next() else {
                return false;
            };
            fits.fold(first, Stance::and) == Stance::Beside
        });
        match row {
            Some(row) => row.push(index),
            None => rows.push(vec![index]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| areas[*a].x.total_cmp(&areas[*b].x));
    }
    rows
}

/// How a box stands to others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stance {
    /// It stands beside one and above or below none.
    Beside,
    /// It shares no row with any.
    Apart,
    /// It stands above or below one.
    Above,
}

impl Stance {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Above, _) | (_, Self::Above) => Self::Above,
            (Self::Beside, _) | (_, Self::Beside) => Self::Beside,
            _ => Self::Apart,
        }
    }
}

fn stance(a: PageBox, b: PageBox) -> Stance {
    let down = a.bottom().min(b.bottom()) - a.y.max(b.y);
    let across = a.right().min(b.right()) - a.x.max(b.x);
    if across > ABOVE * a.width.min(b.width) {
        Stance::Above
    } else if down >= SAME_ROW * a.height.min(b.height) {
        Stance::Beside
    } else {
        Stance::Apart
    }
}

/// Returns the value in the middle; 0 for none.
pub(super) fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
