//! Whether a person sees the letters that a file states: their outlines are compared with the
//! picture of the page.
//!
//! This finds everything that hides text without knowing it: other ink than the paper's is missing
//! where the outline says that there is some, or it has another shape.

use hayro::kurbo::{BezPath, Rect};

use super::mask::{Brightness, Mask, Window};

/// Difference in brightness between letters and paper from which on a person reads them.
const MIN_CONTRAST: f32 = 0.15;
/// Difference up to which nothing is seen at all.
const NO_CONTRAST: f32 = 0.04;
/// Part of a letter's ink that may differ from the picture, before it is another letter or covered.
/// Half of all words have 0.04 and nearly all less than 0.2; a 1 over a 9 has 0.38.
const MAX_MISFIT: f32 = 0.25;
/// Contrast as measured, in parts of the contrast that the stated colour has to the paper. It is
/// less where ink is transparent, and more where a letter is drawn twice.
const OWN_INK: std::ops::RangeInclusive<f32> = 0.2..=1.6;
/// Size of letters in points from which on a person reads them.
const MIN_POINTS: f64 = 2.0;
/// Size of letters in pixels from which on their shapes can be told apart.
const MIN_PIXELS: f64 = 5.0;
/// Pixels around letters that are compared too, so that there is some paper.
const MARGIN: f64 = 2.0;
/// Share of the letters' area that may lie off the page.
const MAX_OFF_PAGE: f64 = 0.05;

/// Whether a person sees letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    /// They stand there in the picture as their outlines say.
    Shown,
    /// There is nothing of them in the picture.
    Hidden,
    /// There is something else, or something too faint or too small to be sure.
    Doubtful,
}

/// Letters that were drawn together.
pub(super) struct Drawn<'a> {
    /// The outlines in pixels that ink fills.
    pub(super) outlines: &'a [BezPath],
    /// The area of each letter in pixels; `None` for one without ink.
    pub(super) areas: &'a [Option<Rect>],
    /// The brightness of the ink, if it has one colour.
    pub(super) shade: Option<f32>,
    /// The height of the font in pixels.
    pub(super) size: f64,
    /// The height of the font in points.
    pub(super) points: f64,
}

/// A judgement, and the largest part of a letter's ink that differs from the picture.
pub(super) struct Verdict {
    pub(super) visibility: Visibility,
    pub(super) misfit: f32,
}

impl Verdict {
    fn new(visibility: Visibility) -> Self {
        Self {
            visibility,
            misfit: 1.0,
        }
    }
}

/// Judges letters by the picture of the page.
pub(super) fn judge(drawn: &Drawn<'_>, picture: &Brightness) -> Verdict {
    let Some(area) = drawn
        .areas
        .iter()
        .flatten()
        .copied()
        .reduce(|a, b| a.union(b))
    else {
        return Verdict::new(Visibility::Hidden);
    };
    if drawn.points < MIN_POINTS || area.intersect(picture.page()).is_zero_area() {
        return Verdict::new(Visibility::Hidden);
    }
    let mut mask = Mask::new(Window::around(area, MARGIN, picture.page()));
    for outline in drawn.outlines {
        mask.fill(outline);
    }
    let Some((paper, contrast)) = paper_and_contrast(&mask, picture) else {
        return Verdict::new(Visibility::Doubtful);
    };
    if contrast.abs() < NO_CONTRAST {
        return Verdict::new(Visibility::Hidden);
    }
    let is_own = |shade: f32| OWN_INK.contains(&(contrast / (shade - paper)));
    let is_off = |letter: &Rect| {
        letter.intersect(picture.page()).area() < (1.0 - MAX_OFF_PAGE) * letter.area()
    };
    let is_doubtful = contrast.abs() < MIN_CONTRAST
        || drawn.size < MIN_PIXELS
        || drawn.shade.is_some_and(|shade| !is_own(shade))
        || drawn.areas.iter().any(Option::is_none)
        || drawn.areas.iter().flatten().any(is_off);
    if is_doubtful {
        return Verdict::new(Visibility::Doubtful);
    }
    let misfits = drawn.areas.iter().flatten().map(|letter| {
        let part = Window::around(*letter, 1.0, picture.page());
        let (mut ink, mut wrong) = (0.0, 0.0);
        for sample in mask.samples(part, picture) {
            ink += sample.cover;
            wrong += (sample.brightness - paper - contrast * sample.cover).abs();
        }
        if ink > 0.0 {
            wrong / contrast.abs() / ink
        } else {
            1.0
        }
    });
    let misfit = misfits.fold(0.0, f32::max);
    Verdict {
        visibility: if misfit <= MAX_MISFIT {
            Visibility::Shown
        } else {
            Visibility::Doubtful
        },
        misfit,
    }
}

/// Returns the brightness of the paper around letters, and by how much that of their ink differs;
/// `None` if there is no paper or no ink.
fn paper_and_contrast(mask: &Mask, picture: &Brightness) -> Option<(f32, f32)> {
    let bare = mask.all(picture).filter(|sample| sample.cover == 0.0);
    let mut bare: Vec<f32> = bare.map(|sample| sample.brightness).collect();
    bare.sort_by(f32::total_cmp);
    let paper = *bare.get(bare.len() / 2)?;
    let (mut product, mut square) = (0.0, 0.0);
    for sample in mask.all(picture) {
        product += sample.cover * (sample.brightness - paper);
        square += sample.cover * sample.cover;
    }
    (square > 0.0).then(|| (paper, product / square))
}
