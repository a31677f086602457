use super::*;

const RECEIPT: &[u8] = include_bytes!("../../../tests/fixtures/receipt-05-invoice.pdf");
const RECEIPT_PNG: &[u8] = include_bytes!("../../../tests/fixtures/receipt-05-invoice.png");
const TWO_PAGES: &[u8] = include_bytes!("../../../tests/fixtures/two-pages.pdf");
const ENCRYPTED: &[u8] = include_bytes!("../../../tests/fixtures/encrypted.pdf");
const NO_CHANGES: &[u8] = include_bytes!("../../../tests/fixtures/no-changes.pdf");

const LIMITS: PdfLimits = PdfLimits {
    max_pages: 2,
    max_side: 4096,
    max_pixels: 10_000_000,
    dots_per_inch: 72.0,
};

fn render(file: &[u8]) -> Result<Vec<RgbImage>, PdfError> {
    super::render(&Bytes::copy_from_slice(file), LIMITS)
}

/// A file of one page: `boxes` go into its dictionary, `extra` are the objects from 5 on.
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

/// Without a table: hayro then looks for the objects itself.
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

fn zeros(len: usize) -> Vec<u8> {
    use std::io::Write;
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(&vec![0; len]).unwrap();
    zlib.finish().unwrap()
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
    // A black square in the lower left corner of a page that lies on its side.
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
fn what_is_encrypted_is_taken_for_the_most_it_could_be() {
    // Nobody can tell what lies in them before the file is open, when it may be too late.
    let packed: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..))
        .take(1 << 20)
        .collect();
    let with = |filter: &str, len, name: &str| {
        let hidden = stream(&format!("/Filter /{filter}"), &packed[..len]);
        let file = one_page("/MediaBox [0 0 9 9]", "", b"", &[&hidden]);
        let trailer = format!("/{name} << /Filter /Standard >> /Root");
        let at = file.windows(5).rposition(|w| w == b"/Root").unwrap();
        render(&[&file[..at], trailer.as_bytes(), &file[at + 5..]].concat())
    };
    for name in ["Encrypt", "#45ncryp#74", "#45#6E#63#72#79#70#74"] {
        for (filter, len) in [
            ("FlateDecode", 1 << 20),
            ("Fl", 1 << 20),
            ("LZWDecode", 1 << 19),
            ("A85 /Filter [/ASCII85Decode /FlateDecode]", 1 << 18),
        ] {
            let refused = with(filter, len, name);
            assert_eq!(refused, Err(PdfError::TooMuchEncrypted), "{name} {filter}");
        }
        let fits = with("FlateDecode", 1000, name);
        assert!(matches!(fits, Err(PdfError::Broken(_))), "{fits:?}");
    }
    assert!(with("RunLengthDecode", 1 << 19, "Encrypted").is_ok());
}

#[test]
fn what_is_no_pdf_is_broken() {
    for garbage in [&b""[..], b"%PDF-1.7", b"startxref\n0\n%%EOF", RECEIPT_PNG] {
        assert!(matches!(render(garbage), Err(PdfError::Broken(_))));
    }
    // All that holds the pages, but not the end.
    let cut = &TWO_PAGES[..TWO_PAGES.len() - 400];
    assert!(matches!(render(cut), Err(PdfError::Broken(_))));
}

#[test]
fn no_cut_makes_it_panic() {
    for file in [TWO_PAGES, ENCRYPTED] {
        for len in (0..file.len()).step_by(10) {
            // With its end put back, so that hayro sees what is left.
            let _ = render(&file[..len]);
            let _ = render(&[&file[..len], b"\n%%EOF"].concat());
        }
    }
}

