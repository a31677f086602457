use image::{DynamicImage, Rgb};

use super::*;

/// Glyphs of 5 x 7 pixels for the tests' text.
const GLYPHS: [(char, [u8; 7]); 8] = [
    ('T', [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04]),
    ('O', [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e]),
    ('A', [0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11]),
    ('L', [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f]),
    ('5', [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e]),
    ('0', [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e]),
    ('.', [0, 0, 0, 0, 0, 0x0c, 0x0c]),
    (' ', [0; 7]),
];

fn write(page: &mut RgbImage, text: &str, (x, y): (u32, u32), dot: u32, ink: u8) {
    for (i, character) in (0..).zip(text.chars()) {
        let glyph = GLYPHS.iter().find(|(of, _)| *of == character).unwrap().1;
        for (row, column) in (0..7_u32).flat_map(|row| (0..5_u32).map(move |c| (row, c))) {
            if glyph[row as usize] >> (4 - column) & 1 == 1 {
                for (across, down) in (0..dot * dot).map(|at| (at % dot, at / dot)) {
                    let x = x + (i * 6 + column) * dot + across;
                    page.put_pixel(x, y + row * dot + down, Rgb([ink; 3]));
                }
            }
        }
    }
}

/// Adds noise with a deviation of about `sigma`.
fn add_noise(page: &mut RgbImage, sigma: f32) {
    let mut random = fastrand::Rng::with_seed(7);
    for pixel in page.pixels_mut() {
        let around_zero: f32 = (0..4).map(|_| random.f32() - 0.5).sum::<f32>() * 1.73;
        for level in &mut pixel.0 {
            *level = (f32::from(*level) + sigma * around_zero).round() as u8;
        }
    }
}

fn paper(level: u8) -> RgbImage {
    RgbImage::from_pixel(520, 700, Rgb([level; 3]))
}

#[test]
fn one_short_line_is_print_at_any_size_and_in_any_colours() {
    for (ink, ground) in [(20, 255), (255, 0), (120, 160), (225, 250), (200, 60)] {
        for dot in [1, 2, 4, 8] {
            let mut page = paper(ground);
            write(&mut page, "TOTAL 5.00", (30, 300), dot, ink);
            assert!(is_printed(&page), "{ink} on {ground} at {dot}");
            add_noise(&mut page, 2.0);
            assert!(is_printed(&page), "{ink} on {ground} at {dot} with noise");
        }
    }
}

#[test]
fn a_small_part_of_a_line_is_print() {
    let mut cutting = RgbImage::from_pixel(140, 24, Rgb([250; 3]));
    write(&mut cutting, "TOTAL 5.00", (6, 4), 2, 30);
    assert!(is_printed(&cutting));
}

#[test]
fn blank_pages_are_not_print() {
    for level in [0, 128, 200, 240, 255] {
        for sigma in [0.0, 1.0, 3.0, 8.0] {
            let mut page = paper(level);
            add_noise(&mut page, sigma);
            assert!(!is_printed(&page), "{level} with noise of {sigma}");
        }
    }
    assert!(!is_printed(&RgbImage::new(1, 1)));
    assert!(!is_printed(&RgbImage::from_pixel(30, 2000, Rgb([90; 3]))));
}

#[test]
fn traces_of_a_scanner_are_not_print() {
    let mut page = paper(248);
    for (x, y, pixel) in page.enumerate_pixels_mut() {
        let is_in_hole = [160_i64, 540]
            .iter()
            .any(|hole| (i64::from(x) - 35).pow(2) + (i64::from(y) - hole).pow(2) < 18 * 18);
        let shadow = 160_u32.saturating_sub(5 * (519 - x)) + 120_u32.saturating_sub(6 * y);
        let fold = if y.abs_diff(350) < 2 { 40 } else { 0 };
        let dark = if is_in_hole { 200 } else { shadow + fold };
        *pixel = Rgb([248 - dark.min(248) as u8; 3]);
    }
    add_noise(&mut page, 2.0);
    assert!(!is_printed(&page));
}

#[test]
fn text_shining_through_is_not_print() {
    let mut back = paper(250);
    for line in 0..12 {
        write(&mut back, "TOTAL 5.00", (80, 60 + 50 * line), 3, 236);
    }
    let back = image::imageops::flip_horizontal(&back);
    let mut back = image::imageops::blur(&back, 2.0);
    add_noise(&mut back, 1.5);
    assert!(!is_printed(&back));
}

#[test]
fn a_landscape_is_not_print() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/doubtful/");
    let landscape = image::open(format!("{folder}no-receipt.png")).unwrap();
    assert!(!is_printed(&landscape.into_rgb8()));
}

#[test]
fn every_receipt_of_the_fixtures_is_print() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");
    let mut seen = 0;
    for folder in ["", "doubtful/"] {
        for entry in std::fs::read_dir(format!("{root}{folder}")).unwrap() {
            let path = entry.unwrap().path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if !matches!(extension, Some("png" | "jpg" | "webp")) || name == "no-receipt" {
                continue;
            }
            seen += 1;
            let receipt = image::open(&path).unwrap();
            let half = receipt.resize(
                receipt.width() / 2,
                receipt.height() / 2,
                image::imageops::FilterType::Triangle,
            );
            let mut negative = receipt.clone();
            negative.invert();
            let faded = receipt.adjust_contrast(-55.0).brighten(40);
            // Each variant is used for three receipts, which is enough and quick.
            let mut ways = vec![
                receipt.rotate90(),
                receipt.rotate180(),
                half,
                negative,
                faded,
            ];
            let way = seen % ways.len();
            for (kind, picture) in [
                ("as it is", receipt),
                ("another way", ways.swap_remove(way)),
            ] {
                assert!(is_printed(&picture.into_rgb8()), "{name}, {kind} ({way})");
            }
        }
    }
    assert!(seen >= 15, "{seen}");
}

#[test]
fn a_receipt_on_a_dark_table_is_print() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");
    let receipt = image::open(format!("{folder}receipt-01-shop.png")).unwrap();
    let (width, height) = (receipt.width(), receipt.height());
    let mut table = RgbImage::from_fn(width * 2, height * 2, |x, y| {
        let grain = (f64::from(x) * 0.21).sin() * 9.0 + (f64::from(y) * 0.013).cos() * 20.0;
        Rgb([
            (60.0 + grain) as u8,
            (45.0 + grain) as u8,
            (38.0 + grain) as u8,
        ])
    });
    let shown = DynamicImage::ImageRgb8(receipt.into_rgb8());
    image::imageops::overlay(
        &mut table,
        &shown.into_rgb8(),
        i64::from(width / 2),
        i64::from(height / 3),
    );
    add_noise(&mut table, 4.0);
    assert!(is_printed(&table));
}
