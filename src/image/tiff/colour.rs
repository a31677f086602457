//! Converts samples to colours on white.

use super::layout::{Alpha, Colours, Layout, Packing};

/// Turns rows of samples into RGB.
pub struct Painter<'a> {
    layout: &'a Layout,
    colours: &'a Colours,
    /// The largest value of a sample.
    most: u32,
    samples: usize,
}

impl<'a> Painter<'a> {
    pub fn new(layout: &'a Layout) -> Self {
        let colours = match (&layout.colours, layout.packing) {
            // The JPEG decoder has converted these to RGB.
            (Colours::YCbCr { .. }, Packing::Jpeg) if !layout.is_planar => &Colours::Rgb,
            (colours, _) => colours,
        };
        Self {
            layout,
            colours,
            most: (1 << layout.bits) - 1,
            samples: layout.samples as usize,
        }
    }

    /// Turns the differences of a row back into samples.
    pub fn undo_differences(&self, row: &mut [u16], step: usize) {
        if self.layout.has_differences {
            for at in step..row.len() {
                let sum = u32::from(row[at]) + u32::from(row[at - step]);
                row[at] = (sum & self.most) as u16;
            }
        }
    }

    /// Converts a row of pixels with their samples side by side.
    pub fn paint(&self, row: &[u16], colours: &mut [u8]) {
        let pixels = row.chunks_exact(self.samples);
        for (pixel, colour) in pixels.zip(colours.chunks_exact_mut(3)) {
            colour.copy_from_slice(&self.on_white(pixel));
        }
    }

    fn on_white(&self, pixel: &[u16]) -> [u8; 3] {
        let (colour, used) = self.colour(pixel);
        let alpha = u32::from(pixel.get(used).map_or(255, |alpha| self.level(*alpha)));
        match self.layout.alpha {
            Alpha::None => colour,
            Alpha::Associated => colour.map(|c| (u32::from(c) + 255 - alpha).min(255) as u8),
            Alpha::Unassociated => {
                colour.map(|c| ((u32::from(c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
            }
        }
    }

    /// Returns the colour, and its number of samples.
    fn colour(&self, pixel: &[u16]) -> ([u8; 3], usize) {
        match self.colours {
            Colours::WhiteIsZero => ([255 - self.level(pixel[0]); 3], 1),
            Colours::BlackIsZero => ([self.level(pixel[0]); 3], 1),
            Colours::Palette(palette) => {
                let colour = palette.get(usize::from(pixel[0]));
                (colour.copied().unwrap_or_default(), 1)
            }
            Colours::Rgb => ([0, 1, 2].map(|i| self.level(pixel[i])), 3),
            Colours::Cmyk => {
                let light = |i: usize| 255 - u32::from(self.level(pixel[i]));
                let black = light(3);
                ([0, 1, 2].map(|i| ((light(i) * black + 127) / 255) as u8), 4)
            }
            Colours::YCbCr { luma, range, .. } => (
                of_luma([0, 1, 2].map(|i| self.level(pixel[i])), *luma, *range),
                3,
            ),
        }
    }

    /// Returns a sample in 8 bits.
    fn level(&self, sample: u16) -> u8 {
        ((u32::from(sample) * 255 + self.most / 2) / self.most) as u8
    }
}

fn of_luma(levels: [u8; 3], [r, g, b]: [f32; 3], range: [f32; 6]) -> [u8; 3] {
    let scaled = |i: usize, most: f32| {
        let (low, high) = (range[2 * i], range[2 * i + 1]);
        (f32::from(levels[i]) - low) * most / (high - low)
    };
    let (y, cb, cr) = (scaled(0, 255.0), scaled(1, 127.0), scaled(2, 127.0));
    let red = cr * (2.0 - 2.0 * r) + y;
    let blue = cb * (2.0 - 2.0 * b) + y;
    let green = (y - b * blue - r * red) / g;
    // A cast of NaN gives 0.
    [red, green, blue].map(|level| level.round() as u8)
}
