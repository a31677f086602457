//! A chat whose files are not loaded yet.

use std::sync::Arc;

use super::{Message, Part, Role};
use crate::image::Picture;

/// Stands for the text of the pages in the prompt of a configuration.
pub const PAGE_TEXT: &str = "{page_text}";

/// Stands for the pictures in the prompt of a configuration.
pub const PICTURES: &str = "{pictures}";

/// Separates the text of a file's pages from what stands before and behind it.
const GAP: &str = "\n\n";

/// A chat with gaps for its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The turns in order.
    pub turns: Vec<Turn>,
}

/// One turn of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The author.
    pub role: Role,
    /// The contents, in reading order.
    pub lines: Vec<Line>,
}

/// A piece of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Text.
    Text(String),
    /// The next picture, or all pages of the next PDF, or their text, or the next text file.
    Picture,
    /// The text of the pages of all files.
    PageText,
}

/// What a model is shown in the gaps of a script.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The contents of the files, in order.
    pub files: Vec<FileContents>,
    /// The text of all pages, for [`Line::PageText`].
    pub page_text: String,
}

/// The contents of a file of a chat.
#[derive(Debug, Clone)]
pub enum FileContents {
    /// Its pages.
    Pictures(Vec<Picture>),
    /// Its text, or that of its pages.
    Text(String),
}

impl Script {
    /// Creates a script of the instructions with all `pictures` below them, or in the place of [`PICTURES`].
    /// [`PAGE_TEXT`] in the instructions becomes a [`Line::PageText`].
    #[must_use]
    pub fn above_pictures(pictures: usize, prompt: &str) -> Self {
        let (before, after) = prompt.split_once(PICTURES).unwrap_or((prompt, ""));
        Self::around_pictures(pictures, before, after)
    }

    /// Creates a script of all `pictures` with the instructions below them, as [`Self::above_pictures`] does.
    #[must_use]
    pub fn below_pictures(pictures: usize, prompt: &str) -> Self {
        let (before, after) = prompt.split_once(PICTURES).unwrap_or(("", prompt));
        Self::around_pictures(pictures, before, after)
    }

    fn around_pictures(pictures: usize, before: &str, after: &str) -> Self {
        let pictures = std::iter::repeat_n(Line::Picture, pictures);
        let lines = instructions(before).chain(pictures);
        Self {
            turns: vec![Turn {
                role: Role::User,
                lines: lines.chain(instructions(after)).collect(),
            }],
        }
    }

    /// Appends `text` to the instructions at the beginning, if there are any.
    pub fn instruct(&mut self, text: String) {
        match self.turns.first_mut() {
            Some(turn) if turn.role == Role::System => {
                turn.lines.push(Line::Text(format!("\n\n{text}")));
            }
            _ => {
                let lines = vec![Line::Text(text)];
                let role = Role::System;
                self.turns.insert(0, Turn { role, lines });
            }
        }
    }

    /// Replaces `placeholder` in its text.
    pub fn replace(&mut self, placeholder: &str, by: &str) {
        for line in self.turns.iter_mut().flat_map(|turn| &mut turn.lines) {
            if let Line::Text(text) = line {
                *text = text.replace(placeholder, by);
            }
        }
    }

    /// Returns whether the text of the pages stands in it.
    #[must_use]
    pub fn shows_page_text(&self) -> bool {
        let mut lines = self.turns.iter().flat_map(|turn| &turn.lines);
        lines.any(|line| *line == Line::PageText)
    }

