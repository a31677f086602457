//! Pictures and receipts to send, and what is known of them.

use std::path::PathBuf;

use axum::body::Bytes;
use receipt_gateway::{
    generation::{Generation, Part},
    page::{PageBox, PageText, TextLine, TextSource, Word},
};
use serde_json::{Value, json};

/// A small receipt-like picture; another for every `shade`.
pub fn png(shade: u8) -> Bytes {
    encoded(&written_on(shade), image::ImageFormat::Png)
}

/// A TIFF of so many pages, uncompressed.
pub fn tiff(pages: u32) -> Bytes {
    let picture = image::DynamicImage::from(written_on(255)).into_luma8();
    let (width, height) = picture.dimensions();
    let size = width * height;
    let page = size + 2 + 9 * 12 + 4;
    let mut file = Vec::from(*b"II*\0");
    file.extend((8 + size).to_le_bytes());
    for number in 1..=pages {
        let start = 8 + (number - 1) * page;
        file.extend(picture.as_raw());
        file.extend(9_u16.to_le_bytes());
        // Tag and value of each entry of the directory; all are LONGs.
        for (tag, value) in [
            (256, width),
            (257, height),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, start),
            (277, 1),
            (278, height),
            (279, size),
        ] {
            file.extend(u16::to_le_bytes(tag));
            file.extend(4_u16.to_le_bytes());
            file.extend(1_u32.to_le_bytes());
            file.extend(u32::to_le_bytes(value));
        }
        let next = if number == pages {
            0
        } else {
            start + page + size
        };
        file.extend(u32::to_le_bytes(next));
    }
    file.into()
}

/// Three lines of what might be letters on paper of that shade.
pub fn written_on(shade: u8) -> image::RgbImage {
    let ink = if shade < 128 { 255 } else { 0 };
    image::RgbImage::from_fn(60, 90, |x, y| {
        let is_letter = (8..52).contains(&x) && x % 7 < 4 && (15..75).contains(&y) && y % 20 < 8;
        image::Rgb([if is_letter { ink } else { shade }; 3])
    })
}

/// Paper of that shade with nothing on it.
pub fn blank(shade: u8) -> Bytes {
    let paper = image::RgbImage::from_pixel(60, 90, image::Rgb([shade; 3]));
    encoded(&paper, image::ImageFormat::Png)
}

/// The picture as a file.
pub fn encoded(picture: &image::RgbImage, format: image::ImageFormat) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner().into()
}

pub fn data_uri(picture: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("data:image/png;base64,{}", STANDARD.encode(picture))
}

/// The committed receipts and their paths.
pub fn receipts() -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<_> = std::fs::read_dir("tests/fixtures")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|e| ["png", "jpg", "webp"].iter().any(|x| e == *x))
        })
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect()
}

pub fn invoice() -> Value {
    json!({
        "vendor_name": "Toko", "invoice_number": null, "invoice_date": "2024-02-29",
        "due_date": null, "items": [], "subtotal": 10, "tax_rate_percent": 0, "tax_amount": 0,
        "discount": 0, "total_due": 10.5, "taxes": [], "prepaid": 0, "rounding": 0
    })
}

/// Pictures in what an engine was asked.
pub fn pictures(generation: &Generation) -> usize {
    let parts = generation
        .messages()
        .iter()
        .flat_map(|message| &message.parts);
    parts
        .filter(|part| matches!(part, Part::Picture(_)))
        .count()
}

/// What an engine was told, with `<picture>` for each picture.
pub fn told(generation: &Generation) -> String {
    let parts = generation
        .messages()
        .iter()
        .flat_map(|message| &message.parts);
    let parts = parts.map(|part| match part {
        Part::Text(text) => text,
        Part::Picture(_) => "<picture>",
    });
    parts.collect()
}

/// A page with these lines below one another.
pub fn printed(lines: &[&str]) -> PageText {
    let lines = lines.iter().enumerate().map(|(number, line)| {
        let mut column = 0;
        let words = line.split(' ').map(|text| {
            let length = text.chars().count();
            let word = Word {
                text: text.to_owned(),
                area: PageBox {
                    x: column as f32 * 0.01,
                    y: 0.1 + number as f32 * 0.04,
                    width: length as f32 * 0.01,
                    height: 0.03,
                },
                confidence: 0.9,
                alternatives: Vec::new(),
            };
            column += length + 1;
            word
        });
        TextLine {
            words: words.collect(),
            source: TextSource::Reader,
        }
    });
    PageText {
        width: 60,
        height: 90,
        lines: lines.collect(),
    }
}
