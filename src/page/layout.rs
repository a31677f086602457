//! Page text as plain text that is laid out as it is printed.

use super::{
    PageText, TextLine,
    order::Arrangement,
    rows::{Place, median},
};

/// Number of characters of a row at most, however small the print is.
const MAX_COLUMNS: f32 = 240.0;
/// Number of blanks between two lines in a row at least.
const MIN_BLANKS: usize = 2;
/// Number of empty rows between two rows at most.
const MAX_BLANK_ROWS: usize = 2;

impl PageText {
    /// Lays the text out with blanks, so that columns stand below one another as they are printed.
    ///
    /// Every row ends with a line feed. Lines that are written sideways follow as rows of their
    /// own.
    #[must_use]
    pub fn to_layout(&self) -> String {
        let arranged = Arrangement::of(&self.lines, (self.width, self.height));
        let texts: Vec<_> = self.lines.iter().map(TextLine::text).collect();
        let mut text = laid_out(&arranged, &texts);
        for index in arranged.rest {
            text.push_str(&texts[index]);
            text.push('\n');
        }
        text
    }
}

fn laid_out(arranged: &Arrangement, texts: &[String]) -> String {
    let Arrangement { places, rows, .. } = arranged;
    let upright = || rows.iter().flatten().copied();
    let least = |value: &dyn Fn(Place) -> f32| {
        let values = upright().map(|index| value(places[index]));
        values.fold(f32::INFINITY, f32::min)
    };
    let margin = least(&|place| place.left);
    let across = -least(&|place| -place.right) - margin;
    let widths = upright().map(|index| {
        let length = texts[index].chars().count().max(1);
        places[index].width() / length as f32
    });
    let width = median(widths.collect()).max(across / MAX_COLUMNS);
    let height = median(upright().map(|index| places[index].height()).collect());
    let mut text = String::new();
    let mut bottom = None;
    for row in rows {
        let inside = row.iter().map(|index| places[*index]);
        let top = inside.clone().map(|place| place.top);
        let top = top.fold(f32::INFINITY, f32::min);
        if let Some(bottom) = bottom {
            let gap: f32 = top - bottom;
            let blank = (gap / height.max(f32::EPSILON) - 0.5).max(0.0) as usize;
            text.push_str(&"\n".repeat(blank.min(MAX_BLANK_ROWS)));
        }
        bottom = inside.map(|place| place.bottom).reduce(f32::max);
        let mut column = 0;
        for index in row.iter().copied() {
            let start = (places[index].left - margin) / width.max(f32::EPSILON);
            let blanks = (start.round() as usize).min(MAX_COLUMNS as usize);
            let blanks = blanks.saturating_sub(column);
            let blanks = blanks.max(if column > 0 { MIN_BLANKS } else { 0 });
            text.push_str(&" ".repeat(blanks));
            text.push_str(&texts[index]);
            column += blanks + texts[index].chars().count();
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{PageBox, TextSource, Word};

    #[test]
    fn columns_stand_below_one_another() {
        let word = |text: &str, x: f32, y: f32| Word {
            text: text.to_owned(),
            area: PageBox {
                x: x / 40.0,
                y: y / 20.0,
                width: text.chars().count() as f32 / 40.0,
                height: 0.05,
            },
            confidence: 1.0,
            alternatives: Vec::new(),
        };
        let line = |words| TextLine {
            words,
            source: TextSource::Pdf,
        };
        let page = PageText {
            width: 400,
            height: 400,
            lines: vec![
                line(vec![word("Coffee", 2.0, 1.0), word("black", 9.0, 1.0)]),
                line(vec![word("2.50", 22.0, 1.0)]),
                line(vec![word("Sandwich", 2.0, 2.2)]),
                line(vec![word("16.50", 21.0, 2.2)]),
                line(vec![word("Total", 2.0, 5.0)]),
                line(vec![word("19.00", 21.0, 5.0)]),
            ],
        };
        assert_eq!(
            page.to_layout(),
            "Coffee black        2.50\n\
             Sandwich           16.50\n\n\
             Total              19.00\n"
        );
        assert_eq!(PageText::default().to_layout(), "");
    }
}
