//! Files that are refused, each with what is wrong and where.

use super::{
    samples::{CII, CREDIT_NOTE, FATTURA, UBL},
    *,
};

#[test]
fn what_is_no_invoice_is_named() {
    for (xml, expected) in [
        ("", "not well-formed"),
        ("<a>", "not well-formed"),
        ("<a>&b;</a>", "not well-formed"),
        ("<!DOCTYPE a><a/>", "document type declaration"),
        (
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            "document type declaration",
        ),
        (
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "svg of the namespace \"http://www.w3.org/2000/svg\"",
        ),
        ("<Invoice/>", "Invoice of the namespace \"\""),
        (
            "<Order xmlns='urn:oasis:names:specification:ubl:schema:xsd:Order-2'/>",
            "a UBL Order, which is no invoice",
        ),
        (
            "<a:ApplicationResponse xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2'/>",
            "a UBL ApplicationResponse, which is no invoice",
        ),
        (
            "<SCRDMCCBDACIOMessageStructure xmlns='urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100'/>",
            "a UN/CEFACT SCRDMCCBDACIOMessageStructure, which is no invoice",
        ),
        (
            "<n:RicevutaConsegna xmlns:n='http://www.fatturapa.gov.it/sdi/messaggi/v1.0'/>",
            "a FatturaPA RicevutaConsegna, which is no invoice",
        ),
        (
            "<n:FatturaElettronica xmlns:n='http://www.fatturapa.gov.it/sdi/fatturapa/v1.1'/>",
            "a FatturaPA FatturaElettronica of a version that is not read",
        ),
        (
            "<Invoice xmlns='urn:un:unece:uncefact:data:standard:CBFBUY:5'/>",
            "a UN/CEFACT Invoice of a version that is not read",
        ),
        (
            "<StandardBusinessDocument xmlns='http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader'/>",
            "an envelope StandardBusinessDocument, which is no invoice",
        ),
    ] {
        let error = refused(xml);
        assert!(error.contains(expected), "{xml}: {error}");
    }
}

#[test]
fn elements_are_named_with_their_line() {
    let issued = " <b:IssueDate>2026-01-31</b:IssueDate>\n";
    for (xml, expected) in [
        (
            with(UBL, issued, ""),
            "the XML lacks /Invoice/cbc:IssueDate (line 1), or it is empty",
        ),
        (
            with(UBL, "2026-01-31", " "),
            "the XML lacks /Invoice/cbc:IssueDate (line 1), or it is empty",
        ),
        (
            with(UBL, "2026-01-31", "31.01.2026"),
            "/Invoice/cbc:IssueDate (line 6) is not a date",
        ),
        (
            with(UBL, "2026-01-31", "2026-02-29"),
            "/Invoice/cbc:IssueDate (line 6) is not a date",
        ),
        (
            with(UBL, "2026-01-31", "2026-01- 1"),
            "/Invoice/cbc:IssueDate (line 6) is not a date",
        ),
        (
            with(UBL, issued, &issued.repeat(2)),
            "/Invoice/cbc:IssueDate (line 7) occurs twice",
        ),
        (
            with(UBL, ">SEK</b:DocumentC", ">Kronor</b:DocumentC"),
            "/Invoice/cbc:DocumentCurrencyCode (line 9) is not a currency code",
        ),
        (
            with(UBL, "\"SEK\">60.50</b:LineE", "\"EUR\">60.50</b:LineE"),
            "/Invoice/cac:InvoiceLine[3]/cbc:LineExtensionAmount (line 35) is not in SEK, the currency of the document",
        ),
        (
            with(UBL, "\"SEK\">1361.00<", "\"EUR\">1361.00<"),
            "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount (line 27) is not in SEK, the currency of the document",
        ),
        (
            with(UBL, ">true<", ">yes<"),
            "/Invoice/cac:AllowanceCharge/cbc:ChargeIndicator (line 15) is not true or false",
        ),
        (
            with(UBL, "Ärter", "<b:Note/>"),
            "/Invoice/cac:InvoiceLine[1]/cac:Item/cbc:Name (line 30) is not plain text",
        ),
        (
            with(UBL, "Ärter", &"ä".repeat(1001)),
            "/Invoice/cac:InvoiceLine[1]/cac:Item/cbc:Name (line 30) is longer than 1000 characters",
        ),
        (
            with(CII, "format=\"102\">20260228", "format=\"610\">202602"),
            "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString (line 10) is not a date",
        ),
        (
            CREDIT_NOTE.replace("CreditNoteLine", "InvoiceLine"),
            "the XML lacks /CreditNote/cac:CreditNoteLine (line 1), or it is empty",
        ),
    ] {
        assert_eq!(refused(&xml), expected);
    }
}

