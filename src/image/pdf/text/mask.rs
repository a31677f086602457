//! The pixels that the outline of a letter covers.

use hayro::kurbo::{BezPath, PathEl, Point, Rect, flatten};
use image::RgbImage;

/// Number of lines through a pixel on which an outline is measured.
const SUBLINES: usize = 4;
/// Distance in pixels by which straight lines may miss a curve.
const TOLERANCE: f64 = 0.1;

/// The brightness of a picture's pixels, 0 to 1.
pub(super) struct Brightness {
    width: i32,
    height: i32,
    values: Vec<f32>,
}

impl Brightness {
    pub(super) fn of(picture: &RgbImage) -> Self {
        let values = picture.pixels().map(|pixel| brightness(pixel.0));
        Self {
            width: picture.width().cast_signed(),
            height: picture.height().cast_signed(),
            values: values.collect(),
        }
    }

    pub(super) fn page(&self) -> Rect {
        Rect::new(0.0, 0.0, self.width.into(), self.height.into())
    }

    fn at(&self, x: i32, y: i32) -> f32 {
        let index = i64::from(y) * i64::from(self.width) + i64::from(x);
        usize::try_from(index)
            .ok()
            .and_then(|index| self.values.get(index))
            .copied()
            .unwrap_or(1.0)
    }
}

/// Returns the brightness of a colour as a person sees it (ITU-R BT.709), 0 to 1.
pub(super) fn brightness([red, green, blue]: [u8; 3]) -> f32 {
    let [red, green, blue] = [red, green, blue].map(f32::from);
    (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255.0
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy)]
pub(super) struct Window {
    left: i32,
    top: i32,
    width: usize,
    height: usize,
}

impl Window {
    /// Returns the pixels of `page` that an area and a margin around it touch.
    pub(super) fn around(area: Rect, margin: f64, page: Rect) -> Self {
        let area = area.inflate(margin, margin).intersect(page).expand();
        Self {
            left: area.x0 as i32,
            top: area.y0 as i32,
            width: area.width() as usize,
            height: area.height() as usize,
        }
    }

    /// Returns the number of pixels.
    pub(super) fn pixels(self) -> usize {
        self.width * self.height
    }

    fn places(self) -> impl Iterator<Item = (i32, i32)> {
        let end = |start: i32, length: usize| {
            start.saturating_add(i32::try_from(length).unwrap_or(i32::MAX))
        };
        let columns = self.left..end(self.left, self.width);
        let rows = self.top..end(self.top, self.height);
        rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }
}

/// The share of each pixel of a window that ink covers, 0 to 1.
pub(super) struct Mask {
    window: Window,
    cover: Vec<f32>,
}

/// A pixel within a window.
pub(super) struct Sample {
    /// The share that ink covers.
    pub(super) cover: f32,
    /// The brightness in the picture.
    pub(super) brightness: f32,
}

impl Mask {
    pub(super) fn new(window: Window) -> Self {
        Self {
            window,
            cover: vec![0.0; window.pixels()],
        }
    }

    /// Fills an outline, where its winding number is not 0.
    pub(super) fn fill(&mut self, outline: &BezPath) {
        let mut crossings: Vec<Vec<(f32, i32)>> = vec![Vec::new(); self.window.height * SUBLINES];
        let (mut start, mut last) = (Point::ZERO, Point::ZERO);
        flatten(outline, TOLERANCE, |element| match element {
            PathEl::MoveTo(point) => {
                self.cross(last, start, &mut crossings);
                (start, last) = (point, point);
            }
            PathEl::LineTo(point) => {
                self.cross(last, point, &mut crossings);
                last = point;
            }
            _ => {
                self.cross(last, start, &mut crossings);
                last = start;
            }
        });
        self.cross(last, start, &mut crossings);
        for (line, crossings) in crossings.iter_mut().enumerate() {
            crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut winding = 0;
            let mut from = 0.0;
            for (x, direction) in crossings {
                if winding == 0 {
                    from = *x;
                }
                winding += *direction;
                if winding == 0 {
                    self.span(line / SUBLINES, from, *x);
                }
            }
        }
    }

