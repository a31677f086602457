//! Links: what stands in the address. No link is ever followed.

use url::{Url, form_urlencoded};

/// A web address and its parameters.
pub(in crate::codes) struct Link {
    url: Url,
    parameters: Vec<(String, String)>,
}

impl Link {
    /// Parses a web address. Parameters may stand after a fragment, as single-page applications write
    /// them.
    pub(in crate::codes) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        if !matches!(url.scheme(), "http" | "https" | "upi") {
            return None;
        }
        let in_fragment = url.fragment().and_then(|fragment| fragment.split_once('?'));
        let query = url.query().or(in_fragment.map(|(_, query)| query));
        let query = query.unwrap_or_default().as_bytes();
        let parameters = form_urlencoded::parse(query);
        let parameters = parameters.map(|(name, value)| (name.into_owned(), value.into_owned()));
        let parameters = parameters.collect();
        Some(Self { url, parameters })
    }

    /// Returns the scheme.
    pub(in crate::codes) fn scheme(&self) -> &str {
        self.url.scheme()
    }

    /// Returns whether the host is this one, or one below it.
    pub(in crate::codes) fn is_at(&self, domain: &str) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let above = host.strip_suffix(domain);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    }

    /// Returns the host.
    pub(in crate::codes) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Returns the path.
    pub(in crate::codes) fn path(&self) -> &str {
        self.url.path()
    }

    /// Returns the fragment.
    pub(in crate::codes) fn fragment(&self) -> &str {
        self.url.fragment().unwrap_or_default()
    }

    /// Returns the first parameter of a name, `""` if there is none.
    pub(in crate::codes) fn get(&self, name: &str) -> &str {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}
