//! Finds the marks on a page: connected pixels that differ from the ground around them.

use image::GrayImage;

/// Distance in pixels to each side that counts as the ground around a pixel.
const REACH: usize = 20;
/// Minimum difference in grey levels between a mark and its surroundings, which include the mark.
const STEP: f32 = 14.0;
/// The same minimum in multiples of the page's noise.
const STEP_IN_NOISE: f32 = 2.5;
/// Factor from the lower quartile of differences between neighbours to the deviation of the noise.
const NOISE_OF_QUARTILE: f32 = 2.2;
/// Heights in pixels of a mark that may be a letter.
const HEIGHTS: std::ops::RangeInclusive<usize> = 4..=60;
/// Maximum ratio of a mark's width to its height; a mark may be a word.
const WIDEST: usize = 20;
/// Minimum number of pixels of a mark.
const LEAST_PIXELS: usize = 6;
/// Minimum difference in grey levels between the marks of a line and its ground.
const LEAST_CONTRAST: f32 = 16.0;
/// Minimum contrast in multiples of the ground's unevenness.
const LEAST_EVENNESS: f32 = 3.0;
/// Contrast and evenness from which a mark has its full weight.
const FULL: (f32, f32) = (30.0, 6.0);

/// The bounds of a mark; `right` and `bottom` are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub left: usize,
    pub right: usize,
    pub top: usize,
    pub bottom: usize,
}

impl Mark {
    pub fn height(self) -> usize {
        self.bottom - self.top
    }
}

/// The clarity of a run of marks.
pub struct Clarity {
    /// Difference in grey levels between the marks and the ground.
    contrast: f32,
    /// Contrast in multiples of the ground's unevenness.
    pub evenness: f32,
}

impl Clarity {
    /// Returns the weight, at most 1.
    pub fn weight(&self) -> f32 {
        let (contrast, evenness) = FULL;
        (self.contrast / contrast).min(1.0) * (self.evenness / evenness).min(1.0)
    }
}

/// A page with the mean level of the ground around each of its pixels.
pub struct Ground<'a> {
    grey: &'a [u8],
    width: usize,
    height: usize,
    around: Vec<u8>,
    step: f32,
}

impl<'a> Ground<'a> {
    pub fn of(grey: &'a GrayImage) -> Self {
        let (width, height) = (grey.width() as usize, grey.height() as usize);
        let grey = grey.as_raw().as_slice();
        Self {
            around: means(grey, width, height),
            step: STEP.max(STEP_IN_NOISE * noise(grey, width)),
            grey,
            width,
            height,
        }
    }

    /// Returns the pixels that differ from their surroundings, 0 for the others, and the marks they
    /// form.
    pub fn marks(&self, is_brighter: bool) -> (Vec<u8>, Vec<Mark>) {
        let differs = |(level, around): (&u8, &u8)| {
            let difference = f32::from(*around) - f32::from(*level);
            u8::from(if is_brighter { -difference } else { difference } > self.step)
        };
        let mut differing: Vec<u8> = self.grey.iter().zip(&self.around).map(differs).collect();
        let (mut marks, mut waiting) = (Vec::new(), Vec::new());
        for start in 0..differing.len() {
            if differing[start] == 1 {
                let (mark, pixels) = self.flood(start, &mut differing, &mut waiting);
                let (width, height) = (mark.right - mark.left, mark.height());
                if HEIGHTS.contains(&height)
                    && (2..=WIDEST * height).contains(&width)
                    && pixels >= LEAST_PIXELS
                {
                    marks.push(mark);
                }
            }
        }
        (differing, marks)
    }

