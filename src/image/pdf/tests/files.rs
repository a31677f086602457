//! Tests of unusual valid files and of incomplete ones.

use super::*;

/// The entries of a stream, its data, and the objects after it.
type Case<'a> = (&'a str, Vec<u8>, &'a [&'a [u8]]);

fn zlib(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(data).unwrap();
    zlib.finish().unwrap()
}

/// Adds a table.
fn with_table(file: &[u8]) -> Vec<u8> {
    let trailer = file.windows(7).rposition(|w| w == b"trailer").unwrap();
    let mut out = file[..trailer].to_vec();
    let mut table = vec![String::from("xref\n0 1\n0000000000 65535 f \n")];
    for number in 1.. {
        let head = format!("\n{number} 0 obj\n");
        let Some(at) = out.windows(head.len()).position(|w| w == head.as_bytes()) else {
            break;
        };
        table.push(format!("{number} 1\n{:010} 00000 n \n", at + 1));
    }
    let start = out.len();
    out.extend(table.concat().bytes());
    out.extend(format!("trailer\n<< /Size 9 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

#[test]
fn much_data_may_follow_the_end() {
    let html = b"<html><body>Object moved here</body></html>".repeat(200);
    for behind in [vec![0; 4845], vec![0; 1 << 20], vec![b'\n'; 9000], html] {
        let pages = render(&[TWO_PAGES, &behind].concat());
        assert_eq!(pages, render(TWO_PAGES), "{} bytes", behind.len());
        // A head that a mail server put in front shifts the table.
        let pages = render(&[b"X-Filed: yes\r\n\r\n", TWO_PAGES, &behind].concat());
        assert_eq!(pages, render(TWO_PAGES), "{} bytes", behind.len());
        // Half a file is refused, whatever follows.
        let half = [&TWO_PAGES[..TWO_PAGES.len() / 2], &behind].concat();
        assert!(matches!(render(&half), Err(PdfError::Broken(_))));
    }
}

#[test]
fn an_end_with_objects_after_it_is_refused() {
    // Changes that were saved after the end, and cut off.
    let changed = [TWO_PAGES, b"\n7 0 obj\n<< /Length 900 >>\nstream\nBT"].concat();
    assert!(matches!(render(&changed), Err(PdfError::Broken(_))));
    let quick = [
        b"%PDF-1.4\n1 0 obj\n<< /Linearized 1 >>\nendobj\n",
        &TWO_PAGES[9..],
    ]
    .concat();
    let at = quick.windows(9).rposition(|w| w == b"startxref").unwrap();
    let cut = [&quick[..at], b"startxref\n0\n%%EOF\n"].concat();
    assert!(matches!(render(&cut), Err(PdfError::Broken(_))));
}

#[test]
fn a_missing_page_is_refused() {
    let tree: [&[u8]; 4] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 9 0 R] /Count 2 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        b"null",
    ];
    let refused = render(&file(tree.iter()));
    assert_eq!(
        refused,
        Err(PdfError::Broken(
            "one of its pages (object 9) is missing; send the whole file".into()
        ))
    );
}

#[test]
fn the_filter_of_a_stream_may_be_in_another_object() {
    let samples: Vec<u8> = (0..100).map(|at| if at < 50 { 0 } else { 255 }).collect();
    let rows: Vec<u8> = samples
        .chunks(10)
        .flat_map(|row| [&[0], row].concat())
        .collect();
    let picture = |entries: &str, data: &[u8], others: &[&[u8]]| {
        let entries = format!(
            "/Subtype /Image /Width 10 /Height 10 /ColorSpace /DeviceGray /BitsPerComponent 8 {entries}"
        );
        let picture = stream(&entries, data);
        let objects = [&[&picture[..]], others].concat();
        one_page(
            "/MediaBox [0 0 10 10]",
            "/XObject << /I 5 0 R >>",
            b"10 0 0 10 0 0 cm /I Do",
            &objects,
        )
    };
    let plain = render(&picture("", &samples, &[])).unwrap();
    assert_eq!(dark(&plain[0], 0..10), 50);
    let once = zlib(&samples);
    let cases: [Case<'_>; 10] = [
        ("/Filter 6 0 R", once.clone(), &[b"/FlateDecode"]),
        ("/Filter 6 0 R", once.clone(), &[b"[/FlateDecode]"]),
        ("/Filter 6 0 R", once.clone(), &[b"[7 0 R]", b"/Fl"]),
        ("/Filter [6 0 R]", once.clone(), &[b"/FlateDecode"]),
        (
            "/Filter /FlateDecode /DecodeParms 6 0 R",
            zlib(&rows),
            &[b"<< /Predictor 15 /Columns 10 >>"],
        ),
        (
            "/Filter [/FlateDecode] /DecodeParms [6 0 R]",
            zlib(&rows),
            &[b"<< /Predictor 15 /Columns 7 0 R >>", b"10"],
        ),
        (
            "/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 6 0 R >>",
            zlib(&rows),
            &[b"10"],
        ),
        ("/Filter [/FlateDecode /FlateDecode]", zlib(&once), &[]),
        (
            "/Filter 6 0 R",
            zlib(&once),
            &[b"[/FlateDecode /FlateDecode]"],
        ),
        (
            "/Filter [/FlateDecode /FlateDecode] /DecodeParms [null 6 0 R]",
            zlib(&zlib(&rows)),
            &[b"<< /Predictor 15 /Columns 10 >>"],
        ),
    ];
    for (entries, data, others) in &cases {
        let file = picture(entries, data, others);
        assert_eq!(render(&file).as_ref(), Ok(&plain), "{entries}");
        assert_eq!(render(&with_table(&file)).as_ref(), Ok(&plain), "{entries}");
    }
    // An older version of the stream does not count.
    let newer = picture("/Filter 6 0 R", &once, &[b"/FlateDecode"]);
    let old = stream("/Filter 6 0 R", b"old");
    let file = [
        &b"%PDF-1.4\n5 0 obj\n"[..],
        &old,
        b"\nendobj\n",
        &newer[9..],
    ]
    .concat();
    assert_eq!(render(&file), Ok(plain));
}

#[test]
fn a_unit_of_a_page_may_be_larger() {
    let sized = |unit: &str| {
        let page = one_page(&format!("/MediaBox [0 0 50 100] {unit}"), "", b"", &[]);
        render(&page).unwrap()[0].dimensions()
    };
    assert_eq!(sized(""), (50, 100));
    assert_eq!(sized("/UserUnit 2"), (100, 200));
    assert_eq!(sized("/UserUnit 0.5"), (25, 50));
    assert_eq!(sized("/UserUnit 10000"), (2048, 4096));
    for none in ["/UserUnit 0", "/UserUnit -1", "/UserUnit /A"] {
        assert_eq!(sized(none), (50, 100), "{none}");
    }
}
