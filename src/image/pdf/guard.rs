//! What hayro does not check: how much a file unpacks to, and how long a page takes to draw.
//!
//! Three sieves, each cheap beside the drawing: over the file as it stands, since hayro unpacks
//! object streams while it opens one; over the streams that it then finds, decrypted; and over each
//! page, drawn once onto a device that only counts.

mod meter;
mod unpack;

use std::{
    any::Any,
    borrow::Cow,
    iter,
    time::{Duration, Instant},
};

use hayro::hayro_syntax::{
    Filter, Pdf,
    object::{Array, Dict, FromBytes, MaybeRef, Name, Object, Stream},
};

use super::PdfError;
pub(super) use meter::check_page;

/// A content stream, a font, an object stream. A hundred times that of a dense page.
const MAX_DATA_BYTES: u64 = 32 << 20;
/// The samples of a picture: A4 in colour at 600 dots per inch has 104 MB.
const MAX_IMAGE_BYTES: u64 = 192 << 20;
/// Pixels of a picture: A4 at 600 dots per inch has 35 million.
const MAX_IMAGE_PIXELS: u64 = 50_000_000;
/// All that a file is unpacked to in checking it. Bounds the time that the check takes.
const MAX_TOTAL_BYTES: u64 = 1 << 30;

/// What pictures of a file have in common, in the settings of the JBIG2 filter.
const GLOBALS: &[u8] = b"JBIG2Globals";

/// How long the file may be looked through before it is opened. An honest one takes milliseconds; a
/// file can be made so that every look goes to its end.
const MAX_CHECK_TIME: Duration = Duration::from_secs(10);

/// What a check that ran inside the renderer refused; see [`check_page`].
pub(super) fn refusal(panic: Box<dyn Any + Send>) -> Option<PdfError> {
    panic.downcast().ok().map(|refusal| *refusal)
}

/// Checks every stream that stands in the file, before it is opened.
///
/// # Errors
/// As [`check_streams`], and [`PdfError::TooMuchEncrypted`].
pub(super) fn check_file(file: &[u8]) -> Result<(), PdfError> {
    let mut inflate = unpack::Inflate::new(MAX_TOTAL_BYTES);
    let is_encrypted = names_encrypt(file);
    let started = Instant::now();
    let mut rest = file;
    while let Some(at) = find(rest, b"obj") {
        rest = &rest[at + b"obj".len()..];
        if started.elapsed() > MAX_CHECK_TIME {
            return Err(PdfError::Broken("it takes too long to look through".into()));
        }
        // hayro's own reading of what follows, so that no spelling of it can be missed.
        if let Some(stream) = Stream::from_bytes(without_comments(rest)) {
            if unpacks_by_reference(stream.dict()) {
                // An object stream could hide behind it.
                return Err(PdfError::Broken(
                    "it names a filter in another place".into(),
                ));
            }
            let mut data = stream.raw_data();
            if stream.dict().get_ref(b"Length").is_some() {
                // Here the stream ends at the first `endstream`; once the file is open it may not.
                data = to_the_end(file, &data).unwrap_or(data);
            }
            if is_encrypted {
                unpack::charge(&stream, data.len(), &mut inflate)?;
            } else {
                check_stream(&stream, data, &mut inflate)?;
            }
        }
    }
    Ok(())
}

/// Whether how a stream is unpacked is told in another object, which cannot be seen before the file is
/// open.
fn unpacks_by_reference(dict: &Dict<'_>) -> bool {
    let keys: [&[u8]; 4] = [b"F", b"Filter", b"DP", b"DecodeParms"];
    keys.into_iter()
        .filter_map(|key| dict.get_raw::<Object<'_>>(key))
        .any(refers)
}

fn refers(value: MaybeRef<Object<'_>>) -> bool {
    match value {
        MaybeRef::Ref(_) => true,
        MaybeRef::NotRef(Object::Array(list)) => list.raw_iter().any(refers),
        // The globals of JBIG2 are a stream, and so always stand elsewhere.
        MaybeRef::NotRef(Object::Dict(settings)) => settings
            .entries()
            .any(|(name, value)| name.as_ref() != GLOBALS && refers(value)),
        MaybeRef::NotRef(_) => false,
    }
}

/// The file from where `part` of it begins.
fn to_the_end<'a>(file: &'a [u8], part: &[u8]) -> Option<Cow<'a, [u8]>> {
    let start = part.as_ptr().addr().checked_sub(file.as_ptr().addr())?;
    file.get(start..).map(Cow::Borrowed)
}

/// Whether the name `/Encrypt` stands in the file, its letters spelled out or as `#45`
/// (ISO 32000-1, 7.3.5). Every trailer stands in it unpacked.
fn names_encrypt(file: &[u8]) -> bool {
    const NAME: &[u8; 7] = b"Encrypt";
    let mut rest = file;
    while let Some(at) = find(rest, b"/") {
        rest = &rest[at + 1..];
        let mut name = rest;
        let letters = iter::from_fn(|| {
            let (letter, rest) = first_letter(name)?;
            name = rest;
            Some(letter)
        });
        if letters.take(NAME.len()).eq(*NAME) {
            return true;
        }
    }
    false
}

/// The first letter of a name, and what follows it.
fn first_letter(name: &[u8]) -> Option<(u8, &[u8])> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    match name {
        [b'#', high, low, rest @ ..] => Some(((digit(high)? << 4 | digit(low)?) as u8, rest)),
        [first, rest @ ..] => Some((*first, rest)),
        [] => None,
    }
}

