//! Sees a page as it is read: turned upright, and with level lines, although it was photographed at an angle.

use super::{
    PageBox, TextLine, TextSource, Word,
    rows::{Place, median},
};

/// Distance between the first and the last word of a line, in heights of the line, from which on it tells the slope
/// of the page.
const LONG: f32 = 3.0;
/// Number of such lines that tell the slope of a page at least.
const FEW: usize = 4;
/// Number of such lines that tell how the slope changes from top to bottom at least.
const MANY: usize = 8;
/// Greatest difference of a line's slope from the page's; a line that differs more is written at an angle of its own.
const ASKEW: f32 = 0.2;
/// How far the ends of level lines are up or down at most, in heights of a line, for the page to be level as it is.
const LEVEL: f32 = 0.3;
/// Greatest share by which rows are closer together or further apart at a side of the page than in its middle.
const MOST_SPREAD: f32 = 0.5;

/// The way in which the lines of a page run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Right,
    Down,
    Left,
    Up,
}

impl Direction {
    const ALL: [Self; 4] = [Self::Right, Self::Down, Self::Left, Self::Up];

    /// Returns the direction from the page's own in which most words follow one another.
    fn of(lines: &[TextLine], size: (f32, f32)) -> Self {
        let mut votes = [0.0_f32; 4];
        for line in lines {
            let (Some(first), Some(last)) = (line.words.first(), line.words.last()) else {
                continue;
            };
            let (from, to) = (middle(first.area, size), middle(last.area, size));
            let (across, down) = (to.0 - from.0, to.1 - from.1);
            // A PDF's page is shown upright, whatever stands sideways on it.
            if line.source == TextSource::Pdf {
                votes[0] += across.hypot(down);
                continue;
            }
            votes[0] += across.max(0.0);
            votes[1] += down.max(0.0);
            votes[2] += (-across).max(0.0);
            votes[3] += (-down).max(0.0);
        }
        let mut best = (Self::Right, votes[0]);
        for (direction, votes) in Self::ALL.into_iter().zip(votes) {
            if votes > best.1 {
                best = (direction, votes);
            }
        }
        best.0
    }

    /// Returns the place of an area of the page in pixels, seen in this direction.
    fn place(self, area: PageBox, (width, height): (f32, f32)) -> Place {
        let (left, right) = (area.x * width, area.right() * width);
        let (top, bottom) = (area.y * height, area.bottom() * height);
        let (left, right, top, bottom) = match self {
            Self::Right => (left, right, top, bottom),
            Self::Down => (top, bottom, width - right, width - left),
            Self::Left => (width - right, width - left, height - bottom, height - top),
            Self::Up => (height - bottom, height - top, left, right),
        };
        Place {
            left,
            right,
            top,
            bottom,
        }
    }
}

/// How lines run that are level on paper: a slope that changes evenly from the top to the bottom of the page.
#[derive(Debug, Clone, Copy)]
struct Tilt {
    /// A point of the page.
    middle: (f32, f32),
    /// The slope at that height.
    slope: f32,
    /// How much larger it is a pixel further down.
    change: f32,
}

/// A long line.
#[derive(Debug, Clone, Copy)]
struct Long {
    middle: (f32, f32),
    length: f32,
    slope: f32,
}

impl Tilt {
    /// Returns the slope of a page whose lines consist of words at these places; `None` if it is level.
    fn of(lines: &[Vec<Place>]) -> Option<Self> {
        let heights = lines.iter().flatten().map(|place| place.height());
        let height = median(heights.collect());
        let long: Vec<_> = lines.iter().filter_map(|line| Long::of(line)).collect();
        let usual = median(long.iter().map(|line| line.slope).collect());
        let long = long
            .into_iter()
            .filter(|line| (line.slope - usual).abs() <= ASKEW);
        let long: Vec<_> = long.collect();
        if long.len() < FEW {
            return None;
        }
        let found = Self::fitted(&long);
        let off = |line: &Long| (line.slope - found.at(line.middle.1)).abs();
        let usually_off = median(long.iter().map(off).collect());
        let near: Vec<_> = long
            .iter()
            .copied()
            .filter(|line| off(line) <= 3.0 * usually_off)
            .collect();
        let found = if near.len() < FEW {
            found
        } else {
            Self::fitted(&near)
        };
        let places = || lines.iter().flatten();
        let is_level = places().all(|place| {
            let x = f32::midpoint(place.left, place.right);
            (found.at(place.top) * (x - found.middle.0)).abs() <= LEVEL * height
        });
        (!is_level).then_some(found)
    }

