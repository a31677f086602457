//! The whole way from a page to its text, with made-up nets.

use image::{RgbImage, imageops};

use super::{
    for_tests::{folder, page},
    *,
};
use crate::page::PageBox;

const SETTINGS: OcrSettings = OcrSettings {
    max_pixels: 600_000,
    max_lines: 100,
    max_time: Duration::from_mins(10),
    max_document_time: Duration::from_mins(10),
    threads: 1,
};

fn read_with(
    settings: OcrSettings,
    characters: &str,
    page: &RgbImage,
) -> Result<Vec<TextLine>, OcrError> {
    let folder = folder(characters);
    Ocr::new(ReaderSource::Folder(folder.path().to_owned()), settings).read(page, None)
}

fn texts(lines: &[TextLine]) -> Vec<String> {
    lines.iter().map(TextLine::text).collect()
}

#[track_caller]
fn assert_near(area: PageBox, (left, top, width, height): (f32, f32, f32, f32)) {
    for (found, expected, side) in [
        (area.x * 320.0, left, "left"),
        (area.y * 256.0, top, "top"),
        (area.width * 320.0, width, "width"),
        (area.height * 256.0, height, "height"),
    ] {
        assert!(
            (found - expected).abs() < 8.0,
            "{side}: {found} is not {expected}"
        );
    }
}

#[test]
fn lines_are_read_in_order_with_the_places_of_their_words() {
    let page = page(&[(40, 100, "BBB"), (40, 40, "ABA BAA"), (220, 42, "AAB")]);
    let lines = read_with(SETTINGS, "AB ", &page).unwrap();
    assert_eq!(texts(&lines), ["ABA BAA", "AAB", "BBB"]);
    let [first, second] = &lines[0].words[..] else {
        panic!("{lines:?}");
    };
    assert_near(first.area, (36.0, 40.0, 50.0, 16.0));
    assert_near(second.area, (112.0, 40.0, 54.0, 16.0));
    assert!(
        lines.iter().all(|line| line.confidence() > 0.9),
        "{lines:?}"
    );
}

#[test]
fn a_turned_page_is_read_with_the_places_of_the_page_as_given() {
    // Upside down there is no A, so that nothing is read.
    let upright = page(&[
        (40, 40, "AAAAAA AA"),
        (40, 100, "AAAA AAA"),
        (40, 160, "AA"),
    ]);
    let expected = read_with(SETTINGS, "A ", &upright).unwrap();
    assert_eq!(texts(&expected), ["AAAAAA AA", "AAAA AAA", "AA"]);
    let turned = read_with(SETTINGS, "A ", &imageops::rotate180(&upright)).unwrap();
    assert_eq!(texts(&turned), texts(&expected));
    for (line, expected) in turned.iter().zip(&expected) {
        let (area, upright) = (line.area(), expected.area());
        assert!((area.x - (1.0 - upright.right())).abs() < 0.03, "{area:?}");
        assert!((area.y - (1.0 - upright.bottom())).abs() < 0.03, "{area:?}");
    }
    for lying in [imageops::rotate90(&upright), imageops::rotate270(&upright)] {
        let lines = read_with(SETTINGS, "A ", &lying).unwrap();
        assert_eq!(texts(&lines), texts(&expected));
        let area = lines[0].area();
        assert!(area.height > 3.0 * area.width, "{area:?}");
    }
}

#[test]
fn an_empty_page_has_no_lines() {
    assert_eq!(read_with(SETTINGS, "AB ", &page(&[])), Ok(Vec::new()));
    assert_eq!(
        read_with(SETTINGS, "AB ", &RgbImage::new(1, 1)),
        Ok(Vec::new())
    );
}

#[test]
fn bounds_are_kept() {
    let page = page(&[(40, 40, "AB"), (40, 100, "ABBA")]);
    let settings = OcrSettings {
        max_lines: 1,
        ..SETTINGS
    };
    assert_eq!(texts(&read_with(settings, "AB ", &page).unwrap()), ["ABBA"]);
    let settings = OcrSettings {
        max_time: Duration::ZERO,
        ..SETTINGS
    };
    assert_eq!(read_with(settings, "AB ", &page), Err(OcrError::Late));
    let folder = folder("AB ");
    let reader = Ocr::new(ReaderSource::Folder(folder.path().to_owned()), SETTINGS);
    assert_eq!(
        reader.read(&page, Some(Instant::now())),
        Err(OcrError::Late)
    );
}

#[test]
fn characters_that_do_not_fit_the_net_are_told() {
    let folder = folder("AB ");
    std::fs::write(folder.path().join("characters.txt"), "AB").unwrap();
    let reader = Ocr::new(ReaderSource::Folder(folder.path().to_owned()), SETTINGS);
    assert_eq!(reader.check(), Ok(()));
    let error = reader
        .read(&page(&[(40, 40, "AB")]), None)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("4 classes for 1 lines and 2 characters"),
        "{error}"
    );
}

#[test]
fn a_reader_that_cannot_be_loaded_says_so_each_time() {
    let folder = folder("AB ");
    std::fs::write(folder.path().join("detection.onnx"), b"no net").unwrap();
    let reader = Ocr::new(ReaderSource::Folder(folder.path().to_owned()), SETTINGS);
    let error = reader.load().unwrap_err();
    assert!(
        matches!(
            error,
            OcrError::Net {
                net: "detection",
                ..
            }
        ),
        "{error}"
    );
    // The failure is kept for a while, so that not every page tries again.
    std::fs::remove_file(folder.path().join("reader.toml")).unwrap();
    assert_eq!(reader.load(), Err(error));
}
