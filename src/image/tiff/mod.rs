//! Reads the pages of a TIFF and their pixels, in the kinds that scanners, fax servers and offices
//! write. Libraries do the unpacking.
//!
//! The `image` crate reads only the first page, and no palettes, fax codes, Zstandard or subsampled
//! colours.

mod colour;
mod directory;
mod jpeg_chunk;
mod layout;
#[cfg(test)]
mod tests;
mod unpack;

use image::{DynamicImage, RgbImage, metadata::Orientation};

use super::{DecodeError, DecodeLimits};
use colour::Painter;
use directory::Directory;
use layout::{Colours, Layout, Packing};
use unpack::Expected;

/// A TIFF with its directories read.
pub struct Tiff<'a> {
    pages: Vec<Directory<'a>>,
}

impl<'a> Tiff<'a> {
    /// Reads the directories. Smaller copies of pages and their masks do not count as pages.
    ///
    /// # Errors
    /// [`DecodeError::Broken`] if one of them is outside the file.
    pub fn open(file: &'a [u8]) -> Result<Self, DecodeError> {
        let all = directory::directories(file)?;
        let mut pages = Vec::new();
        for directory in &all {
            if !directory.is_accessory()? {
                pages.push(directory.clone());
            }
        }
        if pages.is_empty() {
            pages = all;
        }
        if pages.is_empty() {
            return Err(DecodeError::Broken("it has no pages".to_owned()));
        }
        Ok(Self { pages })
    }

    /// Returns the number of pages, at least one.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Decodes the page with that index, upright and on white.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn decode(&self, page: usize, limits: DecodeLimits) -> Result<RgbImage, DecodeError> {
        let Some(directory) = self.pages.get(page) else {
            return Err(DecodeError::Broken(
                "the requested page does not exist".to_owned(),
            ));
        };
        let layout = Layout::of(directory, |width, height| limits.check(width, height))?;
        let pixels = match layout.packing {
            Packing::OldJpeg => jpeg_chunk::old(directory, &layout)?,
            _ => decode_chunks(directory, &layout, limits)?,
        };
        let Some(orientation) = Orientation::from_exif(layout.orientation) else {
            return Ok(pixels);
        };
        let mut picture = DynamicImage::ImageRgb8(pixels);
        picture.apply_orientation(orientation);
        Ok(picture.into_rgb8())
    }
}

fn decode_chunks(
    directory: &Directory<'_>,
    layout: &Layout,
    limits: DecodeLimits,
) -> Result<RgbImage, DecodeError> {
    let mut pixels = RgbImage::new(layout.width, layout.height);
    let (across, down) = layout.grid();
    let planes = if layout.is_planar { layout.samples } else { 1 };
    let tables = directory.bytes(347)?;
    for row in 0..down {
        for column in 0..across {
            let area = Area::of(layout, column, row);
            let mut unpacked = Vec::with_capacity(planes as usize);
            for plane in 0..planes {
                let number = (plane * down + row) * across + column;
                let chunk = layout.chunks.get(number as usize);
                let packed = chunk.and_then(|&(offset, count)| {
                    let start = usize::try_from(offset).ok()?;
                    let end = start.checked_add(usize::try_from(count).ok()?)?;
                    directory.file().get(start..end)
                });
                let packed = packed.ok_or_else(|| {
                    DecodeError::Broken(
                        "it is cut off within its pixels; send the whole file".to_owned(),
                    )
                })?;
                unpacked.push(match layout.packing {
                    Packing::Jpeg => jpeg_chunk::decode(packed, tables, layout, area)?,
                    packing => {
                        let expected = area.expected(layout, limits)?;
                        unpack::unpack(packed, packing, layout.is_bit_reversed, expected)?
                    }
                });
            }
            area.paint(layout, &unpacked, &mut pixels);
        }
    }
    Ok(pixels)
}

/// The position of a chunk, and the part of it within the picture.
#[derive(Clone, Copy)]
struct Area {
    x: u32,
    y: u32,
    /// Width in pixels as stored.
    stored_width: u32,
    /// Number of rows as stored.
    stored_height: u32,
    width: u32,
    height: u32,
}

impl Area {
    fn of(layout: &Layout, column: u32, row: u32) -> Self {
        let chunk = layout.chunk;
        let (x, y) = (column * chunk.width, row * chunk.height);
        let height = chunk.height.min(layout.height - y);
        Self {
            x,
            y,
            stored_width: chunk.width,
            // The last strip ends with the picture.
            stored_height: if chunk.is_tile { chunk.height } else { height },
            width: chunk.width.min(layout.width - x),
            height,
        }
    }

