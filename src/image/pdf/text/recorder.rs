//! A device that draws nothing, but notes the text of a page and what else may show text.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
        font::{Glyph, GlyphRun, HintingCache, OutlineGlyph},
        hayro_cmap::WritingMode,
        pattern::Pattern,
    },
    hayro_syntax::object::Dict,
    kurbo::{Affine, BezPath, Point, Rect, Shape, Vec2},
};

use super::{
    characters::{Stated, stated},
    mask::{Brightness, brightness},
    run::{Ink, Letter, Piece, Run},
    shapes::{Drawing, Sketch, letter_parts, stroked},
};

/// Units of a glyph's outline in the height of its font.
const UNITS: f64 = 1000.0;
/// Sizes in pixels at which the renderer hints letters (`hayro/src/glyph.rs`).
const HINTED: std::ops::RangeInclusive<f64> = 4.0..=128.0;
/// Size in pixels up to which the renderer draws letters on whole rows of pixels, and on quarters
/// of columns (`hayro/src/glyph_cache.rs`).
const SNAPPED: f64 = 128.0;
/// Side in pixels from which on a picture may hold text.
const MIN_PICTURE: f64 = 8.0;

/// Limits of what is noted of one page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Maximum number of glyphs.
    pub(super) glyphs: usize,
    /// Maximum number of pixels compared, in multiples of the page's.
    pub(super) coverage: usize,
    /// Maximum number of drawn shapes.
    pub(super) shapes: usize,
}

/// Notes what is drawn on a page.
pub(super) struct Recorder<'p> {
    picture: &'p Brightness,
    /// Pixels a point.
    scale: f64,
    bounds: Bounds,
    hinting: HintingCache,
    run: Option<Run>,
    /// The last glyphs that were filled, if no letters waited before them.
    filled: Option<Filled>,
    glyphs: usize,
    compared: usize,
    /// The text in the order of drawing.
    pub(super) pieces: Vec<Piece>,
    /// The areas of pictures.
    pub(super) pictures: Vec<Rect>,
    /// The shapes that may be letters.
    pub(super) drawings: Vec<Drawing>,
    /// Whether something went beyond the bounds, so that what is noted is incomplete.
    pub(super) is_over: bool,
    /// Whether the content is drawn through a mask, which may show text; a level each.
    masked: Vec<bool>,
}

impl<'p> Recorder<'p> {
    pub(super) fn new(picture: &'p Brightness, scale: f64, bounds: Bounds) -> Self {
        Self {
            picture,
            scale,
            bounds,
            hinting: HintingCache::new(),
            run: None,
            filled: None,
            glyphs: 0,
            compared: 0,
            pieces: Vec::new(),
            pictures: Vec::new(),
            drawings: Vec::new(),
            is_over: false,
            masked: Vec::new(),
        }
    }

    /// Ends the run of letters that are drawn together.
    pub(super) fn finish_run(&mut self) {
        let Some(run) = self.run.take() else {
            return;
        };
        self.compared += run.pixels(self.picture);
        let page = self.picture.page().area() as usize;
        self.is_over |= self.compared > self.bounds.coverage.saturating_mul(page.max(1));
        if !self.is_over {
            self.pieces.extend(run.judged(self.picture, self.scale));
        }
    }

    fn add_letter(&mut self, letter: Letter) {
        if let Some(run) = &mut self.run
            && run.continues_with(&letter)
        {
            run.add(letter);
            return;
        }
        self.finish_run();
        self.run = Some(Run::new(letter));
    }

    fn add_picture(&mut self, area: Rect) {
        let area = area.intersect(self.picture.page());
        if area.width() >= MIN_PICTURE && area.height() >= MIN_PICTURE {
            if self.pictures.len() < self.bounds.shapes {
                self.pictures.push(area);
            } else {
                self.is_over = true;
            }
        }
    }

    fn add_shape(&mut self, area: Rect, parts: usize) {
        let page = self.picture.page();
        if area.intersect(page).is_zero_area() {
            return;
        }
        if self.drawings.len() < self.bounds.shapes {
            self.drawings.push(Drawing {
                area: area.intersect(page),
                parts,
            });
        } else {
            self.is_over = true;
        }
    }

