//! A chat whose pictures are not loaded yet.

use std::sync::Arc;

use super::{Message, Part, Role};
use crate::image::Picture;

/// A chat with gaps for its pictures. Its debug form holds all of it, for the cache's key.
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
    /// The next picture, or all pages of the next PDF.
    Picture,
}

impl Script {
    /// Creates a script of the instructions with all `pictures` below them.
    #[must_use]
    pub fn above_pictures(pictures: usize, prompt: String) -> Self {
        let pictures = std::iter::repeat_n(Line::Picture, pictures);
        Self::of_user([Line::Text(prompt)].into_iter().chain(pictures))
    }

    /// Creates a script of all `pictures` with the instructions below them.
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

    /// Returns all of its text.
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

    /// Returns the chat with the pages of each file in its gap; files without a gap are left out.
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
