//! The order of small pages.

use super::*;
use crate::page::{PageBox, TextSource, Word};

const SIZE: (u32, u32) = (1000, 1000);

/// Makes a line of a page on which a character is a hundredth wide and high.
fn line(text: &str, column: u8, row: u8) -> TextLine {
    let mut x = f32::from(column) / 100.0;
    let words = text.split(' ').map(|word| {
        let width = word.chars().count() as f32 / 100.0;
        let area = PageBox {
            x,
            y: f32::from(row) / 50.0,
            width,
            height: 0.01,
        };
        x += width + 0.01;
        Word {
            text: word.to_owned(),
            area,
            confidence: 1.0,
            alternatives: Vec::new(),
        }
    });
    TextLine {
        words: words.collect(),
        source: TextSource::Pdf,
    }
}

fn ordered(mut lines: Vec<TextLine>) -> Vec<String> {
    fastrand::Rng::with_seed(3).shuffle(&mut lines);
    let ordered = in_reading_order(lines, SIZE);
    ordered.iter().map(TextLine::text).collect()
}

#[test]
fn a_receipt_is_read_row_by_row() {
    let lines = vec![
        line("CORNER SHOP", 30, 1),
        line("Coffee with milk", 5, 3),
        line("2.50", 80, 3),
        line("Sandwich", 5, 4),
        line("6.50", 80, 4),
        line("Total", 5, 5),
        line("9.00", 80, 5),
    ];
    let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
    assert_eq!(ordered(lines), expected);
}

#[test]
fn columns_of_text_are_read_one_after_the_other() {
    let lines = vec![
        line("Invoice", 5, 1),
        line("Kowalski Carpentry", 5, 3),
        line("Station Road 5", 5, 4),
        line("Springfield", 5, 5),
        line("Ferreira and Daughters", 55, 3),
        line("Harbour Street 12", 55, 4),
        line("Shelbyville", 55, 5),
        line("Invoice number:", 5, 8),
        line("2024-0017", 55, 8),
        line("Invoice date:", 5, 9),
        line("4 May 2024", 55, 9),
        line("Work", 5, 12),
        line("Hours", 40, 12),
        line("Amount", 80, 12),
        line("Shelves fitted", 5, 13),
        line("3", 40, 13),
        line("150.00", 80, 13),
    ];
    let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
    assert_eq!(ordered(lines), expected);
}

#[test]
fn sideways_lines_come_last() {
    let mut margin = line("Printed by Springfield Press", 1, 1);
    let mut y = 0.1;
    for word in &mut margin.words {
        let height = word.area.width;
        word.area = PageBox {
            x: 0.01,
            y,
            width: 0.01,
            height,
        };
        y += height + 0.01;
    }
    let lines = vec![line("Coffee", 5, 8), line("Total 9.00", 5, 20), margin];
    let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
    assert_eq!(ordered(lines), expected);
    assert_eq!(in_reading_order(Vec::new(), SIZE), []);
}

#[test]
fn a_high_word_keeps_the_lines_beside_it_apart() {
    let mut total = line("TOTAL", 5, 2);
    total.words[0].area.height = 0.03;
    let lines = vec![total, line("net 7.56", 40, 2), line("gross 9.00", 40, 3)];
    assert_eq!(ordered(lines).len(), 3);
}

/// Makes a line 10 pixels high on the page, with 6 pixels for each character.
fn at(left: f32, top: f32, text: &str) -> TextLine {
    let mut x = left;
    let words = text.split(' ').map(|word| {
        let width = 6.0 * word.chars().count() as f32;
        let area = PageBox::between((x, top), (x + width, top + 10.0), SIZE);
        x += width + 6.0;
        Word {
            text: word.to_owned(),
            area,
            confidence: 1.0,
            alternatives: Vec::new(),
        }
    });
    TextLine {
        words: words.collect(),
        source: TextSource::Reader,
    }
}

#[test]
fn items_and_their_prices_stand_in_one_row() {
    let lines = vec![
        at(200.0, 41.0, "12.00"),
        at(0.0, 0.0, "CORNER SHOP"),
        at(0.0, 40.0, "Brown bread"),
        at(200.0, 19.0, "3.50"),
        at(0.0, 20.0, "Green apples"),
        at(0.0, 62.0, "Chocolate"),
        at(200.0, 60.0, "7.00"),
    ];
    assert_eq!(
        ordered(lines),
        [
            "CORNER SHOP",
            "Green apples",
            "3.50",
            "Brown bread",
            "12.00",
            "Chocolate",
            "7.00"
        ]
    );
}

