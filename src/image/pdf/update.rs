//! Appends new versions of objects to a file, as a program does that saves its changes (ISO
//! 32000-1, 7.5.6).

use hayro::hayro_syntax::{
    Pdf,
    object::{Object, ObjectIdentifier},
};

use super::{end::number_at, search::find_last};

/// First number to try for new objects.
const FIRST_NEW: u32 = 8_000_000;

/// Objects that replace a file's own or are new to it.
#[derive(Default)]
pub(super) struct Update {
    objects: Vec<(ObjectIdentifier, Vec<u8>)>,
    /// The number after the last new one.
    next: u32,
}

impl Update {
    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Replaces an object by `body`.
    pub(super) fn put(&mut self, id: ObjectIdentifier, body: Vec<u8>) {
        self.objects.push((id, body));
    }

    /// Adds an object, and returns its number.
    pub(super) fn add(&mut self, pdf: &Pdf, body: Vec<u8>) -> ObjectIdentifier {
        let mut id = ObjectIdentifier::new(FIRST_NEW.max(self.next), 0);
        while pdf.xref().get::<Object<'_>>(id).is_some() {
            id.obj_number = id.obj_number.wrapping_add(1);
        }
        self.next = id.obj_number.wrapping_add(1);
        self.put(id, body);
        id
    }

    /// Returns the file with the objects appended. The file may not be encrypted.
    pub(super) fn append(self, file: &[u8], root: ObjectIdentifier) -> Vec<u8> {
        let previous = find_last(file, b"startxref")
            .and_then(|at| number_at(&file[at + b"startxref".len()..]))
            .map_or_else(String::new, |at| format!(" /Prev {at}"));
        let mut out = file.to_vec();
        let mut table = b"xref\n0 0\n".to_vec();
        let mut size = 0;
        for (id, body) in self.objects {
            out.push(b'\n');
            let row = format!(
                "{} 1\n{:010} {:05} n \n",
                id.obj_number,
                out.len(),
                id.gen_number
            );
            table.extend(row.bytes());
            out.extend(format!("{} {} obj\n", id.obj_number, id.gen_number).bytes());
            out.extend(body);
            out.extend(b"\nendobj");
            size = size.max(id.obj_number + 1);
        }
        out.push(b'\n');
        let start = out.len();
        out.extend(table);
        let (number, generation) = (root.obj_number, root.gen_number);
        out.extend(
            format!(
                "trailer\n<< /Size {size} /Root {number} {generation} R{previous} >>\n\
                 startxref\n{start}\n%%EOF\n"
            )
            .bytes(),
        );
        out
    }
}

/// Returns a dictionary of the file with `entries`, which replace its own of the same names.
pub(super) fn with_entries(dict: &[u8], entries: &str) -> Vec<u8> {
    let open = dict.strip_suffix(b">>").unwrap_or(b"<<");
    [open, b"\n", entries.as_bytes(), b" >>"].concat()
}

/// Returns a stream of unpacked `data`.
pub(super) fn stream(dict: &[u8], data: &[u8]) -> Vec<u8> {
    [dict, b"\nstream\n", data, b"\nendstream"].concat()
}
