//! Rewrites formats whose grammar in llguidance admits too much: its dates have the 29th of
//! February in every year, its times a 60th second in every minute, and its names of mailboxes and
//! hosts have any length.

use serde_json::{Map, Value, json};

const YEAR: &str = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9][0-9]|[0-9][1-9][0-9]{2}|[1-9][0-9]{3})";
const MONTH_AND_DAY: &str = "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)\
     |02-(?:0[1-9]|1[0-9]|2[0-8]))";
const LEAP_YEAR: &str =
    "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
const TIME: &str = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?\
     (?:Z|[+\\-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
/// Pattern that bounds the parts of a mailbox's name, those of its host included.
const MAILBOX: &str = "^[^@]{1,64}@(?:[a-zA-Z0-9\\-]{1,63}\\.)*[a-zA-Z0-9\\-]{1,63}$";
/// Maximum number of characters of a host's name.
const HOST: u64 = 253;

/// Rewrites formats as patterns or with bounds.
pub fn hold(keywords: &mut Map<String, Value>) {
    let format = keywords.get("format").and_then(Value::as_str);
    let date = || format!("(?:{YEAR}-{MONTH_AND_DAY}|{LEAP_YEAR}-02-29)");
    let pattern = match format.unwrap_or_default() {
        "date" => format!("^{}$", date()),
        "time" => format!("^{TIME}$"),
        "date-time" => format!("^{}T{TIME}$", date()),
        // Beside another pattern, llguidance would take too long to find whether both have a value
        // in common.
        "email" | "hostname" if !keywords.contains_key("pattern") => {
            let most = keywords.get("maxLength").and_then(Value::as_u64);
            let most = most.map_or(HOST, |most| most.min(HOST));
            if format == Some("email") {
                keywords.insert("pattern".to_owned(), json!(MAILBOX));
            }
            keywords.insert("maxLength".to_owned(), json!(most));
            return;
        }
        _ => return,
    };
    keywords.shift_remove("format");
    let pattern = json!(pattern);
    if keywords.contains_key("pattern") {
        let all = keywords.entry("allOf").or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            all.push(json!({"pattern": pattern}));
        }
    } else {
        keywords.insert("pattern".to_owned(), pattern);
    }
}
