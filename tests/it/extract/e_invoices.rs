//! XML e-invoices, alone and within PDFs: what they state is the answer, and no model is asked.

use std::{fmt::Write, sync::Arc};

use axum::{
    body::Bytes,
    http::{Request, StatusCode},
};
use receipt_gateway::receipt::EInvoiceSettings;
use serde_json::{Value, json};

use super::{assert_fault, raw, to};
use crate::support::{
    Gateway, Options, Reply, Script, Scripted, data_uri, form, form_request, invoice, json_request,
    png, with_key,
};

/// A UBL invoice of one line: 2 pieces at 50.00, 19 % tax, 19.00 paid before.
pub fn ubl(total: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>RE-17</cbc:ID>
  <cbc:IssueDate>2026-05-04</cbc:IssueDate>
  <cbc:DueDate>2026-06-03</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyLegalEntity><cbc:RegistrationName>Muster Maschinen GmbH</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>
    <cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory>
    </cac:TaxSubtotal>
  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount>
    <cbc:PrepaidAmount currencyID="EUR">19.00</cbc:PrepaidAmount>
    <cbc:PayableAmount currencyID="EUR">{total}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:InvoiceLine><cbc:ID>1</cbc:ID>
    <cbc:InvoicedQuantity unitCode="H87">2</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Schraubenkupplung für Förderbänder der Baureihe 4711, verzinkt, mit Dichtung</cbc:Name></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="EUR">50.00</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>
</Invoice>"#
    )
}

fn stated() -> Value {
    json!({
        "vendor_name": "Muster Maschinen GmbH", "invoice_number": "RE-17",
        "invoice_date": "2026-05-04", "due_date": "2026-06-03",
        "items": [{
            // Longer than what a model may write.
            "description": "Schraubenkupplung für Förderbänder der Baureihe 4711, verzinkt, mit Dichtung",
            "details": [], "quantity": 2, "unit_price": 50, "total": 100, "currency": "EUR",
            "category": "OTHER"
        }],
        "subtotal": 100, "tax_rate_percent": 19, "tax_amount": 19, "discount": 0, "total_due": 100,
        "taxes": [{"rate_percent": 19, "base": 100, "amount": 19}], "prepaid": 19, "rounding": 0
    })
}

/// A PDF of one blank page, or with `shown` on it, that carries `xml` under that name.
fn pdf(name: &str, xml: &str, shown: &str) -> Bytes {
    let stream = |entries: &str, data: &str| {
        format!(
            "<< {entries} /Length {} >>\nstream\n{data}\nendstream",
            data.len()
        )
    };
    let content = format!("BT /F 24 Tf 50 700 Td ({shown}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >> >>"
            .to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F 5 0 R >> >> >>"
            .to_owned(),
        stream("", &content),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!(
            "<< /Type /Filespec /F ({name}) /EF << /F 7 0 R >> /AFRelationship /Alternative >>"
        ),
        stream("/Type /EmbeddedFile /Subtype /text#2Fxml", xml),
    ];
    let mut file = "%PDF-1.7\n".to_owned();
    for (object, number) in objects.iter().zip(1..) {
        writeln!(file, "{number} 0 obj\n{object}\nendobj").unwrap();
    }
    file += "trailer\n<< /Root 1 0 R >>\n%%EOF\n";
    file.into_bytes().into()
}

/// A gateway whose model would answer with another invoice.
fn gateway(options: Options) -> (Gateway, Arc<Scripted>) {
    let engine = Scripted::new([Script::text(&invoice().to_string())]);
    (Gateway::new(engine.clone(), options), engine)
}

fn was_asked(engine: &Scripted) -> bool {
    !engine.asked.lock().unwrap().is_empty()
}

async fn with_meta(gateway: &Gateway, file: &[u8]) -> Value {
    let reply = gateway
        .send(form("/extract?include=meta", &[("a", file)]))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    reply.json()
}

fn check<'a>(meta: &'a Value, name: &str) -> &'a Value {
    let checks = meta["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["name"] == name);
    found.map_or(&Value::Null, |check| &check["passed"])
}

#[tokio::test]
async fn xml_in_each_form_is_answered_without_a_model() {
    let (gateway, engine) = gateway(Options::default());
    let xml = ubl("100.00");
    let by_address = json!({ "image_url": data_uri(xml.as_bytes()) });
    for request in [
        form_request(xml.as_bytes()),
        raw("application/xml", xml.clone()),
        raw("text/xml", xml.clone()),
        raw("application/ubl+xml", xml.clone()),
        raw("application/octet-stream", xml.clone()),
        to("/extract/file", "text/plain", xml.clone()),
        json_request("/extract", &by_address),
    ] {
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!(reply.json(), stated());
        assert_eq!(reply.header("x-source"), "ubl");
        assert_eq!(reply.header("x-confidence"), "1.00");
        assert_eq!(reply.header("x-checks"), "ok");
        assert_eq!(reply.header("x-model"), "");
    }
    assert!(!was_asked(&engine));
}

