//! Tests that letters are drawn as intended.

use super::*;

const PAGE: &str = "/MediaBox [0 0 400 99]";

/// Renders text in the font of object 5.
fn written(font: &str, text: &str, extra: &[&[u8]]) -> Result<Vec<RgbImage>, PdfError> {
    let content = format!("BT /F 20 Tf 9 40 Td {text} ET");
    let objects = [&[font.as_bytes()], extra].concat();
    render(&one_page(
        PAGE,
        "/Font << /F 5 0 R >>",
        content.as_bytes(),
        &objects,
    ))
}

fn fonts(result: Result<Vec<RgbImage>, PdfError>) -> String {
    match result {
        Err(PdfError::MissingGlyphs { page: 1, fonts }) => fonts,
        other => panic!("{other:?}"),
    }
}

fn simple(name: &str, entries: &str) -> String {
    format!("<< /Type /Font /Subtype /TrueType /BaseFont /{name} {entries} >>")
}

fn composite(name: &str, encoding: &str, ordering: &str, entries: &str) -> String {
    format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /{encoding} {entries} \
         /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{name} /DW 1000 \
         /CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) /Supplement 2 >> \
         /FontDescriptor << /Type /FontDescriptor /FontName /{name} /Flags 4 >> >>] >>"
    )
}

#[test]
fn latin_letters_need_no_font() {
    let all: Vec<String> = (0x20..=0xff).map(|byte| format!("{byte:02x}")).collect();
    let all = all.concat();
    for font in [
        simple("Helvetica", ""),
        simple("Arial,Bold", "/Encoding /WinAnsiEncoding"),
        simple("TimesNewRomanPSMT", "/Encoding /WinAnsiEncoding"),
        simple(
            "CourierNew",
            "/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [65 /Euro] >>",
        ),
        simple("Unheard-Of", "/Encoding /WinAnsiEncoding"),
        simple("Symbol", ""),
        simple("ZapfDingbats", ""),
    ] {
        let text = if font.contains("WinAnsi") {
            format!("<{all}> Tj")
        } else {
            "(Total 198.800) Tj".into()
        };
        let page = written(&font, &text, &[]);
        assert!(page.is_ok(), "{font}: {page:?}");
        assert!(dark(&page.unwrap()[0], 0..99) > 100, "{font}");
    }
}

#[test]
fn other_letters_are_refused() {
    let cyrillic =
        "/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [65 /afii10017 /g23] >>";
    let font = simple("ABCDEF+Arial", cyrillic);
    assert_eq!(
        fonts(written(&font, "(A) Tj", &[])),
        "Arial (such as \"А\")"
    );
    assert_eq!(
        fonts(written(&font, "[(x) 9 (B)] TJ", &[])),
        "Arial (such as \"g23\")"
    );
    assert_eq!(fonts(written(&font, "(A) '", &[])), "Arial (such as \"А\")");
    assert!(written(&font, "(Total) Tj", &[]).is_ok());
    // Invisible letters for searching.
    assert!(written(&font, "3 Tr (A) Tj", &[]).is_ok());
    assert!(written(&font, "3 Tr (A) Tj 0 Tr (A) Tj", &[]).is_err());
    assert!(written(&font, "q 3 Tr Q (A) Tj", &[]).is_err());
    // A font with codes of its own.
    let own = simple("Shop", "/FontDescriptor << /Flags 4 >>");
    assert_eq!(fonts(written(&own, "(A) Tj", &[])), "Shop");
}

#[test]
fn other_scripts_are_refused_with_their_fonts_names() {
    let font = composite("STSong-Light", "UniGB-UCS2-H", "GB1", "");
    assert_eq!(
        fonts(written(&font, "<4E2D> Tj", &[])),
        "STSong-Light (such as \"中\")"
    );
    assert!(written(&font, "<00310032002E0030> Tj", &[]).is_ok());
    let font = composite("MS-Gothic", "90ms-RKSJ-H", "Japan1", "");
    assert_eq!(
        fonts(written(&font, "<8d87> Tj", &[])),
        "MS-Gothic (such as \"合\")"
    );
    let page = written(&font, "(198,800) Tj", &[]).unwrap();
    assert!(dark(&page[0], 0..99) > 100);
    // The meaning of these codes is unknown.
    let font = composite("Own", "Identity-H", "Identity", "");
    assert_eq!(fonts(written(&font, "<00240025> Tj", &[])), "Own");
    let to_unicode = stream(
        "",
        b"1 begincodespacerange <0000> <ffff> endcodespacerange 2 beginbfchar <0024> <0041> \
          <0025> <0416> endbfchar",
    );
    let font = composite("Own", "Identity-H", "Identity", "/ToUnicode 6 0 R");
    assert!(written(&font, "<0024> Tj", &[&to_unicode]).is_ok());
    assert_eq!(
        fonts(written(&font, "<0025> Tj", &[&to_unicode])),
        "Own (such as \"Ж\")"
    );
    let font = composite("Own", "NoSuchMap", "Identity", "");
    assert_eq!(fonts(written(&font, "<0024> Tj", &[])), "Own");
}

#[test]
fn a_damaged_font_is_refused() {
    let garbage = stream("", b"no font at all");
    let descriptor = "/FontDescriptor << /Flags 4 /FontFile2 6 0 R >>";
    let font = simple("Mine", descriptor);
    assert_eq!(fonts(written(&font, "(A) Tj", &[&garbage])), "Mine");
    // Another object gives the meaning of its letters.
    let font = simple("Mine", &format!("{descriptor} /Encoding /WinAnsiEncoding"));
    assert!(written(&font, "(A) Tj", &[&garbage]).is_ok());
    let content = b"BT /F 20 Tf (A) Tj ET";
    let missing = render(&one_page(PAGE, "/Font << /F 9 0 R >>", content, &[]));
    let is_told = matches!(
        &missing,
        Err(PdfError::NotWhole { object: Spot(Some(9)), why, .. }) if why == "is missing"
    );
    assert!(is_told, "{missing:?}");
    // An unknown name is Helvetica to every reader.
    assert!(render(&one_page(PAGE, "", content, &[])).is_ok());
}

#[test]
fn letters_that_are_drawings_are_checked() {
    let font = "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.1 0 0 0.1 0 0] \
                /CharProcs << /a 6 0 R /b 7 0 R >> /Encoding << /Differences [65 /a /b /c] >> \
                /FirstChar 65 /LastChar 67 /Widths [9 9 9] >>";
    let square = stream("", b"9 0 0 0 9 9 d1 0 0 9 9 re f");
    assert!(written(font, "(AC) Tj", &[&square]).is_ok());
    let missing = written(font, "(AB) Tj", &[&square]);
    let is_told = matches!(
        &missing,
        Err(PdfError::NotWhole {
            object: Spot(Some(7)),
            ..
        })
    );
    assert!(is_told, "{missing:?}");
}
