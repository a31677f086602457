//! Refusals and failures, as the crate's own errors.

use std::time::Duration;

use async_openai::{
    error::{ApiErrorResponse, OpenAIError},
    types::chat::{CreateChatCompletionRequestArgs, FileObject},
};
use futures::StreamExt;
use rust_clients::{Case, Outcome, data_uri, occupied};

use super::{ask, asking, built, client, file, patient, stream};

pub fn cases() -> Vec<Case> {
    rust_clients::cases![
        unknown_model,
        bad_request,
        file_that_is_not_read,
        overload,
        overload_that_passes,
        fault_in_mid_stream,
        model_too_slow,
        cancelled_stream,
        timeout,
    ]
}

/// The error that the gateway answers.
async fn refused(request: &CreateChatCompletionRequestArgs) -> ApiErrorResponse {
    match ask(request).await {
        Err(OpenAIError::ApiError(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Status, code and field of an error.
fn told(error: &ApiErrorResponse) -> (u16, Option<&str>, Option<&str>) {
    let ApiErrorResponse {
        status_code,
        api_error,
    } = error;
    assert!(!api_error.message.is_empty(), "{error:?}");
    (
        status_code.as_u16(),
        api_error.code.as_deref(),
        api_error.param.as_deref(),
    )
}

async fn unknown_model() -> Outcome {
    let error = refused(asking("Hello").model("nobody")).await;
    assert_eq!(told(&error), (404, Some("model_not_found"), Some("model")));
    assert_eq!(error.api_error.r#type.as_deref(), Some("not_found_error"));
    Ok(())
}

async fn bad_request() -> Outcome {
    let error = refused(asking("Hello").temperature(3.0)).await;
    assert_eq!(
        told(&error),
        (400, Some("invalid_value"), Some("temperature"))
    );
    assert_eq!(
        error.api_error.r#type.as_deref(),
        Some("invalid_request_error")
    );
    Ok(())
}

async fn file_that_is_not_read() -> Outcome {
    let stored = FileObject {
        file_id: Some("file-1".to_owned()),
        ..FileObject::default()
    };
    let error = refused(&asking(file(stored))).await;
    let field = "messages[0].content[1].file.file_id";
    assert_eq!(told(&error), (400, Some("invalid_value"), Some(field)));
    let archive = FileObject {
        file_data: Some(data_uri("application/zip", "UEsDBBQAAAAIAA==")),
        ..FileObject::default()
    };
    let error = refused(&asking(file(archive))).await;
    let field = "messages[0].content[1].file.file_data";
    assert_eq!(told(&error), (415, Some("unsupported_file"), Some(field)));
    Ok(())
}

async fn overload() -> Outcome {
    let _place = occupied("org/busy").await?;
    let error = refused(asking("Hello").model("org/busy")).await;
    assert_eq!(told(&error), (429, Some("overloaded"), None));
    Ok(())
}

/// The crate waits for as long as `Retry-After` says, and asks again.
async fn overload_that_passes() -> Outcome {
    let place = occupied("org/busy").await?;
    let request = built(asking("Hello").model("org/busy"));
    let waiting = tokio::spawn(async move { patient().chat().create(request).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    drop(place);
    let answer = waiting.await??;
    assert_eq!(answer.model, "org/busy");
    Ok(())
}

/// The chunk with the fault is one that the crate cannot read, so its text comes as an error.
async fn fault_in_mid_stream() -> Outcome {
    let mut request = asking("Hello");
    request.model("org/slow").max_completion_tokens(100_000_u32);
    let mut chunks = stream(&request).await?;
    let mut last = None;
    while let Some(chunk) = chunks.next().await {
        last = Some(chunk);
    }
    match last {
        Some(Err(OpenAIError::JSONDeserialize(_, content))) => {
            assert!(content.starts_with("{\"error\":"), "{content}");
            assert!(content.contains("deadline_exceeded"), "{content}");
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

async fn model_too_slow() -> Outcome {
    let mut request = asking("Hello");
    let error = refused(request.model("org/slow").max_completion_tokens(100_000_u32)).await;
    // The crate does not take the body of a 5xx apart.
    assert_eq!(told(&error), (504, None, None));
    assert!(
        error.api_error.message.contains("deadline_exceeded"),
        "{error:?}"
    );
    Ok(())
}

async fn cancelled_stream() -> Outcome {
    let mut request = asking("Hello");
    request.model("org/busy").max_completion_tokens(100_000_u32);
    let mut chunks = stream(&request).await?;
    chunks.next().await.expect("it has begun")?;
    drop(chunks);
    // Its place is free again as soon as the gateway has noticed.
    let request = built(request.max_completion_tokens(1_u32));
    patient().chat().create(request).await?;
    Ok(())
}

async fn timeout() -> Outcome {
    let hasty = reqwest::Client::builder()
        .timeout(Duration::from_millis(200))
        .build()?;
    let request = built(asking("Hello").max_completion_tokens(100_000_u32));
    match client()
        .with_http_client(hasty)
        .chat()
        .create(request)
        .await
    {
        Err(OpenAIError::Reqwest(error)) => assert!(error.is_timeout(), "{error:?}"),
        other => panic!("{other:?}"),
    }
    Ok(())
}
