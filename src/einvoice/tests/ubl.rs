//! UBL invoices and credit notes.

use super::{
    samples::{CREDIT_NOTE, UBL},
    *,
};

#[test]
fn a_whole_invoice_is_read() {
    let invoice = read_text(UBL);
    assert_eq!(
        (invoice.kind(), invoice.profile()),
        ("peppol", Some("peppol-bis-3"))
    );
    let expected = json!({
        "vendor_name": "Exempelbutiken",
        "invoice_number": "S-100",
        "invoice_date": "2026-01-31",
        "due_date": "2026-03-02",
        "items": [
            item("Ärter", [json!(-2.5), json!(40), json!(-100)], "SEK"),
            item("Stol & bord", [json!(3), Value::Null, json!(1100)], "SEK"),
            item("Pant", [json!(1), json!(60.5), json!(60.5)], "SEK"),
            item("FC", [json!(1), json!(40), json!(40)], "SEK"),
        ],
        "subtotal": 1100.5,
        "tax_rate_percent": 25,
        "tax_amount": 260,
        "discount": 0,
        "total_due": 1361,
        "taxes": [
            {"rate_percent": 25, "base": 1040, "amount": 260},
            {"rate_percent": 0, "base": 60.5, "amount": 0},
        ],
        "prepaid": 0,
        "rounding": 0.5,
    });
    assert_eq!(invoice.to_json(), expected);
    assert_eq!(broken_sums(&invoice), [""; 0]);
}

#[test]
fn a_credit_note_takes_back() {
    let invoice = read_text(CREDIT_NOTE);
    assert_eq!((invoice.kind(), invoice.profile()), ("ubl", None));
    let expected = json!({
        "vendor_name": "例示株式会社",
        "invoice_number": "G1",
        "invoice_date": "2026-05-04",
        "due_date": "2026-06-04",
        "items": [item("りんご", [json!(-4), json!(2.5), json!(-10)], "EUR")],
        "subtotal": -10,
        "tax_rate_percent": 20,
        "tax_amount": -1.8,
        "discount": -1,
        "total_due": -10.8,
        "taxes": [{"rate_percent": 20, "base": -9, "amount": -1.8}],
        "prepaid": 0,
        "rounding": 0,
    });
    assert_eq!(invoice.to_json(), expected);
    assert_eq!(broken_sums(&invoice), [""; 0]);
}

#[test]
fn negative_invoices_stay_as_they_are() {
    let negative = with(
        UBL,
        "<b:PayableAmount currencyID=\"SEK\">1361.00<",
        "<b:PayableAmount currencyID=\"SEK\">-1361.00<",
    );
    assert_has(
        &read_text(&negative),
        &json!({"total_due": -1361, "subtotal": 1100.5}),
    );
    let credited = with(&negative, ">380<", ">381<");
    assert_has(
        &read_text(&credited),
        &json!({"total_due": 1361, "subtotal": -1100.5}),
    );
}

#[test]
fn documents_of_my_invois_are_known_by_their_codes() {
    let id = "<b:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</b:CustomizationID>";
    let bare = with(UBL, id, "");
    for (code, total) in [
        ("01", 1361),
        ("02", -1361),
        ("03", 1361),
        ("04", -1361),
        ("12", -1361),
        ("14", -1361),
    ] {
        let code = format!("<b:InvoiceTypeCode listVersionID=\"1.1\">{code}<");
        let invoice = read_text(&with(&bare, "<b:InvoiceTypeCode>380<", &code));
        assert_eq!(
            (invoice.kind(), invoice.profile()),
            ("myinvois", Some("myinvois-1.1"))
        );
        assert_has(&invoice, &json!({"total_due": total}));
    }
}

#[test]
fn rates_may_stand_with_the_lines_alone() {
    let bare = with(
        UBL,
        "<b:ID>S</b:ID><b:Percent>25</b:Percent>",
        "<b:ID>S</b:ID>",
    );
    let invoice = read_text(&bare);
    // A breakdown without a rate is none.
    assert_has(
        &invoice,
        &json!({"tax_rate_percent": 25, "taxes": [], "tax_amount": 260}),
    );
    let outside = "<b:Percent>25</b:Percent><a:TaxCategory><b:ID>S</b:ID>";
    let invoice = read_text(&with(&bare, "<a:TaxCategory><b:ID>S</b:ID>", outside));
    assert_eq!(invoice.to_json()["taxes"][0]["rate_percent"], 25);
}

#[test]
fn the_tax_may_be_repeated() {
    let again = |amount: &str| {
        let total = format!(
            "<a:TaxTotal><b:TaxAmount currencyID=\"SEK\">{amount}</b:TaxAmount></a:TaxTotal><a:TaxTotal>"
        );
        with(UBL, "<a:TaxTotal>", &total)
    };
    assert_eq!(
        read_text(&again("260.0")).to_json(),
        read_text(UBL).to_json()
    );
    let error = refused(&again("261.00"));
    assert_eq!(
        error,
        "/Invoice/cac:TaxTotal[1]/cbc:TaxAmount (line 16) occurs twice"
    );
}

#[test]
fn a_price_needs_its_quantity() {
    let bare = |quantity: &str| with(UBL, quantity, "");
    let json = read_text(&bare(
        "<b:InvoicedQuantity unitCode=\"KGM\">-2.5</b:InvoicedQuantity>",
    ))
    .to_json();
    assert_eq!(
        json["items"][0],
        item("Ärter", [json!(1), Value::Null, json!(-100)], "SEK")
    );
    let invoice = read_text(&with(
        UBL,
        "<b:ID>3</b:ID><b:InvoicedQuantity unitCode=\"C62\">1</b:InvoicedQuantity>",
        "",
    ));
    assert_eq!(invoice.to_json(), read_text(UBL).to_json());
    let stated = invoice.stated();
    assert!(
        !stated
            .iter()
            .any(|value| value.pointer == "/items/2/quantity")
    );
}

#[test]
fn claims_of_third_parties_are_items() {
    let extension = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0";
    let xml = with(
        UBL,
        "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        extension,
    );
    let claim = "<a:PrepaidPayment><b:ID>A</b:ID><b:PaidAmount currencyID=\"SEK\">9.00</b:PaidAmount><b:InstructionID>Frakt</b:InstructionID></a:PrepaidPayment><a:TaxTotal>";
    let xml = with(&xml, "<a:TaxTotal>", claim);
    let invoice = read_text(&with(&xml, ">1361.00<", ">1370.00<"));
    assert_eq!(invoice.profile(), Some("xrechnung-3.0-extension"));
    assert_has(&invoice, &json!({"subtotal": 1109.5, "total_due": 1370}));
    assert_eq!(invoice.to_json()["items"][4]["description"], "Frakt");
    assert_eq!(broken_sums(&invoice), [""; 0]);
}
