mod forms;

use serde_json::json;

use super::*;
use crate::{
    page::{PageText, TextLine, Unread, Word},
    receipt::{Currency, InlineLimits},
};

/// Width of a letter and height of a row on the pages of these tests.
const LETTER: f32 = 0.01;
const ROW: f32 = 0.02;

/// A page with a row of print for each text; more than two blanks part two lines of a row.
fn page(rows: &[&str]) -> PageText {
    let mut lines = Vec::new();
    for (row, text) in rows.iter().enumerate() {
        let mut at = 0;
        for part in text.split("   ") {
            let mut words = Vec::new();
            for word in part.split(' ') {
                let length = word.chars().count();
                if length > 0 {
                    words.push(Word {
                        text: word.to_owned(),
                        area: PageBox {
                            x: at as f32 * LETTER,
                            y: row as f32 * ROW,
                            width: length as f32 * LETTER,
                            height: ROW * 0.7,
                        },
                        confidence: 0.9,
                        alternatives: Vec::new(),
                    });
                }
                at += length + 1;
            }
            at += 2;
            if !words.is_empty() {
                lines.push(TextLine {
                    words,
                    source: TextSource::Reader,
                });
            }
        }
    }
    PageText {
        width: 1000,
        height: 2000,
        lines,
    }
}

fn invoice_schema() -> ReceiptSchema {
    let path = std::path::PathBuf::from("schemas/invoice.schema.json");
    ReceiptSchema::load(&path, &Currency::Detect.into()).unwrap()
}

fn any_schema() -> ReceiptSchema {
    let limits = InlineLimits {
        max_bytes: 1000,
        max_tokens: 100,
    };
    ReceiptSchema::inline(json!({"type": "object"}), limits).unwrap()
}

fn standing_of(object: &Value, pointer: &str, pages: &[PageReading]) -> Standing {
    let fields = of_fields(object, &any_schema(), pages);
    let field = fields.into_iter().find(|field| field.pointer == pointer);
    field.unwrap().standing
}

/// The texts that stand for the value of `name`, the likeliest first; the name of its standing if it
/// is not printed.
fn told(name: &str, value: &Value, rows: &[&str]) -> Vec<String> {
    let mut object = serde_json::Map::new();
    object.insert(name.to_owned(), value.clone());
    let standing = standing_of(
        &Value::Object(object),
        &format!("/{name}"),
        &[Ok(page(rows))],
    );
    match standing {
        Standing::Printed(places) => places.into_iter().map(|place| place.text).collect(),
        other => vec![other.as_str().to_owned()],
    }
}

#[test]
fn the_total_stands_beside_its_word() {
    let rows = [
        "Kopi   19.90",
        "SUB TOTAL   19.90",
        "GRAND TOTAL RM   19.90",
        "CASH   19.90",
    ];
    let object = json!({"total_due": 19.9, "subtotal": 19.9});
    let place = |pointer: &str| {
        let standing = standing_of(&object, pointer, &[Ok(page(&rows))]);
        (standing.evidence()[0].area.y / ROW).round()
    };
    assert_eq!((place("/total_due"), place("/subtotal")), (2.0, 1.0));
}

#[test]
fn the_total_of_a_single_piece_stands_behind_its_price() {
    let rows = [
        "Beras 5kg",
        "1 x 74.500   74.500",
        "Kopi",
        "2 x 5.000   10.000",
    ];
    let item =
        json!({"description": "Beras 5kg", "quantity": 1, "unit_price": 74500, "total": 74500});
    let object = json!({"items": [item]});
    let column = |pointer: &str| {
        let standing = standing_of(&object, pointer, &[Ok(page(&rows))]);
        let place = standing.evidence()[0].area;
        ((place.x / LETTER).round(), (place.y / ROW).round())
    };
    assert_eq!(column("/items/0/unit_price"), (4.0, 1.0));
    assert_eq!(column("/items/0/total"), (13.0, 1.0));
}

