//! Pages that are hard to read in order: the words must be found where they were drawn, and in the order in which a
//! person reads them.

use std::{collections::BTreeMap, fs, path::PathBuf};

use receipt_gateway::{
    ocr::ReadPage,
    page::{PageBox, Word},
};

use super::reader;

/// Part of the words that must be found in their places at least.
const PLACED: f64 = 0.95;
/// Part of the characters of the words in their places that must be right at least.
const LEGIBLE: f64 = 0.95;
/// Part of the area of two boxes that is common to both at least, for them to be boxes of one word.
const COMMON: f32 = 0.3;

/// A word as it was drawn: its text and the edges of its box in pixels, left, upper, right and lower.
type Drawn = (String, f32, f32, f32, f32);

/// Returns each page's name, its picture and its words in reading order.
fn pages() -> BTreeMap<String, (image::RgbImage, Vec<Drawn>)> {
    let folder = PathBuf::from("tests/fixtures/pages");
    let files = fs::read_dir(&folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let truths = files.filter(|file| file.extension().is_some_and(|it| it == "json"));
    let pages = truths.map(|truth| {
        let picture = image::open(truth.with_extension("jpg")).unwrap();
        let lines = fs::read(&truth).unwrap();
        let lines: Vec<Vec<Drawn>> = serde_json::from_slice(&lines).unwrap();
        let name = truth.file_stem().unwrap().to_string_lossy().into_owned();
        (name, (picture.to_rgb8(), lines.concat()))
    });
    pages.collect()
}

fn common(one: PageBox, other: PageBox) -> f32 {
    let across = one.right().min(other.right()) - one.x.max(other.x);
    let down = one.bottom().min(other.bottom()) - one.y.max(other.y);
    let both = across.max(0.0) * down.max(0.0);
    both / (one.width * one.height + other.width * other.height - both).max(f32::EPSILON)
}

#[test]
fn words_are_found_in_their_places_and_in_reading_order() {
    let reader = reader();
    let pages = pages();
    assert_eq!(pages.len(), 4);
    for (name, (picture, drawn)) in pages {
        let lines = reader.read(&picture, None).unwrap();
        let found: Vec<&Word> = lines.iter().flat_map(|line| &line.words).collect();
        let (mut order, mut missed) = (Vec::new(), Vec::new());
        let (mut characters, mut wrong) = (0, 0);
        for (text, left, top, right, bottom) in &drawn {
            let area = PageBox::between((*left, *top), (*right, *bottom), picture.dimensions());
            let places = found.iter().map(|word| common(word.area, area));
            let place = places.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
            match place.filter(|(_, common)| *common >= COMMON) {
                Some((at, _)) => {
                    order.push((at, text));
                    characters += text.chars().count();
                    wrong += strsim::levenshtein(text, &found[at].text);
                }
                None => missed.push(text),
            }
        }
        println!("{name}: missed {missed:?}, {wrong} of {characters} characters wrong");
        let swapped = order.windows(2).find(|pair| pair[0].0 > pair[1].0);
        assert_eq!(swapped, None, "{name}");
        assert!(
            order.len() as f64 >= PLACED * drawn.len() as f64,
            "{name}: {missed:?}"
        );
        assert!(
            wrong as f64 <= (1.0 - LEGIBLE) * characters as f64,
            "{name}: {wrong} of {characters}"
        );
    }
}
