//! Finds and decodes QR codes by rxing, the corner marks first. Its own loop over them has no bounds,
//! so that a picture of nothing but marks would take minutes.

use std::{
    panic::{self, AssertUnwindSafe},
    time::Instant,
};

use image::GrayImage;
use rxing::{
    Binarizer, Luma8LuminanceSource,
    common::{BitMatrix, DetectorRXingResult, HybridBinarizer, cpp_essentials::ConcentricPattern},
    qrcode::cpp_port::{
        decoder::Decode,
        detector::{FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR},
    },
};

use super::limits::CodeLimits;

/// The corners of a symbol in pixels.
type Corners = [(f32, f32); 4];

/// A decoded symbol.
pub(super) struct Symbol {
    pub(super) payload: Vec<u8>,
    pub(super) corners: Corners,
}

/// What was seen in a picture.
#[derive(Default)]
pub(super) struct Seen {
    /// The symbols that were decoded.
    pub(super) symbols: Vec<Symbol>,
    /// Whether there are marks of a symbol that was not decoded.
    pub(super) is_more: bool,
}

/// Looks for symbols until the time is over.
pub(super) fn see(picture: GrayImage, limits: &CodeLimits, start: Instant) -> Seen {
    // A picture may make the decoder panic; that must cost the codes of one page, not the thread.
    // Nothing that it changes is used afterwards.
    panic::catch_unwind(AssertUnwindSafe(|| symbols(picture, limits, start)))
        .ok()
        .flatten()
        .unwrap_or_default()
}

fn symbols(picture: GrayImage, limits: &CodeLimits, start: Instant) -> Option<Seen> {
    let (width, height) = picture.dimensions();
    let source = Luma8LuminanceSource::new(picture.into_raw(), width, height).ok()?;
    let binarizer = HybridBinarizer::new(source);
    let bits = binarizer.get_black_matrix().ok()?;
    let mut marks = FindFinderPatterns(bits, true, 0);
    if marks.len() > limits.most_marks {
        return None;
    }
    let mut used: Vec<ConcentricPattern> = Vec::new();
    let mut seen = Seen::default();
    for set in GenerateFinderPatternSets(&mut marks) {
        let marks = [set.bl, set.tl, set.tr];
        if marks.iter().any(|mark| used.contains(mark)) {
            continue;
        }
        if start.elapsed() >= limits.most_time || seen.symbols.len() >= limits.most_codes {
            break;
        }
        match symbol(bits, &set) {
            Some(symbol) => {
                seen.symbols.push(symbol);
                used.extend(marks);
            }
            None => seen.is_more = true,
        }
    }
    // Three marks that are part of decoded symbols make no other one.
    seen.is_more &= marks.len() >= used.len() + 3;
    Some(seen)
}

fn symbol(bits: &BitMatrix, set: &FinderPatternSet) -> Option<Symbol> {
    let sampled = SampleQR(bits, set).ok()?;
    let decoded = Decode(sampled.getBits()).ok()?;
    if !decoded.isValid() {
        return None;
    }
    let payload = decoded.content().bytes().to_vec();
    // rxing tells the lower left corner before the lower right one.
    let &[first, second, fourth, third] = sampled.getPoints().first_chunk()?;
    let corners = [first, second, third, fourth].map(|corner| (corner.x, corner.y));
    let is_placed = corners.iter().all(|(x, y)| x.is_finite() && y.is_finite());
    (is_placed && !payload.is_empty()).then_some(Symbol { payload, corners })
}
