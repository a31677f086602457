//! Separates the files of a conversation from its text, and keeps the field of each file.

use super::{
    ChatSettings,
    error::{ChatError, FieldPath},
    request::{ChatPart, ChatRole, ChatTurn, FunctionCall},
};
use crate::{
    generation::{
        Line, Role, Script, Turn,
        tools::{RESULT, write_call},
    },
    image::ImageSource,
};

/// A picture or PDF of a conversation, not loaded yet.
#[derive(Debug, Clone)]
pub struct ShownFile {
    /// The source of the file.
    pub source: ImageSource,
    /// The part of the request that holds it.
    pub field: FieldPath,
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
            ChatPart::File(_) => true,
        });
        if turn.role == ChatRole::User && !says_something {
            let message = "This message of the user is empty; add text or a picture.";
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
        lines.push(match part {
            ChatPart::Text(text) => Line::Text(text),
            ChatPart::File(source) => {
                let field = FieldPath::Part(number, place);
                files.push(ShownFile { source, field });
                Line::Picture
            }
        });
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
        "The request has too many images; send {most} images at most, counting each page of a PDF."
    );
    ChatError::invalid(field, message)
}
