//! Tests of small files made to cost much time or memory.

use super::*;

#[test]
fn encrypted_streams_count_at_the_most_they_could_unpack_to() {
    // Their contents cannot be checked before the file is open, when it may be too late.
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

pub(super) fn zeros(len: usize) -> Vec<u8> {
    use std::io::Write;
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(&vec![0; len]).unwrap();
    zlib.finish().unwrap()
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
}

#[test]
fn a_bomb_is_found_under_a_second_packing() {
    let zlib = |data: &[u8]| {
        use std::io::Write;
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(data).unwrap();
        zlib.finish().unwrap()
    };
    let hex = |data: &[u8]| {
        let digits: Vec<String> = data.iter().map(|byte| format!("{byte:02x}")).collect();
        digits.concat()
    };
    // LZW data of nothing but clear codes can have any length; runs are easier.
    let runs = |data: &[u8]| {
        let parts = data.chunks(128);
        let mut runs: Vec<u8> = parts
            .flat_map(|part| [&[part.len() as u8 - 1], part].concat())
            .collect();
        runs.push(128);
        runs
    };
    let drawn = |filters: &str, settings: &str, data: &[u8]| {
        let bytes = stream(&format!("/Filter {filters} {settings}"), data);
        let page = "/MediaBox [0 0 9 9]";
        render(&one_page(
            page,
            "/XObject << /X 5 0 R >>",
            b"/X Do",
            &[&bytes],
        ))
    };
    let bomb = zeros(40 << 20);
    let once = zlib(&bomb);
    let twice: [(&str, Vec<u8>); 6] = [
        ("[/FlateDecode /FlateDecode]", once.clone()),
        ("[/FlateDecode /FlateDecode /FlateDecode]", zlib(&once)),
        ("[/RunLengthDecode /FlateDecode]", runs(&bomb)),
        (
            "[/FlateDecode /RunLengthDecode /FlateDecode]",
            zlib(&runs(&bomb)),
        ),
        (
            "[/FlateDecode /ASCIIHexDecode /FlateDecode]",
            zlib(hex(&bomb).as_bytes()),
        ),
        (
            "[/Fl /A85 /Fl]",
            zlib(&[b"z".repeat(9 << 20), b"~>".to_vec()].concat()),
        ),
    ];
    for (filters, data) in &twice {
        let refused = drawn(filters, "", data);
        assert!(
            matches!(refused, Err(PdfError::UnpacksTooLarge { .. })),
            "{filters}: {refused:?}"
        );
    }
    // The first packing is the bomb, whatever it holds.
    let refused = drawn("[/FlateDecode /FlateDecode]", "", &bomb);
    assert!(matches!(refused, Err(PdfError::UnpacksTooLarge { .. })));
    // With an unknown filter, settings cannot be assigned to filters.
    let refused = drawn("[/FlateDecode /Brotli /FlateDecode]", "", &once);
    assert!(matches!(refused, Err(PdfError::Broken(_))), "{refused:?}");
    // A picture's size is under a packing.
    let large = zlib(&siz(60_000, 60_000, 1));
    let picture = stream(
        "/Subtype /Image /Width 9 /Height 9 /Filter [/FlateDecode /JPXDecode]",
        &large,
    );
    let resources = "/XObject << /I 5 0 R >>";
    let refused = render(&one_page(
        "/MediaBox [0 0 9 9]",
        resources,
        b"/I Do",
        &[&picture],
    ));
    assert!(
        matches!(refused, Err(PdfError::ImageTooLarge { .. })),
        "{refused:?}"
    );
}

/// Builds the SIZ marker of JPEG 2000, down to the tiles' origin.
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
fn the_size_in_a_pictures_own_header_counts() {
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
    // The second one counts, not the one that a reader of the first would see.
    assert!(too_large(drawn(
        "/JPXDecode",
        &[siz(9, 9, 1), large.clone()].concat()
    )));
    // A hundred components are a hundred planes.
    let mut planes = siz(5000, 5000, 1);
    planes[40..42].copy_from_slice(&100_u16.to_be_bytes());
    assert!(too_large(drawn("/JPXDecode", &planes)));
    // A step of 0 between samples.
    let broken = drawn("/JPXDecode", &siz(9, 9, 0));
    assert!(
        matches!(broken, Err(PdfError::NotWhole { .. })),
        "{broken:?}"
    );
    for filters in [
        "[/ASCIIHexDecode /JPXDecode]",
        "[/JPXDecode /RunLengthDecode]",
        "[/JPXDecode /FlateDecode]",
        "[/DCTDecode /JPXDecode]",
        "[/FlateDecode /JBIG2Decode]",
        "[/JBIG2Decode /JPXDecode]",
    ] {
        let refused = drawn(filters, &siz(9, 9, 1));
        assert!(
            matches!(
                refused,
                Err(PdfError::Broken(_) | PdfError::NotWhole { .. })
            ),
            "{filters}: {refused:?}"
        );
    }
}

#[test]
fn a_bomb_is_found_in_any_spelling() {
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
    // The filter is in another object, which exists or not.
    let packed = zeros(40 << 20);
    for (entries, other) in [
        ("/Filter 6 0 R", "/FlateDecode"),
        ("/F 6 0 R", "[/FlateDecode]"),
        ("/Filter [6 0 R]", "/FlateDecode"),
        ("/Filter 6 0 R", "[7 0 R]"),
        ("/Filter /FlateDecode /DecodeParms 6 0 R", "<< >>"),
        ("/Filter /FlateDecode /DP [6 0 R]", "<< /Columns 7 0 R >>"),
        (
            "/Filter /FlateDecode /DecodeParms << /Columns 6 0 R >>",
            "9",
        ),
    ] {
        let elsewhere = stream(entries, &packed);
        let objects: [&[u8]; 3] = [&elsewhere, other.as_bytes(), b"/Fl"];
        for known in 1..=3 {
            let refused = render(&one_page("/MediaBox [0 0 9 9]", "", b"", &objects[..known]));
            let is_refused = matches!(
                refused,
                Err(PdfError::Broken(_) | PdfError::UnpacksTooLarge { .. })
            );
            assert!(is_refused, "{entries}, {other}, {known}: {refused:?}");
        }
    }
    // Nested streams would be written many times over.
    let heads: Vec<String> = (8..3000)
        .map(|number| format!("{number} 0 obj << /Filter 6 0 R >>\nstream\n"))
        .collect();
    let nested = stream(
        "",
        &[heads.concat().into_bytes(), vec![b'x'; 40_000]].concat(),
    );
    let refused = render(&one_page(
        "/MediaBox [0 0 9 9]",
        "",
        b"",
        &[&nested, b"/Fl"],
    ));
    assert!(
        matches!(refused, Err(PdfError::Broken(_) | PdfError::NoPages)),
        "{refused:?}"
    );
    // A length in another object, with an apparent end in a block that is stored uncompressed.
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
    // An open string or array of the dictionary before it does not end it.
    let bomb = stream("/a(<<>>obj) /b[<</c%\n(>>)>>] /Filter/Fl", &packed);
    let refused = render(&one_page("/MediaBox [0 0 9 9]", "", b"", &[&bomb]));
    assert!(matches!(refused, Err(PdfError::UnpacksTooLarge { .. })));
}

#[test]
fn forms_that_multiply_are_refused_before_drawing() {
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
fn a_page_tree_may_be_circular() {
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
