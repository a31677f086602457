//! Text that lies on other text: of two texts in one place a person sees one at most.

use hayro::kurbo::Rect;

use super::{run::Piece, visible::Visibility};

/// Share of the smaller area from which on two words lie on one another.
const SAME_PLACE: f64 = 0.5;
/// Factor by which a text fits the picture better than another in its place, so that it is the one
/// that is seen.
const BETTER: f32 = 0.6;
/// Number of pairs of words that are compared at most.
const MAX_PAIRS: usize = 10_000_000;
/// Number of passes in which a doubt spreads to the neighbours of a word.
const PASSES: usize = 4;

/// Leaves one of several texts in a place: copies are left out, and where the picture does not
/// settle which of two texts it shows, both are doubtful. The parts of a word are all as doubtful
/// as one of them. Returns `None` if so many words lie above one another that this takes too long.
pub(super) fn settled(mut pieces: Vec<Piece>) -> Option<Vec<Piece>> {
    pieces.sort_by(|a, b| a.area.y0.total_cmp(&b.area.y0));
    let mut is_left_out = vec![false; pieces.len()];
    each_pair(&mut pieces, 0.0, |a, b, [i, j]| {
        if is_left_out[i] || is_left_out[j] || overlap(a.area, b.area) < SAME_PLACE {
            return;
        }
        match (a.visibility, b.visibility) {
            (Visibility::Shown, Visibility::Shown) if a.text == b.text => {
                is_left_out[if a.misfit <= b.misfit { j } else { i }] = true;
            }
            (Visibility::Shown, Visibility::Shown) if a.misfit < BETTER * b.misfit => {
                is_left_out[j] = true;
            }
            (Visibility::Shown, Visibility::Shown) if b.misfit < BETTER * a.misfit => {
                is_left_out[i] = true;
            }
            (Visibility::Shown, Visibility::Shown) => {
                a.visibility = Visibility::Doubtful;
                b.visibility = Visibility::Doubtful;
            }
            _ => {}
        }
    })?;
    let mut left_out = is_left_out.into_iter();
    pieces.retain(|_| !left_out.next().unwrap_or_default());
    for _ in 0..PASSES {
        let mut spreads = false;
        each_pair(&mut pieces, 1.0, |a, b, _| {
            spreads |= spread(a, b) || spread(b, a);
        })?;
        if !spreads {
            break;
        }
    }
    Some(pieces)
}

/// Makes a word doubtful if it continues a part that is; returns whether it was not.
fn spread(from: &Piece, to: &mut Piece) -> bool {
    let spreads = from.is_unread() && to.is_read() && from.abuts(to);
    if spreads {
        to.visibility = Visibility::Doubtful;
    }
    spreads
}

/// Calls `meet` with all pairs whose areas are at most `margin` pixels above one another. The pieces
/// have to be sorted by their upper edges. Returns `None` if there are too many pairs.
fn each_pair(
    pieces: &mut [Piece],
    margin: f64,
    mut meet: impl FnMut(&mut Piece, &mut Piece, [usize; 2]),
) -> Option<()> {
    let mut pairs = 0;
    for i in 1..pieces.len() {
        let (before, rest) = pieces.split_at_mut(i);
        let (index, first) = (i - 1, &mut before[i - 1]);
        let bottom = first.area.y1 + margin;
        let near = rest.iter_mut().take_while(|piece| piece.area.y0 <= bottom);
        for (other, piece) in near.enumerate() {
            meet(first, piece, [index, i + other]);
            pairs += 1;
        }
        if pairs > MAX_PAIRS {
            return None;
        }
    }
    Some(())
}

/// Returns the share of the smaller of two areas that lies in the other.
pub(super) fn overlap(a: Rect, b: Rect) -> f64 {
    let smaller = a.area().min(b.area());
    if smaller > 0.0 && a.overlaps(b) {
        a.intersect(b).area() / smaller
    } else {
        0.0
    }
}
