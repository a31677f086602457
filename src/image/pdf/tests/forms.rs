//! Tests that form values are drawn or refused.

use super::*;

/// Renders a form with one field, 200 x 20 points, 10 from the left and 40 from the bottom.
fn form(field: &str, form: &str, extra: &[&[u8]]) -> Result<Vec<RgbImage>, PdfError> {
    let field =
        format!("<< /Type /Annot /Subtype /Widget /Rect [10 40 210 60] /T (total) {field} >>");
    let objects = [&[field.as_bytes()], extra].concat();
    let page = "/MediaBox [0 0 220 100] /Annots [5 0 R]";
    let file = one_page(page, "", b"", &objects);
    let at = file.windows(12).position(|w| w == b"/Pages 2 0 R").unwrap();
    let catalog = format!(
        "/Pages 2 0 R /AcroForm << /Fields [5 0 R] /DA (/Helv 0 Tf 0 g) \
         /DR << /Font << /Helv << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> {form} >>"
    );
    render(&[&file[..at], catalog.as_bytes(), &file[at + 12..]].concat())
}

/// Returns the first and last column with ink in the field, and the amount of ink.
fn ink(pages: &[RgbImage]) -> Option<(u32, u32, usize)> {
    let page = &pages[0];
    let inked: Vec<u32> = page
        .enumerate_pixels()
        .filter(|(_, y, pixel)| (40..60).contains(y) && pixel.0[0] < 160)
        .map(|(x, _, _)| x)
        .collect();
    Some((*inked.iter().min()?, *inked.iter().max()?, inked.len()))
}

#[test]
fn a_value_without_an_appearance_is_drawn() {
    let drawn = |field: &str| ink(&form(field, "", &[]).unwrap());
    let (left, right, _) = drawn("/FT /Tx /V (60.500) /DA (/Helv 10 Tf 0 g)").unwrap();
    assert!(
        (11..16).contains(&left) && (38..50).contains(&right),
        "{left} {right}"
    );
    let (left, right, _) = drawn("/FT /Tx /V (60.500) /DA (/Helv 10 Tf 0 g) /Q 2").unwrap();
    assert!(
        (172..182).contains(&left) && (203..210).contains(&right),
        "{left} {right}"
    );
    let (left, right, _) = drawn("/FT /Tx /V (60.500) /DA (/Helv 10 Tf 0 g) /Q 1").unwrap();
    assert!(
        (90..97).contains(&left) && (122..130).contains(&right),
        "{left} {right}"
    );
    // As large as fits, and never wider than its field.
    let (_, small, _) = drawn("/FT /Tx /V (60.500) /DA (/Helv 6 Tf 0 g)").unwrap();
    let (_, large, _) = drawn("/FT /Tx /V (60.500)").unwrap();
    assert!(large > small + 15, "{large} {small}");
    let long = "The quick brown fox jumps over the lazy dog, 198.800 in all";
    let (_, right, _) = drawn(&format!("/FT /Tx /V ({long}) /DA (/Helv 12 Tf 0 g)")).unwrap();
    assert!(right < 210, "{right}");
    // In cells.
    let (left, right, _) =
        drawn("/FT /Tx /V (11) /Ff 16777216 /MaxLen 10 /DA (/Helv 10 Tf 0 g)").unwrap();
    assert!(
        (16..24).contains(&left) && (36..44).contains(&right),
        "{left} {right}"
    );
    // In UTF-16, and in a font that the form does not have.
    assert_eq!(
        drawn("/FT /Tx /V <FEFF00360030> /DA (/Nope 10 Tf 0 g)"),
        drawn("/FT /Tx /V (60) /DA (/Helv 10 Tf 0 g)")
    );
    // Inherited from the parent field.
    let parent = b"<< /FT /Tx /V (60) /DA (/Helv 10 Tf 0 g) >>";
    let inherited = form("/Parent 6 0 R", "", &[parent]).unwrap();
    assert_eq!(
        ink(&inherited),
        drawn("/FT /Tx /V (60) /DA (/Helv 10 Tf 0 g)")
    );
    for none in [
        "/FT /Tx",
        "/FT /Tx /V ()",
        "/FT /Tx /V (60) /F 2",
        "/FT /Tx /V (60) /F 32",
        "/FT /Sig /V << >>",
    ] {
        assert_eq!(drawn(none), None, "{none}");
    }
}

