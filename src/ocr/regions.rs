//! Connected regions of a map: the cells that belong to one line of text.

/// A cell of a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    pub column: usize,
    pub row: usize,
}

/// Returns the regions of cells whose value is at least `threshold`, also across corners.
pub fn regions(map: &[f32], columns: usize, threshold: f32) -> Vec<Vec<Cell>> {
    if columns == 0 {
        return Vec::new();
    }
    let rows = map.len() / columns;
    let mut is_left: Vec<_> = map.iter().map(|value| *value >= threshold).collect();
    let mut found = Vec::new();
    let mut open = Vec::new();
    for start in 0..rows * columns {
        if !std::mem::take(&mut is_left[start]) {
            continue;
        }
        let mut region = Vec::new();
        open.push(start);
        while let Some(at) = open.pop() {
            let (column, row) = (at % columns, at / columns);
            region.push(Cell { column, row });
            for row in row.saturating_sub(1)..(row + 2).min(rows) {
                for column in column.saturating_sub(1)..(column + 2).min(columns) {
                    let next = row * columns + column;
                    if std::mem::take(&mut is_left[next]) {
                        open.push(next);
                    }
                }
            }
        }
        found.push(region);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_join_at_corners_and_end_at_gaps() {
        let map = [
            0.9, 0.0, 0.0, 0.9, //
            0.0, 0.9, 0.0, 0.9, //
            0.0, 0.0, 0.0, 0.4, //
        ];
        let sizes = |threshold| {
            let found = regions(&map, 4, threshold);
            found.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(0.5), [2, 2]);
        assert_eq!(sizes(0.3), [2, 3]);
        assert_eq!(sizes(0.95), [0; 0]);
        assert!(regions(&[], 0, 0.5).is_empty());
    }
}
