//! Finds the lines of a page: runs the detector on the page at a size that its print can be seen at, and fits a strip
//! to each region of its map.

use image::GrayImage;

use super::{
    OcrError,
    form::{Levels, ReaderForm},
    light,
    net::Net,
    regions::{Cell, regions},
    strip::{MarkedPoint, Shape, Strip, skew},
};

/// Pixels of which the sides of the detector's input are multiples.
const SIDE: f32 = 32.0;
/// Length in pixels below which the shorter side does not shrink, so that the print of a long receipt stays legible ...
const LEGIBLE: f32 = 448.0;
/// ... as long as the page has at most this many times the pixels of the settings.
const LONGEST: f32 = 4.0;
/// Height of print in the detector's input, in pixels, below which a page is looked at again, larger ...
const SMALL: f32 = 13.5;
/// ... so that the print has this height, about as the pages of the training.
const WISHED: f32 = 17.0;
/// How much a page of print that is small itself is enlarged for it at most.
const ENLARGED: f32 = 2.0;
/// Least height of a line on the page, and of its picture for the detector, in pixels.
const LEAST_HEIGHT: f32 = 4.0;

/// Finds lines.
pub struct Detector {
    net: Net,
    form: ReaderForm,
}

/// The lines of a page.
pub struct FoundLines {
    /// The lines that run across the page, in no order.
    pub strips: Vec<Strip>,
    /// Whether most lines run up or down the page.
    pub are_sideways: bool,
}

/// The detector's map, and what a cell of it is on the page.
struct Map {
    values: Vec<f32>,
    /// Cells of a channel.
    size: usize,
    columns: usize,
    /// Whether channels 1 and 2 tell the distances to a line's upper and lower edge.
    has_edges: bool,
    /// Pixels of the page for each cell.
    cell: (f32, f32),
    /// Pixels of the page for each row of the detector's input.
    row: f32,
}

impl Detector {
    pub fn new(net: Net, form: ReaderForm) -> Self {
        Self { net, form }
    }

    /// Finds the lines of a page, at most `max_lines`: the longest. A page of small print is looked at once more with
    /// up to four times `max_pixels`.
    pub fn find(
        &self,
        page: &GrayImage,
        max_pixels: u32,
        max_lines: usize,
    ) -> Result<FoundLines, OcrError> {
        let size = input_size(page.width(), page.height(), max_pixels);
        let found = self.find_at(page, size, max_lines)?;
        let Some(larger) = larger_size(page.dimensions(), size, max_pixels, found.height()) else {
            return Ok(found);
        };
        self.find_at(page, larger, max_lines)
    }

    /// Finds the lines of a page that the detector sees at `size`.
    fn find_at(
        &self,
        page: &GrayImage,
        size: (u32, u32),
        max_lines: usize,
    ) -> Result<FoundLines, OcrError> {
        let map = self.map(page, size)?;
        let step = map.cell.0.max(map.cell.1);
        let regions = regions(&map.values[..map.size], map.columns, self.form.threshold);
        let regions = regions
            .into_iter()
            .filter(|region| self.is_sure(&map, region));
        let mut found: Vec<_> = regions
            .map(|region| {
                let marks: Vec<_> = region.iter().map(|cell| map.mark(*cell)).collect();
                (Shape::of(&marks, step), marks)
            })
            .collect();
        found.sort_by(|(a, _), (b, _)| b.length.total_cmp(&a.length));
        found.truncate(max_lines);
        let shapes: Vec<_> = found.iter().map(|(shape, _)| *shape).collect();
        let skew = skew(&shapes);
        let length = |are_sideways: bool| {
            let shapes = shapes.iter().filter(|shape| shape.has_angle());
            let shapes = shapes.filter(|shape| shape.is_sideways() == are_sideways);
            shapes.map(|shape| shape.length).sum::<f32>()
        };
        let upright = found.iter().filter(|(shape, _)| !shape.is_sideways());
        let strips = upright.map(|(shape, marks)| {
            Strip::fit(marks, shape, skew, step, |length, thickness| {
                self.form.growth.excess(length, thickness)
            })
        });
        Ok(FoundLines {
            strips: strips
                .filter(|strip| strip.height() >= LEAST_HEIGHT)
                .collect(),
            are_sideways: length(true) > length(false),
        })
    }

    fn map(&self, page: &GrayImage, (width, height): (u32, u32)) -> Result<Map, OcrError> {
        let small = light::scaled(page, width, height)?;
        let input = match self.form.levels {
            Levels::Ink => light::ink(&small),
            Levels::Centred => {
                let levels = small.as_raw().iter();
                let channel: Vec<_> = levels
                    .map(|level| f32::from(*level) / 127.5 - 1.0)
                    .collect();
                channel.repeat(self.form.levels.channels())
            }
        };
        let shape = [
            1,
            self.form.levels.channels(),
            height as usize,
            width as usize,
        ];
        let output = self.net.run(shape, input)?;
        let [1, channels, rows, columns] = output.shape[..] else {
            let reason = format!(
                "it gives {:?} instead of [1, channels, rows, columns]",
                output.shape
            );
            return Err(self.net.unsuited(reason));
        };
        if channels == 0 || rows == 0 || columns == 0 {
            return Err(self.net.unsuited("it gives an empty map"));
        }
        let cell = (
            page.width() as f32 / columns as f32,
            page.height() as f32 / rows as f32,
        );
        Ok(Map {
            values: output.values,
            size: rows * columns,
            columns,
            has_edges: channels >= 3,
            cell,
            row: page.height() as f32 / height as f32,
        })
    }

