//! Lays out a value within its field.

use std::fmt::Write as _;

use hayro::hayro_syntax::object::{Array, Dict, Rect, String as Text};

use super::{field::Field, pen::Pen};

/// Font sizes to try for a text that has to fit.
const SIZES: [f64; 12] = [
    144.0, 100.0, 60.0, 40.0, 30.0, 20.0, 18.0, 14.0, 12.0, 10.0, 8.0, 6.0,
];
/// Maximum font size of texts of several lines.
const MAX_LINE_SIZE: f64 = 12.0;
/// Minimum font size that can be read.
const MIN_SIZE: f64 = 4.0;
/// Distance between lines, height above the baseline and depth below it, at size 1.
const LEADING: f64 = 1.15;
const HEAD: f64 = 0.72;
const DEPTH: f64 = 0.22;

/// The font of the check mark and the dot, which every reader has.
const MARKS: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>";

/// The area of a field with its lower left corner at 0, and its border.
pub(super) struct Frame {
    width: f64,
    height: f64,
    matrix: &'static str,
    border: f64,
    fill: Option<String>,
    stroke: Option<String>,
    caption: Option<u8>,
}

impl Frame {
    pub(super) fn new(note: &Dict<'_>, area: Rect) -> Self {
        let looks = note.get::<Dict<'_>>(b"MK").unwrap_or_default();
        let style = note
            .get::<Dict<'_>>(b"BS")
            .and_then(|style| style.get::<f64>(b"W"));
        let array = || note.get::<Array<'_>>(b"Border")?.iter::<f64>().nth(2);
        let (matrix, is_turned) = match looks.get::<i32>(b"R").unwrap_or(0).rem_euclid(360) {
            90 => ("0 1 -1 0 0 0", true),
            180 => ("-1 0 0 -1 0 0", false),
            270 => ("0 -1 1 0 0 0", true),
            _ => ("1 0 0 1 0 0", false),
        };
        let (mut width, mut height) = (area.width(), area.height());
        if is_turned {
            (width, height) = (height, width);
        }
        let caption = looks.get::<Text<'_>>(b"CA");
        Self {
            width,
            height,
            matrix,
            border: style.or_else(array).unwrap_or(1.0).clamp(0.0, 12.0),
            fill: color(&looks, b"BG", ["g", "rg", "k"]),
            stroke: color(&looks, b"BC", ["G", "RG", "K"]),
            caption: caption.and_then(|caption| caption.as_bytes().first().copied()),
        }
    }

