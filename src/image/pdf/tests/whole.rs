//! Tests that everything on a page is there, to its end.

use super::*;

const JPEG: &[u8] = include_bytes!("../../../../tests/fixtures/receipt-02-shop.jpg");
const PAGE: &str = "/MediaBox [0 0 99 99]";

fn zlib(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(data).unwrap();
    zlib.finish().unwrap()
}

fn gray(entries: &str) -> String {
    format!(
        "/Subtype /Image /Width 100 /Height 100 /ColorSpace /DeviceGray /BitsPerComponent 8 {entries}"
    )
}

/// Returns samples that compress badly.
fn samples() -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(3);
    std::iter::repeat_with(|| random.u8(..))
        .take(10_000)
        .collect()
}

fn shown(objects: &[&[u8]]) -> Result<Vec<RgbImage>, PdfError> {
    let content = b"q 99 0 0 99 0 0 cm /I Do Q";
    render(&one_page(PAGE, "/XObject << /I 5 0 R >>", content, objects))
}

/// Returns the reason that an object is refused for.
fn why(result: Result<Vec<RgbImage>, PdfError>, object: Option<u32>) -> String {
    match result {
        Err(PdfError::NotWhole {
            page: 1,
            object: place,
            why,
            ..
        }) if place == Spot(object) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pictures_are_whole_or_refused() {
    let samples = samples();
    let packed = zlib(&samples);
    let jpeg = gray("/Filter /DCTDecode").replace("/ColorSpace /DeviceGray", "");
    let fax = "/Subtype /Image /Width 64 /Height 64 /BitsPerComponent 1 /ColorSpace /DeviceGray \
               /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 64 >>";
    // A row like the white one above it is one bit.
    let white = [&[0xff; 8][..], &[0, 0x10, 0x01]].concat();
    for (entries, data) in [
        (gray(""), &samples[..]),
        (gray("/Filter /FlateDecode"), &packed),
        (gray("/Filter /FlateDecode"), &packed[..packed.len() - 4]),
        (jpeg.clone(), JPEG),
        (jpeg.clone(), &JPEG[..JPEG.len() - 2]),
        (fax.into(), &white),
        (fax.replace("/Height 64", "/Height 90"), &white),
        (
            gray("/Filter /FlateDecode").replace("/Height 100", "/Height 0"),
            b"",
        ),
    ] {
        let drawn = shown(&[&stream(&entries, data)]);
        assert!(drawn.is_ok(), "{entries}: {drawn:?}");
    }
    for (entries, data, reason) in [
        (
            gray(""),
            &samples[..5000],
            "is cut off after 50 of its 100 rows",
        ),
        (gray("/Filter /FlateDecode"), &packed[..5000], "is cut off"),
        (gray("/Filter /FlateDecode"), &samples, "is damaged"),
        (
            gray("/Filter /BrotliDecode"),
            &packed,
            "is packed by an unknown filter, BrotliDecode",
        ),
        (jpeg.clone(), &JPEG[..JPEG.len() / 2], "cannot be decoded"),
        (jpeg.clone(), &samples, "cannot be decoded"),
        (gray("/Filter /JPXDecode"), &samples, "cannot be decoded"),
        (
            fax.into(),
            &white[..4],
            "is cut off after 32 of its 64 rows",
        ),
        (
            fax.replace("/Height 64", "/Height 90"),
            &white[..8],
            "is cut off after 64 of its 90 rows",
        ),
        (
            gray("/Filter /JBIG2Decode"),
            b"\0\0\0\0\x30\0\x01\0\0\0\x13\0\0",
            "is cut off",
        ),
        (
            gray("").replace("/Width 100", ""),
            &samples,
            "does not declare its size",
        ),
        (
            gray("").replace("/Image", "/Video"),
            &samples,
            "is of an unknown kind",
        ),
        (gray("/F (samples.raw)"), &samples, "lies in another file"),
    ] {
        let why = why(shown(&[&stream(&entries, data)]), Some(5));
        assert!(why.starts_with(reason), "{entries}: {why}");
    }
}

#[test]
fn every_kind_of_sample_is_counted() {
    // Bits of a row of 100 pixels, by colour space.
    for (space, bits, row) in [
        ("/ColorSpace /DeviceRGB", 8, 300),
        ("/ColorSpace /DeviceCMYK", 4, 200),
        ("/ColorSpace [/Indexed /DeviceRGB 1 <000000ffffff>]", 1, 13),
        ("/ColorSpace [/ICCBased 6 0 R]", 8, 300),
        ("/ColorSpace /Mine", 16, 600),
        ("/ColorSpace [/DeviceN [/A /B] /DeviceRGB 7 0 R]", 8, 200),
        ("/ImageMask true", 1, 13),
    ] {
        let entries =
            format!("/Subtype /Image /Width 100 /Height 3 {space} /BitsPerComponent {bits}");
        let content = b"q 99 0 0 99 0 0 cm /I Do Q";
        let resources = "/XObject << /I 5 0 R >> /ColorSpace << /Mine [/CalRGB << >>] >>";
        let profile = stream("/N 3", b"");
        let shown = |len| {
            let picture = stream(&entries, &vec![0; len]);
            render(&one_page(PAGE, resources, content, &[&picture, &profile]))
        };
        assert!(shown(3 * row).is_ok(), "{space}: {:?}", shown(3 * row));
        // Some programs omit the last bytes.
        assert!(shown(2 * row + 1).is_ok(), "{space}");
        let why = why(shown(2 * row), Some(5));
        assert_eq!(why, "is cut off after 2 of its 3 rows", "{space}");
    }
}

#[test]
fn masks_are_checked_as_pictures() {
    let whole = stream(&gray(""), &samples());
    let cut = stream(&gray(""), &samples()[..999]);
    for key in ["SMask", "Mask"] {
        let masked = stream(&gray(&format!("/{key} 6 0 R")), &samples());
        assert!(shown(&[&masked, &whole]).is_ok());
        assert!(why(shown(&[&masked, &cut]), Some(6)).starts_with("is cut off"));
        assert_eq!(why(shown(&[&masked]), Some(6)), "is missing");
    }
}

#[test]
fn missing_objects_are_refused() {
    assert_eq!(why(shown(&[]), Some(5)), "is missing");
    let unnamed = render(&one_page(PAGE, "", b"/I Do", &[]));
    assert_eq!(why(unnamed, None), "is missing");
    let form = |entries: &str, data: &[u8]| stream(&format!("/Subtype /Form {entries}"), data);
    let deep = form(
        "/BBox [0 0 9 9] /Resources << /XObject << /J 9 0 R >> >>",
        b"/J Do",
    );
    assert_eq!(why(shown(&[&deep]), Some(9)), "is missing");
    assert_eq!(why(shown(&[&form("", b"")]), Some(5)), "has no size");
    let packed = zlib(b"0 0 9 9 re f 1 1 1 1 re f");
    let half = form("/BBox [0 0 9 9] /Filter /FlateDecode", &packed[..9]);
    assert_eq!(why(shown(&[&half]), Some(5)), "is cut off");
    // The page's own content.
    let page = |contents: &str, extra: &[&[u8]]| {
        let file = one_page(PAGE, "", b"", extra);
        let file = String::from_utf8(file).unwrap();
        render(
            file.replace("/Contents 4 0 R", &format!("/Contents {contents}"))
                .as_bytes(),
        )
    };
    assert!(page("null", &[]).is_ok());
    assert!(page("[4 0 R 4 0 R]", &[]).is_ok());
    assert_eq!(why(page("9 0 R", &[]), Some(9)), "is missing");
    assert_eq!(why(page("[4 0 R 9 0 R]", &[]), Some(9)), "is missing");
}

#[test]
fn inline_pictures_are_whole_or_refused() {
    let inline = |len| {
        let content = [
            b"BI /W 10 /H 10 /BPC 8 /CS /G ID ",
            &vec![b'x'; len][..],
            b" EI Q",
        ]
        .concat();
        render(&one_page(PAGE, "", &content, &[]))
    };
    assert!(inline(100).is_ok());
    assert!(why(inline(50), None).starts_with("is cut off"));
}

#[test]
fn invisible_content_may_be_broken() {
    let cut = stream(&gray("/Filter /FlateDecode"), b"");
    let resources = "/XObject << /I 5 0 R >> /Properties << /Off 6 0 R >>";
    let draw = |content: &[u8]| {
        let layers = "/Pages 2 0 R /OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>";
        let plain = one_page(PAGE, resources, content, &[&cut, b"<< /Type /OCG >>"]);
        let at = plain
            .windows(12)
            .position(|w| w == b"/Pages 2 0 R")
            .unwrap();
        render(&[&plain[..at], layers.as_bytes(), &plain[at + 12..]].concat())
    };
    assert!(draw(b"").is_ok());
    assert!(draw(b"/OC /Off BDC /I Do EMC").is_ok());
    assert!(draw(b"/OC /On BDC /I Do EMC").is_err());
    assert!(draw(b"/OC /Off BDC EMC /I Do").is_err());
}

#[test]
fn appearances_of_notes_are_drawn_or_refused() {
    let noted = |note: &str, look: &[u8]| {
        let boxes = format!("{PAGE} /Annots [<< /Type /Annot /Rect [0 0 99 99] {note} >>]");
        render(&one_page(&boxes, "", b"", &[look]))
    };
    let look = stream("/Subtype /Form /BBox [0 0 9 9]", b"0 0 9 9 re f");
    let stamp = noted("/Subtype /Stamp /AP << /N 5 0 R >>", &look).unwrap();
    assert!(dark(&stamp[0], 0..99) > 9000);
    let missing = noted("/Subtype /Stamp /AP << /N 8 0 R >>", &look);
    assert_eq!(why(missing, Some(8)), "is missing");
    let missing = noted(
        "/Subtype /Widget /AS /On /AP << /N << /On 8 0 R >> >>",
        &look,
    );
    assert_eq!(why(missing, Some(8)), "is missing");
    for unseen in ["/F 2", "/F 32"] {
        let note = format!("/Subtype /Stamp {unseen} /AP << /N 8 0 R >>");
        assert!(noted(&note, &look).is_ok(), "{unseen}");
    }
}

#[test]
fn content_that_breaks_off_is_refused() {
    let page = |content: &[u8]| {
        let font = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";
        render(&one_page(PAGE, font, content, &[]))
    };
    for whole in [
        &b"BT /F 9 Tf 9 50 Td (TOTAL 1\\) 2) Tj ET"[..],
        b"BT /F 9 Tf [(A) -9 <42>] TJ ET",
        b"q q BT /F 9 Tf (A) Tj",
        b"BX 1 2 unknown EX q Q Q",
        b"BT /F 9 Tf (A) Tj ET\n) \0\0",
        b"BI /W 2 /H 1 /CS /G /BPC 8 ID EI EI q Q",
        b"",
        b"% nothing",
    ] {
        let shown = String::from_utf8_lossy(whole);
        assert!(page(whole).is_ok(), "{shown}: {:?}", page(whole));
    }
    for broken in [
        &b"BT /F 9 Tf (TOTAL 1"[..],
        b"BT /F 9 Tf (TOTAL 1 Tj ET BT (CASH) Tj ET",
        b"BT /F 9 Tf <42 Tj ET",
        b"BT /F 9 Tf [(A) TJ ET",
        b"/Span << /MCID 0 BDC BT /F 9 Tf (A) Tj ET EMC",
        b"BI /W 2 /H 1 /CS /G /BPC 8 ID ab q Q",
        b"BI /W 2 /H 1 q Q",
        b"BT /F 9 Tf (A) Tj ET } BT /F 9 Tf (B) Tj ET",
    ] {
        let shown = String::from_utf8_lossy(broken).into_owned();
        let result = page(broken);
        assert!(result.is_err(), "{shown}");
        assert_eq!(why(result, None), "breaks off", "{shown}");
    }
}