#[tokio::test]
async fn meta_tells_what_states_each_value() {
    let (gateway, _) = gateway(Options::default());
    let meta = &with_meta(&gateway, ubl("100.00").as_bytes()).await["meta"];
    assert_eq!(
        (&meta["source"], &meta["model"], &meta["read_as"]),
        (&json!("ubl"), &json!("none"), &json!("xml"))
    );
    assert_eq!(
        meta["e_invoice"],
        json!({"profile": "en16931", "file": null})
    );
    let due = &meta["fields"]["/total_due"];
    assert_eq!(
        (&due["confidence"], &due["logprob"]),
        (&json!(1.0), &json!(null))
    );
    assert_eq!(due["stated"][0]["term"], "BT-115");
    assert_eq!(due["stated"][0]["text"], "100.00");
    let element = due["stated"][0]["element"].as_str().unwrap();
    assert!(element.ends_with("PayableAmount"), "{element}");
    assert_eq!(meta["fields"]["/items/0/category"]["stated"], json!(null));
    for rule in [
        "BR-CO-10", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16", "BR-CO-17",
    ] {
        assert_eq!(check(meta, rule), true, "{rule}: {meta}");
    }
    assert_eq!(meta["usage"]["total_tokens"], 0);
}

#[tokio::test]
async fn a_sum_that_does_not_hold_is_told() {
    let (gateway, _) = gateway(Options::default());
    let body = with_meta(&gateway, ubl("101.00").as_bytes()).await;
    assert_eq!(body["invoice"]["total_due"], 101);
    assert_eq!(check(&body["meta"], "BR-CO-16"), false);
    assert_eq!(check(&body["meta"], "BR-CO-15"), true);
}

#[tokio::test]
async fn the_xml_in_a_pdf_is_used_and_compared_with_its_page() {
    let (gateway, engine) = gateway(Options::default());
    for (shown, passed) in [
        ("Zahlbetrag 100,00", json!(true)),
        ("Zahlbetrag 90,00", json!(false)),
        // A page that says nothing contradicts nothing.
        ("", Value::Null),
    ] {
        let body = with_meta(&gateway, &pdf("factur-x.xml", &ubl("100.00"), shown)).await;
        let meta = &body["meta"];
        assert_eq!(body["invoice"], stated());
        assert_eq!(meta["e_invoice"]["file"], "factur-x.xml");
        assert_eq!(*check(meta, "xml_matches_page"), passed, "{shown}");
        let found = if passed == true { "printed" } else { "missing" };
        if !shown.is_empty() {
            assert_eq!(meta["fields"]["/total_due"]["printed"], found);
        }
    }
    // An invoice under any name.
    let body = with_meta(&gateway, &pdf("beleg.xml", &ubl("100.00"), "")).await;
    assert_eq!(body["invoice"], stated());
    assert!(!was_asked(&engine));
}

#[tokio::test]
async fn a_pdf_whose_xml_cannot_be_used_is_read_as_a_page() {
    for (name, xml, reason) in [
        ("factur-x.xml", "<Invoice", "factur-x.xml: "),
        ("zugferd-invoice.xml", "<html/>", "zugferd-invoice.xml: "),
    ] {
        let (gateway, engine) = gateway(Options::default());
        let body = with_meta(&gateway, &pdf(name, xml, "TOTAL 10")).await;
        assert_eq!(body["invoice"], invoice());
        assert_eq!(body["meta"]["source"], "model");
        let passed = body["meta"]["xml_passed_over"].as_str().unwrap();
        assert!(passed.starts_with(reason), "{passed}");
        assert!(was_asked(&engine));
    }
    // XML that is no invoice says nothing.
    let (gateway, _) = gateway(Options::default());
    let body = with_meta(&gateway, &pdf("data.xml", "<data/>", "TOTAL 10")).await;
    assert_eq!(body["meta"]["xml_passed_over"], json!(null));
    assert_eq!(body["meta"]["e_invoice"], json!(null));
}

#[tokio::test]
async fn the_xml_in_pdfs_can_be_left_alone() {
    let off = EInvoiceSettings {
        in_pdfs: false,
        ..EInvoiceSettings::default()
    };
    let (gateway, engine) = gateway(Options {
        e_invoices: off,
        ..Options::default()
    });
    let file = pdf("factur-x.xml", &ubl("100.00"), "TOTAL 10");
    let body = with_meta(&gateway, &file).await;
    assert_eq!(body["invoice"], invoice());
    assert!(was_asked(&engine));
}

