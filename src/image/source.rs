//! Sources of pictures, and their files once loaded.

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use thiserror::Error;

/// The source of a picture, as a client gives it.
#[derive(Debug, Clone)]
pub enum ImageSource {
    /// The bytes of the file.
    Bytes(Bytes),
    /// A `data:` URI or a URL to download from.
    Url(String),
}

/// The supported file formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
    /// GIF, its first frame.
    Gif,
    /// TIFF, all its pages.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// Portable Document Format, all its pages.
    Pdf,
}

impl ImageFormat {
    /// The supported formats, for error messages.
    pub const NAMES: &str = "PNG, JPEG, WebP, GIF, TIFF, BMP or PDF";

    /// Detects the format from the file's first bytes; the media type that a client declares is
    /// ignored.
    fn sniff(bytes: &[u8]) -> Result<Self, SourceError> {
        if is_heif(bytes) {
            return Err(SourceError::Heif);
        }
        if let [0xff, 0xd8, ..] = bytes {
            return Ok(Self::Jpeg);
        }
        // BigTIFF differs in the third byte.
        if let [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] = bytes {
            return Ok(Self::Tiff);
        }
        match image::guess_format(bytes) {
            Ok(image::ImageFormat::Png) => Ok(Self::Png),
            Ok(image::ImageFormat::WebP) => Ok(Self::WebP),
            Ok(image::ImageFormat::Gif) => Ok(Self::Gif),
            Ok(image::ImageFormat::Bmp) => Ok(Self::Bmp),
            Ok(_) | Err(_) if is_pdf(bytes) => Ok(Self::Pdf),
            Ok(_) | Err(_) => Err(SourceError::NotAnImage),
        }
    }
}

/// Returns whether one of the file's brands belongs to HEIF, which includes AVIF.
fn is_heif(bytes: &[u8]) -> bool {
    const BRANDS: [&[u8; 4]; 19] = [
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"heif", b"mif1",
        b"mif2", b"mif3", b"msf1", b"miaf", b"avif", b"avis", b"avio", b"MA1A", b"MA1B",
    ];
    let Some(([s3, s2, s1, s0, b'f', b't', b'y', b'p'], brands)) = bytes.split_first_chunk() else {
        return false;
    };
    let size = u32::from_be_bytes([*s3, *s2, *s1, *s0]) as usize;
    // An impossible size must not hide the main brand.
    let brands = brands.get(..size.saturating_sub(8)).unwrap_or(brands);
    let (brands, _) = brands.as_chunks::<4>();
    // The second field is the version of the main brand.
    let named = brands
        .iter()
        .take(64)
        .enumerate()
        .filter(|(at, _)| *at != 1);
    named.into_iter().any(|(_, brand)| BRANDS.contains(&brand))
}

/// Returns whether the file is a PDF. Readers of PDF accept its mark anywhere in the first 1024
/// bytes (ISO 32000-1, annex H.3, note 13).
fn is_pdf(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    head.windows(5).any(|mark| mark == b"%PDF-")
}

/// An error in a picture's file or `data:` URI.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SourceError {
    /// The file has no bytes.
    #[error("The file is empty; send one with contents.")]
    Empty,
    /// The file is larger than the limit.
    #[error("The image has more than {limit} bytes, the most allowed; send a smaller file.")]
    TooLarge {
        /// Maximum size in bytes.
        limit: u64,
    },
    /// The file is HEIC, HEIF or AVIF.
    #[error("HEIC and AVIF images are not supported; send {}.", ImageFormat::NAMES)]
    Heif,
    /// The file has none of the supported formats.
    #[error(
        "The file is not in a supported image format; send {}.",
        ImageFormat::NAMES
    )]
    NotAnImage,
    /// The file is none of the supported documents.
    #[error(
        "The file is neither text nor in a supported image format; send text in UTF-8, {}.",
        ImageFormat::NAMES
    )]
    NotADocument,
    /// The file is text in an encoding that is not known.
    #[error("The text of the file is not in UTF-8; save it in UTF-8 and send it again.")]
    TextEncoding,
    /// The `data:` URI is malformed.
    #[error("The data URI is malformed: {0}")]
    DataUri(&'static str),
}

/// A picture's file that is not empty, within the byte limit, and of a known format.
#[derive(Debug, Clone)]
pub struct EncodedImage {
    /// The bytes of the file.
    pub bytes: Bytes,
    /// The format, detected from the first bytes.
    pub format: ImageFormat,
}

