//! The XML files that PDFs carry.

use super::*;

/// Builds a file of one page whose catalog has these entries; `extra` are the objects from 4 on.
fn carrying(catalog: &str, extra: &[&[u8]]) -> Bytes {
    let catalog = format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>");
    let own: [&[u8]; 3] = [
        catalog.as_bytes(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
    ];
    file(own.iter().chain(extra)).into()
}

fn specification(name: &str, stream: usize) -> Vec<u8> {
    format!("<< /Type /Filespec {name} /EF << /F {stream} 0 R >> >>").into_bytes()
}

fn found(file: &Bytes) -> Vec<(String, String)> {
    let files = xml_files(file).unwrap().into_iter();
    files
        .map(|file| (file.name, String::from_utf8(file.data.to_vec()).unwrap()))
        .collect()
}

fn named(name: &str, data: &str) -> (String, String) {
    (name.to_owned(), data.to_owned())
}

#[test]
fn files_are_found_by_name_and_as_associated() {
    let xml = stream("/Type /EmbeddedFile", b"<a/>");
    let other = stream("/Type /EmbeddedFile", b"<b/>");
    let by_name = carrying(
        "/Names << /EmbeddedFiles << /Kids [<< /Names [(x) 4 0 R (y) 6 0 R] >>] >> >>",
        &[
            &specification("/F (factur-x.xml)", 5),
            &xml,
            &specification("/F (notes.txt)", 5),
        ],
    );
    assert_eq!(found(&by_name), [named("factur-x.xml", "<a/>")]);
    // The document's own come first, and each once; a name may be in UTF-16.
    let associated = carrying(
        "/AF [6 0 R] /Names << /EmbeddedFiles << /Names [(a) 4 0 R (b) 6 0 R] >> >>",
        &[
            &specification("/F (first.XML)", 5),
            &xml,
            &specification("/UF <FEFF0062002E0078006D006C> /F (c.xml)", 7),
            &other,
        ],
    );
    assert_eq!(
        found(&associated),
        [named("b.xml", "<b/>"), named("first.XML", "<a/>")]
    );
}

#[test]
fn trees_that_go_round_and_files_that_are_missing_end() {
    let round = carrying(
        "/Names << /EmbeddedFiles 4 0 R >>",
        &[
            b"<< /Kids [4 0 R 4 0 R] /Names [(a) 5 0 R] >>",
            &specification("/F (gone.xml)", 9),
        ],
    );
    assert_eq!(found(&round), []);
    assert_eq!(found(&Bytes::from_static(RECEIPT)), []);
    assert_eq!(found(&Bytes::from_static(TWO_PAGES)), []);
}

#[test]
fn a_file_that_unpacks_too_large_is_refused() {
    let zeros = super::bombs::zeros(40 << 20);
    let bomb = carrying(
        "/AF [4 0 R]",
        &[
            &specification("/F (factur-x.xml)", 5),
            &stream("/Type /EmbeddedFile /Filter /FlateDecode", &zeros),
        ],
    );
    let refused = xml_files(&bomb).unwrap_err();
    assert!(
        matches!(refused, PdfError::UnpacksTooLarge { .. }),
        "{refused}"
    );
}
