//! What clients of OpenAI's Responses API ask, and the same as a chat.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::{
    chat::request::{
        ChatRequest, Content, ContentPart, Function, FunctionName, ImageUrl, JsonSchemaFormat,
        NamedTool, ResponseFormat, Tool, ToolChoice, ToolKind, ToolMode, WireCall,
        WireCalledFunction, WireMessage, WireRole,
    },
    fault::Fault,
    string_or::string_or_array,
};

/// What asks for log-probabilities.
const LOGPROBS: &str = "message.output_text.logprobs";

/// `POST /v1/responses`. Fields that are not listed are accepted and ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "model": "receipt-nano", "input": "What is a receipt?", "max_output_tokens": 32
}))]
pub struct ResponsesRequest {
    /// Model to ask; else the gateway's default.
    pub model: Option<String>,
    /// What is said and shown: a text, or items in order.
    pub input: Input,
    /// Instructions, before everything else.
    pub instructions: Option<String>,
    /// Tokens generated at most.
    #[schema(format = "uint64")]
    pub max_output_tokens: Option<u64>,
    /// 0 for the likeliest token at every step, up to 2.
    pub temperature: Option<f64>,
    /// Nucleus sampling, over 0 up to 1.
    pub top_p: Option<f64>,
    /// How many of the likeliest tokens to tell at each step, 0 to 20.
    pub top_logprobs: Option<u64>,
    /// `message.output_text.logprobs` asks for log-probabilities.
    pub include: Option<Vec<String>>,
    /// What the text must be.
    pub text: Option<TextSettings>,
    /// Functions that the model may ask its client to call.
    pub tools: Option<Vec<FlatTool>>,
    /// Whether it is to call one; `auto` where there are tools.
    pub tool_choice: Option<FlatToolChoice>,
    /// Whether one answer may call several; it may unless this is false.
    pub parallel_tool_calls: Option<bool>,
    /// Whether to send the answer as it grows, as server-sent events.
    pub stream: Option<bool>,
    /// Comes back with the answer.
    pub metadata: Option<Map<String, Value>>,
    /// Refused: nothing is stored, so the whole conversation goes into `input`.
    pub previous_response_id: Option<String>,
    /// Refused if true: answers are given at once.
    pub background: Option<bool>,
}

/// A text, or items in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Input {
    /// What the user says.
    Text(String),
    /// Messages, calls and what they came to.
    Items(Vec<Item>),
}

/// A message, a call, or what a call came to.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Item {
    /// `message` where it is left out.
    #[serde(default, rename = "type")]
    pub kind: ItemKind,
    /// Who speaks, of a message.
    pub role: Option<WireRole>,
    /// What is said and shown, of a message.
    pub content: Option<ItemContent>,
    /// The function, of a call.
    pub name: Option<String>,
    /// JSON in a string, of a call.
    pub arguments: Option<String>,
    /// What a call came to.
    pub output: Option<ItemContent>,
}

/// A kind of item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Something said.
    #[default]
    Message,
    /// A call that the model made.
    FunctionCall,
    /// What it came to.
    FunctionCallOutput,
    /// Thoughts of another model; left out.
    Reasoning,
}

/// Text, or a list of parts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ItemContent {
    /// Text alone.
    Text(String),
    /// Text and pictures in reading order.
    Parts(Vec<ItemPart>),
}

/// A part of a message.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ItemPart {
    /// Text of a user.
    InputText {
        /// The text.
        text: String,
    },
    /// Text of the model.
    OutputText {
        /// The text.
        text: String,
    },
    /// What the model would not do.
    Refusal {
        /// Its words.
        refusal: String,
    },
    /// A picture.
    InputImage {
        /// `https://`, `http://` or `data:`.
        image_url: String,
    },
}

impl Default for Input {
    fn default() -> Self {
        Self::Items(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of items";
        string_or_array(deserializer, expecting, Self::Text, Self::Items)
    }
}

impl<'de> Deserialize<'de> for ItemContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of parts";
        string_or_array(deserializer, expecting, Self::Text, Self::Parts)
    }
}

/// What the text must be.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
pub struct TextSettings {
    /// Its format; any text where it is left out.
    #[serde(default)]
    pub format: TextFormat,
}

