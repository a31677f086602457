//! The fonts of a file, and the substitutes for those that are not in it.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
};

use hayro::{
    hayro_interpret::InterpreterSettings,
    hayro_syntax::object::{Array, Dict, FromBytes, Name, Object, Stream},
};
use hayro_font::{
    CMapResolverFn, Font, FontCache, FontGlyph, FontQuery, FontResolverFn, GlyphId, StandardFont,
    hayro_cmap::BfString,
};

use super::{packed, place_of};
use crate::image::pdf::Spot;

/// A font's glyph for each of its letters.
pub(super) type Letters = HashMap<char, GlyphId>;

/// A font as a page uses it.
pub(super) struct Face<'a> {
    pub(super) name: String,
    pub(super) place: Spot,
    /// The font, or `None` if its dictionary cannot be used.
    pub(super) font: Option<Font<'a>>,
    /// The substitute font, if its own letters are not in the file or cannot be read.
    pub(super) stand_in: Option<StandIn>,
    pub(super) is_composite: bool,
    pub(super) meaning: Meaning,
    /// The codes have the meaning that the font's own program gives them.
    pub(super) is_its_own: bool,
    /// The names that the dictionary gives to codes.
    pub(super) names: HashMap<u8, String>,
    /// The drawings of letters by name.
    pub(super) procs: Option<Dict<'a>>,
    /// The fault of the program in the file.
    pub(super) fault: Option<String>,
    /// The codes checked.
    pub(super) seen: RefCell<HashSet<u32>>,
}

/// The way that a font's dictionary maps codes to letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An encoding that names the letters.
    Named,
    /// A table for searching in the text.
    Translated,
    Unknown,
}

/// One of the standard fonts of every PDF reader.
pub(super) struct StandIn {
    pub(super) letters: Rc<Letters>,
    pub(super) is_symbols: bool,
}

/// The fonts of a file.
pub(super) struct Faces<'a> {
    /// Indexed by the address of their dictionaries in memory: some are within other objects and
    /// have no number.
    known: HashMap<usize, Rc<Face<'a>>>,
    letters: HashMap<&'static str, Rc<Letters>>,
    asked: Arc<Mutex<Option<StandardFont>>>,
    fonts: FontResolverFn,
    cmaps: CMapResolverFn,
}

impl<'a> Faces<'a> {
    pub(super) fn new() -> Self {
        let usual = InterpreterSettings::default();
        let asked = Arc::new(Mutex::new(None));
        let (told, resolve) = (asked.clone(), usual.font_resolver);
        Self {
            known: HashMap::new(),
            letters: HashMap::new(),
            asked,
            fonts: Arc::new(move |query| {
                let font = match query {
                    FontQuery::Standard(font) => *font,
                    FontQuery::Fallback(query) => query.pick_standard_font(),
                };
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(font);
                resolve(query)
            }),
            cmaps: usual.cmap_resolver,
        }
    }

