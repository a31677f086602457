//! Tests that only text which a person sees becomes text of the page.

use super::*;
use crate::page::{PageBox, PageText, TextLine};

const SHARP: PdfLimits = PdfLimits {
    dots_per_inch: 200.0,
    ..LIMITS
};
const FONT: &str = "/Font << /F 5 0 R >>";
const HELVETICA: &[u8] =
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

/// Returns the page of a file of one page, whose objects from 6 on are `extra`.
fn read(boxes: &str, resources: &str, content: &str, extra: &[&[u8]]) -> PdfPage {
    let objects = [&[HELVETICA], extra].concat();
    let resources = format!("{FONT} {resources}");
    let file = one_page(boxes, &resources, content.as_bytes(), &objects);
    super::read_all(&Bytes::from(file), SHARP)
        .unwrap()
        .remove(0)
}

fn texts(lines: &[TextLine]) -> Vec<String> {
    lines.iter().map(TextLine::text).collect()
}

/// A grey picture of ten pixels each way, white or not in its upper half.
fn picture(upper: u8) -> Vec<u8> {
    let samples: Vec<u8> = (0..100)
        .map(|at| if at < 50 { upper } else { 200 })
        .collect();
    let entries = "/Type /XObject /Subtype /Image /Width 10 /Height 10 /ColorSpace /DeviceGray \
                   /BitsPerComponent 8";
    stream(entries, &samples)
}

/// A way to hide text.
struct Trick {
    name: &'static str,
    boxes: &'static str,
    resources: &'static str,
    /// The content that states the total of 1.00.
    content: &'static str,
}

const BOXES: &str = "/MediaBox [0 0 300 200]";

const TRICKS: [Trick; 17] = [
    Trick {
        name: "render mode 3",
        boxes: BOXES,
        resources: "",
        content: "BT 3 Tr /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "white on white",
        boxes: BOXES,
        resources: "",
        content: "1 g BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "nearly white",
        boxes: BOXES,
        resources: "",
        content: "0.93 g BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "clipped away",
        boxes: BOXES,
        resources: "",
        content: "q 0 0 10 10 re W n BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET Q",
    },
    Trick {
        name: "off the page",
        boxes: BOXES,
        resources: "",
        content: "BT /F 20 Tf 20 320 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "outside the crop box",
        boxes: "/MediaBox [0 0 300 400] /CropBox [0 0 300 200]",
        resources: "",
        content: "BT /F 20 Tf 20 300 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "under a picture",
        boxes: BOXES,
        resources: "/XObject << /I 6 0 R >>",
        content: "BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET q 200 0 0 60 10 110 cm /I Do Q",
    },
    Trick {
        name: "under a rectangle",
        boxes: BOXES,
        resources: "",
        content: "BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET 0.8 0.9 1 rg 10 110 200 40 re f",
    },
    Trick {
        name: "in a layer that is off",
        boxes: BOXES,
        resources: "/Properties << /L 7 0 R >>",
        content: "/OC /L BDC BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET EMC",
    },
    Trick {
        name: "transparent",
        boxes: BOXES,
        resources: "/ExtGState << /G << /ca 0 /CA 0 >> >>",
        content: "q /G gs BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET Q",
    },
    Trick {
        name: "tiny",
        boxes: BOXES,
        resources: "",
        content: "BT /F 0.1 Tf 20 120 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "too small to be read",
        boxes: BOXES,
        resources: "",
        content: "BT /F 1.5 Tf 20 120 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "white on the white part of a picture",
        boxes: BOXES,
        resources: "/XObject << /I 6 0 R >>",
        content: "q 200 0 0 80 10 100 cm /I Do Q 1 g BT /F 20 Tf 20 150 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "white under the text in the same place",
        boxes: BOXES,
        resources: "",
        content: "1 g BT /F 20 Tf 20 50 Td (TOTAL 1.00) Tj ET",
    },
    Trick {
        name: "painted over below the text in the same place",
        boxes: BOXES,
        resources: "",
        content: "BT /F 20 Tf 20 50 Td (TOTAL 1.00) Tj ET 1 g 10 40 200 40 re f",
    },
    Trick {
        name: "similar letters painted over below the text",
        boxes: BOXES,
        resources: "",
        content: "BT /F 20 Tf 20 50 Td (TOTAL 8.00) Tj ET 1 g 10 40 200 40 re f",
    },
    Trick {
        name: "only for clipping",
        boxes: BOXES,
        resources: "",
        content: "q BT 7 Tr /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET Q",
    },
];