    fn is_masked(&self) -> bool {
        self.masked.contains(&true)
    }

    fn glyph<'a>(&mut self, glyph: &Glyph<'a>, place: Affine, look: &Look<'_, 'a>) {
        let full = look.transform * place;
        let (outlines, advance, is_whole) = match glyph {
            Glyph::Outline(outline) => {
                let advance = outline.advance_width();
                (self.outlines(outline, full, place, look), advance, true)
            }
            Glyph::Type3(drawn) => {
                let mut sketch = Sketch::default();
                drawn.interpret(&mut sketch, look.transform, place, look.paint);
                let advance = drawn.advance_width();
                (vec![sketch.outline], advance, !sketch.has_picture)
            }
        };
        let inked = outlines
            .iter()
            .filter(|outline| outline.segments().next().is_some());
        let area = inked.map(Shape::bounding_box).reduce(|a, b| a.union(b));
        let area = area.filter(Rect::is_finite);
        let text = match stated(glyph, area.is_some()) {
            Stated::Nothing => return,
            Stated::Blank => return self.finish_run(),
            Stated::Characters(text) => is_whole.then_some(text),
            Stated::Unknown => None,
        };
        let origin = full * Point::ZERO;
        let along = full * Point::new(UNITS, 0.0) - origin;
        let up = full * Point::new(0.0, UNITS) - origin;
        let has_length = |side: &Vec2| side.is_finite() && side.hypot() > 0.0;
        if !([along, up].iter().all(has_length) && origin.is_finite()) {
            return;
        }
        let advance = advance.map(f64::from).filter(|advance| *advance > 0.0);
        let end = match (advance, area) {
            _ if look.is_vertical => origin - up,
            (Some(advance), _) => full * Point::new(advance, 0.0),
            (None, Some(area)) => Point::new(area.x1, origin.y),
            (None, None) => origin,
        };
        self.add_letter(Letter {
            text,
            outlines,
            area,
            origin,
            end,
            direction: if look.is_vertical {
                -up.normalize()
            } else {
                along.normalize()
            },
            size: up.hypot(),
            ink: look.ink,
        });
    }

    /// Returns the outlines of a glyph in pixels, as the renderer draws them.
    fn outlines(
        &self,
        glyph: &OutlineGlyph,
        full: Affine,
        place: Affine,
        look: &Look<'_, '_>,
    ) -> Vec<BezPath> {
        // The width of a line is measured before the letter's own transform.
        let line = look
            .stroke
            .map(|width| stroked(place * glyph.outline(), look.transform, width));
        let filled = look.is_filled.then(|| self.filled(glyph, full, look));
        filled.into_iter().chain(line).collect()
    }

    fn filled(&self, glyph: &OutlineGlyph, full: Affine, look: &Look<'_, '_>) -> BezPath {
        let [_, slope, _, height, ..] = full.as_coeffs();
        let size = height.abs() * UNITS;
        let hinted = (slope == 0.0 && HINTED.contains(&size) && !look.is_vertical)
            .then(|| glyph.hinted_outline(size as f32, &self.hinting))
            .flatten();
        let outline = hinted.unwrap_or_else(|| glyph.outline());
        if size <= SNAPPED && !look.is_vertical {
            let place = full.translation();
            let snapped = Vec2::new((place.x * 4.0).round() / 4.0, place.y.round());
            full.with_translation(snapped) * outline
        } else {
            full * outline
        }
    }
}

/// How a run of glyphs is drawn.
struct Look<'l, 'a> {
    transform: Affine,
    ink: Ink,
    is_filled: bool,
    /// The width of lines along the outlines, if there are any.
    stroke: Option<f64>,
    is_vertical: bool,
    paint: &'l Paint<'a>,
}

/// Glyphs that were filled.
#[derive(Clone, Copy, PartialEq)]
struct Filled {
    /// The number of pieces before them.
    pieces: usize,
    glyphs: usize,
    /// The transform of the first glyph.
    first: Option<Affine>,
}

