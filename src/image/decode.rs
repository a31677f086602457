//! Decodes a picture's file to upright RGB pixels on a model's grid. Every bound is checked before
//! memory is allocated.

use std::io::Cursor;

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{
    DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage, Rgba, imageops,
    metadata::Orientation,
};

use super::{
    DecodeError, DecodeLimits, EncodedImage, GridFit, ImageFormat, PatchGrid, Picture, jpeg,
    tiff::Tiff,
    trim::{Area, printed_area},
    webp,
};

/// Cuts off the margins if `fit` says so, and resizes once onto the grid. The pixels have to be
/// upright and on white.
///
/// # Errors
/// [`DecodeError::Broken`] if there are no pixels.
pub fn place(mut upright: RgbImage, grid: PatchGrid, fit: GridFit) -> Result<Picture, DecodeError> {
    if fit.trim {
        let printed = printed_area(&upright);
        upright = cut(upright, printed);
    }
    let (width, height) = grid.fit(upright.width(), upright.height(), fit);
    resize(upright, width, height).map(Picture::new)
}

/// Returns the number of pages of a picture's file.
///
/// # Errors
/// [`DecodeError::Broken`] if the number cannot be read.
pub fn pages(encoded: &EncodedImage) -> Result<usize, DecodeError> {
    match encoded.format {
        ImageFormat::Tiff => Ok(Tiff::open(&encoded.bytes)?.len()),
        _ => Ok(1),
    }
}

/// Decodes the page with index `page`, turns it upright (EXIF) and lays transparency on white.
///
/// Takes tens of milliseconds of one core: keep it, and [`place`], off the async threads.
///
/// # Errors
/// See [`DecodeError`]; an incomplete picture is an error.
pub fn decode(
    encoded: &EncodedImage,
    page: usize,
    limits: DecodeLimits,
) -> Result<RgbImage, DecodeError> {
    let format = match encoded.format {
        ImageFormat::Png => image::ImageFormat::Png,
        ImageFormat::Jpeg => {
            jpeg::check_whole(&encoded.bytes, |width, height| limits.check(width, height))?;
            image::ImageFormat::Jpeg
        }
        ImageFormat::WebP => {
            webp::check_whole(&encoded.bytes, |width, height| limits.check(width, height))?;
            image::ImageFormat::WebP
        }
        ImageFormat::Gif => image::ImageFormat::Gif,
        ImageFormat::Bmp => image::ImageFormat::Bmp,
        ImageFormat::Tiff => return Tiff::open(&encoded.bytes)?.decode(page, limits),
        ImageFormat::Pdf => {
            return Err(DecodeError::Broken(
                "it is a PDF document, not a picture".into(),
            ));
        }
    };
    let refused = |error: image::ImageError| match error {
        // The file is complete, so the decoder lacks a feature.
        _ if encoded.format == ImageFormat::Jpeg => DecodeError::Unsupported(format!(
            "a JPEG that the decoder does not support ({error})"
        )),
        image::ImageError::Unsupported(error) => DecodeError::Unsupported(error.to_string()),
        error => DecodeError::Broken(error.to_string()),
    };
    let mut reader = ImageReader::new(Cursor::new(encoded.bytes.as_ref()));
    reader.set_format(format);
    let mut allocation = Limits::default();
    // Eight bytes a pixel hold 16-bit RGBA; the decoder may use as much again.
    allocation.max_alloc = Some(limits.max_pixels.saturating_mul(16));
    allocation.max_image_width = Some(limits.max_side);
    allocation.max_image_height = Some(limits.max_side);
    reader.limits(Limits::no_limits());

    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height)?;
    decoder.set_limits(allocation).map_err(refused)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    Ok(on_white(picture, encoded.format))
}

fn on_white(picture: DynamicImage, format: ImageFormat) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    // Programs that write no alpha leave its byte at 0 in a bitmap; Windows then treats the pixels
    // as opaque.
    if format == ImageFormat::Bmp && picture.pixels().all(|pixel| pixel.0[3] == 0) {
        return DynamicImage::ImageRgba8(picture).into_rgb8();
    }
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let Rgba([red, green, blue, alpha]) = *picture.get_pixel(x, y);
        let over = |colour: u8| {
            let (colour, alpha) = (u32::from(colour), u32::from(alpha));
            ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        Rgb([over(red), over(green), over(blue)])
    })
}

fn cut(picture: RgbImage, area: Area) -> RgbImage {
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    if (width, height) == picture.dimensions() {
        return picture;
    }
    imageops::crop_imm(&picture, x, y, width, height).to_image()
}

