//! Counts the bytes that a stream unpacks to without keeping them.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};
use hayro::hayro_syntax::{
    Filter,
    object::{Array, Dict, FromBytes, Name, Object, Stream},
};

use super::{MAX_DATA_BYTES, filter_settings};
use crate::image::pdf::PdfError;

/// Cost of an attempt in addition to its bytes, which bounds the number of short ones.
const BYTES_A_TRY: u64 = 1024;

/// Maximum number of bytes that one packed byte can unpack to: under Flate, its own limit; under
/// LZW, 3,839 bytes for a code of twelve bits; under run lengths, 128 for two; and as text, four
/// zeros for `z`.
const MOST_A_FLATE_BYTE: u64 = 1032;
const MOST_AN_LZW_BYTE: u64 = 2560;
const MOST_A_RUN_BYTE: u64 = 64;
const MOST_A_85_BYTE: u64 = 4;

/// Counts the inflated bytes of Flate streams, up to a total for all of them.
pub(super) struct Inflate {
    decoder: Decompress,
    chunk: Vec<u8>,
    left: u64,
    total: u64,
}

impl Inflate {
    /// Creates a counter for `total` bytes of input and output.
    pub(super) fn new(total: u64) -> Self {
        Self {
            decoder: Decompress::new(true),
            chunk: vec![0; 64 << 10],
            left: total,
            total,
        }
    }

    /// Refuses data that inflate to more than `limit`. Returns whether they were followed to their
    /// end, even if cut short. Like hayro, treats bad zlib data as bare deflate.
    pub(super) fn count(&mut self, data: &[u8], limit: u64) -> Result<bool, PdfError> {
        let bare = data.get(2..).unwrap_or_default();
        for (data, zlib) in [(data, true), (data, false), (bare, false)] {
            if self.run(data, zlib, limit)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn run(&mut self, data: &[u8], zlib: bool, limit: u64) -> Result<bool, PdfError> {
        self.decoder.reset(zlib);
        self.spend(BYTES_A_TRY)?;
        loop {
            let (read, written) = (self.decoder.total_in(), self.decoder.total_out());
            let rest = data.get(read as usize..).unwrap_or_default();
            let status = self
                .decoder
                .decompress(rest, &mut self.chunk, FlushDecompress::None);
            let step = self.decoder.total_out() - written;
            self.spend(self.decoder.total_in() - read + step)?;
            if self.decoder.total_out() > limit {
                return Err(PdfError::UnpacksTooLarge { limit });
            }
            match status {
                Ok(Status::StreamEnd) => return Ok(true),
                Ok(_) if self.decoder.total_in() > read || step > 0 => {}
                Ok(_) => return Ok(true),
                Err(_) => return Ok(false),
            }
        }
    }

    pub(super) fn spend(&mut self, bytes: u64) -> Result<(), PdfError> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or(PdfError::UnpacksTooLarge { limit: self.total })?;
        Ok(())
    }
}

/// Refuses a stream whose `data` unpack to more than `limit`, or to more than [`MAX_DATA_BYTES`] in
/// between. Returns the input of a picture's decoder if the picture's own header declares its size.
pub(super) fn check<'a>(
    stream: &Stream<'_>,
    mut data: Cow<'a, [u8]>,
    limit: u64,
    inflate: &mut Inflate,
) -> Result<Option<Cow<'a, [u8]>>, PdfError> {
    let filters = stream.filters();
    let is_text =
        |filter: &Filter| matches!(filter, Filter::AsciiHexDecode | Filter::Ascii85Decode);
    let packs = |filter: &Filter| {
        matches!(
            filter,
            Filter::FlateDecode | Filter::LzwDecode | Filter::RunLengthDecode
        )
    };
    // The header of such a picture is examined.
    let tells = |filter: &Filter| matches!(filter, Filter::JpxDecode | Filter::Jbig2Decode);
    if filters.iter().any(packs) && row_bytes(stream.dict()) > limit {
        return Err(PdfError::UnpacksTooLarge { limit });
    }
    for (at, filter) in filters.iter().enumerate() {
        let after = &filters[at + 1..];
        if *filter == Filter::Crypt {
            continue;
        }
        if !packs(filter) && !is_text(filter) {
            if !after.is_empty() {
                return Err(PdfError::Broken("a picture in it is packed twice".into()));
            }
            return Ok(tells(filter).then_some(data));
        }
        let is_kept = after
            .iter()
            .any(|next| packs(next) || is_text(next) || tells(next));
        let limit = if is_kept {
            limit.min(MAX_DATA_BYTES)
        } else {
            limit
        };
        match filter {
            Filter::FlateDecode => {
                // hayro reads on after a fault, with unpredictable results.
                let followed = inflate.count(&data, limit)?;
                if !followed && data.len() as u64 > limit / MOST_A_FLATE_BYTE {
                    return Err(PdfError::Broken("a stream in it is damaged".into()));
                }
            }
            Filter::LzwDecode => {
                inflate.spend(lzw(&data, true, limit)?)?;
                // Applies to any of the filters.
                if names_late_change(stream.dict()) {
                    inflate.spend(lzw(&data, false, limit)?)?;
                }
            }
            Filter::RunLengthDecode => inflate.spend(run_length(&data, limit)?)?,
            _ => inflate.spend(within(text_bytes(&data), limit)?)?,
        }
        if !is_kept {
            continue;
        }
        if names_of(stream.dict()) != filters.len() {
            // The settings cannot be assigned to the filters.
            return Err(PdfError::Broken("a filter in it is unknown".into()));
        }
        let Some(unpacked) = unpacked(stream, at, &data) else {
            // hayro stops here too.
            return Ok(None);
        };
        inflate.spend(unpacked.len() as u64)?;
        data = Cow::Owned(unpacked);
    }
    Ok(None)
}

