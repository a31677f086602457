//! Streams that tell in another object how they are packed. Before the file is open nobody can look
//! there, and while it is being opened hayro unpacks what it meets. So it is opened once with those
//! streams made mute, they are written anew with what the other object says, and what comes out is
//! checked as any other file.

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

/// A stream as it stands in the file.
struct Mute<'a> {
    id: ObjectIdentifier,
    dict: Dict<'a>,
    /// Where its dictionary and its data begin.
    dict_at: usize,
    data_at: usize,
    /// Its data, as far as they can be told before the file is open.
    data: &'a [u8],
}

/// The file with every stream telling itself how it is packed.
///
/// # Errors
/// [`PdfError::Broken`] where that cannot be: in encrypted files, or where what it refers to is missing;
/// and those of [`check_file`].
pub(in crate::image::pdf) fn direct(file: &Bytes) -> Result<Bytes, PdfError> {
    let mut mutes = Vec::new();
    let mut quiet = Vec::new();
    each_stream(file, |obj, stream| {
        if !unpacks_by_reference(stream.dict()) {
            return Ok(());
        }
        if quiet.is_empty() {
            quiet = file.to_vec();
        }
        let dict = stream.dict().clone();
        let raw = stream.raw_data();
        let places = offset_in(file, dict.data()).zip(offset_in(file, &raw));
        let Some((dict_at, data_at)) = places else {
            return Ok(());
        };
        let inside = dict_at + 2..(dict_at + dict.data().len()).saturating_sub(2);
        if let Some(inside) = quiet.get_mut(inside) {
            inside.fill(b' ');
        }
        if let Some(id) = id_before(&file[..obj]) {
            mutes.push(Mute {
                id,
                dict,
                dict_at,
                data_at,
                data: &file[data_at..data_at + raw.len()],
            });
        }
        Ok(())
    })?;
    if quiet.is_empty() {
        return Ok(file.clone());
    }
    if names_encrypt(file) {
        return Err(elsewhere());
    }
    check_file(&quiet)?;
    let quiet = Bytes::from(quiet);
    let pdf = open(&quiet)?;
    let mut update = Update::default();
    let mut room = file.len();
    for mute in &mutes {
        let now = pdf.xref().get::<Stream<'_>>(mute.id);
        let is_current = now.is_some_and(|now| {
            offset_in(&quiet, now.dict().data()).is_some_and(|at| at == mute.dict_at)
        });
        // Older versions of an object stay mute.
        if !is_current {
            continue;
        }
        let body = spoken(mute, &pdf, file)?;
        // They cannot be more than the file, unless they lie within one another.
        room = room.checked_sub(body.len() / 2).ok_or_else(elsewhere)?;
        update.put(mute.id, body);
    }
    Ok(Bytes::from(update.append(&quiet, pdf.xref().root_id())))
}

fn elsewhere() -> PdfError {
    PdfError::Broken("it names a filter in another place".into())
}

/// The number in front of an `obj`.
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

/// The stream with what its references say.
fn spoken(mute: &Mute<'_>, pdf: &Pdf, file: &[u8]) -> Result<Vec<u8>, PdfError> {
    let get = |key: &[u8]| mute.dict.get_raw::<Object<'_>>(key);
    let either = |short: &[u8], long: &[u8]| match resolve(get(short), pdf) {
        None | Some(Object::Null(_)) => resolve(get(long), pdf),
        some => some,
    };
    let filters = match either(b"F", b"Filter") {
        Some(Object::Name(name)) => vec![name],
        Some(Object::Array(list)) => names(&list, pdf).ok_or_else(elsewhere)?,
        _ => return Err(elsewhere()),
    };
    let settings = match either(b"DP", b"DecodeParms") {
        Some(Object::Array(list)) => list
            .raw_iter()
            .map(|item| resolve(Some(item), pdf))
            .collect(),
        one => vec![one],
    };
    let mut data = mute.data;
    if let Some(MaybeRef::Ref(length)) = get(b"Length") {
        let length = pdf.xref().get::<u32>(length.into()).unwrap_or_default();
        let all = file.get(mute.data_at..mute.data_at + length as usize);
        let ends = |all: &&[u8]| {
            let behind = file[mute.data_at + all.len()..].trim_ascii_start();
            behind.starts_with(b"endstream")
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
        &update::with_entries(mute.dict.data(), &entries),
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

/// Settings without references, but to the globals of JBIG2, which are a stream.
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
