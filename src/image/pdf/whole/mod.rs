//! Checks that everything on a page can be drawn whole. hayro leaves out what it cannot draw and
//! goes on, as a viewer should; a reader of receipts must not. So a page's content is walked once
//! before it is drawn: every picture is decoded to its end, and every letter looked up in its font.
//!
//! Content that a page never draws, or draws on a layer that is switched off, may be broken. So may
//! invisible content, such as the letters that scanners lay under their pictures.

mod face;
mod fax;
mod layers;
mod packed;
mod picture;
mod text;
mod tree;
mod walk;

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream},
    page::{Page, Resources},
};

use super::{PdfError, Spot};
use face::Faces;
use layers::Layers;
use text::Lost;
pub(super) use tree::check_tree;
use walk::State;

/// Flags of annotations that are hidden or not for the screen.
pub(super) const UNSEEN: u32 = 1 << 1 | 1 << 5;
/// Maximum depth of nested forms, patterns and masks; hayro draws no more.
const MAX_DEPTH: u32 = 50;
/// Maximum time for checking a page; an ordinary page takes as long as its pictures take to decode.
const MAX_TIME: Duration = Duration::from_secs(20);

/// Checks the pages of a file. Objects on several pages are checked once.
pub(super) struct Whole<'a> {
    faces: Faces<'a>,
    layers: Layers,
    pictures: HashSet<ObjectIdentifier>,
    /// Content streams checked, each with the address of the page's resources if it draws with
    /// those.
    contents: HashSet<(ObjectIdentifier, usize)>,
    /// Fonts on this page that lack letters.
    lost: Vec<Lost>,
    page: usize,
    started: Instant,
    depth: u32,
}

impl<'a> Whole<'a> {
    pub(super) fn new(pdf: &'a Pdf) -> Self {
        Self {
            faces: Faces::new(),
            layers: Layers::new(pdf),
            pictures: HashSet::new(),
            contents: HashSet::new(),
            lost: Vec::new(),
            page: 0,
            started: Instant::now(),
            depth: 0,
        }
    }

    /// Checks a page, counted from 1.
    ///
    /// # Errors
    /// [`PdfError::NotWhole`], [`PdfError::MissingGlyphs`] and [`PdfError::TooComplex`].
    pub(super) fn check_page(&mut self, page: &Page<'a>, number: usize) -> Result<(), PdfError> {
        self.page = number;
        self.started = Instant::now();
        self.depth = 0;
        self.check_contents(page)?;
        let resources = page.resources();
        self.content(
            page.page_stream().unwrap_or_default(),
            resources,
            State::default(),
        )?;
        let annotations = page.raw().get::<Array<'_>>(b"Annots");
        for annotation in annotations.iter().flat_map(Array::iter::<Dict<'_>>) {
            self.annotation(&annotation, resources)?;
        }
        self.lost_letters()
    }

    /// Checks a page's content, which is in one stream or several in sequence.
    fn check_contents(&self, page: &Page<'a>) -> Result<(), PdfError> {
        let key = b"Contents";
        let streams = match page.raw().get_raw::<Object<'_>>(key) {
            None | Some(MaybeRef::NotRef(Object::Null(_))) => return Ok(()),
            Some(MaybeRef::NotRef(Object::Array(list))) => list.raw_iter().collect(),
            Some(MaybeRef::NotRef(other)) => vec![MaybeRef::NotRef(other)],
            Some(MaybeRef::Ref(id)) => match page.raw().get::<Object<'_>>(key) {
                Some(Object::Array(list)) => list.raw_iter().collect(),
                Some(Object::Null(_)) => return Ok(()),
                _ => vec![MaybeRef::Ref(id)],
            },
        };
        for stream in streams {
            let (stream, place) = match stream {
                MaybeRef::Ref(id) => (
                    page.xref().get::<Object<'_>>(id.into()),
                    Spot(Some(id.obj_number)),
                ),
                MaybeRef::NotRef(object) => (Some(object), Spot(None)),
            };
            match stream {
                Some(Object::Stream(stream)) => {
                    packed::check(&stream)
                        .map_err(|why| self.not_whole("its content", place, why))?;
                }
                Some(Object::Null(_)) => {}
                _ => return Err(self.not_whole("its content", place, "is missing")),
            }
        }
        Ok(())
    }

    fn annotation(
        &mut self,
        annotation: &Dict<'a>,
        resources: &Resources<'a>,
    ) -> Result<(), PdfError> {
        if annotation.get::<u32>(b"F").unwrap_or(0) & UNSEEN != 0 {
            return Ok(());
        }
        let Some(looks) = annotation.get::<Dict<'_>>(b"AP") else {
            return Ok(());
        };
        let place = |dict: &Dict<'_>, key: &[u8]| Spot(dict.get_ref(key).map(|id| id.obj_number));
        let what = "the appearance of a note or field";
        match looks.get::<Object<'_>>(b"N") {
            Some(Object::Stream(look)) => self.form(&look, resources, State::default()),
            Some(Object::Dict(states)) => {
                let state = annotation.get::<Name<'_>>(b"AS");
                let state = state.as_deref().unwrap_or(b"Off");
                match states.get::<Stream<'_>>(state) {
                    Some(look) => self.form(&look, resources, State::default()),
                    None if state != b"Off" && states.contains_key(state) => {
                        Err(self.not_whole(what, place(&states, state), "is missing"))
                    }
                    None => Ok(()),
                }
            }
            None if looks.get_ref(b"N").is_some() => {
                Err(self.not_whole(what, place(&looks, b"N"), "is missing"))
            }
            _ => Ok(()),
        }
    }

    fn check_time(&self) -> Result<(), PdfError> {
        if self.started.elapsed() > MAX_TIME {
            return Err(PdfError::TooComplex { page: self.page });
        }
        Ok(())
    }

    fn not_whole(&self, what: &'static str, object: Spot, why: impl Into<String>) -> PdfError {
        PdfError::NotWhole {
            page: self.page,
            what,
            object,
            why: why.into(),
        }
    }
}

/// Returns the place of a dictionary.
fn place_of(dict: &Dict<'_>) -> Spot {
    Spot(dict.obj_id().map(|id| id.obj_number))
}
