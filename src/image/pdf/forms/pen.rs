//! The font that a value is written in.

use std::{collections::HashMap, rc::Rc};

use hayro::{
    hayro_interpret::InterpreterSettings,
    hayro_syntax::object::{Dict, FromBytes, Name},
};
use hayro_font::{Font, FontCache, FontGlyph, GlyphId, hayro_cmap::BfString};

/// The standard font for values whose own font is missing or lacks letters.
const HELVETICA: &str =
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

/// The fonts of a form.
pub(super) struct Pens<'a> {
    fonts: Dict<'a>,
    cache: FontCache<'a>,
    settings: InterpreterSettings,
    read: HashMap<Vec<u8>, Option<Rc<Letters<'a>>>>,
}

/// A font, and the codes of its letters.
struct Letters<'a> {
    font: Font<'a>,
    codes: HashMap<char, u32>,
    /// Number of bytes of a code.
    width: usize,
    resource: String,
}

/// A font with the settings of a value.
pub(super) struct Pen<'a> {
    letters: Rc<Letters<'a>>,
    pub(super) resource: String,
    /// The size, or 0 to fit.
    pub(super) size: f64,
    pub(super) color: String,
}

impl<'a> Pens<'a> {
    pub(super) fn new(form: &Dict<'a>) -> Self {
        let resources = form.get::<Dict<'_>>(b"DR");
        let fonts = resources.and_then(|resources| resources.get::<Dict<'_>>(b"Font"));
        Self {
            fonts: fonts.unwrap_or_default(),
            cache: FontCache::new(),
            settings: InterpreterSettings::default(),
            read: HashMap::new(),
        }
    }

    /// Returns the font that `appearance` names, or Helvetica if that font lacks one of the
    /// letters.
    pub(super) fn get(&mut self, appearance: &[u8], text: &[String]) -> Result<Pen<'a>, String> {
        let words = String::from_utf8_lossy(appearance).into_owned();
        let words: Vec<&str> = words.split_ascii_whitespace().collect();
        let (mut name, mut size, mut color) = (None, 0.0, words.clone());
        if let Some(at) = words.iter().position(|word| *word == "Tf")
            && at >= 2
        {
            name = words[at - 2].strip_prefix('/');
            size = words[at - 1]
                .parse()
                .ok()
                .filter(|size| *size > 0.0)
                .unwrap_or(0.0);
            color.drain(at - 2..=at);
        }
        let color = if color.is_empty() {
            "0 g".into()
        } else {
            color.join(" ")
        };
        let mut missing = None;
        for name in [name.unwrap_or_default(), ""] {
            let Some(letters) = self.letters(name) else {
                continue;
            };
            missing = text
                .iter()
                .flat_map(|line| line.chars())
                .find(|letter| !letters.codes.contains_key(letter));
            if missing.is_none() {
                return Ok(Pen {
                    resource: letters.resource.clone(),
                    letters,
                    size,
                    color,
                });
            }
        }
        Err(format!(
            "its font has no letter \"{}\"",
            missing.map(String::from).unwrap_or_default()
        ))
    }

    /// Returns the font of a name; an empty name is Helvetica.
    fn letters(&mut self, name: &str) -> Option<Rc<Letters<'a>>> {
        if let Some(known) = self.read.get(name.as_bytes()) {
            return known.clone();
        }
        let letters = self.read_letters(name).map(Rc::new);
        self.read.insert(name.into(), letters.clone());
        letters
    }

    fn read_letters(&self, name: &str) -> Option<Letters<'a>> {
        if name.is_empty() {
            return self.letters_of(&Dict::from_bytes(HELVETICA.as_bytes())?, HELVETICA.into());
        }
        let key = Name::new(name.as_bytes())?;
        let dict = self.fonts.get::<Dict<'_>>(key.as_ref())?;
        let resource = match self.fonts.get_ref(key.as_ref()) {
            Some(id) => id.to_string(),
            None => String::from_utf8(dict.data().to_vec()).ok()?,
        };
        self.letters_of(&dict, resource)
    }

    fn letters_of(&self, dict: &Dict<'a>, resource: String) -> Option<Letters<'a>> {
        let settings = &self.settings;
        let font = self
            .cache
            .font(dict, &settings.font_resolver, &settings.cmap_resolver)?;
        let is_composite = dict.get::<Name<'_>>(b"Subtype").as_deref() == Some(b"Type0");
        let (last, width) = if is_composite { (0xffff, 2) } else { (0xff, 1) };
        let mut codes = HashMap::new();
        for code in 0..=last {
            let bytes = &u32::to_be_bytes(code)[4 - width..];
            if font.read_code(bytes, 0) != (code, width) {
                continue;
            }
            if let FontGlyph::Outline(glyph) = font.glyph(font.map_code(code), code)
                && let Some(BfString::Char(letter)) = glyph.as_unicode()
                && (glyph.glyph_id() != GlyphId::NOTDEF || letter.is_whitespace())
            {
                codes.entry(letter).or_insert(code);
            }
        }
        Some(Letters {
            font,
            codes,
            width,
            resource,
        })
    }
}

impl Pen<'_> {
    /// Returns the length of a line at size 1.
    pub(super) fn length(&self, line: &str) -> f64 {
        let advance = |code: &u32| self.letters.font.code_advance(*code).x / 1000.0;
        let codes = line
            .chars()
            .filter_map(|letter| self.letters.codes.get(&letter));
        codes.map(advance).sum()
    }

    /// Returns the line as written in a content stream.
    pub(super) fn write(&self, line: &str) -> String {
        let codes = line
            .chars()
            .filter_map(|letter| self.letters.codes.get(&letter));
        let digits = self.letters.width * 2;
        let codes: Vec<String> = codes.map(|code| format!("{code:0digits$x}")).collect();
        format!("<{}>", codes.concat())
    }
}