impl<'a> Device<'a> for Recorder<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, draw_mode: &DrawMode) {
        let area = props.transform.transform_rect_bbox(path.bounding_box());
        if is_seen_through(&props.paint) || props.soft_mask.is_some() || self.is_masked() {
            self.add_picture(area);
        }
        let is_filled = matches!(draw_mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..));
        let parts = letter_parts(path, is_filled);
        if parts > 0 {
            self.add_shape(area, parts);
        }
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, _draw_mode: &DrawMode) {
        if is_seen_through(&props.paint) || props.soft_mask.is_some() || self.is_masked() {
            self.add_picture(props.transform.transform_rect_bbox(*rect));
        }
    }

    fn draw_glyph_run(
        &mut self,
        glyph_run: &GlyphRun<'_, 'a>,
        props: DrawProps<'a>,
        draw_mode: &DrawMode,
    ) {
        let ink = match (draw_mode, &props.paint) {
            (DrawMode::Invisible, _) => Ink::None,
            (_, Paint::Color(color)) => {
                let [red, green, blue, _] = color.to_rgba().to_rgba8();
                Ink::Plain(brightness([red, green, blue]))
            }
            (_, Paint::Pattern(_)) => Ink::Pattern,
        };
        let stroke = match draw_mode {
            DrawMode::Stroke(line) | DrawMode::FillAndStroke(_, line) => {
                Some(line.line_width.into())
            }
            DrawMode::Fill(_) | DrawMode::Invisible => None,
        };
        let first = glyph_run.glyphs().first();
        let these = Filled {
            pieces: self.pieces.len(),
            glyphs: glyph_run.glyphs().len(),
            first: first.map(|glyph| props.transform * glyph.transform()),
        };
        let before = self.filled.take();
        // Bold letters are often filled first and then stroked, in two runs.
        let is_bold = stroke.is_some()
            && before.is_some_and(|before| {
                let pieces = before.pieces;
                before == Filled { pieces, ..these }
            });
        if let Some(before) = before.filter(|_| is_bold) {
            self.run = None;
            self.pieces.truncate(before.pieces);
        }
        if stroke.is_none() && self.run.is_none() {
            self.filled = Some(these);
        }
        let look = Look {
            transform: props.transform,
            ink,
            is_filled: is_bold || !matches!(draw_mode, DrawMode::Stroke(_)),
            stroke,
            is_vertical: glyph_run.writing_mode() == WritingMode::Vertical,
            paint: &props.paint,
        };
        for glyph in glyph_run.glyphs() {
            self.glyphs += 1;
            if self.glyphs > self.bounds.glyphs {
                self.is_over = true;
                return;
            }
            self.glyph(glyph, glyph.transform(), &look);
        }
        if is_bold {
            self.finish_run();
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let dict = match &image {
            Image::Stencil(image) => image.stream().dict(),
            Image::Raster(image) => image.stream().dict(),
        };
        // A picture of one row or column is a line or a gradient.
        let is_flat =
            side(dict, [b"Width", b"W"]) == Some(1) || side(dict, [b"Height", b"H"]) == Some(1);
        if !is_flat {
            let area = Rect::new(0.0, 0.0, image.width().into(), image.height().into());
            self.add_picture(props.transform.transform_rect_bbox(area));
        }
    }

    fn push_clip_path(&mut self, _clip_path: &ClipPath) {}

    fn push_transparency_group(
        &mut self,
        _opacity: f32,
        mask: Option<SoftMask<'a>>,
        _blend_mode: BlendMode,
    ) {
        self.masked.push(mask.is_some());
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {
        self.masked.pop();
    }
}

/// Returns whether a paint may itself show text.
fn is_seen_through(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(_) => false,
        Paint::Pattern(pattern) => matches!(pattern.as_ref(), Pattern::Tiling(_)),
    }
}

fn side(dict: &Dict<'_>, names: [&[u8]; 2]) -> Option<u32> {
    names.into_iter().find_map(|name| dict.get::<u32>(name))
}
