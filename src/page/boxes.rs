//! Rectangles on a page.

/// A rectangle in fractions of the upright page's sides, from its top left corner: 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PageBox {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl PageBox {
    /// Returns the area between two corners in pixels, on a page of `size` (width, height), without
    /// the parts that lie off the page.
    #[must_use]
    pub fn between(left_top: (f32, f32), right_bottom: (f32, f32), size: (u32, u32)) -> Self {
        let fraction = |pixels: f32, side: u32| (pixels / side.max(1) as f32).clamp(0.0, 1.0);
        let (x, y) = (fraction(left_top.0, size.0), fraction(left_top.1, size.1));
        let (right, bottom) = (
            fraction(right_bottom.0, size.0),
            fraction(right_bottom.1, size.1),
        );
        Self {
            x,
            y,
            width: (right - x).max(0.0),
            height: (bottom - y).max(0.0),
        }
    }

    /// Returns the smallest area that holds both.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self {
            x,
            y,
            width: self.right().max(other.right()) - x,
            height: self.bottom().max(other.bottom()) - y,
        }
    }

    /// Returns whether the middle of the other lies within this area.
    #[must_use]
    pub fn holds_middle_of(self, other: Self) -> bool {
        let (x, y) = (other.x + other.width / 2.0, other.y + other.height / 2.0);
        (self.x..=self.right()).contains(&x) && (self.y..=self.bottom()).contains(&y)
    }

    /// Returns the right edge.
    #[must_use]
    pub fn right(self) -> f32 {
        self.x + self.width
    }

    /// Returns the lower edge.
    #[must_use]
    pub fn bottom(self) -> f32 {
        self.y + self.height
    }
}
