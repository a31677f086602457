//! Bounds the structure of an XML file before it is parsed.
//!
//! The parser compares each attribute of an element with those before it, and copies the namespaces in scope
//! for each element that declares one. So their numbers are bounded here, in one pass over the text that
//! sees the same tags as the parser up to the first error.

use super::{error::EInvoiceError, limits::XmlLimits};

/// Attributes that an element may have, and namespaces that may be declared around it.
const ATTRIBUTES: usize = 64;

/// Declarations of namespaces in a file.
const DECLARATIONS: usize = 1 << 16;

/// Checks the depth of the elements, and the numbers of attributes and namespaces.
///
/// # Errors
/// [`EInvoiceError::TooDeep`] or [`EInvoiceError::TooManyAttributes`].
pub fn check(text: &str, limits: &XmlLimits) -> Result<(), EInvoiceError> {
    let mut scope = Scope::default();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        let line = || {
            let before = &text[..text.len() - rest.len()];
            1 + before.matches('\n').count() as u32
        };
        rest = if let Some(end) = past_markup(rest) {
            &rest[end..]
        } else {
            let tag = Tag::read(rest);
            scope.pass(&tag);
            if scope.declared.len() > limits.depth {
                return Err(EInvoiceError::TooDeep {
                    limit: limits.depth,
                    line: line(),
                });
            }
            let is_within = tag.attributes <= ATTRIBUTES
                && scope.most <= ATTRIBUTES
                && scope.declarations <= DECLARATIONS;
            if !is_within {
                return Err(EInvoiceError::TooManyAttributes { line: line() });
            }
            &rest[tag.length..]
        };
    }
    Ok(())
}

/// The length of a comment, a CDATA section or a processing instruction, if one begins here.
fn past_markup(text: &str) -> Option<usize> {
    let pairs = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
    let (open, close) = pairs.into_iter().find(|(open, _)| text.starts_with(open))?;
    let end = text[open.len()..].find(close);
    Some(end.map_or(text.len(), |end| open.len() + end + close.len()))
}

/// The namespaces that the open elements declare.
#[derive(Default)]
struct Scope {
    declared: Vec<usize>,
    within: usize,
    most: usize,
    declarations: usize,
}

impl Scope {
    fn pass(&mut self, tag: &Tag) {
        if tag.is_closing {
            self.within -= self.declared.pop().unwrap_or(0);
            return;
        }
        self.declarations += tag.namespaces;
        self.most = self.most.max(self.within + tag.namespaces);
        if !tag.is_empty {
            self.declared.push(tag.namespaces);
            self.within += tag.namespaces;
        }
    }
}

/// A start tag or an end tag.
struct Tag {
    length: usize,
    attributes: usize,
    namespaces: usize,
    is_closing: bool,
    is_empty: bool,
}

impl Tag {
    /// Reads the tag that begins the text with `<`.
    fn read(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut attributes, mut namespaces) = (0, 0);
        let mut name = 1;
        let mut at = 1;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'>' => break,
                b'=' => {
                    attributes += 1;
                    namespaces += usize::from(bytes[name..at].starts_with(b"xmlns"));
                }
                b'"' | b'\'' => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let length = rest.iter().position(|&other| other == byte);
                    at += length.map_or(rest.len(), |length| length + 1);
                    name = at;
                }
                _ if byte.is_ascii_whitespace() => {
                    // Space may stand before the sign of equality, after the name.
                    let next = bytes.get(at..).unwrap_or_default().trim_ascii_start();
                    if next.first() != Some(&b'=') {
                        name = at;
                    }
                }
                _ => {}
            }
        }
        let at = at.min(bytes.len());
        Self {
            length: at,
            attributes,
            namespaces,
            is_closing: bytes.get(1) == Some(&b'/'),
            is_empty: bytes[..at].ends_with(b"/>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), EInvoiceError> {
        check(text, &XmlLimits::default())
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "<a>\n".repeat(depth), "</a>".repeat(depth));
        assert_eq!(checked(&nested(64)), Ok(()));
        let expected = EInvoiceError::TooDeep {
            limit: 64,
            line: 65,
        };
        assert_eq!(checked(&nested(65)), Err(expected));
        let flat = "<a>".to_owned() + &"<b c='>'/><d></d><!-- <e> --><![CDATA[<f>]]>".repeat(1000);
        assert_eq!(checked(&flat), Ok(()));
    }

    #[test]
    fn attributes_and_namespaces_are_bounded() {
        let wide = |count: usize| {
            let attributes: Vec<_> = (0..count)
                .map(|at| format!(" a{at} = '<x=\"\">'"))
                .collect();
            let attributes = attributes.concat();
            format!("<a>\n<b{attributes}/></a>")
        };
        assert_eq!(checked(&wide(64)), Ok(()));
        let expected = Err(EInvoiceError::TooManyAttributes { line: 2 });
        assert_eq!(checked(&wide(65)), expected);

        let declaring = |each: usize| {
            let names: Vec<_> = (0..each).map(|at| format!(" xmlns:a{at}  ='u'")).collect();
            let names = names.concat();
            format!("<a{names}>\n<b{names}/><b{names}/></a>")
        };
        assert_eq!(checked(&declaring(32)), Ok(()));
        assert_eq!(checked(&declaring(33)), expected);
        let many = format!("<a>{}</a>", "<b xmlns='u'/>".repeat(DECLARATIONS + 1));
        assert_eq!(
            checked(&many),
            Err(EInvoiceError::TooManyAttributes { line: 1 })
        );
    }

    #[test]
    fn broken_markup_ends_the_pass() {
        for text in [
            "<",
            "<a",
            "<a b='",
            "<!--",
            "<![CDATA[",
            "<?",
            "</a></b>",
            "a > b",
            "<\u{e9}=\u{e9}",
            "<a\n",
        ] {
            assert_eq!(checked(text), Ok(()), "{text}");
        }
    }
}
