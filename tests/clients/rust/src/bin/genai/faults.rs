//! Refusals and failures, as the crate's own errors.

use futures::StreamExt;
use genai::{Client, Error, adapter::AdapterKind, chat::ChatOptions, webc};
use rust_clients::{Case, Outcome, occupied};
use serde_json::Value;

use super::{Way, each, hello, most};

pub fn cases() -> Vec<Case> {
    each("unknown model", unknown_model)
        .chain(each("bad request", bad_request))
        .chain(each("overload", overload))
        .chain(each("fault in mid-stream", fault_in_mid_stream))
        .chain(each("model too slow", model_too_slow))
        .chain(each("cancelled stream", cancelled_stream))
        .collect()
}

/// The status of a refusal, and the `error` of its body.
async fn refused(way: Way, model: &str, options: &ChatOptions) -> (u16, Value) {
    let error = way
        .ask(model, hello(), options)
        .await
        .expect_err("it is refused");
    let status = error.status().expect("it has a status").as_u16();
    let Error::WebModelCall { webc_error, .. } = error else {
        panic!("{error:?}");
    };
    let webc::Error::ResponseFailedStatus { body, .. } = webc_error else {
        panic!("{webc_error:?}");
    };
    let mut body: Value = serde_json::from_str(&body).expect(&body);
    (status, body["error"].take())
}

/// Asserts that an error has the code, in the form of the adapter's API; Anthropic's has classes in place of codes.
#[track_caller]
fn assert_code(way: Way, error: &Value, code: &str, class: &str) {
    let (told, expected) = match way.adapter {
        AdapterKind::Anthropic => (&error["type"], class),
        AdapterKind::OpenRouter => (&error["metadata"]["provider_code"], code),
        _ => (&error["code"], code),
    };
    assert_eq!(told, expected, "{error}");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| !message.is_empty()),
        "{error}"
    );
}

async fn unknown_model(way: Way) -> Outcome {
    let (status, error) = refused(way, "nobody", &most(8)).await;
    assert_eq!(status, 404);
    assert_code(way, &error, "model_not_found", "not_found_error");
    Ok(())
}

async fn bad_request(way: Way) -> Outcome {
    let (status, error) = refused(way, "org/tiny", &most(8).with_temperature(3.0)).await;
    assert_eq!(status, 400);
    assert_code(way, &error, "invalid_value", "invalid_request_error");
    assert!(error.to_string().contains("temperature"), "{error}");
    Ok(())
}

async fn overload(way: Way) -> Outcome {
    let _place = occupied("org/busy").await?;
    let (status, error) = refused(way, "org/busy", &most(8)).await;
    let busy = if way.adapter == AdapterKind::Anthropic {
        529
    } else {
        429
    };
    assert_eq!(status, busy);
    assert_code(way, &error, "overloaded", "overloaded_error");
    Ok(())
}

async fn fault_in_mid_stream(way: Way) -> Outcome {
    let error = way
        .stream("org/slow", hello(), &most(100_000))
        .await
        .expect_err("it is too slow");
    match (way.adapter, &error) {
        (AdapterKind::OpenAIResp, Error::StreamParse { serde_error, .. }) => {
            assert!(serde_error.to_string().contains("time limit"), "{error:?}");
        }
        (AdapterKind::Anthropic, Error::ChatResponse { body, .. }) => {
            assert_code(way, &body["error"], "", "timeout_error");
        }
        (_, Error::ChatResponse { body, .. }) => {
            assert_code(way, body, "deadline_exceeded", "");
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

async fn model_too_slow(way: Way) -> Outcome {
    let (status, error) = refused(way, "org/slow", &most(100_000)).await;
    assert_eq!(status, 504);
    assert_code(way, &error, "deadline_exceeded", "timeout_error");
    Ok(())
}

async fn cancelled_stream(way: Way) -> Outcome {
    let client = Client::new()?;
    let options = most(100_000);
    let begun = client
        .exec_chat_stream(way.target("org/busy"), hello(), Some(&options))
        .await?;
    let mut events = begun.stream;
    for _ in 0..3 {
        events.next().await.expect("it goes on")?;
    }
    drop(events);
    // Its place is free again as soon as the gateway has noticed.
    for _ in 0..20 {
        if way.ask("org/busy", hello(), &most(1)).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err("its place is still taken".into())
}
