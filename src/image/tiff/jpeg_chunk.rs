//! Unpacks strips and tiles that are JPEGs.

use image::RgbImage;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{
    Area, DecodeError,
    directory::Directory,
    layout::{Colours, Layout},
};
use crate::image::jpeg;

/// The samples of an unpacked JPEG.
struct Samples {
    width: usize,
    height: usize,
    /// Number of samples of a pixel.
    count: usize,
    bytes: Vec<u8>,
}

/// Returns the samples of a chunk, row by row as they would be stored without JPEG. Converts
/// colours to RGB if they are [`Colours::YCbCr`].
///
/// # Errors
/// [`DecodeError::Broken`] if the JPEG is incomplete or not of the size of the chunk.
pub fn decode(
    packed: &[u8],
    tables: Option<&[u8]>,
    layout: &Layout,
    area: Area,
) -> Result<Vec<u8>, DecodeError> {
    let joined = join(packed, tables);
    let expected = if layout.is_planar { 1 } else { layout.samples } as usize;
    let (width, height) = (area.stored_width, area.stored_height);
    // Encoders round up to whole blocks.
    let most = (
        width.saturating_add(64),
        layout.chunk.height.saturating_add(64),
    );
    let samples = samples(&joined, most, is_luma(layout))?;
    let (across, down) = (width as usize, height as usize);
    if samples.count != expected || samples.width < across || samples.height < down {
        return Err(DecodeError::Broken(
            "a JPEG in it is of another size than its strip or tile".to_owned(),
        ));
    }
    let line = samples.width * expected;
    let rows = samples.bytes.chunks_exact(line).take(down);
    Ok(rows
        .flat_map(|row| &row[..across * expected])
        .copied()
        .collect())
}

/// Decodes the picture of a file with an old-style JPEG that holds all of it beside the strips.
///
/// # Errors
/// [`DecodeError::Unsupported`] if its parts are stored apart.
pub fn old(directory: &Directory<'_>, layout: &Layout) -> Result<RgbImage, DecodeError> {
    const START: u16 = 513;
    const LENGTH: u16 = 514;
    let apart =
        || DecodeError::Unsupported("a TIFF with an old-style JPEG in several parts".to_owned());
    let start = usize::try_from(directory.number(START, 0)?).unwrap_or(usize::MAX);
    let rest = directory.file().get(start..).unwrap_or_default();
    if start == 0 || !rest.starts_with(&[0xff, 0xd8]) {
        return Err(apart());
    }
    let length = directory.number(LENGTH, rest.len() as u64)?;
    let jpeg = usize::try_from(length)
        .ok()
        .and_then(|length| rest.get(..length));
    let jpeg = jpeg.ok_or_else(|| DecodeError::Broken("its JPEG is cut off".to_owned()))?;
    // The scan may be in the strips alone.
    let has_scan = jpeg.windows(2).any(|two| two == [0xff, 0xda]);
    if !has_scan || jpeg.len() < 4 {
        return Err(apart());
    }
    let samples = samples(jpeg, (layout.width, layout.height), true)?;
    let (width, height) = (layout.width as usize, layout.height as usize);
    let fits = (samples.width, samples.height) == (width, height);
    if !fits || !matches!(samples.count, 1 | 3) {
        return Err(DecodeError::Broken(
            "its JPEG is of another size".to_owned(),
        ));
    }
    let rgb = match samples.count {
        1 => samples.bytes.iter().flat_map(|grey| [*grey; 3]).collect(),
        _ => samples.bytes,
    };
    RgbImage::from_raw(layout.width, layout.height, rgb)
        .ok_or_else(|| DecodeError::Broken("its JPEG is too short".to_owned()))
}

/// Returns whether colours are stored as luma and two differences.
fn is_luma(layout: &Layout) -> bool {
    matches!(layout.colours, Colours::YCbCr { .. })
}

/// Joins the JPEG of a chunk with the tables that all chunks share.
fn join(packed: &[u8], tables: Option<&[u8]>) -> Vec<u8> {
    let tables = tables.and_then(|tables| tables.strip_prefix(&[0xff, 0xd8]));
    match (tables, packed.strip_prefix(&[0xff, 0xd8])) {
        (Some(tables), Some(rest)) => {
            let tables = tables.strip_suffix(&[0xff, 0xd9]).unwrap_or(tables);
            [&[0xff, 0xd8], tables, rest].concat()
        }
        _ => packed.to_vec(),
    }
}

fn samples(jpeg: &[u8], most: (u32, u32), to_rgb: bool) -> Result<Samples, DecodeError> {
    jpeg::check_whole(jpeg, |width, height| {
        if width > most.0 || height > most.1 {
            let wrong = "a JPEG in it is larger than its strip or tile";
            return Err(DecodeError::Broken(wrong.to_owned()));
        }
        Ok(())
    })?;
    let unsupported = || {
        DecodeError::Unsupported("a TIFF with a JPEG that the decoder does not support".to_owned())
    };
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(most.0 as usize)
        .set_max_height(most.1 as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    decoder.decode_headers().map_err(|_| unsupported())?;
    let stored = decoder.input_colorspace().ok_or_else(unsupported)?;
    let wanted = match stored {
        ColorSpace::YCbCr if to_rgb => ColorSpace::RGB,
        stored => stored,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let bytes = decoder.decode().map_err(|_| unsupported())?;
    let (width, height) = decoder.dimensions().ok_or_else(unsupported)?;
    Ok(Samples {
        width,
        height,
        count: wanted.num_components(),
        bytes,
    })
}
