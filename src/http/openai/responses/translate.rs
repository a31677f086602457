//! Translates a request of the Responses API, and names its fields.

use super::request::{
    FlatTool, FlatToolChoice, Input, Item, ItemContent, ItemKind, ItemPart, ResponsesRequest,
    TextFormat,
};
use crate::{
    chat::{
        AnswerFormat, ChatOptions, ChatPart, ChatPrompt, ChatRequest, ChatRole, ChatTurn,
        FieldPath, FunctionCall, FunctionOptions, ToolChoice,
    },
    http::{
        caller::Caller,
        fault::{Fault, FieldNames, common_name},
        openai::{
            chat::translate::tools,
            files::{FileFields, FileRefused},
            plugins,
        },
    },
    image::ImageSource,
    receipt::CacheUse,
    routing::ProviderWishes,
};

/// The value of `include` that asks for log-probabilities.
const LOGPROBS: &str = "message.output_text.logprobs";

/// The names of the fields of a request of the Responses API.
#[derive(Clone, Default)]
pub struct ResponseFields {
    turns: Vec<TurnFields>,
}

/// The fields of one turn.
#[derive(Clone)]
struct TurnFields {
    /// The field of its content.
    content: String,
    /// The field of each part that shows a file.
    files: Vec<&'static str>,
}

impl FieldNames for ResponseFields {
    fn name(&self, field: &FieldPath) -> String {
        let turn = |number: &usize| self.turns.get(*number);
        match field {
            FieldPath::Turn(number) => {
                turn(number).map_or_else(|| "input".to_owned(), |turn| turn.content.clone())
            }
            FieldPath::Part(number, part) => match turn(number) {
                Some(turn) => {
                    let file = turn.files.get(*part).unwrap_or(&"text");
                    format!("{}[{part}].{file}", turn.content)
                }
                None => "input".to_owned(),
            },
            FieldPath::Prompt => "input".to_owned(),
            FieldPath::MaxTokens => "max_output_tokens".to_owned(),
            FieldPath::Logprobs => "include".to_owned(),
            FieldPath::Schema => "text.format.schema".to_owned(),
            _ => common_name(field),
        }
    }
}

impl ResponsesRequest {
    /// Translates the request of `caller`. Takes the input out, and leaves the rest for the answer to repeat.
    ///
    /// # Errors
    /// A model that the caller may not use, a field that needs stored answers, and an item without its parts.
    pub fn translate(
        &mut self,
        caller: &Caller,
        cache: CacheUse,
    ) -> Result<(ChatRequest, ResponseFields), Fault> {
        if self.previous_response_id.is_some() {
            let message = "The gateway stores no answers; send the whole conversation as input.";
            return Err(Fault::invalid("previous_response_id", message));
        }
        if self.background == Some(true) {
            let message = "The gateway does not answer in the background; leave background out.";
            return Err(Fault::invalid("background", message));
        }
        plugins::check(self.plugins.as_deref().unwrap_or_default())?;
        let mut turns = Turns::default();
        if let Some(instructions) = &self.instructions {
            let content = ItemContent::Text(instructions.clone());
            turns.say("instructions".to_owned(), ChatRole::System, content)?;
        }
        match std::mem::take(&mut self.input) {
            Input::Text(text) if text.is_empty() => return Err(empty_input()),
            Input::Items(items) if items.is_empty() => return Err(empty_input()),
            Input::Text(text) => {
                turns.say("input".to_owned(), ChatRole::User, ItemContent::Text(text))?;
            }
            Input::Items(items) => {
                for (number, item) in items.into_iter().enumerate() {
                    turns.add(&format!("input[{number}]"), item)?;
                }
            }
        }
        let wishes = ProviderWishes::default();
        let mut included = self.include.iter().flatten();
        let wants_logprobs = self.top_logprobs.is_some_and(|top| top > 0)
            || included.any(|included| included == LOGPROBS);
        let format = self.text.clone().unwrap_or_default().format;
        let request = ChatRequest {
            candidates: caller.candidates(self.model.as_deref(), &[], &wishes)?,
            prompt: ChatPrompt::Conversation(turns.turns),
            options: ChatOptions {
                max_tokens: self.max_output_tokens,
                temperature: self.temperature,
                top_p: self.top_p,
                logprobs: wants_logprobs.then(|| self.top_logprobs.unwrap_or(0)),
                ..ChatOptions::default()
            },
            format: format.into(),
            tools: tools(
                self.tools.clone().unwrap_or_default(),
                self.tool_choice.clone(),
                self.parallel_tool_calls,
            )?,
            client: caller.client(),
            cache,
        };
        Ok((request, turns.fields))
    }
}

/// The turns of a conversation, and their fields.
#[derive(Default)]
struct Turns {
    turns: Vec<ChatTurn>,
    fields: ResponseFields,
}

impl Turns {
    fn push(&mut self, turn: ChatTurn, content: String, files: Vec<&'static str>) {
        self.turns.push(turn);
        self.fields.turns.push(TurnFields { content, files });
    }

