//! Finds the codes on the picture of a page, and decodes them.

mod light;
mod limits;
mod symbols;

pub use limits::CodeLimits;

use std::{borrow::Cow, time::Instant};

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::GrayImage;

use symbols::{Seen, Symbol};

/// The shorter side of a page in pixels, at least: the smallest code has so many modules.
const LEAST_SIDE: u32 = 21;

/// A code that was found on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundCode {
    /// How it is drawn.
    pub symbology: Symbology,
    /// The bytes that it encodes, in the encoding of its maker.
    pub payload: Vec<u8>,
    /// Its corners as fractions of the page's width and height, clockwise from the upper left one of
    /// the upright code.
    pub corners: [(f32, f32); 4],
}

/// A way of drawing codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbology {
    /// A QR code, model 2. No kind of code that is read here is drawn in another way.
    Qr,
}

impl Symbology {
    /// Returns the name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qr => "qr",
        }
    }
}

/// The ways of looking at a page.
const VIEWS: [fn(&mut GrayImage); 3] = [|_| {}, light::evened, light::inverted];

/// Finds the codes on a page, each once. The page is looked at as it is, then with its noise and light
/// evened out, then inverted, as long as nothing was decoded or marks of another code are left, and
/// there is time. It never fails: a page that cannot be read in time has no codes.
#[must_use]
pub fn find(page: &GrayImage, limits: &CodeLimits) -> Vec<FoundCode> {
    let start = Instant::now();
    let mut found = Vec::new();
    let (width, height) = page.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width.min(height) < LEAST_SIDE || pixels > limits.most_pixels {
        return found;
    }
    let Some(reduced) = reduced(page, limits.longer_side) else {
        return found;
    };
    for view in VIEWS {
        let mut picture = reduced.clone().into_owned();
        view(&mut picture);
        let seen = symbols::see(picture, limits, start);
        add(&mut found, &seen, reduced.dimensions(), limits.most_codes);
        let is_done = !found.is_empty() && !seen.is_more;
        if is_done || found.len() >= limits.most_codes || start.elapsed() >= limits.most_time {
            break;
        }
    }
    found
}

/// Adds the codes that are not known yet.
fn add(found: &mut Vec<FoundCode>, seen: &Seen, (width, height): (u32, u32), most: usize) {
    let (width, height) = (width as f32, height as f32);
    let within = |value: f32| value.clamp(0.0, 1.0);
    for Symbol { payload, corners } in &seen.symbols {
        let corners = corners.map(|(x, y)| (within(x / width), within(y / height)));
        let is_known = found.iter().any(|other| other.payload == *payload);
        if !is_known && found.len() < most {
            found.push(FoundCode {
                symbology: Symbology::Qr,
                payload: payload.clone(),
                corners,
            });
        }
    }
}

/// Reduces a picture to a longer side by the mean of its pixels.
fn reduced(page: &GrayImage, side: u32) -> Option<Cow<'_, GrayImage>> {
    let (width, height) = page.dimensions();
    let longer = width.max(height);
    if longer <= side {
        return Some(Cow::Borrowed(page));
    }
    let of = |length: u32| (u64::from(length) * u64::from(side) / u64::from(longer)).max(1) as u32;
    let mut reduced = GrayImage::new(of(width), of(height));
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
    Resizer::new().resize(page, &mut reduced, &options).ok()?;
    Some(Cow::Owned(reduced))
}
