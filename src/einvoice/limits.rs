//! What an XML file may hold, so that reading it takes bounded time and memory.

/// Bounds of one XML file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XmlLimits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Elements, texts, comments and processing instructions together.
    pub nodes: u32,
    /// Elements within one another.
    pub depth: usize,
    /// Lines of the invoice.
    pub lines: usize,
    /// Rates of the tax breakdown.
    pub taxes: usize,
    /// Characters of a name or description.
    pub text: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self {
            bytes: 20 << 20,
            nodes: 1_000_000,
            depth: 64,
            lines: 10_000,
            taxes: 100,
            text: 1_000,
        }
    }
}
