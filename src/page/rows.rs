//! Groups what stands side by side into rows.

/// Share of the lower place's height by which two places of one row overlap at least.
const SAME_ROW: f32 = 0.4;
/// Share of the narrower place's width by which two places of one row overlap at most.
const ABOVE: f32 = 0.3;
/// Number of rows that may still grow while places come from top to bottom.
const OPEN_ROWS: usize = 3;

/// Where a line stands on the page as it is read, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub bottom: f32,
}

impl Place {
    pub(super) fn width(self) -> f32 {
        self.right - self.left
    }

    pub(super) fn height(self) -> f32 {
        self.bottom - self.top
    }

    fn middle(self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }
}

/// Groups places into rows from top to bottom, each from left to right, by their indices.
pub(super) fn rows_of(places: &[Place]) -> Vec<Vec<usize>> {
    let mut indices: Vec<usize> = (0..places.len()).collect();
    indices.sort_by(|a, b| places[*a].middle().total_cmp(&places[*b].middle()));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for index in indices {
        let open = rows.len().saturating_sub(OPEN_ROWS);
        let row = rows[open..].iter_mut().rev().find(|row| {
            let mut fits = row
                .iter()
                .map(|other| stance(places[index], places[*other]));
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
        row.sort_by(|a, b| places[*a].left.total_cmp(&places[*b].left));
    }
    rows
}

/// How a place stands to others.
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

fn stance(a: Place, b: Place) -> Stance {
    let down = a.bottom.min(b.bottom) - a.top.max(b.top);
    let across = a.right.min(b.right) - a.left.max(b.left);
    if across > ABOVE * a.width().min(b.width()) {
        Stance::Above
    } else if down >= SAME_ROW * a.height().min(b.height()) {
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