#[test]
fn a_telephone_number_is_no_total() {
    let rows = ["Tel 203 800", "Order no 203800", "Total   203.800"];
    let found = told("total_due", &json!(203_800), &rows);
    assert_eq!(found[0], "203.800");
}

#[test]
fn what_need_not_be_printed_is_exempt() {
    let object = json!({"a": null, "b": 0, "c": "", "quantity": 1, "d": true, "total": 5});
    let fields = of_fields(&object, &any_schema(), &[Ok(page(&["nothing"]))]);
    let told: Vec<_> = fields.iter().map(|field| field.standing.as_str()).collect();
    let exempt = "exempt";
    assert_eq!(told, [exempt, exempt, exempt, exempt, exempt, "missing"]);
    assert_eq!(
        PrintedShare::of(&fields),
        Some(PrintedShare { found: 0, all: 1 })
    );
}

#[test]
fn a_page_without_text_leaves_values_unknown() {
    let object = json!({"total": 5, "date": "2024-03-05"});
    let pages = [Ok(page(&["Total 5.00"])), Err(Unread::Late)];
    let fields = of_fields(&object, &any_schema(), &pages);
    assert_eq!(fields[0].standing.evidence()[0].text, "5.00");
    assert_eq!(fields[0].confidence(), Some(f64::from(0.9_f32)));
    assert_eq!(fields[1].standing, Standing::Unknown);
    assert_eq!(PrintedShare::of(&fields), None);
    let fields = of_fields(&object, &any_schema(), &[]);
    assert!(
        fields
            .iter()
            .all(|field| field.standing == Standing::Unknown)
    );
    let facts = PageFacts::of(&pages);
    assert_eq!(facts[1].text, Err(Unread::Late));
    assert_eq!(facts[0].text.map(|text| text.reader_lines), Ok(1));
}

/// Two coffees and a bread, the second coffee on a line of its own.
fn receipt() -> Vec<PageReading> {
    vec![Ok(page(&[
        "WARUNG MAKAN",
        "05/03/2024",
        "Kopi   2   8.25   16.50",
        "Roti   1   8.50   8.50",
        "Kopi   1   8.25   8.25",
        "SUBTOTAL   33.25",
        "TAX 6%   2.00",
        "TOTAL   RM 35.25",
    ]))]
}

fn item(name: &str, quantity: f64, price: f64, total: f64) -> Value {
    json!({
        "description": name, "details": [], "quantity": quantity, "unit_price": price,
        "total": total, "currency": "MYR", "category": "FOOD"
    })
}

fn bought() -> Value {
    json!({
        "vendor_name": "Warung Makan", "invoice_number": null, "invoice_date": "2024-03-05",
        "due_date": null,
        "items": [
            item("Kopi", 2.0, 8.25, 16.5), item("Roti", 1.0, 8.5, 8.5),
            item("Kopi", 1.0, 8.25, 8.25)
        ],
        "subtotal": 33.25, "tax_rate_percent": 6, "tax_amount": 2, "discount": 0,
        "total_due": 35.25, "taxes": [], "prepaid": 0, "rounding": 0
    })
}

#[test]
fn the_values_of_an_item_are_on_its_row() {
    let fields = of_fields(&bought(), &invoice_schema(), &receipt());
    let row = |pointer: &str| {
        let field = fields
            .iter()
            .find(|field| field.pointer == pointer)
            .unwrap();
        (field.standing.evidence()[0].area.y / ROW).round()
    };
    for (item, expected) in [(0, 2.0), (1, 3.0), (2, 4.0)] {
        for name in ["description", "quantity", "unit_price", "total"] {
            assert_eq!(
                row(&format!("/items/{item}/{name}")),
                expected,
                "{item} {name}"
            );
        }
    }
    let share = PrintedShare::of(&fields).unwrap();
    assert_eq!(share.found, share.all);
}

