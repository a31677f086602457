//! Finds the printed area of a scanned page. A receipt covers about a third of an A4 page, and the
//! rest would cost tokens and sharpness.

use image::RgbImage;

/// Minimum difference in grey levels between the background and ink.
const INK_STEP: u8 = 40;
/// Grey levels by which a background pixel may differ from the commonest one.
const UNIFORM_STEP: u8 = 24;
/// Minimum share of background in the border, in per cent.
const UNIFORM_SHARE: usize = 80;
/// Darkest background whose margins are cut.
const DARKEST_BACKGROUND: u8 = 200;
/// Number of ink pixels in a square and its neighbours, per pixel of the square's side, above which
/// they count as print and not as a speck.
const PRINT_INK: u32 = 6;
/// Distance of a square's neighbours in squares, across and down.
const NEIGHBOURS: (usize, usize) = (2, 1);

/// A rectangle of a picture in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// Returns the printed area with a margin of 1.5 % of the longer edge. Returns the whole picture
/// unless its border is bright and nearly uniform, as a scanner's bed or white paper is.
///
/// The border, 0.75 % of the longer edge deep, is not searched for ink, because scanners leave
/// lines there.
#[must_use]
pub fn printed_area(picture: &RgbImage) -> Area {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let longer = width.max(height);
    let depth = (longer * 3 / 400).max(1);
    let cell = (longer / 200).max(2);
    let margin = longer * 3 / 200;
    let whole = Area {
        x: 0,
        y: 0,
        width: picture.width(),
        height: picture.height(),
    };
    if width.min(height) < 4 * (depth + cell) {
        return whole;
    }
    let grey: Vec<u8> = picture.pixels().map(|p| luminance(p.0)).collect();
    let Some(background) = bed(&grey, width, depth) else {
        return whole;
    };
    let squares = Squares::count(&grey, width, depth, cell, background - INK_STEP);
    let Some(((first_column, last_column), (first_row, last_row))) = squares.printed() else {
        return whole;
    };
    let span = |first: usize, last: usize, length: usize| {
        let start = (depth + first * cell).saturating_sub(margin);
        let end = (depth + (last + 1) * cell + margin).min(length);
        (start as u32, (end - start) as u32)
    };
    let (x, across) = span(first_column, last_column, width);
    let (y, down) = span(first_row, last_row, height);
    Area {
        x,
        y,
        width: across,
        height: down,
    }
}

/// Returns the luminance by ITU-R BT.601, rounded.
fn luminance([red, green, blue]: [u8; 3]) -> u8 {
    ((299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) + 500) / 1000) as u8
}

/// Returns the commonest grey of the border if the border is bright and nearly uniform.
fn bed(grey: &[u8], width: usize, depth: usize) -> Option<u8> {
    let height = grey.len() / width;
    let mut histogram = [0_usize; 256];
    for (y, row) in grey.chunks_exact(width).enumerate() {
        let sides = if y < depth || y >= height - depth {
            [row, &[]]
        } else {
            [&row[..depth], &row[width - depth..]]
        };
        for level in sides.into_iter().flatten() {
            histogram[usize::from(*level)] += 1;
        }
    }
    let most = histogram.iter().max()?;
    let mode = histogram.iter().position(|count| count == most)? as u8;
    let near = usize::from(mode.saturating_sub(UNIFORM_STEP))
        ..=usize::from(mode.saturating_add(UNIFORM_STEP));
    let alike: usize = histogram[near].iter().sum();
    let all: usize = histogram.iter().sum();
    (mode >= DARKEST_BACKGROUND && alike * 100 >= UNIFORM_SHARE * all).then_some(mode)
}

/// Numbers of ink pixels per square, row by row.
struct Squares {
    ink: Vec<u32>,
    columns: usize,
    side: usize,
}

