//! Reads the fields of forms: their values, and how to show them.

use hayro::hayro_syntax::object::{Array, Dict, Object};

use super::strings;

/// Maximum depth of nested fields.
const MAX_DEPTH: usize = 32;

/// The kind of a field, as far as its appearance is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Choice,
    /// A check box or a radio button.
    Mark,
    /// A push button or a signature.
    Other,
}

/// A field with its inherited entries.
pub(super) struct Field {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The values; a list may have several.
    pub(super) value: Vec<String>,
    flags: u32,
    /// Font, size and colour.
    pub(super) appearance: Vec<u8>,
    /// The alignment: 0 left, 1 centred, 2 right.
    pub(super) alignment: u32,
    max_length: usize,
    options: Vec<(String, String)>,
    /// Index of the first option that a list shows.
    pub(super) first: usize,
    pub(super) is_widget: bool,
    /// The field is shown in one place only.
    pub(super) is_alone: bool,
}

impl Field {
    /// Reads the field of a widget, which may be the field itself.
    pub(super) fn of_widget(widget: &Dict<'_>, form: &Dict<'_>) -> Self {
        let mut chain = vec![widget.clone()];
        while let Some(parent) = chain
            .last()
            .and_then(|field| field.get::<Dict<'_>>(b"Parent"))
            && chain.len() < MAX_DEPTH
        {
            chain.push(parent);
        }
        let get = |key: &[u8]| chain.iter().find_map(|field| field.get::<Object<'_>>(key));
        let number = |key: &[u8]| get(key).and_then(Object::into_number).map(|n| n.as_i64());
        let whole = |key: &[u8]| number(key).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let flags = whole(b"Ff");
        let kind = match get(b"FT").and_then(Object::into_name).as_deref() {
            Some(b"Tx") => Kind::Text,
            Some(b"Ch") => Kind::Choice,
            Some(b"Btn") if flags & 1 << 16 == 0 => Kind::Mark,
            _ => Kind::Other,
        };
        let names = chain
            .iter()
            .rev()
            .filter_map(|field| match field.get::<Object<'_>>(b"T")? {
                Object::String(name) => Some(strings::decode(name.as_bytes())),
                _ => None,
            });
        let appearance = get(b"DA").or_else(|| form.get::<Object<'_>>(b"DA"));
        let alignment = number(b"Q").or_else(|| form.get::<i32>(b"Q").map(Into::into));
        let kids = chain
            .get(1)
            .and_then(|field| field.get::<Array<'_>>(b"Kids"));
        Self {
            kind,
            name: names.collect::<Vec<_>>().join("."),
            value: get(b"V").map(|value| texts(&value)).unwrap_or_default(),
            flags,
            appearance: bytes(appearance),
            alignment: alignment.and_then(|q| u32::try_from(q).ok()).unwrap_or(0),
            max_length: whole(b"MaxLen") as usize,
            options: get(b"Opt")
                .map(|options| read_options(&options))
                .unwrap_or_default(),
            first: whole(b"TI") as usize,
            is_widget: true,
            is_alone: kids.is_none_or(|kids| kids.raw_iter().count() < 2),
        }
    }

    /// Reads an annotation with text written onto the page.
    pub(super) fn of_free_text(note: &Dict<'_>) -> Self {
        Self {
            kind: Kind::Text,
            name: "a note".into(),
            value: note
                .get::<Object<'_>>(b"Contents")
                .map(|text| texts(&text))
                .unwrap_or_default(),
            flags: MULTILINE,
            appearance: bytes(note.get::<Object<'_>>(b"DA")),
            alignment: note.get::<u32>(b"Q").unwrap_or(0),
            max_length: 0,
            options: Vec::new(),
            first: 0,
            is_widget: false,
            is_alone: true,
        }
    }

    pub(super) fn is_multiline(&self) -> bool {
        self.kind == Kind::Text && self.flags & MULTILINE != 0
    }

    /// Returns whether the field shows all options, not only the chosen ones.
    pub(super) fn is_list(&self) -> bool {
        self.kind == Kind::Choice && self.flags & COMBO == 0
    }

    /// Returns the number of cells for its letters, if it has cells.
    pub(super) fn cells(&self) -> Option<usize> {
        let is_comb = self.flags & COMB != 0 && self.flags & (MULTILINE | PASSWORD) == 0;
        (self.kind == Kind::Text && is_comb && self.max_length > 0).then_some(self.max_length)
    }

    /// Returns its lines as shown.
    pub(super) fn shown(&self) -> Vec<String> {
        if self.is_list() {
            return self
                .options
                .iter()
                .map(|(_, shown)| shown.clone())
                .collect();
        }
        let Some(value) = self.value.first() else {
            return Vec::new();
        };
        if self.kind == Kind::Choice {
            return vec![self.label(value).to_owned()];
        }
        if self.flags & PASSWORD != 0 {
            return vec!["*".repeat(value.chars().count())];
        }
        let value = value
            .replace("\r\n", "\n")
            .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
        let value = value.replace(['\t', '\u{a0}'], " ");
        if self.is_multiline() {
            value.split('\n').map(Into::into).collect()
        } else {
            vec![value.replace('\n', " ")]
        }
    }

    /// Returns whether an option of a list is chosen.
    pub(super) fn is_chosen(&self, option: usize) -> bool {
        self.options
            .get(option)
            .is_some_and(|(value, shown)| self.value.iter().any(|v| v == value || v == shown))
    }

    fn label<'s>(&'s self, value: &'s str) -> &'s str {
        let option = self.options.iter().find(|(own, _)| own == value);
        option.map_or(value, |(_, shown)| shown)
    }
}

const MULTILINE: u32 = 1 << 12;
const PASSWORD: u32 = 1 << 13;
const COMBO: u32 = 1 << 17;
const COMB: u32 = 1 << 24;

fn bytes(text: Option<Object<'_>>) -> Vec<u8> {
    match text {
        Some(Object::String(text)) => text.as_bytes().to_vec(),
        _ => Vec::new(),
    }
}

/// Returns the non-empty texts of a value.
fn texts(value: &Object<'_>) -> Vec<String> {
    let text = |value: &Object<'_>| match value {
        Object::String(text) => Some(strings::decode(text.as_bytes())),
        Object::Name(name) => Some(String::from_utf8_lossy(name.as_ref()).into_owned()),
        Object::Stream(stream) => Some(strings::decode(&stream.decoded().ok()?)),
        _ => None,
    };
    let mut texts: Vec<String> = match value {
        Object::Array(list) => list
            .iter::<Object<'_>>()
            .filter_map(|item| text(&item))
            .collect(),
        one => text(one).into_iter().collect(),
    };
    texts.retain(|text| !text.trim().is_empty());
    texts
}

/// Reads the options: the value of each, and the text shown for it.
fn read_options(options: &Object<'_>) -> Vec<(String, String)> {
    let Object::Array(options) = options else {
        return Vec::new();
    };
    let option = |option: Object<'_>| match option {
        Object::Array(pair) => {
            let mut pair = pair
                .iter::<Object<'_>>()
                .map(|text| strings::decode(&bytes(Some(text))));
            let value = pair.next()?;
            let shown = pair.next().unwrap_or_else(|| value.clone());
            Some((value, shown))
        }
        text => {
            let text = strings::decode(&bytes(Some(text)));
            Some((text.clone(), text))
        }
    };
    options.iter::<Object<'_>>().filter_map(option).collect()
}
