//! Draws a page onto a device that only counts, so that a page that would take hours is refused
//! before it is drawn.

use std::{
    collections::{HashMap, HashSet},
    mem, panic,
    time::{Duration, Instant},
};

use hayro::{
    hayro_interpret::{
        BlendMode, CacheKey, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
        InterpreterCache, InterpreterSettings, Paint, SoftMask,
        font::{Glyph, GlyphRun},
        interpret_page,
        pattern::{Pattern, TilingPattern},
    },
    hayro_syntax::{
        object::{Array, ObjectIdentifier, Stream},
        page::Page,
    },
    kurbo::{Affine, BezPath, Rect, Shape},
};

use super::{
    MAX_DATA_BYTES, MAX_TOTAL_BYTES, check_stream, size,
    unpack::{self, Inflate},
};
use crate::image::pdf::PdfError;

/// A step is about a microsecond of one core, and two hundred bytes that the renderer keeps until
/// the page is done. The heaviest page allowed takes some seconds and less than a gigabyte.
const MAX_STEPS: u64 = 4_000_000;
/// Pixels of a picture that are unpacked and reduced in the time of a step.
const UNPACKED_PIXELS: u64 = 256;
/// Pixels of a picture or a pattern that are kept per step.
const KEPT_PIXELS: u64 = 50;
/// Pixels of a mask that are kept per step, at one byte each.
const MASK_PIXELS: u64 = 200;
/// Pixels of a filled area per step.
const AREA_PIXELS: u64 = 4000;
/// Pixels of a layer laid onto another per step.
const LAYER_PIXELS: u64 = 1300;
/// Pixels along an outline or a stroke per step.
const EDGE_PIXELS: u64 = 25;
/// Steps per letter.
const GLYPH: u64 = 5;
/// Maximum time of the count itself; milliseconds are usual. Bounds work that a device does not
/// see, such as forms that are unpacked again and again.
const MAX_TIME: Duration = Duration::from_secs(10);
/// Maximum depth of nested patterns and masks; pages have one or two.
const MAX_DEPTH: u32 = 8;

/// Counts the steps of drawing the page, with pictures undecoded.
///
/// # Errors
/// Those of the checks of streams, for pictures within content streams.
///
/// # Panics
/// Unwinds with the [`PdfError`] at the limit, without calling the panic hook: a device cannot stop
/// the interpreter in another way. [`super::refusal`] extracts the error from the panic.
pub(in crate::image::pdf) fn check_page<'a>(
    page: &'a Page<'a>,
    number: usize,
    transform: Affine,
    (width, height): (u16, u16),
) -> Result<(), PdfError> {
    check_contents(page)?;
    let canvas = Rect::new(0.0, 0.0, width.into(), height.into());
    let mut meter = Meter {
        page: number,
        canvas,
        steps: 0,
        start: Instant::now(),
        depth: 0,
        masks: HashSet::new(),
        inflate: Inflate::new(MAX_TOTAL_BYTES),
        pixels: HashMap::new(),
    };
    let cache = InterpreterCache::new();
    let settings = InterpreterSettings::default();
    let mut context = Context::new(transform, canvas, &cache, page.xref(), settings);
    interpret_page(page, &mut context, &mut meter);
    Ok(())
}

/// Checks a page's content as a whole: a page may name one stream many times, and hayro joins them
/// all.
fn check_contents(page: &Page<'_>) -> Result<(), PdfError> {
    let mut inflate = Inflate::new(2 * MAX_DATA_BYTES);
    if let Some(contents) = page.raw().get::<Array<'_>>(b"Contents") {
        for content in contents.iter::<Stream<'_>>() {
            inflate.spend(content.raw_data().len() as u64)?;
            unpack::check(&content, content.raw_data(), MAX_DATA_BYTES, &mut inflate)?;
        }
    }
    Ok(())
}

