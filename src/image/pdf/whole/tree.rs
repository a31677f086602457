//! Checks that every page that the file names exists.

use std::collections::HashSet;

use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Object, ObjectIdentifier},
};

use crate::image::pdf::PdfError;

/// Checks that every entry in the tree of pages leads to an object: hayro skips missing ones.
///
/// # Errors
/// [`PdfError::Broken`].
pub(in crate::image::pdf) fn check_tree(pdf: &Pdf) -> Result<(), PdfError> {
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let Some(pages) = catalog.and_then(|catalog| catalog.get::<Dict<'_>>(b"Pages")) else {
        return Ok(());
    };
    let mut seen: HashSet<ObjectIdentifier> = pages.obj_id().into_iter().collect();
    let mut open = vec![pages];
    while let Some(node) = open.pop() {
        let kids = node.get::<Array<'_>>(b"Kids");
        for kid in kids.iter().flat_map(Array::raw_iter) {
            let kid = match kid {
                MaybeRef::NotRef(Object::Dict(kid)) => kid,
                MaybeRef::NotRef(_) => continue,
                MaybeRef::Ref(id) if !seen.insert(id.into()) => continue,
                MaybeRef::Ref(id) => match pdf.xref().get::<Object<'_>>(id.into()) {
                    Some(Object::Dict(kid)) => kid,
                    Some(Object::Null(_)) => continue,
                    _ => {
                        let number = id.obj_number;
                        let why = format!(
                            "one of its pages (object {number}) is missing; send the whole file"
                        );
                        return Err(PdfError::Broken(why));
                    }
                },
            };
            open.push(kid);
        }
    }
    Ok(())
}
