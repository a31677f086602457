//! A chat before its pictures are there.

use std::sync::Arc;

use super::{Message, Part, Role};
use crate::image::Picture;

/// A chat with gaps where the pictures go. Its debug form tells all of it, for the cache's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// In order.
    pub turns: Vec<Turn>,
}

/// One turn of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// What is said and shown.
    pub lines: Vec<Line>,
}

/// A piece of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Text.
    Text(String),
    /// The next picture, or all pages of the next PDF.
    Picture,
}

impl Script {
    /// What is to be done, and below it all `pictures`.
    #[must_use]
    pub fn above_pictures(pictures: usize, prompt: String) -> Self {
        let pictures = std::iter::repeat_n(Line::Picture, pictures);
        Self::of_user([Line::Text(prompt)].into_iter().chain(pictures))
    }

    /// All `pictures`, and below them what is to be done.
    #[must_use]
    pub fn below_pictures(pictures: usize, prompt: String) -> Self {
        let pictures = std::iter::repeat_n(Line::Picture, pictures);
        Self::of_user(pictures.chain([Line::Text(prompt)]))
    }

    fn of_user(lines: impl Iterator<Item = Line>) -> Self {
        Self {
            turns: vec![Turn {
                role: Role::User,
                lines: lines.collect(),
            }],
        }
    }

    /// Puts `text` at the end of the instructions that it begins with, if it does.
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

    /// All that is said in it.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.turns.iter().flat_map(|turn| &turn.lines);
        lines
            .filter_map(|line| match line {
                Line::Text(text) => Some(text.as_str()),
                Line::Picture => None,
            })
            .collect()
    }

    /// The chat with the pages of each file in its gap; what has no gap is left out.
    #[must_use]
    pub fn with_pages(&self, files: Vec<Vec<Picture>>) -> Vec<Message> {
        let mut files = files.into_iter();
        let mut messages = Vec::with_capacity(self.turns.len());
        for turn in &self.turns {
            let mut parts = Vec::new();
            for line in &turn.lines {
                match line {
                    Line::Text(text) => parts.push(Part::Text(text.clone())),
                    Line::Picture => {
                        let pages = files.next().into_iter().flatten();
                        parts.extend(pages.map(|page| Part::Picture(Arc::new(page))));
                    }
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
