//! Cross Industry Invoices.

use super::{
    samples::{CII, ZUGFERD_1},
    *,
};

#[test]
fn a_whole_invoice_is_read() {
    let invoice = read_text(CII);
    assert_eq!(invoice.syntax, Syntax::Cii);
    assert_eq!(
        (invoice.kind(), invoice.profile()),
        ("factur-x", Some("en16931"))
    );
    assert_eq!(invoice.currency(), "EUR");
    let mut screws = item("Vis M4 inox", [json!(400), json!(0.125), json!(48)], "EUR");
    screws["details"] = json!(["Par boîte de cent"]);
    let expected = json!({
        "vendor_name": "Quincaillerie Exemple SARL",
        "invoice_number": "F-2026-7",
        "invoice_date": "2026-02-28",
        "due_date": "2026-03-30",
        "items": [
            screws,
            item("Livre", [json!(2), json!(26), json!(52)], "EUR"),
            item("Port", [json!(1), json!(5), json!(5)], "EUR"),
        ],
        "subtotal": 105,
        "tax_rate_percent": 20,
        "tax_amount": 13.19,
        "discount": 5,
        "total_due": 100,
        "taxes": [
            {"rate_percent": 20, "base": 53, "amount": 10.6},
            {"rate_percent": 5.5, "base": 47, "amount": 2.59},
        ],
        "prepaid": 13.2,
        "rounding": 0.01,
    });
    assert_eq!(invoice.to_json(), expected);
    assert_eq!(
        rules(&invoice),
        [
            "BR-CO-10", "BR-CO-11", "BR-CO-12", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16",
            "BR-CO-17"
        ]
    );
    assert_eq!(broken_sums(&invoice), [""; 0]);
}

#[test]
fn sources_name_term_path_and_text() {
    let stated = read_text(CII).stated();
    let sources = |pointer: &str| {
        let value = stated
            .iter()
            .find(|value| value.pointer == pointer)
            .unwrap();
        let sources = value.sources.iter();
        sources
            .map(|it| (it.term, it.path.as_str(), it.text.as_str()))
            .collect::<Vec<_>>()
    };
    let totals = "/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeSettlementHeaderMonetarySummation";
    assert_eq!(
        sources("/total_due"),
        [(
            "BT-115",
            format!("{totals}/ram:DuePayableAmount").as_str(),
            "100.00"
        )]
    );
    let terms: Vec<_> = sources("/subtotal").iter().map(|source| source.0).collect();
    assert_eq!(terms, ["BT-106", "BT-108"]);
    let price = sources("/items/0/unit_price");
    assert_eq!((price[0].0, price[0].2), ("BT-146", "12.50"));
    assert_eq!((price[1].0, price[1].2), ("BT-149", "100"));
    assert!(
        price[0]
            .1
            .contains("/ram:IncludedSupplyChainTradeLineItem[1]/")
    );
    assert_eq!(sources("/items/0/description")[0].2, "Vis M4 inox");
}

#[test]
fn the_first_zugferd_is_read() {
    let invoice = read_text(ZUGFERD_1);
    assert_eq!(
        (invoice.kind(), invoice.profile()),
        ("zugferd", Some("comfort"))
    );
    assert_has(
        &invoice,
        &json!({
            "vendor_name": "Muster GmbH",
            "invoice_number": "R 12",
            "invoice_date": "2015-03-01",
            "due_date": null,
            "items": [
                item("Beratung", [json!(2), json!(50), json!(100)], "EUR"),
                item("Versand", [json!(1), json!(9), json!(9)], "EUR"),
            ],
            "subtotal": 109,
            "tax_amount": 20.71,
            "discount": 0,
            "total_due": 129.71,
        }),
    );
    assert_eq!(broken_sums(&invoice), [""; 0]);
}

#[test]
fn a_credit_note_takes_back() {
    let invoice = read_text(&with(CII, "<TypeCode>380<", "<TypeCode>381<"));
    assert_has(
        &invoice,
        &json!({
            "subtotal": -105,
            "tax_rate_percent": 20,
            "tax_amount": -13.19,
            "discount": -5,
            "total_due": -100,
            "prepaid": -13.2,
            "rounding": -0.01,
        }),
    );
    let json = invoice.to_json();
    assert_eq!(
        json["items"][2],
        item("Port", [json!(-1), json!(5), json!(-5)], "EUR")
    );
    assert_eq!(json["items"][0]["quantity"], -400);
    assert_eq!(json["items"][0]["unit_price"], 0.125);
    assert_eq!(
        json["taxes"][0],
        json!({"rate_percent": 20, "base": -53, "amount": -10.6})
    );
    assert_eq!(broken_sums(&invoice), [""; 0]);
}

