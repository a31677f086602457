use serde_json::json;

use super::*;

fn invoice() -> Value {
    json!({
        "vendor_name": "Toko", "invoice_number": null, "invoice_date": "2024-01-15",
        "due_date": null, "subtotal": 30.0, "tax_rate_percent": 10, "tax_amount": 3,
        "discount": 1, "total_due": 32, "taxes": [], "prepaid": 0, "rounding": 0,
        "items": [
            {"description": "A", "details": [], "quantity": 1, "unit_price": 10, "total": 10,
             "currency": "IDR", "category": "FOOD"},
            {"description": "B", "details": ["x"], "quantity": 2, "unit_price": 10, "total": 20.0,
             "currency": "IDR", "category": "FOOD"}
        ]
    })
}

fn percents(readings: &[(Value, Value)]) -> IndexMap<String, (f64, usize)> {
    let mut tally = Tally::new();
    for (read, truth) in readings {
        tally.score(read, truth, Duration::ZERO);
    }
    let measures = tally.measures();
    measures
        .map(|(name, mean)| (name.to_owned(), (mean.percent().unwrap(), mean.count())))
        .collect()
}

#[test]
fn an_invoice_agrees_with_itself() {
    let percents = percents(&[(invoice(), invoice())]);
    assert!(
        percents.values().all(|(percent, _)| *percent == 100.0),
        "{percents:?}"
    );
    assert_eq!(percents.len(), 23);
    assert_eq!(percents["item quantity"].1, 2);
}

#[test]
fn amounts_agree_to_the_cent_and_currencies_are_not_compared() {
    let mut read = invoice();
    read["total_due"] = json!(32.01);
    read["items"][0]["currency"] = json!("USD");
    let near = percents(&[(read.clone(), invoice())]);
    assert_eq!(near["total_due"].0, 100.0);
    assert_eq!(near["items"].0, 100.0);
    read["total_due"] = json!(32.02);
    let far = percents(&[(read.clone(), invoice()), (invoice(), invoice())]);
    assert_eq!(far["total_due"], (50.0, 2));
    assert_eq!(far["whole invoice"].0, 50.0);
    assert_eq!(far["adds up"].0, 50.0);
}

#[test]
fn fields_missing_from_the_truth_are_not_counted() {
    let truth = json!({"vendor_name": "TOKA", "total_due": null});
    let percents = percents(&[(invoice(), truth)]);
    assert_eq!(
        percents,
        IndexMap::from([
            ("vendor_name".to_owned(), (0.0, 1)),
            ("total_due".to_owned(), (0.0, 1)),
            ("vendor similarity".to_owned(), (75.0, 1)),
            ("adds up".to_owned(), (100.0, 1)),
        ])
    );
}

#[test]
fn often_empty_fields_may_be_left_out_of_a_complete_truth() {
    let mut truth = invoice();
    for name in OFTEN_EMPTY {
        truth.as_object_mut().unwrap().remove(name);
    }
    let right = percents(&[(invoice(), truth.clone())]);
    assert_eq!((right["prepaid"], right["taxes"]), ((100.0, 1), (100.0, 1)));
    assert_eq!(right["whole invoice"].0, 100.0);
    let mut read = invoice();
    read["prepaid"] = json!(5);
    let wrong = percents(&[(read.clone(), truth)]);
    assert_eq!((wrong["prepaid"].0, wrong["whole invoice"].0), (0.0, 0.0));
    assert_eq!(wrong["adds up"].0, 0.0);
    read["total_due"] = json!(27.5);
    read["rounding"] = json!(0.5);
    read["taxes"] = json!([{"rate_percent": 10, "base": 30, "amount": 3}]);
    let mut truth = read.clone();
    assert_eq!(
        percents(&[(read.clone(), truth.clone())])["adds up"].0,
        100.0
    );
    truth["taxes"][0]["base"] = json!(31);
    assert_eq!(percents(&[(read, truth)])["taxes"].0, 0.0);
}

#[test]
fn items_are_compared_only_if_their_number_is_right() {
    let mut read = invoice();
    read["items"].as_array_mut().unwrap().pop();
    let fewer = percents(&[(read, invoice())]);
    assert_eq!(fewer["number of items"].0, 0.0);
    assert_eq!(fewer["items"].0, 0.0);
    assert!(!fewer.contains_key("item total"));
    let mut read = invoice();
    read["items"][1]["total"] = json!(21);
    let other = percents(&[(read, invoice())]);
    assert_eq!(other["item total"], (50.0, 2));
    assert_eq!(other["adds up"].0, 0.0);
}

#[test]
fn nothing_adds_up_without_items_or_amounts() {
    let mut read = invoice();
    read["items"] = json!([]);
    assert_eq!(adds_up(&read), None);
    let mut read = invoice();
    read["subtotal"] = Value::Null;
    assert_eq!(adds_up(&read), None);
}

#[test]
fn the_median_of_an_even_number_is_the_middle_of_two() {
    let mut tally = Tally::new();
    assert_eq!(tally.median_seconds(), None);
    for seconds in [4, 1, 2, 9] {
        tally.score(&invoice(), &invoice(), Duration::from_secs(seconds));
    }
    tally.fail();
    assert_eq!(tally.median_seconds(), Some(3.0));
    tally.score(&invoice(), &invoice(), Duration::from_secs(9));
    assert_eq!(tally.median_seconds(), Some(4.0));
    assert_eq!((tally.receipts(), tally.failed()), (6, 1));
}
