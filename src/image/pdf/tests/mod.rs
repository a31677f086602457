mod attached;
mod bombs;
mod files;
mod forms;
mod lines;
mod text;
mod visible;
mod whole;

use super::*;

const RECEIPT: &[u8] = include_bytes!("../../../../tests/fixtures/receipt-05-invoice.pdf");
const RECEIPT_PNG: &[u8] = include_bytes!("../../../../tests/fixtures/receipt-05-invoice.png");
const TWO_PAGES: &[u8] = include_bytes!("../../../../tests/fixtures/two-pages.pdf");
const ENCRYPTED: &[u8] = include_bytes!("../../../../tests/fixtures/encrypted.pdf");
const NO_CHANGES: &[u8] = include_bytes!("../../../../tests/fixtures/no-changes.pdf");

const LIMITS: PdfLimits = PdfLimits {
    max_pages: 2,
    max_side: 4096,
    max_pixels: 10_000_000,
    dots_per_inch: 72.0,
};

fn render(file: &[u8]) -> Result<Vec<RgbImage>, PdfError> {
    super::render(&Bytes::copy_from_slice(file), LIMITS)
}

/// Reads all pages.
fn read_all(file: &Bytes, limits: PdfLimits) -> Result<Vec<PdfPage>, PdfError> {
    let pages = super::read(file, limits, |_| true)?;
    Ok(pages.into_iter().flatten().collect())
}

/// Builds a file of one page: `boxes` go into its dictionary, `extra` are the objects from 5 on.
fn one_page(boxes: &str, resources: &str, content: &[u8], extra: &[&[u8]]) -> Vec<u8> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R {boxes} /Resources << {resources} >> /Contents 4 0 R >>"
    );
    let content = stream("", content);
    let own: [&[u8]; 4] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.as_bytes(),
        &content,
    ];
    file(own.iter().chain(extra))
}

/// Builds a file without a table, so that hayro searches for the objects.
fn file<'a>(objects: impl Iterator<Item = &'a &'a [u8]>) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    for (object, number) in objects.zip(1..) {
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend(*object);
        out.extend(b"\nendobj\n");
    }
    out.extend(b"trailer\n<< /Root 1 0 R >>\n%%EOF\n");
    out
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<< {entries} /Length {} >>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

fn dark(picture: &RgbImage, rows: std::ops::Range<u32>) -> usize {
    let is_dark = |(_, y, pixel): &(u32, u32, &image::Rgb<u8>)| {
        rows.contains(y) && pixel.0.iter().all(|c| *c < 128)
    };
    picture.enumerate_pixels().filter(is_dark).count()
}

#[test]
fn pages_come_in_order_with_black_text_on_white() {
    let pages = render(TWO_PAGES).unwrap();
    assert_eq!(pages.len(), 2);
    for page in &pages {
        assert_eq!(page.dimensions(), (595, 842));
        assert_eq!(page.get_pixel(0, 0).0, [255; 3]);
        assert!(dark(page, 0..842) > 200);
    }
    // Only the first has a table there, and neither has anything below it.
    assert!(dark(&pages[0], 190..230) > 100);
    assert_eq!(dark(&pages[1], 190..230), 0);
    assert_eq!(dark(&pages[0], 300..700) + dark(&pages[1], 300..700), 0);
}

#[test]
fn a_scan_keeps_its_pixels() {
    let png = image::load_from_memory(RECEIPT_PNG).unwrap().into_rgb8();
    // The page is 595 points wide, the picture 680 pixels.
    let limits = PdfLimits {
        dots_per_inch: 72.0 * 680.2 / 595.0,
        ..LIMITS
    };
    let page = super::render(&Bytes::from_static(RECEIPT), limits).unwrap();
    let page = &page[0];
    assert_eq!(page.width(), png.width());
    let differences = page
        .pixels()
        .zip(png.pixels())
        .map(|(ours, theirs)| u64::from(ours.0[0].abs_diff(theirs.0[0])));
    let mean = differences.sum::<u64>() as f64 / f64::from(png.width() * png.height());
    assert!(mean < 8.0, "{mean}");
}