#[test]
fn numbers_are_decimals_that_an_answer_holds() {
    let amount = |text: &str| with(UBL, ">1361.00<", &format!(">{text}<"));
    for text in [
        "12,50", "1e3", "0x10", "NaN", "1 000", "--1", ".", "+", "\u{661}", "1.2.3",
    ] {
        let error = refused(&amount(text));
        assert!(
            error.ends_with("is not a decimal number"),
            "{text}: {error}"
        );
    }
    for text in [
        "1000000000000000",
        "0.000000001",
        "123456789012345.6",
        &"9".repeat(40),
        &format!("0.{}1", "0".repeat(40)),
    ] {
        let error = refused(&amount(text));
        assert!(error.contains("more digits"), "{text}: {error}");
    }
    for (text, expected) in [
        ("+12.50", json!(12.5)),
        (" 12. ", json!(12)),
        ("-.5", json!(-0.5)),
        ("-0.00", json!(0)),
        ("00012.3400000000000000000000000000000000", json!(12.34)),
        ("999999999999999", json!(999_999_999_999_999_i64)),
        ("12<!-- a -->34", json!(1234)),
        ("<![CDATA[12]]>", json!(12)),
    ] {
        assert_has(&read_text(&amount(text)), &json!({"total_due": expected}));
    }
    let error = refused(&with(UBL, "<b:Percent>25<", "<b:Percent>101<"));
    assert!(error.contains("cbc:Percent"), "{error}");
    let error = refused(&with(UBL, ">-2.5<", ">10000000000<"));
    assert!(error.contains("cbc:InvoicedQuantity"), "{error}");
    let lines = with(
        UBL,
        "<b:LineExtensionAmount currencyID=\"SEK\">1060.50<",
        "<b:LineExtensionAmount currencyID=\"SEK\">999999999999999<",
    );
    assert!(refused(&lines).contains("the sum for subtotal"));
}

#[test]
fn several_invoices_are_refused() {
    let body = FATTURA.find(" <FatturaElettronicaBody>").unwrap()..FATTURA.find("</p:").unwrap();
    let twice = with(FATTURA, "</p:", &format!("{}</p:", &FATTURA[body]));
    let error = refused(&twice);
    assert!(
        error.contains(
            "several invoices (/p:FatturaElettronica/FatturaElettronicaBody[2] (line 17)"
        ),
        "{error}"
    );
}

#[test]
fn limits_hold() {
    let limited = |xml: &str, change: fn(&mut XmlLimits)| {
        let mut limits = XmlLimits::default();
        change(&mut limits);
        read(xml.as_bytes(), &limits).unwrap_err().to_string()
    };
    assert_eq!(
        limited(UBL, |it| it.bytes = 1000),
        "the XML is larger than 1000 bytes"
    );
    assert_eq!(
        limited(UBL, |it| it.nodes = 100),
        "the XML has more than 100 elements and texts"
    );
    assert_eq!(
        limited(UBL, |it| it.depth = 3),
        "the XML has more than 3 elements within one another (line 12)"
    );
    assert_eq!(
        limited(UBL, |it| it.lines = 2),
        "/Invoice/cac:InvoiceLine[3] (line 35) occurs more than 2 times"
    );
    assert_eq!(
        limited(UBL, |it| it.taxes = 1),
        "/Invoice/cac:TaxTotal[1]/cac:TaxSubtotal[2] (line 18) occurs more than 1 times"
    );
}

#[test]
fn namespaces_decide_and_encodings_are_decoded() {
    let other = UBL
        .replace("xmlns:a=", "xmlns:zz=")
        .replace("<a:", "<zz:")
        .replace("</a:", "</zz:");
    assert_eq!(read_text(&other).to_json(), read_text(UBL).to_json());
    let wrong = UBL.replace("CommonBasicComponents-2", "CommonBasicComponents-3");
    assert!(refused(&wrong).contains("cbc:DocumentCurrencyCode"));

    let declared = format!("<?xml version=\"1.0\" encoding=\"windows-1252\"?>{UBL}");
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(&declared);
    let invoice = read(&bytes, &XmlLimits::default()).unwrap();
    assert_eq!(invoice.to_json(), read_text(UBL).to_json());
    let wide: Vec<u8> = UBL.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let invoice = read(&[&b"\xff\xfe"[..], &wide].concat(), &XmlLimits::default()).unwrap();
    assert_eq!(invoice.to_json(), read_text(UBL).to_json());
    let composed = with(UBL, "Ärter", "A\u{308}rter");
    assert_eq!(read_text(&composed).to_json(), read_text(UBL).to_json());
}
