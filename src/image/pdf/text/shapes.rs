//! Drawn shapes that may be letters: text that a program has turned into curves.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
        font::GlyphRun,
    },
    kurbo::{Affine, BezPath, PathEl, Rect, Shape, Stroke, StrokeOpts, stroke},
};

/// Height in pixels from which on a shape can be a letter.
const MIN_HEIGHT: f64 = 4.0;
/// Share of the page's sides up to which a shape can be letters.
const MAX_SHARE: f64 = 0.5;
/// Distance between the shapes of a word, in their heights.
const MAX_GAP: f64 = 0.6;
/// Number of shapes that can be a word; fewer are a tick or a bullet.
const MIN_PARTS: usize = 3;
/// Number of shapes up to which words are told apart; their area is one above it.
const MAX_APART: usize = 2000;
/// Width of the thinnest line in pixels.
const HAIRLINE: f64 = 1.0;
/// Distance in pixels by which the outline of a line may be off.
const TOLERANCE: f64 = 0.1;

/// A shape on a page.
pub(super) struct Drawing {
    /// Its area in pixels.
    pub(super) area: Rect,
    /// The number of outlines in it that may be letters.
    pub(super) parts: usize,
}

/// Returns the number of outlines in a path that may be letters, and not the rules and boxes of a
/// table.
pub(super) fn letter_parts(path: &BezPath, is_filled: bool) -> usize {
    let mut parts = 0;
    let mut is_letter = false;
    let mut lines = 0;
    let mut last = None;
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(point) => {
                parts += usize::from(is_letter);
                (is_letter, lines, last) = (false, 0, Some(point));
            }
            PathEl::LineTo(point) => {
                lines += 1;
                let is_straight = last.is_none_or(|last| last.x == point.x || last.y == point.y);
                is_letter |= lines > 4 || (is_filled && !is_straight);
                last = Some(point);
            }
            PathEl::QuadTo(_, point) | PathEl::CurveTo(_, _, point) => {
                is_letter = true;
                last = Some(point);
            }
            PathEl::ClosePath => {}
        }
    }
    parts + usize::from(is_letter)
}

/// Returns the areas of shapes that may be words. A shape around one of the `words` is a frame.
pub(super) fn words_in(drawings: &[Drawing], words: &[Rect], page: Rect) -> Vec<Rect> {
    let may_be_text = |drawing: &&Drawing| {
        let area = drawing.area;
        area.height() >= MIN_HEIGHT
            && area.height() <= MAX_SHARE * page.height()
            && area.width() <= MAX_SHARE * page.width()
            && !words.iter().any(|word| area.contains(word.center()))
    };
    let drawings: Vec<_> = drawings.iter().filter(may_be_text).collect();
    let mut groups: Vec<(Rect, usize)> = Vec::new();
    for drawing in &drawings {
        let (mut area, mut parts) = (drawing.area, drawing.parts);
        if drawings.len() > MAX_APART {
            if let Some(last) = groups.pop() {
                (area, parts) = (area.union(last.0), parts + last.1);
            }
        } else {
            // A group that has grown may have reached another.
            while let Some(near) = groups.iter().position(|group| is_near(area, group.0)) {
                let group = groups.swap_remove(near);
                (area, parts) = (area.union(group.0), parts + group.1);
            }
        }
        groups.push((area, parts));
    }
    let words = groups.into_iter().filter(|(_, parts)| *parts >= MIN_PARTS);
    words.map(|(area, _)| area).collect()
}

fn is_near(a: Rect, b: Rect) -> bool {
    let reach = MAX_GAP * a.height().min(b.height());
    a.inflate(reach, reach).overlaps(b)
}

/// Returns the outline in pixels of a line along a path.
pub(super) fn stroked(path: BezPath, transform: Affine, width: f64) -> BezPath {
    let scale = transform.determinant().abs().sqrt().max(f64::EPSILON);
    let style = Stroke::new(width.max(HAIRLINE / scale));
    let outline = stroke(path, &style, &StrokeOpts::default(), TOLERANCE / scale);
    transform * outline
}

/// Collects the outline of a letter that is drawn by instructions.
#[derive(Default)]
pub(super) struct Sketch {
    /// The outline in pixels.
    pub(super) outline: BezPath,
    /// Whether there is a picture in it, whose shape is not known.
    pub(super) has_picture: bool,
}

impl<'a> Device<'a> for Sketch {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, draw_mode: &DrawMode) {
        if let DrawMode::Fill(_) | DrawMode::FillAndStroke(..) = draw_mode {
            self.outline.extend(props.transform * path.clone());
        }
        if let DrawMode::Stroke(line) | DrawMode::FillAndStroke(_, line) = draw_mode {
            let width = line.line_width.into();
            self.outline
                .extend(stroked(path.clone(), props.transform, width));
        }
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {
        self.has_picture = true;
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let area = Rect::new(0.0, 0.0, image.width().into(), image.height().into());
        self.outline
            .extend(props.transform * area.to_path(TOLERANCE));
        self.has_picture = true;
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}

#[cfg(test)]
mod tests {
    use hayro::kurbo::Circle;

    use super::*;

    #[test]
    fn rules_and_boxes_are_no_letters() {
        let path = |svg: &str| BezPath::from_svg(svg).unwrap();
        assert_eq!(letter_parts(&path("M0 0 H9 V9 H0 Z"), true), 0);
        assert_eq!(letter_parts(&path("M0 0 L9 9"), false), 0);
        assert_eq!(letter_parts(&path("M0 9 L4 0 L9 9 Z"), true), 1);
        assert_eq!(letter_parts(&path("M0 0 V9 H9 V8 H1 V0 Z"), true), 1);
        assert_eq!(
            letter_parts(&path("M0 0 H9 M0 0 C1 1 2 2 3 3 M5 5 Q1 1 2 2"), true),
            2
        );
    }

    #[test]
    fn neighbours_are_words() {
        let page = Rect::new(0.0, 0.0, 500.0, 500.0);
        let round = |x: f64, y: f64, radius: f64| Drawing {
            area: Circle::new((x, y), radius).bounding_box(),
            parts: 1,
        };
        let word: Vec<_> = (0..5)
            .map(|at| round(20.0 + 12.0 * f64::from(at), 50.0, 5.0))
            .collect();
        let area = Rect::new(15.0, 45.0, 73.0, 55.0);
        assert_eq!(words_in(&word, &[], page), [area]);
        let bullets = [
            round(20.0, 50.0, 3.0),
            round(20.0, 70.0, 3.0),
            round(20.0, 90.0, 3.0),
        ];
        assert_eq!(words_in(&bullets, &[], page), []);
        let frames: Vec<_> = (0..5).map(|_| round(200.0, 200.0, 50.0)).collect();
        assert_eq!(
            words_in(&frames, &[Rect::new(190.0, 190.0, 210.0, 210.0)], page),
            []
        );
        assert_eq!(words_in(&frames, &[], page).len(), 1);
    }
}
