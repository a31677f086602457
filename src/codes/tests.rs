use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use image::{GrayImage, Luma};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::*;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes")
}

/// What `make_codes.py` wrote into a file.
fn known(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(fixtures().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn bytes(code: &Value) -> Vec<u8> {
    STANDARD.decode(code["payload"].as_str().unwrap()).unwrap()
}

fn found(payload: Vec<u8>) -> FoundCode {
    FoundCode {
        symbology: Symbology::Qr,
        payload,
        corners: [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)],
    }
}

fn shown(facts: &CodeFacts) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            shown.insert(name.to_owned(), json!(value));
        }
    };
    put("total", facts.total.map(|total| total.to_string()));
    put("tax", facts.tax.map(|tax| tax.to_string()));
    put("currency", facts.currency.clone());
    put("date", facts.date.map(|date| date.to_string()));
    put("due_date", facts.due_date.map(|date| date.to_string()));
    put("vendor", facts.vendor.clone());
    put("invoice_number", facts.invoice_number.clone());
    Value::Object(shown)
}

/// Holds what was read to what is known.
fn assert_read(code: &Value, read: Option<&PaperCode>) {
    let name = &code["name"];
    let kind = read.map(|read| read.kind.as_str());
    assert_eq!(json!(kind), code["kind"], "{name}: {read:?}");
    let Some(read) = read else {
        return;
    };
    assert_eq!(shown(&read.facts()), code["facts"], "{name}: {read:?}");
    for (field, value) in code["fields"].as_object().unwrap() {
        assert_eq!(
            json!(read.field(field)),
            *value,
            "{name}: {field} of {read:?}"
        );
    }
    for field in &read.fields {
        assert!(!field.value.contains(char::is_control), "{name}: {field:?}");
        let named = read.fields.iter().filter(|other| other.name == field.name);
        assert_eq!(named.count(), 1, "{name}: {}", field.name);
    }
}

#[test]
fn payloads_are_read_by_the_rules_of_their_kinds() {
    let known = known("payloads.json");
    assert!(known.len() >= 120);
    for code in &known {
        assert_read(code, read(&found(bytes(code))).as_ref());
    }
    let untried = CodeKind::ALL.iter().filter(|kind| {
        !known
            .iter()
            .any(|code| code["kind"] == json!(kind.as_str()))
    });
    assert_eq!(untried.collect::<Vec<_>>(), [&CodeKind::Epc; 0]);
}

#[test]
fn no_payload_is_of_two_kinds() {
    for code in known("payloads.json") {
        let bytes = bytes(&code);
        let Some(payload) = payload::Payload::new(&bytes) else {
            continue;
        };
        let kinds = READERS.iter().filter_map(|read| read(&payload)).count();
        assert_eq!(
            kinds,
            usize::from(!code["kind"].is_null()),
            "{}",
            code["name"]
        );
    }
}

#[test]
fn codes_on_receipts_are_found_and_read() {
    let mut pictures = 0;
    for entry in fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "png") {
            continue;
        }
        pictures += 1;
        let page = image::open(&path).unwrap().to_luma8();
        let found = find(&page, &CodeLimits::default());
        let known = known(
            path.with_extension("json")
                .file_name()
                .unwrap()
                .to_str()
                .unwrap(),
        );
        let read: Vec<_> = found
            .iter()
            .filter_map(|code| Some((code, super::read(code)?)))
            .collect();
        assert_eq!(read.len(), known.len(), "{}", path.display());
        for (code, (found, read)) in known.iter().zip(&read) {
            assert_eq!(found.payload, bytes(code), "{}", path.display());
            assert_read(code, Some(read));
        }
    }
    assert!(pictures >= 10);
}

#[test]
fn corners_stand_where_the_code_is() {
    let corners = |file: &str| {
        let page = image::open(fixtures().join(file)).unwrap().to_luma8();
        find(&page, &CodeLimits::default()).remove(0).corners
    };
    // 37 modules of 4 pixels in the middle of 420 pixels, below the lines of print.
    let upright = corners("epc.png").map(|(x, y)| (x * 420.0, y * 413.0));
    let drawn = [
        (136.0, 190.0),
        (284.0, 190.0),
        (284.0, 338.0),
        (136.0, 338.0),
    ];
    for (corner, (x, y)) in upright.iter().zip(drawn) {
        let is_near = (corner.0 - x).abs() < 2.0 && (corner.1 - y).abs() < 2.0;
        assert!(is_near, "{upright:?}");
    }
    // Upside down, the upper left corner of the code is the lower right one on the page.
    let turned = corners("atcud.png");
    assert!(
        turned[0].0 > turned[1].0 && turned[0].1 > turned[3].1 && turned[2].1 < turned[1].1,
        "{turned:?}"
    );
}

#[test]
fn pages_without_codes_have_none() {
    let folder = fixtures().join("..");
    let mut pages = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "png") {
            let page = image::open(&path).unwrap().to_luma8();
            assert_eq!(
                find(&page, &CodeLimits::default()),
                [],
                "{}",
                path.display()
            );
            pages += 1;
        }
    }
    assert!(pages >= 7);
}

#[test]
fn limits_are_kept() {
    let page = image::open(fixtures().join("two.png")).unwrap().to_luma8();
    let limits = CodeLimits::default();
    assert_eq!(find(&page, &limits).len(), 2);
    let one = CodeLimits {
        most_codes: 1,
        ..limits
    };
    assert_eq!(find(&page, &one).len(), 1);
    let late = CodeLimits {
        most_time: Duration::ZERO,
        ..limits
    };
    assert_eq!(find(&page, &late), []);
    let small = CodeLimits {
        most_pixels: 1000,
        ..limits
    };
    assert_eq!(find(&page, &small), []);
    let marks = CodeLimits {
        most_marks: 2,
        ..limits
    };
    assert_eq!(find(&page, &marks), []);
}

