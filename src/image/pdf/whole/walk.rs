//! Walks through content streams and the resources that they draw with.

use std::rc::Rc;

use hayro::hayro_syntax::{
    content::{TypedIter, UntypedIter, ops::TypedInstruction},
    object::{Array, Dict, Name, Object, Stream},
    page::Resources,
};

use super::{MAX_DEPTH, Whole, face::Face, packed, picture, place_of};
use crate::image::pdf::{PdfError, Spot};

/// The rendering mode of text for searching, which is not drawn.
const INVISIBLE: i64 = 3;

/// Marks the end of a content stream; no program writes this name.
const END: &[u8] = b"EndOfContent";

/// The state that letters are drawn with.
#[derive(Clone, Default)]
pub(super) struct State<'a> {
    pub(super) face: Option<Rc<Face<'a>>>,
    is_invisible: bool,
}

impl<'a> Whole<'a> {
    pub(super) fn content(
        &mut self,
        data: &[u8],
        resources: &Resources<'a>,
        mut state: State<'a>,
    ) -> Result<(), PdfError> {
        if self.depth > MAX_DEPTH {
            return Ok(());
        }
        self.depth += 1;
        if !self.is_read_to_its_end(data)? {
            return Err(self.not_whole("its content", Spot(None), "breaks off"));
        }
        let mut saved = Vec::new();
        // For each open mark, whether its content is shown.
        let mut marks: Vec<bool> = Vec::new();
        let mut operations = TypedIter::new(data);
        while let Some(operation) = operations.next() {
            self.check_time()?;
            let is_shown = marks.last().copied().unwrap_or(true);
            match &operation {
                TypedInstruction::SaveState(_) => saved.push(state.clone()),
                TypedInstruction::RestoreState(_) => state = saved.pop().unwrap_or(state),
                TypedInstruction::BeginMarkedContent(_) => marks.push(is_shown),
                TypedInstruction::BeginMarkedContentWithProperties(mark) => {
                    marks.push(is_shown && self.shows_mark(mark.1, resources));
                }
                TypedInstruction::EndMarkedContent(_) => drop(marks.pop()),
                TypedInstruction::TextFont(font) => state.face = self.face(font.0, resources),
                TypedInstruction::TextRenderingMode(mode) => {
                    state.is_invisible = mode.0.as_i64() == INVISIBLE;
                }
                _ if !is_shown => {}
                TypedInstruction::SetGraphicsState(name) => {
                    if let Some(settings) = resources.get_ext_g_state(name.0) {
                        self.graphics_state(&settings, &mut state, resources)?;
                    }
                }
                TypedInstruction::NonStrokeColorNamed(color) => {
                    self.pattern(color.1, resources)?;
                }
                TypedInstruction::StrokeColorNamed(color) => {
                    self.pattern(color.1, resources)?;
                }
                TypedInstruction::XObject(name) => self.object(name.0, resources, &state)?,
                TypedInstruction::InlineImage(image) => {
                    picture::check(image.0, resources).map_err(|why| {
                        self.not_whole("a picture in its content", Spot(None), why)
                    })?;
                }
                _ if state.is_invisible => {}
                TypedInstruction::ShowText(text) => self.text(text.0, &state, resources)?,
                TypedInstruction::NextLineAndShowText(text) => {
                    self.text(text.0, &state, resources)?;
                }
                TypedInstruction::ShowTextWithParameters(text) => {
                    self.text(text.2, &state, resources)?;
                }
                TypedInstruction::ShowTexts(texts) => {
                    for text in texts.0.iter::<Object<'_>>() {
                        if let Object::String(text) = text {
                            self.text(&text, &state, resources)?;
                        }
                    }
                }
                _ => {}
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Returns whether hayro reaches the end of a content stream, and so draws all of it. It stops
    /// silently at a string, list or dictionary that is not closed, or at an unexpected byte, and
    /// leaves out a picture without an end.
    fn is_read_to_its_end(&self, data: &[u8]) -> Result<bool, PdfError> {
        // A superfluous closing bracket after the last operator does no harm.
        let is_idle = |byte: &u8| matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ' | b')');
        let end = data.iter().rposition(|byte| !is_idle(byte));
        let data = end.map_or(&[][..], |end| &data[..=end]);
        let marked = [data, b"\n/", END, b" MP\n"].concat();
        let mut instructions = UntypedIter::new(&marked);
        let mut is_at_end = false;
        while let Some(instruction) = instructions.next() {
            self.check_time()?;
            let operand = instruction.operands().last();
            let name = match &**instruction.operator {
                b"BI" if !matches!(operand, Some(Object::Stream(_))) => return Ok(false),
                b"MP" => operand.cloned().and_then(Object::into_name),
                _ => None,
            };
            is_at_end = name.is_some_and(|name| name.as_ref() == END);
        }
        Ok(is_at_end)
    }

    fn shows_mark(&self, properties: &Object<'_>, resources: &Resources<'a>) -> bool {
        let (layer, id) = match properties {
            Object::Name(name) => (
                resources.properties.get::<Dict<'_>>(name.as_ref()),
                resources.properties.get_ref(name.as_ref()),
            ),
            Object::Dict(dict) => (dict.get::<Dict<'_>>(b"OC"), dict.get_ref(b"OC")),
            _ => return true,
        };
        id.is_none_or(|id| self.layers.shows(&layer.unwrap_or_default(), Some(id)))
    }

    fn graphics_state(
        &mut self,
        settings: &Dict<'a>,
        state: &mut State<'a>,
        resources: &Resources<'a>,
    ) -> Result<(), PdfError> {
        if let Some(font) = settings.get::<Array<'_>>(b"Font") {
            let font = font.iter::<Object<'_>>().next().and_then(Object::into_dict);
            state.face = font.map(|font| self.faces.get(&font));
        }
        let mask = settings.get::<Dict<'_>>(b"SMask");
        match mask.and_then(|mask| mask.get::<Stream<'_>>(b"G")) {
            Some(group) => self.form(&group, resources, State::default()),
            None => Ok(()),
        }
    }

    fn pattern(
        &mut self,
        name: Option<&Name<'_>>,
        resources: &Resources<'a>,
    ) -> Result<(), PdfError> {
        match name.and_then(|name| resources.get_pattern(name)) {
            Some(Object::Stream(tile)) => self.form(&tile, resources, State::default()),
            _ => Ok(()),
        }
    }

    /// Checks the object that `Do` draws.
    fn object(
        &mut self,
        name: &Name<'_>,
        resources: &Resources<'a>,
        state: &State<'a>,
    ) -> Result<(), PdfError> {
        let Some(stream) = resources.get_x_object(name) else {
            let id = resources.x_objects.get_ref(name.as_ref());
            let place = Spot(id.map(|id| id.obj_number));
            return Err(self.not_whole("a picture", place, "is missing"));
        };
        let dict = stream.dict();
        if let Some(layer) = dict.get::<Dict<'_>>(b"OC")
            && !self.layers.shows(&layer, dict.get_ref(b"OC"))
        {
            return Ok(());
        }
        match dict.get::<Name<'_>>(b"Subtype").as_deref() {
            Some(b"Image") => self.picture(&stream, resources),
            Some(b"Form") => self.form(&stream, resources, state.clone()),
            // PostScript is for printers.
            Some(b"PS") => Ok(()),
            _ => Err(self.not_whole("a picture", place_of(dict), "is of an unknown kind")),
        }
    }

