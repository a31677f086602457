//! Checks that packed data can be unpacked to their end.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};
use hayro::hayro_syntax::{
    Filter,
    object::{Array, Name, Object, Stream},
};

use crate::image::pdf::{error::short, guard};

/// The filters of ISO 32000 with their short names in content streams.
const FILTERS: [&[u8]; 17] = [
    b"ASCIIHexDecode",
    b"AHx",
    b"ASCII85Decode",
    b"A85",
    b"LZWDecode",
    b"LZW",
    b"FlateDecode",
    b"Fl",
    b"RunLengthDecode",
    b"RL",
    b"CCITTFaxDecode",
    b"CCF",
    b"JBIG2Decode",
    b"DCTDecode",
    b"DCT",
    b"JPXDecode",
    b"Crypt",
];

/// The bytes of a Flate flush. Acrobat ends the appearances of forms with this alone.
const FLUSHED: &[u8] = b"\0\0\xff\xff";

/// Unpacks a stream that is not a picture, or returns why it cannot.
pub(super) fn check<'a>(stream: &Stream<'a>) -> Result<Cow<'a, [u8]>, String> {
    match open(stream)? {
        (data, None) => Ok(data),
        (_, Some(_)) => Err("is packed as a picture".into()),
    }
}

/// Unpacks a stream. If the last filter is one of pictures, returns its input and the filter.
pub(super) fn open<'a>(stream: &Stream<'a>) -> Result<(Cow<'a, [u8]>, Option<Filter>), String> {
    let dict = stream.dict();
    if matches!(
        dict.get::<Object<'_>>(b"F"),
        Some(Object::String(_) | Object::Dict(_))
    ) {
        return Err("lies in another file".into());
    }
    if let Some(unknown) = unknown_filter(stream) {
        return Err(format!("is packed by an unknown filter, {unknown}"));
    }
    let mut data = stream.raw_data();
    let filters = stream.filters();
    for (at, filter) in filters.iter().enumerate() {
        match filter {
            Filter::Crypt => continue,
            Filter::AsciiHexDecode
            | Filter::Ascii85Decode
            | Filter::LzwDecode
            | Filter::RunLengthDecode => {}
            Filter::FlateDecode => ends(&data)?,
            picture => return Ok((data, Some(*picture))),
        }
        let unpacked = guard::unpacked(stream, at, &data);
        data = Cow::Owned(unpacked.ok_or("cannot be unpacked")?);
    }
    Ok((data, None))
}

fn unknown_filter(stream: &Stream<'_>) -> Option<String> {
    let dict = stream.dict();
    let keys: [&[u8]; 2] = [b"F", b"Filter"];
    let names = keys
        .iter()
        .find_map(|key| match dict.get::<Object<'_>>(key)? {
            Object::Name(name) => Some(vec![name]),
            Object::Array(list) => Some(list_of_names(&list)),
            _ => None,
        });
    let mut names = names.unwrap_or_default().into_iter();
    let unknown = names.find(|name| !FILTERS.contains(&name.as_ref()))?;
    Some(short(&String::from_utf8_lossy(unknown.as_ref())))
}

fn list_of_names<'a>(list: &Array<'a>) -> Vec<Name<'a>> {
    list.iter::<Object<'_>>()
        .filter_map(Object::into_name)
        .collect()
}

/// Checks that Flate data reach the end that they mark. The checksum after it may be missing, as in
/// some files, but not wrong.
fn ends(data: &[u8]) -> Result<(), String> {
    // Some programs pack nothing as nothing, without an end.
    if data.trim_ascii().is_empty() || run(data, true) == Ending::Told {
        return Ok(());
    }
    let bare = data.get(2..).unwrap_or_default();
    match run(bare, false) {
        Ending::ToldBefore(rest) if rest < 4 => return Ok(()),
        Ending::Told | Ending::ToldBefore(_) => return Err("is damaged".into()),
        _ => {}
    }
    match (run(data, false), run(data, true)) {
        (Ending::Told | Ending::ToldBefore(_), _) => Ok(()),
        (_, Ending::Missing) if data.ends_with(FLUSHED) => Ok(()),
        (_, Ending::Missing) => Err("is cut off".into()),
        _ => Err("is damaged".into()),
    }
}

#[derive(PartialEq, Eq)]
enum Ending {
    Told,
    /// Ended by its mark, with this many bytes after it.
    ToldBefore(usize),
    Missing,
    Damaged,
}

fn run(data: &[u8], zlib: bool) -> Ending {
    let mut decoder = Decompress::new(zlib);
    let mut chunk = vec![0; 64 << 10];
    loop {
        let (read, written) = (decoder.total_in(), decoder.total_out());
        let rest = data.get(read as usize..).unwrap_or_default();
        match decoder.decompress(rest, &mut chunk, FlushDecompress::None) {
            Ok(Status::StreamEnd) if zlib => return Ending::Told,
            Ok(Status::StreamEnd) => {
                return Ending::ToldBefore(data.len() - decoder.total_in() as usize);
            }
            Ok(_) if decoder.total_in() > read || decoder.total_out() > written => {}
            Ok(_) => return Ending::Missing,
            Err(_) => return Ending::Damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zlib(data: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(data).unwrap();
        zlib.finish().unwrap()
    }

    #[test]
    fn an_end_is_distinguished_from_a_cut() {
        let text: Vec<u8> = (0..5000_u32)
            .flat_map(|n| n.to_string().into_bytes())
            .collect();
        let whole = zlib(&text);
        assert_eq!(ends(&whole), Ok(()));
        // Without its checksum, with data after it, without its head.
        for missing in 1..=4 {
            assert_eq!(ends(&whole[..whole.len() - missing]), Ok(()), "{missing}");
        }
        assert_eq!(ends(&[&whole[..], b"\r\nmore"].concat()), Ok(()));
        assert_eq!(ends(&whole[2..whole.len() - 4]), Ok(()));
        for len in [whole.len() - 5, whole.len() / 2, 40] {
            assert_eq!(ends(&whole[..len]), Err("is cut off".into()), "{len}");
        }
        let mut wrong = whole;
        *wrong.last_mut().unwrap() ^= 1;
        assert_eq!(ends(&wrong), Err("is damaged".into()));
        assert!(ends(b"no zlib at all").is_err());
        let mut flushed = Vec::with_capacity(100);
        flate2::Compress::new(flate2::Compression::fast(), true)
            .compress_vec(b"q Q", &mut flushed, flate2::FlushCompress::Sync)
            .unwrap();
        assert_eq!(ends(&flushed), Ok(()));
        assert_eq!(ends(b""), Ok(()));
        assert_eq!(ends(b"\r\n"), Ok(()));
    }
}
