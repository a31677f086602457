//! The list of models, text completions, and the Responses API.

use async_openai::{
    error::OpenAIError,
    types::{
        chat::{CompletionFinishReason, Prompt},
        completions::CreateCompletionRequestArgs,
        responses::{
            CreateResponse, CreateResponseArgs, FunctionTool, InputContent, InputImageContent,
            InputMessage, InputRole, OutputItem, Response, ResponseFormatJsonSchema,
            ResponseStreamEvent, ResponseTextParam, Status, TextResponseFormatConfiguration, Tool,
            ToolChoiceOptions,
        },
    },
};
use futures::StreamExt;
use rust_clients::{Case, Outcome, assert_invoice, assert_weather, data_uri, weather};

use super::client;

pub fn cases() -> Vec<Case> {
    rust_clients::cases![
        models,
        text_completion,
        response,
        response_by_stream,
        response_to_a_receipt,
        response_that_calls,
        response_by_schema,
        response_that_fails,
    ]
}

async fn models() -> Outcome {
    let listed = client().models().list().await?;
    assert_eq!(listed.object, "list");
    assert!(
        listed.data.iter().any(|model| model.id == "org/tiny"),
        "{listed:?}"
    );
    let one = client().models().retrieve("org/tiny").await?;
    assert!(one.id == "org/tiny" && !one.owned_by.is_empty(), "{one:?}");
    match client().models().retrieve("nobody").await {
        Err(OpenAIError::ApiError(error)) => assert_eq!(error.status_code.as_u16(), 404),
        other => panic!("{other:?}"),
    }
    Ok(())
}

async fn text_completion() -> Outcome {
    let mut request = CreateCompletionRequestArgs::default();
    request.model("org/tiny").prompt("Once").max_tokens(8_u32);
    let whole = client().completions().create(request.build()?).await?;
    assert_eq!(
        whole.choices[0].finish_reason,
        Some(CompletionFinishReason::Length)
    );
    let mut chunks = client()
        .completions()
        .create_stream(request.build()?)
        .await?;
    let mut text = String::new();
    while let Some(chunk) = chunks.next().await {
        text.extend(chunk?.choices.into_iter().map(|choice| choice.text));
    }
    assert_eq!(text, whole.choices[0].text);
    request.prompt(Prompt::StringArray(vec![
        "Once".to_owned(),
        "Twice".to_owned(),
    ]));
    let both = client()
        .completions()
        .create(request.logprobs(2_u8).build()?)
        .await?;
    assert_eq!(both.choices.len(), 2);
    let told = both.choices[0]
        .logprobs
        .as_ref()
        .expect("they were asked for");
    assert_eq!(told.tokens.len(), 8);
    Ok(())
}

fn asking() -> CreateResponseArgs {
    let mut request = CreateResponseArgs::default();
    request
        .model("org/tiny")
        .input("Hello")
        .max_output_tokens(16_u32);
    request
}

async fn respond(request: &CreateResponseArgs) -> Result<Response, OpenAIError> {
    client().responses().create(request.build()?).await
}

async fn response() -> Outcome {
    let answer = respond(asking().instructions("Be brief.")).await?;
    assert_eq!(answer.status, Status::Incomplete);
    let details = answer
        .incomplete_details
        .as_ref()
        .map(|details| &*details.reason);
    assert_eq!(details, Some("max_output_tokens"));
    assert_eq!(
        answer.usage.as_ref().map(|usage| usage.output_tokens),
        Some(16)
    );
    assert!(answer.output_text().is_some(), "{answer:?}");
    Ok(())
}

async fn response_by_stream() -> Outcome {
    let request: CreateResponse = asking().build()?;
    let mut events = client().responses().create_stream(request).await?;
    let (mut text, mut end) = (String::new(), None);
    while let Some(event) = events.next().await {
        match event? {
            ResponseStreamEvent::ResponseOutputTextDelta(grown) => text += &grown.delta,
            ResponseStreamEvent::ResponseIncomplete(last) => end = Some(last.response),
            _ => {}
        }
    }
    let whole = respond(&asking()).await?.output_text();
    assert_eq!(Some(text), whole);
    assert_eq!(end.and_then(|end| end.output_text()), whole);
    Ok(())
}

async fn response_to_a_receipt() -> Outcome {
    let picture = InputImageContent {
        image_url: Some(data_uri("image/png", &rust_clients::picture())),
        ..InputImageContent::default()
    };
    let message = InputMessage {
        role: InputRole::User,
        content: vec![InputContent::InputImage(picture)],
        ..InputMessage::default()
    };
    let answer = respond(asking().model("receipt").input(vec![message])).await?;
    assert_invoice(&answer.output_text().unwrap_or_default());
    assert_eq!(answer.status, Status::Completed);
    Ok(())
}

async fn response_that_calls() -> Outcome {
    let tool = FunctionTool {
        name: "weather".to_owned(),
        parameters: Some(weather()),
        strict: Some(true),
        ..FunctionTool::default()
    };
    let mut request = asking();
    request
        .tools(vec![Tool::Function(tool)])
        .tool_choice(ToolChoiceOptions::Required)
        .parallel_tool_calls(false)
        .max_output_tokens(400_u32);
    let answer = respond(&request).await?;
    match &*answer.output {
        [OutputItem::FunctionCall(call)] => {
            assert_eq!(call.name, "weather");
            assert_weather(&call.arguments);
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

async fn response_by_schema() -> Outcome {
    let schema = ResponseFormatJsonSchema {
        name: "weather".to_owned(),
        schema: weather(),
        strict: Some(true),
        description: None,
    };
    let text = ResponseTextParam {
        format: TextResponseFormatConfiguration::JsonSchema(schema),
        verbosity: None,
    };
    let answer = respond(asking().text(text).max_output_tokens(400_u32)).await?;
    assert_weather(&answer.output_text().unwrap_or_default());
    Ok(())
}

async fn response_that_fails() -> Outcome {
    match respond(asking().previous_response_id("resp_1")).await {
        Err(OpenAIError::ApiError(error)) => {
            assert_eq!(
                error.api_error.param.as_deref(),
                Some("previous_response_id")
            );
        }
        other => panic!("{other:?}"),
    }
    let slow = asking()
        .model("org/slow")
        .max_output_tokens(100_000_u32)
        .build()?;
    let mut events = client().responses().create_stream(slow).await?;
    let mut failed = false;
    while let Some(event) = events.next().await {
        failed = matches!(event?, ResponseStreamEvent::ResponseFailed(_));
    }
    assert!(failed, "the last event is no failure");
    Ok(())
}