    /// Returns all of its text, without that of pages.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.turns.iter().flat_map(|turn| &turn.lines);
        lines
            .filter_map(|line| match line {
                Line::Text(text) => Some(text.as_str()),
                Line::Picture | Line::PageText => None,
            })
            .collect()
    }

    /// Returns the chat with what is shown of each file in its gap; files without a gap are left out.
    #[must_use]
    pub fn with(&self, shown: Shown) -> Vec<Message> {
        let Shown { files, page_text } = shown;
        let mut files = files.into_iter();
        let mut messages = Vec::with_capacity(self.turns.len());
        for turn in &self.turns {
            let mut parts = Vec::new();
            // Whether the last part is the text of a file.
            let mut is_behind_text = false;
            for line in &turn.lines {
                match line {
                    Line::Text(text) => {
                        let gap = if is_behind_text { GAP } else { "" };
                        parts.push(Part::Text(format!("{gap}{text}")));
                        is_behind_text = false;
                    }
                    Line::Picture => match files.next() {
                        Some(FileContents::Pictures(pages)) => {
                            is_behind_text &= pages.is_empty();
                            parts.extend(
                                pages.into_iter().map(|page| Part::Picture(Arc::new(page))),
                            );
                        }
                        Some(FileContents::Text(text)) if !text.is_empty() => {
                            let gap = if parts.is_empty() { "" } else { GAP };
                            parts.push(Part::Text(format!("{gap}{text}")));
                            is_behind_text = true;
                        }
                        Some(FileContents::Text(_)) | None => {}
                    },
                    Line::PageText => parts.push(Part::Text(page_text.clone())),
                }
            }
            messages.push(Message {
                role: turn.role,
                parts,
            });
        }
        messages
    }
}

/// Divides a prompt at [`PAGE_TEXT`].
fn instructions(prompt: &str) -> impl Iterator<Item = Line> {
    let texts = prompt.split(PAGE_TEXT).enumerate();
    texts.flat_map(|(number, text)| {
        let page_text = (number > 0).then_some(Line::PageText);
        let text = (!text.is_empty()).then(|| Line::Text(text.to_owned()));
        page_text.into_iter().chain(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(messages: &[Message]) -> Vec<String> {
        let text = |message: &Message| {
            let parts = message.parts.iter().map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Picture(_) => "<picture>",
            });
            parts.collect()
        };
        messages.iter().map(text).collect()
    }

    fn shown(files: &[&str]) -> Shown {
        let text = |text: &&str| FileContents::Text((*text).to_owned());
        Shown {
            files: files.iter().map(text).collect(),
            page_text: "ALL".to_owned(),
        }
    }

    #[test]
    fn the_text_of_files_stands_apart_from_what_is_said() {
        let script = Script::above_pictures(3, "Read it.");
        let messages = script.with(shown(&["one", "", "three"]));
        assert_eq!(texts(&messages), ["Read it.\n\none\n\nthree"]);
        let script = Script::below_pictures(2, "Read it.");
        let messages = script.with(shown(&["one", "two"]));
        assert_eq!(texts(&messages), ["one\n\ntwo\n\nRead it."]);
        let script = Script::below_pictures(3, "Read it.");
        let mut mixed = shown(&["one", "two"]);
        let picture = Picture::new(image::RgbImage::new(28, 28));
        mixed.files.push(FileContents::Pictures(vec![picture]));
        let messages = script.with(mixed);
        assert_eq!(texts(&messages), ["one\n\ntwo<picture>Read it."]);
    }

    #[test]
    fn a_prompt_says_where_the_pictures_stand() {
        let prompt = "Of\n{pictures}\nand {page_text}: {pictures}";
        for script in [
            Script::above_pictures(2, prompt),
            Script::below_pictures(2, prompt),
        ] {
            let picture = || Picture::new(image::RgbImage::new(28, 28));
            let messages = script.with(Shown {
                files: vec![
                    FileContents::Pictures(vec![picture(), picture()]),
                    FileContents::Pictures(vec![picture()]),
                ],
                ..shown(&[])
            });
            assert_eq!(
                texts(&messages),
                ["Of\n<picture><picture><picture>\nand ALL: {pictures}"]
            );
        }
    }

    #[test]
    fn a_prompt_says_where_the_page_text_stands() {
        let script = Script::above_pictures(1, "Read\n{page_text}\nas {schema}.");
        assert!(script.shows_page_text());
        assert_eq!(script.text(), "Read\n\nas {schema}.");
        let mut filled = script.clone();
        // What is put in later is text.
        filled.replace("{schema}", "{page_text}");
        let picture = Picture::new(image::RgbImage::new(28, 28));
        let messages = filled.with(Shown {
            files: vec![FileContents::Pictures(vec![picture])],
            ..shown(&[])
        });
        assert_eq!(texts(&messages), ["Read\nALL\nas {page_text}.<picture>"]);
        assert!(!Script::above_pictures(1, "Read it.").shows_page_text());
        assert_eq!(
            texts(&Script::above_pictures(0, "{page_text}").with(shown(&["one"]))),
            ["ALL"]
        );
    }
}