fn without_comments(mut data: &[u8]) -> &[u8] {
    loop {
        let start = data
            .iter()
            .position(|byte| !b"\0\t\n\x0c\r ".contains(byte))
            .unwrap_or(data.len());
        data = &data[start..];
        if data.first() != Some(&b'%') {
            return data;
        }
        let end = data.iter().position(|byte| b"\n\r".contains(byte));
        data = &data[end.unwrap_or(data.len())..];
    }
}

/// Whether `needle` lies somewhere in `haystack`.
pub(super) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    find(haystack, needle).is_some()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let mut from = 0;
    // Looking for one byte is vectorised in the standard library, for a window it is not.
    while let Some(at) = haystack[from..].iter().position(|byte| *byte == needle[0]) {
        from += at;
        if haystack[from..].starts_with(needle) {
            return Some(from);
        }
        from += 1;
    }
    None
}

/// Checks every stream that the file's table names.
///
/// # Errors
/// [`PdfError::UnpacksTooLarge`] and [`PdfError::ImageTooLarge`]; [`PdfError::Broken`] for a stack
/// of filters that no program writes.
pub(super) fn check_streams(pdf: &Pdf) -> Result<(), PdfError> {
    let mut inflate = unpack::Inflate::new(MAX_TOTAL_BYTES);
    for object in pdf.objects() {
        if let Object::Stream(stream) = object {
            check_stream(&stream, stream.raw_data(), &mut inflate)?;
        }
    }
    Ok(())
}

fn check_stream(
    stream: &Stream<'_>,
    data: Cow<'_, [u8]>,
    inflate: &mut unpack::Inflate,
) -> Result<(), PdfError> {
    let is_image = stream
        .dict()
        .get::<Name<'_>>(b"Subtype")
        .is_none_or(|kind| kind.as_ref() == b"Image")
        && size_of(stream).is_some();
    let limit = if is_image {
        pixels_of(stream)?;
        MAX_IMAGE_BYTES
    } else {
        MAX_DATA_BYTES
    };
    unpack::check(stream, data, limit, inflate)
}

/// Width and height as the dictionary has them; its short names are those of inline images.
fn size_of(stream: &Stream<'_>) -> Option<(u32, u32)> {
    let side = |short: &[u8], long: &[u8]| {
        let dict = stream.dict();
        dict.get::<u32>(short).or_else(|| dict.get::<u32>(long))
    };
    side(b"W", b"Width").zip(side(b"H", b"Height"))
}

/// Pixels of a picture, counting those that only its compressed data tells of.
fn pixels_of(stream: &Stream<'_>) -> Result<u64, PdfError> {
    let (width, height) = size_of(stream).unwrap_or_default();
    let mut sizes = vec![(width, height)];
    let filters = stream.filters();
    if filters.contains(&Filter::CcittFaxDecode) {
        sizes.push((fax_columns(stream.dict()), height));
    }
    // A JPEG needs no look: hayro cuts it to the size that the dictionary has. Nothing else may
    // stand beside these two, see `unpack::check`.
    if filters.contains(&Filter::JpxDecode) {
        sizes.extend(jpeg_2000_size(&stream.raw_data()));
    }
    if filters.contains(&Filter::Jbig2Decode) {
        let has_globals = filter_settings(stream.dict())
            .iter()
            .any(|settings| settings.contains_key(GLOBALS));
        let size = jbig2_size(&stream.raw_data());
        if has_globals || size == Err(HasSymbols) {
            return Err(PdfError::Broken(
                "a JBIG2 picture in it is made of symbols, which are not read".into(),
            ));
        }
        sizes.extend(size.ok().flatten());
    }
    let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
    let (width, height) = sizes
        .into_iter()
        .max_by_key(|size| area(*size))
        .unwrap_or_default();
    if area((width, height)) > MAX_IMAGE_PIXELS {
        return Err(PdfError::ImageTooLarge {
            width,
            height,
            max_pixels: MAX_IMAGE_PIXELS,
        });
    }
    Ok(area((width, height)))
}

/// What filters are told, be it one or a list.
fn filter_settings<'a>(dict: &Dict<'a>) -> Vec<Dict<'a>> {
    let mut settings = Vec::new();
    for key in [&b"DecodeParms"[..], b"DP"] {
        settings.extend(dict.get::<Dict<'_>>(key));
        if let Some(list) = dict.get::<Array<'_>>(key) {
            settings.extend(list.iter::<Object<'_>>().filter_map(Object::into_dict));
        }
    }
    settings
}

fn fax_columns(dict: &Dict<'_>) -> u32 {
    let columns = |settings: &Dict<'_>| settings.get::<u32>(b"Columns");
    filter_settings(dict)
        .iter()
        .filter_map(columns)
        .max()
        .unwrap_or(0)
}

/// From the SIZ marker, which is the first of a codestream; the largest of all that look like one.
/// Four components are a picture's; as many again count as another picture below it.
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

/// A size behind its area, so that sizes compare by it.
fn with_area((width, height): (u32, u32)) -> (u64, u32, u32) {
    (u64::from(width) * u64::from(height), width, height)
}

/// A picture has dictionaries of symbols or patterns, whose sizes only the decoder finds out.
#[derive(Debug, PartialEq, Eq)]
struct HasSymbols;

/// The largest bitmap that a segment asks for; out of bounds where segments cannot be told apart.
fn jbig2_size(mut data: &[u8]) -> Result<Option<(u32, u32)>, HasSymbols> {
    const UNKNOWN: Result<Option<(u32, u32)>, HasSymbols> = Ok(Some((u32::MAX, u32::MAX)));
    let mut largest = None;
    while let Some(flags) = data.get(4).copied() {
        // A number of four bytes, flags, the segments that it refers to, its page, its length.
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
        // Five and more are written in another way, and a length may be left open.
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
