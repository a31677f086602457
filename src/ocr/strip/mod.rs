//! The shape of a line on the page: a strip along a slightly bent curve, at any angle.

#[cfg(test)]
mod tests;

use std::f32::consts::FRAC_PI_4;

use image::GrayImage;

use super::form::Excess;

/// A point of a line's mark, in pixels of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarkedPoint {
    pub x: f32,
    pub y: f32,
    /// Distances from here up and down to the line's edges, where the detector tells them.
    pub edges: Option<(f32, f32)>,
}

/// Moments of a line's mark.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub middle: (f32, f32),
    /// Angle of the longer axis, from -90 to 90 degrees, in radians.
    pub angle: f32,
    /// Length and thickness of an even bar with these moments.
    pub length: f32,
    pub thickness: f32,
}

impl Shape {
    /// Returns the shape of marks that stand `step` pixels apart.
    pub fn of(marks: &[MarkedPoint], step: f32) -> Self {
        let count = marks.len().max(1) as f32;
        let mean =
            |value: &dyn Fn(&MarkedPoint) -> f32| marks.iter().map(value).sum::<f32>() / count;
        let middle = (mean(&|mark| mark.x), mean(&|mark| mark.y));
        // Each mark is a square, which has moments of its own.
        let own = step * step / 12.0;
        let xx = mean(&|mark| (mark.x - middle.0).powi(2)) + own;
        let yy = mean(&|mark| (mark.y - middle.1).powi(2)) + own;
        let xy = mean(&|mark| (mark.x - middle.0) * (mark.y - middle.1));
        let spread = ((xx - yy).powi(2) / 4.0 + xy * xy).sqrt();
        let (long, short) = (
            f32::midpoint(xx, yy) + spread,
            f32::midpoint(xx, yy) - spread,
        );
        Self {
            middle,
            angle: 0.5 * (2.0 * xy).atan2(xx - yy),
            length: (12.0 * long).sqrt(),
            thickness: (12.0 * short.max(own)).sqrt(),
        }
    }

    /// Returns whether the shape is long enough for its angle to be that of its line.
    pub fn has_angle(&self) -> bool {
        self.length >= 4.0 * self.thickness
    }

    /// Returns whether the line runs up or down the page.
    pub fn is_sideways(&self) -> bool {
        self.has_angle() && self.angle.abs() > FRAC_PI_4
    }
}

/// Returns the angle of most lines, weighted by their length; of lines within 45 degrees alone.
pub fn skew(shapes: &[Shape]) -> f32 {
    let lines = shapes
        .iter()
        .filter(|shape| shape.has_angle() && !shape.is_sideways());
    let mut angles: Vec<_> = lines.map(|shape| (shape.angle, shape.length)).collect();
    angles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = angles.iter().map(|(_, length)| length).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    let median = angles.iter().find(|(_, length)| {
        sum += length;
        sum >= half
    });
    median.map_or(0.0, |(angle, _)| *angle)
}

/// The place of a line. Positions are told by the way along the line from its middle, and the way across it
/// downwards from its curve, in pixels of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strip {
    middle: (f32, f32),
    along: (f32, f32),
    /// Where the line begins and ends.
    pub start: f32,
    pub end: f32,
    /// Coefficients of the way across: 1, the way along, and its square.
    curve: [f32; 3],
    /// Upper and lower edge.
    pub top: f32,
    pub bottom: f32,
}

/// Least length of a line, in thicknesses of its mark, for it to be bent or to have an angle of its own.
const LONG: f32 = 6.0;

