//! Whether a WebP is whole. The decoder takes a file whose lengths run past its end, and reads
//! zeros in the place of lossy data as an even area; both are found here first.
//!
//! What stands behind the length that the file gives itself is not looked at.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use super::DecodeError;

/// How many zeros at the end of lossy data make it doubtful. An even area at the bottom of a large
/// picture ends so too, so that what counts is whether the decoder misses them.
const DOUBTFUL_ZEROS: usize = 128;

/// Bytes of a frame of an animation before its chunks.
const ANIMATION_FRAME_HEADER: usize = 16;

/// Checks that the WebP holds all of its picture. `check_size` is asked before anything is unpacked.
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
            "with {} of {length} bytes of its contents there",
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
            "zeros stand where the end of its data should".to_owned(),
        ));
    }
    Ok(())
}

/// The data of the first lossy picture, once the lengths of all chunks are found to fit.
fn first_lossy(mut rest: &[u8], has_frames: bool) -> Result<Option<&[u8]>, DecodeError> {
    let mut found = None;
    while let [n0, n1, n2, n3, l0, l1, l2, l3, after @ ..] = rest {
        let length = length([*l0, *l1, *l2, *l3]);
        let (data, after) = after
            .split_at_checked(length)
            .ok_or(cut_off("in a chunk that is longer than what is there"))?;
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

/// The sides in the header of lossy data, whose first part fits.
fn frame_size(frame: &[u8]) -> Result<(u32, u32), DecodeError> {
    let [t0, t1, t2, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, parts @ ..] = frame else {
        return Err(DecodeError::Broken("its frame header is damaged".into()));
    };
    let tag = u32::from_le_bytes([*t0, *t1, *t2, 0]);
    if tag & 1 != 0 {
        return Err(DecodeError::Broken(
            "its frame is the difference to another".into(),
        ));
    }
    if usize::try_from(tag >> 5).map_or(true, |first| first > parts.len()) {
        return Err(cut_off("in the first part of its data"));
    }
    // The two upper bits are a wish for the size on a screen.
    let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Ok((side(*w0, *w1), side(*h0, *h1)))
}

/// Whether the data ends in zeros that the decoder does without.
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
    // Its size was checked.
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
    DecodeError::Broken(format!("it is cut off {place}"))
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    const LOSSY: &[u8] = include_bytes!("../../tests/fixtures/receipt-10-card.webp");
    const BLANK_BELOW: &[u8] = include_bytes!("../../tests/fixtures/pictures/blank-below.webp");
    /// Where the data of a file of one chunk begins.
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
    fn whole_files_are_whole_whatever_stands_behind_them() {
        for whole in [LOSSY, BLANK_BELOW, &lossless()] {
            assert_eq!(check(whole), Ok(()));
            for tail in [&b"\0"[..], b"trailer", &[0; 3000], LOSSY] {
                assert_eq!(check(&[whole, tail].concat()), Ok(()));
            }
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_not() {
        for whole in [LOSSY, &lossless()] {
            for kept in 0..whole.len() {
                assert!(is_broken(&whole[..kept]), "{kept} of {}", whole.len());
            }
        }
    }

    #[test]
    fn bytes_missing_in_the_middle_are_missed() {
        for missing in [1, 16, 100, 1000] {
            let (before, after) = LOSSY.split_at(LOSSY.len() / 2);
            let rest = [before, &after[missing..]].concat();
            assert!(is_broken(&rest), "{missing} bytes");
        }
    }

    #[test]
    fn a_chunk_longer_than_the_file_is_seen_behind_a_mended_length() {
        let mut cut = LOSSY[..LOSSY.len() / 2].to_vec();
        let length = u32::try_from(cut.len() - 8).unwrap();
        cut[4..8].copy_from_slice(&length.to_le_bytes());
        assert!(is_broken(&cut));
        let frame = chunk(b"ANMF", &[&[0; 16], &cut[12..]].concat());
        assert!(is_broken(&riff(&[frame])));
        assert!(is_broken(&riff(&[chunk(b"ANMF", &[0; 15])])));
    }

    #[test]
    fn zeros_in_the_place_of_data_are_no_data() {
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
    fn zeros_that_mean_an_even_area_are_data() {
        let zeros = BLANK_BELOW.iter().rev().take_while(|byte| **byte == 0);
        assert!(zeros.count() > 2 * DOUBTFUL_ZEROS);
        assert_eq!(check(BLANK_BELOW), Ok(()));
    }

    #[test]
    fn chunks_of_odd_lengths_are_padded_but_for_the_last() {
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
        assert!(damaged(0, LOSSY[DATA] | 1).contains("difference"));
        assert!(damaged(2, 0xff).contains("first part"));
    }

    #[test]
    fn the_size_is_asked_about_before_anything_is_unpacked() {
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