/// A format of the text.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TextFormat {
    /// Anything.
    #[default]
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON that validates against a schema.
    JsonSchema {
        /// Its name, for the client.
        name: String,
        /// The schema.
        #[schema(value_type = Object)]
        schema: Value,
        /// Unless false, a keyword that the grammar cannot enforce is a 400.
        #[serde(skip_serializing_if = "Option::is_none")]
        strict: Option<bool>,
    },
}

/// A tool.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlatTool {
    /// A function of the client's.
    Function {
        /// Its name: up to 64 letters, digits, `_` and `-`.
        name: String,
        /// What it is for.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// JSON Schema of its arguments.
        parameters: Option<Map<String, Value>>,
        /// If true, a keyword that the grammar cannot enforce is a 400.
        strict: Option<bool>,
    },
    /// Any other, which is refused.
    #[serde(other)]
    Other,
}

/// Whether a tool is to be called.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(
    untagged,
    expecting = "none, auto, required, or {\"type\": \"function\", \"name\": ...}"
)]
pub enum FlatToolChoice {
    /// At all.
    Mode(ToolMode),
    /// This one.
    Named(FlatNamedTool),
}

/// A function by its name.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct FlatNamedTool {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ToolKind,
    /// As in `tools`.
    pub name: String,
}

/// A request as a chat, and where in the request each message came from.
pub struct AsChat {
    /// The chat.
    pub chat: ChatRequest,
    /// The field of each message.
    pub fields: Vec<String>,
}

impl ResponsesRequest {
    /// What is asked, as a chat; what was said and shown is taken out.
    ///
    /// # Errors
    /// 400 for what would need answers to be stored, and for an item without its parts.
    pub fn take_chat(&mut self) -> Result<AsChat, Fault> {
        if self.previous_response_id.is_some() {
            let message = "Answers are not stored; send the whole conversation as input.";
            return Err(Fault::invalid("previous_response_id", message));
        }
        if self.background == Some(true) {
            let message = "Answers are given at once; leave background out.";
            return Err(Fault::invalid("background", message));
        }
        let mut messages = Messages::default();
        if let Some(instructions) = &self.instructions {
            let content = Content::Text(instructions.clone());
            messages.say("instructions".to_owned(), WireRole::System, content);
        }
        match std::mem::take(&mut self.input) {
            Input::Text(text) => {
                messages.say("input".to_owned(), WireRole::User, Content::Text(text));
            }
            Input::Items(items) => {
                for (i, item) in items.into_iter().enumerate() {
                    messages.add(format!("input[{i}]"), item)?;
                }
            }
        }
        let mut included = self.include.iter().flatten();
        let logprobs = self.top_logprobs.is_some_and(|top| top > 0)
            || included.any(|included| included == LOGPROBS);
        let format = self.text.clone().unwrap_or_default().format;
        let tools = self.tools.clone();
        let chat = ChatRequest {
            model: self.model.clone(),
            messages: messages.messages,
            max_completion_tokens: self.max_output_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            logprobs: Some(logprobs),
            top_logprobs: self.top_logprobs,
            response_format: Some(format.into()),
            tools: tools.map(|tools| tools.into_iter().map(Tool::from).collect()),
            tool_choice: self.tool_choice.clone().map(ToolChoice::from),
            parallel_tool_calls: self.parallel_tool_calls,
            ..ChatRequest::default()
        };
        Ok(AsChat {
            chat,
            fields: messages.fields,
        })
    }
}

#[derive(Default)]
struct Messages {
    messages: Vec<WireMessage>,
    fields: Vec<String>,
}

impl Messages {
    fn push(&mut self, field: String, message: WireMessage) {
        self.messages.push(message);
        self.fields.push(field);
    }

    fn say(&mut self, field: String, role: WireRole, content: Content) {
        let message = WireMessage {
            role,
            content: Some(content),
            tool_calls: None,
        };
        self.push(field, message);
    }

