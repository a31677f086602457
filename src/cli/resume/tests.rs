use std::io::Write;

use serde_json::json;

use super::{
    super::{output, reader::Reading},
    *,
};

/// What the names of three receipts are; they are as awkward as names may be.
const NAMES: [&str; 3] = ["a.png", "b \"2\",\nü.png", "c.png"];

/// What a run over [`NAMES`] writes.
fn written(format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut output = output::output(format, false, None, Box::new(&mut bytes));
    for name in NAMES {
        let invoice = json!({"vendor": "Toko \"A\",\r\n1", "items": ["x\ny"], "total": 1.5});
        output
            .write(
                name,
                &Reading {
                    invoice,
                    meta: None,
                },
            )
            .unwrap();
    }
    output.finish().unwrap();
    drop(output);
    bytes
}

fn kept(bytes: &[u8], format: Format) -> anyhow::Result<(Target, Vec<u8>)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("out");
    std::fs::write(&path, bytes)?;
    let target = open(&path, format, Existing::Keep)?;
    (&target.file).write_all(b"|")?;
    Ok((target, std::fs::read(&path)?))
}

/// Cuts the file at every byte: what stays are whole records, and no other.
fn holds_wherever_it_breaks_off(format: Format) {
    let whole = written(format);
    for length in 0..=whole.len() {
        let (target, mut left) = kept(&whole[..length], format).unwrap();
        assert_eq!(left.pop(), Some(b'|'));
        assert!(whole.starts_with(&left));
        let names: HashSet<_> = NAMES[..target.had.len()]
            .iter()
            .map(|n| (*n).to_owned())
            .collect();
        assert_eq!(target.had, names);
        // What stays is what a run over those files would have written.
        let rest = target.had.len();
        let mut bytes = left.clone();
        let columns = target.columns.clone();
        let mut output = output::output(format, false, columns, Box::new(&mut bytes));
        for name in &NAMES[rest..] {
            let invoice = json!({"vendor": "Toko \"A\",\r\n1", "items": ["x\ny"], "total": 1.5});
            output
                .write(
                    name,
                    &Reading {
                        invoice,
                        meta: None,
                    },
                )
                .unwrap();
        }
        drop(output);
        assert_eq!(bytes, whole, "cut at {length}");
    }
}

#[test]
fn lines_hold_wherever_the_file_breaks_off() {
    holds_wherever_it_breaks_off(Format::Jsonl);
}

#[test]
fn rows_hold_wherever_the_file_breaks_off() {
    holds_wherever_it_breaks_off(Format::Csv);
}

#[test]
fn a_file_of_another_kind_is_left_as_it_is() {
    for (format, text) in [
        (Format::Jsonl, "{\"file\": \"a\"}\nsomething else\n"),
        (Format::Jsonl, "{\"name\": \"a\"}\n"),
        (Format::Csv, "name,total\na,1\n"),
        (Format::Csv, "file,total\na,1,2\n"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        std::fs::write(&path, text).unwrap();
        assert!(open(&path, format, Existing::Keep).is_err(), "{text}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn receipts_are_not_overwritten_by_accident() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let refusal = |existing| match open(&path, Format::Jsonl, existing) {
        Ok(_) => String::new(),
        Err(error) => format!("{error:#}"),
    };
    assert_eq!(refusal(Existing::Refuse), "");
    std::fs::write(&path, "something").unwrap();
    let refused = refusal(Existing::Refuse);
    assert!(
        refused.contains("--resume") && refused.contains("--overwrite"),
        "{refused}"
    );
    assert_eq!(refusal(Existing::Overwrite), "");
    assert_eq!(std::fs::read(&path).unwrap(), b"");
}

#[test]
fn two_runs_do_not_write_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let first = open(&path, Format::Jsonl, Existing::Keep).unwrap();
    let second = open(&path, Format::Jsonl, Existing::Overwrite).unwrap_err();
    assert!(second.to_string().contains("another run"), "{second}");
    drop(first);
    assert!(open(&path, Format::Jsonl, Existing::Keep).is_ok());
}
