//! Translates the messages of a conversation into turns, and names their fields.

use super::{
    blocks::{BlockContent, BlockSource, InputBlock},
    request::{InputMessage, InputRole},
};
use crate::{
    chat::{ChatPart, ChatRole, ChatTurn, FieldPath, FunctionCall},
    http::fault::{Fault, FieldNames, common_name},
    image::ImageSource,
};

/// Separates a document's text from what stands before and behind it.
const GAP: &str = "\n\n";

/// What the model reads before the result of a call that failed.
const FAILED: &str = "The call failed.\n";

/// The names of the fields of a request of the Messages API.
#[derive(Clone, Default)]
pub struct MessageFields {
    turns: Vec<PartFields>,
}

/// The fields of one turn.
#[derive(Clone)]
struct PartFields {
    /// The field of its content.
    content: String,
    /// The field of each part.
    parts: Vec<String>,
}

impl FieldNames for MessageFields {
    fn name(&self, field: &FieldPath) -> String {
        let turn = |number: &usize| self.turns.get(*number);
        let part = |number: &usize, part: &usize| turn(number)?.parts.get(*part).cloned();
        let named = match field {
            FieldPath::Turn(number) => turn(number).map(|turn| turn.content.clone()),
            FieldPath::Part(number, place) => part(number, place),
            FieldPath::Stop => Some("stop_sequences".to_owned()),
            FieldPath::Schema => Some("output_config.format.schema".to_owned()),
            FieldPath::FunctionParameters(number) => Some(format!("tools[{number}].input_schema")),
            FieldPath::Prompt => None,
            _ => Some(common_name(field)),
        };
        named.unwrap_or_else(|| "messages".to_owned())
    }
}

/// The turns of a conversation, and their fields.
#[derive(Default)]
pub struct Conversation {
    turns: Vec<ChatTurn>,
    fields: MessageFields,
    /// Ids of the calls in the last messages of the model, in order.
    calls: Vec<String>,
    /// The speaker of the last message.
    last: Option<InputRole>,
}

impl Conversation {
    /// Adds instructions at the beginning.
    pub fn instruct(&mut self, text: &str) {
        let mut parts = Parts::default();
        parts.text(text, "system".to_owned());
        self.push(ChatRole::System, parts, "system".to_owned());
    }

    /// Adds all messages.
    ///
    /// # Errors
    /// No message, a block in the wrong place, the result of an unknown call, and an end that is not the user's.
    pub fn add_all(&mut self, messages: Vec<InputMessage>) -> Result<(), Fault> {
        if messages.is_empty() {
            let message = "messages is empty; send at least one message.";
            return Err(Fault::invalid("messages", message));
        }
        for (number, message) in messages.into_iter().enumerate() {
            self.add(number, message)?;
        }
        if self.last == Some(InputRole::Assistant) {
            let message = "The conversation ends with a message of the assistant, and the models here do not continue \
                           it; end it with a message of the user.";
            return Err(Fault::invalid("messages", message));
        }
        Ok(())
    }

    /// Returns the turns, and the names of their fields.
    #[must_use]
    pub fn into_turns(self) -> (Vec<ChatTurn>, MessageFields) {
        (self.turns, self.fields)
    }

    fn push(&mut self, role: ChatRole, parts: Parts, content: String) {
        self.turns.push(ChatTurn {
            role,
            parts: parts.contents,
            calls: Vec::new(),
        });
        self.fields.turns.push(PartFields {
            content,
            parts: parts.fields,
        });
    }

    fn add(&mut self, number: usize, message: InputMessage) -> Result<(), Fault> {
        let field = format!("messages[{number}].content");
        // Messages of the model in succession are one turn of it.
        if message.role == InputRole::Assistant && self.last != Some(InputRole::Assistant) {
            self.calls.clear();
        }
        self.last = Some(message.role);
        let blocks = message.content.into_blocks().into_iter().enumerate();
        let blocks = blocks.map(|(place, block)| (format!("{field}[{place}]"), block));
        match message.role {
            InputRole::User => self.user(field.clone(), blocks),
            InputRole::Assistant => self.assistant(field.clone(), blocks),
            InputRole::System => {
                let mut parts = Parts::default();
                for (field, block) in blocks {
                    parts.block(block, field)?;
                }
                self.push(ChatRole::System, parts, field.clone());
                Ok(())
            }
        }
    }

    /// Adds a message of the user: the results of calls as turns of their own, in the order of the calls.
    fn user(
        &mut self,
        field: String,
        blocks: impl Iterator<Item = (String, InputBlock)>,
    ) -> Result<(), Fault> {
        let mut results = Vec::new();
        let mut parts = Parts::default();
        for (field, block) in blocks {
            match block {
                InputBlock::ToolResult {
                    tool_use_id,
                    content,
                    is_error,
                } => {
                    let call = self.calls.iter().position(|call| *call == tool_use_id);
                    let call = call.ok_or_else(|| {
                        let message = "The message of the assistant before this one has no tool_use with this id.";
                        Fault::invalid(format!("{field}.tool_use_id"), message)
                    })?;
                    results.push((
                        call,
                        result(content, is_error == Some(true), &field)?,
                        field,
                    ));
                }
                block => parts.block(block, field)?,
            }
        }
        let has_results = !results.is_empty();
        // The model tells results apart by their order.
        results.sort_by_key(|(call, ..)| *call);
        for (_, parts, field) in results {
            self.push(ChatRole::Tool, parts, format!("{field}.content"));
        }
        if !parts.contents.is_empty() || !has_results {
            self.push(ChatRole::User, parts, field);
        }
        Ok(())
    }