impl Strip {
    /// Fits the strip of `marks`. `skew` is the angle of a line that is too short to have its own; `excess` tells by
    /// the mark's length and thickness how much larger the line is.
    pub fn fit(
        marks: &[MarkedPoint],
        shape: &Shape,
        skew: f32,
        step: f32,
        excess: impl Fn(f32, f32) -> Excess,
    ) -> Self {
        let is_long = shape.length >= LONG * shape.thickness;
        let is_upright = shape.angle.abs() <= FRAC_PI_4;
        let angle = if is_long && is_upright {
            shape.angle
        } else {
            skew
        };
        let (down, right) = angle.sin_cos();
        let middle = shape.middle;
        let placed: Vec<_> = marks
            .iter()
            .map(|mark| {
                let (x, y) = (mark.x - middle.0, mark.y - middle.1);
                (x * right + y * down, y * right - x * down, mark.edges)
            })
            .collect();
        let least = |values: &mut dyn Iterator<Item = f32>| values.fold(f32::INFINITY, f32::min);
        let start = least(&mut placed.iter().map(|place| place.0)) - step / 2.0;
        let end = -least(&mut placed.iter().map(|place| -place.0)) + step / 2.0;
        let curve = if is_long {
            parabola(placed.iter().map(|place| (place.0, place.1)), end - start)
        } else {
            [0.0; 3]
        };
        let mut strip = Self {
            middle,
            along: (right, down),
            start,
            end,
            curve,
            top: 0.0,
            bottom: 0.0,
        };
        let count = placed.len().max(1) as f32;
        let length = end - start;
        let thickness = (count * step * step / length.max(step)).max(step / 2.0);
        let edges: Option<Vec<_>> = placed
            .iter()
            .map(|(along, across, edges)| {
                let (up, down) = (*edges)?;
                let across = across - strip.across(*along);
                Some((across - up, across + down))
            })
            .collect();
        if let Some(edges) = edges {
            strip.top = edges.iter().map(|edges| edges.0).sum::<f32>() / count;
            strip.bottom = edges.iter().map(|edges| edges.1).sum::<f32>() / count;
            strip.bottom = strip.bottom.max(strip.top + thickness);
            let excess = excess(length, strip.height() / 2.0);
            strip.start -= excess.ends;
            strip.end += excess.ends;
        } else {
            let excess = excess(length, thickness);
            strip.start -= excess.ends;
            strip.end += excess.ends;
            strip.top = -thickness / 2.0 - excess.sides;
            strip.bottom = thickness / 2.0 + excess.sides;
        }
        strip
    }

    /// Returns the height of the line.
    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }

    /// Returns the length of the line.
    pub fn length(&self) -> f32 {
        self.end - self.start
    }

    fn across(&self, along: f32) -> f32 {
        let [constant, slope, bend] = self.curve;
        constant + slope * along + bend * along * along
    }

    /// Returns the pixel at a way along and across the line.
    pub fn point(&self, along: f32, across: f32) -> (f32, f32) {
        let across = across + self.across(along);
        let (right, down) = self.along;
        (
            self.middle.0 + along * right - across * down,
            self.middle.1 + along * down + across * right,
        )
    }

    /// Returns the corners that hold the part of the line from `from` to `to`: left and top, right and bottom.
    pub fn area(&self, from: f32, to: f32) -> ((f32, f32), (f32, f32)) {
        let places = [from, f32::midpoint(from, to), to];
        let points = places
            .into_iter()
            .flat_map(|along| [self.point(along, self.top), self.point(along, self.bottom)]);
        let none = (
            (f32::INFINITY, f32::INFINITY),
            (f32::NEG_INFINITY, f32::NEG_INFINITY),
        );
        points.fold(none, |(least, most), (x, y)| {
            (
                (least.0.min(x), least.1.min(y)),
                (most.0.max(x), most.1.max(y)),
            )
        })
    }

    /// Returns the line's picture, straightened: grey levels in rows of `columns`.
    pub fn cut(&self, page: &GrayImage, cut: &Crop) -> Vec<f32> {
        let levels = Sampler::of(page);
        // A pixel of the picture is the mean of as many pixels of the page as it covers.
        let samples = (cut.scale.ceil() as usize).clamp(1, MOST_SAMPLES);
        let part = 1.0 / samples as f32;
        let mut picture = vec![0.0; cut.columns * cut.rows];
        let stretch = self.stretch(cut);
        for column in 0..cut.columns * samples {
            let along = self.start - cut.ends + (column as f32 + 0.5) * part * stretch;
            let (x, y) = self.point(along, self.top - cut.margin);
            for row in 0..cut.rows * samples {
                let down = (row as f32 + 0.5) * part * cut.scale;
                let level = levels.level(x - self.along.1 * down, y + self.along.0 * down);
                picture[row / samples * cut.columns + column / samples] += level;
            }
        }
        for level in &mut picture {
            *level *= part * part;
        }
        picture
    }

    /// Returns how the line is cut into a picture of `rows`, with margins in heights of the line.
    pub fn plan(&self, rows: usize, margin: f32, ends: f32) -> Crop {
        let height = self.height().max(1.0);
        let scale = height * (1.0 + 2.0 * margin) / rows as f32;
        let length = self.length() + 2.0 * ends * height;
        Crop {
            columns: ((length / scale).round() as usize).clamp(LEAST_COLUMNS, MOST_COLUMNS),
            rows,
            scale,
            margin: margin * height,
            ends: ends * height,
        }
    }

    /// Returns the way along the line at a column of its picture.
    pub fn along(&self, cut: &Crop, column: f32) -> f32 {
        self.start - cut.ends + column * self.stretch(cut)
    }

    /// Returns the way along the line that a column takes; more than a row for very long lines.
    fn stretch(&self, cut: &Crop) -> f32 {
        (self.length() + 2.0 * cut.ends) / cut.columns as f32
    }
}

