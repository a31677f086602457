//! Answers that are weighed against others that are nearly as likely.

use receipt_gateway::{
    page::{PageBox, PageText, TextLine, TextSource, Word},
    receipt::ReceiptSchema,
};
use serde_json::{Value, json};

use super::asks;
use crate::support::{Gateway, Options, Script, Scripted, invoice};

/// A receipt with a sum before rounding, one after it, and how it was paid.
static LINES: [[&str; 2]; 6] = [
    ["Toko", "Kopi"],
    ["TEH", "10.04"],
    ["TOTAL", "10.04"],
    ["ROUNDED TOTAL", "10.00"],
    ["CASH", "50.00"],
    ["CHANGE", "40.00"],
];

fn page() -> PageText {
    let words = |line: usize| {
        let words = LINES[line].iter().enumerate();
        words.map(move |(column, text)| Word {
            text: (*text).into(),
            area: PageBox {
                x: 0.1 + 0.5 * column as f32,
                y: 0.1 + 0.1 * line as f32,
                width: 0.2,
                height: 0.05,
            },
            confidence: 0.99,
            alternatives: Vec::new(),
        })
    };
    let lines = (0..LINES.len()).map(|line| TextLine {
        words: words(line).collect(),
        source: TextSource::Reader,
    });
    PageText {
        width: 600,
        height: 900,
        lines: lines.collect(),
    }
}

/// The answer with that total, as text.
fn answer(total: &str) -> String {
    let mut invoice = invoice();
    invoice["invoice_date"] = json!(null);
    invoice["subtotal"] = json!(null);
    invoice["total_due"] = json!("TOTAL");
    invoice.to_string().replace("\"TOTAL\"", total)
}

/// Writes the sum before rounding; `log` of the other's digit as probability.
fn near(logprob: f32) -> Script {
    let text = answer("10.04");
    let place = text.find("\"total_due\":10.04").unwrap() + "\"total_due\":10.0".len();
    Script::Near(text, place, vec![("4", -0.01), ("0", logprob)])
}

fn gateway(engine: &std::sync::Arc<Scripted>, weighs_answers: bool) -> Gateway {
    let options = Options {
        page_text: vec![Ok(page())],
        weighs_answers,
        ..Options::default()
    };
    Gateway::new(engine.clone(), options)
}

async fn read(gateway: &Gateway) -> Value {
    let reply = gateway.send(asks("/extract?include=meta")).await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    reply.json()
}

#[tokio::test]
async fn of_two_sums_the_one_that_was_paid_is_chosen() {
    let engine = Scripted::new([near(-2.0)]);
    engine.scores(&[
        ("\"total_due\":10.00,", -1.5),
        ("\"total_due\":10.04,", -1.0),
        ("{", -60.0),
    ]);
    let body = read(&gateway(&engine, true)).await;
    assert_eq!(body["invoice"]["total_due"], json!(10.0));
    let weighed = &body["meta"]["weighed"];
    assert_eq!(weighed[0]["values"], json!({"/total_due": 10.04}));
    assert_eq!(
        (&weighed[0]["worth"], &weighed[0]["chosen"]),
        (&json!(0.0), &json!(false))
    );
    let other = weighed
        .as_array()
        .unwrap()
        .iter()
        .find(|other| other["chosen"] == json!(true));
    let other = other.unwrap();
    assert_eq!(other["values"], json!({"/total_due": 10.0}));
    assert_eq!(
        (&other["logprob"], &other["payment"]),
        (&json!(-0.5), &json!(1))
    );
    assert!(other["worth"].as_f64() > Some(0.0) && other["label"].as_f64() > Some(0.0));
    let total = &body["meta"]["fields"]["/total_due"];
    assert_eq!(
        (&total["printed"], &total["evidence"][0]["text"]),
        (&json!("printed"), &json!("10.00"))
    );
    // Only what differs from the rest of the texts was scored.
    assert_eq!(engine.times_asked(), 1 + weighed.as_array().unwrap().len());
}

#[tokio::test]
async fn an_answer_that_is_clear_costs_nothing_more() {
    let clear = Script::text(&answer("10.00"));
    for (script, weighs_answers, total) in [(clear, true, 10.0), (near(-2.0), false, 10.04)] {
        let engine = Scripted::new([script]);
        let body = read(&gateway(&engine, weighs_answers)).await;
        assert_eq!(body["invoice"]["total_due"], json!(total));
        assert_eq!(body["meta"]["weighed"], json!([]));
        assert_eq!(engine.times_asked(), 1);
    }
}

#[tokio::test]
async fn an_answer_stays_where_it_is_the_best_or_others_cannot_be_scored() {
    let engine = Scripted::new([near(-2.0)]);
    engine.scores(&[("\"total_due\":10.04,\"taxes", -1.0), ("{", -60.0)]);
    let body = read(&gateway(&engine, true)).await;
    assert_eq!(body["invoice"]["total_due"], json!(10.04));
    assert_eq!(body["meta"]["weighed"][0]["chosen"], json!(true));

    // Without scores it writes something else than it is given.
    let engine = Scripted::new([near(-2.0)]);
    let body = read(&gateway(&engine, true)).await;
    assert_eq!(body["invoice"]["total_due"], json!(10.04));
    assert_eq!(body["meta"]["weighed"], json!([]));
    assert!(engine.times_asked() > 1);
}

/// A schema of one's own with marks is weighed as well.
#[tokio::test]
async fn marks_of_other_schemas_are_weighed_too() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["sum"],
        "properties": {"sum": {"x-printed": "amount", "type": "number", "minimum": 0, "maximum": 99}}
    });
    let limits = receipt_gateway::receipt::InlineLimits {
        max_bytes: 1000,
        max_tokens: 1000,
    };
    assert!(ReceiptSchema::inline(schema.clone(), limits).is_ok());
    let text = r#"{"sum":50.00}"#;
    let engine = Scripted::new([Script::Near(
        text.into(),
        7,
        vec![("5", -0.01), ("1", -0.5)],
    )]);
    engine.scores(&[
        ("10.00", -0.1),
        ("10.04", -3.0),
        ("50.00", -1.0),
        ("{", -60.0),
    ]);
    let request = crate::support::json_request(
        "/extract?include=meta",
        &json!({"image_url": crate::support::data_uri(&crate::support::png(1)), "schema": schema}),
    );
    let reply = gateway(&engine, true).send(request).await;
    assert_eq!(
        reply.json()["invoice"],
        json!({"sum": 10.0}),
        "{}",
        reply.json()
    );
}