/// Unpacks `data` by the filter at `at` alone, with hayro's decoder, so that both see the same
/// result.
pub(in crate::image::pdf) fn unpacked(
    stream: &Stream<'_>,
    at: usize,
    data: &[u8],
) -> Option<Vec<u8>> {
    let name = match stream.filters().get(at)? {
        Filter::AsciiHexDecode => "AHx",
        Filter::Ascii85Decode => "A85",
        Filter::LzwDecode => "LZW",
        Filter::FlateDecode => "Fl",
        _ => "RL",
    };
    let settings = settings_at(stream.dict(), at);
    let numbers: String = [
        "Predictor",
        "Colors",
        "BitsPerComponent",
        "Columns",
        "EarlyChange",
    ]
    .into_iter()
    .filter_map(|key| Some(format!("/{key} {} ", settings.get::<i32>(key)?)))
    .collect();
    let head = format!(
        "<< /Filter /{name} /DecodeParms << {numbers}>> /Length {} >>\nstream\n",
        data.len()
    );
    let alone = [head.as_bytes(), data, b"\nendstream"].concat();
    Some(Stream::from_bytes(&alone)?.decoded().ok()?.into_owned())
}

/// Returns the settings of the filter at `at`.
fn settings_at<'a>(dict: &Dict<'a>, at: usize) -> Dict<'a> {
    let list = |key: &[u8]| {
        let list = dict.get::<Array<'_>>(key)?;
        list.iter::<Object<'_>>().nth(at)?.into_dict()
    };
    let one = |key: &[u8]| dict.get::<Dict<'_>>(key);
    let is_list = |key: &[u8]| dict.get::<Array<'_>>(key).is_some();
    let settings = if is_list(b"F") || (is_list(b"Filter") && dict.get::<Name<'_>>(b"F").is_none())
    {
        list(b"DP").or_else(|| list(b"DecodeParms"))
    } else {
        one(b"DP").or_else(|| one(b"DecodeParms"))
    };
    settings.unwrap_or_default()
}

/// Counts a stream of `len` encrypted bytes at the maximum that it could unpack to: hayro unpacks
/// some streams while it opens the file, before they can be examined.
pub(super) fn charge(
    stream: &Stream<'_>,
    len: usize,
    inflate: &mut Inflate,
) -> Result<(), PdfError> {
    let most = |filter: &Filter| match filter {
        Filter::FlateDecode => MOST_A_FLATE_BYTE,
        Filter::LzwDecode => MOST_AN_LZW_BYTE,
        Filter::RunLengthDecode => MOST_A_RUN_BYTE,
        Filter::Ascii85Decode => MOST_A_85_BYTE,
        _ => 1,
    };
    let unpacked = stream
        .filters()
        .iter()
        .map(most)
        .fold(len as u64, u64::saturating_mul)
        .saturating_add(row_bytes(stream.dict()));
    inflate
        .spend(unpacked)
        .map_err(|_| PdfError::TooMuchEncrypted)
}