fn resize(picture: RgbImage, width: u32, height: u32) -> Result<RgbImage, DecodeError> {
    if picture.dimensions() == (width, height) {
        return Ok(picture);
    }
    let source = DynamicImage::ImageRgb8(picture);
    let mut target = DynamicImage::new_rgb8(width, height);
    // Bicubic, as in the preprocessing that the models were trained with.
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|error| DecodeError::Broken(error.to_string()))?;
    Ok(target.into_rgb8())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const LIMITS: DecodeLimits = DecodeLimits {
        max_side: 1000,
        max_pixels: 200_000,
        max_aspect_ratio: 50.0,
    };
    const GRID: PatchGrid = PatchGrid {
        cell: 28,
        min_pixels: 56 * 56,
        max_pixels: 12_845_056,
    };
    const FIT: GridFit = GridFit {
        trim: false,
        max_edge: 1024,
        max_tokens: 1280,
    };

    fn encode(picture: &DynamicImage, format: image::ImageFormat) -> EncodedImage {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        EncodedImage::new(Bytes::from(bytes.into_inner()), 10_000_000).unwrap()
    }

    fn prepare(encoded: &EncodedImage) -> Result<Picture, DecodeError> {
        place(decode(encoded, 0, LIMITS)?, GRID, FIT)
    }

    #[test]
    fn every_format_decodes_onto_the_grid() {
        let picture = DynamicImage::new_rgb8(90, 130);
        for format in [
            image::ImageFormat::Png,
            image::ImageFormat::Jpeg,
            image::ImageFormat::WebP,
            image::ImageFormat::Gif,
            image::ImageFormat::Tiff,
            image::ImageFormat::Bmp,
        ] {
            let ours = prepare(&encode(&picture, format)).unwrap();
            assert_eq!((ours.width(), ours.height()), (84, 140), "{format:?}");
        }
    }

    #[test]
    fn margins_are_cut_only_where_asked() {
        let mut scan = RgbImage::from_pixel(400, 400, Rgb([255; 3]));
        for (x, y) in (100..200).flat_map(|x| (100..200).map(move |y| (x, y))) {
            scan.put_pixel(x, y, Rgb([0; 3]));
        }
        let png = encode(&scan.into(), image::ImageFormat::Png);
        let width = |trim| {
            let fit = GridFit { trim, ..FIT };
            let upright = decode(&png, 0, LIMITS).unwrap();
            place(upright, GRID, fit).unwrap().width()
        };
        assert_eq!((width(false), width(true)), (392, 112));
    }

    #[test]
    fn transparency_becomes_white() {
        let mut picture = image::RgbaImage::new(56, 56);
        picture.put_pixel(0, 0, Rgba([0, 0, 0, 255]));
        let png = encode(&picture.into(), image::ImageFormat::Png);
        let ours = prepare(&png).unwrap().to_image().into_rgb8();
        assert_eq!(ours.get_pixel(0, 0), &Rgb([0, 0, 0]));
        assert_eq!(ours.get_pixel(1, 0), &Rgb([255, 255, 255]));
    }

    #[test]
    fn bounds_are_checked_before_decoding() {
        let sized = |w, h| encode(&DynamicImage::new_luma8(w, h), image::ImageFormat::Png);
        assert!(matches!(
            prepare(&sized(1001, 10)),
            Err(DecodeError::TooManyPixels { .. })
        ));
        assert!(matches!(
            prepare(&sized(500, 500)),
            Err(DecodeError::TooManyPixels { .. })
        ));
        assert!(matches!(
            prepare(&sized(600, 10)),
            Err(DecodeError::TooNarrow { .. })
        ));
        assert!(prepare(&sized(1, 1)).is_ok());
    }

    #[test]
    fn a_decompression_bomb_is_refused_by_its_header() {
        // A PNG of 33 bytes that declares 60,000 x 60,000 pixels.
        let mut png =
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0".to_vec();
        png.extend_from_slice(&[0; 4]);
        let bomb = EncodedImage::new(Bytes::from(png), 1000).unwrap();
        assert!(prepare(&bomb).is_err());
    }

    #[test]
    fn a_file_cut_short_is_an_error() {
        let whole = encode(&DynamicImage::new_rgb8(90, 90), image::ImageFormat::Png);
        for len in [12, 40, whole.bytes.len() / 2] {
            let cut = EncodedImage::new(whole.bytes.slice(..len), 1000).unwrap();
            assert!(
                matches!(prepare(&cut), Err(DecodeError::Broken(_))),
                "{len}"
            );
        }
    }

    #[test]
    fn exif_orientation_is_honoured() {
        // The sides of a long picture show most easily whether it was turned.
        let mut jpeg = encode(&DynamicImage::new_rgb8(56, 112), image::ImageFormat::Jpeg)
            .bytes
            .to_vec();
        let exif = b"\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        jpeg.splice(2..2, exif.iter().copied());
        let turned = EncodedImage::new(Bytes::from(jpeg), 100_000).unwrap();
        let ours = prepare(&turned).unwrap();
        assert_eq!((ours.width(), ours.height()), (112, 56));
    }
}
