//! Determines the number of pixels of a picture from its dictionary and its data.

use hayro::hayro_syntax::{
    Filter,
    object::{Dict, Stream},
};

use super::{GLOBALS, MAX_IMAGE_PIXELS, filter_settings};
use crate::image::pdf::{PdfError, search::find};

/// Returns the width and height in the dictionary; the short names are those of inline images.
pub(super) fn told_by(stream: &Stream<'_>) -> Option<(u32, u32)> {
    let side = |short: &[u8], long: &[u8]| {
        let dict = stream.dict();
        dict.get::<u32>(short).or_else(|| dict.get::<u32>(long))
    };
    side(b"W", b"Width").zip(side(b"H", b"Height"))
}

/// Returns the number of pixels by the dictionary.
pub(super) fn pixels_told_by(stream: &Stream<'_>) -> Result<u64, PdfError> {
    let (width, height) = told_by(stream).unwrap_or_default();
    let mut sizes = vec![(width, height)];
    if stream.filters().contains(&Filter::CcittFaxDecode) {
        sizes.push((fax_columns(stream.dict()), height));
    }
    within(sizes)
}

/// Returns the number of pixels of a picture, including those that only its compressed data
/// declare: `data`, the input of its last filter.
pub(super) fn pixels_of(stream: &Stream<'_>, data: &[u8]) -> Result<u64, PdfError> {
    let mut sizes = Vec::new();
    // JPEG data need no look: hayro cuts them to the size in the dictionary.
    match stream.filters().last() {
        Some(Filter::JpxDecode) => sizes.extend(jpeg_2000_size(data)),
        Some(Filter::Jbig2Decode) => {
            let has_globals = filter_settings(stream.dict())
                .iter()
                .any(|settings| settings.contains_key(GLOBALS));
            let size = jbig2_size(data);
            if has_globals || size == Err(HasSymbols) {
                return Err(PdfError::Broken(
                    "it has a JBIG2 picture made of symbols, which are not supported; send an image".into(),
                ));
            }
            sizes.extend(size.ok().flatten());
        }
        _ => {}
    }
    Ok(pixels_told_by(stream)?.max(within(sizes)?))
}

fn within(sizes: Vec<(u32, u32)>) -> Result<u64, PdfError> {
    let largest = sizes.into_iter().map(with_area).max();
    let (area, width, height) = largest.unwrap_or_default();
    if area > MAX_IMAGE_PIXELS {
        return Err(PdfError::ImageTooLarge {
            width,
            height,
            max_pixels: MAX_IMAGE_PIXELS,
        });
    }
    Ok(area)
}

fn fax_columns(dict: &Dict<'_>) -> u32 {
    let columns = |settings: &Dict<'_>| settings.get::<u32>(b"Columns");
    filter_settings(dict)
        .iter()
        .filter_map(columns)
        .max()
        .unwrap_or(0)
}

/// Reads the size from the SIZ marker, which is the first of a codestream, taking the largest of
/// all byte sequences that look like one. A picture has four components; each four more count as a
/// further picture below it.
fn jpeg_2000_size(mut data: &[u8]) -> Option<(u32, u32)> {
    let mut largest = None;
    while let Some(at) = find(data, b"\xff\x4f\xff\x51") {
        let size = be32(data, at + 8).zip(be32(data, at + 12));
        let components = data.get(at + 40..at + 42).map_or(u32::MAX, |bytes| {
            u32::from(u16::from_be_bytes([bytes[0], bytes[1]]))
        });
        let size = size
            .map(|(width, height)| (width, height.saturating_mul(components.div_ceil(4).max(1))));
        largest = largest.max(size.map(with_area));
        data = &data[at + 4..];
    }
    largest.map(|(_, width, height)| (width, height))
}

/// Returns a size preceded by its area, so that sizes compare by area.
fn with_area((width, height): (u32, u32)) -> (u64, u32, u32) {
    (u64::from(width) * u64::from(height), width, height)
}

/// An error: the picture has dictionaries of symbols or patterns, whose sizes only the decoder
/// determines.
#[derive(Debug, PartialEq, Eq)]
struct HasSymbols;

/// Returns the largest bitmap that a segment declares, or an oversized one if segments cannot be
/// separated.
fn jbig2_size(mut data: &[u8]) -> Result<Option<(u32, u32)>, HasSymbols> {
    const UNKNOWN: Result<Option<(u32, u32)>, HasSymbols> = Ok(Some((u32::MAX, u32::MAX)));
    let mut largest = None;
    while let Some(flags) = data.get(4).copied() {
        // The head of a segment: a number of four bytes, flags, the segments that it refers to, its
        // page, its length.
        let (Some(number), Some(referred)) = (be32(data, 0), data.get(5).map(|count| count >> 5))
        else {
            return UNKNOWN;
        };
        let reference = match number {
            ..=256 => 1,
            257..=65_536 => 2,
            _ => 4,
        };
        let page = if flags & 0x40 == 0 { 1 } else { 4 };
        let body = 6 + usize::from(referred) * reference + page + 4;
        // A count of five or more has another form, and a length may be left open.
        let length = be32(data, body - 4).filter(|length| referred < 5 && *length < u32::MAX);
        let Some(length) = length else {
            return UNKNOWN;
        };
        if matches!(flags & 0x3f, 0 | 16) {
            return Err(HasSymbols);
        }
        // Regions of all kinds and the page begin with their size.
        if matches!(flags & 0x3f, 4..=15 | 17..=48) {
            let size = be32(data, body).zip(be32(data, body + 4));
            largest = largest.max(size.map(with_area));
        }
        data = data.get(body + length as usize..).unwrap_or_default();
    }
    Ok(largest.map(|(_, width, height)| (width, height)))
}

fn be32(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}