    fn add(&mut self, field: String, item: Item) -> Result<(), Fault> {
        let lacks = |name: &str| {
            let kind = item.kind;
            Fault::invalid(format!("{field}.{name}"), format!("{kind:?} needs {name}."))
        };
        match item.kind {
            ItemKind::Reasoning => {}
            ItemKind::Message => {
                let role = item.role.ok_or_else(|| lacks("role"))?;
                let content = item.content.ok_or_else(|| lacks("content"))?;
                self.say(field, role, content.into());
            }
            ItemKind::FunctionCall => {
                let name = item.name.clone().ok_or_else(|| lacks("name"))?;
                let arguments = item.arguments.clone().ok_or_else(|| lacks("arguments"))?;
                let function = WireCalledFunction { name, arguments };
                let call = WireCall { function };
                match self.messages.last_mut() {
                    // Calls belong to what the model said before them.
                    Some(message) if message.role == WireRole::Assistant => {
                        message.tool_calls.get_or_insert_default().push(call);
                    }
                    _ => {
                        let message = WireMessage {
                            role: WireRole::Assistant,
                            content: None,
                            tool_calls: Some(vec![call]),
                        };
                        self.push(field, message);
                    }
                }
            }
            ItemKind::FunctionCallOutput => {
                let output = item.output.ok_or_else(|| lacks("output"))?;
                self.say(field, WireRole::Tool, output.into());
            }
        }
        Ok(())
    }
}

impl From<ItemContent> for Content {
    fn from(content: ItemContent) -> Self {
        let parts = match content {
            ItemContent::Text(text) => return Self::Text(text),
            ItemContent::Parts(parts) => parts.into_iter(),
        };
        let parts = parts.map(|part| match part {
            ItemPart::InputText { text } | ItemPart::OutputText { text } => {
                ContentPart::Text { text }
            }
            ItemPart::Refusal { refusal } => ContentPart::Text { text: refusal },
            ItemPart::InputImage { image_url } => ContentPart::ImageUrl {
                image_url: ImageUrl::Url(image_url),
            },
        });
        Self::Parts(parts.collect())
    }
}

impl From<TextFormat> for ResponseFormat {
    fn from(format: TextFormat) -> Self {
        match format {
            TextFormat::Text => Self::Text,
            TextFormat::JsonObject => Self::JsonObject,
            TextFormat::JsonSchema {
                name,
                schema,
                strict,
            } => Self::JsonSchema {
                json_schema: JsonSchemaFormat {
                    name: Some(name),
                    schema,
                    strict,
                },
            },
        }
    }
}

impl From<FlatTool> for Tool {
    fn from(tool: FlatTool) -> Self {
        match tool {
            FlatTool::Function {
                name,
                description,
                parameters,
                strict,
            } => Self::Function {
                function: Function {
                    name,
                    description,
                    parameters,
                    strict,
                },
            },
            FlatTool::Other => Self::Other,
        }
    }
}

impl From<FlatToolChoice> for ToolChoice {
    fn from(choice: FlatToolChoice) -> Self {
        match choice {
            FlatToolChoice::Mode(mode) => Self::Mode(mode),
            FlatToolChoice::Named(FlatNamedTool { kind, name }) => Self::Named(NamedTool {
                kind,
                function: FunctionName { name },
            }),
        }
    }
}

/// `fault` with its field by the name that it has in a request of this API.
#[must_use]
pub fn in_own_words(mut fault: Fault, fields: &[String]) -> Fault {
    if let Some(param) = fault.param.take() {
        let own = own_name(&param, fields);
        fault.message = fault.message.replace(&param, &own);
        fault.param = Some(own);
    }
    fault
}

fn own_name(param: &str, fields: &[String]) -> String {
    if let Some(rest) = param.strip_prefix("messages[")
        && let Some((number, rest)) = rest.split_once(']')
        && let Some(field) = number.parse().ok().and_then(|i: usize| fields.get(i))
    {
        return format!("{field}{rest}");
    }
    match param {
        "messages" => "input".to_owned(),
        "max_completion_tokens" => "max_output_tokens".to_owned(),
        "logprobs" => "include".to_owned(),
        _ => param
            .replace("response_format.json_schema", "text.format")
            .replace(".function.", "."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_names_of_this_api() {
        let fields = ["instructions".to_owned(), "input[0]".to_owned()];
        for (chat, own) in [
            (
                "messages[1].content[0].image_url",
                "input[0].content[0].image_url",
            ),
            ("messages", "input"),
            ("tools[2].function.name", "tools[2].name"),
            ("response_format.json_schema.schema", "text.format.schema"),
            ("max_completion_tokens", "max_output_tokens"),
            ("temperature", "temperature"),
        ] {
            assert_eq!(own_name(chat, &fields), own);
        }
    }
}
