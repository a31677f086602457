use std::io::Write;

use serde_json::{Value, json};

use super::*;

fn reading(invoice: Value) -> FileReading {
    FileReading {
        invoice,
        meta: None,
    }
}

fn with_meta(invoice: Value, confidence: f64, passed: bool) -> FileReading {
    let check = json!({"name": "total_adds_up", "passed": passed});
    let meta =
        json!({"source": "model", "model": "m", "confidence": confidence, "checks": [check]});
    FileReading {
        invoice,
        meta: Some(meta),
    }
}

const PLAIN: Extras = Extras {
    meta: false,
    evidence: false,
};
const WITH_META: Extras = Extras {
    meta: true,
    evidence: false,
};
const WITH_EVIDENCE: Extras = Extras {
    meta: false,
    evidence: true,
};

/// A receipt with one value that is printed, one that is derived and one that is not on the page.
fn with_evidence() -> FileReading {
    let place = json!({"page": 2, "box": [0.5, 0.25, 0.125, 0.0625], "text": "=1.234,50",
                       "source": "reader", "confidence": 0.98});
    let fact = |printed: &str, places: Value| json!({"confidence": 0.9, "logprob": -0.1, "printed": printed, "evidence": places});
    let meta = json!({"model": "m", "confidence": 0.9, "checks": [], "fields": {
        "/total_due": fact("printed", json!([place])),
        "/tax": fact("derived", json!([])),
        "/vendor_name": fact("missing", json!([])),
        "/items/0/total": fact("printed", json!([place])),
        "/old": {"confidence": 0.9, "logprob": -0.1},
    }});
    let invoice = json!({"vendor_name": "Toko", "total_due": 1234.5, "tax": 2, "old": 1,
                         "items": [{"total": 5}]});
    FileReading {
        invoice,
        meta: Some(meta),
    }
}