const SHOWN: &str = "0 g BT 0 Tr /F 20 Tf 20 50 Td (TOTAL 9.00) Tj ET";

#[test]
fn hidden_text_is_no_text() {
    for trick in &TRICKS {
        let content = format!("{} {SHOWN}", trick.content);
        let layer = b"<< /Type /OCG /Name (L) >>";
        let mut file = one_page(
            trick.boxes,
            &format!("{FONT} {}", trick.resources),
            content.as_bytes(),
            &[HELVETICA, &picture(255), layer],
        );
        if trick.resources.contains("/Properties") {
            let catalog = b"<< /Type /Catalog /Pages 2 0 R >>";
            let at = file
                .windows(catalog.len())
                .position(|w| w == catalog)
                .unwrap();
            let off = b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [7 0 R] /D << \
                        /OFF [7 0 R] >> >> >>";
            file.splice(at..at + catalog.len(), off.iter().copied());
        }
        let page = super::read_all(&Bytes::from(file), SHARP)
            .unwrap()
            .remove(0);
        assert_eq!(texts(&page.text.lines), ["TOTAL 9.00"], "{}", trick.name);
        assert_eq!(page.text.lines[0].confidence(), 1.0);
    }
}

#[test]
fn the_same_text_is_text_where_it_is_seen() {
    for shown in [
        "BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET",
        "BT /F 20 Tf 20 120 Td [(T) 20 (O) -10 (TAL) -300 (1.) 5 (00)] TJ ET",
        "0.5 g BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET",
        "0.8 0 0 rg BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET",
        "0.2 g 10 110 200 40 re f 1 g BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET",
        "BT /F 6 Tf 20 120 Td (TOTAL 1.00) Tj ET",
        "BT 2 Tr 0.8 w /F 20 Tf 20 120 Td (TOTAL) Tj ( 1.) Tj (00) Tj ET",
        "BT 1 Tr /F 40 Tf 20 120 Td (TOTAL 1.00) Tj ET",
        "BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj 0.2 0 Td (TOTAL 1.00) Tj ET",
        "q 0.3 w 15 115 150 25 re S BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET Q",
    ] {
        let content = format!("{shown} {SHOWN}");
        let page = read(BOXES, "", &content, &[]);
        assert_eq!(
            texts(&page.text.lines),
            ["TOTAL 1.00", "TOTAL 9.00"],
            "{shown}"
        );
        assert_eq!(page.text.unread, [], "{shown}");
        assert_eq!(page.text.hidden_lines, [], "{shown}");
    }
}

#[test]
fn text_under_a_scan_waits_for_the_reader() {
    let content = "q 300 0 0 200 0 0 cm /I Do Q BT 3 Tr /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET";
    let page = read(BOXES, "/XObject << /I 6 0 R >>", content, &[&picture(255)]);
    assert_eq!(page.text.lines, []);
    assert_eq!(texts(&page.text.hidden_lines), ["TOTAL 1.00"]);
    assert_eq!(page.text.unread.len(), 1);
    let scan = page.text.unread[0];
    assert!(scan.width > 0.99 && scan.height > 0.99, "{scan:?}");
    let seen = page.text.completed(&page.picture, |_| Ok(Vec::new()));
    assert_eq!(seen.map(|text| text.lines), Ok(Vec::new()));
}

