//! Adds the missing appearances of form values. A program that fills in a form may leave the
//! drawing to the reader, but hayro only draws existing appearances. So they are added to the file
//! before its pages are drawn, as interactive readers do.
//!
//! With `NeedAppearances` the values apply and not the appearances, which may be outdated. Without
//! it the appearances apply, as on paper.

mod field;
mod look;
mod pen;
pub(super) mod strings;

use std::time::{Duration, Instant};

use bytes::Bytes;
use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, ObjRef, Object, Rect, Stream},
};

use super::{
    PdfError,
    error::short,
    guard,
    update::{self, Update},
    whole::UNSEEN,
};
use field::{Field, Kind};
use look::Frame;
use pen::Pens;

/// Maximum time for examining a form; an ordinary one takes milliseconds.
const MAX_TIME: Duration = Duration::from_secs(10);
/// Maximum number of letters of a value.
const MAX_LETTERS: usize = 20_000;

/// Returns the file with an appearance for each value that has none, or `None` if all have one.
///
/// # Errors
/// [`PdfError::Xfa`] and [`PdfError::FormValue`].
pub(super) fn complete(pdf: &Pdf, file: &Bytes) -> Result<Option<Bytes>, PdfError> {
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let form = catalog
        .as_ref()
        .and_then(|catalog| catalog.get::<Dict<'_>>(b"AcroForm"));
    let form = form.unwrap_or_default();
    let is_rendered = catalog.is_some_and(|catalog| catalog.get(b"NeedsRendering") == Some(true));
    let fields = form.get::<Array<'_>>(b"Fields");
    let has_fields = fields.is_some_and(|fields| fields.raw_iter().next().is_some());
    if form.contains_key(b"XFA") && (is_rendered || !has_fields) {
        return Err(PdfError::Xfa);
    }
    let mut forms = Forms {
        pdf,
        is_locked: guard::names_encrypt(file),
        is_stale: form.get(b"NeedAppearances") == Some(true),
        pens: Pens::new(&form),
        form,
        update: Update::default(),
    };
    let started = Instant::now();
    for (page, number) in pdf.pages().iter().zip(1..) {
        let notes = page.raw().get::<Array<'_>>(b"Annots");
        for note in notes.iter().flat_map(Array::raw_iter) {
            if started.elapsed() > MAX_TIME {
                return Err(PdfError::Broken(
                    "it takes too long to check; send an image".into(),
                ));
            }
            let (id, dict) = match note {
                MaybeRef::Ref(id) => (Some(id), pdf.xref().get::<Dict<'_>>(id.into())),
                MaybeRef::NotRef(object) => (None, object.into_dict()),
            };
            if let Some(dict) = dict {
                forms.note(number, id, &dict)?;
            }
        }
    }
    if forms.update.is_empty() {
        return Ok(None);
    }
    let file = forms.update.append(file, pdf.xref().root_id());
    Ok(Some(Bytes::from(file)))
}

struct Forms<'a> {
    pdf: &'a Pdf,
    form: Dict<'a>,
    /// The file is encrypted, so nothing can be added to it.
    is_locked: bool,
    /// Appearances may be older than the values.
    is_stale: bool,
    pens: Pens<'a>,
    update: Update,
}

impl<'a> Forms<'a> {
    fn note(&mut self, page: usize, id: Option<ObjRef>, note: &Dict<'a>) -> Result<(), PdfError> {
        let is_unseen = note.get::<u32>(b"F").unwrap_or(0) & UNSEEN != 0;
        let area = note
            .get::<Rect>(b"Rect")
            .filter(|area| area.width() > 0.0 && area.height() > 0.0);
        let kind = note.get::<Name<'_>>(b"Subtype");
        let (Some(area), false) = (area, is_unseen) else {
            return Ok(());
        };
        let field = match kind.as_deref() {
            Some(b"Widget") => Field::of_widget(note, &self.form),
            Some(b"FreeText") => Field::of_free_text(note),
            _ => return Ok(()),
        };
        let looks = note.get::<Dict<'_>>(b"AP");
        let look = looks.and_then(|looks| looks.get::<Object<'_>>(b"N"));
        let entries = match field.kind {
            Kind::Mark => self.mark(&field, note, look, area),
            Kind::Text | Kind::Choice if self.is_kept(&field, look.as_ref()) => Ok(None),
            Kind::Text | Kind::Choice => self.value(&field, note, area),
            Kind::Other => Ok(None),
        };
        let refuse = |why: String| PdfError::FormValue {
            page,
            field: short(&field.name),
            why,
        };
        let Some(entries) = entries.map_err(refuse)? else {
            return Ok(());
        };
        let id = id.ok_or_else(|| refuse("it is not an object of its own".into()))?;
        self.update
            .put(id.into(), update::with_entries(note.data(), &entries));
        Ok(())
    }

    /// Returns whether a field keeps its appearance, or has nothing to draw.
    fn is_kept(&self, field: &Field, look: Option<&Object<'a>>) -> bool {
        match look {
            Some(Object::Stream(_)) => !(self.is_stale && field.is_widget),
            _ => field.value.is_empty(),
        }
    }

    /// Returns the appearance of a text, as an entry of its field.
    fn value(
        &mut self,
        field: &Field,
        note: &Dict<'a>,
        area: Rect,
    ) -> Result<Option<String>, String> {
        let frame = Frame::new(note, area);
        let shown = field.shown();
        if shown.iter().map(String::len).sum::<usize>() > MAX_LETTERS {
            return Err("it is too long".into());
        }
        let pen = self.pens.get(&field.appearance, &shown)?;
        let content = frame.text(field, &shown, &pen);
        self.add(&frame, &content, &pen.resource).map(Some)
    }

    /// Returns the entries that show a checked box or button.
    fn mark(
        &mut self,
        field: &Field,
        note: &Dict<'a>,
        look: Option<Object<'a>>,
        area: Rect,
    ) -> Result<Option<String>, String> {
        let told = note.get::<Name<'_>>(b"AS");
        if let Some(Object::Dict(states)) = look {
            // Without a state of its own it has that of the field.
            let state = Name::new_unescaped(field.value.first().map_or(&b""[..], String::as_bytes));
            let has_look = states.get::<Stream<'_>>(state.as_ref()).is_some();
            return Ok((told.is_none() && has_look).then(|| format!("/AS {state}")));
        }
        let is_on = match (&told, field.value.first()) {
            (Some(state), _) => state.as_ref() != b"Off",
            (None, Some(value)) => field.is_alone && value != "Off",
            (None, None) => false,
        };
        if look.is_some() || !is_on {
            return Ok(None);
        }
        let frame = Frame::new(note, area);
        let (content, resource) = frame.mark(field);
        self.add(&frame, &content, resource).map(Some)
    }

    fn add(&mut self, frame: &Frame, content: &[u8], font: &str) -> Result<String, String> {
        if self.is_locked {
            return Err("the file is encrypted".into());
        }
        let dict = frame.dict(font, content.len());
        let body = update::stream(dict.as_bytes(), content);
        let id = self.update.add(self.pdf, body);
        Ok(format!(
            "/AP << /N {} {} R >>",
            id.obj_number, id.gen_number
        ))
    }
}
