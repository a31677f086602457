//! async-openai, the client of OpenAI's APIs that most Rust programs use.

mod chats;
mod faults;
mod others;
mod tools;

use async_openai::{
    Client,
    config::OpenAIConfig,
    middleware::ReqwestService,
    types::chat::{
        ChatCompletionRequestMessage, ChatCompletionRequestMessageContentPartImage,
        ChatCompletionRequestMessageContentPartText, ChatCompletionRequestUserMessageArgs,
        ChatCompletionRequestUserMessageContentPart, ChatCompletionResponseStream,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
        FileObject, ImageUrl,
    },
};
use futures::StreamExt;

type Answer<T = CreateChatCompletionResponse> = Result<T, async_openai::error::OpenAIError>;
type Part = ChatCompletionRequestUserMessageContentPart;

/// A client as a program makes it, which asks again after a 429 and a 5xx.
fn patient() -> Client<OpenAIConfig> {
    let base = format!("{}/v1", rust_clients::gateway());
    Client::with_config(OpenAIConfig::new().with_api_base(base).with_api_key("any"))
}

/// A client that asks once.
fn client() -> Client<OpenAIConfig> {
    patient().with_http_service(ReqwestService::new(reqwest::Client::new()))
}

/// A request to a model that writes on and on.
fn asking(content: impl Into<Content>) -> CreateChatCompletionRequestArgs {
    let mut message = ChatCompletionRequestUserMessageArgs::default();
    match content.into() {
        Content::Text(text) => message.content(text),
        Content::Parts(parts) => message.content(parts),
    };
    let message: ChatCompletionRequestMessage =
        message.build().expect("it has all it needs").into();
    let mut request = CreateChatCompletionRequestArgs::default();
    request
        .model("org/tiny")
        .max_completion_tokens(8_u32)
        .messages(vec![message]);
    request
}

/// What the user says.
enum Content {
    Text(&'static str),
    Parts(Vec<Part>),
}

impl From<&'static str> for Content {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

/// A question about one part.
impl From<Part> for Content {
    fn from(part: Part) -> Self {
        let text = ChatCompletionRequestMessageContentPartText::from("What is this?");
        Self::Parts(vec![text.into(), part])
    }
}

fn picture(url: String) -> Part {
    ChatCompletionRequestMessageContentPartImage {
        image_url: ImageUrl { url, detail: None },
        prompt_cache_breakpoint: None,
    }
    .into()
}

fn file(file: FileObject) -> Part {
    let part = async_openai::types::chat::ChatCompletionRequestMessageContentPartFile {
        file,
        prompt_cache_breakpoint: None,
    };
    Part::File(part)
}

async fn ask(request: &CreateChatCompletionRequestArgs) -> Answer {
    client().chat().create(built(request)).await
}

async fn stream(request: &CreateChatCompletionRequestArgs) -> Answer<ChatCompletionResponseStream> {
    client().chat().create_stream(built(request)).await
}

fn built(request: &CreateChatCompletionRequestArgs) -> CreateChatCompletionRequest {
    request.build().expect("it has all it needs")
}

/// The text of the first choice.
#[track_caller]
fn text(answer: &CreateChatCompletionResponse) -> &str {
    let content = answer.choices[0].message.content.as_deref();
    content.unwrap_or_else(|| panic!("no text in {answer:?}"))
}

/// The text of a stream, to its end.
async fn streamed(request: &CreateChatCompletionRequestArgs) -> Answer<String> {
    let mut chunks = stream(request).await?;
    let mut text = String::new();
    while let Some(chunk) = chunks.next().await {
        for choice in chunk?.choices {
            text += choice.delta.content.as_deref().unwrap_or_default();
        }
    }
    Ok(text)
}

#[tokio::main]
async fn main() {
    let all = [
        chats::cases(),
        tools::cases(),
        faults::cases(),
        others::cases(),
    ];
    rust_clients::run("async-openai", all.into_iter().flatten().collect()).await;
}