struct Meter {
    page: usize,
    canvas: Rect,
    steps: u64,
    start: Instant,
    depth: u32,
    /// Masks already drawn, which the renderer keeps.
    masks: HashSet<u128>,
    inflate: Inflate,
    /// The number of pixels of pictures whose size is only known once they are unpacked.
    pixels: HashMap<ObjectIdentifier, u64>,
}

impl Meter {
    fn spend(&mut self, steps: u64) {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MAX_STEPS || self.start.elapsed() > MAX_TIME {
            let page = self.page;
            stop(PdfError::TooComplex { page });
        }
    }

    /// Runs `draw` as the renderer does on a separate canvas, which shares no masks with this one.
    fn inside(&mut self, draw: impl FnOnce(&mut Self)) {
        if self.depth == MAX_DEPTH {
            self.spend(MAX_STEPS);
        }
        self.depth += 1;
        let masks = mem::take(&mut self.masks);
        draw(self);
        self.masks = masks;
        self.depth -= 1;
    }

    fn canvas_pixels(&self) -> u64 {
        self.canvas.area() as u64
    }

    fn area_steps(&self, area: Rect) -> u64 {
        area.intersect(self.canvas).area() as u64 / AREA_PIXELS
    }

    fn mask(&mut self, mask: Option<&SoftMask<'_>>) {
        if let Some(mask) = mask
            && self.masks.insert(mask.cache_key())
        {
            self.spend(self.canvas_pixels() / MASK_PIXELS);
            self.inside(|meter| mask.interpret(meter));
        }
    }

    fn paint(&mut self, paint: &Paint<'_>, is_stroke: bool) {
        match paint {
            Paint::Color(_) => {}
            Paint::Pattern(pattern) => match pattern.as_ref() {
                Pattern::Shading(_) => self.spend(self.area_steps(self.canvas)),
                Pattern::Tiling(tile) => self.tile(tile, is_stroke),
            },
        }
    }

    /// Counts a pattern. The renderer draws a cell again wherever its neighbours extend into it.
    fn tile(&mut self, tile: &TilingPattern<'_>, is_stroke: bool) {
        let cell = f64::from(tile.x_step * tile.y_step) * tile.matrix.determinant();
        self.spend((cell.abs() as u64).min(self.canvas_pixels()) / KEPT_PIXELS);
        let copies =
            |side: f64, step: f32| ((side / f64::from(step.abs())).ceil() as u64).saturating_add(1);
        let copies = copies(tile.bbox.width(), tile.x_step)
            .saturating_mul(copies(tile.bbox.height(), tile.y_step));
        let before = self.steps;
        self.inside(|meter| {
            // A pattern without usable sizes is not drawn at all.
            let _ = tile.interpret(meter, tile.matrix, is_stroke);
        });
        self.spend((self.steps - before).saturating_mul(copies));
    }

    /// Counts the points of an outline, and returns its length.
    fn outline(&mut self, path: &BezPath, transform: Affine) -> f64 {
        self.spend(path.elements().len() as u64 + 1);
        let length = path.perimeter(1.0);
        // Lines far outside the canvas are cut off.
        let across = 2.0 * (self.canvas.width() + self.canvas.height());
        let visible = (length * scale_of(transform)).min(across * path.elements().len() as f64);
        self.spend(visible as u64 / EDGE_PIXELS);
        length
    }