#[test]
fn columns_that_are_not_level_with_one_another_are_columns() {
    let lines = vec![
        at(0.0, 0.0, "A heading that is as wide as both of the columns"),
        at(0.0, 20.0, "Seller Limited"),
        at(0.0, 35.0, "High Street"),
        at(0.0, 50.0, "London"),
        at(200.0, 24.0, "Buyer and Sons"),
        at(200.0, 39.0, "Low Avenue"),
        at(200.0, 54.0, "Manchester"),
        at(0.0, 80.0, "Another line across both of the columns again"),
    ];
    let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
    assert_eq!(ordered(lines), expected);
}

#[test]
fn columns_end_where_rows_are_further_apart() {
    let lines = vec![
        at(0.0, 0.0, "Seller"),
        at(0.0, 11.0, "Meridian Office Supplies"),
        at(0.0, 22.0, "Kestrel Business Park"),
        at(200.0, 0.0, "Buyer"),
        at(200.0, 11.0, "Hollis and Partners"),
        at(200.0, 22.0, "The Old Granary"),
        at(200.0, 41.0, "Invoice number"),
        at(330.0, 41.0, "MO-77120"),
        at(0.0, 61.0, "Description"),
        at(200.0, 61.0, "Quantity"),
        at(330.0, 61.0, "Amount"),
        at(0.0, 72.0, "Copier paper"),
        at(200.0, 72.0, "20"),
        at(330.0, 72.0, "87.00"),
    ];
    let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
    assert_eq!(ordered(lines), expected);
}

#[test]
fn labels_stand_before_their_values() {
    let lines = vec![
        at(0.0, 0.0, "Customer:"),
        at(200.0, 0.0, "Maria Jones"),
        at(0.0, 20.0, "Delivery:"),
        at(200.0, 20.0, "By bicycle"),
        at(0.0, 40.0, "Cashier:"),
        at(200.0, 40.0, "Anna Smith"),
    ];
    let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
    assert_eq!(ordered(lines), expected);
}

#[test]
fn words_of_a_line_that_fell_apart_are_no_columns() {
    let lines = vec![
        at(0.0, 0.0, "Thank you for"),
        at(90.0, 0.0, "your visit here"),
        at(0.0, 15.0, "and come again"),
        at(96.0, 15.0, "to our shop soon"),
    ];
    let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
    assert_eq!(ordered(lines), expected);
}

#[test]
fn the_rows_of_a_skewed_page_are_kept() {
    let mut lines = Vec::new();
    for row in 0..8_u8 {
        let top = 20.0 + 16.0 * f32::from(row);
        lines.push(at(20.0, top, "Brown bread and apples"));
        lines.push(at(300.0, top, "12.00"));
    }
    let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
    for word in lines.iter_mut().flat_map(|line| &mut line.words) {
        word.area.y += 0.06 * word.area.x;
    }
    assert_eq!(ordered(lines), expected);
}

#[test]
fn rows_name_every_line_once() {
    let page = PageText {
        width: SIZE.0,
        height: SIZE.1,
        lines: vec![
            at(200.0, 41.0, "12.00"),
            at(0.0, 0.0, "CORNER SHOP"),
            at(0.0, 40.0, "Brown bread"),
        ],
    };
    assert_eq!(page.rows(), [vec![1], vec![2, 0]]);
    assert!(PageText::default().rows().is_empty());
}

proptest::proptest! {
    #[test]
    fn every_line_is_read_once(
        lines in proptest::collection::vec((0f32..900.0, 0f32..1000.0, "[a-z0-9 :]{1,12}"), 0..40)
    ) {
        let lines: Vec<_> = lines.iter().map(|(left, top, text)| at(*left, *top, text)).collect();
        let mut expected: Vec<_> = lines.iter().map(TextLine::text).collect();
        expected.sort_unstable();
        let mut found = ordered(lines);
        found.sort_unstable();
        proptest::prop_assert_eq!(found, expected);
    }
}
