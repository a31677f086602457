//! Recognises the characters of lines, many of about one length at a time.

use image::GrayImage;

use super::{
    Deadline, OcrError,
    ctc::{Recognised, Steps},
    form::{Levels, ReaderForm},
    light,
    net::Net,
    read_word::{ReadWord, words_of},
    strip::{Crop, Strip},
};

/// Columns of all lines that are recognised at once, which bounds the memory in use.
const COLUMNS: usize = 6000;
/// Columns of which the width of a batch is a multiple.
const STEP: usize = 8;

/// Recognises characters.
pub struct Recogniser {
    net: Net,
    form: ReaderForm,
    characters: Vec<String>,
    /// The class of the blank between words, if it knows one.
    between_words: Option<usize>,
}

/// A recognised line.
#[derive(Debug, Clone)]
pub struct ReadLine {
    pub strip: Strip,
    pub cut: Crop,
    /// Columns of the line's picture for each step.
    pub step: f32,
    pub characters: Vec<Recognised>,
    pub words: Vec<ReadWord>,
}

impl ReadLine {
    /// Returns the mean probability of the characters; 0 for none.
    pub fn confidence(&self) -> f32 {
        let sum: f32 = self.characters.iter().map(|one| one.confidence).sum();
        sum / self.characters.len().max(1) as f32
    }
}

impl Recogniser {
    pub fn new(net: Net, form: ReaderForm, characters: Vec<String>) -> Self {
        let between_words = characters.iter().position(|text| text == " ");
        Self {
            net,
            form,
            between_words: between_words.map(|at| at + 1),
            characters,
        }
    }

    /// Returns the character of a class.
    pub fn character(&self, class: usize) -> &str {
        let index = class.checked_sub(1);
        index
            .and_then(|index| self.characters.get(index))
            .map_or("", String::as_str)
    }

    /// Returns whether the class is a blank between words, or nothing.
    pub fn is_blank(&self, class: usize) -> bool {
        self.character(class).trim().is_empty()
    }

    /// Recognises the lines at `strips`, in their order. The deadline is checked between batches.
    pub fn read(
        &self,
        page: &GrayImage,
        strips: &[Strip],
        deadline: Deadline,
    ) -> Result<Vec<ReadLine>, OcrError> {
        let plan = |strip: &Strip| strip.plan(self.form.rows, self.form.margin, self.form.ends);
        let cuts: Vec<_> = strips.iter().map(plan).collect();
        let mut order: Vec<_> = (0..strips.len()).collect();
        order.sort_by_key(|at| cuts[*at].columns);
        let mut found: Vec<Option<ReadLine>> = vec![None; strips.len()];
        for batch in batches(&order, |at| cuts[at].columns) {
            deadline.check()?;
            let lines: Vec<_> = batch.iter().map(|at| (&strips[*at], &cuts[*at])).collect();
            for (at, line) in batch.iter().zip(self.batch(page, &lines)?) {
                found[*at] = Some(line);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    fn batch(
        &self,
        page: &GrayImage,
        lines: &[(&Strip, &Crop)],
    ) -> Result<Vec<ReadLine>, OcrError> {
        let widest = lines.iter().map(|(_, cut)| cut.columns).max().unwrap_or(1);
        let width = widest.next_multiple_of(STEP);
        let (rows, channels) = (self.form.rows, self.form.levels.channels());
        let mut input = vec![0.0; lines.len() * channels * rows * width];
        for ((strip, cut), into) in lines
            .iter()
            .zip(input.chunks_exact_mut(channels * rows * width))
        {
            let mut picture = strip.cut(page, cut);
            match self.form.levels {
                Levels::Ink => light::normalise(&mut picture),
                Levels::Centred => picture
                    .iter_mut()
                    .for_each(|level| *level = *level / 127.5 - 1.0),
            }
            for into in into.chunks_exact_mut(rows * width) {
                for (row, into) in picture
                    .chunks_exact(cut.columns)
                    .zip(into.chunks_exact_mut(width))
                {
                    into[..cut.columns].copy_from_slice(row);
                }
            }
        }
        let output = self.net.run([lines.len(), channels, rows, width], input)?;
        let [count, steps, classes] = output.shape[..] else {
            let reason = format!(
                "it gives {:?} instead of [lines, steps, classes]",
                output.shape
            );
            return Err(self.net.unsuited(reason));
        };
        if count != lines.len() || steps == 0 || classes != self.characters.len() + 1 {
            let reason = format!(
                "it gives {count} lines of {steps} steps of {classes} classes for {} lines and {} characters",
                lines.len(),
                self.characters.len()
            );
            return Err(self.net.unsuited(reason));
        }
        let step = width as f32 / steps as f32;
        let outputs = output.values.chunks_exact(steps * classes);
        let found = lines.iter().zip(outputs).map(|((strip, cut), values)| {
            // What follows the line is only there because another one is longer.
            let used = ((cut.columns as f32 / step).ceil() as usize).min(steps);
            let steps = Steps::new(&values[..used * classes], classes, self.form.gives_logs);
            let steps = match (self.between_words, self.form.least_blank) {
                (Some(class), Some(least)) => steps.between_words(class, least),
                _ => steps,
            };
            let characters = steps.decode();
            ReadLine {
                strip: **strip,
                cut: **cut,
                step,
                words: words_of(&characters, steps, |class| self.is_blank(class)),
                characters,
            }
        });
        Ok(found.collect())
    }
}

/// Divides what is ordered by width into batches whose common width is within [`COLUMNS`].
fn batches(order: &[usize], width: impl Fn(usize) -> usize) -> Vec<&[usize]> {
    let mut found = Vec::new();
    let mut first = 0;
    for (at, item) in order.iter().enumerate() {
        if at > first && width(*item) * (at + 1 - first) > COLUMNS {
            found.push(&order[first..at]);
            first = at;
        }
    }
    if first < order.len() {
        found.push(&order[first..]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_line_once_within_the_bound() {
        let widths = [10, 900, 2000, 2500, 3000, 4096];
        let order = [0, 1, 2, 3, 4, 5];
        let batches = batches(&order, |at| widths[at]);
        assert_eq!(batches, [&[0, 1, 2][..], &[3, 4], &[5]]);
        assert!(super::batches(&[], |at| at).is_empty());
    }
}
