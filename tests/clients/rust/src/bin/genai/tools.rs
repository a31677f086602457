//! Tools: calls whole and streamed, and their results.

use genai::chat::{
    ChatMessage, ChatOptions, ChatRequest, Tool, ToolCall, ToolChoice, ToolResponse,
};
use rust_clients::{Case, Outcome, assert_weather, weather};

use super::{Way, each, hello, most};

pub fn cases() -> Vec<Case> {
    each("tools and their results", results)
        .chain(each("tools streamed", streamed))
        .collect()
}

fn with_tool() -> ChatRequest {
    let tool = Tool::new("weather")
        .with_description("Tells the weather under a sky.")
        .with_schema(weather())
        .with_strict(true);
    hello().with_tools([tool])
}

fn required() -> ChatOptions {
    most(400).with_tool_choice(ToolChoice::Required)
}

/// Asserts that calls are those of the one tool.
#[track_caller]
fn assert_calls(calls: &[ToolCall]) {
    assert!(!calls.is_empty());
    for call in calls {
        assert!(
            call.fn_name == "weather" && !call.call_id.is_empty(),
            "{call:?}"
        );
        // A stream brings the arguments as the text that they are written in.
        let written = call.fn_arguments.as_str().map(ToOwned::to_owned);
        assert_weather(&written.unwrap_or_else(|| call.fn_arguments.to_string()));
    }
}

async fn results(way: Way) -> Outcome {
    let calls = way
        .ask("org/tiny", with_tool(), &required())
        .await?
        .into_tool_calls();
    assert_calls(&calls);
    let results: Vec<_> = calls
        .iter()
        .map(|call| ToolResponse::from_tool_call(call, "31 degrees"))
        .collect();
    let told = with_tool()
        .append_message(ChatMessage::from(calls))
        .append_message(ChatMessage::from(results));
    let options = most(8).with_tool_choice(ToolChoice::None);
    let answer = way.ask("org/tiny", told, &options).await?;
    assert!(
        answer.first_text().is_some_and(|text| !text.is_empty()),
        "{answer:?}"
    );
    Ok(())
}

async fn streamed(way: Way) -> Outcome {
    let (_, end) = way.stream("org/tiny", with_tool(), &required()).await?;
    assert_calls(&end.captured_into_tool_calls().unwrap_or_default());
    Ok(())
}
