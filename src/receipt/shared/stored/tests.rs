use proptest::{prelude::*, strategy::ValueTree};
use serde_json::{Value, json};

use super::*;
use crate::{
    page::{PageBox, Unread},
    receipt::{
        CodeOnPage, Currency, EInvoiceSource, Evidence, EvidenceSource, FieldEvidence, Grounding,
        GroundingOutcome, Lapse, PageFacts, ReadingSource, Standing, StatingElement, TextFacts,
        WeighedAnswer,
    },
};

/// Accepts any object.
fn schema() -> ReceiptSchema {
    let document = json!({"type": "object", "properties": {"total": {"type": "number"}}});
    let limits = crate::receipt::InlineLimits {
        max_bytes: 1000,
        max_tokens: 100,
    };
    ReceiptSchema::inline(document, limits).unwrap()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let member = (".{0,5}", inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(member, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((".{0,5}", value()), 0..6).prop_map(|members| {
        let members = members.into_iter().filter(|(name, _)| name != "total");
        Value::Object(members.collect())
    })
}

fn duration() -> impl Strategy<Value = Duration> {
    (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(s, n)| Duration::new(s, n))
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![Just(f64::NEG_INFINITY), -1e3..=0.0, 0.0..=1.0]
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let names = prop::collection::vec(one_of(&checks::NAMES), 0..3);
    let error = prop::option::of(".{0,9}");
    let parts = (
        ".{0,9}",
        one_of(&Reason::ALL),
        prop::option::of(number()),
        names,
    );
    (parts, any::<usize>(), duration(), error).prop_map(
        |((model, reason, confidence, failed), image_tokens, took, error)| Attempt {
            model,
            reason,
            confidence,
            failed,
            image_tokens,
            took,
            error,
        },
    )
}

fn evidence() -> impl Strategy<Value = FieldEvidence> {
    let sides = prop::array::uniform5(0.0_f32..1.0);
    let source = one_of(&EvidenceSource::ALL);
    let place = (any::<usize>(), ".{0,9}", source, sides).prop_map(|(page, text, source, s)| {
        let [x, y, width, height, confidence] = s;
        Evidence {
            page,
            area: PageBox {
                x,
                y,
                width,
                height,
            },
            text,
            source,
            confidence,
        }
    });
    let standing = prop_oneof![
        prop::collection::vec(place, 1..3).prop_map(Standing::Printed),
        Just(Standing::Derived),
        Just(Standing::Missing),
        Just(Standing::Exempt),
        Just(Standing::Unknown),
    ];
    (".{0,9}", standing).prop_map(|(pointer, standing)| FieldEvidence { pointer, standing })
}

fn text() -> impl Strategy<Value = PageFacts> {
    let read = (any::<[usize; 2]>(), prop::option::of(0.0..1.0)).prop_map(|(lines, confidence)| {
        Ok(TextFacts {
            pdf_lines: lines[0],
            reader_lines: lines[1],
            confidence,
        })
    });
    let text = prop_oneof![read, one_of(&Unread::ALL).prop_map(Err)];
    (any::<usize>(), text).prop_map(|(page, text)| PageFacts { page, text })
}

fn grounding() -> impl Strategy<Value = GroundingOutcome> {
    let lapse = prop::option::of(one_of(&Lapse::ALL));
    (one_of(&Grounding::ALL), lapse)
        .prop_map(|(grounding, lapse)| GroundingOutcome { grounding, lapse })
}

fn weighed() -> impl Strategy<Value = WeighedAnswer> {
    let values = prop::collection::vec((".{0,9}", value()), 0..3);
    let numbers = prop::array::uniform3(number());
    (values, numbers, any::<(i32, i32, bool)>()).prop_map(
        |(values, [logprob, label, worth], (checks, payment, is_chosen))| WeighedAnswer {
            values,
            logprob,
            label,
            checks,
            payment,
            worth,
            is_chosen,
        },
    )
}

fn source() -> impl Strategy<Value = ReadingSource> {
    let name = || ".{0,9}".prop_map(String::from);
    let stated =
        prop::array::uniform4(name()).prop_map(|[pointer, term, element, text]| StatingElement {
            pointer,
            term,
            element,
            text,
        });
    let stated = prop::collection::vec(stated, 0..3);
    let e_invoice = (
        name(),
        prop::option::of(name()),
        prop::option::of(name()),
        stated,
    );
    prop_oneof![
        prop::option::of(name()).prop_map(|passed_over| ReadingSource::Model { passed_over }),
        e_invoice.prop_map(|(kind, profile, file, stated)| {
            ReadingSource::EInvoice(EInvoiceSource {
                kind,
                profile,
                file,
                stated,
            })
        }),
    ]
}

fn code() -> impl Strategy<Value = CodeOnPage> {
    let fields = prop::collection::vec((".{0,9}", ".{0,9}"), 0..3);
    let sides = prop::array::uniform4(0.0_f32..1.0);
    (".{0,9}", any::<usize>(), sides, fields).prop_map(|(kind, page, s, fields)| CodeOnPage {
        kind,
        page,
        area: PageBox {
            x: s[0],
            y: s[1],
            width: s[2],
            height: s[3],
        },
        fields,
    })
}

fn report() -> impl Strategy<Value = Report> {
    let field = (".{0,9}", one_of(&FieldKind::ALL), number(), number()).prop_map(
        |(pointer, kind, logprob, confidence)| FieldConfidence {
            pointer,
            kind,
            logprob,
            confidence,
        },
    );
    let paths = prop::collection::vec(".{0,9}", 0..3);
    let finding = (one_of(&checks::NAMES), paths, prop::option::of(".{0,9}")).prop_map(
        |(name, fields, fault)| Finding {
            name,
            fields,
            fault,
        },
    );
    let blank = prop::collection::vec(any::<usize>(), 0..3);
    let printed = (
        prop::collection::vec(evidence(), 0..3),
        prop::collection::vec(text(), 0..3),
        (grounding(), any::<bool>()),
        prop::collection::vec(weighed(), 0..3),
        source(),
        prop::collection::vec(code(), 0..3),
    );
    let many = (
        printed,
        blank,
        prop::collection::vec(field, 0..5),
        prop::collection::vec(finding, 0..4),
        prop::collection::vec(attempt(), 0..3),
    );
    let counts = (prop::array::uniform5(any::<usize>()), one_of(&ReadAs::ALL));
    let times = prop::array::uniform7(duration());
    (".{0,9}", many, counts, times).prop_map(
        |(
            model,
            (
                (evidence, text, (grounding, is_by_rows), weighed, source, codes),
                blank_pages,
                fields,
                checks,
                attempts,
            ),
            (n, read_as),
            t,
        )| {
            Report {
                model,
                schema: schema().name().to_owned(),
                source,
                read_as,
                pages: n[0],
                blank_pages,
                image_tokens: n[1],
                fields,
                evidence,
                text,
                codes,
                grounding,
                is_by_rows,
                weighed,
                checks,
                attempts,
                usage: Usage {
                    prompt_tokens: n[2],
                    completion_tokens: n[3],
                    writing: Some(Writing {
                        passes: n[2],
                        forced_tokens: n[3],
                    }),
                    cached_tokens: Some(n[4]),
                    reasoning_tokens: Some(n[3]),
                    ..Usage::default()
                },
                timings: Timings {
                    prepare: t[0],
                    queued: t[1],
                    first_token: t[2],
                    generate: t[3],
                    weigh: t[6],
                    total: t[4],
                    text: t[5],
                },
            }
        },
    )
}

fn reading(text: &str, report: Report) -> Reading {
    Reading {
        receipt: CheckedReceipt::parse(text, &schema(), &report.source).unwrap(),
        report: Arc::new(report),
    }
}

fn plain(text: &str) -> Reading {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let report = report().new_tree(&mut runner).unwrap().current();
    reading(text, report)
}

proptest! {
    #[test]
    fn a_reading_comes_back_as_it_was(object in object(), report in report()) {
        let reading = reading(&object.to_string(), report);
        let back = decode(&encode(&reading).unwrap(), &schema()).unwrap();
        // The text shows the order of the keys and every digit.
        prop_assert_eq!(back.receipt.as_json().to_string(), reading.receipt.as_json().to_string());
        prop_assert_eq!(&back.receipt, &reading.receipt);
        prop_assert_eq!(&back.report, &reading.report);
    }

    #[test]
    fn garbage_is_no_reading(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode(&bytes, &schema()).is_none());
    }

    #[test]
    fn a_part_is_no_reading(cut in 0.0..1.0) {
        let whole = encode(&plain(r#"{"total": 1}"#)).unwrap();
        let part = (whole.len() as f64 * cut) as usize;
        prop_assert!(decode(&whole[..part], &schema()).is_none());
    }
}

#[test]
fn a_stored_object_that_does_not_fit_is_no_reading() {
    let sound = encode(&plain(r#"{"total":12.5}"#)).unwrap();
    let sound = String::from_utf8(sound).unwrap();
    assert!(decode(sound.as_bytes(), &schema()).is_some());
    for (old, new) in [
        (r#""form":7"#, r#""form":6"#),
        (r#"{"total":12.5}"#, r#"{"total":"12.5"}"#),
        (r#""schema":"#, r#""schema":"other","x":"#),
        (r#""model":"#, r#""modell":"#),
    ] {
        let changed = sound.replacen(old, new, 1);
        assert_ne!(changed, sound);
        assert!(decode(changed.as_bytes(), &schema()).is_none(), "{new}");
    }
    let other = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let other = ReceiptSchema::new(schema().name(), other, &Currency::Detect.into()).unwrap();
    assert!(decode(sound.as_bytes(), &other).is_none());
}
