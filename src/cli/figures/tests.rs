use std::{path::PathBuf, time::Duration};

use serde_json::json;

use super::{
    super::{inputs, reader::FileFault},
    *,
};

fn done(result: Result<Value, &str>) -> Done {
    Done {
        input: inputs::find(&[PathBuf::from("a.png")]).remove(0),
        result: match result {
            Ok(meta) => Ok(FileReading {
                invoice: json!({}),
                meta: Some(meta),
            }),
            Err(code) => Err(FileFault::new(code, "It is none.")),
        },
        took: Duration::from_millis(500),
    }
}

#[test]
fn the_worst_of_nearly_all_is_a_measured_value() {
    let values: Vec<_> = (1..=100).rev().map(f64::from).collect();
    let times = Spread::of(&values, Better::Lower).unwrap();
    assert_eq!((times.median, times.most), (50.5, 95.0));
    let rates = Spread::of(&values, Better::Higher).unwrap();
    assert_eq!((rates.median, rates.most), (50.5, 6.0));
    let one = Spread::of(&[7.0], Better::Lower).unwrap();
    assert_eq!((one.median, one.most), (7.0, 7.0));
    assert_eq!(Spread::of(&[], Better::Lower), None);
}

#[test]
fn a_reading_counts_what_its_meta_states() {
    let mut figures = ReadingFigures::default();
    let meta = json!({
        "model": "m",
        "usage": {"prompt_tokens": 200, "completion_tokens": 101,
                  "prompt_tokens_details": {"cached_tokens": 50}},
        "timings": {"first_token_ms": 250.0, "generate_ms": 2000.0},
    });
    figures.add(&done(Ok(meta)));
    figures.add(&done(Err("damaged")));
    assert_eq!((figures.read(), figures.failed()), (1, 1));
    assert_eq!(figures.model(), Some("m"));
    assert_eq!(figures.seconds().unwrap().median, 0.5);
    assert_eq!(figures.first_token().unwrap().median, 0.25);
    assert_eq!(figures.tokens_per_second().unwrap().median, 50.0);
    assert_eq!(figures.cached_percent(), Some(25.0));
}

#[test]
fn an_e_invoice_says_nothing_of_a_model() {
    let mut figures = ReadingFigures::default();
    let meta = json!({"model": "none", "usage": {"completion_tokens": 0},
                      "timings": {"first_token_ms": 0.0, "generate_ms": 0.0}});
    figures.add(&done(Ok(meta)));
    assert_eq!(figures.read(), 1);
    assert_eq!((figures.model(), figures.first_token()), (None, None));
    assert_eq!(figures.cached_percent(), None);
}

#[test]
fn three_digits_count() {
    assert_eq!(
        [1234.5, 12.34, 1.234, 0.1234].map(shown),
        ["1234", "12.3", "1.23", "0.123"]
    );
}
