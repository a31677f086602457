//! A tax that a summary at the foot of a page proves.

use serde_json::json;

use super::{super::ground, amount, page, schema};
use crate::grammar::for_tests::accepts;

/// Returns whether the tax and its rate may have these values on a page that ends in some rows.
fn may_be(foot: &[&str]) -> impl Fn(&str, &str) -> bool + use<> {
    let mut tax = amount();
    tax["x-printed"] = json!("amount");
    let mut rate = amount();
    rate["x-printed"] = json!("quantity");
    let schema = schema(&json!({"tax_rate_percent": rate, "tax_amount": tax}));
    let head = [
        "KEDAI KOPI MURNI SDN BHD",
        "Kopi O Ais  10.60",
        "Roti Kaya Bakar  21.20",
        "TOTAL  31.80",
    ];
    let page = page(&[&head, foot].concat());
    let grounded = ground(&schema, &[Ok(page)]).unwrap();
    move |rate, tax| {
        let answer = format!("{{\"tax_rate_percent\":{rate},\"tax_amount\":{tax}}}");
        accepts(&grounded.grammar, &answer)
    }
}

#[test]
fn a_summary_that_adds_up_is_the_only_choice() {
    let may_be = may_be(&["Summary  Amount  Tax", "GST SR @ 6%  30.00  1.80"]);
    assert!(may_be("6", "1.8"));
    for (rate, tax) in [("0", "1.8"), ("6", "0"), ("6", "31.8"), ("6", "30")] {
        assert!(!may_be(rate, tax), "{rate} {tax}");
    }
}

#[test]
fn what_proves_nothing_leaves_the_choice() {
    for foot in [
        // Another sum, no word for a tax, two taxes.
        ["Summary  Amount  Tax", "GST SR @ 6%  22.00  1.32"],
        ["Service  Amount  Charge", "SR @ 6%  30.00  1.80"],
        ["GST SR @ 6%  30.00  1.80", "GST XR @ 10%  19.27  1.93"],
    ] {
        assert!(may_be(&foot)("0", "0"), "{foot:?}");
    }
}
