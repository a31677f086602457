//! OpenAI's APIs, also under OpenRouter's paths. Each folder translates one wire form: a request into a
//! [`crate::chat::ChatRequest`], and the pieces of an answer into the form's own.

pub mod chat;
pub mod completions;
mod envelope;
mod files;
mod logprobs;
mod plugins;
pub mod responses;
mod usage;

pub use chat::response::ChatCompletionChunk;
pub use completions::CompletionChunk;
pub use responses::ResponseEvent;
pub use usage::PromptTokensDetails;
