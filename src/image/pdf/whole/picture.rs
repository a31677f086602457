//! Checks that a picture in a PDF can be decoded to its last row.

use hayro::hayro_syntax::{
    Filter,
    object::{Dict, Name, Object, Stream, stream::ImageDecodeParams},
    page::Resources,
};
use hayro_jpeg2000::{DecodeSettings, DecoderContext};

use super::{fax, packed};
use crate::image::{DecodeError, jpeg};

/// Maximum depth of nested colour spaces.
const MAX_SPACES: u32 = 4;
/// Minimum number of bytes of a JBIG2 segment's head.
const SHORTEST_SEGMENT: usize = 11;

/// Checks the picture. The error completes a sentence.
pub(super) fn check(stream: &Stream<'_>, resources: &Resources<'_>) -> Result<(), String> {
    let dict = stream.dict();
    let pixels =
        |short: &[u8], long: &[u8]| dict.get::<u32>(short).or_else(|| dict.get::<u32>(long));
    let size = pixels(b"W", b"Width").zip(pixels(b"H", b"Height"));
    let (width, height) = size.ok_or("does not declare its size")?;
    if width == 0 || height == 0 {
        return Ok(());
    }
    let (data, filter) = packed::open(stream)?;
    match filter {
        None => return check_samples(dict, resources, data.len(), (width, height)),
        Some(Filter::DctDecode) => {
            jpeg::check_whole(&data, |_, _| Ok(())).map_err(|error| match error {
                DecodeError::Broken(why) | DecodeError::Unsupported(why) => {
                    format!("cannot be decoded: {why}")
                }
                error => format!("cannot be decoded: {error}"),
            })?;
        }
        Some(Filter::JpxDecode) => check_jpeg_2000(&data)?,
        Some(Filter::CcittFaxDecode) => fax::check(dict, &data, (width, height))?,
        _ => check_jbig2(&data)?,
    }
    let params = ImageDecodeParams {
        width,
        height,
        ..ImageDecodeParams::default()
    };
    let decoded = stream.decoded_image(&params);
    decoded.map(drop).map_err(|_| "cannot be decoded".into())
}

/// Checks uncompressed samples: less than a row may be missing.
fn check_samples(
    dict: &Dict<'_>,
    resources: &Resources<'_>,
    len: usize,
    (width, height): (u32, u32),
) -> Result<(), String> {
    let mut is_mask = [&b"IM"[..], b"ImageMask"].into_iter();
    let is_mask = is_mask.any(|key| dict.get::<bool>(key) == Some(true));
    let space = || {
        dict.get::<Object<'_>>(b"CS")
            .or_else(|| dict.get(b"ColorSpace"))
    };
    let bits = || {
        dict.get::<u32>(b"BPC")
            .or_else(|| dict.get(b"BitsPerComponent"))
    };
    let (samples, bits) = if is_mask {
        (1, 1)
    } else {
        let samples = space().map_or(Some(1), |space| samples_of(&space, resources, 0));
        (samples.unwrap_or(1), bits().unwrap_or(8))
    };
    let row = (u64::from(width) * samples * u64::from(bits))
        .div_ceil(8)
        .max(1);
    let rows = (len as u64).div_ceil(row);
    if rows < u64::from(height) {
        return Err(format!("is cut off after {rows} of its {height} rows"));
    }
    Ok(())
}

/// Returns the number of samples of a pixel, if the colour space is known.
fn samples_of(space: &Object<'_>, resources: &Resources<'_>, depth: u32) -> Option<u64> {
    let (name, list) = match space {
        Object::Name(name) => (name.clone(), None),
        Object::Array(list) => (list.iter::<Object<'_>>().next()?.into_name()?, Some(list)),
        _ => return None,
    };
    let second = || list.and_then(|list| list.iter::<Object<'_>>().nth(1));
    match name.as_ref() {
        b"DeviceGray" | b"G" | b"CalGray" | b"Indexed" | b"I" | b"Separation" => Some(1),
        b"DeviceRGB" | b"RGB" | b"CalRGB" | b"Lab" => Some(3),
        b"DeviceCMYK" | b"CMYK" => Some(4),
        b"ICCBased" => second()?
            .into_stream()?
            .dict()
            .get::<u32>(b"N")
            .map(u64::from),
        b"DeviceN" => Some(second()?.into_array()?.iter::<Name<'_>>().count() as u64),
        _ if depth < MAX_SPACES => {
            let named = resources.get_color_space(&name)?;
            samples_of(&named, resources, depth + 1)
        }
        _ => None,
    }
}

fn check_jpeg_2000(data: &[u8]) -> Result<(), String> {
    let settings = DecodeSettings {
        resolve_palette_indices: false,
        strict: true,
        target_resolution: None,
    };
    let decode = || {
        let image = hayro_jpeg2000::Image::new(data, &settings)?;
        image.decode(&mut DecoderContext::default()).map(drop)
    };
    decode().map_err(|error| format!("cannot be decoded: {error}"))
}

/// Checks JBIG2 data, which come in segments that declare their lengths.
fn check_jbig2(mut data: &[u8]) -> Result<(), String> {
    let mut has_region = false;
    // A line feed may follow the last segment.
    while data.len() >= SHORTEST_SEGMENT || !has_region {
        let (Some(flags), Some(referred)) = (data.get(4), data.get(5).map(|count| count >> 5))
        else {
            return Err("is cut off".into());
        };
        let page = if flags & 0x40 == 0 { 1 } else { 4 };
        let number = data
            .first_chunk()
            .map_or(0, |bytes| u32::from_be_bytes(*bytes));
        let reference = match number {
            ..=256 => 1,
            257..=65_536 => 2,
            _ => 4,
        };
        let body = 6 + usize::from(referred) * reference + page + 4;
        let length = data
            .get(body - 4..body)
            .and_then(<[u8]>::first_chunk)
            .map(|bytes| u32::from_be_bytes(*bytes) as usize)
            .ok_or("is cut off")?;
        has_region |= matches!(flags & 0x3f, 4..=47);
        data = data
            .get(body.saturating_add(length)..)
            .ok_or("is cut off")?;
    }
    Ok(())
}
