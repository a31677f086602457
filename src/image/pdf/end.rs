//! Checks that a PDF file is complete. hayro draws the pages that it finds in half a file, but the
//! client sent the others for a reason.

use hayro::hayro_syntax::object::{Dict, FromBytes};

use super::{
    PdfError,
    search::{find, find_last},
};

/// Number of bytes allowed after the end without a further check; most files have a line feed.
const TAIL_BYTES: usize = 4096;
/// Readers accept the mark of a PDF anywhere in this many first bytes (ISO 32000-1, annex H.3, note
/// 13).
const HEAD_BYTES: usize = 1024;

/// Checks that the file reaches its end.
///
/// Its end is the last `startxref` or `%%EOF`, and no object may begin after it. Copiers and web
/// servers append kilobytes there; their number does not matter if `startxref` points to a table.
///
/// # Errors
/// [`PdfError::Broken`].
pub(super) fn check(file: &[u8]) -> Result<(), PdfError> {
    let start = find_last(file, b"startxref");
    let end = start.max(find_last(file, b"%%EOF"));
    let Some(end) = end else {
        return Err(cut("it is cut off, or is not a PDF; send the whole file"));
    };
    if has_object(&file[end..]) {
        return Err(cut(
            "it is cut off after one of its ends; send the whole file",
        ));
    }
    let target = start.and_then(|start| number_at(&file[start + b"startxref".len()..]));
    if target == Some(0) && find(head(file), b"/Linearized").is_some() {
        return Err(cut(
            "it is cut off after its first page; send the whole file",
        ));
    }
    let leads = target.is_some_and(|target| leads_to_a_table(file, target));
    if leads || file.len() - end <= TAIL_BYTES {
        Ok(())
    } else {
        Err(cut(
            "it is cut off, or other data follow it; send the PDF alone and whole",
        ))
    }
}

fn cut(why: &str) -> PdfError {
    PdfError::Broken(why.into())
}

fn head(file: &[u8]) -> &[u8] {
    &file[..file.len().min(HEAD_BYTES)]
}

/// Returns whether a table of objects begins at `target`, counted from the file's start or from its
/// mark.
fn leads_to_a_table(file: &[u8], target: usize) -> bool {
    let mark = find(head(file), b"%PDF-").unwrap_or(0);
    [0, mark].into_iter().any(|from| {
        let Some(table) = file.get(from.saturating_add(target)..) else {
            return false;
        };
        let table = table.trim_ascii_start();
        table.starts_with(b"xref") || is_table_stream(table)
    })
}

fn is_table_stream(data: &[u8]) -> bool {
    let digits = data.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0
        && find(&data[..data.len().min(64)], b"obj")
            .and_then(|at| Dict::from_bytes(data[at + 3..].trim_ascii_start()))
            .is_some_and(|dict| dict.contains_key(b"W") && dict.contains_key(b"Root"))
}

/// Reads the number after `startxref`.
pub(super) fn number_at(data: &[u8]) -> Option<usize> {
    let data = data.trim_ascii_start();
    let digits = data.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&data[..digits]).ok()?.parse().ok()
}

/// Returns whether the data contain `N G obj`.
fn has_object(mut data: &[u8]) -> bool {
    while let Some(at) = find(data, b"obj") {
        let before = data[..at].trim_ascii_end();
        let generation = without_digits(before);
        let number = generation.trim_ascii_end();
        if before.len() > generation.len()
            && generation.len() > number.len()
            && number.last().is_some_and(u8::is_ascii_digit)
        {
            return true;
        }
        data = &data[at + 3..];
    }
    false
}

fn without_digits(data: &[u8]) -> &[u8] {
    let digits = data.iter().rev().take_while(|byte| byte.is_ascii_digit());
    &data[..data.len() - digits.count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_told_from_words() {
        assert!(has_object(b"%%EOF\n12 0 obj\n<<"));
        assert!(has_object(b"1\n0\nobj"));
        for none in [
            &b"obj"[..],
            b"0 obj",
            b"a 0 obj",
            b"endobj 5 x obj",
            b"10obj",
        ] {
            assert!(!has_object(none), "{none:?}");
        }
    }
}
