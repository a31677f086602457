//! Separates the files of a conversation from its text, and keeps the field of each file.

use super::{
    ChatSettings,
    error::{ChatError, FieldPath},
    request::{ChatDocument, ChatPart, ChatRole, ChatTurn, FunctionCall},
};
use crate::{
    generation::{
        Line, Role, Script, Turn,
        tools::{RESULT, write_call},
    },
    image::ImageSource,
};

/// A file of a conversation, not loaded yet.
#[derive(Debug, Clone)]
pub struct ShownFile {
    /// The source of the file.
    pub source: ImageSource,
    /// The kinds that the file may be of.
    pub kinds: FileKinds,
    /// The part of the request that holds it.
    pub field: FieldPath,
}

/// The kinds that a file may be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKinds {
    /// Pictures and PDFs.
    Pages,
    /// Text files too, which are shown with this name.
    PagesOrText(Option<String>),
}

/// Takes the files out of a conversation, and writes calls and their results in the form that models read.
///
/// # Errors
/// A turn of the user without content, or too many files.
pub fn script(
    turns: Vec<ChatTurn>,
    settings: &ChatSettings,
) -> Result<(Script, Vec<ShownFile>), ChatError> {
    let mut files = Vec::new();
    let mut written: Vec<Turn> = Vec::with_capacity(turns.len());
    let mut after_result = false;
    for (number, turn) in turns.into_iter().enumerate() {
        let says_something = turn.parts.iter().any(|part| match part {
            ChatPart::Text(text) => !text.is_empty(),
            ChatPart::File(_) | ChatPart::Document(_) => true,
        });
        if turn.role == ChatRole::User && !says_something {
            let message = "This message of the user is empty; add text or a file.";
            return Err(ChatError::invalid(FieldPath::Turn(number), message));
        }
        let role = match turn.role {
            ChatRole::System => Role::System,
            ChatRole::User | ChatRole::Tool => Role::User,
            ChatRole::Assistant => Role::Assistant,
        };
        let is_result = turn.role == ChatRole::Tool;
        let lines = lines(number, turn, &mut files);
        match written.last_mut() {
            // The results of several calls share one turn.
            Some(last) if is_result && after_result => {
                last.lines.push(Line::Text("\n".to_owned()));
                last.lines.extend(lines);
            }
            _ => written.push(Turn { role, lines }),
        }
        after_result = is_result;
    }
    match files.get(settings.max_images) {
        Some(surplus) => Err(too_many_images(settings, surplus.field.clone())),
        None => Ok((Script { turns: written }, files)),
    }
}

fn lines(number: usize, turn: ChatTurn, files: &mut Vec<ShownFile>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (place, part) in turn.parts.into_iter().enumerate() {
        let (source, kinds) = match part {
            ChatPart::Text(text) => {
                lines.push(Line::Text(text));
                continue;
            }
            ChatPart::File(source) => (source, FileKinds::Pages),
            ChatPart::Document(ChatDocument { source, name }) => {
                (source, FileKinds::PagesOrText(name))
            }
        };
        let field = FieldPath::Part(number, place);
        files.push(ShownFile {
            source,
            kinds,
            field,
        });
        lines.push(Line::Picture);
    }
    for FunctionCall { name, arguments } in turn.calls {
        let separator = if lines.is_empty() { "" } else { "\n" };
        let call = write_call(&name, &arguments);
        lines.push(Line::Text(format!("{separator}{call}")));
    }
    if turn.role == ChatRole::Tool {
        let (before, after) = RESULT;
        lines.insert(0, Line::Text(before.to_owned()));
        lines.push(Line::Text(after.to_owned()));
    }
    lines
}

pub(super) fn too_many_images(settings: &ChatSettings, field: FieldPath) -> ChatError {
    let most = settings.max_images;
    let message = format!(
        "The request has too many images; send {most} images at most, counting each page of a PDF and each text \
         file."
    );
    ChatError::invalid(field, message)
}
