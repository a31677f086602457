//! Translates a request of the chat API, and names its fields.

use super::request::{
    Content, ContentPart, ResponseFormat, Tool, ToolMode, WireChatRequest, WireMessage, WireRole,
    WireToolChoice,
};
use crate::{
    chat::{
        self, AnswerFormat, ChatOptions, ChatPart, ChatPrompt, ChatRole, ChatTurn, FieldPath,
        FunctionCall, FunctionOptions, ToolOptions,
    },
    http::{
        caller::Caller,
        fault::{Fault, FieldNames, common_name},
        openai::{
            files::{FileFields, FileRefused},
            plugins,
        },
    },
    image::ImageSource,
    receipt::CacheUse,
};

/// The names of a chat request's fields.
#[derive(Clone)]
pub struct ChatFields {
    max_tokens: &'static str,
    /// The field of each part of each message that shows a file.
    files: Vec<Vec<&'static str>>,
}

impl FieldNames for ChatFields {
    fn name(&self, field: &FieldPath) -> String {
        match field {
            FieldPath::Prompt => "messages".to_owned(),
            FieldPath::Turn(turn) => content(*turn),
            FieldPath::Part(turn, part) => {
                let files = self.files.get(*turn);
                let file = files.and_then(|parts| parts.get(*part)).unwrap_or(&"text");
                format!("{}[{part}].{file}", content(*turn))
            }
            FieldPath::MaxTokens => self.max_tokens.to_owned(),
            FieldPath::Schema => "response_format.json_schema.schema".to_owned(),
            FieldPath::FunctionName(number) => format!("tools[{number}].function.name"),
            FieldPath::FunctionParameters(number) => format!("tools[{number}].function.parameters"),
            _ => common_name(field),
        }
    }
}

fn content(turn: usize) -> String {
    format!("messages[{turn}].content")
}

impl WireChatRequest {
    /// Translates the request of `caller`.
    ///
    /// # Errors
    /// A model that the caller may not use, and a field that is not valid.
    pub fn translate(
        self,
        caller: &Caller,
        cache: CacheUse,
    ) -> Result<(chat::ChatRequest, ChatFields), Fault> {
        plugins::check(self.plugins.as_deref().unwrap_or_default())?;
        let wishes = self.provider.unwrap_or_default().into();
        let others = self.models.as_deref().unwrap_or_default();
        let candidates = caller.candidates(self.model.as_deref(), others, &wishes)?;
        if self.messages.is_empty() {
            let message = "messages is empty; send at least one message.";
            return Err(Fault::invalid("messages", message));
        }
        let wants_logprobs = self.logprobs.unwrap_or(false);
        if self.top_logprobs.is_some_and(|top| top > 0) && !wants_logprobs {
            let message = "top_logprobs is set without logprobs; set logprobs to true, or leave top_logprobs out.";
            return Err(Fault::invalid("top_logprobs", message));
        }
        let (max_tokens, max_tokens_field) = match self.max_completion_tokens {
            Some(most) => (Some(most), "max_completion_tokens"),
            None => (self.max_tokens, "max_tokens"),
        };
        let options = ChatOptions {
            max_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            min_p: self.min_p,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            repetition_penalty: self.repetition_penalty,
            seed: self.seed,
            stop: self
                .stop
                .map(super::Stop::into_sequences)
                .unwrap_or_default(),
            choices: self.n,
            logit_bias: self.logit_bias.unwrap_or_default(),
            logprobs: wants_logprobs.then(|| self.top_logprobs.unwrap_or(0)),
        };
        let mut files = Vec::with_capacity(self.messages.len());
        let mut turns = Vec::with_capacity(self.messages.len());
        for (number, message) in self.messages.into_iter().enumerate() {
            let (turn, of_turn) = message.translate(number)?;
            turns.push(turn);
            files.push(of_turn);
        }
        let request = chat::ChatRequest {
            candidates,
            prompt: ChatPrompt::Conversation(turns),
            options,
            format: self.response_format.map(Into::into).unwrap_or_default(),
            tools: tools(
                self.tools.unwrap_or_default(),
                self.tool_choice,
                self.parallel_tool_calls,
            )?,
            client: caller.client(),
            cache,
        };
        let fields = ChatFields {
            max_tokens: max_tokens_field,
            files,
        };
        Ok((request, fields))
    }
}

