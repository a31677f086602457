//! Whether the items of an answer are what stands in the rows that make their sum.

use rust_decimal::Decimal;
use serde_json::Value;

use super::evidence::{ItemDetails, ItemRows, ItemText};

/// Returns whether an object lists what stands in these rows: as many items, each with the amount of its row, with a name
/// and details that its rows may be read as, and with a quantity and price that they allow. It does if there are no rows.
#[must_use]
pub fn agrees(object: &Value, rows: &[ItemRows]) -> bool {
    let listed = object["items"].as_array().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return true;
    }
    if listed.len() != rows.len() {
        return false;
    }
    // Where an item may begin; the first one anywhere.
    let mut starts: Option<Vec<usize>> = None;
    for (item, rows) in listed.iter().zip(rows) {
        if !has_figures(item, rows) {
            return false;
        }
        if rows.texts.is_empty() {
            continue;
        }
        let begins = |text: &&ItemText| starts.as_ref().is_none_or(|all| all.contains(&text.from));
        let ways = rows.texts.iter().filter(begins);
        let ends: Vec<_> = ways
            .filter(|text| is_read_as(item, text))
            .map(|text| text.to)
            .collect();
        if ends.is_empty() {
            return false;
        }
        starts = Some(ends);
    }
    true
}

/// Returns whether an item has the total of its rows, and a quantity and a price that they allow.
fn has_figures(item: &Value, rows: &ItemRows) -> bool {
    let is_counted = |quantity| rows.counts.iter().any(|count| count.quantity == quantity);
    let is_priced = |price| match &rows.counts[..] {
        [only] => only.price.is_none_or(|proven| proven == price),
        _ => true,
    };
    number(&item["total"]) == Some(rows.total)
        && number(&item["quantity"]).is_none_or(is_counted)
        && number(&item["unit_price"]).is_none_or(is_priced)
}

fn is_read_as(item: &Value, text: &ItemText) -> bool {
    let name = &item["description"];
    let is_named = name.is_null() || text.names.contains(&name.to_string());
    let (Some(details), ItemDetails::Lists(lists)) = (item["details"].as_array(), &text.details)
    else {
        return is_named;
    };
    let details: Vec<_> = details.iter().map(Value::to_string).collect();
    // A schema may admit fewer than stand there.
    let is_list = |list: &Vec<String>| {
        list[..] == details[..] || (details.len() > 1 && list.starts_with(&details))
    };
    is_named && lists.iter().any(is_list)
}

fn number(value: &Value) -> Option<Decimal> {
    value.as_number()?.to_string().parse().ok()
}
