//! Completes the text that a PDF states by what the page reader finds in the picture.

use image::{RgbImage, imageops};

use super::{
    PdfText,
    agreement::{self, Agreement},
    whole_page,
};
use crate::page::{PageBox, PageReading, PageText, TextLine, TextSource, Unread, in_reading_order};

/// Number of lines that the page reader checks.
const SAMPLE: usize = 6;
/// Share of the page from which on it is read as a whole.
const MOST: f32 = 0.5;
/// Confidence in a word in which the page reader is sure to see other digits.
const CONTESTED: f32 = 0.5;

impl PdfText {
    /// Returns the whole text of the page, of which `picture` has the pixels.
    ///
    /// `read` is the page reader. It gets the part of the picture that holds a sample of the stated
    /// lines and all unread areas; if the sample shows that the file states other characters than
    /// it draws, it gets the whole picture, and what it finds is the page's text. Lines that cannot
    /// be seen as the file states them count where the reader finds the same; they correct its
    /// spelling, but no digits.
    ///
    /// # Errors
    /// The reader's, if the page has no text without it. Otherwise the text that is seen is
    /// returned without what only the reader finds.
    pub fn completed(
        self,
        picture: &RgbImage,
        mut read: impl FnMut(&RgbImage) -> Result<Vec<TextLine>, Unread>,
    ) -> PageReading {
        let page = |lines| PageText {
            width: picture.width(),
            height: picture.height(),
            lines,
        };
        let sample = sample(&self.lines).iter().map(TextLine::area);
        let Some(area) = self
            .unread
            .iter()
            .copied()
            .chain(sample)
            .reduce(PageBox::around)
        else {
            return Ok(page(self.lines));
        };
        let area = if area.width * area.height < MOST {
            area
        } else {
            whole_page()
        };
        let found = match read_part(picture, area, &mut read) {
            Ok(found) => found,
            Err(unread) if self.lines.is_empty() => return Err(unread),
            Err(_) => return Ok(page(self.lines)),
        };
        if agreement::of_lines(&self.lines, &found) == Agreement::Otherwise {
            let found = if area == whole_page() {
                found
            } else {
                read_part(picture, whole_page(), &mut read)?
            };
            return Ok(page(in_reading_order(found, picture.dimensions())));
        }
        let Self {
            lines,
            hidden_lines,
            unread,
        } = self;
        let added = found.iter().filter_map(|line| added(line, &lines, &unread));
        let added: Vec<_> = added.map(|line| corrected(line, &hidden_lines)).collect();
        let mut lines = lines;
        for word in lines.iter_mut().flat_map(|line| &mut line.words) {
            if agreement::contests(&found, word) {
                word.confidence = CONTESTED;
            }
        }
        lines.extend(added);
        Ok(page(in_reading_order(lines, picture.dimensions())))
    }
}

/// Returns the consecutive lines that have the most digits and letters.
fn sample(lines: &[TextLine]) -> &[TextLine] {
    let weight = |lines: &[TextLine]| {
        let words = lines.iter().flat_map(|line| &line.words);
        let characters = words.flat_map(|word| word.text.chars());
        characters
            .map(|c| {
                if c.is_ascii_digit() {
                    2
                } else {
                    usize::from(c.is_alphabetic())
                }
            })
            .sum::<usize>()
    };
    let windows = lines.windows(SAMPLE.min(lines.len()).max(1));
    windows
        .max_by_key(|lines| weight(lines))
        .unwrap_or_default()
}

/// Reads a part of the picture, and returns the lines with their places on the page.
fn read_part(
    picture: &RgbImage,
    part: PageBox,
    read: &mut impl FnMut(&RgbImage) -> Result<Vec<TextLine>, Unread>,
) -> Result<Vec<TextLine>, Unread> {
    if part == whole_page() {
        return read(picture);
    }
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    // Letters at the edge of a part are read badly without some paper around them.
    let margin = (part.height * height * 0.1).clamp(8.0, 40.0);
    let left = (part.x * width - margin).max(0.0) as u32;
    let top = (part.y * height - margin).max(0.0) as u32;
    let right = ((part.right() * width + margin) as u32).min(picture.width());
    let bottom = ((part.bottom() * height + margin) as u32).min(picture.height());
    let (across, down) = (right.saturating_sub(left), bottom.saturating_sub(top));
    let mut lines = read(&imageops::crop_imm(picture, left, top, across, down).to_image())?;
    for word in lines.iter_mut().flat_map(|line| &mut line.words) {
        let area = word.area;
        word.area = PageBox {
            x: (left as f32 + area.x * across as f32) / width,
            y: (top as f32 + area.y * down as f32) / height,
            width: area.width * across as f32 / width,
            height: area.height * down as f32 / height,
        };
    }
    Ok(lines)
}