    /// Adds a message of the model. One that holds nothing but thinking is left out.
    fn assistant(
        &mut self,
        field: String,
        blocks: impl Iterator<Item = (String, InputBlock)>,
    ) -> Result<(), Fault> {
        let mut parts = Parts::default();
        let mut calls = Vec::new();
        for (field, block) in blocks {
            match block {
                InputBlock::Thinking {} | InputBlock::RedactedThinking {} => {}
                InputBlock::ToolUse { id, name, input } => {
                    self.calls.push(id);
                    let arguments = serde_json::Value::Object(input).to_string();
                    calls.push(FunctionCall { name, arguments });
                }
                block => parts.block(block, field)?,
            }
        }
        if parts.contents.is_empty() && calls.is_empty() {
            return Ok(());
        }
        self.push(ChatRole::Assistant, parts, field);
        if let Some(turn) = self.turns.last_mut() {
            turn.calls = calls;
        }
        Ok(())
    }
}

/// Translates the result of a call.
fn result(content: Option<BlockContent>, has_failed: bool, field: &str) -> Result<Parts, Fault> {
    let mut parts = Parts::default();
    if has_failed {
        parts.text(FAILED, format!("{field}.is_error"));
    }
    let blocks = content.map(BlockContent::into_blocks).unwrap_or_default();
    for (place, block) in blocks.into_iter().enumerate() {
        parts.block(block, format!("{field}.content[{place}]"))?;
    }
    Ok(parts)
}

/// The parts of a turn with their fields.
#[derive(Default)]
struct Parts {
    contents: Vec<ChatPart>,
    fields: Vec<String>,
    /// Whether the last part is a text that stands apart from the next one.
    is_apart: bool,
}

impl Parts {
    fn text(&mut self, text: &str, field: String) {
        let gap = if self.is_apart { GAP } else { "" };
        self.contents.push(ChatPart::Text(format!("{gap}{text}")));
        self.fields.push(field);
        self.is_apart = false;
    }

    /// Adds a text that stands apart from what is around it.
    fn apart(&mut self, text: &str, field: String) {
        self.is_apart = !self.contents.is_empty();
        self.text(text, field);
        self.is_apart = true;
    }

    fn file(&mut self, url: String, field: String) {
        self.contents.push(ChatPart::File(ImageSource::Url(url)));
        self.fields.push(field);
        self.is_apart = false;
    }

    fn block(&mut self, block: InputBlock, field: String) -> Result<(), Fault> {
        match block {
            InputBlock::Text { text } => self.text(&text, format!("{field}.text")),
            InputBlock::Image { source } => self.picture(source, &field)?,
            InputBlock::Document {
                source,
                title,
                context,
            } => {
                let about = [title, context].into_iter().flatten();
                let about: Vec<_> = about.filter(|text| !text.is_empty()).collect();
                self.document(source, &about.join("\n"), &field)?;
            }
            InputBlock::SearchResult {
                source,
                title,
                content,
            } => {
                let about = format!("{title}\n{source}");
                self.contents(content, &about, &field, "content")?;
            }
            InputBlock::Thinking {}
            | InputBlock::RedactedThinking {}
            | InputBlock::ToolUse { .. }
            | InputBlock::ToolResult { .. } => {
                let message = format!(
                    "A block of type {} cannot stand here; leave it out.",
                    block.kind()
                );
                return Err(Fault::invalid(field, message));
            }
        }
        Ok(())
    }

    fn picture(&mut self, source: BlockSource, field: &str) -> Result<(), Fault> {
        match source {
            BlockSource::Base64 { data, .. } => {
                self.file(data_uri(&data), format!("{field}.source.data"));
            }
            BlockSource::Url { url } => self.file(url, format!("{field}.source.url")),
            BlockSource::File { .. } => {
                let message =
                    "No files are stored here; send the file itself, in base64 or by its address.";
                return Err(Fault::invalid(format!("{field}.source.file_id"), message));
            }
            BlockSource::Text { .. } | BlockSource::Content { .. } => {
                let message = "A picture is sent in base64 or by its address.";
                return Err(Fault::invalid(format!("{field}.source.type"), message));
            }
        }
        Ok(())
    }

    /// Adds a document with what is said `about` it.
    fn document(&mut self, source: BlockSource, about: &str, field: &str) -> Result<(), Fault> {
        match source {
            BlockSource::Text { data, .. } => {
                let text = vec![InputBlock::Text { text: data }];
                self.contents(text, about, field, "source.data")
            }
            BlockSource::Content { content } => {
                self.contents(content.into_blocks(), about, field, "source.content")
            }
            source => {
                self.about(about, field);
                self.picture(source, field)
            }
        }
    }

    fn about(&mut self, about: &str, field: &str) {
        if !about.is_empty() {
            self.apart(about, format!("{field}.title"));
        }
    }

    /// Adds the text and the pictures of the document in `field`, which stand in its field `within`.
    fn contents(
        &mut self,
        blocks: Vec<InputBlock>,
        about: &str,
        field: &str,
        within: &str,
    ) -> Result<(), Fault> {
        self.about(about, field);
        for (place, block) in blocks.into_iter().enumerate() {
            let field = format!("{field}.{within}[{place}]");
            match block {
                InputBlock::Text { text } => self.apart(&text, format!("{field}.text")),
                InputBlock::Image { source } => self.picture(source, &field)?,
                other => {
                    let kind = other.kind();
                    let message = format!("A document holds text and pictures, and no {kind}.");
                    return Err(Fault::invalid(field, message));
                }
            }
        }
        Ok(())
    }
}

/// Writes a file in base64 as a `data:` URI; its type is read from its content.
fn data_uri(data: &str) -> String {
    format!("data:;base64,{data}")
}
