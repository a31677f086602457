//! Checks that a fax in a PDF has all of its rows. hayro draws the rows that it finds and leaves
//! the rest of the page white.

use hayro::hayro_syntax::object::{Array, Dict, Object};
use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

/// Counts rows.
#[derive(Default)]
struct Rows(u32);

impl Decoder for Rows {
    fn push_row(&mut self, _changes: &[u32]) {
        self.0 += 1;
    }
}

/// Checks the fax. The error completes a sentence.
pub(super) fn check(dict: &Dict<'_>, data: &[u8], (_, height): (u32, u32)) -> Result<(), String> {
    let told = settings(dict);
    let flag = |key: &[u8], usual| told.get::<bool>(key).unwrap_or(usual);
    let settings = DecodeSettings {
        columns: told.get::<u32>(b"Columns").unwrap_or(1728),
        rows: height,
        end_of_block: flag(b"EndOfBlock", true),
        end_of_line: flag(b"EndOfLine", false),
        rows_are_byte_aligned: flag(b"EncodedByteAlign", false),
        encoding: match told.get::<i32>(b"K").unwrap_or(0) {
            ..0 => EncodingMode::Group4,
            0 => EncodingMode::Group3_1D,
            1.. => EncodingMode::Group3_2D,
        },
        strict: true,
    };
    let mut rows = Rows::default();
    let end = hayro_ccitt::decode(data, &mut rows, &mut DecoderContext::new(settings));
    let Rows(rows) = rows;
    // A fax may end before its declared height if it marks its end.
    if rows < height && !(end.is_ok() && rows > 0 && marks_its_end(data)) {
        return Err(format!("is cut off after {rows} of its {height} rows"));
    }
    Ok(())
}

/// Returns the settings of the last filter.
fn settings<'a>(dict: &Dict<'a>) -> Dict<'a> {
    let keys: [&[u8]; 2] = [b"DP", b"DecodeParms"];
    let told = keys
        .iter()
        .find_map(|key| match dict.get::<Object<'_>>(key)? {
            Object::Dict(one) => Some(one),
            Object::Array(list) => Array::iter::<Object<'_>>(&list).last()?.into_dict(),
            _ => None,
        });
    told.unwrap_or_default()
}

/// Returns whether the last bytes hold two consecutive end-of-line codes.
fn marks_its_end(data: &[u8]) -> bool {
    let tail = &data[data.len().saturating_sub(32)..];
    let mut bits = u32::MAX;
    tail.iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| u32::from(byte >> bit & 1)))
        .any(|bit| {
            bits = bits << 1 | bit;
            bits & 0x00ff_ffff == 0x0000_1001
        })
}