    fn picture(&mut self, stream: &Stream<'a>, resources: &Resources<'a>) -> Result<(), PdfError> {
        let dict = stream.dict();
        if dict.obj_id().is_some_and(|id| !self.pictures.insert(id)) {
            return Ok(());
        }
        picture::check(stream, resources)
            .map_err(|why| self.not_whole("a picture", place_of(dict), why))?;
        let masks: [&[u8]; 2] = [b"SMask", b"Mask"];
        for key in masks {
            match dict.get::<Object<'_>>(key) {
                Some(Object::Stream(mask)) => picture::check(&mask, resources).map_err(|why| {
                    self.not_whole("a picture's mask", place_of(mask.dict()), why)
                })?,
                None if dict.get_ref(key).is_some() => {
                    let place = Spot(dict.get_ref(key).map(|id| id.obj_number));
                    return Err(self.not_whole("a picture's mask", place, "is missing"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks a content stream of its own, with its own resources or else those of the page.
    pub(super) fn form(
        &mut self,
        stream: &Stream<'a>,
        resources: &Resources<'a>,
        state: State<'a>,
    ) -> Result<(), PdfError> {
        let dict = stream.dict();
        let own = dict.get::<Dict<'_>>(b"Resources").map(Resources::new);
        let page = if own.is_some() { 0 } else { self.page };
        if dict
            .obj_id()
            .is_some_and(|id| !self.contents.insert((id, page)))
        {
            return Ok(());
        }
        let what = "a part of its content";
        let data =
            packed::check(stream).map_err(|why| self.not_whole(what, place_of(dict), why))?;
        if dict.get::<[f32; 4]>(b"BBox").is_none() {
            return Err(self.not_whole(what, place_of(dict), "has no size"));
        }
        self.content(&data, own.as_ref().unwrap_or(resources), state)
    }
}
