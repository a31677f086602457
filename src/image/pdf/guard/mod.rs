//! Bounds what hayro does not: the size of a file's unpacked data, and the time to draw a page.
//!
//! There are three checks, each cheap compared with the drawing: of the file as it is, since hayro
//! unpacks object streams while it opens one; of the streams that it then finds, decrypted; and of
//! each page, drawn once onto a device that only counts. Before them, streams whose filters are
//! named in another object are rewritten to name them directly ([`direct`]).

mod direct;
mod meter;
mod size;
mod unpack;

use std::{
    any::Any,
    borrow::Cow,
    iter,
    time::{Duration, Instant},
};

use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, FromBytes, MaybeRef, Name, Object, Stream},
};

use super::{PdfError, search::find};
pub(super) use direct::direct;
pub(super) use meter::check_page;
pub(super) use unpack::unpacked;

/// Maximum unpacked bytes of a content stream, a font or an object stream, a hundred times those of
/// a dense page.
const MAX_DATA_BYTES: u64 = 32 << 20;
/// Maximum bytes of a picture's samples: A4 in colour at 600 dots per inch has 104 MB.
const MAX_IMAGE_BYTES: u64 = 192 << 20;
/// Maximum number of pixels of a picture: A4 at 600 dots per inch has 35 million.
const MAX_IMAGE_PIXELS: u64 = 50_000_000;
/// Maximum total of bytes unpacked while checking a file, which bounds the time of the check.
const MAX_TOTAL_BYTES: u64 = 1 << 30;

/// The JBIG2 filter's setting for data that pictures of a file share.
const GLOBALS: &[u8] = b"JBIG2Globals";

/// Maximum time for checking the file before it is opened. An ordinary file takes milliseconds; a
/// crafted one can make every search go to its end.
const MAX_CHECK_TIME: Duration = Duration::from_secs(10);

/// Extracts the error of a check that ran inside the renderer; see [`check_page`].
pub(super) fn refusal(panic: Box<dyn Any + Send>) -> Option<PdfError> {
    panic.downcast().ok().map(|refusal| *refusal)
}

/// Checks every stream in the file's bytes before it is opened.
///
/// # Errors
/// As [`check_streams`], and [`PdfError::TooMuchEncrypted`].
pub(super) fn check_file(file: &[u8]) -> Result<(), PdfError> {
    let mut inflate = unpack::Inflate::new(MAX_TOTAL_BYTES);
    let is_encrypted = names_encrypt(file);
    each_stream(file, |_, stream| {
        if unpacks_by_reference(stream.dict()) {
            // An object stream could be hidden after it.
            return Err(PdfError::Broken(
                "it names a filter in an object that cannot be read; print it to a new PDF".into(),
            ));
        }
        let mut data = stream.raw_data();
        if stream.dict().get_ref(b"Length").is_some() {
            // The stream ends here at the first `endstream`, but perhaps not once the file is open.
            data = to_the_end(file, &data).unwrap_or(data);
        }
        if is_encrypted {
            unpack::charge(&stream, data.len(), &mut inflate)
        } else {
            check_stream(&stream, data, &mut inflate).map(drop)
        }
    })
}

/// Calls `visit` for every stream in the file's bytes, with the offset of its `obj`.
fn each_stream<'a>(
    file: &'a [u8],
    mut visit: impl FnMut(usize, Stream<'a>) -> Result<(), PdfError>,
) -> Result<(), PdfError> {
    let started = Instant::now();
    let mut start = 0;
    while let Some(at) = find(&file[start..], b"obj") {
        let obj = start + at;
        start = obj + b"obj".len();
        if started.elapsed() > MAX_CHECK_TIME {
            return Err(PdfError::Broken(
                "it takes too long to check; send an image".into(),
            ));
        }
        // hayro's own parser reads what follows, so that no spelling is missed.
        if let Some(stream) = Stream::from_bytes(without_comments(&file[start..])) {
            visit(obj, stream)?;
        }
    }
    Ok(())
}

/// Returns whether a stream's filters are named in another object, which cannot be read before the
/// file is open.
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
        // The globals of JBIG2 are a stream, and so always another object.
        MaybeRef::NotRef(Object::Dict(settings)) => settings
            .entries()
            .any(|(name, value)| name.as_ref() != GLOBALS && refers(value)),
        MaybeRef::NotRef(_) => false,
    }
}

/// Returns the file from the start of `part` to the end.
fn to_the_end<'a>(file: &'a [u8], part: &[u8]) -> Option<Cow<'a, [u8]>> {
    file.get(offset_in(file, part)?..).map(Cow::Borrowed)
}

/// Returns the offset of `part` in the file.
fn offset_in(file: &[u8], part: &[u8]) -> Option<usize> {
    part.as_ptr().addr().checked_sub(file.as_ptr().addr())
}

/// Returns whether the file contains the name `/Encrypt`, with letters in plain or as `#45` (ISO
/// 32000-1, 7.3.5). Every trailer is unpacked in the file.
pub(super) fn names_encrypt(file: &[u8]) -> bool {
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

/// Returns the first letter of a name and the rest.
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

/// Checks every stream in the file's table.
///
/// # Errors
/// [`PdfError::UnpacksTooLarge`] and [`PdfError::ImageTooLarge`]; [`PdfError::Broken`] for a
/// combination of filters that no program writes.
pub(super) fn check_streams(pdf: &Pdf) -> Result<(), PdfError> {
    let mut inflate = unpack::Inflate::new(MAX_TOTAL_BYTES);
    for object in pdf.objects() {
        if let Object::Stream(stream) = object {
            check_stream(&stream, stream.raw_data(), &mut inflate)?;
        }
    }
    Ok(())
}

/// Checks a stream of an open file that [`check_file`] may not have seen decrypted.
///
/// # Errors
/// As [`check_streams`].
pub(super) fn check_one(stream: &Stream<'_>) -> Result<(), PdfError> {
    let mut inflate = unpack::Inflate::new(MAX_TOTAL_BYTES);
    check_stream(stream, stream.raw_data(), &mut inflate).map(drop)
}

/// Checks the unpacked size of a stream, and returns the number of a picture's pixels.
fn check_stream(
    stream: &Stream<'_>,
    data: Cow<'_, [u8]>,
    inflate: &mut unpack::Inflate,
) -> Result<u64, PdfError> {
    let is_image = stream
        .dict()
        .get::<Name<'_>>(b"Subtype")
        .is_none_or(|kind| kind.as_ref() == b"Image")
        && size::told_by(stream).is_some();
    let (pixels, limit) = if is_image {
        (size::pixels_told_by(stream)?, MAX_IMAGE_BYTES)
    } else {
        (0, MAX_DATA_BYTES)
    };
    match unpack::check(stream, data, limit, inflate)? {
        Some(picture) if is_image => size::pixels_of(stream, &picture),
        _ => Ok(pixels),
    }
}

/// Returns the settings of the filters, whether one or a list.
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