    fn expected(self, layout: &Layout, limits: DecodeLimits) -> Result<Expected, DecodeError> {
        let (width, height) = (u64::from(self.stored_width), u64::from(self.stored_height));
        let bytes = match shared(layout) {
            Some((h, v)) => {
                let (h, v) = (u64::from(h), u64::from(v));
                width.div_ceil(h) * height.div_ceil(v) * (h * v + 2)
            }
            None => row_bytes(layout, self.stored_width) as u64 * height,
        };
        // Eight bytes a pixel hold 16-bit RGBA; the libraries may use as much again.
        let most = limits.max_pixels.saturating_mul(16);
        match usize::try_from(bytes) {
            Ok(bytes) if bytes as u64 <= most => Ok(Expected {
                width: self.stored_width,
                rows: self.stored_height,
                bytes,
            }),
            _ => Err(DecodeError::Unsupported(format!(
                "a TIFF with strips or tiles of {bytes} bytes, more than allowed"
            ))),
        }
    }

    fn paint(self, layout: &Layout, planes: &[Vec<u8>], pixels: &mut RgbImage) {
        let painter = Painter::new(layout);
        let samples = layout.samples as usize;
        let in_plane = if layout.is_planar { 1 } else { samples };
        let mut row = vec![0; self.stored_width as usize * samples];
        let mut one = vec![0; self.stored_width as usize * in_plane];
        let line = layout.width as usize * 3;
        let used = self.width as usize;
        for y in 0..self.height {
            match (shared(layout), planes) {
                (Some(shared), [units]) => {
                    read_units(units, shared, self.stored_width, y, &mut row);
                }
                (_, [only]) => {
                    read_samples(
                        layout,
                        only,
                        self.stored_width * in_plane as u32,
                        y,
                        &mut row,
                    );
                    painter.undo_differences(&mut row, in_plane);
                }
                _ => {
                    for (i, plane) in planes.iter().enumerate() {
                        read_samples(layout, plane, self.stored_width, y, &mut one);
                        painter.undo_differences(&mut one, 1);
                        let targets = row.iter_mut().skip(i).step_by(samples);
                        for (target, sample) in targets.zip(&one) {
                            *target = *sample;
                        }
                    }
                }
            }
            let start = (self.y + y) as usize * line + self.x as usize * 3;
            let target = &mut (**pixels)[start..start + used * 3];
            painter.paint(&row[..used * samples], target);
        }
    }
}

/// Returns the number of pixels that share their colour, if they are stored in units of several.
fn shared(layout: &Layout) -> Option<(u32, u32)> {
    match layout.colours {
        Colours::YCbCr { shared, .. } if shared != (1, 1) && layout.packing != Packing::Jpeg => {
            Some(shared)
        }
        _ => None,
    }
}

/// Returns the number of bytes of a row of one plane.
fn row_bytes(layout: &Layout, width: u32) -> usize {
    let samples = if layout.is_planar { 1 } else { layout.samples };
    (u64::from(width) * u64::from(samples) * u64::from(layout.bits)).div_ceil(8) as usize
}

/// Reads the `count` samples of row `y`.
fn read_samples(layout: &Layout, bytes: &[u8], count: u32, y: u32, samples: &mut [u16]) {
    let length = (u64::from(count) * u64::from(layout.bits)).div_ceil(8) as usize;
    let start = y as usize * length;
    let row = bytes.get(start..start + length).unwrap_or_default();
    match layout.bits {
        8 => {
            for (sample, byte) in samples.iter_mut().zip(row) {
                *sample = u16::from(*byte);
            }
        }
        16 => {
            for (sample, bytes) in samples.iter_mut().zip(row.chunks_exact(2)) {
                *sample = layout.numbers.read(bytes) as u16;
            }
        }
        bits => {
            let bit = |at: usize| row.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
            for (i, sample) in samples.iter_mut().enumerate() {
                let first = i * bits as usize;
                let bits = first..first + bits as usize;
                *sample = bits.fold(0, |sample, at| sample << 1 | u16::from(bit(at)));
            }
        }
    }
}

/// Reads the samples of row `y` from units of pixels that share their colour.
fn read_units(bytes: &[u8], (h, v): (u32, u32), width: u32, y: u32, samples: &mut [u16]) {
    let unit = (h * v + 2) as usize;
    let row = (y / v * width.div_ceil(h)) as usize;
    for (x, sample) in (0..).zip(samples.chunks_exact_mut(3)) {
        let start = (row + (x / h) as usize) * unit;
        let of_unit = bytes.get(start..start + unit).unwrap_or_default();
        if let [luma @ .., blue, red] = of_unit {
            let luma = luma.get((y % v * h + x % h) as usize);
            sample[0] = luma.map_or(0, |luma| u16::from(*luma));
            sample[1] = u16::from(*blue);
            sample[2] = u16::from(*red);
        }
    }
}
