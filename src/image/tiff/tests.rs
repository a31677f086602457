use image::DynamicImage;

use super::*;

const LIMITS: DecodeLimits = DecodeLimits {
    max_side: 1000,
    max_pixels: 200_000,
    max_aspect_ratio: 50.0,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pictures/");

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{FOLDER}{name}.tif")).unwrap()
}

fn first_page(file: &[u8]) -> Result<RgbImage, DecodeError> {
    Tiff::open(file)?.decode(0, LIMITS)
}

/// Returns the largest difference of a level.
fn difference(one: &RgbImage, other: &RgbImage) -> u8 {
    assert_eq!(one.dimensions(), other.dimensions());
    let levels = one.as_raw().iter().zip(other.as_raw());
    levels.map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn every_kind_decodes_as_another_reader_decodes_it() {
    for (name, reference, tolerance) in [
        ("palette-lzw", "many-colours", 0),
        ("palette-4-bits", "sixteen-colours", 0),
        ("bilevel-plain", "bilevel", 0),
        ("bilevel-white-is-zero", "bilevel", 0),
        ("fax-modified-huffman", "bilevel", 0),
        ("fax-group-3", "bilevel", 0),
        ("fax-group-3-two-dimensional", "bilevel", 0),
        ("fax-group-4-bits-reversed", "bilevel", 0),
        ("fax-group-4-black-is-zero", "bilevel", 0),
        ("zstd", "picture", 0),
        ("deflate-old", "picture", 0),
        ("lzw-differences", "picture", 0),
        ("deflate-tiles-of-planes", "picture", 0),
        ("big-endian-16-bits", "picture", 0),
        ("big-tiff", "picture", 0),
        ("big-tiff-big-endian", "picture", 0),
        ("sample-of-no-meaning", "picture", 0),
        ("turned", "picture", 0),
        ("cmyk", "picture", 1),
        ("alpha-unassociated", "on-white", 1),
        ("alpha-associated", "on-white", 1),
        ("grey-2-bits", "grey-2-bits", 0),
        ("grey-4-bits", "grey-4-bits", 0),
        ("colours-shared", "colours-shared", 2),
        ("jpeg-colours", "jpeg-colours", 3),
        ("jpeg-grey", "jpeg-grey", 1),
        ("jpeg-old", "baseline", 12),
    ] {
        let reference = image::open(format!("{FOLDER}{reference}.png")).unwrap();
        let ours = first_page(&file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let difference = difference(&ours, &reference.into_rgb8());
        assert!(difference <= tolerance, "{name} differs by {difference}");
    }
}

#[test]
fn smaller_copies_and_masks_do_not_count_as_pages() {
    let file = file("two-pages-among-others");
    let tiff = Tiff::open(&file).unwrap();
    assert_eq!(tiff.len(), 2);
    for (page, reference) in ["picture", "grey"].into_iter().enumerate() {
        let reference = image::open(format!("{FOLDER}{reference}.png")).unwrap();
        let ours = tiff.decode(page, LIMITS).unwrap();
        assert_eq!(difference(&ours, &reference.into_rgb8()), 0);
    }
    assert!(tiff.decode(2, LIMITS).is_err());
}

#[test]
fn unsupported_kinds_are_named_and_not_called_broken() {
    for (name, kind) in [
        ("unsupported-lzma", "a TIFF packed by LZMA"),
        ("unsupported-floats", "a TIFF of 32 bits a sample"),
        ("unsupported-lab", "a TIFF in CIE Lab colours"),
    ] {
        let refused = first_page(&file(name));
        assert_eq!(
            refused,
            Err(DecodeError::Unsupported(kind.to_owned())),
            "{name}"
        );
    }
}

/// Moves the directory in front of the pixels, so that cutting off the file cuts the pixels.
fn with_pixels_last(name: &str) -> Vec<u8> {
    let whole = file(name);
    let directory = directory::directories(&whole).unwrap().remove(0);
    let [start, count] = [273, 279].map(|tag| directory.number(tag, 0).unwrap() as usize);
    let offset_at = whole.len() as u32;
    // The one strip again, at the end, and the directory's entry for it.
    let mut moved = [&whole[..], &whole[start..start + count]].concat();
    let entry = whole
        .windows(8)
        .position(|entry| entry[..2] == [0x11, 0x01] && entry[4..] == [1, 0, 0, 0])
        .unwrap();
    moved[entry + 8..entry + 12].copy_from_slice(&offset_at.to_le_bytes());
    moved
}

#[test]
fn a_strip_cut_off_is_broken_in_every_packing() {
    for name in [
        "bilevel-plain",
        "bilevel-white-is-zero",
        "fax-modified-huffman",
        "fax-group-3",
        "fax-group-4-black-is-zero",
        "zstd",
        "deflate-old",
        "lzw-differences",
        "jpeg-grey",
        "colours-shared",
    ] {
        let whole = with_pixels_last(name);
        assert!(first_page(&whole).is_ok(), "{name}");
        for missing in [1, 30, 200] {
            let refused = first_page(&whole[..whole.len() - missing]);
            assert!(
                matches!(refused, Err(DecodeError::Broken(_))),
                "{name} without {missing} bytes: {refused:?}"
            );
        }
        // The directory declares it shorter than it is.
        let directory = directory::directories(&whole).unwrap().remove(0);
        let count = directory.number(279, 0).unwrap() as u32;
        let entry = whole
            .windows(8)
            .position(|entry| entry[..2] == [0x17, 0x01] && entry[4..] == [1, 0, 0, 0])
            .unwrap();
        let is_short = whole[entry + 2] == 3;
        let mut shorter = whole.clone();
        let half = (count / 2).to_le_bytes();
        let size = if is_short { 2 } else { 4 };
        shorter[entry + 8..entry + 8 + size].copy_from_slice(&half[..size]);
        let refused = first_page(&shorter);
        assert!(
            matches!(refused, Err(DecodeError::Broken(_))),
            "half of the strip of {name}: {refused:?}"
        );
    }
}

#[test]
fn a_circular_list_of_directories_is_refused() {
    let mut ring = file("bilevel-plain");
    let first = u32::from_le_bytes(ring[4..8].try_into().unwrap()) as usize;
    let entries = usize::from(u16::from_le_bytes(
        ring[first..first + 2].try_into().unwrap(),
    ));
    let next = first + 2 + 12 * entries;
    let back = (first as u32).to_le_bytes();
    ring[next..next + 4].copy_from_slice(&back);
    assert!(matches!(first_page(&ring), Err(DecodeError::Broken(_))));
}

#[test]
fn bounds_are_checked_before_anything_is_unpacked() {
    let limits = DecodeLimits {
        max_pixels: 5000,
        ..LIMITS
    };
    let file = file("zstd");
    let refused = Tiff::open(&file).unwrap().decode(0, limits);
    assert!(matches!(refused, Err(DecodeError::TooManyPixels { .. })));
}

#[test]
fn files_of_the_image_crate_are_read() {
    let picture = image::open(format!("{FOLDER}picture.png")).unwrap();
    for picture in [
        DynamicImage::ImageRgb8(picture.to_rgb8()),
        DynamicImage::ImageLuma8(picture.to_luma8()),
        DynamicImage::ImageRgb16(picture.to_rgb16()),
    ] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture
            .write_to(&mut bytes, image::ImageFormat::Tiff)
            .unwrap();
        let ours = first_page(bytes.get_ref()).unwrap();
        assert_eq!(difference(&ours, &picture.into_rgb8()), 0);
    }
}

proptest::proptest! {
    #[test]
    fn no_damage_makes_it_panic(
        kind in proptest::sample::select(vec![
            "palette-lzw", "fax-group-3-two-dimensional", "fax-group-4-bits-reversed", "zstd",
            "deflate-tiles-of-planes", "big-tiff", "jpeg-old", "jpeg-colours", "colours-shared",
            "grey-2-bits", "two-pages-among-others",
        ]),
        damage in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..6),
    ) {
        let mut damaged = file(kind);
        for (at, byte) in damage {
            let at = at.index(damaged.len());
            damaged[at] = byte;
        }
        if let Ok(tiff) = Tiff::open(&damaged) {
            for page in 0..tiff.len().min(3) {
                let _ = tiff.decode(page, LIMITS);
            }
        }
    }
}
