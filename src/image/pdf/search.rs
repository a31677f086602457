//! Looking for words in bytes.

/// Where `needle` lies in `haystack`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let mut from = 0;
    // Looking for one byte is vectorised in the standard library, for a window it is not.
    while let Some(at) = haystack[from..].iter().position(|byte| *byte == needle[0]) {
        from += at;
        if haystack[from..].starts_with(needle) {
            return Some(from);
        }
        from += 1;
    }
    None
}

/// Where `needle` lies last in `haystack`.
pub(super) fn find_last(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .rposition(|window| window == needle)
}