#[test]
fn what_covers_a_part_of_a_word_leaves_it_to_the_reader() {
    // A white bar hides the 1 of 19.00, and a part of the 9.
    let content = "BT /F 20 Tf 20 120 Td (TOTAL 19.00) Tj ET 1 g 96 110 11 40 re f";
    let page = read(BOXES, "", content, &[]);
    assert_eq!(texts(&page.text.lines), ["TOTAL"]);
    assert_eq!(page.text.unread.len(), 1);
    assert_eq!(texts(&page.text.hidden_lines), ["19.00"]);
}

#[test]
fn two_texts_on_one_another_are_left_to_the_reader() {
    let content =
        "BT /F 20 Tf 20 120 Td (TOTAL 1.00) Tj ET BT /F 20 Tf 20 120 Td (TOTAL 9.00) Tj ET";
    let page = read(BOXES, "", content, &[]);
    assert_eq!(texts(&page.text.lines), ["TOTAL"]);
    assert!(!page.text.unread.is_empty());
}

#[test]
fn pictures_and_curves_are_left_to_the_reader() {
    let logo = "q 60 0 0 40 20 150 cm /I Do Q";
    let page = read(
        BOXES,
        "/XObject << /I 6 0 R >>",
        &format!("{logo} {SHOWN}"),
        &[&picture(0)],
    );
    assert_eq!(texts(&page.text.lines), ["TOTAL 9.00"]);
    let close = |area: PageBox, [x, y, width, height]: [f32; 4]| {
        let pairs = [
            (area.x, x),
            (area.y, y),
            (area.width, width),
            (area.height, height),
        ];
        pairs.iter().all(|(is, should)| (is - should).abs() < 0.02)
    };
    assert!(
        close(page.text.unread[0], [0.067, 0.05, 0.2, 0.2]),
        "{:?}",
        page.text.unread
    );

    let letter = |x: u32| format!("{x} 150 m {} 170 l {} 150 l h f", x + 6, x + 12);
    let letters: Vec<_> = (0..4).map(|at| letter(20 + 14 * at)).collect();
    let page = read(BOXES, "", &format!("{} {SHOWN}", letters.join(" ")), &[]);
    assert_eq!(page.text.unread.len(), 1);
    assert!(
        close(page.text.unread[0], [0.067, 0.15, 0.18, 0.1]),
        "{:?}",
        page.text.unread
    );
}

/// A table of characters with that many rows.
fn map(rows: &str, count: u32) -> Vec<u8> {
    let cmap = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def \
         1 begincodespacerange <00> <ff> endcodespacerange {count} beginbfchar {rows} \
         endbfchar endcmap end end"
    );
    stream("", cmap.as_bytes())
}

#[test]
fn drawn_letters_and_ligatures_are_text() {
    let font: &[u8] = b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix \
                        [0.1 0 0 0.1 0 0] /CharProcs << /a 6 0 R /b 7 0 R >> /Encoding << \
                        /Differences [65 /a /b] >> /FirstChar 65 /LastChar 66 /Widths [10 10] \
                        /ToUnicode 8 0 R >>";
    let drawn = stream("", b"10 0 0 0 9 9 d1 0 0 9 3 re f 0 6 3 3 re f");
    let square = stream("", b"10 0 0 0 9 9 d1 0 0 9 9 re f");
    let characters = map("<41> <fb01> <42> <0078>", 2);
    let content = b"BT /F 20 Tf 20 120 Td (BAB) Tj ET BT 3 Tr 0 -40 Td (BB) Tj ET";
    let objects = [font, &drawn, &square, &characters];
    let file = one_page(BOXES, FONT, content, &objects);
    let page = super::read_all(&Bytes::from(file), SHARP)
        .unwrap()
        .remove(0);
    assert_eq!(texts(&page.text.lines), ["xfix"]);
    assert_eq!(page.text.unread, []);
}

