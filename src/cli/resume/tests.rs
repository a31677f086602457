use std::io::Write;

use serde_json::json;

use super::{
    super::{
        output::{self, Extras},
        reader::FileReading,
    },
    *,
};

/// The names of three receipts, with characters that need quotes or escapes.
const NAMES: [&str; 3] = ["a.png", "b \"2\",\nü.png", "c.png"];

/// Returns the output of a run over [`NAMES`].
fn written(format: OutputFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut output = output::output(format, Extras::default(), None, Box::new(&mut bytes));
    for name in NAMES {
        let invoice = json!({"vendor": "Toko \"A\",\r\n1", "items": ["x\ny"], "total": 1.5});
        output
            .write(
                name,
                &FileReading {
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

fn kept(bytes: &[u8], format: OutputFormat) -> anyhow::Result<(Target, Vec<u8>)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("out");
    std::fs::write(&path, bytes)?;
    let target = open(&path, format, Existing::Keep)?;
    (&target.file).write_all(b"|")?;
    Ok((target, std::fs::read(&path)?))
}

/// Cuts the file at every byte, and checks that a continued run keeps the whole records and only those.
fn check_every_cut(format: OutputFormat) {
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
        // The rest is the output of a run over the kept files.
        let rest = target.had.len();
        let mut bytes = left.clone();
        let columns = target.columns.clone();
        let mut output = output::output(format, Extras::default(), columns, Box::new(&mut bytes));
        for name in &NAMES[rest..] {
            let invoice = json!({"vendor": "Toko \"A\",\r\n1", "items": ["x\ny"], "total": 1.5});
            output
                .write(
                    name,
                    &FileReading {
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
fn lines_are_continued_from_any_cut() {
    check_every_cut(OutputFormat::Jsonl);
}

#[test]
fn rows_are_continued_from_any_cut() {
    check_every_cut(OutputFormat::Csv);
}

#[test]
fn a_file_of_another_form_is_left_unchanged() {
    for (format, text) in [
        (OutputFormat::Jsonl, "{\"file\": \"a\"}\nsomething else\n"),
        (OutputFormat::Jsonl, "{\"name\": \"a\"}\n"),
        (OutputFormat::Csv, "name,total\na,1\n"),
        (OutputFormat::Csv, "file,total\na,1,2\n"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        std::fs::write(&path, text).unwrap();
        assert!(open(&path, format, Existing::Keep).is_err(), "{text}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_file_with_receipts_is_refused_without_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let refusal = |existing| match open(&path, OutputFormat::Jsonl, existing) {
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
    let first = open(&path, OutputFormat::Jsonl, Existing::Keep).unwrap();
    let second = open(&path, OutputFormat::Jsonl, Existing::Overwrite).unwrap_err();
    assert!(second.to_string().contains("another run"), "{second}");
    drop(first);
    assert!(open(&path, OutputFormat::Jsonl, Existing::Keep).is_ok());
}
