//! Answers: texts whole and streamed, receipts, objects of a schema, and the list of models.

use genai::{
    Client,
    chat::{Binary, ChatMessage, ChatRequest, ContentPart, JsonSpec, StopReason},
};
use rust_clients::{Case, Outcome, assert_invoice, assert_weather, document, picture, weather};

use super::{Way, each, hello, most};

pub fn cases() -> Vec<Case> {
    each("chat", chat)
        .chain(each("stream", stream))
        .chain(each("receipt by preset", receipt_by_preset))
        .chain(each("pdf by preset", pdf_by_preset))
        .chain(each("structured output", structured_output))
        .chain(each("models", models))
        .collect()
}

async fn chat(way: Way) -> Outcome {
    let answer = way
        .ask("org/tiny", hello().with_system("Be brief."), &most(16))
        .await?;
    assert!(
        answer.first_text().is_some_and(|text| !text.is_empty()),
        "{answer:?}"
    );
    assert!(
        answer
            .stop_reason
            .is_some_and(|reason| reason.is_max_tokens())
    );
    assert_eq!(answer.usage.completion_tokens, Some(16));
    assert!(answer.usage.prompt_tokens > Some(0), "{:?}", answer.usage);
    assert_eq!(&*answer.provider_model_iden.model_name, "org/tiny");
    Ok(())
}

async fn stream(way: Way) -> Outcome {
    let (text, end) = way.stream("org/tiny", hello(), &most(16)).await?;
    let whole = way.ask("org/tiny", hello(), &most(16)).await?;
    // The crate trims a whole answer.
    assert_eq!(Some(text.trim()), whole.first_text().map(str::trim));
    assert_eq!(
        end.captured_usage.and_then(|usage| usage.completion_tokens),
        Some(16)
    );
    assert!(
        end.captured_stop_reason
            .is_some_and(|reason| reason.is_max_tokens())
    );
    Ok(())
}

/// A question about a file.
fn about(file: Binary) -> ChatRequest {
    let parts = vec![
        ContentPart::from_text("Read it."),
        ContentPart::Binary(file),
    ];
    ChatRequest::new(vec![ChatMessage::user(parts)])
}

async fn reads(way: Way, file: Binary) -> Outcome {
    let answer = way.ask("receipt", about(file.clone()), &most(4096)).await?;
    let text = answer.first_text().unwrap_or_default();
    assert_invoice(text);
    assert!(
        matches!(answer.stop_reason, Some(StopReason::Completed(_))),
        "{answer:?}"
    );
    let (streamed, _) = way.stream("receipt", about(file), &most(4096)).await?;
    assert_eq!(streamed, text);
    Ok(())
}

async fn receipt_by_preset(way: Way) -> Outcome {
    reads(way, Binary::from_base64("image/png", picture(), None)).await
}

async fn pdf_by_preset(way: Way) -> Outcome {
    let name = Some("invoice.pdf".to_owned());
    reads(
        way,
        Binary::from_base64("application/pdf", document(), name),
    )
    .await
}

async fn structured_output(way: Way) -> Outcome {
    let options = most(400).with_response_format(JsonSpec::new("weather", weather()));
    let answer = way.ask("org/tiny", hello(), &options).await?;
    assert_weather(answer.first_text().unwrap_or_default());
    let (streamed, _) = way.stream("org/tiny", hello(), &options).await?;
    assert_weather(&streamed);
    Ok(())
}

async fn models(way: Way) -> Outcome {
    let names = Client::new()?
        .all_model_names(way.adapter, way.provider())
        .await?;
    assert!(names.iter().any(|name| name == "org/tiny"), "{names:?}");
    Ok(())
}
