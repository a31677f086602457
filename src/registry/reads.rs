//! What a model is shown of pictures.

use serde::{Deserialize, Serialize};

/// The form in which a model gets the pages of pictures and PDFs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    /// As pictures, if the model sees them.
    #[default]
    Pictures,
    /// As their text, laid out as it is printed.
    PageText,
}

impl Reads {
    /// Returns the name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pictures => "pictures",
            Self::PageText => "page_text",
        }
    }
}
