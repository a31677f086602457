//! Chooses the form of an answer by the `Accept` header.

use axum::http::{HeaderMap, header};

/// The media type of a plain JSON object.
pub const JSON: &str = "application/json";

/// The media type of server-sent events.
pub const EVENTS: &str = "text/event-stream";

/// Returns the offer that the client prefers, by RFC 9110: the one of the highest quality; among equals, an offer
/// that is named comes before one that a wildcard matches, then the first in the header. The first offer is the
/// default for clients that accept none of them.
pub fn preferred<const N: usize>(headers: &HeaderMap, offers: [&'static str; N]) -> &'static str {
    let mut best = (0.0, 0, offers.first().copied().unwrap_or(JSON));
    for range in ranges(headers) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let quality = parts
            .find_map(|parameter| parameter.strip_prefix("q=")?.trim().parse().ok())
            .unwrap_or(1.0_f32);
        let precise = match kind.split_once('/') {
            Some(("*", "*")) => 0,
            Some((_, "*")) => 1,
            _ => 2,
        };
        let offer = offers.into_iter().find(|offer| means(kind, offer));
        if let Some(offer) = offer
            && quality > 0.0
            && (quality, precise) > (best.0, best.1)
        {
            best = (quality, precise, offer);
        }
    }
    best.2
}

/// Returns whether a media range matches a media type.
fn means(range: &str, kind: &str) -> bool {
    match range.strip_suffix("/*") {
        Some("*") => true,
        Some(family) => kind
            .split('/')
            .next()
            .is_some_and(|own| own.eq_ignore_ascii_case(family)),
        None => range.eq_ignore_ascii_case(kind),
    }
}

fn ranges(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_accept_header_decides() {
        for (accept, expected) in [
            ("", JSON),
            ("*/*", JSON),
            ("text/html", JSON),
            ("text/event-stream", EVENTS),
            ("Text/Event-Stream", EVENTS),
            ("text/html, text/event-stream;q=0.5", EVENTS),
            ("application/json, text/event-stream", JSON),
            ("text/event-stream, application/json", EVENTS),
            ("application/json;q=0.2, text/event-stream; q=0.3", EVENTS),
            ("text/event-stream;q=0, */*", JSON),
            ("text/event-stream;q=0", JSON),
            ("text/event-stream, */*;q=0.1", EVENTS),
            ("*/*, text/event-stream", EVENTS),
            ("text/event-stream;q=0.1, */*", JSON),
            ("text/*", EVENTS),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(preferred(&headers, [JSON, EVENTS]), expected, "{accept}");
        }
        let mut several = HeaderMap::new();
        several.append(header::ACCEPT, HeaderValue::from_static("text/html"));
        several.append(header::ACCEPT, HeaderValue::from_static(EVENTS));
        assert_eq!(preferred(&several, [JSON, EVENTS]), EVENTS);
        assert_eq!(preferred(&HeaderMap::new(), [JSON, EVENTS]), JSON);
    }
}
