//! Elements of an XML file, found by namespace and name and told by their path.

use roxmltree::{Document, Node};

use super::{
    error::{EInvoiceError, XmlPlace},
    limits::XmlLimits,
};

/// Characters of a name in a path: a name of the file's own choice may be longer.
const NAME: usize = 60;

/// The namespaces of a syntax by the prefixes that paths have for them.
pub type Prefixes = &'static [(&'static str, &'static str)];

/// What all elements of a file share.
#[derive(Clone, Copy)]
pub struct XmlSurroundings<'a> {
    /// The parsed file.
    pub document: &'a Document<'a>,
    /// The namespaces of its syntax.
    pub prefixes: Prefixes,
    /// What it may hold.
    pub limits: &'a XmlLimits,
}

/// An element and its path from the root.
#[derive(Clone)]
pub struct Element<'a> {
    node: Node<'a, 'a>,
    path: String,
    around: XmlSurroundings<'a>,
}

impl<'a> Element<'a> {
    /// The root element.
    pub fn root(around: XmlSurroundings<'a>) -> Self {
        let node = around.document.root_element();
        let name: String = node.tag_name().name().chars().take(NAME).collect();
        let uri = node.tag_name().namespace();
        let known = around.prefixes.iter().find(|(_, known)| uri == Some(known));
        let path = match known {
            Some((prefix, _)) => format!("/{prefix}:{name}"),
            None => format!("/{name}"),
        };
        Self { node, path, around }
    }

    /// What the file may hold.
    pub fn limits(&self) -> &'a XmlLimits {
        self.around.limits
    }

    /// The path from the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path and the line.
    pub fn place(&self) -> XmlPlace {
        self.place_of(self.path.clone())
    }

    fn place_of(&self, path: String) -> XmlPlace {
        let start = self.node.range().start;
        let line = self.around.document.text_pos_at(start).row;
        XmlPlace { path, line }
    }

    /// An attribute without a namespace.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    /// The text, or `None` if there are elements in it.
    pub fn raw_text(&self) -> Option<String> {
        if self.node.children().any(|child| child.is_element()) {
            return None;
        }
        let texts = self.node.children().filter(Node::is_text);
        Some(texts.filter_map(|text| text.text()).collect())
    }

    /// The children of that name, `cbc:ID`, in their order.
    pub fn all(&self, name: &'static str) -> Vec<Element<'a>> {
        let nodes: Vec<_> = self.named(name).collect();
        let is_alone = nodes.len() == 1;
        let nodes = nodes.into_iter().enumerate();
        let elements = nodes.map(|(at, node)| Element {
            node,
            path: if is_alone {
                format!("{}/{name}", self.path)
            } else {
                format!("{}/{name}[{}]", self.path, at + 1)
            },
            around: self.around,
        });
        elements.collect()
    }

    /// The children of that name, of which there may be only so many.
    ///
    /// # Errors
    /// [`EInvoiceError::TooMany`].
    pub fn some(
        &self,
        name: &'static str,
        limit: usize,
    ) -> Result<Vec<Element<'a>>, EInvoiceError> {
        let elements = self.all(name);
        match elements.get(limit) {
            None => Ok(elements),
            Some(first) => {
                let place = first.place();
                Err(EInvoiceError::TooMany { place, limit })
            }
        }
    }

    /// The descendant at the end of a path of names, `cac:Price/cbc:PriceAmount`, if there is one.
    ///
    /// # Errors
    /// [`EInvoiceError::Twice`] if one of the names occurs twice.
    pub fn optional(&self, path: &'static str) -> Result<Option<Element<'a>>, EInvoiceError> {
        let mut found = self.clone();
        for name in path.split('/') {
            let mut nodes = found.named(name);
            let Some(node) = nodes.next() else {
                return Ok(None);
            };
            let second = nodes.next();
            let next = Element {
                node: second.unwrap_or(node),
                path: format!("{}/{name}", found.path),
                around: found.around,
            };
            if second.is_some() {
                return Err(EInvoiceError::Twice(next.place()));
            }
            found = next;
        }
        Ok(Some(found))
    }

    /// The descendant at the end of a path of names.
    ///
    /// # Errors
    /// [`EInvoiceError::Missing`] or [`EInvoiceError::Twice`].
    pub fn required(&self, path: &'static str) -> Result<Element<'a>, EInvoiceError> {
        self.optional(path)?.ok_or_else(|| self.missing(path))
    }

    /// The error of a descendant that is not there.
    pub fn missing(&self, path: &str) -> EInvoiceError {
        EInvoiceError::Missing(self.place_of(format!("{}/{path}", self.path)))
    }

    fn named<'n>(&self, name: &'n str) -> impl Iterator<Item = Node<'a, 'a>> + use<'a, 'n> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let known = self
            .around
            .prefixes
            .iter()
            .find(|(known, _)| *known == prefix);
        let uri = known.map(|(_, uri)| *uri);
        self.node.children().filter(move |node| {
            node.is_element()
                && node.tag_name().name() == local
                && node.tag_name().namespace().filter(|uri| !uri.is_empty()) == uri
        })
    }
}
