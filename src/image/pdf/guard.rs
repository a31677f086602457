//! What hayro does not check: how much a file unpacks to, and how long a page takes to draw.
//!
//! Three sieves, each cheap beside the drawing: over the file as it stands, since hayro unpacks
//! object streams while it opens one; over the streams that it then finds, decrypted; and over each
//! page, drawn once onto a device that only counts. Before them streams that tell in another object
//! how they are packed are made to tell it themselves ([`direct`]).

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
    each_stream(file, |_, stream| {
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
            unpack::charge(&stream, data.len(), &mut inflate)
        } else {
            check_stream(&stream, data, &mut inflate).map(drop)
        }
    })
}

/// Calls `visit` for all that stands in the file as a stream, with where its `obj` is.
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
            return Err(PdfError::Broken("it takes too long to look through".into()));
        }
        // hayro's own reading of what follows, so that no spelling of it can be missed.
        if let Some(stream) = Stream::from_bytes(without_comments(&file[start..])) {
            visit(obj, stream)?;
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
    file.get(offset_in(file, part)?..).map(Cow::Borrowed)
}

/// Where `part` of it begins in the file.
fn offset_in(file: &[u8], part: &[u8]) -> Option<usize> {
    part.as_ptr().addr().checked_sub(file.as_ptr().addr())
}

/// Whether the name `/Encrypt` stands in the file, its letters spelled out or as `#45`
/// (ISO 32000-1, 7.3.5). Every trailer stands in it unpacked.
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

/// Checks what a stream unpacks to, and tells the pixels of a picture.
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
