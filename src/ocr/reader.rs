//! Reads a page with loaded nets: finds its lines, recognises them, and turns the page where it lies on a side or
//! upside down.

use std::sync::Arc;

use image::{GrayImage, RgbImage};
use rten::ThreadPool;

use super::{
    Deadline, OcrError, OcrSettings,
    detect::{Detector, FoundLines},
    files::{Characters, ReaderFiles, listed},
    light,
    net::Net,
    recognise::{ReadLine, Recogniser},
    turn::PageTurn,
    words,
};
use crate::page::{TextLine, in_reading_order};

/// Mean probability of a page's characters below which the page is tried at other turns.
const SURE: f32 = 0.92;
/// How much surer the lines of a turned page must be.
const SURER: f32 = 0.05;
/// Lines that are read at each turn.
const SAMPLE: usize = 8;
/// Least number of characters of such lines, since a single one is recognised in any mark.
const SAMPLED: usize = 12;
/// Mean probability of the characters below which what is found is no text.
const LEGIBLE: f32 = 0.4;

/// The loaded nets.
pub struct Nets {
    detector: Detector,
    recogniser: Recogniser,
}

/// A page as it is read.
struct View<'a> {
    page: &'a GrayImage,
    turn: PageTurn,
    lines: FoundLines,
}

impl Nets {
    pub fn load(files: ReaderFiles, threads: usize) -> Result<Self, OcrError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = Arc::new(ThreadPool::with_num_threads(threads.clamp(1, cores)));
        let detection = Net::load("detection", files.detection, threads.clone())?;
        let recognition = Net::load("recognition", files.recognition, threads)?;
        let characters = match files.characters {
            Characters::Listed(characters) => characters,
            Characters::InNet => {
                let stated = recognition.stated("character").map(listed);
                let missing = "its file states no characters; add a file *.txt with one a line";
                stated.ok_or_else(|| recognition.unsuited(missing))?
            }
        };
        Ok(Self {
            detector: Detector::new(detection, files.form),
            recogniser: Recogniser::new(recognition, files.form, characters),
        })
    }

    /// Reads the lines of a page in reading order.
    pub fn read(
        &self,
        page: &RgbImage,
        settings: &OcrSettings,
        deadline: Deadline,
    ) -> Result<Vec<TextLine>, OcrError> {
        let grey = light::grey(page);
        let upright = self.view(&grey, PageTurn::None, settings, deadline)?;
        let found = if upright.lines.are_sideways {
            Vec::new()
        } else {
            self.recogniser
                .read(&grey, &upright.lines.strips, deadline)?
        };
        let (_, seen) = self.certainty(&found);
        if seen >= SURE || is_empty(&upright.lines) {
            return Ok(self.text(&upright, &found));
        }
        let Some((turn, surer)) = self.best_turn(&grey, settings, deadline)? else {
            return Ok(self.text(&upright, &found));
        };
        if surer < seen + SURER {
            return Ok(self.text(&upright, &found));
        }
        let turned = turn.of(&grey);
        let view = self.view(&turned, turn, settings, deadline)?;
        let found = self
            .recogniser
            .read(&turned, &view.lines.strips, deadline)?;
        Ok(self.text(&view, &found))
    }

    fn view<'a>(
        &self,
        page: &'a GrayImage,
        turn: PageTurn,
        settings: &OcrSettings,
        deadline: Deadline,
    ) -> Result<View<'a>, OcrError> {
        deadline.check()?;
        let lines = self
            .detector
            .find(page, settings.max_pixels, settings.max_lines)?;
        Ok(View { page, turn, lines })
    }

    /// Returns the turn at which a sample of lines is read surest, with their confidence.
    fn best_turn(
        &self,
        page: &GrayImage,
        settings: &OcrSettings,
        deadline: Deadline,
    ) -> Result<Option<(PageTurn, f32)>, OcrError> {
        let mut best: Option<(PageTurn, f32)> = None;
        for turn in [PageTurn::Half, PageTurn::Quarter, PageTurn::ThreeQuarters] {
            let turned = turn.of(page);
            let view = self.view(&turned, turn, settings, deadline)?;
            if view.lines.are_sideways {
                continue;
            }
            let mut sample = view.lines.strips;
            sample.sort_by(|a, b| b.length().total_cmp(&a.length()));
            sample.truncate(SAMPLE);
            let found = self.recogniser.read(&turned, &sample, deadline)?;
            let (count, sure) = self.certainty(&found);
            if count >= SAMPLED && best.is_none_or(|(_, best)| sure > best) {
                best = Some((turn, sure));
            }
        }
        Ok(best)
    }

    /// Returns the number of printed characters of all lines, and their mean probability.
    fn certainty(&self, found: &[ReadLine]) -> (usize, f32) {
        let characters = found.iter().flat_map(|line| &line.characters);
        // A blank is recognised with certainty in much that is no text.
        let printed = characters.filter(|one| !self.recogniser.is_blank(one.class));
        let (count, sum) = printed.fold((0, 0.0), |(count, sum), one| {
            (count + 1, sum + one.confidence)
        });
        (count, sum / count.max(1) as f32)
    }

    /// Returns the text of the lines in reading order, with places on the page as given.
    fn text(&self, view: &View<'_>, found: &[ReadLine]) -> Vec<TextLine> {
        let size = view.page.dimensions();
        let lines = found.iter().filter(|line| line.confidence() >= LEGIBLE);
        let lines = lines.filter_map(|found| words::line(found, &self.recogniser, size));
        let mut lines = in_reading_order(lines.collect(), size);
        for word in lines.iter_mut().flat_map(|line| &mut line.words) {
            word.area = view.turn.back(word.area);
        }
        lines
    }
}

fn is_empty(lines: &FoundLines) -> bool {
    lines.strips.is_empty() && !lines.are_sideways
}
