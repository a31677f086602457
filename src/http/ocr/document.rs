//! The text of a document in the form of Mistral's OCR API, with lines and words beside it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::page::{PageBox, PageText, TextLine, Word};

/// The name of the page reader, in the place where Mistral's API names a model.
const READER: &str = "page-reader";

/// The optional parts of an answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct OcrParts {
    /// The lines in pixels, as Mistral's API describes blocks.
    pub blocks: bool,
    /// The confidence in the words of a page.
    pub scores: bool,
}

/// The text of a document's pages.
#[derive(Debug, Serialize, ToSchema)]
pub struct OcrBody {
    /// The pages that were asked for, in order.
    pub pages: Vec<OcrPage>,
    /// Name of the page reader.
    #[schema(example = "page-reader")]
    pub model: &'static str,
    /// Always null: values are read by `POST /extract`.
    pub document_annotation: Option<String>,
    /// What was read.
    pub usage_info: OcrUsage,
}

/// What was read for an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct OcrUsage {
    /// Number of pages in the answer.
    #[schema(example = 1)]
    pub pages_processed: usize,
    /// Size of the document in bytes.
    pub doc_size_bytes: usize,
}

/// The text of one page.
#[derive(Debug, Serialize, ToSchema)]
pub struct OcrPage {
    /// Index of the page in the document; the first is 0.
    pub index: usize,
    /// The text of the page as it is laid out.
    #[schema(example = "TOKO MAJU\n\nTOTAL        198.800")]
    pub markdown: String,
    /// Always empty: pictures within a page are not cut out.
    #[schema(value_type = Vec<OcrImage>)]
    pub images: Vec<Value>,
    /// Size of the upright page.
    pub dimensions: OcrDimensions,
    /// The lines of the page in reading order.
    pub lines: Vec<OcrLine>,
    /// The same lines as Mistral's API describes blocks; only with `include_blocks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Vec<OcrBlock>>,
    /// The confidence in the words of the page; only with `confidence_scores_granularity`, and if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_scores: Option<OcrScores>,
}

/// A line as Mistral's API describes a block: with its place in pixels.
#[derive(Debug, Serialize, ToSchema)]
pub struct OcrBlock {
    /// Always `text`.
    #[schema(example = "text")]
    pub r#type: &'static str,
    /// Left edge in pixels.
    pub top_left_x: u32,
    /// Upper edge in pixels.
    pub top_left_y: u32,
    /// Right edge in pixels.
    pub bottom_right_x: u32,
    /// Lower edge in pixels.
    pub bottom_right_y: u32,
    /// The text of the line.
    #[schema(example = "TOTAL 198.800")]
    pub content: String,
}

/// The confidence in the words of a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct OcrScores {
    /// Mean of all words.
    #[schema(example = 0.98)]
    pub average_page_confidence_score: f64,
    /// That of the least certain word.
    #[schema(example = 0.91)]
    pub minimum_page_confidence_score: f64,
}

/// A picture within a page, as Mistral's OCR API describes it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a list that is always empty")]
pub struct OcrImage {
    /// Name of the picture.
    id: String,
    /// Left edge in pixels.
    top_left_x: u32,
    /// Upper edge in pixels.
    top_left_y: u32,
    /// Right edge in pixels.
    bottom_right_x: u32,
    /// Lower edge in pixels.
    bottom_right_y: u32,
    /// The picture as a `data:` URI.
    image_base64: Option<String>,
}

/// The size of an upright page.
#[derive(Debug, Serialize, ToSchema)]
pub struct OcrDimensions {
    /// Dots per inch at which a PDF's page was drawn; 72 for a picture, whose size on paper is not known.
    #[schema(example = 200)]
    pub dpi: u32,
    /// Height in pixels.
    #[schema(example = 2200)]
    pub height: u32,
    /// Width in pixels.
    #[schema(example = 1700)]
    pub width: u32,
}

