//! The forms in which values are printed.

use serde_json::json;

use super::told;

#[test]
fn amounts_are_found_in_every_form() {
    for (value, rows, expected) in [
        (json!(1234.5), vec!["1.234,50", "12,50"], "1.234,50"),
        (json!(1234.5), vec!["1,234.50"], "1,234.50"),
        (json!(12500), vec!["12'500.00"], "12'500.00"),
        (json!(12500), vec!["CHF 12’500.–"], "12’500.–"),
        (json!(203_800), vec!["Total Rp 203.800"], "203.800"),
        (json!(203_800), vec!["Rp.203.800"], "Rp.203.800"),
        (json!(1234.5), vec!["Total 1 234,50"], "1 234,50"),
        (json!(-12), vec!["(12.00)"], "(12.00)"),
        (json!(-12), vec!["12.00-"], "12.00-"),
        (json!(-12), vec!["-12,00"], "-12,00"),
        (json!(-12.5), vec!["-RM12.50"], "-RM12.50"),
        (json!(12.5), vec!["RM12.50"], "RM12.50"),
        (json!(12.5), vec!["12,50€"], "12,50€"),
        (json!(12.5), vec!["$12.50"], "$12.50"),
        (json!(0.5), vec!["RM .50"], ".50"),
        (json!(123_456), vec!["Rs. 1,23,456.00"], "1,23,456.00"),
        (json!(12.5), vec!["RM 12 .50"], "12 .50"),
        (json!(12.5), vec!["12 . 50"], "12 . 50"),
        (json!(1234), vec!["1.234", "12,50"], "1.234"),
        (json!(1.234), vec!["1.234", "12.50"], "1.234"),
        (json!(1234), vec!["Total 1.234"], "1.234"),
        (json!(1.234), vec!["Total 1.234"], "1.234"),
        (json!(1234), vec!["1.234", "12.50"], "missing"),
        (json!(198.8), vec!["TOTAL 1198.80"], "missing"),
        (json!(98.8), vec!["TOTAL 198.80"], "missing"),
        (json!(2024), vec!["05/03/2024"], "missing"),
        (json!(30), vec!["13:30:05"], "missing"),
        (json!(1_167_104), vec!["TD01167104"], "missing"),
        (json!(7877), vec!["Tel: 03-7877"], "missing"),
        (json!(12_345_678), vec!["Tel: 012 12345678"], "missing"),
        (json!(12.5), vec!["TOTAL:12.50"], "TOTAL:12.50"),
        (json!(12.5), vec!["5 x12.50"], "x12.50"),
    ] {
        let found = told("total", &value, &rows);
        assert_eq!(found[0], expected, "{value} in {rows:?}");
    }
}

#[test]
fn a_rate_is_found_with_its_sign() {
    for (rows, expected) in [
        (vec!["PPN 11 %   1.100"], "11"),
        (vec!["PPN 11%   1.100"], "11%"),
        (vec!["11   Kopi", "Tax 11%"], "11%"),
        (vec!["USt 11,00 %"], "11,00"),
    ] {
        let found = told("tax_rate_percent", &json!(11), &rows);
        assert_eq!(found[0], expected, "{rows:?}");
    }
}

#[test]
fn dates_are_found_in_every_form() {
    for text in [
        "2024-03-05",
        "05/03/2024",
        "03/05/2024",
        "5.3.24",
        "05-MAR-24",
        "5 March 2024",
        "March 5, 2024",
        "Mar 5th, 2024",
        "5 maart 2024",
        "5. März 2024",
        "5 Mac 2024",
        "5 Maret 2024",
        "5 mars 2024",
        "5 marzo 2024",
        "5 de março de 2024",
        "5 marca 2024",
        "5. března 2024",
        "5 Mart 2024",
        "05/03/2567",
        "05/03/67",
        "2024年3月5日",
        "令和6年3月5日",
        "ngày 5 tháng 3 năm 2024",
        "20240305",
        "05 / 03 / 2024",
        "05/03/2024 13:45",
        "05/03/202413:45",
        "05/03/24T13:45",
        "2024-03-05T13:45:00",
        "Date:05/03/2024",
        "05MAR2024",
        "05.03.2024.",
        "20240305134500",
        "05.032024",
        "0503/2024 13:45",
        "13:455 MARCH 2024",
        "13:45 5 MARCH 2024",
        "13:45 Mar 5, 2024",
    ] {
        let found = told("date", &json!("2024-03-05"), &[text]);
        assert_ne!(found[0], "missing", "{text}");
    }
    for text in [
        "2024-05-13",
        "05/03/2023",
        "1.05.03.2024",
        "1.05.032024",
        "0503/2999",
        "20:05 Mar 24, 2013",
        "13:45 MARCH 2024",
        "5 total 2024",
        "5/3",
    ] {
        let found = told("date", &json!("2024-03-05"), &[text]);
        assert_eq!(found[0], "missing", "{text}");
    }
}

