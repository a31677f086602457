//! Reads server-sent events from an upstream. Only their data is used.

/// The byte order mark, which may stand before the first line.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads the data of events from bytes in any pieces.
#[derive(Debug, Default)]
pub struct EventReader {
    bytes: Vec<u8>,
    /// Start of the first line that is not read yet.
    line: usize,
    /// End of the part of that line that holds no line break.
    looked: usize,
    /// Whether the last line ended with a carriage return, so that a line feed at once after it is part of that end.
    after_return: bool,
    has_begun: bool,
    /// The data of the unfinished event, with a line feed after each of its lines.
    data: Vec<u8>,
}

impl EventReader {
    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.line);
        self.looked -= self.line;
        self.line = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Returns the data of the next complete event.
    pub fn next(&mut self) -> Option<Vec<u8>> {
        while let Some((from, to)) = self.next_line() {
            let line = &self.bytes[from..to];
            if line.is_empty() {
                // The last line feed is not part of the data. An event without data is skipped.
                if self.data.pop().is_some() {
                    return Some(std::mem::take(&mut self.data));
                }
                continue;
            }
            let value = match line.strip_prefix(b"data") {
                Some([]) => &[][..],
                Some([b':', b' ', value @ ..] | [b':', value @ ..]) => value,
                _ => continue,
            };
            self.data.extend_from_slice(value);
            self.data.push(b'\n');
        }
        None
    }

    /// Returns the start and end of the next complete line, without the line feed, carriage return or both that end it.
    fn next_line(&mut self) -> Option<(usize, usize)> {
        if self.after_return && self.looked < self.bytes.len() {
            self.after_return = false;
            if self.bytes[self.looked] == b'\n' {
                self.looked += 1;
                self.line = self.looked;
            }
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let Some(length) = self.bytes[self.looked..].iter().position(is_end) else {
            self.looked = self.bytes.len();
            return None;
        };
        let (mut from, to) = (self.line, self.looked + length);
        self.after_return = self.bytes[to] == b'\r';
        self.looked = to + 1;
        self.line = self.looked;
        if !std::mem::replace(&mut self.has_begun, true) && self.bytes[from..to].starts_with(MARK) {
            from += MARK.len();
        }
        Some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut events = EventReader::default();
        let mut read = Vec::new();
        for piece in pieces {
            events.push(piece);
            read.extend(std::iter::from_fn(|| events.next()));
        }
        let text = |data| String::from_utf8(data).unwrap();
        read.into_iter().map(text).collect()
    }

    #[test]
    fn an_event_is_its_lines_of_data() {
        for (stream, data) in [
            ("data: a\n\n", &["a"][..]),
            ("data:a\n\ndata:  b\n\n", &["a", " b"]),
            ("data: a\ndata: b\n\n", &["a\nb"]),
            (
                ": said\nevent: message\nid: 1\nretry: 5\ndata: a\n\n",
                &["a"],
            ),
            ("event: ping\n\n\n\n", &[]),
            ("data\n\n", &[""]),
            ("data\ndata\n\n", &["\n"]),
            ("database: a\nDATA: a\n data: a\n\n", &[]),
            ("data: a: b\n\n", &["a: b"]),
            ("data: a\r\n\r\ndata: b\r\rdata: c\n\r\n", &["a", "b", "c"]),
            ("\u{feff}data: a\n\n\u{feff}data: b\n\n", &["a"]),
            // An event without an empty line after it is incomplete.
            ("data: a\n\ndata: b\n", &["a"]),
        ] {
            assert_eq!(read(&[stream.as_bytes()]), data, "{stream:?}");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_come(
            lines in prop::collection::vec("(data|data: ?[aé€]{0,3}|: x|event: y)?(\n|\r|\r\n)", 0..12),
            marked: bool,
            cuts in prop::collection::vec(0_usize..100, 0..6),
        ) {
            let mark = if marked { "\u{feff}" } else { "" };
            let stream = mark.to_owned() + &lines.concat();
            let mut rest = stream.as_bytes();
            let mut pieces = Vec::new();
            for cut in cuts {
                let (piece, behind) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = behind;
            }
            pieces.push(rest);
            prop_assert_eq!(read(&pieces), read(&[stream.as_bytes()]));
        }
    }
}
