//! Files with changed bytes and elements: each is read or refused, and nothing panics.

use fastrand::Rng;

use super::{samples::ALL, *};

/// How many files are tried.
const FILES: usize = 1_000;

/// What a number or a name is replaced with.
const TEXTS: [&str; 10] = [
    "",
    "-",
    "-0",
    "1e9",
    "99999999999999999999999999999",
    "0.0000000000000000000000000001",
    "79228162514264337593543950335",
    "2026-99-99",
    "\u{1d7d8}",
    "<x/>",
];

#[test]
fn changed_files_are_read_or_refused() {
    let mut random = Rng::with_seed(22);
    let (mut right, mut wrong) = (0, 0);
    for at in 0..FILES {
        let xml = ALL[at % ALL.len()];
        let changed = if at % 2 == 0 {
            changed_bytes(xml, &mut random)
        } else {
            changed_elements(xml, &mut random).into_bytes()
        };
        assert!(!(is_xml(&changed) && is_signed(&changed)));
        match read(&changed, &XmlLimits::default()) {
            Ok(invoice) => {
                let json = invoice.to_json();
                for value in invoice.stated() {
                    assert!(json.pointer(&value.pointer).is_some(), "{}", value.pointer);
                }
                for pointer in invoice.sums().iter().flat_map(|sum| &sum.pointers) {
                    assert!(json.pointer(pointer).is_some(), "{pointer}");
                }
                right += 1;
            }
            Err(error) => {
                assert!(error.to_string().len() < 1_000, "{error}");
                wrong += 1;
            }
        }
    }
    assert!(right > FILES / 20 && wrong > FILES / 20, "{right} {wrong}");
}

fn changed_bytes(xml: &str, random: &mut Rng) -> Vec<u8> {
    let mut bytes = xml.as_bytes().to_vec();
    for _ in 0..random.usize(1..4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.usize(..bytes.len());
        match random.usize(..4) {
            0 => bytes[at] = random.u8(..),
            1 => bytes.insert(at, *random.choice(b"<>&\"'/=!?0-.").unwrap()),
            2 => {
                bytes.remove(at);
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

/// Replaces the text of an element, leaves an element out, or repeats it.
fn changed_elements(xml: &str, random: &mut Rng) -> String {
    let starts: Vec<_> = xml.match_indices('<').map(|(at, _)| at).collect();
    let mut changed = xml.to_owned();
    let at = *random.choice(&starts).unwrap();
    let Some(open) = xml[at..].find('>').map(|end| at + end + 1) else {
        return changed;
    };
    let name: String = xml[at + 1..]
        .chars()
        .take_while(|it| !" />\n".contains(*it))
        .collect();
    let Some(close) = xml[open..]
        .find(&format!("</{name}>"))
        .map(|end| open + end)
    else {
        return changed;
    };
    let end = close + name.len() + 3;
    match random.usize(..3) {
        0 => changed.replace_range(open..close, random.choice(&TEXTS).unwrap()),
        1 => changed.replace_range(at..end, ""),
        _ => changed.insert_str(end, &xml[at..end]),
    }
    changed
}