#[tokio::test]
async fn other_schemas_get_what_the_file_states() {
    let (gateway, engine) = gateway(Options {
        presets: vec![("receipt", Some("invoice"), None)],
        ..Options::default()
    });
    let xml = ubl("100.00");
    let brief = gateway
        .send(form(
            "/extract?schema=receipt-brief",
            &[("a", xml.as_bytes())],
        ))
        .await;
    let expected = json!({
        "merchant": "Muster Maschinen GmbH", "date": "2026-05-04", "total": 100, "currency": "EUR"
    });
    assert_eq!(brief.json(), expected);
    let asks = |schema: Value| {
        let body = json!({"image_url": data_uri(xml.as_bytes()), "schema": schema});
        json_request("/extract", &body)
    };
    let own = json!({
        "type": "object", "additionalProperties": false, "required": ["amount_due"],
        "properties": {"amount_due": {"type": "number"}, "colour": {"type": "string", "maxLength": 9}}
    });
    let reply = gateway.send(asks(own)).await;
    assert_eq!(reply.json(), json!({"amount_due": 100}));
    let more = json!({
        "type": "object", "additionalProperties": false, "required": ["total_due", "waiter"],
        "properties": {"total_due": {"type": "number"}, "waiter": {"type": "string", "maxLength": 9}}
    });
    let reply = gateway.send(asks(more)).await;
    assert_fault(&reply, StatusCode::UNPROCESSABLE_ENTITY, "not_stated");
    assert!(
        reply.json()["error"].as_str().unwrap().contains("/waiter"),
        "{reply:?}"
    );
    let narrow = json!({
        "type": "object", "additionalProperties": false, "required": ["vendor_name"],
        "properties": {"vendor_name": {"type": "string", "maxLength": 5}}
    });
    let reply = gateway.send(asks(narrow)).await;
    assert_fault(&reply, StatusCode::UNPROCESSABLE_ENTITY, "not_stated");
    // A chat with a preset.
    let reply = gateway
        .chat(
            json!({"model": "receipt", "messages": [{"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": data_uri(xml.as_bytes())}},
            ]}]}),
        )
        .await;
    let text = reply.json()["choices"][0]["message"]["content"].clone();
    let read: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    assert_eq!(read, stated());
    assert!(!was_asked(&engine));
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let (gateway, engine) = gateway(Options::default());
    let order = "<Order xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Order-2\"/>";
    let no_date = ubl("100.00").replace("<cbc:IssueDate>2026-05-04</cbc:IssueDate>", "");
    let bad_date = ubl("100.00").replace("2026-05-04", "4 May");
    let bad_amount = ubl("a hundred");
    let doctype = ubl("1").replace("<Invoice ", "<!DOCTYPE Invoice []><Invoice ");
    for (xml, named) in [
        ("<Invoice>".to_owned(), "well-formed"),
        (order.to_owned(), "Order"),
        (no_date, "IssueDate"),
        (bad_date, "IssueDate"),
        (bad_amount, "PayableAmount"),
        (doctype, "DOCTYPE"),
    ] {
        let reply = gateway.extract(xml.into()).await;
        assert_fault(
            &reply,
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_e_invoice",
        );
        let message = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(message.contains(named), "{message}");
    }
    let xml = ubl("100.00");
    let both = form("/extract", &[("a", xml.as_bytes()), ("b", &png(1))]);
    let reply = gateway.send(both).await;
    assert_fault(&reply, StatusCode::UNPROCESSABLE_ENTITY, "xml_beside_files");
    // A CMS SignedData: its object identifier in DER.
    let signed = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80";
    let reply = gateway.extract(Bytes::from_static(signed)).await;
    assert_fault(&reply, StatusCode::UNPROCESSABLE_ENTITY, "signed_file");
    assert!(!was_asked(&engine));
}

#[tokio::test]
async fn answers_are_cached_and_counted() {
    let (gateway, _) = gateway(Options::default());
    let xml = ubl("100.00");
    let send = || async {
        let reply: Reply = gateway.extract(xml.clone().into()).await;
        reply.header("x-cache").to_owned()
    };
    assert_eq!(
        (send().await, send().await),
        ("miss".to_owned(), "hit".to_owned())
    );
    let metrics = gateway.get("/metrics").await;
    let metrics = String::from_utf8(metrics.body.to_vec()).unwrap();
    let counted = "receipt_gateway_e_invoices_total{kind=\"ubl\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn events_end_with_the_answer() {
    let (gateway, _) = gateway(Options::default());
    let mut request: Request<_> = form_request(ubl("100.00").as_bytes());
    let accept = "text/event-stream".parse().unwrap();
    request.headers_mut().insert("accept", accept);
    let reply = gateway.send(with_key(request, "none")).await;
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(text.contains("event: done"), "{text}");
    assert!(text.contains("Muster Maschinen GmbH"), "{text}");
}
