//! Chats: texts, pictures, files, streams and the forms of answers.

use async_openai::types::chat::{
    ChatCompletionStreamOptions, FileObject, FinishReason, ResponseFormat,
    ResponseFormatJsonSchema, Role, StopConfiguration,
};
use futures::StreamExt;
use rust_clients::{
    Case, Outcome, assert_invoice, assert_weather, data_uri, document, picture_url, weather,
};

use super::{Content, ask, asking, file, picture, stream, streamed, text};

pub fn cases() -> Vec<Case> {
    rust_clients::cases![
        receipt_by_preset,
        chat,
        picture_by_data_uri,
        picture_by_url,
        pdf,
        pdf_by_preset,
        stream_with_usage,
        structured_output,
        log_probabilities,
        stop,
        several_choices,
    ]
}

fn shown() -> Content {
    picture(data_uri("image/png", &rust_clients::picture())).into()
}

/// An invoice as a PDF, in that form of base64.
fn handed(file_data: String) -> Content {
    file(FileObject {
        file_data: Some(file_data),
        filename: Some("invoice.pdf".to_owned()),
        file_id: None,
    })
    .into()
}

async fn receipt_by_preset() -> Outcome {
    let answer = ask(asking(shown()).model("receipt")).await?;
    assert_invoice(text(&answer));
    assert_eq!(
        (&*answer.model, &*answer.object),
        ("receipt", "chat.completion")
    );
    Ok(())
}

async fn chat() -> Outcome {
    let answer = ask(&asking("Hello")).await?;
    let choice = &answer.choices[0];
    assert_eq!(choice.finish_reason, Some(FinishReason::Length));
    assert_eq!(choice.message.role, Role::Assistant);
    let usage = answer.usage.as_ref().expect("it is counted");
    assert_eq!(usage.completion_tokens, 8);
    assert_eq!(usage.total_tokens, usage.prompt_tokens + 8);
    assert!(!text(&answer).is_empty() && answer.created > 1_700_000_000);
    Ok(())
}

/// The tokens of the prompt.
async fn counted(content: Content) -> Result<u32, async_openai::error::OpenAIError> {
    let answer = ask(&asking(content)).await?;
    Ok(answer.usage.map_or(0, |usage| usage.prompt_tokens))
}

async fn picture_by_data_uri() -> Outcome {
    assert!(counted(shown()).await? > 100);
    Ok(())
}

async fn picture_by_url() -> Outcome {
    assert_eq!(
        counted(picture(picture_url()).into()).await?,
        counted(shown()).await?
    );
    Ok(())
}

async fn pdf() -> Outcome {
    let uri = data_uri("application/pdf", &document());
    let tokens = counted(handed(uri.clone())).await?;
    assert!(tokens > 100);
    assert_eq!(counted(handed(document())).await?, tokens);
    let whole = ask(&asking(handed(uri.clone()))).await?;
    assert_eq!(streamed(&asking(handed(uri))).await?, text(&whole));
    Ok(())
}

async fn pdf_by_preset() -> Outcome {
    let mut request = asking(handed(data_uri("application/pdf", &document())));
    let answer = ask(request.model("receipt")).await?;
    assert_invoice(text(&answer));
    assert_eq!(streamed(&request).await?, text(&answer));
    Ok(())
}

async fn stream_with_usage() -> Outcome {
    let mut request = asking("Hello");
    request.stream_options(ChatCompletionStreamOptions {
        include_usage: Some(true),
        include_obfuscation: None,
    });
    let chunks: Vec<_> = stream(&request).await?.collect().await;
    let chunks: Vec<_> = chunks.into_iter().collect::<Result<_, _>>()?;
    assert_eq!(chunks[0].choices[0].delta.role, Some(Role::Assistant));
    let [.., end, last] = &*chunks else {
        panic!("{chunks:?}");
    };
    assert_eq!(end.choices[0].finish_reason, Some(FinishReason::Length));
    assert!(last.choices.is_empty());
    assert_eq!(
        last.usage.as_ref().map(|usage| usage.completion_tokens),
        Some(8)
    );
    let whole = ask(&asking("Hello")).await?;
    assert_eq!(streamed(&request).await?, text(&whole));
    Ok(())
}

async fn structured_output() -> Outcome {
    let mut request = asking("Hello");
    request
        .max_completion_tokens(400_u32)
        .response_format(ResponseFormat::JsonSchema {
            json_schema: ResponseFormatJsonSchema {
                name: "weather".to_owned(),
                schema: weather(),
                strict: Some(true),
                description: None,
            },
        });
    assert_weather(text(&ask(&request).await?));
    assert_weather(&streamed(&request).await?);
    Ok(())
}

async fn log_probabilities() -> Outcome {
    let answer = ask(asking("Hello").logprobs(true).top_logprobs(3_u8)).await?;
    let told = answer.choices[0].logprobs.as_ref();
    let content = told
        .and_then(|told| told.content.as_ref())
        .expect("they were asked for");
    assert_eq!(content.len(), 8);
    for token in content {
        assert!(token.logprob <= 0.0 && token.bytes.is_some(), "{token:?}");
        assert_eq!(token.top_logprobs.len(), 3);
        assert_eq!(token.top_logprobs[0].token, token.token);
    }
    Ok(())
}

async fn stop() -> Outcome {
    let whole = ask(&asking("Hello")).await?;
    let mark = text(&whole)
        .chars()
        .nth(3)
        .expect("it is longer")
        .to_string();
    let until = StopConfiguration::StringArray(vec![mark.clone()]);
    let cut = ask(asking("Hello").stop(until)).await?;
    assert_eq!(cut.choices[0].finish_reason, Some(FinishReason::Stop));
    assert_eq!(Some(text(&cut)), text(&whole).split(&*mark).next());
    Ok(())
}

async fn several_choices() -> Outcome {
    let answer = ask(asking("Hello").n(3_u8).temperature(1.0)).await?;
    let indices: Vec<_> = answer.choices.iter().map(|choice| choice.index).collect();
    assert_eq!(indices, [0, 1, 2]);
    Ok(())
}