fn written(format: OutputFormat, extras: Extras, readings: &[FileReading]) -> String {
    let mut bytes = Vec::new();
    let mut output = output(format, extras, None, Box::new(&mut bytes));
    for (number, reading) in readings.iter().enumerate() {
        output.write(&format!("{number}.png"), reading).unwrap();
    }
    output.finish().unwrap();
    drop(output);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn lines_keep_the_order_of_the_fields() {
    let readings = [
        reading(json!({"z": 1, "a": null})),
        with_meta(json!({"z": "ü\n"}), 0.5, true),
    ];
    assert_eq!(
        written(OutputFormat::Jsonl, WITH_META, &readings),
        "{\"file\":\"0.png\",\"invoice\":{\"z\":1,\"a\":null}}\n\
         {\"file\":\"1.png\",\"invoice\":{\"z\":\"ü\\n\"},\"meta\":{\"source\":\"model\",\"model\":\"m\",\
         \"confidence\":0.5,\"checks\":[{\"name\":\"total_adds_up\",\"passed\":true}]}}\n"
    );
}

#[test]
fn an_array_of_any_length_is_valid_json() {
    let readings = [reading(json!({"a": 1})), reading(json!({"a": 2}))];
    for length in 0..=2 {
        let text = written(OutputFormat::Json, PLAIN, &readings[..length]);
        let array: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(array.len(), length);
    }
}

#[test]
fn rows_are_quoted_by_rfc_4180() {
    let readings = [
        reading(json!({"vendor": "A, \"B\"\nC", "items": [{"x": 1}], "date": null, "total": 1.5})),
        reading(json!({"vendor": "", "total": 2})),
    ];
    assert_eq!(
        written(OutputFormat::Csv, PLAIN, &readings),
        "file,vendor,items,date,total\r\n\
         0.png,\"A, \"\"B\"\"\nC\",\"[{\"\"x\"\":1}]\",,1.5\r\n\
         1.png,,,,2\r\n"
    );
}

#[test]
fn texts_like_formulas_are_guarded() {
    let receipt =
        |text: &str| reading(json!({"vendor": text, "total": -1.5, "items": [{"x": "=1"}]}));
    let cell = |text: &str, raw: bool| {
        let mut bytes = Vec::new();
        let stream = Box::new(&mut bytes);
        let mut rows = if raw {
            raw_csv(PLAIN, None, stream)
        } else {
            output(OutputFormat::Csv, PLAIN, None, stream)
        };
        rows.write(text, &receipt(text)).unwrap();
        drop(rows);
        let mut read = ::csv::Reader::from_reader(&*bytes);
        let row = read.records().next().unwrap().unwrap();
        assert_eq!((&row[2], &row[3]), ("-1.5", "[{\"x\":\"=1\"}]"));
        assert_eq!(row[0], row[1]);
        row[1].to_owned()
    };
    for (text, guarded) in [
        ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
        ("+62 812", "'+62 812"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("'=1", "''=1"),
        ("Toko = 1", "Toko = 1"),
        ("'t Winkeltje", "'t Winkeltje"),
        ("", ""),
    ] {
        assert_eq!(cell(text, false), guarded);
        assert_eq!(cell(text, true), text);
    }
}

#[test]
fn rows_have_the_columns_of_the_meta_object() {
    let readings = [
        with_meta(json!({"total": 1}), 0.5, false),
        with_meta(json!({"total": 2}), 1.0, true),
    ];
    assert_eq!(
        written(OutputFormat::Csv, WITH_META, &readings),
        "file,total,meta.source,meta.model,meta.confidence,meta.failed_checks\r\n\
         0.png,1,model,m,0.5,total_adds_up\r\n\
         1.png,2,model,m,1.0,\r\n"
    );
}

#[test]
fn a_field_without_a_column_is_an_error() {
    let mut bytes = Vec::new();
    let mut output = output(OutputFormat::Csv, PLAIN, None, Box::new(&mut bytes));
    output.write("a", &reading(json!({"x": 1}))).unwrap();
    let refused = output.write("b", &reading(json!({"x": 1, "y": 2})));
    assert!(matches!(refused, Err(WriteError::Unfit(text)) if text.contains("field y")));
    output.write("c", &reading(json!({"x": 3}))).unwrap();
    drop(output);
    assert_eq!(bytes, b"file,x\r\na,1\r\nc,3\r\n");
}

#[test]
fn a_table_of_invoices() {
    let invoice = |vendor: &str, total: f64| {
        json!({"vendor_name": vendor, "invoice_date": "2024-01-15", "items": [1, 2],
               "total_due": total, "invoice_number": null})
    };
    let long = "名".repeat(50);
    let readings = [
        with_meta(invoice("Toko\u{1b}[2J", 1234.5), 0.83, false),
        with_meta(invoice(&long, 7.0), 1.0, true),
    ];
    let cut = "名".repeat(39);
    let wide = " ".repeat(79 - 6);
    let narrow = " ".repeat(79 - 8);
    assert_eq!(
        written(OutputFormat::Table, PLAIN, &readings),
        format!(
            "file   vendor{wide}  date        items   total  confidence  checks\n\
             0.png  Toko [2J{narrow}  2024-01-15      2  1234.5        0.83  total_adds_up\n\
             1.png  {cut}…  2024-01-15      2     7.0         1.0  ok\n"
        )
    );
}

#[test]
fn a_table_of_another_schema_shows_its_scalars() {
    let readings = [
        reading(json!({"plate": "B 1", "tags": [], "fee": 5})),
        reading(json!({"plate": "B 22", "owner": {"name": "x"}, "fee": null, "late": true})),
    ];
    assert_eq!(
        written(OutputFormat::Table, PLAIN, &readings),
        "file   plate  fee  late\n\
         0.png  B 1      5\n\
         1.png  B 22        true\n"
    );
    assert_eq!(written(OutputFormat::Table, PLAIN, &[]), "");
}

#[test]
fn the_end_of_a_long_path_is_shown() {
    let mut bytes = Vec::new();
    let mut output = output(OutputFormat::Table, PLAIN, None, Box::new(&mut bytes));
    let path = format!("{}/shop.png", "x".repeat(50));
    output.write(&path, &reading(json!({"fee": 1}))).unwrap();
    output.finish().unwrap();
    drop(output);
    let text = String::from_utf8(bytes).unwrap();
    let end = &path[path.len() - 39..];
    assert!(text.ends_with(&format!("\n…{end}    1\n")), "{text}");
}

#[test]
fn rows_have_the_places_of_the_values() {
    let text = written(OutputFormat::Csv, WITH_EVIDENCE, &[with_evidence()]);
    let mut rows = ::csv::Reader::from_reader(text.as_bytes());
    let columns = rows.headers().unwrap().clone();
    let row = rows.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[columns.iter().position(|column| column == name).unwrap()];
    for (name, expected) in [
        ("total_due", "1234.5"),
        ("total_due.printed", "printed"),
        ("total_due.page", "2"),
        ("total_due.box", "0.5 0.25 0.125 0.0625"),
        ("total_due.text", "'=1.234,50"),
        ("tax.printed", "derived"),
        ("tax.page", ""),
        ("vendor_name.printed", "missing"),
        ("old.printed", ""),
        ("old.box", ""),
    ] {
        assert_eq!(cell(name), expected, "{name}");
    }
    let items: Value = serde_json::from_str(cell("items.evidence")).unwrap();
    assert_eq!(items["/items/0/total"]["evidence"][0]["page"], 2);
    assert_eq!(items.as_object().unwrap().len(), 1);
    assert!(!columns.iter().any(|column| column == "meta.model"));
}

#[test]
fn rows_of_a_gateway_without_page_text_have_empty_places() {
    let reading = with_meta(json!({"total": 1}), 0.5, true);
    assert_eq!(
        written(OutputFormat::Csv, WITH_EVIDENCE, &[reading]),
        "file,total,total.printed,total.page,total.box,total.text\r\n0.png,1,,,,\r\n"
    );
}

#[test]
fn lines_have_the_places_of_the_values_or_the_whole_meta_object() {
    let line = |extras| -> Value {
        serde_json::from_str(&written(OutputFormat::Jsonl, extras, &[with_evidence()])).unwrap()
    };
    let plain = line(PLAIN);
    assert_eq!((plain.get("meta"), plain.get("evidence")), (None, None));
    let record = line(WITH_EVIDENCE);
    assert_eq!(record.get("meta"), None);
    let places = &record["evidence"];
    assert_eq!(places["/total_due"]["evidence"][0]["text"], "=1.234,50");
    assert_eq!(places["/vendor_name"]["printed"], "missing");
    assert_eq!(places.get("/old"), None);
    let both = line(Extras {
        meta: true,
        evidence: true,
    });
    assert_eq!(both["meta"]["fields"]["/tax"]["printed"], "derived");
    assert_eq!(both.get("evidence"), None);
}

#[test]
fn a_table_marks_what_is_not_printed() {
    let invoice = json!({"vendor_name": "Warung", "total_due": 7, "items": []});
    let readings = [with_evidence(), with_meta(invoice, 1.0, true)];
    assert_eq!(
        written(OutputFormat::Table, PLAIN, &readings),
        "file   vendor  date  items   total  confidence  checks\n\
         0.png  *Toko             1  1234.5         0.9  none\n\
         1.png  Warung            0       7         1.0  ok\n\
         \n\
         * not printed on the receipt\n"
    );
}

/// A stream that counts writes.
struct Counting<'a>(&'a mut usize);

impl Write for Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0 += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_record_is_one_write() {
    let long = reading(json!({"text": "x".repeat(100_000)}));
    for format in [OutputFormat::Jsonl, OutputFormat::Json, OutputFormat::Csv] {
        let mut writes = 0;
        let mut output = output(format, PLAIN, None, Box::new(Counting(&mut writes)));
        for _ in 0..3 {
            output.write("a", &long).unwrap();
        }
        drop(output);
        assert_eq!(writes, 3, "{format:?}");
    }
}