/// Returns what a line that the reader found adds to the stated ones: the words within unread areas.
fn added(line: &TextLine, stated: &[TextLine], unread: &[PageBox]) -> Option<TextLine> {
    let is_new = |area: PageBox| {
        unread.iter().any(|part| part.holds_middle_of(area))
            && !stated.iter().any(|line| line.area().holds_middle_of(area))
    };
    let words = line.words.iter().filter(|word| is_new(word.area));
    let words: Vec<_> = words.cloned().collect();
    (!words.is_empty()).then_some(TextLine {
        words,
        source: line.source,
    })
}

/// Returns a line of the reader with the spelling of the hidden text in the same place, where both
/// agree.
fn corrected(mut line: TextLine, hidden: &[TextLine]) -> TextLine {
    let mut is_stated = true;
    for word in &mut line.words {
        let others = hidden.iter().flat_map(|line| &line.words);
        let mut others = others.filter(|other| {
            other.area.holds_middle_of(word.area) && word.area.holds_middle_of(other.area)
        });
        match others.find(|other| agreement::is_same_word(&other.text, &word.text)) {
            Some(other) => {
                word.text.clone_from(&other.text);
                // Two readers are wrong in the same way more seldom than one is wrong.
                word.confidence = 1.0 - (1.0 - word.confidence) / 2.0;
                word.alternatives.clear();
            }
            None => is_stated = false,
        }
    }
    if is_stated {
        line.source = TextSource::Pdf;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Word;

    /// Makes a line at a row of a page of 100 x 100 characters.
    fn line(text: &str, column: u8, row: u8, source: TextSource) -> TextLine {
        let mut x = f32::from(column) / 100.0;
        let words = text.split(' ').map(|text| {
            let width = text.chars().count() as f32 / 100.0;
            let area = PageBox {
                x,
                y: f32::from(row) / 100.0,
                width,
                height: 0.01,
            };
            x += width + 0.01;
            Word {
                text: text.to_owned(),
                area,
                confidence: if source == TextSource::Pdf { 1.0 } else { 0.96 },
                alternatives: Vec::new(),
            }
        });
        TextLine {
            words: words.collect(),
            source,
        }
    }

    fn stated(text: &str, column: u8, row: u8) -> TextLine {
        line(text, column, row, TextSource::Pdf)
    }

    fn found(text: &str, column: u8, row: u8) -> TextLine {
        line(text, column, row, TextSource::Reader)
    }

    fn texts(reading: PageReading) -> Vec<String> {
        reading.unwrap().lines.iter().map(TextLine::text).collect()
    }

    /// Reads a page of 1000 x 1000 pixels with the lines that its reader finds.
    fn completed(text: PdfText, lines: &[TextLine]) -> (PageReading, Vec<(u32, u32)>) {
        let mut sizes = Vec::new();
        let picture = RgbImage::new(1000, 1000);
        let reading = text.completed(&picture, |part| {
            sizes.push(part.dimensions());
            Ok(lines.to_vec())
        });
        (reading, sizes)
    }

    #[test]
    fn a_blank_page_needs_no_reader() {
        let (reading, sizes) = completed(PdfText::default(), &[found("noise", 0, 0)]);
        assert_eq!((texts(reading), sizes), (vec![], vec![]));
    }

    #[test]
    fn only_a_sample_of_stated_text_is_read() {
        let lines: Vec<_> = (10..60).map(|row| stated("Coffee 2.50", 10, row)).collect();
        let text = PdfText {
            lines: lines.clone(),
            ..PdfText::default()
        };
        let (reading, sizes) = completed(text, &[]);
        assert_eq!(reading.unwrap().lines, lines);
        assert_eq!(sizes.len(), 1);
        assert!(sizes[0].0 < 200 && sizes[0].1 < 100, "{sizes:?}");
    }

    #[test]
    fn other_characters_than_drawn_turn_the_page_over() {
        let text = PdfText {
            lines: vec![
                stated("Fbsrbm Tabbml", 10, 5),
                stated("Gpsbm 118 233 999", 70, 95),
            ],
            ..PdfText::default()
        };
        let seen = [
            found("Corner Market", 10, 5),
            found("Total 226 341 000", 70, 95),
        ];
        let (reading, sizes) = completed(text, &seen);
        assert_eq!(texts(reading), ["Corner Market", "Total 226 341 000"]);
        assert_eq!(sizes, [(1000, 1000)]);
        // A reader that finds nothing there says nothing against the file.
        let text = PdfText {
            lines: vec![stated("Corner Market 12", 10, 10)],
            ..PdfText::default()
        };
        assert_eq!(texts(completed(text, &[]).0), ["Corner Market 12"]);
    }

    #[test]
    fn unread_areas_are_the_readers() {
        let text = PdfText {
            lines: vec![stated("Total 9.00", 10, 50), stated("Paid 10.00", 75, 90)],
            hidden_lines: vec![],
            unread: vec![PageBox {
                x: 0.1,
                y: 0.0,
                width: 0.3,
                height: 0.2,
            }],
        };
        let seen = [
            found("MARKET", 10, 10),
            found("Tota1 9.00", 10, 50),
            found("stray", 60, 10),
            found("Paid 16.00", 75, 90),
        ];
        let (reading, _) = completed(text, &seen);
        let lines = reading.unwrap().lines;
        let shown: Vec<_> = lines
            .iter()
            .map(|line| (line.text(), line.source))
            .collect();
        let expected = [
            ("MARKET", TextSource::Reader),
            ("Total 9.00", TextSource::Pdf),
            ("Paid 10.00", TextSource::Pdf),
        ];
        assert_eq!(
            shown,
            expected.map(|(text, source)| (text.to_owned(), source))
        );
        assert_eq!(lines[1].confidence(), 1.0);
        assert_eq!(lines[2].confidence(), CONTESTED);
    }

    #[test]
    fn hidden_text_counts_where_the_reader_agrees() {
        let scan = |hidden: &[TextLine], seen: &[TextLine]| {
            let text = PdfText {
                lines: vec![],
                hidden_lines: hidden.to_vec(),
                unread: vec![whole_page()],
            };
            let lines = completed(text, seen).0.unwrap().lines;
            let line = &lines[0];
            (line.text(), line.source)
        };
        let hidden = [stated("TOTAL 1.00", 10, 50)];
        let both = scan(&hidden, &[found("T0TAL 1.00", 10, 50)]);
        assert_eq!(both, ("TOTAL 1.00".to_owned(), TextSource::Pdf));
        let other = scan(&hidden, &[found("TOTAL 9.00", 10, 50)]);
        assert_eq!(other, ("TOTAL 9.00".to_owned(), TextSource::Reader));
        let elsewhere = scan(&hidden, &[found("TOTAL 1.00", 10, 70)]);
        assert_eq!(elsewhere.1, TextSource::Reader);
        let (nothing, _) = completed(
            PdfText {
                hidden_lines: hidden.to_vec(),
                unread: vec![whole_page()],
                ..PdfText::default()
            },
            &[],
        );
        assert_eq!(texts(nothing), [""; 0]);
    }

    #[test]
    fn without_a_reader_the_stated_text_remains() {
        let off = |text: PdfText| text.completed(&RgbImage::new(9, 9), |_| Err(Unread::Off));
        let stated = PdfText {
            lines: vec![stated("Total 9.00", 10, 50)],
            unread: vec![whole_page()],
            ..PdfText::default()
        };
        assert_eq!(texts(off(stated)), ["Total 9.00"]);
        let scan = PdfText {
            unread: vec![whole_page()],
            ..PdfText::default()
        };
        assert_eq!(off(scan), Err(Unread::Off));
        assert_eq!(texts(off(PdfText::default())), [""; 0]);
    }

    #[test]
    fn places_in_a_part_become_places_on_the_page() {
        let text = PdfText {
            unread: vec![PageBox {
                x: 0.5,
                y: 0.5,
                width: 0.1,
                height: 0.1,
            }],
            ..PdfText::default()
        };
        let reading = text.completed(&RgbImage::new(1000, 1000), |part| {
            let (width, height) = part.dimensions();
            let mut line = found("A", 0, 0);
            // A hundred pixels square, in the middle of the part.
            line.words[0].area = PageBox::between(
                (width as f32 / 2.0 - 50.0, height as f32 / 2.0 - 50.0),
                (width as f32 / 2.0 + 50.0, height as f32 / 2.0 + 50.0),
                (width, height),
            );
            Ok(vec![line])
        });
        let area = reading.unwrap().lines[0].area();
        for (is, should) in [
            (area.x, 0.5),
            (area.y, 0.5),
            (area.width, 0.1),
            (area.height, 0.1),
        ] {
            assert!((is - should).abs() < 0.002, "{area:?}");
        }
    }
}
