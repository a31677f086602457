//! A page reader on the committed receipts: what they say must be among what it reads. It is the embedded one, or that
//! of the folder `GATEWAY_TEST_READER`, which `tests/readers/run.py` names.

mod pages;

use std::{path::PathBuf, time::Duration};

use receipt_gateway::{
    ocr::{Ocr, OcrSettings, ReadPage, ReaderSource},
    page::TextLine,
};
use serde_json::Value;

use crate::support::receipts;

/// Parts of the totals and vendors that must be found.
const AT_LEAST: f64 = 0.9;

fn reader() -> Ocr {
    let folder = std::env::var_os("GATEWAY_TEST_READER").map(PathBuf::from);
    let settings = OcrSettings {
        max_pixels: 600_000,
        max_lines: 400,
        max_time: Duration::from_mins(10),
        max_document_time: Duration::from_mins(10),
        threads: 4,
    };
    Ocr::new(
        folder.map_or(ReaderSource::Embedded, ReaderSource::Folder),
        settings,
    )
}

#[test]
fn totals_and_vendors_of_the_fixtures_are_read() {
    let reader = reader();
    let (mut found, mut asked) = (0, 0);
    for (path, picture) in receipts() {
        let truth = std::fs::read(path.with_extension("json")).unwrap();
        let truth: Value = serde_json::from_slice(&truth).unwrap();
        // A PDF is read as the picture of the same receipt.
        let Ok(page) = image::load_from_memory(&picture) else {
            continue;
        };
        let lines = reader.read(&page.to_rgb8(), None).unwrap();
        let text: Vec<_> = lines.iter().map(TextLine::text).collect();
        let digits = |text: &String| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let numbers: Vec<_> = text.iter().map(digits).collect();
        let total = truth["total_due"].as_f64().unwrap();
        let total = [format!("{total:.0}"), format!("{:.0}", total * 100.0)];
        let has_total = numbers.iter().any(|number| total.contains(number));
        // A card's slip names no vendor.
        let vendor = truth["vendor_name"].as_str().unwrap_or_default();
        let vendor = vendor.to_lowercase();
        let has_vendor = text.join(" ").to_lowercase().contains(&vendor);
        println!("{}: total {has_total}, vendor {has_vendor}", path.display());
        found += i32::from(has_total) + i32::from(has_vendor);
        asked += 2;
    }
    assert!(asked >= 20);
    assert!(
        f64::from(found) >= AT_LEAST * f64::from(asked),
        "{found} of {asked}"
    );
}