/// Columns of a line's picture.
const LEAST_COLUMNS: usize = 8;
/// A line of the smallest print across a page of paper has 2,500.
const MOST_COLUMNS: usize = 4096;
/// Samples along each side of a pixel of a line's picture.
const MOST_SAMPLES: usize = 8;

/// How a line is cut out of a page.
#[derive(Debug, Clone, Copy)]
pub struct Crop {
    pub columns: usize,
    pub rows: usize,
    /// Pixels of the page for each row.
    scale: f32,
    margin: f32,
    ends: f32,
}

/// Reads levels between pixels; beyond the edge the page goes on as it ends there.
struct Sampler<'a> {
    levels: &'a [u8],
    width: usize,
    last: (f32, f32),
}

impl<'a> Sampler<'a> {
    fn of(page: &'a GrayImage) -> Self {
        let side = |side: u32| side.saturating_sub(1) as f32;
        Self {
            levels: page.as_raw(),
            width: page.width() as usize,
            last: (side(page.width()), side(page.height())),
        }
    }

    fn level(&self, x: f32, y: f32) -> f32 {
        // The middle of the first pixel is at a half.
        let (x, y) = (
            (x - 0.5).clamp(0.0, self.last.0),
            (y - 0.5).clamp(0.0, self.last.1),
        );
        let (left, top) = (x.floor(), y.floor());
        let at = |x: f32, y: f32| {
            let (x, y) = (x.min(self.last.0) as usize, y.min(self.last.1) as usize);
            f32::from(self.levels[y * self.width + x])
        };
        let row = |y: f32| at(left, y) + (at(left + 1.0, y) - at(left, y)) * (x - left);
        row(top) + (row(top + 1.0) - row(top)) * (y - top)
    }
}

/// Returns the parabola that is nearest to the points; a straight line where they do not tell one.
fn parabola(points: impl Iterator<Item = (f32, f32)>, length: f32) -> [f32; 3] {
    // Ways along are scaled to about -1 to 1, so that the sums are of one size.
    let unit = (length / 2.0).max(1.0);
    let mut powers = [0.0_f64; 5];
    let mut products = [0.0_f64; 3];
    for (along, across) in points {
        let mut power = 1.0;
        for (at, sum) in powers.iter_mut().enumerate() {
            *sum += power;
            if let Some(product) = products.get_mut(at) {
                *product += power * f64::from(across);
            }
            power *= f64::from(along / unit);
        }
    }
    let [s0, s1, s2, s3, s4] = powers;
    let [p0, p1, p2] = products;
    let whole = s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2);
    if whole.abs() < 1e-6 * s0.max(1.0).powi(3) {
        return [0.0; 3];
    }
    let constant = p0 * (s2 * s4 - s3 * s3) - s1 * (p1 * s4 - p2 * s3) + s2 * (p1 * s3 - p2 * s2);
    let slope = s0 * (p1 * s4 - p2 * s3) - p0 * (s1 * s4 - s2 * s3) + s2 * (s1 * p2 - s2 * p1);
    let bend = s0 * (s2 * p2 - s3 * p1) - s1 * (s1 * p2 - s2 * p1) + p0 * (s1 * s3 - s2 * s2);
    let unit = f64::from(unit);
    [
        (constant / whole) as f32,
        (slope / whole / unit) as f32,
        (bend / whole / unit / unit) as f32,
    ]
}
