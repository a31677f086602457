//! The text that a PDF states for a page, as far as a person sees it there.
//!
//! A file may state text that nobody sees: in a layer that is off, in white, under a picture. So
//! each word's outline is compared with the picture of the page (`visible.rs`). What may show text
//! that the file does not state, such as pictures and letters that were turned into curves, is left
//! to the page reader, which also checks a sample of the stated text (`combine.rs`).

mod agreement;
mod characters;
mod combine;
mod lines;
mod mask;
mod overlaps;
mod recorder;
mod run;
mod shapes;
mod visible;

use hayro::{
    hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page},
    hayro_syntax::page::Page,
    kurbo::Rect,
};
use image::RgbImage;

use self::{
    lines::boxed,
    mask::Brightness,
    recorder::{Bounds, Recorder},
    run::Piece,
};
use super::{PixelSize, unit_of};
use crate::page::{PageBox, TextLine};

/// Limits of one page's text. A dense page has 10,000 glyphs; what goes beyond is read from the
/// picture.
const BOUNDS: Bounds = Bounds {
    glyphs: 20_000,
    coverage: 16,
    shapes: 20_000,
};
/// Share of the glyphs that a person sees from which on those without known characters make all
/// others unsure.
const MAX_UNKNOWN: f64 = 0.1;
/// Share of letters and digits in a text at least; a font whose characters are shifted has fewer.
const MIN_LETTERS: f64 = 0.5;
/// Number of characters from which on the share of letters says something.
const MIN_CHARACTERS: usize = 20;
/// Pixels around an area that is left to the page reader.
const MARGIN: f64 = 2.0;

/// The text that a PDF states for a page, and what it leaves to the page reader.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PdfText {
    /// The lines that a person sees, in reading order.
    pub lines: Vec<TextLine>,
    /// The lines that the file states, but that cannot be seen as such, as the text that a scanner
    /// lays under its picture. They say nothing unless the page reader finds the same there.
    pub hidden_lines: Vec<TextLine>,
    /// The areas that may show text which `lines` lack: pictures, letters that were turned into
    /// curves or whose characters are not known, and words that are not seen clearly. The whole
    /// page if the file's text is of no use.
    pub unread: Vec<PageBox>,
}

/// Returns the text of a page; `picture` is the page as it is drawn at that size.
pub(super) fn of_page(page: &Page<'_>, size: PixelSize, picture: &RgbImage) -> PdfText {
    let brightness = Brightness::of(picture);
    let canvas = brightness.page();
    let scale = size.transform.determinant().abs().sqrt() / unit_of(page);
    let mut recorder = Recorder::new(&brightness, scale, BOUNDS);
    let cache = InterpreterCache::new();
    let settings = InterpreterSettings::default();
    let mut context = Context::new(size.transform, canvas, &cache, page.xref(), settings);
    interpret_page(page, &mut context, &mut recorder);
    recorder.finish_run();
    let Recorder {
        pieces,
        pictures,
        drawings,
        is_over,
        ..
    } = recorder;
    let Some(pieces) = overlaps::settled(pieces).filter(|_| !is_over) else {
        return PdfText {
            unread: vec![whole_page()],
            ..PdfText::default()
        };
    };
    let pixels = picture.dimensions();
    let is_candidate = |piece: &&Piece| !piece.is_read() && piece.text.is_some();
    let hidden_lines = lines::of_pieces(pieces.iter().filter(is_candidate), pixels);
    if !is_usable(&pieces) {
        return PdfText {
            lines: Vec::new(),
            hidden_lines,
            unread: vec![whole_page()],
        };
    }
    let (shown, other): (Vec<_>, Vec<_>) = pieces.iter().partition(|piece| piece.is_read());
    let shown_areas: Vec<Rect> = shown.iter().map(|piece| piece.area).collect();
    // Text that lies under other text is no reason to read that again.
    let is_free = |area: &Rect| {
        let mut covering = shown_areas.iter();
        !covering.any(|shown| overlaps::overlap(*shown, *area) > 0.5)
    };
    let unread = other.into_iter().filter(|piece| piece.is_unread());
    let unread = unread.map(|piece| piece.area).filter(is_free);
    let words = shapes::words_in(&drawings, &shown_areas, canvas);
    let unread = unread.chain(pictures).chain(words);
    let unread = unread.map(|area| boxed(area.inflate(MARGIN, MARGIN), pixels));
    PdfText {
        lines: lines::of_pieces(shown.into_iter(), pixels),
        hidden_lines,
        unread: unread.collect(),
    }
}

fn is_rule(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    first.is_some_and(|first| !first.is_alphanumeric() && characters.all(|c| c == first))
}

fn whole_page() -> PageBox {
    PageBox {
        x: 0.0,
        y: 0.0,
        width: 1.0,
        height: 1.0,
    }
}

/// Returns whether the characters of the text that a person sees are known, and look like text.
fn is_usable(pieces: &[Piece]) -> bool {
    let (mut known, mut unknown, mut letters) = (0, 0, 0);
    for piece in pieces {
        match &piece.text {
            // Rules of dashes and dots are no text.
            Some(text) if piece.is_read() && !is_rule(text) => {
                known += text.chars().count();
                letters += text.chars().filter(|c| c.is_alphanumeric()).count();
            }
            None if piece.is_unread() => unknown += 1,
            _ => {}
        }
    }
    let (known_share, letter_share) = (MAX_UNKNOWN * known as f64, MIN_LETTERS * known as f64);
    f64::from(unknown) <= known_share && (known < MIN_CHARACTERS || letters as f64 >= letter_share)
}