    fn path(&mut self, path: &BezPath, transform: Affine, draw_mode: &DrawMode) {
        let length = self.outline(path, transform);
        if let DrawMode::Fill(_) | DrawMode::FillAndStroke(..) = draw_mode {
            self.spend(self.area_steps(transform.transform_rect_bbox(path.bounding_box())));
        }
        if let DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) = draw_mode {
            let area = length * f64::from(stroke.line_width) * transform.determinant().abs();
            let most = self.canvas_pixels() * path.elements().len() as u64;
            self.spend((area as u64).min(most) / AREA_PIXELS);
            let period: f32 = stroke.dash_array.iter().sum();
            if period > 0.0 {
                let dashes = length / f64::from(period);
                self.spend((dashes as u64).saturating_mul(stroke.dash_array.len() as u64));
            }
        }
    }

    fn pixels(&mut self, stream: &Stream<'_>) -> Result<u64, PdfError> {
        let data = stream.raw_data();
        let Some(id) = stream.dict().obj_id() else {
            return check_stream(stream, data, &mut self.inflate);
        };
        // Masks with an object number were checked with all other streams.
        if stream.filters().len() < 2 {
            return size::pixels_of(stream, &data);
        }
        if let Some(pixels) = self.pixels.get(&id) {
            return Ok(*pixels);
        }
        let pixels = check_stream(stream, data, &mut self.inflate)?;
        self.pixels.insert(id, pixels);
        Ok(pixels)
    }

    fn stream(&mut self, stream: &Stream<'_>, transform: Affine) {
        match self.pixels(stream) {
            Ok(pixels) => {
                // The picture is kept as it is, or reduced to its visible size.
                let seen = pixels as f64 * transform.determinant().abs();
                let kept = pixels.min(seen as u64);
                self.spend(pixels / UNPACKED_PIXELS + kept / KEPT_PIXELS + 1);
            }
            Err(refusal) => stop(refusal),
        }
    }
}

/// Returns the factor by which a line becomes longer.
fn scale_of(transform: Affine) -> f64 {
    transform.determinant().abs().sqrt()
}

fn stop(refusal: PdfError) -> ! {
    panic::resume_unwind(Box::new(refusal))
}

impl<'a> Device<'a> for Meter {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, draw_mode: &DrawMode) {
        self.mask(props.soft_mask.as_ref());
        self.paint(&props.paint, matches!(draw_mode, DrawMode::Stroke(_)));
        self.path(path, props.transform, draw_mode);
    }

    fn push_clip_path(&mut self, clip_path: &ClipPath) {
        self.outline(&clip_path.path, Affine::IDENTITY);
    }

    fn push_clip_rect(&mut self, _rect: &Rect) {
        self.spend(1);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, draw_mode: &DrawMode) {
        self.mask(props.soft_mask.as_ref());
        self.paint(&props.paint, matches!(draw_mode, DrawMode::Stroke(_)));
        if let DrawMode::Fill(_) = draw_mode {
            self.spend(self.area_steps(props.transform.transform_rect_bbox(*rect)) + 1);
        } else {
            self.path(&rect.to_path(0.1), props.transform, draw_mode);
        }
    }

    fn push_transparency_group(
        &mut self,
        _opacity: f32,
        mask: Option<SoftMask<'a>>,
        _blend_mode: BlendMode,
    ) {
        self.mask(mask.as_ref());
        self.spend(self.canvas_pixels() / LAYER_PIXELS + 1);
    }

    fn draw_glyph_run(
        &mut self,
        glyph_run: &GlyphRun<'_, 'a>,
        props: DrawProps<'a>,
        draw_mode: &DrawMode,
    ) {
        self.mask(props.soft_mask.as_ref());
        for glyph in glyph_run.glyphs() {
            self.spend(GLYPH);
            self.paint(&props.paint, matches!(draw_mode, DrawMode::Stroke(_)));
            if let Glyph::Type3(drawn) = &**glyph {
                drawn.interpret(self, props.transform, glyph.transform(), &props.paint);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.mask(props.soft_mask.as_ref());
        match &image {
            Image::Stencil(image) => {
                self.stream(image.stream(), props.transform);
                // The stencil's paint, which may be a pattern, is shown only with its pixels.
                image.with_stencil(|_, paint| self.paint(paint, false), None);
            }
            Image::Raster(image) => {
                self.stream(image.stream(), props.transform);
                for mask in [&b"SMask"[..], b"Mask"] {
                    if let Some(mask) = image.stream().dict().get::<Stream<'_>>(mask) {
                        self.stream(&mask, props.transform);
                    }
                }
            }
        }
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}
