//! Checks that a WebP file is complete. The decoder accepts a file whose lengths run past its end,
//! and reads zeros in place of lossy data as an even area; both are detected here.
//!
//! Bytes after the length that the file declares are ignored.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use super::DecodeError;

/// Number of zeros at the end of lossy data that make it suspect. An even area at the bottom of a
/// large picture ends in zeros too, so the decoder then decides whether it needs them.
const DOUBTFUL_ZEROS: usize = 128;

/// Bytes of an animation frame before its chunks.
const ANIMATION_FRAME_HEADER: usize = 16;

/// Checks that the WebP file holds its whole picture. Calls `check_size` before unpacking anything.
///
/// # Errors
/// [`DecodeError::Broken`] where the file is cut off or damaged, and those of `check_size`.
pub fn check_whole(
    file: &[u8],
    check_size: impl Fn(u32, u32) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let [b'R', b'I', b'F', b'F', l0, l1, l2, l3, rest @ ..] = file else {
        return Err(cut_off("in its headers"));
    };
    let length = length([*l0, *l1, *l2, *l3]);
    let contents = rest.get(..length).ok_or_else(|| {
        cut_off(&format!(
            "after {} of {length} bytes of its contents",
            rest.len()
        ))
    })?;
    let chunks = contents.get(4..).ok_or(cut_off("in its headers"))?;
    let Some(frame) = first_lossy(chunks, true)? else {
        return Ok(());
    };
    let (width, height) = frame_size(frame)?;
    check_size(width, height)?;
    if ends_early(frame) {
        return Err(DecodeError::Broken(
            "its data ends in zeros, as a partly downloaded file does; send the whole file"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Returns the data of the first lossy picture, after checking that all chunks fit in the file.
fn first_lossy(mut rest: &[u8], has_frames: bool) -> Result<Option<&[u8]>, DecodeError> {
    let mut found = None;
    while let [n0, n1, n2, n3, l0, l1, l2, l3, after @ ..] = rest {
        let length = length([*l0, *l1, *l2, *l3]);
        let (data, after) = after.split_at_checked(length).ok_or(cut_off(
            "in a chunk that is longer than the rest of the file",
        ))?;
        let lossy = match &[*n0, *n1, *n2, *n3] {
            b"VP8 " => Some(data),
            b"ANMF" if has_frames => {
                let chunks = data.get(ANIMATION_FRAME_HEADER..);
                first_lossy(chunks.ok_or(cut_off("in a frame"))?, false)?
            }
            _ => None,
        };
        found = found.or(lossy);
        // A chunk of an odd length is padded; some writers leave that out at the end.
        rest = after.get(length % 2..).unwrap_or_default();
    }
    Ok(found)
}

/// Reads the width and height from the header of lossy data, and checks that its first part fits.
fn frame_size(frame: &[u8]) -> Result<(u32, u32), DecodeError> {
    let [t0, t1, t2, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, parts @ ..] = frame else {
        return Err(DecodeError::Broken("its frame header is damaged".into()));
    };
    let tag = u32::from_le_bytes([*t0, *t1, *t2, 0]);
    if tag & 1 != 0 {
        return Err(DecodeError::Broken(
            "its first frame depends on an earlier one".into(),
        ));
    }
    if usize::try_from(tag >> 5).map_or(true, |first| first > parts.len()) {
        return Err(cut_off("in the first part of its data"));
    }
    // The upper two bits are a scaling hint for display.
    let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Ok((side(*w0, *w1), side(*h0, *h1)))
}

/// Returns whether the data ends in zeros that the decoder does not need.
fn ends_early(frame: &[u8]) -> bool {
    frame
        .split_last_chunk::<DOUBTFUL_ZEROS>()
        .is_some_and(|(kept, end)| end.iter().all(|byte| *byte == 0) && decodes(kept))
}

fn decodes(frame: &[u8]) -> bool {
    let Ok(length) = u32::try_from(frame.len()) else {
        return false;
    };
    let padding = length % 2;
    let mut file = Vec::with_capacity(frame.len() + 21);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(12 + length + padding).to_le_bytes());
    file.extend_from_slice(b"WEBPVP8 ");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(frame);
    file.resize(file.len() + padding as usize, 0);
    let mut reader = ImageReader::with_format(Cursor::new(file), ImageFormat::WebP);
    // The caller checked the size.
    reader.limits(Limits::no_limits());
    reader
        .into_decoder()
        .and_then(DynamicImage::from_decoder)
        .is_ok()
}

fn length(bytes: [u8; 4]) -> usize {
    usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX)
}

fn cut_off(place: &str) -> DecodeError {
    DecodeError::Broken(format!("it is cut off {place}; send the whole file"))
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    const LOSSY: &[u8] = include_bytes!("../../tests/fixtures/receipt-10-card.webp");
    const BLANK_BELOW: &[u8] = include_bytes!("../../tests/fixtures/pictures/blank-below.webp");
    /// Offset of the data in a file of one chunk.
    const DATA: usize = 20;

    fn check(file: &[u8]) -> Result<(), DecodeError> {
        check_whole(file, |_, _| Ok(()))
    }

    fn is_broken(file: &[u8]) -> bool {
        matches!(check(file), Err(DecodeError::Broken(_)))
    }

    fn lossless() -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        RgbImage::from_fn(90, 60, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]))
            .write_to(&mut file, ImageFormat::WebP)
            .unwrap();
        file.into_inner()
    }

    fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        let padding = vec![0; data.len() % 2];
        [name, &length, data, &padding].concat()
    }

    fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
        chunk(b"RIFF", &[&b"WEBP"[..], &chunks.concat()].concat())
    }

    #[test]
    fn a_whole_file_passes_with_any_trailing_bytes() {
        for whole in [LOSSY, BLANK_BELOW, &lossless()] {
            assert_eq!(check(whole), Ok(()));
            for tail in [&b"\0"[..], b"trailer", &[0; 3000], LOSSY] {
                assert_eq!(check(&[whole, tail].concat()), Ok(()));
            }
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        for whole in [LOSSY, &lossless()] {
            for kept in 0..whole.len() {
                assert!(is_broken(&whole[..kept]), "{kept} of {}", whole.len());
            }
        }
    }

    #[test]
    fn bytes_missing_in_the_middle_are_noticed() {
        for missing in [1, 16, 100, 1000] {
            let (before, after) = LOSSY.split_at(LOSSY.len() / 2);
            let rest = [before, &after[missing..]].concat();
            assert!(is_broken(&rest), "{missing} bytes");
        }
    }

    #[test]
    fn a_chunk_longer_than_the_file_is_refused_under_a_matching_file_length() {
        let mut cut = LOSSY[..LOSSY.len() / 2].to_vec();
        let length = u32::try_from(cut.len() - 8).unwrap();
        cut[4..8].copy_from_slice(&length.to_le_bytes());
        assert!(is_broken(&cut));
        let frame = chunk(b"ANMF", &[&[0; 16], &cut[12..]].concat());
        assert!(is_broken(&riff(&[frame])));
        assert!(is_broken(&riff(&[chunk(b"ANMF", &[0; 15])])));
    }

    #[test]
    fn zeros_in_place_of_data_are_refused() {
        for kept in [2, 3, 5, 9] {
            let mut stalled = LOSSY.to_vec();
            stalled[LOSSY.len() * kept / 10..].fill(0);
            assert!(is_broken(&stalled), "{kept} tenths of it");
            let data = &stalled[DATA..];
            let header = chunk(b"VP8X", &[0; 10]);
            let extended = riff(&[header.clone(), chunk(b"VP8 ", data)]);
            assert!(is_broken(&extended), "{kept} tenths of it, extended");
            let frame = [&[0; 16], &chunk(b"VP8 ", data)[..]].concat();
            let animated = riff(&[header, chunk(b"ANMF", &frame)]);
            assert!(is_broken(&animated), "{kept} tenths of it, animated");
        }
    }

    #[test]
    fn zeros_that_encode_an_even_area_pass() {
        let zeros = BLANK_BELOW.iter().rev().take_while(|byte| **byte == 0);
        assert!(zeros.count() > 2 * DOUBTFUL_ZEROS);
        assert_eq!(check(BLANK_BELOW), Ok(()));
    }

    #[test]
    fn only_the_last_chunk_of_odd_length_may_lack_padding() {
        let picture = chunk(b"VP8 ", &LOSSY[DATA..]);
        let odd = riff(&[chunk(b"EXIF", b"odd"), picture]);
        assert_eq!(check(&odd), Ok(()));
        let mut bare = [LOSSY, b"XMP \x03\0\0\0odd"].concat();
        let length = u32::try_from(bare.len() - 8).unwrap();
        bare[4..8].copy_from_slice(&length.to_le_bytes());
        assert_eq!(check(&bare), Ok(()));
    }

    #[test]
    fn a_damaged_frame_header_is_named() {
        let damaged = |at: usize, byte: u8| {
            let mut file = LOSSY.to_vec();
            file[DATA + at] = byte;
            check(&file).unwrap_err().to_string()
        };
        assert!(damaged(3, 0).contains("frame header"));
        assert!(damaged(0, LOSSY[DATA] | 1).contains("earlier one"));
        assert!(damaged(2, 0xff).contains("first part"));
    }

    #[test]
    fn the_size_is_checked_before_anything_is_unpacked() {
        let mut stalled = LOSSY.to_vec();
        stalled[LOSSY.len() / 2..].fill(0);
        let refused = |width, height| {
            Err(DecodeError::TooNarrow {
                width,
                height,
                limit: 1.0,
            })
        };
        assert_eq!(check_whole(&stalled, refused), refused(400, 506));
    }

    proptest::proptest! {
        #[test]
        fn no_damage_makes_it_panic(at: proptest::sample::Index, bytes: [u8; 3]) {
            let mut damaged = LOSSY.to_vec();
            let at = at.index(damaged.len() - 3);
            damaged[at..at + 3].copy_from_slice(&bytes);
            let _ = check(&damaged);
        }
    }
}
