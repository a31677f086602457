//! Reads the pages that a request of `/v1/ocr` selects.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::page::PageSelection;

/// Reads a number, a text such as `0,2-4`, or a list of both; null and an empty list or text select all pages. Returns
/// `None` for anything else.
pub fn parse(value: &Value) -> Option<PageSelection> {
    let mut ranges = Vec::new();
    match value {
        Value::Null => {}
        Value::Array(list) => {
            for value in list {
                ranges.extend(ranges_of(value)?);
            }
        }
        value => ranges = ranges_of(value)?,
    }
    Some(PageSelection::of(ranges))
}

fn ranges_of(value: &Value) -> Option<Vec<RangeInclusive<usize>>> {
    match value {
        Value::Number(number) => {
            let index = usize::try_from(number.as_u64()?).ok()?;
            Some(vec![index..=index])
        }
        Value::String(text) if text.trim().is_empty() => Some(Vec::new()),
        Value::String(text) => text.split(',').map(range).collect(),
        _ => None,
    }
}

fn range(text: &str) -> Option<RangeInclusive<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selected(value: &Value) -> Option<Vec<usize>> {
        let selection = parse(value)?;
        Some((0..6).filter(|index| selection.has(*index)).collect())
    }

    #[test]
    fn numbers_ranges_and_lists_of_both() {
        for (value, pages) in [
            (json!(null), vec![0, 1, 2, 3, 4, 5]),
            (json!([]), vec![0, 1, 2, 3, 4, 5]),
            (json!(""), vec![0, 1, 2, 3, 4, 5]),
            (json!(2), vec![2]),
            (json!([3, 0, 0]), vec![0, 3]),
            (json!("1-3"), vec![1, 2, 3]),
            (json!("0, 2, 4-9"), vec![0, 2, 4, 5]),
            (json!(["1-2", 5]), vec![1, 2, 5]),
            (json!([99]), vec![]),
        ] {
            assert_eq!(selected(&value), Some(pages), "{value}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for value in [
            json!(-1),
            json!(1.5),
            json!("x"),
            json!("3-1"),
            json!("1-"),
            json!("-1"),
            json!("1,,2"),
            json!([[1]]),
            json!({"first": 1}),
            json!(true),
            json!("0-99999999999999999999999"),
        ] {
            assert_eq!(selected(&value), None, "{value}");
        }
    }
}