    /// Fits the slope to long lines (least squares). What a line says of the slope is the surer, the longer it is.
    fn fitted(long: &[Long]) -> Self {
        let weight: f32 = long.iter().map(|line| line.length.powi(2)).sum();
        let mean = |value: &dyn Fn(&Long) -> f32| {
            let sum: f32 = long
                .iter()
                .map(|line| line.length.powi(2) * value(line))
                .sum();
            sum / weight
        };
        let middle = (mean(&|line| line.middle.0), mean(&|line| line.middle.1));
        let slope = mean(&|line| line.slope);
        let spread = mean(&|line| (line.middle.1 - middle.1).powi(2));
        let change = mean(&|line| (line.middle.1 - middle.1) * (line.slope - slope));
        let change = if long.len() < MANY || spread < 1.0 {
            0.0
        } else {
            change / spread
        };
        Self {
            middle,
            slope,
            change,
        }
    }

    fn at(&self, y: f32) -> f32 {
        self.slope + self.change * (y - self.middle.1)
    }

    /// Returns the place of a word on the level page.
    fn level(&self, place: Place) -> Place {
        let x = f32::midpoint(place.left, place.right) - self.middle.0;
        let y = f32::midpoint(place.top, place.bottom) - self.middle.1;
        // The line through the middle of the page that passes through the word.
        let spread = (1.0 + self.change * x).clamp(1.0 - MOST_SPREAD, 1.0 + MOST_SPREAD);
        let level = self.middle.1 + (y - self.slope * x) / spread;
        let slope = self.at(level);
        // The box around a word at an angle is higher than the word.
        let height = place.height() - slope.abs() * place.width();
        let height = height.max(0.4 * place.height()) / spread;
        let lean = self.slope * y;
        Place {
            left: place.left + lean,
            right: place.right + lean,
            top: level - height / 2.0,
            bottom: level + height / 2.0,
        }
    }
}

impl Long {
    fn of(words: &[Place]) -> Option<Self> {
        let (first, last) = (words.first()?, words.last()?);
        let middle = |place: &Place| {
            (
                f32::midpoint(place.left, place.right),
                f32::midpoint(place.top, place.bottom),
            )
        };
        let (from, to) = (middle(first), middle(last));
        let length = to.0 - from.0;
        (length >= LONG * first.height().max(last.height())).then(|| Self {
            middle: (f32::midpoint(from.0, to.0), f32::midpoint(from.1, to.1)),
            length,
            slope: (to.1 - from.1) / length,
        })
    }
}

/// Returns where each line of a page of `size` stands on the page as it is read.
pub(super) fn straightened(lines: &[TextLine], size: (u32, u32)) -> Vec<Place> {
    let size = (size.0 as f32, size.1 as f32);
    let direction = Direction::of(lines, size);
    let place = |word: &Word| direction.place(word.area, size);
    let places = lines
        .iter()
        .map(|line| line.words.iter().map(place).collect());
    let places: Vec<Vec<Place>> = places.collect();
    let slope = Tilt::of(&places);
    let level = |line: &Vec<Place>| around(line, slope);
    places.iter().map(level).collect()
}

/// Returns the place of a line from those of its words.
fn around(words: &[Place], slope: Option<Tilt>) -> Place {
    let Some(slope) = slope else {
        return bounds(words);
    };
    let level: Vec<_> = words.iter().map(|word| slope.level(*word)).collect();
    let count = level.len().max(1) as f32;
    Place {
        top: level.iter().map(|word| word.top).sum::<f32>() / count,
        bottom: level.iter().map(|word| word.bottom).sum::<f32>() / count,
        ..bounds(&level)
    }
}

fn bounds(words: &[Place]) -> Place {
    let around = words.iter().copied().reduce(|a, b| Place {
        left: a.left.min(b.left),
        right: a.right.max(b.right),
        top: a.top.min(b.top),
        bottom: a.bottom.max(b.bottom),
    });
    around.unwrap_or(Place {
        left: 0.0,
        right: 0.0,
        top: 0.0,
        bottom: 0.0,
    })
}