#[test]
fn what_follows_from_printed_values_is_derived() {
    let with = |pointer: &str, value: Value, pages: &[PageReading]| {
        let mut object = bought();
        *object.pointer_mut(pointer).unwrap() = value;
        let fields = of_fields(&object, &invoice_schema(), pages);
        let field = fields.into_iter().find(|field| field.pointer == pointer);
        field.unwrap().standing
    };
    let rows = |leave_out: &str| {
        let rows = [
            "Kopi   2      16.50",
            "Roti   8.50   8.50",
            "Kopi   8.25   8.25",
            "SUBTOTAL   33.25",
            "TAX   2.00",
            "TOTAL   35.25",
        ];
        let kept: Vec<_> = rows
            .into_iter()
            .filter(|row| !row.starts_with(leave_out))
            .collect();
        vec![Ok(page(&kept))]
    };
    assert_eq!(
        with("/subtotal", json!(33.25), &rows("SUBTOTAL")),
        Standing::Derived
    );
    assert_eq!(
        with("/tax_amount", json!(2), &rows("TAX")),
        Standing::Derived
    );
    assert_eq!(
        with("/total_due", json!(35.25), &rows("TOTAL")),
        Standing::Derived
    );
    assert_eq!(
        with("/tax_rate_percent", json!(6), &rows("-")),
        Standing::Derived
    );
    assert_eq!(
        with("/total_due", json!(36.25), &rows("TOTAL")),
        Standing::Missing
    );
    assert_eq!(
        with("/tax_rate_percent", json!(7), &rows("-")),
        Standing::Missing
    );
    let price = [Ok(page(&[
        "Kopi   2   16.50",
        "Roti   8.50",
        "TOTAL   35.25",
    ]))];
    assert_eq!(
        with("/items/0/unit_price", json!(8.25), &price),
        Standing::Derived
    );
    assert_eq!(
        with("/items/0/unit_price", json!(8.35), &price),
        Standing::Missing
    );
}

#[test]
fn whatever_is_printed_is_looked_up() {
    const PRINT: &str = "000123456789.,'- /:()%#+RMrpxA€$年月日令和marchéİß¼٣  ";
    let print: Vec<char> = PRINT.chars().collect();
    let mut random = fastrand::Rng::with_seed(7);
    let schema = invoice_schema();
    for _ in 0..300 {
        let rows: Vec<String> = (0..random.usize(..8))
            .map(|_| {
                let length = random.usize(..40);
                (0..length)
                    .map(|_| random.choice(&print).unwrap())
                    .collect()
            })
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let fields = of_fields(&bought(), &schema, &[Ok(page(&rows)), Ok(page(&rows))]);
        assert_eq!(fields.len(), 29, "{rows:?}");
    }
}

#[test]
fn the_items_of_a_long_answer_are_on_their_rows() {
    let texts: Vec<String> = (0..400)
        .map(|row| format!("Barang nomor {row} biru   {row}   {row}.25   {row}7.50"))
        .collect();
    let rows: Vec<&str> = texts.iter().map(String::as_str).collect();
    let items: Vec<_> = (100..300)
        .map(|row| {
            let total = format!("{row}7.5").parse().unwrap();
            item(
                &format!("Barang nomor {row} biru"),
                f64::from(row),
                f64::from(row) + 0.25,
                total,
            )
        })
        .collect();
    let mut object = bought();
    object["items"] = Value::Array(items);
    let pages = [Ok(page(&rows))];
    let fields = of_fields(&object, &invoice_schema(), &pages);
    let row = |pointer: &str| {
        let field = fields
            .iter()
            .find(|field| field.pointer == pointer)
            .unwrap();
        (field.standing.evidence()[0].area.y / ROW).round()
    };
    assert_eq!(
        (row("/items/0/total"), row("/items/199/quantity")),
        (100.0, 299.0)
    );
}
