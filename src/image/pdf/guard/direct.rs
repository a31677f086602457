//! Rewrites streams whose filters are named in another object. Such objects cannot be read before
//! the file is open, and hayro unpacks streams while it opens the file. So the file is opened once
//! with the dictionaries of those streams blanked out, they are rewritten with the contents of the
//! other objects, and the result is checked like any other file.

use std::fmt::Write as _;

use bytes::Bytes;
use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream},
};

use super::{GLOBALS, check_file, each_stream, names_encrypt, offset_in, unpacks_by_reference};
use crate::image::pdf::{
    PdfError, open,
    update::{self, Update},
};

/// A stream whose filters are named in another object.
struct Indirect<'a> {
    id: ObjectIdentifier,
    dict: Dict<'a>,
    /// Offsets of its dictionary and its data.
    dict_at: usize,
    data_at: usize,
    /// Its data, as far as their extent is known before the file is open.
    data: &'a [u8],
}

/// Returns the file with every stream naming its own filters.
///
/// # Errors
/// [`PdfError::Broken`] if that is impossible: in encrypted files, or where a referenced object is
/// missing; and those of [`check_file`].
pub(in crate::image::pdf) fn direct(file: &Bytes) -> Result<Bytes, PdfError> {
    let mut streams = Vec::new();
    let mut masked = Vec::new();
    each_stream(file, |obj, stream| {
        if !unpacks_by_reference(stream.dict()) {
            return Ok(());
        }
        if masked.is_empty() {
            masked = file.to_vec();
        }
        let dict = stream.dict().clone();
        let raw = stream.raw_data();
        let places = offset_in(file, dict.data()).zip(offset_in(file, &raw));
        let Some((dict_at, data_at)) = places else {
            return Ok(());
        };
        let inside = dict_at + 2..(dict_at + dict.data().len()).saturating_sub(2);
        if let Some(inside) = masked.get_mut(inside) {
            inside.fill(b' ');
        }
        if let Some(id) = id_before(&file[..obj]) {
            streams.push(Indirect {
                id,
                dict,
                dict_at,
                data_at,
                data: &file[data_at..data_at + raw.len()],
            });
        }
        Ok(())
    })?;
    if masked.is_empty() {
        return Ok(file.clone());
    }
    if names_encrypt(file) {
        return Err(unreadable());
    }
    check_file(&masked)?;
    let masked = Bytes::from(masked);
    let pdf = open(&masked)?;
    let mut update = Update::default();
    let mut room = file.len();
    for stream in &streams {
        let now = pdf.xref().get::<Stream<'_>>(stream.id);
        let is_current = now.is_some_and(|now| {
            offset_in(&masked, now.dict().data()).is_some_and(|at| at == stream.dict_at)
        });
        // Older versions of an object stay blanked out.
        if !is_current {
            continue;
        }
        let body = resolved(stream, &pdf, file)?;
        // Their total cannot exceed the file, unless they are nested in one another.
        room = room.checked_sub(body.len() / 2).ok_or_else(unreadable)?;
        update.put(stream.id, body);
    }
    Ok(Bytes::from(update.append(&masked, pdf.xref().root_id())))
}

fn unreadable() -> PdfError {
    PdfError::Broken(
        "it names a filter in an object that cannot be read; print it to a new PDF".into(),
    )
}

/// Reads the number in front of an `obj`.
fn id_before(data: &[u8]) -> Option<ObjectIdentifier> {
    let number = |data: &mut &[u8]| {
        *data = data.trim_ascii_end();
        let digits = data.iter().rev().take_while(|byte| byte.is_ascii_digit());
        let (before, digits) = data.split_at(data.len() - digits.count());
        *data = before;
        std::str::from_utf8(digits).ok()?.parse().ok()
    };
    let mut data = data;
    let generation: u32 = number(&mut data)?;
    let object: u32 = number(&mut data)?;
    Some(ObjectIdentifier::new(object, generation.try_into().ok()?))
}

/// Returns the stream with its references resolved.
fn resolved(stream: &Indirect<'_>, pdf: &Pdf, file: &[u8]) -> Result<Vec<u8>, PdfError> {
    let get = |key: &[u8]| stream.dict.get_raw::<Object<'_>>(key);
    let either = |short: &[u8], long: &[u8]| match resolve(get(short), pdf) {
        None | Some(Object::Null(_)) => resolve(get(long), pdf),
        some => some,
    };
    let filters = match either(b"F", b"Filter") {
        Some(Object::Name(name)) => vec![name],
        Some(Object::Array(list)) => names(&list, pdf).ok_or_else(unreadable)?,
        _ => return Err(unreadable()),
    };
    let settings = match either(b"DP", b"DecodeParms") {
        Some(Object::Array(list)) => list
            .raw_iter()
            .map(|item| resolve(Some(item), pdf))
            .collect(),
        one => vec![one],
    };
    let mut data = stream.data;
    if let Some(MaybeRef::Ref(length)) = get(b"Length") {
        let length = pdf.xref().get::<u32>(length.into()).unwrap_or_default();
        let all = file.get(stream.data_at..stream.data_at + length as usize);
        let ends = |all: &&[u8]| {
            let after = file[stream.data_at + all.len()..].trim_ascii_start();
            after.starts_with(b"endstream")
        };
        data = all.filter(ends).unwrap_or(data);
    }
    let mut entries = String::from("/F null /DP null /Filter [");
    for filter in filters {
        let _ = write!(entries, " {filter}");
    }
    entries.push_str(" ] /DecodeParms [");
    for settings in settings {
        match settings {
            Some(Object::Dict(settings)) => entries.push_str(&plain(&settings, pdf)),
            _ => entries.push_str(" null"),
        }
    }
    let _ = write!(entries, " ] /Length {}", data.len());
    Ok(update::stream(
        &update::with_entries(stream.dict.data(), &entries),
        data,
    ))
}

fn names<'a>(list: &Array<'a>, pdf: &'a Pdf) -> Option<Vec<Name<'a>>> {
    let name = |item| resolve(Some(item), pdf)?.into_name();
    list.raw_iter().map(name).collect()
}

fn resolve<'a>(value: Option<MaybeRef<Object<'a>>>, pdf: &'a Pdf) -> Option<Object<'a>> {
    match value? {
        MaybeRef::Ref(id) => pdf.xref().get(id.into()),
        MaybeRef::NotRef(object) => Some(object),
    }
}

/// Returns settings without references, except the globals of JBIG2, which are a stream.
fn plain(settings: &Dict<'_>, pdf: &Pdf) -> String {
    let mut out = String::from(" <<");
    for (name, value) in settings.entries() {
        let value = match value {
            MaybeRef::Ref(id) if name.as_ref() == GLOBALS => Some(id.to_string()),
            value => resolve(Some(value), pdf).and_then(|value| match value {
                Object::Number(_) | Object::Boolean(_) | Object::Name(_) => Some(value.to_string()),
                _ => None,
            }),
        };
        if let Some(value) = value {
            let _ = write!(out, " {name} {value}");
        }
    }
    out.push_str(" >>");
    out
}