#[test]
fn lines_are_broken_and_marks_are_set() {
    let drawn = |field: &str| ink(&form(field, "", &[]).unwrap());
    let lines = drawn("/FT /Tx /Ff 4096 /V (one two\nthree)").unwrap();
    assert!(lines.1 < 100, "{lines:?}");
    assert!(drawn("/FT /Btn /V /Yes /AS /Yes").is_some());
    assert!(drawn("/FT /Btn /V /Yes").is_some());
    assert_eq!(drawn("/FT /Btn /V /Off"), None);
    assert_eq!(drawn("/FT /Btn /V /Yes /AS /Off"), None);
    assert_eq!(drawn("/FT /Btn /Ff 65536 /V /Yes"), None);
    let shown = drawn("/FT /Ch /Ff 131072 /V (b) /Opt [[(a) (One)] [(b) (1111111111)]]").unwrap();
    let value = drawn("/FT /Ch /Ff 131072 /V (b)").unwrap();
    assert!(shown.1 > value.1 + 20, "{shown:?} {value:?}");
    assert!(drawn("/FT /Ch /V (b) /Opt [(a) (b)]").unwrap().2 > 1000);
    // An appearance for each state, and none selected.
    let square = stream("/Subtype /Form /BBox [0 0 9 9]", b"0 0 9 9 re f");
    let field = "/FT /Btn /V /On /AP << /N << /On 6 0 R >> >>";
    assert!(ink(&form(field, "", &[&square]).unwrap()).unwrap().2 > 3000);
}

#[test]
fn appearances_may_be_older_than_values() {
    let square = stream("/Subtype /Form /BBox [0 0 9 9]", b"0 0 9 9 re f");
    let field = "/FT /Tx /V (60) /DA (/Helv 10 Tf 0 g) /AP << /N 6 0 R >>";
    let ink = |stale| ink(&form(field, stale, &[&square]).unwrap()).unwrap();
    assert!(ink("").2 > 3000);
    assert!(ink("/NeedAppearances false").2 > 3000);
    assert!(ink("/NeedAppearances true").2 < 200);
}

#[test]
fn a_value_that_cannot_be_drawn_is_refused() {
    let refused = form("/FT /Tx /V <FEFF4E2D>", "", &[]);
    assert_eq!(
        refused,
        Err(PdfError::FormValue {
            page: 1,
            field: "total".into(),
            why: "its font has no letter \"中\"".into(),
        })
    );
    assert_eq!(form("/FT /Tx", "/XFA []", &[]).map(drop), Ok(()));
    let only_xfa = one_page("/MediaBox [0 0 99 99]", "", b"", &[]);
    let at = only_xfa
        .windows(12)
        .position(|w| w == b"/Pages 2 0 R")
        .unwrap();
    let catalog = b"/Pages 2 0 R /AcroForm << /Fields [] /XFA [] >>";
    let only_xfa = [&only_xfa[..at], catalog, &only_xfa[at + 12..]].concat();
    assert_eq!(render(&only_xfa), Err(PdfError::Xfa));
}

#[test]
fn a_text_annotation_is_drawn() {
    let note = b"<< /Type /Annot /Subtype /FreeText /Rect [10 40 210 60] /Contents (PAID) /DA (0 g /Helv 10 Tf) >>";
    let file = one_page("/MediaBox [0 0 220 100] /Annots [5 0 R]", "", b"", &[note]);
    assert!(ink(&render(&file).unwrap()).is_some());
    // Written into the page itself, where nothing can be added to it.
    let page =
        "/MediaBox [0 0 220 100] /Annots [<< /Subtype /FreeText /Rect [0 0 9 9] /Contents (A) >>]";
    let refused = render(&one_page(page, "", b"", &[]));
    assert!(
        matches!(refused, Err(PdfError::FormValue { .. })),
        "{refused:?}"
    );
}
