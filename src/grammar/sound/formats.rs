//! Formats whose grammar admits more than the format: llguidance's dates have the 29th of February in every
//! year, its times a 60th second in every minute, and its names of mailboxes and hosts are of any length.

use serde_json::{Map, Value, json};

const YEAR: &str = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9][0-9]|[0-9][1-9][0-9]{2}|[1-9][0-9]{3})";
const MONTH_AND_DAY: &str =
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)\
     |02-(?:0[1-9]|1[0-9]|2[0-8]))";
const LEAP_YEAR: &str =
    "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
const TIME: &str = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?\
     (?:Z|[+\\-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
/// A mailbox's own name, and its host's, of no more than 64 characters.
const MAILBOX: &str = "[a-zA-Z0-9!#$%&'*+/=?\\^_`{|}~\\-]{1,32}\
     (?:\\.[a-zA-Z0-9!#$%&'*+/=?\\^_`{|}~\\-]{1,30})?\
     @[a-zA-Z0-9](?:[a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?\
     (?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?){0,2}";
/// Characters of a host's name, at most.
const HOST: u64 = 253;

/// Writes formats as patterns, or with a bound.
pub fn hold(keywords: &mut Map<String, Value>) {
    let date = || format!("(?:{YEAR}-{MONTH_AND_DAY}|{LEAP_YEAR}-02-29)");
    let pattern = match keywords.get("format").and_then(Value::as_str) {
        Some("date") => date(),
        Some("time") => TIME.to_owned(),
        Some("date-time") => format!("{}T{TIME}", date()),
        Some("email") => MAILBOX.to_owned(),
        Some("hostname") => {
            let most = keywords.get("maxLength").and_then(Value::as_u64);
            keywords.insert("maxLength".to_owned(), json!(most.map_or(HOST, |most| most.min(HOST))));
            return;
        }
        _ => return,
    };
    let pattern = json!(format!("^{pattern}$"));
    keywords.shift_remove("format");
    if keywords.contains_key("pattern") {
        let all = keywords.entry("allOf").or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            all.push(json!({"pattern": pattern}));
        }
    } else {
        keywords.insert("pattern".to_owned(), pattern);
    }
}
