//! Pages that lie on a side or upside down.

use image::{GrayImage, imageops};

use crate::page::PageBox;

/// How a page is turned before it is read, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageTurn {
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl PageTurn {
    /// Returns the turned page.
    pub fn of(self, page: &GrayImage) -> GrayImage {
        match self {
            Self::None => page.clone(),
            Self::Quarter => imageops::rotate90(page),
            Self::Half => imageops::rotate180(page),
            Self::ThreeQuarters => imageops::rotate270(page),
        }
    }

    /// Returns the place on the page as given of a place on the turned page.
    pub fn back(self, area: PageBox) -> PageBox {
        let PageBox {
            x,
            y,
            width,
            height,
        } = area;
        let from_end = |start: f32, length: f32| (1.0 - start - length).max(0.0);
        match self {
            Self::None => area,
            Self::Quarter => PageBox {
                x: y,
                y: from_end(x, width),
                width: height,
                height: width,
            },
            Self::Half => PageBox {
                x: from_end(x, width),
                y: from_end(y, height),
                width,
                height,
            },
            Self::ThreeQuarters => PageBox {
                x: from_end(y, height),
                y: x,
                width: height,
                height: width,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn places_come_back_to_where_the_print_is() {
        let mut page = GrayImage::from_pixel(40, 20, Luma([255]));
        for (x, y) in (8..20).flat_map(|x| (2..6).map(move |y| (x, y))) {
            page.put_pixel(x, y, Luma([0]));
        }
        let place = |page: &GrayImage| {
            let dark = page
                .enumerate_pixels()
                .filter(|(_, _, level)| level.0[0] == 0);
            let ends = dark.map(|(x, y, _)| ((x, y), (x + 1, y + 1)));
            let (least, most) = ends
                .reduce(|(a, b), (c, d)| {
                    ((a.0.min(c.0), a.1.min(c.1)), (b.0.max(d.0), b.1.max(d.1)))
                })
                .unwrap();
            let float = |(x, y): (u32, u32)| (x as f32, y as f32);
            PageBox::between(float(least), float(most), page.dimensions())
        };
        let as_given = place(&page);
        for turn in [
            PageTurn::None,
            PageTurn::Quarter,
            PageTurn::Half,
            PageTurn::ThreeQuarters,
        ] {
            let back = turn.back(place(&turn.of(&page)));
            for (a, b) in [
                (back.x, as_given.x),
                (back.y, as_given.y),
                (back.width, as_given.width),
                (back.height, as_given.height),
            ] {
                assert!(
                    (a - b).abs() < 1e-5,
                    "{turn:?}: {back:?} is not {as_given:?}"
                );
            }
        }
    }
}
