//! Tools: calls whole and streamed, and their results.

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls, ChatCompletionNamedToolChoice,
    ChatCompletionRequestAssistantMessageArgs, ChatCompletionRequestMessage,
    ChatCompletionRequestToolMessageArgs, ChatCompletionTool, ChatCompletionToolChoiceOption,
    ChatCompletionTools, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
    FinishReason, FunctionObject, ToolChoiceOptions,
};
use futures::StreamExt;
use rust_clients::{Case, Outcome, assert_weather, weather};

use super::{ask, asking, built, stream};

pub fn cases() -> Vec<Case> {
    rust_clients::cases![
        tool_that_is_named,
        tool_and_its_result,
        tools_required_and_streamed,
        tools_allowed_or_not,
    ]
}

fn with_tools(choice: ChatCompletionToolChoiceOption) -> CreateChatCompletionRequestArgs {
    let tool = ChatCompletionTool {
        function: FunctionObject {
            name: "weather".to_owned(),
            description: Some("Tells the weather under a sky.".to_owned()),
            parameters: Some(weather()),
            strict: Some(true),
        },
    };
    let mut request = asking("Hello");
    request
        .max_completion_tokens(400_u32)
        .tools(vec![ChatCompletionTools::Function(tool)])
        .tool_choice(choice);
    request
}

fn required() -> CreateChatCompletionRequestArgs {
    let mut request = with_tools(ChatCompletionToolChoiceOption::Mode(
        ToolChoiceOptions::Required,
    ));
    request.parallel_tool_calls(false);
    request
}

#[track_caller]
fn the_call(answer: &CreateChatCompletionResponse) -> &ChatCompletionMessageToolCall {
    match answer.choices[0].message.tool_calls.as_deref() {
        Some([ChatCompletionMessageToolCalls::Function(call)]) => call,
        other => panic!("{other:?}"),
    }
}

async fn tool_that_is_named() -> Outcome {
    let named = ChatCompletionNamedToolChoice::from("weather");
    let answer = ask(&with_tools(ChatCompletionToolChoiceOption::Function(named))).await?;
    let call = the_call(&answer);
    assert_eq!(call.function.name, "weather");
    assert!(!call.id.is_empty());
    assert_weather(&call.function.arguments);
    let choice = &answer.choices[0];
    assert_eq!(choice.finish_reason, Some(FinishReason::ToolCalls));
    assert_eq!(choice.message.content, None);
    Ok(())
}

async fn tool_and_its_result() -> Outcome {
    let mut request = required();
    let call = the_call(&ask(&request).await?).clone();
    let mut messages = built(&request).messages;
    let result: ChatCompletionRequestMessage = ChatCompletionRequestToolMessageArgs::default()
        .tool_call_id(call.id.clone())
        .content("31 degrees")
        .build()?
        .into();
    let made: ChatCompletionRequestMessage = ChatCompletionRequestAssistantMessageArgs::default()
        .tool_calls(vec![ChatCompletionMessageToolCalls::Function(call)])
        .build()?
        .into();
    messages.extend([made, result]);
    let free = ChatCompletionToolChoiceOption::Mode(ToolChoiceOptions::None);
    request
        .messages(messages)
        .tool_choice(free)
        .max_completion_tokens(8_u32);
    let answer = ask(&request).await?;
    assert!(answer.choices[0].message.content.is_some(), "{answer:?}");
    Ok(())
}

async fn tools_required_and_streamed() -> Outcome {
    let whole = ask(&required()).await?;
    let (mut names, mut arguments) = (Vec::new(), String::new());
    let mut chunks = stream(&required()).await?;
    while let Some(chunk) = chunks.next().await {
        let choices = chunk?.choices.into_iter();
        for call in choices.flat_map(|choice| choice.delta.tool_calls.unwrap_or_default()) {
            let function = call.function.unwrap_or_default();
            names.extend(function.name);
            arguments += function.arguments.as_deref().unwrap_or_default();
        }
    }
    assert_eq!(names, ["weather"]);
    assert_eq!(arguments, the_call(&whole).function.arguments);
    Ok(())
}

async fn tools_allowed_or_not() -> Outcome {
    for mode in [ToolChoiceOptions::Auto, ToolChoiceOptions::None] {
        let mut request = with_tools(ChatCompletionToolChoiceOption::Mode(mode));
        let answer = ask(request.max_completion_tokens(8_u32)).await?;
        assert!(answer.choices[0].message.content.is_some(), "{answer:?}");
    }
    Ok(())
}
