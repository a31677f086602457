//! Finds marks side by side on a line.

use super::marks::Mark;

/// Minimum number of marks in a run.
const LEAST: usize = 3;
/// Maximum number of marks of a run to examine.
const MOST: usize = 24;
/// Height in pixels of the bands that index marks.
const BAND: usize = 64;

/// Returns all runs of marks, each from left to right. A mark may be in several runs.
pub fn runs(marks: &[Mark]) -> Vec<Vec<Mark>> {
    let rows = marks.iter().map(|mark| middle(*mark) / BAND + 1).max();
    let mut bands: Vec<Vec<usize>> = vec![Vec::new(); rows.unwrap_or(0)];
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_unstable_by_key(|at| marks[*at].left);
    for at in order {
        bands[middle(marks[at]) / BAND].push(at);
    }
    let next: Vec<_> = marks
        .iter()
        .map(|mark| follower(*mark, marks, &bands))
        .collect();
    let mut is_first = vec![true; marks.len()];
    for follower in next.iter().flatten() {
        is_first[*follower] = false;
    }
    let firsts = (0..marks.len()).filter(|at| is_first[*at]);
    let runs = firsts.map(|first| {
        let run = std::iter::successors(Some(first), |at| next[*at]);
        run.take(MOST).map(|at| marks[at]).collect()
    });
    runs.filter(|run: &Vec<_>| run.len() >= LEAST).collect()
}

fn middle(mark: Mark) -> usize {
    usize::midpoint(mark.top, mark.bottom)
}

/// Returns the next mark on the line.
fn follower(mark: Mark, marks: &[Mark], bands: &[Vec<usize>]) -> Option<usize> {
    let band = middle(mark) / BAND;
    let near = bands.iter().take(band + 2).skip(band.saturating_sub(1));
    let candidates = near.flat_map(|band| {
        let start = band.partition_point(|at| marks[*at].left <= mark.left);
        band[start..]
            .iter()
            // The widest gap is twice the maximum height.
            .take_while(|at| marks[**at].left <= mark.right + 2 * BAND)
    });
    candidates
        .filter(|at| is_beside(mark, marks[**at]))
        .min_by_key(|at| marks[**at].left.cast_signed() - mark.right.cast_signed())
        .copied()
}

/// Returns whether `right` may follow `left` on a line, which may be slightly tilted.
fn is_beside(left: Mark, right: Mark) -> bool {
    let (large, small) = (
        left.height().max(right.height()) as f32,
        left.height().min(right.height()) as f32,
    );
    let gap = right.left as f32 - left.right as f32;
    let slope = gap.max(0.0);
    let feet = right.bottom.abs_diff(left.bottom) as f32;
    let middles = (right.top + right.bottom).abs_diff(left.top + left.bottom) as f32;
    (-0.3 * large..2.0 * large).contains(&gap)
        && small >= 0.55 * large
        && (feet <= (0.22 * large).max(1.5) + 0.2 * slope || middles <= 0.3 * large + 0.4 * slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(left: usize, top: usize, width: usize, height: usize) -> Mark {
        Mark {
            left,
            right: left + width,
            top,
            bottom: top + height,
        }
    }

    #[test]
    fn the_letters_of_a_line_form_a_run_and_others_do_not() {
        let line: Vec<_> = (0..6).map(|i| mark(10 + 14 * i, 60 + i, 10, 16)).collect();
        assert_eq!(runs(&line), std::slice::from_ref(&line));
        let scattered: Vec<_> = (0..6).map(|i| mark(10 + 14 * i, 60 * i, 10, 16)).collect();
        assert!(runs(&scattered).is_empty());
        let growing: Vec<_> = (0..4).map(|i| mark(60 * i, 60, 10, 6 << i)).collect();
        assert!(runs(&growing).is_empty());
        assert!(runs(&line[..2]).is_empty());
    }
}
