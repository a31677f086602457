//! Grey levels: pages and lines made even, whatever the light and the paper.

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, GrayImage, Luma, RgbImage};

use super::OcrError;

/// The part of a page's pixels that is darker than its paper.
const PAPER: f32 = 0.9;
/// The part of a page's pixels that is as dark as its ink.
const INK: f32 = 0.01;
/// Least difference of paper and ink in grey levels, so that noise on an empty page is not stretched.
const LEAST_CONTRAST: f32 = 24.0;
/// Bounds of normalised levels.
const LEVELS: (f32, f32) = (-0.2, 1.2);
/// Side in pixels of the squares in each of which the paper's level is found.
const SQUARE: usize = 96;
/// Lowest level of a square's paper for that of the page; a darker square is printed black, not in shadow.
const LEAST_PAPER: f32 = 0.4;

/// Returns the page in grey, by the weights of most programs that read scans.
pub fn grey(page: &RgbImage) -> GrayImage {
    let mut grey = GrayImage::new(page.width(), page.height());
    for (Luma([level]), pixel) in grey.pixels_mut().zip(page.pixels()) {
        let [red, green, blue] = pixel.0.map(u32::from);
        *level = ((299 * red + 587 * green + 114 * blue + 500) / 1000) as u8;
    }
    grey
}

/// Returns the page at another size.
pub fn scaled(page: &GrayImage, width: u32, height: u32) -> Result<GrayImage, OcrError> {
    if page.dimensions() == (width, height) {
        return Ok(page.clone());
    }
    let mut target = DynamicImage::new_luma8(width, height);
    // A triangle as wide as the step averages all pixels when the page shrinks.
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new()
        .resize(
            &DynamicImage::ImageLuma8(page.clone()),
            &mut target,
            &options,
        )
        .map_err(|error| OcrError::Scale(error.to_string()))?;
    Ok(target.into_luma8())
}

/// Returns the page's ink: 0 for the paper around it, 1 for the darkest ink of the page.
pub fn ink(page: &GrayImage) -> Vec<f32> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let papers = Papers::of(page);
    let mut ink = Vec::with_capacity(width * height);
    for (y, row) in page.as_raw().chunks_exact(width.max(1)).enumerate() {
        let levels = row.iter().enumerate();
        ink.extend(levels.map(|(x, level)| papers.at(x, y) - f32::from(*level)));
    }
    let mut depths = [0; 256];
    for depth in &ink {
        depths[depth.clamp(0.0, 255.0) as usize] += 1;
    }
    let darkest = quantile(&depths, 1.0 - INK).max(LEAST_CONTRAST);
    for depth in &mut ink {
        *depth = (*depth / darkest).clamp(LEVELS.0, LEVELS.1);
    }
    ink
}

/// Turns the grey levels of a line into its ink.
pub fn normalise(line: &mut [f32]) {
    let mut levels = [0; 256];
    for level in line.iter() {
        levels[level.clamp(0.0, 255.0).round() as usize] += 1;
    }
    let (paper, ink) = (quantile(&levels, PAPER), quantile(&levels, INK));
    let contrast = (paper - ink).max(LEAST_CONTRAST);
    for level in line {
        *level = ((paper - *level) / contrast).clamp(LEVELS.0, LEVELS.1);
    }
}

/// The paper's level at the middles of squares that overlap by half.
struct Papers {
    levels: Vec<f32>,
    columns: usize,
    rows: usize,
}

impl Papers {
    fn of(page: &GrayImage) -> Self {
        let (width, height) = (page.width() as usize, page.height() as usize);
        let (columns, rows) = (
            width.div_ceil(SQUARE).max(1),
            height.div_ceil(SQUARE).max(1),
        );
        let mut levels = Vec::with_capacity(columns * rows);
        let mut all = [0; 256];
        for row in 0..rows {
            for column in 0..columns {
                let mut counts = [0; 256];
                let reach = |at: usize, side: usize| {
                    let first = (at * SQUARE).saturating_sub(SQUARE / 2);
                    first..((at + 1) * SQUARE + SQUARE / 2).min(side)
                };
                for y in reach(row, height) {
                    for level in &page.as_raw()[y * width..][reach(column, width)] {
                        counts[usize::from(*level)] += 1;
                    }
                }
                for (sum, count) in all.iter_mut().zip(counts) {
                    *sum += count;
                }
                levels.push(quantile(&counts, PAPER));
            }
        }
        let least = quantile(&all, PAPER) * LEAST_PAPER;
        for level in &mut levels {
            *level = level.max(least);
        }
        Self {
            levels,
            columns,
            rows,
        }
    }

    /// Returns the level at a pixel, between those of the four nearest squares.
    fn at(&self, x: usize, y: usize) -> f32 {
        let between = |at: usize, count: usize| {
            let place = ((at as f32 + 0.5) / SQUARE as f32 - 0.5).clamp(0.0, (count - 1) as f32);
            let first = (place as usize).min(count - 1);
            (first, (first + 1).min(count - 1), place - first as f32)
        };
        let (left, right, across) = between(x, self.columns);
        let (top, bottom, down) = between(y, self.rows);
        let row = |row: usize| {
            let level = |column: usize| self.levels[row * self.columns + column];
            level(left) + (level(right) - level(left)) * across
        };
        row(top) + (row(bottom) - row(top)) * down
    }
}

/// Returns the level that `part` of the counted ones do not exceed.
fn quantile(counts: &[u32; 256], part: f32) -> f32 {
    let all: u32 = counts.iter().sum();
    let wanted = f64::from(all) * f64::from(part);
    let mut sum = 0;
    let level = counts.iter().position(|count| {
        sum += count;
        f64::from(sum) >= wanted
    });
    level.unwrap_or(255) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shadows_on_the_paper_vanish() {
        // The light falls from 250 to 120; every tenth column is printed at half the paper's level.
        let page = GrayImage::from_fn(600, 400, |x, _| {
            let paper = 250.0 - 130.0 * x as f32 / 600.0;
            Luma([if x % 10 == 0 { paper * 0.5 } else { paper } as u8])
        });
        let ink = ink(&page);
        for y in [0, 200, 399] {
            for x in (60..540).filter(|x| x % 10 == 5) {
                assert!(ink[y * 600 + x].abs() < 0.2, "paper at {x}, {y}");
                assert!(ink[y * 600 + x - 5] > 0.4, "ink at {}, {y}", x - 5);
            }
        }
    }

    #[test]
    fn noise_on_an_empty_page_is_not_stretched() {
        let page = GrayImage::from_fn(100, 100, |x, y| Luma([200 + ((x * 7 + y * 3) % 5) as u8]));
        assert!(ink(&page).iter().all(|ink| ink.abs() < 0.25));
    }

    #[test]
    fn a_line_becomes_ink_whatever_its_levels() {
        for (paper, ink) in [(255.0, 0.0), (120.0, 70.0)] {
            let mut line: Vec<f32> = (0..100)
                .map(|at| if at % 5 == 0 { ink } else { paper })
                .collect();
            normalise(&mut line);
            assert!(
                line.iter()
                    .step_by(5)
                    .all(|level| (level - 1.0).abs() < 0.01)
            );
            assert!(
                line.iter()
                    .skip(1)
                    .step_by(5)
                    .all(|level| level.abs() < 0.01)
            );
        }
    }

    #[test]
    fn colours_count_by_their_brightness() {
        let page = RgbImage::from_pixel(1, 1, image::Rgb([255, 0, 0]));
        assert_eq!(grey(&page).get_pixel(0, 0), &Luma([76]));
    }
}
