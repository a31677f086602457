//! Checks that every letter of a text can be drawn.

use std::rc::Rc;

use hayro::hayro_syntax::{
    object::{Dict, Name, Stream, String as Text},
    page::Resources,
};
use hayro_font::{FontGlyph, GlyphId, OutlineGlyph, hayro_cmap::BfString};

use super::{
    Whole,
    face::{Face, Faces, Meaning, StandIn},
    packed, place_of,
    walk::State,
};
use crate::image::pdf::{PdfError, Spot, error::short};

/// Names of invisible glyphs.
const BLANKS: [&str; 6] = [
    ".notdef",
    "space",
    "nbspace",
    "nonbreakingspace",
    "sfthyphen",
    "softhyphen",
];
/// Maximum number of fonts named in a refusal.
const MAX_FONTS: usize = 5;

/// A font that lacks letters, with one of them.
pub(super) struct Lost {
    font: String,
    sample: Option<String>,
}

impl<'a> Whole<'a> {
    pub(super) fn face(
        &mut self,
        name: &Name<'_>,
        resources: &Resources<'a>,
    ) -> Option<Rc<Face<'a>>> {
        if let Some(font) = resources.get_font(name) {
            return Some(self.faces.get(&font));
        }
        let id = resources.fonts.get_ref(name.as_ref())?;
        Some(Faces::missing(name, Spot(Some(id.obj_number))))
    }

    pub(super) fn text(
        &mut self,
        text: &Text<'_>,
        state: &State<'a>,
        resources: &Resources<'a>,
    ) -> Result<(), PdfError> {
        let bytes = text.as_bytes();
        let Some(face) = &state.face else {
            // Readers use Helvetica for text without a font; hayro does so for ASCII alone.
            return if bytes.is_ascii() {
                Ok(())
            } else {
                Err(self.not_whole("its text", Spot(None), "does not name a font"))
            };
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        if let Some(fault) = &face.fault {
            return Err(self.not_whole("a font", face.place, fault.as_str()));
        }
        let Some(font) = &face.font else {
            self.lose(face, None);
            return Ok(());
        };
        let mut at = 0;
        while at < bytes.len() {
            let (code, length) = font.read_code(bytes, at);
            at += length.max(1);
            if !face.seen.borrow_mut().insert(code) {
                continue;
            }
            match font.glyph(font.map_code(code), code) {
                FontGlyph::Outline(glyph) => {
                    if let Some(stand_in) = &face.stand_in
                        && let Err(letter) = drawn(face, stand_in, &glyph)
                    {
                        self.lose(face, letter);
                    }
                }
                FontGlyph::Type3(glyph) => {
                    let own = glyph.font().resources().map(Resources::new);
                    let resources = own.as_ref().unwrap_or(resources);
                    match glyph.program() {
                        Some(drawing) => self.drawing(drawing, resources)?,
                        None => self.check_drawing(face, code)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Checks the drawing of a letter in the way that pictures and lines are checked.
    fn drawing(&mut self, drawing: &Stream<'a>, resources: &Resources<'a>) -> Result<(), PdfError> {
        let place = place_of(drawing.dict());
        let data = packed::check(drawing).map_err(|why| self.not_whole("a letter", place, why))?;
        let own = drawing
            .dict()
            .get::<Dict<'_>>(b"Resources")
            .map(Resources::new);
        self.content(&data, own.as_ref().unwrap_or(resources), State::default())
    }

    /// Checks a letter's drawing. A letter without one is blank, unless its font refers to one that
    /// is not in the file.
    fn check_drawing(&self, face: &Face<'a>, code: u32) -> Result<(), PdfError> {
        let name = u8::try_from(code)
            .ok()
            .and_then(|code| face.names.get(&code));
        let id = name
            .zip(face.procs.as_ref())
            .and_then(|(name, procs)| procs.get_ref(name));
        match id {
            Some(id) => Err(self.not_whole("a letter", Spot(Some(id.obj_number)), "is missing")),
            None => Ok(()),
        }
    }

    fn lose(&mut self, face: &Face<'a>, sample: Option<String>) {
        match self.lost.iter_mut().find(|lost| lost.font == face.name) {
            Some(lost) => lost.sample = lost.sample.take().or(sample),
            None => self.lost.push(Lost {
                font: face.name.clone(),
                sample,
            }),
        }
    }

    /// Refuses the page if it has letters that cannot be drawn.
    pub(super) fn lost_letters(&mut self) -> Result<(), PdfError> {
        let lost = std::mem::take(&mut self.lost);
        if lost.is_empty() {
            return Ok(());
        }
        let mut fonts: Vec<String> = lost
            .iter()
            .take(MAX_FONTS)
            .map(|lost| match &lost.sample {
                Some(sample) => format!("{} (such as \"{}\")", short(&lost.font), short(sample)),
                None => short(&lost.font),
            })
            .collect();
        if lost.len() > MAX_FONTS {
            fonts.push(format!("and {} more", lost.len() - MAX_FONTS));
        }
        Err(PdfError::MissingGlyphs {
            page: self.page,
            fonts: fonts.join(", "),
        })
    }
}

/// Checks that the substitute font shows the intended text. Returns a letter that it does not show.
fn drawn(face: &Face<'_>, stand_in: &StandIn, glyph: &OutlineGlyph) -> Result<(), Option<String>> {
    let id = glyph.glyph_id();
    let letter = match glyph.as_unicode() {
        Some(BfString::Char(letter)) if is_blank(letter) => return Ok(()),
        Some(BfString::Char(letter)) => Some(letter),
        Some(BfString::String(letters)) if face.is_composite => return Err(Some(letters)),
        _ => None,
    };
    let known = letter.and_then(|letter| stand_in.letters.get(&letter));
    if face.is_composite {
        return match known {
            Some(known) if *known == id => Ok(()),
            _ => Err(letter.map(String::from)),
        };
    }
    if face.is_its_own && face.meaning == Meaning::Unknown && !stand_in.is_symbols {
        return Err(None);
    }
    match letter {
        Some(letter) if id == GlyphId::NOTDEF => Err(Some(letter.into())),
        Some(letter) if letter.is_alphanumeric() && known.is_some_and(|known| *known != id) => {
            Err(Some(letter.into()))
        }
        None if id == GlyphId::NOTDEF => {
            let code = u8::try_from(glyph.char_code()).unwrap_or_default();
            let name = face.names.get(&code);
            let is_meant = name.is_some_and(|name| !BLANKS.contains(&name.as_str()));
            let is_open = face.meaning != Meaning::Named && !stand_in.is_symbols;
            if is_meant || is_open && code > 0xa0 {
                Err(name.cloned())
            } else {
                Ok(())
            }
        }
        _ => Ok(()),
    }
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
}