impl EncodedImage {
    /// Checks a file from an untrusted source.
    ///
    /// # Errors
    /// See [`SourceError`].
    pub fn new(bytes: Bytes, max_bytes: u64) -> Result<Self, SourceError> {
        if bytes.is_empty() {
            return Err(SourceError::Empty);
        }
        if bytes.len() as u64 > max_bytes {
            return Err(SourceError::TooLarge { limit: max_bytes });
        }
        let format = ImageFormat::sniff(&bytes)?;
        Ok(Self { bytes, format })
    }
}

/// Returns whether `url` is a `data:` URI.
#[must_use]
pub fn is_data_uri(url: &str) -> bool {
    url.get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// Decodes a base64 `data:` URI (RFC 2397), padded or not, and skips white space. The media type is
/// ignored.
///
/// # Errors
/// [`SourceError::DataUri`], or [`SourceError::TooLarge`] before anything is decoded.
pub fn decode_data_uri(uri: &str, max_bytes: u64) -> Result<Bytes, SourceError> {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    if !is_data_uri(uri) {
        return Err(SourceError::DataUri("it must begin with \"data:\""));
    }
    let (header, data) = uri
        .split_once(',')
        .ok_or(SourceError::DataUri("it must have a comma before its data"))?;
    if !header.to_ascii_lowercase().ends_with(";base64") {
        return Err(SourceError::DataUri("its header must end in \";base64\""));
    }
    if data.len() as u64 / 4 * 3 > max_bytes.saturating_add(3) {
        return Err(SourceError::TooLarge { limit: max_bytes });
    }
    let data: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64
        .decode(data)
        .map(Bytes::from)
        .map_err(|_| SourceError::DataUri("its data is not valid base64"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_uris() {
        let ok = |uri| decode_data_uri(uri, 100);
        assert_eq!(ok("data:image/png;base64,aGk=").as_deref(), Ok(&b"hi"[..]));
        assert_eq!(ok("DATA:;BASE64,aG\nk").as_deref(), Ok(&b"hi"[..]));
        assert!(matches!(
            ok("data:text/plain,hi"),
            Err(SourceError::DataUri(_))
        ));
        assert!(matches!(
            ok("data:image/png;base64"),
            Err(SourceError::DataUri(_))
        ));
        assert!(matches!(
            ok("data:image/png;base64,*"),
            Err(SourceError::DataUri(_))
        ));
        let long = format!("data:;base64,{}", "A".repeat(400));
        assert_eq!(ok(&long), Err(SourceError::TooLarge { limit: 100 }));
    }

    #[test]
    fn formats_are_detected_from_their_bytes() {
        let new = |bytes: &'static [u8]| {
            EncodedImage::new(Bytes::from_static(bytes), 64).map(|image| image.format)
        };
        assert_eq!(new(b""), Err(SourceError::Empty));
        assert_eq!(new(&[0; 65]), Err(SourceError::TooLarge { limit: 64 }));
        assert_eq!(new(b"\x89PNG\r\n\x1a\n"), Ok(ImageFormat::Png));
        assert_eq!(new(b"\0\0\0\x18ftypheic\0\0\0\0"), Err(SourceError::Heif));
        assert_eq!(
            new(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic\0\0"),
            Err(SourceError::Heif)
        );
        assert_eq!(
            new(b"\0\0\0\x1cftypMiHB\0\0\0\0MiHBheif"),
            Err(SourceError::Heif)
        );
        assert_eq!(new(b"\0\0\0\x1cftypavis\0\0\0\0"), Err(SourceError::Heif));
        assert_eq!(
            new(b"\0\0\0\x18ftypisom\0\0\x02\0isommp41"),
            Err(SourceError::NotAnImage)
        );
        assert_eq!(new(b"II*\0\x08\0\0\0"), Ok(ImageFormat::Tiff));
        assert_eq!(new(b"MM\0*\0\0\0\x08"), Ok(ImageFormat::Tiff));
        assert_eq!(new(b"II+\0\x08\0\0\0"), Ok(ImageFormat::Tiff));
        assert_eq!(new(b"MM\0+\0\x08\0\0"), Ok(ImageFormat::Tiff));
        assert_eq!(new(b"\xff\xd8\0\xff\xe0"), Ok(ImageFormat::Jpeg));
        assert_eq!(new(b"<svg></svg>"), Err(SourceError::NotAnImage));
        assert_eq!(new(b"\n%PDF-1.7"), Ok(ImageFormat::Pdf));
    }
}