#[test]
fn no_flipped_bytes_make_it_panic() {
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

#[test]
fn bombs_are_refused_unpacked() {
    let bomb = zeros(200 << 20);
    let image = |width, height, data: &[u8]| {
        let entries = format!(
            "/Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB \
             /BitsPerComponent 8 /Filter /FlateDecode"
        );
        let image = stream(&entries, data);
        let page = "/MediaBox [0 0 100 100]";
        render(&one_page(
            page,
            "/XObject << /I 5 0 R >>",
            b"/I Do",
            &[&image],
        ))
    };
    let unpacks = |result| matches!(result, Err(PdfError::UnpacksTooLarge { .. }));
    assert!(unpacks(image(7000, 7000, &bomb)));
    assert!(matches!(
        image(60_000, 60_000, b""),
        Err(PdfError::ImageTooLarge { .. })
    ));
    assert!(image(10, 10, &zeros(300)).is_ok());
    let content = |filter: &str, data: &[u8]| {
        let content = stream(&format!("/Filter {filter}"), data);
        let nothing = one_page("/MediaBox [0 0 9 9]", "", b"", &[]);
        let own = stream("", b"");
        let at = nothing.windows(own.len()).position(|w| w == own).unwrap();
        render(&[&nothing[..at], &content, &nothing[at + own.len()..]].concat())
    };
    assert!(unpacks(content("/FlateDecode", &zeros(40 << 20))));
    let hex: String = bomb
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect();
    assert!(unpacks(content(
        "[/ASCIIHexDecode /FlateDecode]",
        hex.as_bytes()
    )));
    assert!(matches!(
        content("[/FlateDecode /FlateDecode]", &zeros(100)),
        Err(PdfError::Broken(_))
    ));
}

/// The SIZ marker of JPEG 2000, down to the tiles' origin.
fn siz(width: u32, height: u32, step: u32) -> Vec<u8> {
    let mut data = b"\xff\x4f\xff\x51\0\x29\0\0".to_vec();
    let tile = [width, height, 0, 0];
    for side in [width, height, 0, 0].into_iter().chain(tile) {
        data.extend(side.to_be_bytes());
    }
    data.extend([0, 1, 7, step as u8, step as u8]);
    data
}

#[test]
fn pictures_that_tell_their_own_size_lie_open() {
    let drawn = |filter: &str, data: &[u8]| {
        let entries = format!("/Subtype /Image /Width 9 /Height 9 /Filter {filter}");
        let page = "/MediaBox [0 0 100 100]";
        let resources = "/XObject << /I 5 0 R >>";
        render(&one_page(
            page,
            resources,
            b"/I Do",
            &[&stream(&entries, data)],
        ))
    };
    let large = siz(60_000, 60_000, 1);
    let too_large = |result| matches!(result, Err(PdfError::ImageTooLarge { .. }));
    assert!(too_large(drawn("/JPXDecode", &large)));
    // The second one counts, not what a reader of the first would see.
    assert!(too_large(drawn(
        "/JPXDecode",
        &[siz(9, 9, 1), large.clone()].concat()
    )));
    // A hundred components are a hundred planes.
    let mut planes = siz(5000, 5000, 1);
    planes[40..42].copy_from_slice(&100_u16.to_be_bytes());
    assert!(too_large(drawn("/JPXDecode", &planes)));
    // A step of nothing between samples is the renderer's to refuse.
    assert!(drawn("/JPXDecode", &siz(9, 9, 0)).is_ok());
    for filters in [
        "[/ASCIIHexDecode /JPXDecode]",
        "[/JPXDecode /RunLengthDecode]",
        "[/JPXDecode /FlateDecode]",
        "[/DCTDecode /JPXDecode]",
        "[/FlateDecode /JBIG2Decode]",
        "[/JBIG2Decode /JPXDecode]",
    ] {
        let refused = drawn(filters, &siz(9, 9, 1));
        assert!(matches!(refused, Err(PdfError::Broken(_))), "{filters}");
    }
}

#[test]
fn no_spelling_hides_a_bomb() {
    let bomb = stream("/Filter /FlateDecode", &zeros(40 << 20));
    let hidden = |between: &str| {
        let mut file = one_page("/MediaBox [0 0 9 9]", "", b"", &[]);
        let at = file.windows(7).rposition(|w| w == b"trailer").unwrap();
        let object = [format!("5 0 obj{between}").as_bytes(), &bomb, b"\nendobj\n"].concat();
        file.splice(at..at, object);
        render(&file)
    };
    for between in ["\n", "", "\0", "% said in passing\n", " %\r%\n\t"] {
        let refused = hidden(between);
        assert!(
            matches!(refused, Err(PdfError::UnpacksTooLarge { .. })),
            "{between:?}"
        );
    }
    // What stands in another object can be seen only when it is too late.
    let packed = zeros(40 << 20);
    for entries in [
        "/Filter 6 0 R",
        "/F 6 0 R",
        "/Filter [6 0 R]",
        "/Filter /FlateDecode /DecodeParms 6 0 R",
        "/Filter /FlateDecode /DP [6 0 R]",
        "/Filter /FlateDecode /DecodeParms << /Columns 6 0 R >>",
    ] {
        let elsewhere = stream(entries, &packed);
        let refused = render(&one_page("/MediaBox [0 0 9 9]", "", b"", &[&elsewhere]));
        assert!(
            matches!(refused, Err(PdfError::Broken(_))),
            "{entries}: {refused:?}"
        );
    }
    // A length that does, with what looks like the end in a block that is stored as it is.
    let stored = b"\x78\x01\0\x0b\0\xf4\xff\nendstream\n";
    let bomb = [
        b"<< /Filter /FlateDecode /Length 6 0 R >>\nstream\n",
        &stored[..],
        &packed[2..],
        b"\nendstream",
    ];
    let refused = render(&one_page("/MediaBox [0 0 9 9]", "", b"", &[&bomb.concat()]));
    assert!(
        matches!(refused, Err(PdfError::UnpacksTooLarge { .. })),
        "{refused:?}"
    );
    // What stands open before it in a string or an array of the dictionary is no end of it.
    let bomb = stream("/a(<<>>obj) /b[<</c%\n(>>)>>] /Filter/Fl", &packed);
    let refused = render(&one_page("/MediaBox [0 0 9 9]", "", b"", &[&bomb]));
    assert!(matches!(refused, Err(PdfError::UnpacksTooLarge { .. })));
}

#[test]
fn forms_that_multiply_are_refused_undrawn() {
    let forms: Vec<Vec<u8>> = (6..36)
        .map(|next| {
            stream(
                &format!(
                    "/Subtype /Form /BBox [0 0 9 9] \
                     /Resources << /XObject << /F {next} 0 R >> >>"
                ),
                b"/F Do /F Do /F Do",
            )
        })
        .collect();
    let forms: Vec<&[u8]> = forms.iter().map(Vec::as_slice).collect();
    let laughs = one_page(
        "/MediaBox [0 0 9 9]",
        "/XObject << /F 5 0 R >>",
        b"/F Do",
        &forms,
    );
    assert_eq!(render(&laughs), Err(PdfError::TooComplex { page: 1 }));
}

#[test]
fn a_page_tree_may_bite_its_tail() {
    let tree: [&[u8]; 2] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>",
    ];
    let refused = render(&file(tree.iter()));
    assert!(
        matches!(refused, Err(PdfError::Broken(_) | PdfError::NoPages)),
        "{refused:?}"
    );
}
