//! Unpacks a strip or tile to exactly the bytes of its pixels.

use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use ruzstd::decoding::StreamingDecoder;
use weezl::{BitOrder, LzwStatus, decode::Decoder as LzwDecoder};

use super::{
    DecodeError,
    layout::{Fax, Packing},
};

/// The expected size of an unpacked chunk.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// Width in pixels, for fax codes.
    pub width: u32,
    /// Number of rows, for fax codes.
    pub rows: u32,
    /// Number of bytes.
    pub bytes: usize,
}

/// Unpacks a chunk of any packing but JPEG.
///
/// # Errors
/// [`DecodeError::Broken`] if the chunk has less than `expected`.
pub fn unpack(
    packed: &[u8],
    packing: Packing,
    is_bit_reversed: bool,
    expected: Expected,
) -> Result<Vec<u8>, DecodeError> {
    let reversed: Vec<u8>;
    let packed = if is_bit_reversed {
        reversed = packed.iter().map(|byte| byte.reverse_bits()).collect();
        &reversed
    } else {
        packed
    };
    let mut bytes = vec![0; expected.bytes];
    let is_whole = match packing {
        Packing::None => copy(packed, &mut bytes),
        Packing::PackBits => pack_bits(packed, &mut bytes),
        Packing::Lzw => lzw(packed, &mut bytes),
        Packing::Deflate => ZlibDecoder::new(packed).read_exact(&mut bytes).is_ok(),
        Packing::Zstd => match StreamingDecoder::new_with_max_window_size(packed, window(expected))
        {
            Ok(mut decoder) => decoder.read_exact(&mut bytes).is_ok(),
            Err(_) => false,
        },
        Packing::Fax(fax) => return decode_fax(packed, fax, expected),
        Packing::Jpeg | Packing::OldJpeg => false,
    };
    if !is_whole {
        return Err(DecodeError::Broken(
            "a strip or tile of it is cut off or damaged".to_owned(),
        ));
    }
    Ok(bytes)
}

/// Returns the number of bytes that Zstandard may refer back to: the chunk's, and at least the
/// number that every reader has to allow.
fn window(expected: Expected) -> u64 {
    (expected.bytes as u64).max(8 << 20)
}

fn copy(packed: &[u8], bytes: &mut [u8]) -> bool {
    let Some(packed) = packed.get(..bytes.len()) else {
        return false;
    };
    bytes.copy_from_slice(packed);
    true
}

fn pack_bits(mut packed: &[u8], mut bytes: &mut [u8]) -> bool {
    while !bytes.is_empty() {
        let Some((&head, rest)) = packed.split_first() else {
            return false;
        };
        let (from, count) = match head.cast_signed() {
            -128 => (rest, 0),
            repeats @ ..0 => {
                let Some((byte, rest)) = rest.split_first() else {
                    return false;
                };
                let count = bytes.len().min(1 + usize::from(repeats.unsigned_abs()));
                bytes[..count].fill(*byte);
                (rest, count)
            }
            literals => {
                let all = 1 + usize::from(literals.unsigned_abs());
                // The last run may go past the end.
                let count = bytes.len().min(all);
                let Some(literals) = rest.get(..count) else {
                    return false;
                };
                bytes[..count].copy_from_slice(literals);
                (rest.get(all..).unwrap_or_default(), count)
            }
        };
        packed = from;
        bytes = &mut bytes[count..];
    }
    true
}

fn lzw(mut packed: &[u8], mut bytes: &mut [u8]) -> bool {
    // Files older than TIFF 6 have the bits of their codes in reverse order.
    let is_old = matches!(packed, [0, second, ..] if second & 1 == 1);
    let mut decoder = if is_old {
        LzwDecoder::new(BitOrder::Lsb, 8)
    } else {
        LzwDecoder::with_tiff_size_switch(BitOrder::Msb, 8)
    };
    while !bytes.is_empty() {
        let result = decoder.decode_bytes(packed, bytes);
        packed = &packed[result.consumed_in..];
        bytes = &mut bytes[result.consumed_out..];
        match result.status {
            Ok(LzwStatus::Ok) => {}
            Ok(LzwStatus::Done | LzwStatus::NoProgress) | Err(_) => break,
        }
    }
    bytes.is_empty()
}

/// Collects rows of bits, 0 for white.
struct Rows {
    bytes: Vec<u8>,
    width: u32,
    row_bytes: usize,
    done: usize,
}

impl hayro_ccitt::Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        let start = self.done * self.row_bytes;
        self.done += 1;
        let Some(row) = self.bytes.get_mut(start..start + self.row_bytes) else {
            return;
        };
        for run in changes.chunks(2) {
            let end = run.get(1).copied().unwrap_or(self.width);
            for x in run[0]..end {
                row[x as usize / 8] |= 0x80 >> (x % 8);
            }
        }
    }
}

fn decode_fax(packed: &[u8], fax: Fax, expected: Expected) -> Result<Vec<u8>, DecodeError> {
    let row_bytes = expected.width.div_ceil(8) as usize;
    let mut rows = Rows {
        bytes: vec![0; expected.bytes],
        width: expected.width,
        row_bytes,
        done: 0,
    };
    let mut context = DecoderContext::new(DecodeSettings {
        columns: expected.width,
        rows: expected.rows,
        end_of_block: fax != Fax::Rle,
        end_of_line: false,
        rows_are_byte_aligned: fax == Fax::Rle,
        encoding: match fax {
            Fax::Rle | Fax::Group3OneDimensional => EncodingMode::Group3_1D,
            Fax::Group3TwoDimensional => EncodingMode::Group3_2D,
            Fax::Group4 => EncodingMode::Group4,
        },
        // A row that the decoder had to guess counts as missing.
        strict: true,
    });
    let decoded = hayro_ccitt::decode(packed, &mut rows, &mut context);
    if rows.done < expected.rows as usize {
        let why = decoded
            .err()
            .map_or("they end".to_owned(), |error| error.to_string());
        return Err(DecodeError::Broken(format!(
            "it has {} rows of fax codes, of which {} can be read: {why}",
            expected.rows, rows.done
        )));
    }
    Ok(rows.bytes)
}
