//! The forms of models that the reader runs: what their nets take and give.

/// The grey levels that a net takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// 0 for the paper to 1 for the darkest ink, on one channel.
    Ink,
    /// -1 for black to 1 for white, the same on three channels.
    Centred,
}

/// How the part of a line that the detector marks grows to the whole line, where the detector does not tell
/// its edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MarkGrowth {
    /// The mark is the middle half of the line's height, and ends a quarter of it before the line does.
    Doubled,
    /// The mark is the line shrunk on all sides as in differentiable binarisation; it grows by this part of its
    /// area for each pixel of its outline.
    Outline(f32),
}

/// How much a line exceeds its mark.
#[derive(Debug, Clone, Copy)]
pub struct Excess {
    /// At each end.
    pub ends: f32,
    /// Above and below.
    pub sides: f32,
}

/// What the nets of a model take and give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReaderForm {
    /// Levels of both inputs.
    pub levels: Levels,
    /// How the detector's marks grow.
    pub growth: MarkGrowth,
    /// Least probability of a cell that is text.
    pub threshold: f32,
    /// Least mean probability of the cells of a line.
    pub least_score: f32,
    /// Rows of a line's picture.
    pub rows: usize,
    /// Margin of that picture above and below the line, in heights of the line.
    pub margin: f32,
    /// The same at both ends.
    pub ends: f32,
    /// Whether the recogniser gives logarithms of probabilities.
    pub gives_logs: bool,
    /// Least probability of a blank between words where no character stands; `None` where it has to be likelier than
    /// nothing, as anything else.
    pub least_blank: Option<f32>,
}

/// The form of the models that `training/page_reader` makes.
pub const OURS: ReaderForm = ReaderForm {
    levels: Levels::Ink,
    growth: MarkGrowth::Doubled,
    threshold: 0.5,
    least_score: 0.6,
    rows: 32,
    margin: 0.1,
    ends: 0.2,
    gives_logs: true,
    least_blank: Some(0.3),
};

/// The form of PP-OCR's models, versions 3 to 6.
pub const PP_OCR: ReaderForm = ReaderForm {
    levels: Levels::Centred,
    growth: MarkGrowth::Outline(1.6),
    threshold: 0.3,
    least_score: 0.5,
    rows: 48,
    margin: 0.0,
    ends: 0.0,
    gives_logs: false,
    least_blank: None,
};

impl Levels {
    /// Returns the number of channels of an input.
    pub fn channels(self) -> usize {
        match self {
            Self::Ink => 1,
            Self::Centred => 3,
        }
    }
}

impl MarkGrowth {
    /// Returns how much a line exceeds a mark of this length and thickness.
    pub fn excess(self, length: f32, thickness: f32) -> Excess {
        match self {
            // The ends of very short lines are drawn in by less.
            Self::Doubled => Excess {
                ends: (thickness / 2.0).min(length),
                sides: thickness / 2.0,
            },
            Self::Outline(part) => {
                let distance = part * length * thickness / (2.0 * (length + thickness)).max(1.0);
                Excess {
                    ends: distance,
                    sides: distance,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_grow_to_lines() {
        let Excess { ends, sides } = MarkGrowth::Doubled.excess(90.0, 10.0);
        assert_eq!((ends, sides), (5.0, 5.0));
        // Shrunk by (1 - 0.4 * 0.4) of the area for each pixel of the outline, 100 x 20 is 86 x 6.
        let Excess { ends, sides } = MarkGrowth::Outline(1.6).excess(86.0, 6.0);
        assert!((4.0..7.5).contains(&sides) && ends == sides, "{sides}");
    }
}