#[test]
fn faint_inverted_and_noisy_codes_are_found() {
    let page = image::open(fixtures().join("qris.png")).unwrap().to_luma8();
    let wanted = find(&page, &CodeLimits::default()).remove(0).payload;
    let mut random = fastrand::Rng::with_seed(1);
    let mut of = |change: &mut dyn FnMut(u8, &mut fastrand::Rng) -> u8| {
        let mut page = page.clone();
        page.iter_mut()
            .for_each(|value| *value = change(*value, &mut random));
        let found = find(&page, &CodeLimits::default());
        found
            .into_iter()
            .map(|code| code.payload)
            .collect::<Vec<_>>()
    };
    let wanted = [wanted];
    assert_eq!(of(&mut |value, _| 150 + value / 12), wanted, "faint");
    assert_eq!(of(&mut |value, _| !value), wanted, "inverted");
    let dotted = of(&mut |value, random| if random.u8(..) < 6 { 235 } else { value });
    assert_eq!(dotted, wanted, "dotted");
}

#[test]
fn mutated_payloads_are_read_in_time_without_a_panic() {
    let known = known("payloads.json");
    let payloads: Vec<_> = known.iter().map(bytes).collect();
    let mut random = fastrand::Rng::with_seed(7);
    let start = Instant::now();
    for round in 0..1000 {
        let mut payload = random.choice(&payloads).unwrap().clone();
        for _ in 0..random.usize(1..6) {
            mutate(&mut payload, &mut random, &payloads);
        }
        if let Some(read) = read(&found(payload)) {
            let length: usize = read.fields.iter().map(|field| field.value.len()).sum();
            assert!(length < 16_384, "round {round}");
            assert!(read.facts().date.is_none_or(|date| date > NaiveDate::MIN));
        }
    }
    assert!(start.elapsed() < Duration::from_secs(20));
}

fn mutate(payload: &mut Vec<u8>, random: &mut fastrand::Rng, others: &[Vec<u8>]) {
    let at = random.usize(..=payload.len());
    match random.u8(..5) {
        0 => payload.truncate(at),
        1 => payload.insert(at, random.u8(..)),
        2 => {
            if let Some(byte) = payload.get_mut(at) {
                *byte = random.u8(..);
            }
        }
        3 => {
            let other = random.choice(others).unwrap();
            payload.splice(at..at, other.iter().take(random.usize(..64)).copied());
        }
        _ => {
            let signs = *random.choice(b"*|_;:^.,\n&=0-9%/".as_slice()).unwrap();
            payload.insert(at, signs);
        }
    }
}

#[test]
fn mutated_pictures_and_noise_end_in_time_without_a_panic() {
    let limits = CodeLimits::default();
    let names = ["epc.png", "gst.png", "two.png", "swiss.png"];
    let pages = names.map(|name| image::open(fixtures().join(name)).unwrap().to_luma8());
    let mut random = fastrand::Rng::with_seed(3);
    let mut longest = Duration::ZERO;
    for round in 0..200 {
        let page = match round % 4 {
            0 => noise(&mut random),
            1 => marks(&mut random),
            _ => damaged(random.choice(&pages).unwrap(), &mut random),
        };
        let start = Instant::now();
        let found = find(&page, &limits);
        longest = longest.max(start.elapsed());
        assert!(found.len() <= limits.most_codes);
        for code in found {
            assert!(
                code.corners
                    .iter()
                    .all(|(x, y)| (0.0..=1.0).contains(x) && (0.0..=1.0).contains(y))
            );
        }
    }
    // Unoptimised, and beside other tests.
    assert!(longest < Duration::from_secs(20), "{longest:?}");
}

fn noise(random: &mut fastrand::Rng) -> GrayImage {
    let (width, height) = (random.u32(1..500), random.u32(1..500));
    let size = 1 << random.u32(..4);
    let seed = random.u64(..);
    GrayImage::from_fn(width, height, |x, y| {
        let mut of = fastrand::Rng::with_seed(seed ^ u64::from(x / size * 7919 + y / size));
        Luma([if of.bool() { 0 } else { 255 }])
    })
}

/// A page of nothing but corner marks.
fn marks(random: &mut fastrand::Rng) -> GrayImage {
    let module = random.u32(1..4);
    let step = random.u32(8..12);
    GrayImage::from_fn(600, 600, |x, y| {
        let (x, y) = (x / module % step, y / module % step);
        let ring = |at: u32| at.abs_diff(3);
        let is_dark = x < 7 && y < 7 && ring(x).max(ring(y)) != 2;
        Luma([if is_dark { 20 } else { 240 }])
    })
}

fn damaged(page: &GrayImage, random: &mut fastrand::Rng) -> GrayImage {
    let mut page = page.clone();
    for _ in 0..random.usize(1..40) {
        let (x, y) = (random.u32(..page.width()), random.u32(..page.height()));
        let (width, height) = (random.u32(1..40), random.u32(1..40));
        let value = random.u8(..);
        for x in x..(x + width).min(page.width()) {
            for y in y..(y + height).min(page.height()) {
                page.put_pixel(x, y, Luma([value]));
            }
        }
    }
    page
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = CodeKind::ALL.iter().map(|kind| kind.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CodeKind::ALL.len());
    assert_eq!(Symbology::Qr.as_str(), "qr");
    assert_eq!(CodeFacts::default().total, None::<Decimal>);
}