#[test]
fn letters_without_characters_are_left_to_the_reader() {
    let font: &[u8] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R \
                        /Encoding /WinAnsiEncoding >>";
    let written = |rows: &str, count: u32, text: &str| {
        let content = format!("BT /F 10 Tf 20 120 Td ({text}) Tj ET");
        let file = one_page(BOXES, FONT, content.as_bytes(), &[font, &map(rows, count)]);
        super::read_all(&Bytes::from(file), SHARP)
            .unwrap()
            .remove(0)
            .text
    };
    let whole = written("<54> <0054>", 1, "TOTAL 19.00");
    assert_eq!(texts(&whole.lines), ["TOTAL 19.00"]);
    // A character for private use in a short text: the whole page.
    let private = written("<31> <e031>", 1, "TOTAL 19.00");
    assert_eq!(private.lines, []);
    assert!(private.unread[0].width > 0.99);
    // In a long one, the word.
    let long = "Fifteen sheets of paper and a box of pens 1";
    let private = written("<31> <e031>", 1, long);
    assert_eq!(texts(&private.lines), [long.trim_end_matches(" 1")]);
    assert_eq!(private.unread.len(), 1);
    // A digit that stands for an amount.
    let more = written(
        "<31> <0031002e00300030>",
        1,
        "Fifteen sheets of paper and 1 box",
    );
    assert!(!texts(&more.lines).concat().contains('1'));
}

#[test]
fn a_wrong_table_of_characters_turns_the_page_over() {
    let font = format!(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.1 0 0 0.1 0 0] \
         /CharProcs << /a 6 0 R >> /Encoding << /Differences [65 {}] >> /FirstChar 65 \
         /LastChar 90 /Widths [{}] /ToUnicode 7 0 R >>",
        "/a ".repeat(26),
        "10 ".repeat(26)
    );
    let square = stream("", b"10 0 0 0 9 9 d1 0 0 9 9 re f");
    let written = |character: fn(u8) -> u32| {
        let rows = (b'A'..=b'Z').map(|code| format!("<{code:02x}> <{:04x}>", character(code)));
        let characters = map(&rows.collect::<Vec<_>>().concat(), 26);
        let content = b"BT /F 9 Tf 9 120 Td [(PAPER) -500 (AND) -500 (PENS) -500 (TOTAL) -500 (MARKET)] TJ ET";
        let file = one_page(
            BOXES,
            FONT,
            content,
            &[font.as_bytes(), &square, &characters],
        );
        super::read_all(&Bytes::from(file), SHARP)
            .unwrap()
            .remove(0)
    };
    let truth = written(u32::from);
    assert_eq!(texts(&truth.text.lines), ["PAPER AND PENS TOTAL MARKET"]);
    // Signs instead of letters are seen without a reader.
    let signs = written(|code| u32::from(code) % 14 + 0x21);
    assert_eq!(signs.text.lines, []);
    assert!(signs.text.unread[0].width > 0.99);
    // Other letters are not; the whole page is read again as the sample is another text.
    let shifted = written(|code| u32::from(code) + 5);
    assert_eq!(texts(&shifted.text.lines), ["UFUJW FSI UJSX YTYFQ RFWPJY"]);
    let mut parts = 0;
    let reading = shifted.text.completed(&shifted.picture, |picture| {
        let mut lines = truth.text.lines.clone();
        if picture.dimensions() != shifted.picture.dimensions() {
            parts += 1;
            // The words stand in the part as they stand on the page, but for its size.
            let area = lines[0].area();
            for word in &mut lines[0].words {
                word.area.x = 0.1 + 0.8 * (word.area.x - area.x) / area.width;
                word.area.width = 0.01;
                word.area.y = 0.4;
                word.area.height = 0.2;
            }
        }
        Ok(lines)
    });
    let reading: PageText = reading.unwrap();
    assert_eq!(texts(&reading.lines), ["PAPER AND PENS TOTAL MARKET"]);
    assert_eq!(parts, 1);
}