    fn is_sure(&self, map: &Map, region: &[Cell]) -> bool {
        let values = region.iter().map(|cell| map.values[map.index(*cell)]);
        values.sum::<f32>() >= self.form.least_score * region.len() as f32
    }
}

impl FoundLines {
    /// Returns the median height of the lines in pixels of the page; `None` if there are none.
    fn height(&self) -> Option<f32> {
        let mut heights: Vec<_> = self.strips.iter().map(Strip::height).collect();
        heights.sort_by(f32::total_cmp);
        heights.get(heights.len() / 2).copied()
    }
}

impl Map {
    fn index(&self, cell: Cell) -> usize {
        cell.row * self.columns + cell.column
    }

    fn mark(&self, cell: Cell) -> MarkedPoint {
        let at = self.index(cell);
        let edge = |channel: usize| self.values[channel * self.size + at] * self.row;
        MarkedPoint {
            x: (cell.column as f32 + 0.5) * self.cell.0,
            y: (cell.row as f32 + 0.5) * self.cell.1,
            edges: self.has_edges.then(|| (edge(1), edge(2))),
        }
    }
}

/// Returns the size at which to look again at a page that the detector saw at `seen`, where its print of that height
/// is too small or there seemed to be none; `None` if that gains nothing.
fn larger_size(
    page: (u32, u32),
    seen: (u32, u32),
    max_pixels: u32,
    height: Option<f32>,
) -> Option<(u32, u32)> {
    let area = |(width, height): (u32, u32)| width as f32 * height as f32;
    let scale = (area(seen) / area(page).max(1.0)).sqrt();
    let printed = height.unwrap_or(0.0);
    let height = printed * scale;
    if height >= SMALL {
        return None;
    }
    let most = (LONGEST * max_pixels as f32 / area(seen)).sqrt();
    let wished = (WISHED / height.max(1.0)).min(most);
    let is_small = printed > 0.0 && printed < SMALL;
    let scale = (scale * wished).min(if is_small { ENLARGED } else { 1.0 });
    let side = |side: u32| (side as f32 * scale / SIDE).round().max(1.0) as u32 * SIDE as u32;
    let larger = (side(page.0), side(page.1));
    (area(larger) > 1.2 * area(seen)).then_some(larger)
}

/// Returns the size at which the detector sees a page of `width` and `height`.
fn input_size(width: u32, height: u32, max_pixels: u32) -> (u32, u32) {
    let (width, height) = (width.max(1) as f32, height.max(1) as f32);
    let (area, most) = (width * height, max_pixels as f32);
    let fitting = (most / area).sqrt();
    let legible = (LEGIBLE / width.min(height)).min((LONGEST * most / area).sqrt());
    let scale = fitting.max(legible).min(1.0);
    let side = |side: f32| (side * scale / SIDE).round().max(1.0) * SIDE;
    (side(width) as u32, side(height) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_print_is_looked_at_again() {
        let larger = |page: (u32, u32), height| {
            let seen = input_size(page.0, page.1, 600_000);
            larger_size(page, seen, 600_000, height)
        };
        // Print of 14 pixels on a scan of 1080 x 1527 is seen with 8.4, then as it is.
        assert_eq!(larger((1080, 1527), Some(14.0)), Some((1088, 1536)));
        assert_eq!(larger((1080, 1527), Some(23.0)), None);
        // A page without print pays once more, but no small picture, which was seen as it is.
        assert_eq!(larger((2160, 3054), None), Some((1312, 1856)));
        assert_eq!(larger((400, 506), None), None);
        // A small picture is enlarged, to twice its size at most.
        assert_eq!(larger((400, 506), Some(10.0)), Some((672, 864)));
        assert_eq!(larger((400, 506), Some(6.0)), Some((800, 1024)));
        // A long receipt had four times the pixels at once.
        assert_eq!(larger((600, 40_000), Some(9.0)), None);
    }

    #[test]
    fn the_size_keeps_to_its_bounds_and_long_receipts_legible() {
        // A page of paper shrinks, a small picture stays, a long receipt keeps its width.
        assert_eq!(input_size(1654, 2339, 600_000), (640, 928));
        assert_eq!(input_size(400, 506, 600_000), (416, 512));
        assert_eq!(input_size(600, 4000, 600_000), (448, 2976));
        assert_eq!(input_size(1, 1, 600_000), (32, 32));
        for (width, height) in [(16_384, 328), (300, 15_000), (8000, 8000)] {
            let (across, down) = input_size(width, height, 600_000);
            assert!(across * down < 2_600_000, "{across} x {down}");
        }
    }
}
