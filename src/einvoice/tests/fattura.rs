//! `FatturaPA`.

use super::{
    samples::{FATTURA, SIMPLIFIED},
    *,
};

#[test]
fn a_whole_invoice_is_read() {
    let invoice = read_text(FATTURA);
    assert_eq!(
        (invoice.kind(), invoice.profile()),
        ("fatturapa", Some("fpr12"))
    );
    let expected = json!({
        "vendor_name": "Ada Esempio",
        "invoice_number": "7/A",
        "invoice_date": "2026-04-01",
        "due_date": "2026-05-01",
        "items": [
            item("Consulenza", [json!(8), json!(125), json!(1000)], "EUR"),
            item("Cassa previdenziale TC22", [json!(1), Value::Null, json!(40)], "EUR"),
        ],
        "subtotal": 1040,
        "tax_rate_percent": 22,
        "tax_amount": 228.8,
        "discount": 0,
        "total_due": 1068.8,
        "taxes": [{"rate_percent": 22, "base": 1040, "amount": 228.8}],
        "prepaid": 200,
        "rounding": 0,
    });
    assert_eq!(invoice.to_json(), expected);
    assert_eq!(
        rules(&invoice),
        ["BR-CO-10", "BR-CO-15", "BR-CO-16", "BR-CO-17"]
    );
    assert_eq!(broken_sums(&invoice), [""; 0]);
}

#[test]
fn a_credit_note_takes_back() {
    let credit = with(FATTURA, "TD06", "TD04");
    let expected = json!({"total_due": -1068.8, "subtotal": -1040, "prepaid": -200});
    assert_has(&read_text(&credit), &expected);
    let negative = with(&credit, "<ImportoPagamento>", "<ImportoPagamento>-");
    assert_has(&read_text(&negative), &expected);
}

#[test]
fn discounts_charges_and_stamps_of_the_document_count() {
    let general = "<ScontoMaggiorazione><Tipo>SC</Tipo><Importo>10.00</Importo></ScontoMaggiorazione><ScontoMaggiorazione><Tipo>MG</Tipo><Importo>4.00</Importo></ScontoMaggiorazione><ImportoTotaleDocumento>";
    let xml = with(FATTURA, "<ImportoTotaleDocumento>", general);
    let xml = with(&with(&xml, "1268.80", "1262.80"), "1068.80", "1062.80");
    let invoice = read_text(&xml);
    assert_has(
        &invoice,
        &json!({"discount": 10, "subtotal": 1044, "total_due": 1062.8}),
    );
    assert_eq!(
        invoice.to_json()["items"][2],
        item("Maggiorazione", [json!(1), json!(4), json!(4)], "EUR")
    );
    assert_eq!(broken_sums(&invoice), [""; 0]);

    let stamp = "<DatiBollo><BolloVirtuale>SI</BolloVirtuale><ImportoBollo>2.00</ImportoBollo></DatiBollo><ImportoTotaleDocumento>";
    let xml = with(FATTURA, "<ImportoTotaleDocumento>", stamp);
    assert_has(&read_text(&xml), &json!({"subtotal": 1040}));
    let charged = with(&with(&xml, "1268.80", "1270.80"), "1068.80", "1070.80");
    let invoice = read_text(&charged);
    assert_has(&invoice, &json!({"subtotal": 1042, "total_due": 1070.8}));
    assert_eq!(
        invoice.to_json()["items"][2]["description"],
        "Imposta di bollo"
    );
    assert_eq!(broken_sums(&invoice), [""; 0]);

    let percent = "<ScontoMaggiorazione><Tipo>SC</Tipo><Percentuale>10.00</Percentuale></ScontoMaggiorazione><ImportoTotaleDocumento>";
    let error = refused(&with(FATTURA, "<ImportoTotaleDocumento>", percent));
    assert!(error.contains("ScontoMaggiorazione/Importo"), "{error}");
}

#[test]
fn payments_make_what_is_due() {
    let payment = |amount: &str| {
        format!(
            "<DettaglioPagamento><ImportoPagamento>{amount}</ImportoPagamento></DettaglioPagamento>"
        )
    };
    let whole =
        FATTURA.find("<DettaglioPagamento>").unwrap()..FATTURA.find("</DatiPagamento>").unwrap();
    for (amounts, expected) in [
        (&["500.00", "568.80"][..], json!(1068.8)),
        (&["1068.80", "1068.80"], json!(1068.8)),
        (&["1068.80", "1268.80"], json!(1068.8)),
        (&["1000.00", "1000.00"], json!(1068.8)),
        (&["600.00"], json!(600)),
        (&[], json!(1068.8)),
    ] {
        let mut xml = FATTURA.to_owned();
        xml.replace_range(
            whole.clone(),
            &amounts.iter().map(|it| payment(it)).collect::<String>(),
        );
        assert_has(&read_text(&xml), &json!({"total_due": expected}));
    }
}

#[test]
fn tax_that_an_office_pays_itself_is_kept() {
    let xml = with(FATTURA, "<EsigibilitaIVA>I<", "<EsigibilitaIVA>S<");
    let invoice = read_text(&with(&xml, ">1068.80<", ">840.00<"));
    assert_has(
        &invoice,
        &json!({"prepaid": 428.8, "total_due": 840, "tax_amount": 228.8}),
    );
    assert_eq!(broken_sums(&invoice), [""; 0]);
}

#[test]
fn lines_may_differ_from_their_sum_by_rounding() {
    for (total, expected) in [("1000.49", &[][..]), ("1001.00", &["BR-CO-10"])] {
        let invoice = read_text(&with(
            FATTURA,
            "<PrezzoTotale>1000.00<",
            &format!("<PrezzoTotale>{total}<"),
        ));
        assert_eq!(broken_sums(&invoice), expected, "{total}");
    }
}

#[test]
fn the_simplified_invoice_is_read() {
    let invoice = read_text(SIMPLIFIED);
    assert_eq!(
        (invoice.kind(), invoice.profile()),
        ("fatturapa", Some("fsm10"))
    );
    let expected = json!({
        "vendor_name": "Bar Esempio",
        "invoice_number": "9",
        "invoice_date": "2026-04-02",
        "due_date": null,
        "items": [
            item("Pranzo", [json!(1), Value::Null, json!(22)], "EUR"),
            item("Caffè", [json!(1), Value::Null, json!(1.1)], "EUR"),
        ],
        "subtotal": null,
        "tax_rate_percent": 10,
        "tax_amount": 2.1,
        "discount": 0,
        "total_due": 23.1,
        "taxes": [],
        "prepaid": 0,
        "rounding": 0,
    });
    assert_eq!(invoice.to_json(), expected);
    assert_has(
        &read_text(&with(SIMPLIFIED, "TD07", "TD08")),
        &json!({"total_due": -23.1}),
    );
}
