//! Renders PDF pages to upright RGB pixels. Every bound is checked before memory is allocated.
//!
//! The renderer, hayro, bounds neither the size of unpacked data nor the drawing time;
//! `pdf/guard` does. It silently leaves out what it cannot draw; `pdf/whole` checks for that
//! first, and `pdf/forms` adds missing appearances of form values.

mod attached;
mod end;
mod error;
mod forms;
mod guard;
mod search;
#[cfg(test)]
mod tests;
mod text;
mod update;
mod whole;

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, InterpreterWarning, TransformExt},
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page},
    kurbo::Affine,
    render_into,
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit,
        color::palette::css::WHITE,
    },
};
use image::RgbImage;

pub use attached::{PdfAttachment, xml_files};
pub use error::{PdfError, Spot};
pub use text::PdfText;
use whole::Whole;

/// The bounds of a PDF.
#[derive(Debug, Clone, Copy)]
pub struct PdfLimits {
    /// Maximum number of pages.
    pub max_pages: usize,
    /// Maximum length in pixels of a page's longer side; at most 65,535 is used.
    pub max_side: u32,
    /// Maximum width times height of a page in pixels.
    pub max_pixels: u64,
    /// Resolution of pages, where the other bounds allow it.
    pub dots_per_inch: f32,
}

/// Renders every page, in order, upright, on white.
///
/// A page is drawn at `dots_per_inch`, or smaller as required by `max_side` and `max_pixels`; a
/// side has at least one pixel. The file's rotation of a page is applied. All pages are held
/// together: at most `max_pages * max_pixels * 3` bytes, plus a few times the size of the page
/// being drawn.
///
/// Takes tens of milliseconds of one core a page, seconds for a heavy one: keep it off the async
/// threads. If a damaged file makes the renderer panic, the panic hook still prints to standard
/// error before the panic is caught here.
///
/// # Errors
/// See [`PdfError`].
pub fn render(file: &Bytes, limits: PdfLimits) -> Result<Vec<RgbImage>, PdfError> {
    guarded(|| {
        let pages = each_page(file, limits, |_| true, |_, _, picture| picture)?;
        Ok(pages.into_iter().flatten().collect())
    })
}

/// A page of a PDF, as a person sees it and as the file states it.
#[derive(Debug)]
pub struct PdfPage {
    /// The upright pixels on white.
    pub picture: RgbImage,
    /// The text that the file states, as far as it is seen in the picture.
    pub text: PdfText,
}

/// Renders the pages whose indices are `wanted` as [`render`] does, and finds the text that a person
/// sees on each. The entries of other pages are empty; those pages need not be whole.
///
/// # Errors
/// See [`PdfError`].
pub fn read(
    file: &Bytes,
    limits: PdfLimits,
    wanted: impl Fn(usize) -> bool,
) -> Result<Vec<Option<PdfPage>>, PdfError> {
    guarded(|| {
        each_page(file, limits, wanted, |page, size, picture| PdfPage {
            text: text::of_page(page, size, &picture),
            picture,
        })
    })
}

fn guarded<T>(work: impl FnOnce() -> Result<T, PdfError>) -> Result<T, PdfError> {
    // A damaged file may make the renderer panic; that must cost one request, not the thread. Its
    // state is not used afterwards, so no broken state can be seen.
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(guard::refusal(panic)
            .unwrap_or_else(|| PdfError::Broken("its contents are damaged".into())))
    })
}