#[test]
fn a_page_is_turned_as_its_file_says() {
    // A black square in the lower left corner of a page on its side.
    let corner = |rotate| {
        let boxes = format!("/MediaBox [0 0 200 100] /Rotate {rotate}");
        let page = render(&one_page(&boxes, "", b"0 0 20 20 re f", &[])).unwrap();
        let (width, height) = page[0].dimensions();
        let (x, y) = [
            (5, 5),
            (width - 5, 5),
            (5, height - 5),
            (width - 5, height - 5),
        ]
        .into_iter()
        .find(|(x, y)| page[0].get_pixel(*x, *y).0 == [0; 3])
        .unwrap();
        (width, height, x > 5, y > 5)
    };
    assert_eq!(corner(0), (200, 100, false, true));
    assert_eq!(corner(90), (100, 200, false, false));
    assert_eq!(corner(180), (200, 100, true, false));
    assert_eq!(corner(270), (100, 200, true, true));
}

#[test]
fn a_large_page_is_drawn_smaller() {
    let sized = |boxes: &str, limits| {
        let page = one_page(&format!("/MediaBox [{boxes}]"), "", b"", &[]);
        super::render(&Bytes::from(page), limits).map(|pages| pages[0].dimensions())
    };
    assert_eq!(sized("0 0 200 100", LIMITS), Ok((200, 100)));
    let finer = PdfLimits {
        dots_per_inch: 144.0,
        ..LIMITS
    };
    assert_eq!(sized("0 0 200 100", finer), Ok((400, 200)));
    assert_eq!(sized("0 0 14400 7200", LIMITS), Ok((4096, 2048)));
    let fewer = PdfLimits {
        max_pixels: 5000,
        ..LIMITS
    };
    assert_eq!(sized("0 0 200 100", fewer), Ok((100, 50)));
    assert_eq!(sized("0 0 144000 1", LIMITS), Ok((4096, 1)));
    for none in ["0 0 0 100", "0 0 200 0", "7 7 7 7"] {
        let refused = sized(none, LIMITS);
        assert!(
            matches!(refused, Err(PdfError::NoArea { page: 1, .. })),
            "{none}"
        );
    }
}

#[test]
fn bounds_and_passwords_refuse() {
    let one = PdfLimits {
        max_pages: 1,
        ..LIMITS
    };
    let pages = super::render(&Bytes::from_static(TWO_PAGES), one);
    assert_eq!(pages, Err(PdfError::TooManyPages { pages: 2, limit: 1 }));
    assert_eq!(render(ENCRYPTED), Err(PdfError::Encrypted));
}

#[test]
fn a_file_locked_against_changes_is_read() {
    assert_eq!(render(NO_CHANGES), render(RECEIPT));
}

#[test]
fn other_files_are_refused_as_broken() {
    for garbage in [&b""[..], b"%PDF-1.7", b"startxref\n0\n%%EOF", RECEIPT_PNG] {
        assert!(matches!(render(garbage), Err(PdfError::Broken(_))));
    }
    // The part that holds the pages, but not the end.
    let cut = &TWO_PAGES[..TWO_PAGES.len() - 400];
    assert!(matches!(render(cut), Err(PdfError::Broken(_))));
}

#[test]
fn no_cut_file_causes_a_panic() {
    for file in [TWO_PAGES, ENCRYPTED] {
        for len in (0..file.len()).step_by(10) {
            // With its end restored, so that hayro reads the rest.
            let _ = render(&file[..len]);
            let _ = render(&[&file[..len], b"\n%%EOF"].concat());
        }
    }
}

#[test]
fn no_flipped_bytes_cause_a_panic() {
    let mut random = fastrand::Rng::with_seed(5);
    let small = PdfLimits {
        dots_per_inch: 18.0,
        ..LIMITS
    };
    for round in 0..400 {
        let mut file = [TWO_PAGES, ENCRYPTED][round % 2].to_vec();
        for _ in 0..random.usize(1..20) {
            let at = random.usize(..file.len());
            file[at] = random.u8(..);
        }
        let _ = super::render(&Bytes::from(file), small);
    }
}
