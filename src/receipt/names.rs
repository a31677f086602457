//! Names of fields in other schemas, and the field of the invoice that has the same meaning.

use serde_json::Value;

const SYNONYMS: [(&str, &str); 28] = [
    ("merchant", "vendor_name"),
    ("merchant_name", "vendor_name"),
    ("vendor", "vendor_name"),
    ("seller", "vendor_name"),
    ("seller_name", "vendor_name"),
    ("supplier", "vendor_name"),
    ("supplier_name", "vendor_name"),
    ("date", "invoice_date"),
    ("issue_date", "invoice_date"),
    ("receipt_date", "invoice_date"),
    ("number", "invoice_number"),
    ("receipt_number", "invoice_number"),
    ("invoice_id", "invoice_number"),
    ("payment_due_date", "due_date"),
    ("total", "total_due"),
    ("amount_due", "total_due"),
    ("tax", "tax_amount"),
    ("tax_total", "tax_amount"),
    ("vat_amount", "tax_amount"),
    ("sub_total", "subtotal"),
    ("currency_code", "currency"),
    ("line_items", "items"),
    ("lines", "items"),
    ("name", "description"),
    ("qty", "quantity"),
    ("price", "unit_price"),
    ("line_total", "total"),
    ("rate", "rate_percent"),
];

/// Returns the name and the value of the invoice's field that has the meaning of `name`.
pub fn field_of<'a>(invoice: &'a Value, name: &str) -> Option<(&'a str, &'a Value)> {
    let fields = invoice.as_object()?;
    if let Some((field, value)) = fields.get_key_value(name) {
        return Some((field, value));
    }
    let name = name.to_ascii_lowercase();
    SYNONYMS
        .iter()
        .filter(|(known, _)| *known == name)
        .find_map(|(_, field)| fields.get_key_value(*field))
        .map(|(field, value)| (field.as_str(), value))
}

/// Returns the name of the field of `object` that has the meaning of the invoice's `field`.
pub fn named_as<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    let mut names = object.as_object()?.keys();
    let is_meant = |name: &str| {
        name == field
            || SYNONYMS
                .iter()
                .any(|(known, meant)| *meant == field && name.eq_ignore_ascii_case(known))
    };
    names.find(|name| is_meant(name)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_found_by_their_meaning() {
        let invoice = json!({"vendor_name": "Toko", "total_due": 3});
        let found = field_of(&invoice, "Merchant");
        assert_eq!(found, Some(("vendor_name", &json!("Toko"))));
        assert_eq!(
            field_of(&invoice, "total_due"),
            Some(("total_due", &json!(3)))
        );
        assert_eq!(field_of(&invoice, "colour"), None);
        let other = json!({"supplier": "Toko", "Total": 3});
        assert_eq!(named_as(&other, "vendor_name"), Some("supplier"));
        assert_eq!(named_as(&other, "total_due"), Some("Total"));
        assert_eq!(named_as(&other, "due_date"), None);
    }
}