/// Draws each wanted page, and returns what `finish` makes of it.
fn each_page<T>(
    file: &Bytes,
    limits: PdfLimits,
    wanted: impl Fn(usize) -> bool,
    finish: impl Fn(&Page<'_>, PixelSize, RgbImage) -> T,
) -> Result<Vec<Option<T>>, PdfError> {
    end::check(file)?;
    // hayro unpacks object streams while it opens the file, so this check comes first.
    let file = guard::direct(file)?;
    guard::check_file(&file)?;
    let mut pdf = open(&file)?;
    let pages = pdf.pages().len();
    if pages == 0 {
        return Err(PdfError::NoPages);
    }
    if pages > limits.max_pages {
        return Err(PdfError::TooManyPages {
            pages,
            limit: limits.max_pages,
        });
    }
    if let Some(completed) = forms::complete(&pdf, &file)? {
        guard::check_file(&completed)?;
        pdf = open(&completed)?;
    }
    let pages = pdf.pages();
    let sizes = pages
        .iter()
        .zip(1..)
        .map(|(page, number)| size_of(page, number, limits))
        .collect::<Result<Vec<_>, _>>()?;
    guard::check_streams(&pdf)?;
    whole::check_tree(&pdf)?;

    let is_lost = Arc::new(AtomicBool::new(false));
    let settings = noticing(is_lost.clone());
    let cache = RenderCache::new();
    let mut whole = Whole::new(&pdf);
    let mut finished = Vec::with_capacity(pages.len());
    for ((page, size), number) in pages.iter().zip(sizes).zip(1..) {
        if !wanted(number - 1) {
            finished.push(None);
            continue;
        }
        guard::check_page(page, number, size.transform, (size.width, size.height))?;
        whole.check_page(page, number)?;
        let picture = draw(page, size, &cache, &settings)?;
        if is_lost.load(Ordering::Relaxed) {
            return Err(PdfError::NotWhole {
                page: number,
                what: "a picture",
                object: Spot(None),
                why: "cannot be decoded".into(),
            });
        }
        finished.push(Some(finish(page, size, picture)));
    }
    Ok(finished)
}

/// Returns settings that report pictures which the renderer gave up although they passed the
/// checks.
fn noticing(is_lost: Arc<AtomicBool>) -> InterpreterSettings {
    InterpreterSettings {
        warning_sink: Arc::new(move |warning| {
            if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                is_lost.store(true, Ordering::Relaxed);
            }
        }),
        ..InterpreterSettings::default()
    }
}

fn open(file: &Bytes) -> Result<Pdf, PdfError> {
    Pdf::new(Arc::new(file.clone())).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => PdfError::Encrypted,
        LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => PdfError::Broken(
            "its encryption is of an unknown kind; send it without encryption".into(),
        ),
        LoadPdfError::Decryption(_) => PdfError::Broken("its encryption is damaged".into()),
        LoadPdfError::Invalid => PdfError::Broken("it is damaged, or is not a PDF".into()),
    })
}

/// The size of a page in pixels, and the transform onto them.
#[derive(Clone, Copy)]
struct PixelSize {
    width: u16,
    height: u16,
    transform: Affine,
}

fn size_of(page: &Page<'_>, number: usize, limits: PdfLimits) -> Result<PixelSize, PdfError> {
    // hayro draws a page without an area as A4, though its content is unknown.
    let area = page.intersected_crop_box();
    let no_area = PdfError::NoArea {
        page: number,
        width: area.width(),
        height: area.height(),
    };
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let wanted = f64::from(limits.dots_per_inch) / 72.0 * unit_of(page);
    let largest_side = f64::from(limits.max_side.min(u16::MAX.into()));
    let scale = wanted
        .min(largest_side / width.max(height))
        .min((limits.max_pixels as f64 / width / height).sqrt());
    let has_area = |side: f64| side.is_finite() && side > 0.0;
    if !(has_area(area.width()) && has_area(area.height()) && has_area(scale)) {
        return Err(no_area);
    }
    // Rounded down to stay within the bounds, but for rounding errors of a multiplication.
    let pixels = |side: f64| {
        (side * scale + 1e-6)
            .floor()
            .clamp(1.0, largest_side.max(1.0))
    };
    let (across, down) = (pixels(width), pixels(height));
    Ok(PixelSize {
        width: across as u16,
        height: down as u16,
        transform: Affine::scale_non_uniform(across / width, down / height)
            * page.initial_transform(true).to_kurbo(),
    })
}

/// Returns the size of a unit of the page in points (ISO 32000-1, 14.11.2).
fn unit_of(page: &Page<'_>) -> f64 {
    let unit = page.raw().get::<f64>(b"UserUnit");
    unit.filter(|unit| unit.is_finite() && *unit > 0.0)
        .unwrap_or(1.0)
}

fn draw<'a>(
    page: &'a Page<'a>,
    size: PixelSize,
    cache: &RenderCache<'a>,
    settings: &InterpreterSettings,
) -> Result<RgbImage, PdfError> {
    let mut context = RenderContext::new(size.width, size.height);
    render_into(
        page,
        cache,
        settings,
        &RenderSettings::default(),
        &mut context,
        size.transform,
    );
    context.flush();
    let mut pixels = Pixmap::new(size.width, size.height);
    context.render_with(
        &mut pixels,
        &mut Resources::default(),
        RasterizerSettings {
            target_init: TargetInit::Clear(WHITE),
            ..RasterizerSettings::default()
        },
    );
    // The page is on white, so every pixel is opaque.
    let rgb = pixels
        .data_as_u8_slice()
        .chunks_exact(4)
        .flat_map(|rgba| [rgba[0], rgba[1], rgba[2]])
        .collect();
    RgbImage::from_raw(size.width.into(), size.height.into(), rgb)
        .ok_or_else(|| PdfError::Broken("a page has too few pixels".into()))
}
