//! PDF pages to upright RGB pixels, with every bound checked before the memory for them is taken.
//!
//! The renderer, hayro, knows no bounds of its own on what a file unpacks to or how long it draws;
//! `pdf/guard.rs` holds it to some.

mod guard;
#[cfg(test)]
mod tests;

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use bytes::Bytes;
use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, TransformExt},
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page},
    kurbo::Affine,
    render_into,
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit,
        color::palette::css::WHITE,
    },
};
use image::RgbImage;
use thiserror::Error;

/// Where a PDF says that it ends; what lies behind it is most often a line feed.
const TAIL_BYTES: usize = 4096;

/// Bounds on a PDF.
#[derive(Debug, Clone, Copy)]
pub struct PdfLimits {
    /// Pages in the file.
    pub max_pages: usize,
    /// Longest side of a page in pixels; 65,535 at most is used.
    pub max_side: u32,
    /// Width times height of a page in pixels.
    pub max_pixels: u64,
    /// How finely pages are drawn, where these bounds leave room for it.
    pub dots_per_inch: f32,
}

/// Why a PDF was refused.
#[derive(Debug, Clone, Error, PartialEq)]
pub enum PdfError {
    /// It opens with a password only.
    #[error("The PDF is protected by a password; send it without one.")]
    Encrypted,
    /// The file is damaged, or something else than a PDF.
    #[error("The PDF cannot be read: {0}")]
    Broken(String),
    /// Nothing to read.
    #[error("The PDF has no pages.")]
    NoPages,
    /// More pages than allowed.
    #[error("The PDF has {pages} pages; at most {limit} are read.")]
    TooManyPages {
        /// Pages in the file.
        pages: usize,
        /// Pages allowed.
        limit: usize,
    },
    /// A page without an area.
    #[error("Page {page} of the PDF has no size: it says {width} x {height} points.")]
    NoArea {
        /// Counted from 1.
        page: usize,
        /// Points across.
        width: f64,
        /// Points down.
        height: f64,
    },
    /// A picture in the file has more pixels than any scan of a page.
    #[error(
        "The PDF holds an image of {width} x {height} pixels; at most {max_pixels} in all are \
         read."
    )]
    ImageTooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Allowed in all.
        max_pixels: u64,
    },
    /// A small file with much in it: a decompression bomb.
    #[error("The PDF unpacks to more than {limit} bytes in one of its parts.")]
    UnpacksTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// Encrypted, and larger than can be let through unseen.
    #[error(
        "The PDF is encrypted, and packs more than can be checked before it is opened; send it \
         without encryption."
    )]
    TooMuchEncrypted,
    /// A page that would take too long to draw.
    #[error("Page {page} of the PDF draws too much.")]
    TooComplex {
        /// Counted from 1.
        page: usize,
    },
}

/// Renders every page, in order, upright, on white.
///
/// A page is drawn at `dots_per_inch`, or as much smaller as `max_side` and `max_pixels` ask for;
/// a side is never less than one pixel. A page that its file turns is turned. The pages are held
/// together: `max_pages * max_pixels * 3` bytes at most, and while one is drawn some times its
/// own size on top.
///
/// Takes tens of milliseconds of one core a page, seconds for a heavy one: keep it off the async
/// threads. Where a damaged file makes the renderer panic, the panic hook still prints to standard
/// error before the panic is caught here.
///
/// # Errors
/// See [`PdfError`].
pub fn render(file: &Bytes, limits: PdfLimits) -> Result<Vec<RgbImage>, PdfError> {
    // The renderer is young, and a damaged file may make it panic; that must cost one request, not
    // the thread. Nothing that it had in hand is used afterwards, so no broken state can be seen.
    panic::catch_unwind(AssertUnwindSafe(|| render_pages(file, limits))).unwrap_or_else(|panic| {
        Err(guard::refusal(panic)
            .unwrap_or_else(|| PdfError::Broken("its contents are damaged".into())))
    })
}

fn render_pages(file: &Bytes, limits: PdfLimits) -> Result<Vec<RgbImage>, PdfError> {
    // hayro draws the pages that it finds in half a file; whoever sent it meant the others too.
    let tail = file.len().saturating_sub(TAIL_BYTES);
    if !(guard::contains(&file[tail..], b"%%EOF") || guard::contains(&file[tail..], b"startxref")) {
        return Err(PdfError::Broken("it is cut off, or no PDF".into()));
    }
    // hayro unpacks object streams while it opens the file, so this comes first.
    guard::check_file(file)?;
    let pdf = Pdf::new(Arc::new(file.clone())).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => PdfError::Encrypted,
        LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
            PdfError::Broken("its encryption is of an unknown kind".into())
        }
        LoadPdfError::Decryption(_) => PdfError::Broken("its encryption is damaged".into()),
        LoadPdfError::Invalid => PdfError::Broken("it is damaged, or no PDF".into()),
    })?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(PdfError::NoPages);
    }
    if pages.len() > limits.max_pages {
        return Err(PdfError::TooManyPages {
            pages: pages.len(),
            limit: limits.max_pages,
        });
    }
    let sizes = pages
        .iter()
        .zip(1..)
        .map(|(page, number)| size_of(page, number, limits))
        .collect::<Result<Vec<_>, _>>()?;
    guard::check_streams(&pdf)?;

    let settings = InterpreterSettings::default();
    let cache = RenderCache::new();
    let mut pictures = Vec::with_capacity(pages.len());
    for ((page, size), number) in pages.iter().zip(sizes).zip(1..) {
        guard::check_page(page, number, size.transform, (size.width, size.height))?;
        pictures.push(draw(page, size, &cache, &settings)?);
    }
    Ok(pictures)
}

/// A page's pixels, and how it is laid on them.
#[derive(Clone, Copy)]
struct PixelSize {
    width: u16,
    height: u16,
    transform: Affine,
}

fn size_of(page: &Page<'_>, number: usize, limits: PdfLimits) -> Result<PixelSize, PdfError> {
    // hayro draws a page without an area as A4; what could be on it is anyone's guess.
    let area = page.intersected_crop_box();
    let no_area = PdfError::NoArea {
        page: number,
        width: area.width(),
        height: area.height(),
    };
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let wanted = f64::from(limits.dots_per_inch) / 72.0;
    let largest_side = f64::from(limits.max_side.min(u16::MAX.into()));
    let scale = wanted
        .min(largest_side / width.max(height))
        .min((limits.max_pixels as f64 / width / height).sqrt());
    let has_area = |side: f64| side.is_finite() && side > 0.0;
    if !(has_area(area.width()) && has_area(area.height()) && has_area(scale)) {
        return Err(no_area);
    }
    // Rounded down to stay within the bounds, but for the last bits of a multiplication.
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
    // Everything lies on white, so every pixel is opaque.
    let rgb = pixels
        .data_as_u8_slice()
        .chunks_exact(4)
        .flat_map(|rgba| [rgba[0], rgba[1], rgba[2]])
        .collect();
    RgbImage::from_raw(size.width.into(), size.height.into(), rgb)
        .ok_or_else(|| PdfError::Broken("a page has too few pixels".into()))
}
