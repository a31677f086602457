//! Tests that text becomes the words and lines that are printed, in their places.

use super::*;
use crate::page::{PageBox, PageText, TextLine};

const FONT: &str = "/Font << /F 5 0 R >>";
const HELVETICA: &[u8] =
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

fn read(boxes: &str, content: &str) -> PdfPage {
    let file = one_page(boxes, FONT, content.as_bytes(), &[HELVETICA]);
    let limits = PdfLimits {
        dots_per_inch: 200.0,
        ..LIMITS
    };
    super::read_all(&Bytes::from(file), limits)
        .unwrap()
        .remove(0)
}

fn texts(page: &PdfPage) -> Vec<String> {
    page.text.lines.iter().map(TextLine::text).collect()
}

/// Counts the dark pixels of a part of the page.
fn ink(page: &PdfPage, area: PageBox) -> usize {
    let (width, height) = page.picture.dimensions();
    let (left, right) = (area.x * width as f32, area.right() * width as f32);
    let (top, bottom) = (area.y * height as f32, area.bottom() * height as f32);
    let inside = |x: u32, y: u32| {
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        x > left - 1.0 && x < right + 1.0 && y > top - 1.0 && y < bottom + 1.0
    };
    let pixels = page.picture.enumerate_pixels();
    pixels
        .filter(|(x, y, pixel)| inside(*x, *y) && pixel.0[0] < 160)
        .count()
}

#[test]
fn words_lie_over_their_ink() {
    for rotate in [0, 90, 180, 270] {
        let boxes = format!("/MediaBox [0 0 300 200] /Rotate {rotate}");
        let content = "BT /F 14 Tf 20 120 Td (Corner shop, 2 pens) Tj 0 -30 Td (TOTAL 9.00) Tj ET";
        let page = read(&boxes, content);
        let whole = PageBox {
            x: 0.0,
            y: 0.0,
            width: 1.0,
            height: 1.0,
        };
        let words: Vec<_> = page
            .text
            .lines
            .iter()
            .flat_map(|line| &line.words)
            .collect();
        assert_eq!(words.len(), 6, "{rotate}");
        let within: Vec<_> = words.iter().map(|word| ink(&page, word.area)).collect();
        assert_eq!(within.iter().sum::<usize>(), ink(&page, whole), "{rotate}");
        assert!(within.iter().all(|ink| *ink > 20), "{within:?}");
        for word in words {
            assert!(word.area.width * word.area.height < 0.03, "{word:?}");
        }
    }
}

#[test]
fn a_turned_page_comes_upright() {
    // The content is turned as the page is, so that the text stands upright.
    let content = "q 0 1 -1 0 200 0 cm BT /F 14 Tf 20 150 Td (Corner shop) Tj 0 -30 Td \
                   (TOTAL) Tj 150 0 Td (9.00) Tj ET Q";
    let page = read("/MediaBox [0 0 200 300] /Rotate 90", content);
    assert_eq!(page.picture.dimensions(), (833, 555));
    assert_eq!(texts(&page), ["Corner shop", "TOTAL", "9.00"]);
    let total = page.text.lines[1].area();
    assert!((total.x - 20.0 / 300.0).abs() < 0.01, "{total:?}");
    assert!((total.bottom() - 80.0 / 200.0).abs() < 0.01, "{total:?}");
}

#[test]
fn sideways_text_comes_last() {
    let content = "BT /F 10 Tf 0 1 -1 0 290 20 Tm (Printed in Springfield) Tj ET \
                   BT /F 14 Tf 20 120 Td (Corner shop) Tj 0 -30 Td (TOTAL 9.00) Tj ET";
    let page = read("/MediaBox [0 0 300 200]", content);
    assert_eq!(
        texts(&page),
        ["Corner shop", "TOTAL 9.00", "Printed in Springfield"]
    );
    let margin = page.text.lines[2].area();
    assert!(margin.x > 0.9 && margin.height > 0.4, "{margin:?}");
}

#[test]
fn gaps_make_words_and_columns() {
    let content = "BT /F 10 Tf 20 150 Td [(Cof) 10 (fee) -280 (black)] TJ 200 0 Td (2.50) Tj \
                   -200 -14 Td (Sandwich) Tj 200 0 Td (16) Tj 3 Ts /F 6 Tf (50) Tj ET";
    let page = read("/MediaBox [0 0 300 200]", content);
    assert_eq!(texts(&page), ["Coffee black", "2.50", "Sandwich", "1650"]);
    let (width, height) = page.picture.dimensions();
    let text = PageText {
        width,
        height,
        lines: page.text.lines,
    };
    let rows: Vec<_> = text.to_layout().lines().map(str::to_owned).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows[0].find("2.50"), rows[1].find("1650"), "{rows:?}");
}

#[test]
fn two_columns_are_read_one_after_the_other() {
    let column = |x: u32, lines: [&str; 3]| {
        let [first, second, third] = lines;
        format!("BT /F 10 Tf 12 TL {x} 150 Td ({first}) Tj T* ({second}) Tj T* ({third}) Tj ET")
    };
    let left = column(20, ["Kowalski Carpentry", "Station Road 5", "Springfield"]);
    let right = column(
        170,
        ["Ferreira and Daughters", "Harbour Street 12", "Shelbyville"],
    );
    let page = read("/MediaBox [0 0 300 200]", &format!("{right} {left}"));
    assert_eq!(
        texts(&page),
        [
            "Kowalski Carpentry",
            "Station Road 5",
            "Springfield",
            "Ferreira and Daughters",
            "Harbour Street 12",
            "Shelbyville",
        ]
    );
}

#[test]
fn blanks_are_plain() {
    let page = read(
        "/MediaBox [0 0 300 200]",
        "BT /F 14 Tf 20 120 Td (12\\240500 Stra\\337e) Tj ET",
    );
    assert_eq!(texts(&page), ["12 500 Straße"]);
}

#[test]
fn fixtures_are_read() {
    let pages = super::read_all(&Bytes::from_static(TWO_PAGES), LIMITS).unwrap();
    assert_eq!(pages.len(), 2);
    for page in &pages {
        assert!(!page.text.lines.is_empty());
        assert_eq!(page.text.unread, []);
    }
    // A scan has no text of its own.
    let scan = super::read_all(&Bytes::from_static(RECEIPT), LIMITS).unwrap();
    assert_eq!(scan[0].text.lines, []);
    assert_eq!(scan[0].text.unread.len(), 1);
}

#[test]
fn no_flipped_bytes_in_text_cause_a_panic() {
    let content = b"BT /F 14 Tf 20 120 Td (Corner shop) Tj 0 -30 Td 1 Tr (TOTAL 9.00) Tj ET";
    let whole = one_page("/MediaBox [0 0 300 200]", FONT, content, &[HELVETICA]);
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..200 {
        let mut file = whole.clone();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..file.len());
            file[at] = random.u8(..);
        }
        let _ = super::read_all(&Bytes::from(file), LIMITS);
    }
}