fn middle(area: PageBox, (width, height): (f32, f32)) -> (f32, f32) {
    (
        (area.x + area.width / 2.0) * width,
        (area.y + area.height / 2.0) * height,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (1000, 2000);

    type Turn<'a> = &'a dyn Fn(PageBox) -> PageBox;

    /// Makes a page of rows, in each of which two lines of two words stand side by side; `at` moves the words.
    fn page(at: impl Fn(f32, f32) -> (f32, f32)) -> Vec<TextLine> {
        let word = |x: f32, y: f32| {
            let corners = [(x, y), (x + 80.0, y), (x, y + 20.0), (x + 80.0, y + 20.0)];
            let corners = corners.map(|(x, y)| at(x, y));
            let least = corners
                .into_iter()
                .reduce(|a, b| (a.0.min(b.0), a.1.min(b.1)));
            let most = corners
                .into_iter()
                .reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)));
            Word {
                text: "word".to_owned(),
                area: PageBox::between(least.unwrap(), most.unwrap(), SIZE),
                confidence: 1.0,
                alternatives: Vec::new(),
            }
        };
        let rows = (10_u8..40).map(|row| f32::from(row) * 40.0);
        let lines = rows.flat_map(|y| {
            [40.0, 620.0].map(|x| TextLine {
                words: vec![word(x, y), word(x + 240.0, y)],
                source: TextSource::Reader,
            })
        });
        lines.collect()
    }

    #[track_caller]
    fn assert_level(lines: &[TextLine]) {
        let places = straightened(lines, SIZE);
        let rows: Vec<_> = places.chunks(2).collect();
        for row in &rows {
            assert!((row[0].top - row[1].top).abs() < 5.0, "{row:?}");
            assert!((8.0..32.0).contains(&row[0].height()), "{row:?}");
            assert!(row[0].right < row[1].left, "{row:?}");
        }
        assert!(
            rows.windows(2)
                .all(|pair| pair[0][0].bottom < pair[1][0].top)
        );
    }

    #[test]
    fn a_level_page_stays_as_it_is() {
        let places = straightened(&page(|x, y| (x, y)), SIZE);
        let first = places[0];
        for (is, should) in [
            (first.left, 40.0),
            (first.right, 360.0),
            (first.top, 400.0),
            (first.bottom, 420.0),
        ] {
            assert!((is - should).abs() < 0.1, "{first:?}");
        }
        assert_level(&page(|x, y| (x, y)));
        // Ink that is not as high in every word tilts no line.
        let level = page(|x, y| (x, if x < 100.0 { y + 2.0 } else { y }));
        assert!(straightened(&level, SIZE)[1].top < 401.0);
    }

    #[test]
    fn an_askew_page_becomes_level() {
        for degrees in [-8.0_f32, 3.0, 8.0] {
            let (sine, cosine) = degrees.to_radians().sin_cos();
            assert_level(&page(|x, y| {
                let (x, y) = (x - 500.0, y - 1000.0);
                (
                    500.0 + 0.8 * (x * cosine - y * sine),
                    1000.0 + 0.8 * (x * sine + y * cosine),
                )
            }));
        }
    }

    #[test]
    fn a_page_seen_from_the_side_becomes_level() {
        // The right side is nearer than the left one, so that the rows fan out.
        assert_level(&page(|x, y| {
            (x, 1000.0 + (y - 1000.0) * (0.8 + 0.3 * x / 1000.0))
        }));
    }

    #[test]
    fn a_turned_page_is_seen_upright() {
        let flip = |area: PageBox| PageBox {
            x: 1.0 - area.right(),
            y: 1.0 - area.bottom(),
            ..area
        };
        let clockwise = |area: PageBox| PageBox {
            x: 1.0 - area.bottom(),
            y: area.x,
            width: area.height,
            height: area.width,
        };
        let back = |area: PageBox| flip(clockwise(area));
        let upright = straightened(&page(|x, y| (x, y)), SIZE);
        let turns: [(Turn<'_>, (u32, u32)); 3] = [
            (&flip, SIZE),
            (&clockwise, (SIZE.1, SIZE.0)),
            (&back, (SIZE.1, SIZE.0)),
        ];
        for (turn, size) in turns {
            let mut lines = page(|x, y| (x, y));
            for word in lines.iter_mut().flat_map(|line| &mut line.words) {
                word.area = turn(word.area);
            }
            for (is, should) in straightened(&lines, size).iter().zip(&upright) {
                assert!((is.left - should.left).abs() < 1.0, "{is:?} {should:?}");
                assert!((is.top - should.top).abs() < 1.0, "{is:?} {should:?}");
            }
        }
    }

    #[test]
    fn nothing_and_words_alone_are_level() {
        assert_eq!(straightened(&[], SIZE), []);
        let mut lines = page(|x, y| (x, y + 0.1 * x));
        for line in &mut lines {
            line.words.truncate(1);
        }
        let places = straightened(&lines, SIZE);
        assert!((places[1].top - 462.0).abs() < 1.0, "{:?}", places[1]);
        let bare = [TextLine {
            words: Vec::new(),
            source: TextSource::Pdf,
        }];
        assert_eq!(straightened(&bare, (0, 0))[0].width(), 0.0);
    }
}