    pub(super) fn get(&mut self, dict: &Dict<'a>) -> Rc<Face<'a>> {
        let place = dict.data().as_ptr().addr();
        if let Some(face) = self.known.get(&place) {
            return face.clone();
        }
        let face = Rc::new(self.read(dict));
        self.known.insert(place, face.clone());
        face
    }

    /// Returns a font that the page names and the file does not hold.
    pub(super) fn missing(name: &Name<'_>, place: Spot) -> Rc<Face<'a>> {
        Rc::new(Face {
            name: String::from_utf8_lossy(name.as_ref()).into_owned(),
            place,
            font: None,
            stand_in: None,
            is_composite: false,
            meaning: Meaning::Unknown,
            is_its_own: false,
            names: HashMap::new(),
            procs: None,
            fault: Some("is missing".into()),
            seen: RefCell::default(),
        })
    }

    fn read(&mut self, dict: &Dict<'a>) -> Face<'a> {
        let kind = dict.get::<Name<'_>>(b"Subtype");
        let is_composite = kind.as_deref() == Some(b"Type0");
        let descendants = dict.get::<Array<'_>>(b"DescendantFonts");
        let descendant = descendants.and_then(|fonts| fonts.iter::<Dict<'_>>().next());
        let described = if is_composite {
            descendant.as_ref()
        } else {
            Some(dict)
        };
        let descriptor = described.and_then(|font| font.get::<Dict<'_>>(b"FontDescriptor"));
        let program = descriptor.as_ref().and_then(program);
        let font = self.build(dict);
        let stand_in = self.asked().map(|font| StandIn {
            letters: self.letters(font),
            is_symbols: matches!(font, StandardFont::Symbol | StandardFont::ZapfDingBats),
        });
        // A program that cannot be read at all is no cut: another font replaces all of it.
        let fault = match (&program, &stand_in) {
            (Some(program), None) => fault(program),
            _ => None,
        };
        let flags = descriptor.and_then(|descriptor| descriptor.get::<u32>(b"Flags"));
        let is_symbolic = flags.is_some_and(|flags| flags & 4 != 0 && flags & 32 == 0);
        let encoding = dict.get::<Object<'_>>(b"Encoding");
        Face {
            name: name_of(dict),
            place: place_of(dict),
            font,
            stand_in,
            is_composite,
            meaning: match encoding {
                Some(Object::Name(_) | Object::Dict(_)) => Meaning::Named,
                _ if dict.contains_key(b"ToUnicode") => Meaning::Translated,
                _ => Meaning::Unknown,
            },
            is_its_own: program.is_some() || is_symbolic,
            names: names(dict),
            procs: dict.get::<Dict<'_>>(b"CharProcs"),
            fault,
            seen: RefCell::default(),
        }
    }

    fn asked(&self) -> Option<StandardFont> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Builds the font with a new cache, since a cached substitute would not be requested again.
    fn build(&self, dict: &Dict<'a>) -> Option<Font<'a>> {
        FontCache::new().font(dict, &self.fonts, &self.cmaps)
    }

    /// Returns the letters of a standard font: hayro's have those of these encodings, and no
    /// others.
    fn letters(&mut self, font: StandardFont) -> Rc<Letters> {
        let name = font.postscript_name();
        if let Some(letters) = self.letters.get(name) {
            return letters.clone();
        }
        let mut letters = Letters::new();
        for encoding in ["StandardEncoding", "WinAnsiEncoding", "MacRomanEncoding"] {
            let dict = format!("<< /Subtype /Type1 /BaseFont /{name} /Encoding /{encoding} >>");
            let dict = Dict::from_bytes(dict.as_bytes());
            let fonts = FontCache::new();
            let font = dict.and_then(|dict| fonts.font(&dict, &self.fonts, &self.cmaps));
            for (font, code) in font
                .iter()
                .flat_map(|font| (0..=255).map(move |code| (font, code)))
            {
                if let FontGlyph::Outline(glyph) = font.glyph(font.map_code(code), code)
                    && glyph.glyph_id() != GlyphId::NOTDEF
                    && let Some(BfString::Char(letter)) = glyph.as_unicode()
                {
                    letters.insert(letter, glyph.glyph_id());
                }
            }
        }
        self.asked();
        let letters = Rc::new(letters);
        self.letters.insert(name, letters.clone());
        letters
    }
}

fn program<'a>(descriptor: &Dict<'a>) -> Option<Stream<'a>> {
    let keys: [&[u8]; 3] = [b"FontFile", b"FontFile2", b"FontFile3"];
    keys.iter()
        .find_map(|key| descriptor.get::<Stream<'_>>(key))
}

fn name_of(dict: &Dict<'_>) -> String {
    let name = dict
        .get::<Name<'_>>(b"BaseFont")
        .or_else(|| dict.get::<Name<'_>>(b"Name"));
    let name = name.map_or("a font without a name".into(), |name| {
        String::from_utf8_lossy(name.as_ref()).into_owned()
    });
    // Subsets of a font have a prefix of six letters.
    match name.split_once('+') {
        Some((part, whole)) if part.len() == 6 => whole.to_owned(),
        _ => name,
    }
}

fn names(dict: &Dict<'_>) -> HashMap<u8, String> {
    let encoding = dict.get::<Dict<'_>>(b"Encoding");
    let Some(list) = encoding.and_then(|encoding| encoding.get::<Array<'_>>(b"Differences")) else {
        return HashMap::new();
    };
    let mut code = 0_i64;
    let mut names = HashMap::new();
    for item in list.iter::<Object<'_>>() {
        match item {
            Object::Number(number) => code = number.as_i64(),
            Object::Name(name) => {
                if let Ok(code) = code.try_into() {
                    let name = String::from_utf8_lossy(name.as_ref()).into_owned();
                    names.insert(code, name);
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    names
}

/// Returns the fault of a font's program: it cannot be unpacked whole, or has tables past its end.
fn fault(program: &Stream<'_>) -> Option<String> {
    let data = match packed::check(program) {
        Ok(data) => data,
        Err(why) => return Some(why),
    };
    let is_sfnt = [&b"\0\x01\0\0"[..], b"true", b"OTTO"]
        .iter()
        .any(|mark| data.starts_with(mark));
    let tables = if is_sfnt {
        data.get(4..6).map_or(0, |count| {
            usize::from(count[0]) << 8 | usize::from(count[1])
        })
    } else {
        0
    };
    let be32 = |at: usize| {
        let bytes = data.get(at..at + 4).and_then(<[u8]>::first_chunk);
        bytes.map(|bytes| u64::from(u32::from_be_bytes(*bytes)))
    };
    let is_cut = (0..tables).any(|table| {
        let row = 12 + 16 * table;
        let (Some(tag), Some(offset), Some(length)) =
            (data.get(row..row + 4), be32(row + 8), be32(row + 12))
        else {
            return true;
        };
        // The declared length of some tables includes a few bytes of padding that are missing.
        matches!(tag, b"glyf" | b"loca" | b"CFF ") && offset + length > data.len() as u64 + 3
    });
    is_cut.then(|| "is cut off".into())
}
