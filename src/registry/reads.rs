//! What a model is shown of pictures.

use serde::{Deserialize, Serialize};

use crate::page::Legibility;

/// The form in which a model gets the pages of pictures and PDFs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    /// As pictures, if the model sees them.
    #[default]
    Pictures,
    /// As their text, laid out as it is printed.
    PageText,
    /// As their text if that was read well, otherwise as pictures.
    PageTextOrPictures,
}

impl Reads {
    /// Returns the name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pictures => "pictures",
            Self::PageText => "page_text",
            Self::PageTextOrPictures => "page_text_or_pictures",
        }
    }

    /// Returns whether the model may be shown pictures, which it then has to see.
    #[must_use]
    pub fn shows_pictures(self) -> bool {
        self != Self::PageText
    }

    /// Returns whether the model may be shown the text of pages, which then has to be read.
    #[must_use]
    pub fn shows_page_text(self) -> bool {
        self != Self::Pictures
    }

    /// Returns the form in which the pages of a document are shown that was read so: [`Self::Pictures`] or
    /// [`Self::PageText`].
    #[must_use]
    pub fn of_document(self, legibility: Legibility) -> Self {
        match (self, legibility) {
            (Self::PageTextOrPictures, Legibility::Good) => Self::PageText,
            (Self::PageTextOrPictures, _) => Self::Pictures,
            _ => self,
        }
    }
}
