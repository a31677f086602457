//! Light and noise of a picture.

use image::GrayImage;

/// The share of the pixels at either end that may become black or white.
const CUT: usize = 100;

/// Softens a picture over 3 by 3 pixels, which fills in the white dots of thermal paper, and stretches
/// its contrast.
pub(super) fn evened(picture: &mut GrayImage) {
    soften(picture);
    stretch(picture);
}

/// Turns black into white.
pub(super) fn inverted(picture: &mut GrayImage) {
    for value in picture.iter_mut() {
        *value = !*value;
    }
}

/// Takes the weighted mean of each pixel and its neighbours.
fn soften(picture: &mut GrayImage) {
    let width = picture.width() as usize;
    let pixels: &mut [u8] = picture;
    let mean = |before: u8, here: u8, after: u8| {
        let sum = u16::from(before) + 2 * u16::from(here) + u16::from(after) + 2;
        (sum / 4) as u8
    };
    for row in pixels.chunks_exact_mut(width) {
        let mut before = row[0];
        for x in 0..width {
            let (here, after) = (row[x], row[(x + 1).min(width - 1)]);
            row[x] = mean(before, here, after);
            before = here;
        }
    }
    let mut above: Vec<u8> = pixels[..width].to_vec();
    let mut rows = pixels;
    while !rows.is_empty() {
        let (row, below) = rows.split_at_mut(width);
        for x in 0..width {
            let here = row[x];
            let after = below.get(x).copied().unwrap_or(here);
            row[x] = mean(above[x], here, after);
            above[x] = here;
        }
        rows = below;
    }
}

/// Makes the darkest hundredth of the pixels black, and the lightest white.
fn stretch(picture: &mut GrayImage) {
    let mut counts = [0usize; 256];
    for &value in picture.iter() {
        counts[usize::from(value)] += 1;
    }
    let cut = picture.len() / CUT;
    let (Some(dark), Some(light)) = (
        first_past(cut, &counts, 0..256),
        first_past(cut, &counts, (0..256).rev()),
    ) else {
        return;
    };
    if light <= dark {
        return;
    }
    let mut table = [0u8; 256];
    for (value, target) in table.iter_mut().enumerate() {
        let above = value.clamp(dark, light) - dark;
        *target = (above * 255 / (light - dark)) as u8;
    }
    for value in picture.iter_mut() {
        *value = table[usize::from(*value)];
    }
}

/// Returns the first of the values by which more than so many pixels were passed.
fn first_past(
    cut: usize,
    counts: &[usize; 256],
    values: impl IntoIterator<Item = usize>,
) -> Option<usize> {
    let mut passed = 0;
    values.into_iter().find(|value| {
        passed += counts[*value];
        passed > cut
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_softened_and_stretched() {
        let mut picture = GrayImage::from_pixel(5, 5, image::Luma([100]));
        picture.put_pixel(2, 2, image::Luma([180]));
        soften(&mut picture);
        assert_eq!(picture.get_pixel(2, 2).0, [120]);
        assert_eq!(picture.get_pixel(1, 2).0, [110]);
        assert_eq!(picture.get_pixel(1, 1).0, [105]);
        assert_eq!(picture.get_pixel(0, 0).0, [100]);
        stretch(&mut picture);
        assert_eq!(picture.get_pixel(2, 2).0, [255]);
        assert_eq!(picture.get_pixel(0, 0).0, [0]);
        let mut even = GrayImage::from_pixel(3, 1, image::Luma([7]));
        evened(&mut even);
        assert_eq!(even.as_raw(), &[7; 3]);
    }
}
