//! How much a stream unpacks to, counted without keeping it.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};
use hayro::hayro_syntax::{
    Filter,
    object::{Dict, Stream},
};

use super::filter_settings;
use crate::image::pdf::PdfError;

/// What a try costs beside its bytes, so that many short ones are bounded too.
const BYTES_A_TRY: u64 = 1024;

/// What a byte can unpack to at most: under Flate by its own limit; under LZW, whose codes of twelve
/// bits stand for up to 3,839 bytes; under run lengths, 128 for two; and as text, four zeros for `z`.
const MOST_A_FLATE_BYTE: u64 = 1032;
const MOST_AN_LZW_BYTE: u64 = 2560;
const MOST_A_RUN_BYTE: u64 = 64;
const MOST_A_85_BYTE: u64 = 4;

/// Counts what Flate streams inflate to, within a total for all of them.
pub(super) struct Inflate {
    decoder: Decompress,
    chunk: Vec<u8>,
    left: u64,
    total: u64,
}

impl Inflate {
    /// For `total` bytes, taken in and given out.
    pub(super) fn new(total: u64) -> Self {
        Self {
            decoder: Decompress::new(true),
            chunk: vec![0; 64 << 10],
            left: total,
            total,
        }
    }

    /// Refuses data that inflates to more than `limit`. Tells whether it could be followed to its
    /// end, be it cut short; as hayro does, it takes bad zlib for bare deflate.
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

/// Refuses a stream whose `data` unpack to more than `limit`.
pub(super) fn check(
    stream: &Stream<'_>,
    mut data: Cow<'_, [u8]>,
    limit: u64,
    inflate: &mut Inflate,
) -> Result<(), PdfError> {
    let filters = stream.filters();
    let packs = |filter: &Filter| {
        matches!(
            filter,
            Filter::FlateDecode | Filter::LzwDecode | Filter::RunLengthDecode
        )
    };
    let spells = |filter: &Filter| matches!(filter, Filter::AsciiHexDecode | Filter::Ascii85Decode);
    // A picture whose own header tells its size must lie open.
    let tells = |filter: &Filter| matches!(filter, Filter::JpxDecode | Filter::Jbig2Decode);
    let packings = filters.iter().filter(|filter| **filter != Filter::Crypt);
    if filters.iter().any(tells) && packings.count() > 1 {
        return Err(PdfError::Broken("a picture in it is packed twice".into()));
    }
    let Some(first) = filters.iter().position(packs) else {
        return Ok(());
    };
    if row_bytes(stream.dict()) > limit {
        return Err(PdfError::UnpacksTooLarge { limit });
    }
    // What lies under the second packing can be counted only by keeping what lies under the first.
    let (before, after) = (&filters[..first], &filters[first + 1..]);
    if after.iter().any(|filter| packs(filter) || spells(filter)) {
        return Err(PdfError::Broken("a stream in it is packed twice".into()));
    }
    for filter in before {
        inflate.spend(data.len() as u64)?;
        data = Cow::Owned(match filter {
            Filter::AsciiHexDecode => hex(&data),
            Filter::Ascii85Decode => ascii_85(&data),
            _ => continue,
        });
    }
    match filters[first] {
        Filter::FlateDecode => {
            // hayro reads on behind a fault, where there is no telling what it finds.
            let followed = inflate.count(&data, limit)?;
            if !followed && data.len() as u64 > limit / MOST_A_FLATE_BYTE {
                return Err(PdfError::Broken("a stream in it is damaged".into()));
            }
            Ok(())
        }
        Filter::LzwDecode => inflate.spend(lzw(&data, early_change(stream.dict()), limit)?),
        _ => inflate.spend(run_length(&data, limit)?),
    }
}

/// Takes a stream of `len` bytes that is still encrypted for the most that it could unpack to: hayro unpacks some
/// while it opens the file, and they cannot be looked into before.
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

/// Bytes of a row before which a predictor stands, which hayro takes before it has them.
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

fn early_change(dict: &Dict<'_>) -> bool {
    let off = |settings: &Dict<'_>| settings.get::<i32>(b"EarlyChange") == Some(0);
    !filter_settings(dict).iter().any(off)
}

fn hex(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = data
        .iter()
        .take_while(|byte| **byte != b'>')
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0))
        .collect()
}

fn ascii_85(data: &[u8]) -> Vec<u8> {
    let data = data.trim_ascii_start();
    let data = data.strip_prefix(b"<~").unwrap_or(data);
    let mut out = Vec::with_capacity(data.len());
    let mut group = Vec::with_capacity(5);
    let word = |group: &[u8]| {
        let digits = group.iter().chain(&[84; 5]).take(5);
        digits.fold(0_u32, |word, digit| {
            word.wrapping_mul(85).wrapping_add(u32::from(*digit))
        })
    };
    for byte in data.iter().take_while(|byte| **byte != b'~') {
        match byte {
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => {}
        }
        if group.len() == 5 {
            out.extend(word(&group).to_be_bytes());
            group.clear();
        }
    }
    if group.len() > 1 {
        out.extend(&word(&group).to_be_bytes()[..group.len() - 1]);
    }
    out
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

/// Only the lengths of the table's entries matter.
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
    fn text_encodings_are_undone() {
        assert_eq!(hex(b"48 65 6C6c 6f7>zz"), b"Hellop");
        assert_eq!(ascii_85(b"<~87cUR\nD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii_85(b"z87cURDZ~>"), b"\0\0\0\0Hello");
    }

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
        // Cut short, and without its two bytes of header, it is as large.
        for data in [&zlib[..], &zlib[..zlib.len() - 4], &zlib[2..]] {
            assert_eq!(Inflate::new(1 << 30).count(data, 1 << 20), Ok(true));
            assert!(Inflate::new(1 << 30).count(data, (1 << 20) - 1).is_err());
            assert!(Inflate::new(1 << 20).count(data, 1 << 30).is_err());
        }
    }
}