impl Squares {
    /// Counts the pixels darker than `threshold` inside the border.
    fn count(grey: &[u8], width: usize, depth: usize, side: usize, threshold: u8) -> Self {
        let height = grey.len() / width;
        let columns = (width - 2 * depth).div_ceil(side);
        let rows = (height - 2 * depth).div_ceil(side);
        let mut ink = vec![0; rows * columns];
        let inside = grey.chunks_exact(width).take(height - depth).skip(depth);
        for (y, row) in inside.enumerate() {
            for (x, level) in row[depth..width - depth].iter().enumerate() {
                ink[y / side * columns + x / side] += u32::from(*level < threshold);
            }
        }
        Self { ink, columns, side }
    }

    /// Returns the first and last column and the first and last row with print.
    fn printed(&self) -> Option<((usize, usize), (usize, usize))> {
        let print = (0..self.ink.len())
            .map(|at| (at % self.columns, at / self.columns))
            .filter(|(column, row)| self.is_print(*column, *row));
        print.fold(None, |found, (column, row)| {
            let ((left, right), (top, bottom)) = found.unwrap_or(((column, column), (row, row)));
            Some((
                (left.min(column), right.max(column)),
                (top.min(row), bottom.max(row)),
            ))
        })
    }

    fn is_print(&self, column: usize, row: usize) -> bool {
        let rows = self.ink.len() / self.columns;
        let (across, down) = NEIGHBOURS;
        let columns = column.saturating_sub(across)..(column + across + 1).min(self.columns);
        let around: u32 = (row.saturating_sub(down)..(row + down + 1).min(rows))
            .flat_map(|row| &self.ink[row * self.columns..][columns.clone()])
            .sum();
        self.ink[row * self.columns + column] > 0 && around >= PRINT_INK * self.side as u32
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use proptest::prelude::*;

    use super::*;

    fn page(width: u32, height: u32, paper: u8) -> RgbImage {
        RgbImage::from_pixel(width, height, Rgb([paper; 3]))
    }

    fn ink(page: &mut RgbImage, x: u32, y: u32, width: u32, height: u32) {
        for y in y..y + height {
            for x in x..x + width {
                page.put_pixel(x, y, Rgb([20; 3]));
            }
        }
    }

    const WHOLE: Area = Area {
        x: 0,
        y: 0,
        width: 800,
        height: 1000,
    };

    #[test]
    fn a_receipt_on_a_large_white_page_is_cut_out() {
        let mut scan = page(800, 1000, 255);
        ink(&mut scan, 100, 200, 150, 300);
        let area = printed_area(&scan);
        assert_eq!(
            area,
            Area {
                x: 82,
                y: 182,
                width: 185,
                height: 335
            }
        );
    }

    #[test]
    fn a_speck_does_not_count_as_print() {
        let mut scan = page(800, 1000, 250);
        ink(&mut scan, 100, 200, 150, 300);
        let without = printed_area(&scan);
        ink(&mut scan, 700, 900, 3, 3);
        assert_eq!(printed_area(&scan), without);
    }

    #[test]
    fn a_photo_of_a_receipt_on_a_table_stays_whole() {
        let mut photo = page(800, 1000, 120);
        ink(&mut photo, 100, 200, 150, 300);
        assert_eq!(printed_area(&photo), WHOLE);
    }

    #[test]
    fn an_empty_page_stays_whole() {
        assert_eq!(printed_area(&page(800, 1000, 255)), WHOLE);
    }

    #[test]
    fn an_uneven_border_stays_whole() {
        let mut scan = page(800, 1000, 255);
        ink(&mut scan, 0, 0, 400, 1000);
        assert_eq!(printed_area(&scan), WHOLE);
    }

    proptest! {
        #[test]
        fn the_area_lies_within_the_picture(
            (width, height) in (1u32..120, 1u32..120),
            pixels in prop::collection::vec(prop::sample::select(vec![255u8, 255, 255, 0]), 50),
        ) {
            let scan = RgbImage::from_fn(width, height, |x, y| {
                Rgb([pixels[((x * 7 + y * 13) % 50) as usize]; 3])
            });
            let Area { x, y, width: across, height: down } = printed_area(&scan);
            prop_assert!(across > 0 && down > 0);
            prop_assert!(x + across <= width && y + down <= height);
        }
    }
}