    /// Notes where a line of an outline crosses the lines of measurement.
    fn cross(&self, from: Point, to: Point, crossings: &mut [Vec<(f32, i32)>]) {
        let lines = SUBLINES as f64;
        let along = |point: Point| (point.y - f64::from(self.window.top)) * lines - 0.5;
        let (direction, upper, lower) = if from.y < to.y {
            (1, from, to)
        } else {
            (-1, to, from)
        };
        let (first, end) = (along(upper).ceil().max(0.0), along(lower).ceil());
        let slope = (lower.x - upper.x) / (lower.y - upper.y);
        let lines_crossed = first as usize..(end.max(0.0) as usize).min(crossings.len());
        for line in lines_crossed {
            let down = (line as f64 - along(upper)) / lines;
            let x = upper.x + slope * down - f64::from(self.window.left);
            crossings[line].push((x as f32, direction));
        }
    }

    fn span(&mut self, row: usize, from: f32, to: f32) {
        let width = self.window.width;
        let (from, to) = (from.clamp(0.0, width as f32), to.clamp(0.0, width as f32));
        for x in from as usize..(to.ceil() as usize).min(width) {
            let inside = to.min(x as f32 + 1.0) - from.max(x as f32);
            let cover = &mut self.cover[row * width + x];
            *cover = (*cover + inside.max(0.0) / SUBLINES as f32).min(1.0);
        }
    }

    /// Returns the pixels of a part of the window.
    pub(super) fn samples(
        &self,
        part: Window,
        picture: &Brightness,
    ) -> impl Iterator<Item = Sample> {
        part.places().filter_map(move |(x, y)| {
            let column = usize::try_from(x - self.window.left).ok()?;
            let row = usize::try_from(y - self.window.top).ok()?;
            let is_inside = column < self.window.width && row < self.window.height;
            is_inside.then(|| Sample {
                cover: self.cover[row * self.window.width + column],
                brightness: picture.at(x, y),
            })
        })
    }

    /// Returns all pixels of the window.
    pub(super) fn all(&self, picture: &Brightness) -> impl Iterator<Item = Sample> {
        self.samples(self.window, picture)
    }
}

#[cfg(test)]
mod tests {
    use hayro::kurbo::Shape;

    use super::*;

    #[test]
    fn covers_are_the_shares_of_pixels() {
        let page = Rect::new(0.0, 0.0, 10.0, 10.0);
        let area = Rect::new(1.0, 1.0, 4.0, 3.0);
        let window = Window::around(area, 1.0, page);
        assert_eq!(window.pixels(), 20);
        let mut mask = Mask::new(window);
        mask.fill(&Rect::new(1.5, 1.5, 3.0, 2.0).to_path(0.1));
        let expected = [[0.0; 5], [0.0, 0.25, 0.5, 0.0, 0.0], [0.0; 5], [0.0; 5]];
        assert_eq!(mask.cover, expected.concat());
        // A second letter adds to the first; a hole stays empty.
        let mut mask = Mask::new(window);
        let mut ring = Rect::new(0.0, 0.0, 5.0, 4.0).to_path(0.1);
        ring.extend(
            Rect::new(1.0, 1.0, 4.0, 3.0)
                .to_path(0.1)
                .reverse_subpaths(),
        );
        mask.fill(&ring);
        let expected = [
            [1.0; 5],
            [1.0, 0.0, 0.0, 0.0, 1.0],
            [1.0, 0.0, 0.0, 0.0, 1.0],
            [1.0; 5],
        ];
        assert_eq!(mask.cover, expected.concat());
    }

    #[test]
    fn what_lies_off_the_page_is_left_out() {
        let page = Rect::new(0.0, 0.0, 10.0, 10.0);
        let window = Window::around(Rect::new(8.0, -5.0, 30.0, 1.0), 1.0, page);
        assert_eq!(window.pixels(), 6);
        let mut mask = Mask::new(window);
        mask.fill(&Rect::new(-100.0, -100.0, 100.0, 100.0).to_path(0.1));
        assert_eq!(mask.cover, [1.0; 6]);
        assert_eq!(
            Window::around(Rect::new(20.0, 20.0, 30.0, 30.0), 1.0, page).pixels(),
            0
        );
    }
}
