//! Determines which layers of a file are switched off (ISO 32000-1, 8.11), as hayro does.

use std::collections::HashSet;

use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, Name, ObjRef, ObjectIdentifier},
};

/// The hidden layers of a file.
pub(super) struct Layers {
    off: HashSet<ObjectIdentifier>,
}

impl Layers {
    pub(super) fn new(pdf: &Pdf) -> Self {
        let off = read(pdf).unwrap_or_default();
        Self { off }
    }

    /// Returns whether the content of a layer, or of a group of layers, is shown.
    pub(super) fn shows(&self, layer: &Dict<'_>, id: Option<ObjRef>) -> bool {
        let is_group = layer.get::<Name<'_>>(b"Type").as_deref() == Some(b"OCMD");
        match id {
            Some(id) if !is_group => !self.off.contains(&id.into()),
            _ => self.shows_group(layer),
        }
    }

    fn shows_group(&self, group: &Dict<'_>) -> bool {
        let layers = match group.get::<Array<'_>>(b"OCGs") {
            Some(list) => refs(&list),
            None => group.get_ref(b"OCGs").map(Into::into).into_iter().collect(),
        };
        let is_off = |id: &ObjectIdentifier| self.off.contains(id);
        let policy = group.get::<Name<'_>>(b"P");
        layers.is_empty()
            || match policy.as_deref() {
                Some(b"AllOn") => !layers.iter().any(is_off),
                Some(b"AnyOff") => layers.iter().any(is_off),
                Some(b"AllOff") => layers.iter().all(is_off),
                _ => !layers.iter().all(is_off),
            }
    }
}

fn read(pdf: &Pdf) -> Option<HashSet<ObjectIdentifier>> {
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())?;
    let properties = catalog.get::<Dict<'_>>(b"OCProperties")?;
    let config = properties.get::<Dict<'_>>(b"D")?;
    let list = |dict: &Dict<'_>, key: &[u8]| {
        dict.get::<Array<'_>>(key)
            .map(|list| refs(&list))
            .unwrap_or_default()
    };
    let mut off = HashSet::new();
    if config.get::<Name<'_>>(b"BaseState").as_deref() == Some(b"OFF") {
        off.extend(list(&properties, b"OCGs"));
    }
    for on in list(&config, b"ON") {
        off.remove(&on);
    }
    off.extend(list(&config, b"OFF"));
    Some(off)
}

fn refs(list: &Array<'_>) -> Vec<ObjectIdentifier> {
    list.raw_iter()
        .filter_map(|item| item.as_obj_ref())
        .map(Into::into)
        .collect()
}
