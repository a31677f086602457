//! A request of the Responses API as a chat.

use super::request::{
    FlatNamedTool, FlatTool, FlatToolChoice, Input, Item, ItemContent, ItemKind, ItemPart,
    ResponsesRequest, TextFormat,
};
use crate::http::{
    chat::request::{
        ChatRequest, Content, ContentPart, FilePart, Function, FunctionName, ImageUrl,
        JsonSchemaFormat, NamedTool, ResponseFormat, Tool, ToolChoice, WireCall,
        WireCalledFunction, WireMessage, WireRole,
    },
    fault::Fault,
};

/// What asks for log-probabilities.
const LOGPROBS: &str = "message.output_text.logprobs";

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
            Input::Text(text) if text.is_empty() => return Err(empty_input()),
            Input::Items(items) if items.is_empty() => return Err(empty_input()),
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
            refusal: None,
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
                            refusal: None,
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
            ItemPart::Refusal { refusal } => ContentPart::Refusal { refusal },
            ItemPart::InputImage {
                image_url: Some(url),
                file_id: _,
            } => ContentPart::ImageUrl {
                image_url: ImageUrl::Url(url),
            },
            // Which is refused as a file without its data is.
            ItemPart::InputImage {
                image_url: None,
                file_id,
            } => ContentPart::File {
                file: FilePart {
                    file_id,
                    ..FilePart::default()
                },
            },
            ItemPart::InputFile {
                filename,
                file_data,
                file_url,
                file_id,
            } => ContentPart::File {
                file: FilePart {
                    filename,
                    file_data,
                    file_url,
                    file_id,
                },
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

fn empty_input() -> Fault {
    Fault::invalid("input", "input is empty; there is nothing to answer.")
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
        // A file stands in its part itself there.
        return format!("{field}{}", rest.replace("].file.", "]."));
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
            (
                "messages[1].content[0].file.file_id",
                "input[0].content[0].file_id",
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
