//! genai, one client for the APIs of many providers: here through its adapters of OpenAI's chats and responses, of
//! OpenRouter's chats, and of Anthropic's messages, each with the gateway as its endpoint.

mod answers;
mod faults;
mod tools;

use futures::StreamExt;
use genai::{
    Client, ModelIden, ServiceTarget,
    adapter::AdapterKind,
    chat::{ChatOptions, ChatRequest, ChatResponse, ChatStreamEvent, StreamEnd},
    resolver::{AuthData, Endpoint},
};
use rust_clients::{Case, Outcome, case, gateway};

/// An adapter, and where the gateway serves its API.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    adapter: AdapterKind,
    base: &'static str,
}

const WAYS: [Way; 4] = [
    Way::new("openai", AdapterKind::OpenAI, "/v1/"),
    Way::new("openai responses", AdapterKind::OpenAIResp, "/v1/"),
    Way::new("openrouter", AdapterKind::OpenRouter, "/api/v1/"),
    Way::new("anthropic", AdapterKind::Anthropic, "/v1/"),
];

impl Way {
    const fn new(name: &'static str, adapter: AdapterKind, base: &'static str) -> Self {
        Self {
            name,
            adapter,
            base,
        }
    }

    /// Where the adapter asks, and with what key.
    fn provider(self) -> (Endpoint, AuthData) {
        let endpoint = Endpoint::from_owned(format!("{}{}", gateway(), self.base));
        (endpoint, AuthData::from_single("any"))
    }

    fn target(self, model: &str) -> ServiceTarget {
        let (endpoint, auth) = self.provider();
        ServiceTarget {
            endpoint,
            auth,
            model: ModelIden::new(self.adapter, model),
        }
    }

    async fn ask(
        self,
        model: &str,
        request: ChatRequest,
        options: &ChatOptions,
    ) -> genai::Result<ChatResponse> {
        Client::new()?
            .exec_chat(self.target(model), request, Some(options))
            .await
    }

    /// Asks for a stream, and returns its text and its end.
    async fn stream(
        self,
        model: &str,
        request: ChatRequest,
        options: &ChatOptions,
    ) -> genai::Result<(String, StreamEnd)> {
        let options = options
            .clone()
            .with_capture_usage(true)
            .with_capture_tool_calls(true);
        let client = Client::new()?;
        let begun = client
            .exec_chat_stream(self.target(model), request, Some(&options))
            .await?;
        let mut events = begun.stream;
        let (mut text, mut end) = (String::new(), None);
        while let Some(event) = events.next().await {
            match event? {
                ChatStreamEvent::Chunk(chunk) => text += &chunk.content,
                ChatStreamEvent::End(last) => end = Some(last),
                _ => {}
            }
        }
        Ok((text, end.expect("the stream has an end")))
    }
}

fn hello() -> ChatRequest {
    ChatRequest::from_user("Hello")
}

/// At most so many tokens.
fn most(tokens: u32) -> ChatOptions {
    ChatOptions::default().with_max_tokens(tokens)
}

/// A case for every adapter.
fn each<F>(name: &'static str, body: impl Fn(Way) -> F) -> impl Iterator<Item = Case>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    WAYS.map(|way| case(format!("{}: {name}", way.name), body(way)))
        .into_iter()
}

#[tokio::main]
async fn main() {
    let all = [answers::cases(), tools::cases(), faults::cases()];
    rust_clients::run("genai", all.into_iter().flatten().collect()).await;
}
