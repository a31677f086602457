//! The content of messages in Anthropic's form.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::string_or::string_or_array;

/// Text, or a list of blocks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum BlockContent {
    /// Text alone.
    Text(String),
    /// Blocks in reading order.
    Blocks(Vec<InputBlock>),
}

/// A block of a message.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", remote = "Self")]
pub enum InputBlock {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image {
        /// Source of the picture.
        source: BlockSource,
    },
    /// A PDF, a picture, or a text of its own.
    Document {
        /// Source of the document.
        source: BlockSource,
        /// Title of the document; the model reads it.
        title: Option<String>,
        /// Remarks on the document; the model reads them.
        context: Option<String>,
    },
    /// A text that the client found, with its source.
    SearchResult {
        /// Address or name of the source.
        source: String,
        /// Title of the source.
        title: String,
        /// Text blocks.
        #[schema(no_recursion)]
        content: Vec<InputBlock>,
    },
    /// Thinking of an earlier turn; left out.
    Thinking {},
    /// Encrypted thinking of an earlier turn; left out.
    RedactedThinking {},
    /// A call that the model made.
    ToolUse {
        /// Id of the call.
        id: String,
        /// Name of the tool.
        name: String,
        /// Arguments of the call.
        input: Map<String, Value>,
    },
    /// The result of a call.
    ToolResult {
        /// Id of the call.
        tool_use_id: String,
        /// The result: text, pictures and documents.
        #[schema(no_recursion)]
        content: Option<BlockContent>,
        /// True if the call failed; the model is told so.
        is_error: Option<bool>,
    },
}

/// The source of a picture or document.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlockSource {
    /// A file in base64.
    Base64 {
        /// The file in base64; its type is read from the content.
        data: String,
        /// Declared type of the file.
        media_type: Option<String>,
    },
    /// A file at an address.
    Url {
        /// An `https://` or `http://` address.
        url: String,
    },
    /// Text of a document.
    Text {
        /// The text.
        data: String,
        /// Declared type of the text.
        media_type: Option<String>,
    },
    /// Text and pictures of a document.
    Content {
        /// Text, or text and picture blocks.
        #[schema(no_recursion)]
        content: BlockContent,
    },
    /// A stored file; refused, because the gateway stores no files.
    File {
        /// Id of the file.
        file_id: String,
    },
}

impl<'de> Deserialize<'de> for InputBlock {
    /// Reads a block whose `type` is a name; a derived reader takes the number of a kind too.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let block = Map::deserialize(deserializer)?;
        if block.get("type").is_some_and(|kind| !kind.is_string()) {
            return Err(D::Error::custom("the type of a block must be a string"));
        }
        Self::deserialize(Value::Object(block)).map_err(D::Error::custom)
    }
}

impl Serialize for InputBlock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for BlockContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of content blocks";
        string_or_array(deserializer, expecting, Self::Text, Self::Blocks)
    }
}

impl BlockContent {
    /// Returns the blocks; text alone is one block.
    #[must_use]
    pub fn into_blocks(self) -> Vec<InputBlock> {
        match self {
            Self::Text(text) => vec![InputBlock::Text { text }],
            Self::Blocks(blocks) => blocks,
        }
    }
}

impl InputBlock {
    /// Returns the `type` of the block.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Image { .. } => "image",
            Self::Document { .. } => "document",
            Self::SearchResult { .. } => "search_result",
            Self::Thinking {} => "thinking",
            Self::RedactedThinking {} => "redacted_thinking",
            Self::ToolUse { .. } => "tool_use",
            Self::ToolResult { .. } => "tool_result",
        }
    }
}