/// Returns the bytes of a row under a predictor, which hayro allocates before it has them.
fn row_bytes(dict: &Dict<'_>) -> u64 {
    let side = |settings: &Dict<'_>, key: &[u8], usual| {
        u64::from(settings.get::<u32>(key).unwrap_or(usual))
    };
    let row = |settings: &Dict<'_>| {
        side(settings, b"Columns", 1)
            .saturating_mul(side(settings, b"Colors", 1))
            .saturating_mul(side(settings, b"BitsPerComponent", 8))
            / 8
    };
    filter_settings(dict).iter().map(row).max().unwrap_or(0)
}

fn names_late_change(dict: &Dict<'_>) -> bool {
    let late = |settings: &Dict<'_>| settings.get::<i32>(b"EarlyChange") == Some(0);
    filter_settings(dict).iter().any(late)
}

/// Counts the filters that the dictionary names, known or not.
fn names_of(dict: &Dict<'_>) -> usize {
    let keys: [&[u8]; 2] = [b"F", b"Filter"];
    if keys.iter().any(|key| dict.get::<Name<'_>>(key).is_some()) {
        return 1;
    }
    let mut lists = keys.iter().filter_map(|key| dict.get::<Array<'_>>(key));
    lists.next().map_or(0, |list| list.raw_iter().count())
}

/// Returns the maximum number of bytes that text stands for: a `z` of base 85 is four bytes.
fn text_bytes(data: &[u8]) -> u64 {
    let bytes = |byte: &u8| if *byte == b'z' { 4 } else { 1 };
    data.iter().map(bytes).sum()
}

fn run_length(mut data: &[u8], limit: u64) -> Result<u64, PdfError> {
    let mut total = 0;
    while let [length, rest @ ..] = data {
        let (given, taken) = match length {
            128 => break,
            0..128 => (u64::from(*length) + 1, usize::from(*length) + 1),
            129.. => (257 - u64::from(*length), 1),
        };
        total += given;
        data = rest.get(taken..).unwrap_or_default();
    }
    within(total, limit)
}

/// Counts unpacked LZW bytes. Only the lengths of the table's entries matter.
fn lzw(data: &[u8], early_change: bool, limit: u64) -> Result<u64, PdfError> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    const FULL: usize = 4096;

    let mut lengths = vec![1_u64; END + 1];
    let mut previous = None;
    let (mut bits, mut held, mut total) = (0_u32, 0_u32, 0_u64);
    for byte in data {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        let width = match lengths.len() + usize::from(early_change) {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            2048.. => 12,
        };
        if held < width {
            continue;
        }
        held -= width;
        let code = (bits >> held) as usize & ((1 << width) - 1);
        match code {
            CLEAR => {
                lengths.truncate(END + 1);
                previous = None;
            }
            END => break,
            code => {
                if let Some(previous) = previous
                    && lengths.len() < FULL
                {
                    lengths.push(previous + 1);
                }
                let Some(length) = lengths.get(code) else {
                    break;
                };
                total += length;
                previous = Some(*length);
            }
        }
    }
    within(total, limit)
}

fn within(total: u64, limit: u64) -> Result<u64, PdfError> {
    if total > limit {
        return Err(PdfError::UnpacksTooLarge { limit });
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted() {
        assert_eq!(run_length(&[2, 1, 2, 3, 254, 9, 128, 7, 7], 6), Ok(6));
        assert!(run_length(&[129, 0], 127).is_err());
        // The example of ISO 32000-1, 7.4.4.2.
        let example = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(lzw(&example, true, 10), Ok(10));
        assert!(lzw(&example, true, 9).is_err());
    }

    #[test]
    fn inflating_stops_at_the_limit() {
        use std::io::Write;
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(&vec![0; 1 << 20]).unwrap();
        let zlib = zlib.finish().unwrap();
        // The data unpack to the same size if cut short or without their two bytes of header.
        for data in [&zlib[..], &zlib[..zlib.len() - 4], &zlib[2..]] {
            assert_eq!(Inflate::new(1 << 30).count(data, 1 << 20), Ok(true));
            assert!(Inflate::new(1 << 30).count(data, (1 << 20) - 1).is_err());
            assert!(Inflate::new(1 << 20).count(data, 1 << 30).is_err());
        }
    }
}
