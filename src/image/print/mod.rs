//! Detects whether a page has writing on it. A model asked for a receipt finds one even in a blank
//! back, a landscape or a table's surface.
//!
//! Writing consists of marks of one height, side by side on a line, that differ sharply from an
//! even ground. The search covers dark on bright and bright on dark, at several sizes. Doubtful
//! pages count as written on.

mod marks;
mod runs;
#[cfg(test)]
mod tests;

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, GrayImage, RgbImage};

use marks::Ground;
use runs::runs;

/// Maximum lengths in pixels of the shorter and the longer side; larger pages are reduced first.
const LARGEST: (u32, u32) = (1600, 6000);
/// Shorter side in pixels below which the page is also examined enlarged, since letters of three
/// pixels are too small for marks.
const SMALL: u32 = 500;
/// Minimum length in pixels of the shorter side of a halved page, for large letters.
const SMALLEST: u32 = 200;
/// Maximum number of halvings.
const HALVINGS: usize = 4;
/// Shorter side in pixels below which there is no room for ground around letters.
const TINY: u32 = 48;
/// Minimum difference in grey levels between the darkest and the brightest pixel of a tiny picture
/// with print.
const TINY_CONTRAST: u8 = 40;
/// Minimum number of marks in a run of writing, each weighted by its clarity.
const ENOUGH: f32 = 3.3;
/// The same minimum, and the minimum evenness of the ground, for ground as even as paper or a
/// screen.
const ENOUGH_ON_EVEN_GROUND: (f32, f32) = (3.0, 10.0);

/// Returns whether the page has something like writing on it.
#[must_use]
pub fn is_printed(page: &RgbImage) -> bool {
    let mut grey = grey_of(page);
    let shorter = grey.width().min(grey.height());
    if shorter < TINY {
        let levels = grey.as_raw();
        let range = levels.iter().max().zip(levels.iter().min());
        return range.is_some_and(|(most, least)| most - least > TINY_CONTRAST);
    }
    if shorter < SMALL && has_writing(&scaled(&grey, 2.0)) {
        return true;
    }
    for _ in 0..=HALVINGS {
        if has_writing(&grey) {
            return true;
        }
        if grey.width().min(grey.height()) < SMALLEST {
            break;
        }
        grey = scaled(&grey, 0.5);
    }
    false
}

fn has_writing(grey: &GrayImage) -> bool {
    let ground = Ground::of(grey);
    [false, true].into_iter().any(|is_brighter| {
        let (differing, marks) = ground.marks(is_brighter);
        runs(&marks).iter().any(|run| {
            let Some(clarity) = ground.clarity(&differing, run, is_brighter) else {
                return false;
            };
            let weight = run.len() as f32 * clarity.weight();
            let (enough, evenness) = ENOUGH_ON_EVEN_GROUND;
            weight >= ENOUGH || (weight >= enough && clarity.evenness >= evenness)
        })
    })
}

/// Converts the page to grey, reduced to [`LARGEST`].
fn grey_of(page: &RgbImage) -> GrayImage {
    let grey = GrayImage::from_fn(page.width(), page.height(), |x, y| {
        let [red, green, blue] = page.get_pixel(x, y).0.map(u32::from);
        image::Luma([((299 * red + 587 * green + 114 * blue + 500) / 1000) as u8])
    });
    let (short, long) = LARGEST;
    let (width, height) = grey.dimensions();
    let scale =
        (short as f32 / width.min(height) as f32).min(long as f32 / width.max(height) as f32);
    if scale < 1.0 {
        return scaled(&grey, scale);
    }
    grey
}

fn scaled(grey: &GrayImage, scale: f32) -> GrayImage {
    let side = |side: u32| ((side as f32 * scale) as u32).max(1);
    let mut target = DynamicImage::new_luma8(side(grey.width()), side(grey.height()));
    let filter = if scale > 1.0 {
        FilterType::Bilinear
    } else {
        FilterType::Box
    };
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    let source = DynamicImage::ImageLuma8(grey.clone());
    match Resizer::new().resize(&source, &mut target, &options) {
        Ok(()) => target.into_luma8(),
        // Unreachable: both are of one kind and have pixels.
        Err(_) => grey.clone(),
    }
}