#[test]
fn a_date_may_go_over_two_lines() {
    let told = |rows: &[&str]| told("date", &json!("2017-11-23"), rows)[0].clone();
    assert_eq!(
        told(&["Date/Time : 23 November", "2017 - 09:42:12 PM"]),
        "23 November 2017"
    );
    for rows in [["23 November", "17.20"], ["11-23-", "2017"]] {
        assert_eq!(told(&rows), "missing", "{rows:?}");
    }
}

#[test]
fn texts_are_found_by_distance() {
    for (value, rows, expected) in [
        ("Warung Makan", vec!["WARUNG MAKAN"], "WARUNG MAKAN"),
        ("VARUNG MAKAN", vec!["** WARUNG MAKAN **"], "WARUNG MAKAN"),
        ("Café Zürich", vec!["CAFE ZURICH AG"], "CAFE ZURICH"),
        (
            "Nasi Goreng Special",
            vec!["2 Nasi Goreng", "Special   20.000"],
            "Nasi Goreng Special",
        ),
        (
            "Nasi Goreng Special",
            vec!["Nasi Goreng   9.00", "Special"],
            "Nasi Goreng Special",
        ),
        ("Kopi", vec!["KOPI   2.00"], "KOPI"),
        ("Kopi", vec!["KOPITIAM   2.00"], "missing"),
        ("Kopi", vec!["KOPA   2.00"], "missing"),
        ("KG", vec!["2 kg"], "kg"),
        ("KG", vec!["2kg"], "2kg"),
        ("KG", vec!["KGS"], "missing"),
        ("Item 1", vec!["Item 2"], "missing"),
        ("Toko Baru", vec!["Warung Lama"], "missing"),
        ("%", vec!["5 %"], "%"),
        ("McDonald's", vec!["MCDONALDS (1234)"], "MCDONALDS"),
        ("Kopi", vec!["NO:KOPI"], "NO:KOPI"),
    ] {
        let found = told("name", &json!(value), &rows);
        assert_eq!(found[0], expected, "{value} in {rows:?}");
    }
}

#[test]
fn identifiers_are_the_same_but_for_blanks_and_look_alikes() {
    for (value, rows, expected) in [
        ("TD01167104", vec!["DOC NO : TD 01167104"], "TD 01167104"),
        ("TD01167104", vec!["NO:TD01167104"], "NO:TD01167104"),
        ("TD01167104", vec!["TDO1167104", "TD01167104"], "TD01167104"),
        ("TD01167104", vec!["TDO1167104"], "TDO1167104"),
        ("TD01167104", vec!["TD01167105"], "missing"),
        ("1198", vec!["119880"], "missing"),
        ("INV-001", vec!["INV001"], "INV001"),
    ] {
        let found = told("invoice_number", &json!(value), &rows);
        assert_eq!(found[0], expected, "{value} in {rows:?}");
    }
}

#[test]
fn a_currency_is_found_by_its_signs() {
    for (code, text, expected) in [
        ("IDR", "Rp 203.800", "Rp"),
        ("IDR", "Rp203.800", "Rp203.800"),
        ("MYR", "TOTAL (RM)", "(RM)"),
        ("EUR", "12,50 €", "€"),
        ("EUR", "12,50EUR", "12,50EUR"),
        ("USD", "$12.50", "$12.50"),
        ("SGD", "S$ 12.50", "S$"),
        ("PLN", "12,50 zł", "zł"),
        ("CZK", "99 Kč", "Kč"),
        ("IDR", "RM 12.50", "missing"),
        ("IDR", "12.50", "exempt"),
    ] {
        let found = told("currency", &json!(code), &[text]);
        assert_eq!(found[0], expected, "{code} in {text}");
    }
}