    /// Returns the mark of pixel `start` and its number of pixels, and sets them to 2.
    fn flood(&self, start: usize, differing: &mut [u8], waiting: &mut Vec<usize>) -> (Mark, usize) {
        let (x, y) = (start % self.width, start / self.width);
        let mut mark = Mark {
            left: x,
            right: x + 1,
            top: y,
            bottom: y + 1,
        };
        let mut pixels = 0;
        differing[start] = 2;
        waiting.push(start);
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % self.width, at / self.width);
            pixels += 1;
            mark.left = mark.left.min(x);
            mark.right = mark.right.max(x + 1);
            mark.top = mark.top.min(y);
            mark.bottom = mark.bottom.max(y + 1);
            for y in y.saturating_sub(1)..(y + 2).min(self.height) {
                for x in x.saturating_sub(1)..(x + 2).min(self.width) {
                    let near = y * self.width + x;
                    if differing[near] == 1 {
                        differing[near] = 2;
                        waiting.push(near);
                    }
                }
            }
        }
        (mark, pixels)
    }

    /// Returns how clearly a run of marks stands out, or `None` if it is not writing.
    pub fn clarity(&self, differing: &[u8], run: &[Mark], is_brighter: bool) -> Option<Clarity> {
        let left = run.iter().map(|mark| mark.left).min()?;
        let right = run.iter().map(|mark| mark.right).max()?;
        let top = run.iter().map(|mark| mark.top).min()?;
        let bottom = run.iter().map(|mark| mark.bottom).max()?;
        let height = run.iter().map(|mark| mark.height()).max()?;
        let margin = (height * 3 / 10).max(2);
        let (mut ground, mut ink, mut inked) = ([0_usize; 256], 0_usize, 0_usize);
        for y in top.saturating_sub(margin)..(bottom + margin).min(self.height) {
            for x in left.saturating_sub(margin)..(right + margin).min(self.width) {
                let at = y * self.width + x;
                if differing[at] != 0 {
                    ink += usize::from(self.grey[at]);
                    inked += 1;
                } else if !self.is_beside_ink(differing, x, y) {
                    ground[usize::from(self.grey[at])] += 1;
                }
            }
        }
        let pixels: usize = ground.iter().sum();
        if pixels < 10 || inked < 5 {
            return None;
        }
        let paper = quantile(&ground, pixels / 2);
        let mut deviations = [0_usize; 256];
        for (level, count) in ground.iter().enumerate() {
            deviations[level.abs_diff(paper)] += count;
        }
        let unevenness = quantile(&deviations, pixels * 3 / 4);
        let difference = paper as f32 - ink as f32 / inked as f32;
        let contrast = if is_brighter { -difference } else { difference };
        let evenness = contrast / (unevenness as f32 + 1.0);
        (contrast >= LEAST_CONTRAST && evenness >= LEAST_EVENNESS)
            .then_some(Clarity { contrast, evenness })
    }

    fn is_beside_ink(&self, differing: &[u8], x: usize, y: usize) -> bool {
        let columns = x.saturating_sub(1)..(x + 2).min(self.width);
        (y.saturating_sub(1)..(y + 2).min(self.height)).any(|y| {
            differing[y * self.width..][columns.clone()]
                .iter()
                .any(|m| *m != 0)
        })
    }
}

/// Returns the level below which `rank` of the counted pixels lie.
fn quantile(counts: &[usize; 256], rank: usize) -> usize {
    let mut seen = 0;
    counts
        .iter()
        .position(|count| {
            seen += count;
            seen > rank
        })
        .unwrap_or(255)
}

/// Returns the mean of the pixels around each pixel.
fn means(grey: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut columns = vec![0_u32; width];
    let row = |y: usize| &grey[y * width..][..width];
    for y in 0..REACH.min(height) {
        for (sum, level) in columns.iter_mut().zip(row(y)) {
            *sum += u32::from(*level);
        }
    }
    let mut means = Vec::with_capacity(grey.len());
    for y in 0..height {
        if y + REACH < height {
            for (sum, level) in columns.iter_mut().zip(row(y + REACH)) {
                *sum += u32::from(*level);
            }
        }
        if let Some(gone) = y.checked_sub(REACH + 1) {
            for (sum, level) in columns.iter_mut().zip(row(gone)) {
                *sum -= u32::from(*level);
            }
        }
        let rows = (y + REACH + 1).min(height) - y.saturating_sub(REACH);
        let mut sum: u32 = columns[..REACH.min(width)].iter().sum();
        for x in 0..width {
            sum += columns.get(x + REACH).copied().unwrap_or(0);
            if let Some(gone) = x.checked_sub(REACH + 1) {
                sum -= columns[gone];
            }
            let across = (x + REACH + 1).min(width) - x.saturating_sub(REACH);
            means.push((sum / (rows * across) as u32) as u8);
        }
    }
    means
}

/// Estimates the deviation of the noise from the pixels that differ least from their neighbours.
fn noise(grey: &[u8], width: usize) -> f32 {
    let mut differences = [0_usize; 256];
    for row in grey.chunks_exact(width) {
        for pair in row.windows(2) {
            differences[usize::from(pair[0].abs_diff(pair[1]))] += 1;
        }
    }
    let pairs: usize = differences.iter().sum();
    quantile(&differences, pairs / 4) as f32 * NOISE_OF_QUARTILE
}