impl WireMessage {
    /// Translates message number `number`; also returns the field of each part that shows a file.
    fn translate(self, number: usize) -> Result<(ChatTurn, Vec<&'static str>), Fault> {
        let parts = match self.content {
            None => {
                let refusal = self.refusal.map(|text| ContentPart::Text { text });
                refusal.into_iter().collect()
            }
            Some(Content::Text(text)) => vec![ContentPart::Text { text }],
            Some(Content::Parts(parts)) => parts,
        };
        let mut translated = Vec::with_capacity(parts.len());
        let mut fields = Vec::with_capacity(parts.len());
        for (place, part) in parts.into_iter().enumerate() {
            let (part, field) = match part {
                ContentPart::Text { text } | ContentPart::Refusal { refusal: text } => {
                    (ChatPart::Text(text), "text")
                }
                ContentPart::ImageUrl { image_url } => {
                    let source = ImageSource::Url(image_url.into_url());
                    (ChatPart::File(source), "image_url")
                }
                ContentPart::File { file } => {
                    let file = FileFields {
                        name: file.filename,
                        data: file.file_data,
                        url: file.file_url,
                        id: file.file_id,
                    };
                    let (document, field) = file.document().map_err(|refused| {
                        let FileRefused { field, reason } = refused;
                        let part = format!("{}[{place}].file", content(number));
                        Fault::invalid(format!("{part}.{field}"), reason)
                    })?;
                    let field = match field {
                        "file_url" => "file.file_url",
                        "file_id" => "file.file_id",
                        _ => "file.file_data",
                    };
                    (ChatPart::Document(document), field)
                }
            };
            translated.push(part);
            fields.push(field);
        }
        let calls = self.tool_calls.into_iter().flatten();
        let turn = ChatTurn {
            role: self.role.into(),
            parts: translated,
            calls: calls
                .map(|call| FunctionCall {
                    name: call.function.name,
                    arguments: call.function.arguments,
                })
                .collect(),
        };
        Ok((turn, fields))
    }
}

impl From<WireRole> for ChatRole {
    fn from(role: WireRole) -> Self {
        match role {
            WireRole::System | WireRole::Developer => Self::System,
            WireRole::User => Self::User,
            WireRole::Assistant => Self::Assistant,
            WireRole::Tool => Self::Tool,
        }
    }
}

impl From<ResponseFormat> for AnswerFormat {
    fn from(format: ResponseFormat) -> Self {
        match format {
            ResponseFormat::Text => Self::Text,
            ResponseFormat::JsonObject => Self::AnyObject,
            ResponseFormat::JsonSchema { json_schema } => Self::Schema {
                schema: json_schema.schema,
                strict: json_schema.strict != Some(false),
            },
        }
    }
}

impl From<WireToolChoice> for chat::ToolChoice {
    fn from(choice: WireToolChoice) -> Self {
        match choice {
            WireToolChoice::Mode(mode) => mode.into(),
            WireToolChoice::Named(named) => Self::Named(named.function.name),
        }
    }
}

impl From<ToolMode> for chat::ToolChoice {
    fn from(mode: ToolMode) -> Self {
        match mode {
            ToolMode::None => Self::None,
            ToolMode::Auto => Self::Auto,
            ToolMode::Required => Self::Required,
        }
    }
}

impl From<Tool> for Option<FunctionOptions> {
    fn from(tool: Tool) -> Self {
        match tool {
            Tool::Function { function } => Some(FunctionOptions {
                name: function.name,
                description: function.description,
                parameters: function.parameters,
                strict: function.strict == Some(true),
            }),
            Tool::Other => None,
        }
    }
}

/// Translates the tools of a chat or of the Responses API. Tools are ignored if the model may call none.
///
/// # Errors
/// A tool that is not a function.
pub fn tools<T: Into<Option<FunctionOptions>>>(
    tools: Vec<T>,
    choice: Option<impl Into<chat::ToolChoice>>,
    parallel: Option<bool>,
) -> Result<ToolOptions, Fault> {
    let choice = choice.map(Into::into);
    let may_call = choice != Some(chat::ToolChoice::None);
    let functions = tools.into_iter().enumerate().filter(|_| may_call);
    let functions = functions.map(|(number, tool)| {
        tool.into().ok_or_else(|| {
            let field = format!("tools[{number}].type");
            let message = "This tool's type is not supported; send tools of type function.";
            Fault::invalid(field, message)
        })
    });
    Ok(ToolOptions {
        functions: functions.collect::<Result<_, _>>()?,
        choice,
        parallel: parallel.unwrap_or(true),
    })
}
