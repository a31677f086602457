//! Texts that may be the name of who issued a paper.

use serde_json::json;

use super::{super::ground, page, receipt, schema};
use crate::{grammar::for_tests::accepts, page::PageText};

/// Returns whether the issuer's name may be a text on a page.
fn names(page: PageText) -> impl Fn(&str) -> bool {
    let field = json!({"x-printed": "text", "type": "string", "minLength": 1, "maxLength": 60});
    let schema = schema(&json!({"vendor_name": field}));
    let grounded = ground(&schema, &[Ok(page)]).unwrap();
    move |name| {
        let answer = json!({"vendor_name": name}).to_string();
        accepts(&grounded.grammar, &answer)
    }
}

#[test]
fn a_name_does_not_end_before_the_form_of_its_company() {
    let may_be = names(receipt());
    assert!(may_be("KEDAI KOPI (MURNI) SDN. BHD."));
    assert!(!may_be("KEDAI KOPI (MURNI)") && !may_be("TEL: 03-7877 1234"));
}

#[test]
fn a_label_is_no_name_and_a_filling_station_has_a_number() {
    let may_be = names(page(&[
        "TERMINAL",
        "SPBU 34.12345",
        "JALAN MERDEKA",
        "BILL TO",
        "PREMIUM  2,5 L",
        "TOTAL  Rp 25.000",
    ]));
    assert!(may_be("SPBU 34.12345"));
    assert!(!may_be("TERMINAL") && !may_be("BILL TO"));
}