    /// Returns the dictionary of an appearance of `length` bytes.
    pub(super) fn dict(&self, font: &str, length: usize) -> String {
        format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 {} {}] /Matrix [{}] \
             /Resources << /Font << /F {font} >> >> /Length {length} >>",
            self.width, self.height, self.matrix
        )
    }

    pub(super) fn text(&self, field: &Field, lines: &[String], pen: &Pen<'_>) -> Vec<u8> {
        let mut out = self.background();
        if field.is_list() {
            self.list(field, lines, pen, &mut out);
        } else if let Some(cells) = field.cells() {
            self.cells(&lines.concat(), cells, pen, &mut out);
        } else if field.is_multiline() {
            self.paragraphs(field, lines, pen, &mut out);
        } else {
            let line = lines.concat();
            let size = Self::size_of(pen.size, |size| {
                let is_low = pen.size > 0.0 || size * LEADING <= self.height;
                is_low && pen.length(&line) * size <= self.room()
            });
            let foot = (self.height - HEAD * size) / 2.0;
            self.line(field.alignment, &line, (size, foot), pen, &mut out);
        }
        out.into_bytes()
    }

    /// Draws the field's own mark, or the usual one, and returns its font too.
    pub(super) fn mark(&self, field: &Field) -> (Vec<u8>, &'static str) {
        let mut out = self.background();
        let mark = self.caption.unwrap_or(b'4');
        let size = self.width.min(self.height) * 0.8;
        // Marks are about as wide as they are high.
        let (x, y) = (
            (self.width - 0.8 * size) / 2.0,
            (self.height - 0.7 * size) / 2.0,
        );
        let color = String::from_utf8_lossy(&field.appearance).into_owned();
        let words: Vec<&str> = color.split_ascii_whitespace().collect();
        let color = match words.iter().position(|word| *word == "Tf") {
            Some(at) => words[at + 1..].join(" "),
            None => "0 g".into(),
        };
        let _ = writeln!(
            out,
            "BT {color} /F {size:.2} Tf {x:.2} {y:.2} Td <{mark:02x}> Tj ET"
        );
        (out.into_bytes(), MARKS)
    }

    fn background(&self) -> String {
        let mut out = String::new();
        let (width, height, border) = (self.width, self.height, self.border);
        if let Some(fill) = &self.fill {
            let _ = writeln!(out, "q {fill} 0 0 {width} {height} re f Q");
        }
        if let Some(stroke) = &self.stroke
            && border > 0.0
        {
            let half = border / 2.0;
            let _ = writeln!(
                out,
                "q {stroke} {border} w {half} {half} {} {} re S Q",
                width - border,
                height - border
            );
        }
        out
    }

    /// Returns the room between the borders, less a margin.
    fn room(&self) -> f64 {
        (self.width - 2.0 * self.inset()).max(1.0)
    }

    fn inset(&self) -> f64 {
        self.border + 1.0
    }

    /// Returns the requested size, or the largest that fits. A text that does not fit at the
    /// requested size is written smaller, since a cut value would be another value.
    fn size_of(asked: f64, fits: impl Fn(f64) -> bool) -> f64 {
        let smaller = SIZES
            .into_iter()
            .filter(|size| asked == 0.0 || *size < asked);
        let asked = (asked > 0.0).then_some(asked);
        let mut sizes = asked.into_iter().chain(smaller);
        sizes.find(|size| fits(*size)).unwrap_or(MIN_SIZE)
    }

    /// Writes a line of a size with its baseline at a height.
    fn line(
        &self,
        alignment: u32,
        line: &str,
        (size, foot): (f64, f64),
        pen: &Pen<'_>,
        out: &mut String,
    ) {
        let rest = self.room() - pen.length(line) * size;
        let x = self.inset()
            + match alignment {
                1 => rest / 2.0,
                2 => rest,
                _ => 0.0,
            };
        Self::show(line, (x, foot), size, pen, out);
    }

    fn show(line: &str, (x, y): (f64, f64), size: f64, pen: &Pen<'_>, out: &mut String) {
        let (color, text) = (&pen.color, pen.write(line));
        let _ = writeln!(
            out,
            "BT {color} /F {size:.2} Tf {x:.2} {y:.2} Td {text} Tj ET"
        );
    }

    /// Writes a letter in the middle of each cell.
    fn cells(&self, line: &str, cells: usize, pen: &Pen<'_>, out: &mut String) {
        let cells = cells.max(line.chars().count());
        let cell = self.width / cells as f64;
        let size = Self::size_of(pen.size, |size| {
            pen.size > 0.0 || size * LEADING <= self.height && size * HEAD <= cell
        });
        let foot = (self.height - HEAD * size) / 2.0;
        let mut letter = [0; 4];
        for (at, char) in line.chars().enumerate() {
            let letter = char.encode_utf8(&mut letter);
            let x = cell * (at as f64 + 0.5) - pen.length(letter) * size / 2.0;
            Self::show(letter, (x, foot), size, pen, out);
        }
    }

    /// Writes lines from the top down, wrapped at the field's width.
    fn paragraphs(&self, field: &Field, lines: &[String], pen: &Pen<'_>, out: &mut String) {
        let broken = |size: f64| -> Vec<String> {
            let room = self.room() / size;
            lines
                .iter()
                .flat_map(|line| wrapped(line, room, pen))
                .collect()
        };
        let size = Self::size_of(pen.size, |size| {
            let lines = broken(size);
            let is_narrow = lines
                .iter()
                .all(|line| pen.length(line) * size <= self.room());
            let height = lines.len() as f64 * LEADING * size + self.inset();
            (pen.size > 0.0 || size <= MAX_LINE_SIZE) && is_narrow && height <= self.height
        });
        let mut foot = self.height - self.inset() - (HEAD + DEPTH) * size;
        for line in broken(size) {
            self.line(field.alignment, &line, (size, foot), pen, out);
            foot -= LEADING * size;
        }
    }

    /// Writes the options from the first visible one on, with the chosen ones marked.
    fn list(&self, field: &Field, options: &[String], pen: &Pen<'_>, out: &mut String) {
        let size = if pen.size > 0.0 {
            pen.size
        } else {
            MAX_LINE_SIZE
        };
        let row = LEADING * size;
        let rows = ((self.height - 2.0 * self.border) / row).floor().max(1.0) as usize;
        let chosen = (0..options.len()).find(|option| field.is_chosen(*option));
        let is_seen =
            |option: usize| (field.first..field.first.saturating_add(rows)).contains(&option);
        let first = match chosen {
            Some(option) if !is_seen(option) => option,
            _ => field.first,
        };
        let mut top = self.height - self.border;
        for (at, option) in options.iter().enumerate().skip(first).take(rows) {
            if field.is_chosen(at) {
                let (x, width) = (self.border, self.width - 2.0 * self.border);
                let _ = writeln!(
                    out,
                    "q 0.6 0.75 0.86 rg {x} {} {width} {row} re f Q",
                    top - row
                );
            }
            let foot = top - row + (DEPTH + 0.1) * size;
            self.line(field.alignment, option, (size, foot), pen, out);
            top -= row;
        }
    }
}

/// Splits a line into parts no longer than `room`, as far as its words allow.
fn wrapped(line: &str, room: f64, pen: &Pen<'_>) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let Some(last) = lines.last_mut() else {
            break;
        };
        let longer = if last.is_empty() {
            word.to_owned()
        } else {
            format!("{last} {word}")
        };
        if last.is_empty() || pen.length(&longer) <= room {
            *last = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Returns a colour of one, three or four parts with the operator that sets it.
fn color(looks: &Dict<'_>, key: &[u8], operators: [&str; 3]) -> Option<String> {
    let parts: Vec<f64> = looks.get::<Array<'_>>(key)?.iter::<f64>().collect();
    let operator = match parts.len() {
        1 => operators[0],
        3 => operators[1],
        4 => operators[2],
        _ => return None,
    };
    let parts: Vec<String> = parts.iter().map(f64::to_string).collect();
    Some(format!("{} {operator}", parts.join(" ")))
}