    fn say(&mut self, field: String, role: ChatRole, content: ItemContent) -> Result<(), Fault> {
        let parts = match content {
            ItemContent::Text(text) => vec![ItemPart::InputText { text }],
            ItemContent::Parts(parts) => parts,
        };
        let mut translated = Vec::with_capacity(parts.len());
        let mut files = Vec::with_capacity(parts.len());
        for (place, part) in parts.into_iter().enumerate() {
            let (part, file) = part.translate().map_err(|refused| {
                let FileRefused {
                    field: name,
                    reason,
                } = refused;
                Fault::invalid(format!("{field}[{place}].{name}"), reason)
            })?;
            translated.push(part);
            files.push(file);
        }
        let turn = ChatTurn {
            role,
            parts: translated,
            calls: Vec::new(),
        };
        self.push(turn, field, files);
        Ok(())
    }

    fn add(&mut self, field: &str, item: Item) -> Result<(), Fault> {
        let lacks = |name: &str| {
            let message =
                format!("{field} has no {name}, which an item of its type needs; add it.");
            Fault::invalid(format!("{field}.{name}"), message)
        };
        match item.kind {
            // Reasoning of another model is ignored.
            ItemKind::Reasoning => Ok(()),
            ItemKind::Message => {
                let role = item.role.ok_or_else(|| lacks("role"))?;
                let content = item.content.ok_or_else(|| lacks("content"))?;
                self.say(format!("{field}.content"), role.into(), content)
            }
            ItemKind::FunctionCall => {
                let name = item.name.clone().ok_or_else(|| lacks("name"))?;
                let arguments = item.arguments.clone().ok_or_else(|| lacks("arguments"))?;
                let call = FunctionCall { name, arguments };
                match self.turns.last_mut() {
                    // Calls belong to the message before them.
                    Some(turn) if turn.role == ChatRole::Assistant => turn.calls.push(call),
                    _ => {
                        let turn = ChatTurn {
                            role: ChatRole::Assistant,
                            parts: Vec::new(),
                            calls: vec![call],
                        };
                        self.push(turn, field.to_owned(), Vec::new());
                    }
                }
                Ok(())
            }
            ItemKind::FunctionCallOutput => {
                let output = item.output.ok_or_else(|| lacks("output"))?;
                self.say(format!("{field}.output"), ChatRole::Tool, output)
            }
        }
    }
}

impl ItemPart {
    /// Translates a part; also returns the field that shows a file.
    fn translate(self) -> Result<(ChatPart, &'static str), FileRefused> {
        let file = match self {
            Self::InputText { text }
            | Self::OutputText { text }
            | Self::Refusal { refusal: text } => return Ok((ChatPart::Text(text), "text")),
            Self::InputImage {
                image_url: Some(url),
                file_id: _,
            } => return Ok((ChatPart::File(ImageSource::Url(url)), "image_url")),
            // A picture without an address is refused like a file without data.
            Self::InputImage {
                image_url: None,
                file_id: id,
            } => {
                let file = FileFields {
                    id,
                    ..FileFields::default()
                };
                let (picture, field) = file.document()?;
                return Ok((ChatPart::File(picture.source), field));
            }
            Self::InputFile {
                filename: name,
                file_data: data,
                file_url: url,
                file_id: id,
            } => FileFields {
                name,
                data,
                url,
                id,
            },
        };
        let (document, field) = file.document()?;
        Ok((ChatPart::Document(document), field))
    }
}

impl From<TextFormat> for AnswerFormat {
    fn from(format: TextFormat) -> Self {
        match format {
            TextFormat::Text => Self::Text,
            TextFormat::JsonObject => Self::AnyObject,
            TextFormat::JsonSchema { schema, strict, .. } => Self::Schema {
                schema,
                strict: strict != Some(false),
            },
        }
    }
}

impl From<FlatTool> for Option<FunctionOptions> {
    fn from(tool: FlatTool) -> Self {
        match tool {
            FlatTool::Function {
                name,
                description,
                parameters,
                strict,
            } => Some(FunctionOptions {
                name,
                description,
                parameters,
                strict: strict == Some(true),
            }),
            FlatTool::Other => None,
        }
    }
}

impl From<FlatToolChoice> for ToolChoice {
    fn from(choice: FlatToolChoice) -> Self {
        match choice {
            FlatToolChoice::Mode(mode) => mode.into(),
            FlatToolChoice::Named(named) => Self::Named(named.name),
        }
    }
}

fn empty_input() -> Fault {
    Fault::invalid("input", "input is empty; send a text or at least one item.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_names_of_this_api() {
        let input: Input = serde_json::from_value(serde_json::json!([
            {"role": "user", "content": [
                {"type": "input_image", "image_url": "https://example.com/a.png"},
                {"type": "input_file", "file_data": "AAAA"},
            ]},
            {"type": "function_call_output", "output": "12"},
        ]))
        .unwrap();
        let mut turns = Turns::default();
        let Input::Items(items) = input else {
            panic!("{input:?}")
        };
        for (number, item) in items.into_iter().enumerate() {
            turns.add(&format!("input[{number}]"), item).unwrap();
        }
        for (field, name) in [
            (FieldPath::Part(0, 0), "input[0].content[0].image_url"),
            (FieldPath::Part(0, 1), "input[0].content[1].file_data"),
            (FieldPath::Turn(1), "input[1].output"),
            (FieldPath::Prompt, "input"),
            (FieldPath::FunctionName(2), "tools[2].name"),
            (FieldPath::Schema, "text.format.schema"),
            (FieldPath::MaxTokens, "max_output_tokens"),
            (FieldPath::Temperature, "temperature"),
        ] {
            assert_eq!(turns.fields.name(&field), name);
        }
    }
}