/// A line of print.
#[derive(Debug, Serialize, ToSchema)]
pub struct OcrLine {
    /// The words with a blank between each two.
    #[schema(example = "TOTAL 198.800")]
    pub text: String,
    /// Left edge, upper edge, width and height in fractions of the upright page.
    #[serde(rename = "box")]
    #[schema(value_type = Vec<f64>, example = json!([0.08, 0.71, 0.62, 0.02]))]
    pub area: [f64; 4],
    /// Probability that the least certain word is right, 0 to 1.
    #[schema(example = 0.98)]
    pub confidence: f64,
    /// Origin of the text: `pdf` for the file's own text, `reader` for text that was read from the picture.
    #[schema(example = "reader")]
    pub source: &'static str,
    /// The words from left to right.
    pub words: Vec<OcrWord>,
}

/// A word of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct OcrWord {
    /// The characters.
    #[schema(example = "198.800")]
    pub text: String,
    /// Left edge, upper edge, width and height in fractions of the upright page.
    #[serde(rename = "box")]
    #[schema(value_type = Vec<f64>, example = json!([0.55, 0.71, 0.15, 0.02]))]
    pub area: [f64; 4],
    /// Probability that all characters are right, 0 to 1.
    #[schema(example = 0.98)]
    pub confidence: f64,
}

impl OcrBody {
    /// Creates the answer with `pages` of a document of so many bytes.
    #[must_use]
    pub fn new(pages: Vec<OcrPage>, bytes: usize) -> Self {
        Self {
            usage_info: OcrUsage {
                pages_processed: pages.len(),
                doc_size_bytes: bytes,
            },
            pages,
            model: READER,
            document_annotation: None,
        }
    }
}

impl OcrPage {
    /// Creates the answer for one page.
    pub fn new(index: usize, text: &PageText, dots_per_inch: f32) -> Self {
        Self {
            index,
            markdown: text.to_layout(),
            images: Vec::new(),
            dimensions: OcrDimensions {
                dpi: dots_per_inch.round() as u32,
                height: text.height,
                width: text.width,
            },
            lines: text.lines.iter().map(OcrLine::new).collect(),
            blocks: None,
            confidence_scores: None,
        }
    }

    /// Adds the optional parts that are wanted of `text`, the text of this page.
    #[must_use]
    pub fn with(mut self, parts: OcrParts, text: &PageText) -> Self {
        if parts.blocks {
            let size = (text.width, text.height);
            let blocks = text.lines.iter().map(|line| OcrBlock::new(line, size));
            self.blocks = Some(blocks.collect());
        }
        if parts.scores {
            self.confidence_scores = OcrScores::of(text);
        }
        self
    }
}

impl OcrBlock {
    fn new(line: &TextLine, (width, height): (u32, u32)) -> Self {
        let area = line.area();
        let pixels = |share: f32, side: u32| (share * side as f32).round() as u32;
        Self {
            r#type: "text",
            top_left_x: pixels(area.x, width),
            top_left_y: pixels(area.y, height),
            bottom_right_x: pixels(area.right(), width),
            bottom_right_y: pixels(area.bottom(), height),
            content: line.text(),
        }
    }
}

impl OcrScores {
    fn of(text: &PageText) -> Option<Self> {
        let words = text.lines.iter().flat_map(|line| &line.words);
        let scores: Vec<_> = words.map(|word| word.confidence).collect();
        let least = scores.iter().copied().reduce(f32::min)?;
        Some(Self {
            average_page_confidence_score: rounded(
                scores.iter().sum::<f32>() / scores.len() as f32,
            ),
            minimum_page_confidence_score: rounded(least),
        })
    }
}

impl OcrLine {
    fn new(line: &TextLine) -> Self {
        Self {
            text: line.text(),
            area: edges(line.area()),
            confidence: rounded(line.confidence()),
            source: line.source.as_str(),
            words: line.words.iter().map(OcrWord::new).collect(),
        }
    }
}

impl OcrWord {
    fn new(word: &Word) -> Self {
        Self {
            text: word.text.clone(),
            area: edges(word.area),
            confidence: rounded(word.confidence),
        }
    }
}

fn edges(area: PageBox) -> [f64; 4] {
    [area.x, area.y, area.width, area.height].map(rounded)
}

/// Rounds a share to four places, a tenth of a pixel on a page of 1000.
fn rounded(share: f32) -> f64 {
    (f64::from(share) * 1e4).round() / 1e4
}