#[test]
fn profiles_without_lines_have_no_items() {
    let lines =
        CII.find("<IncludedSupply").unwrap()..CII.find("<ApplicableHeaderTradeAgreement").unwrap();
    let mut bare = CII.to_owned();
    bare.replace_range(lines, "");
    let basic_wl = with(
        &bare,
        "urn:cen.eu:en16931:2017",
        "urn:factur-x.eu:1p0:basicwl",
    );
    let invoice = read_text(&basic_wl);
    assert_eq!(invoice.profile(), Some("basic-wl"));
    assert_has(
        &invoice,
        &json!({"items": [], "subtotal": 105, "discount": 5, "total_due": 100}),
    );
    assert!(refused(&bare).contains("lacks /rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"));

    let minimum = with(
        &bare,
        "urn:cen.eu:en16931:2017",
        "urn:factur-x.eu:1p0:minimum",
    );
    let minimum = with(
        &minimum,
        "<LineTotalAmount>100.00</LineTotalAmount><ChargeTotalAmount>5.00</ChargeTotalAmount><AllowanceTotalAmount>5.00</AllowanceTotalAmount>",
        "",
    );
    let invoice = read_text(&minimum);
    assert_eq!(invoice.profile(), Some("minimum"));
    assert_has(
        &invoice,
        &json!({"items": [], "subtotal": null, "tax_amount": 13.19}),
    );
    assert_eq!(rules(&invoice), ["BR-CO-14", "BR-CO-15", "BR-CO-17"]);
}

#[test]
fn lines_that_group_or_inform_are_left_out() {
    for reason in ["GROUP", "INFORMATION"] {
        let status =
            format!("<LineID>2</LineID><LineStatusReasonCode>{reason}</LineStatusReasonCode>");
        let invoice = read_text(&with(CII, "<LineID>2</LineID>", &status));
        assert_eq!(
            invoice.to_json()["items"].as_array().unwrap().len(),
            2,
            "{reason}"
        );
        assert_eq!(broken_sums(&invoice), ["BR-CO-10"]);
    }
}

#[test]
fn broken_sums_are_told() {
    for (part, other, expected) in [
        (
            "<LineTotalAmount>52.00<",
            "<LineTotalAmount>52.01<",
            &["BR-CO-10"][..],
        ),
        (
            "<ChargeTotalAmount>5.00<",
            "<ChargeTotalAmount>6.00<",
            &["BR-CO-12", "BR-CO-13"],
        ),
        (
            "<AllowanceTotalAmount>5.00<",
            "<AllowanceTotalAmount>4.00<",
            &["BR-CO-11", "BR-CO-13"],
        ),
        (
            "<TaxBasisTotalAmount>100.00<",
            "<TaxBasisTotalAmount>99.00<",
            &["BR-CO-13", "BR-CO-15"],
        ),
        (
            "\"EUR\">13.19<",
            "\"EUR\">13.20<",
            &["BR-CO-14", "BR-CO-15"],
        ),
        (
            "<DuePayableAmount>100.00<",
            "<DuePayableAmount>1000.00<",
            &["BR-CO-16"],
        ),
        ("<BasisAmount>53.00<", "<BasisAmount>63.00<", &["BR-CO-17"]),
        ("<BasisAmount>53.00<", "<BasisAmount>57.00<", &[]),
    ] {
        let invoice = read_text(&with(CII, part, other));
        assert_eq!(broken_sums(&invoice), expected, "{other}");
    }
    let invoice = read_text(&with(
        CII,
        "<LineTotalAmount>52.00<",
        "<LineTotalAmount>72.00<",
    ));
    let sum = &invoice.sums()[0];
    assert_eq!(
        sum.message,
        "the lines add up to 120.00, BT-106 states 100.00"
    );
    assert_eq!(sum.pointers, ["/items", "/subtotal"]);
}

#[test]
fn several_due_dates_are_none() {
    let terms = "<SpecifiedTradePaymentTerms><DueDateDateTime><u:DateTimeString format=\"102\">20260415</u:DateTimeString></DueDateDateTime></SpecifiedTradePaymentTerms><SpecifiedTradePaymentTerms>";
    let invoice = read_text(&with(CII, "<SpecifiedTradePaymentTerms>", terms));
    assert_has(&invoice, &json!({"due_date": null}));
}

#[test]
fn prices_that_cannot_be_told_exactly_are_null() {
    for (part, other, expected) in [
        (">100</BasisQuantity>", ">3</BasisQuantity>", Value::Null),
        (">100</BasisQuantity>", ">0</BasisQuantity>", Value::Null),
        (">100</BasisQuantity>", "></BasisQuantity>", json!(12.5)),
        ("unitCode=\"H87\"", "unitCode=\"KGM\"", Value::Null),
        ("12.50<", "12.500000001<", Value::Null),
        ("12.50<", "0.00000100<", json!(1e-8)),
    ] {
        let json = read_text(&with(CII, part, other)).to_json();
        assert_eq!(json["items"][0]["unit_price"], expected, "{other}");
    }
}
