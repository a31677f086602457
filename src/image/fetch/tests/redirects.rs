//! Tests of redirects and their targets.

use super::*;

#[tokio::test]
async fn redirects_are_followed_and_joined() {
    let server = Server::start(|path| match path {
        "/a/301" => redirect("301 Moved Permanently", "302"),
        "/a/302" => redirect("302 Found", "/b/303?x"),
        "/b/303?x" => redirect("303 See Other", "../picture"),
        "/307" => redirect("307 Temporary Redirect", "?308"),
        "/307?308" => redirect("308 Permanent Redirect", "/picture"),
        "/picture" => ok(PICTURE),
        _ => send("404 Not Found", &[], b""),
    })
    .await;
    let fetcher = fetcher(&server);
    for path in ["/a/301", "/307"] {
        let bytes = fetcher.fetch(&server.url(path)).await.unwrap();
        assert_eq!(bytes, PICTURE);
    }
    let requests = server.requests.lock().unwrap().concat().to_lowercase();
    assert!(!requests.contains("referer"), "{requests}");
}

#[tokio::test]
async fn redirects_without_end_end() {
    let server = Server::start(|path| match path {
        "/self" => redirect("302 Found", "/self"),
        "/ping" => redirect("302 Found", "/pong"),
        _ => redirect("302 Found", "/ping"),
    })
    .await;
    let fetcher = fetcher(&server);
    for path in ["/self", "/ping"] {
        let before = server.settled_connections().await;
        assert_fails!(
            fetcher.fetch(&server.url(path)).await,
            FetchError::TooManyRedirects { limit: 3 },
            Upstream
        );
        // The first request and three redirects.
        assert_eq!(server.settled_connections().await - before, 4);
    }
    let mut none = policy(&[&server.allowed()]);
    none.max_redirects = 0;
    assert_fails!(
        Fetcher::new(none)
            .unwrap()
            .fetch(&server.url("/self"))
            .await,
        FetchError::TooManyRedirects { limit: 0 },
        Upstream
    );
}

#[tokio::test]
async fn a_redirect_must_say_where_to() {
    let server = Server::start(|_| send("302 Found", &[], b"")).await;
    assert_fails!(
        fetcher(&server).fetch(&server.url("/")).await,
        FetchError::RedirectWithoutLocation { .. },
        Upstream
    );
}

#[test]
fn a_location_is_held_to_the_rules_of_a_url() {
    let from = Url::parse("https://pictures.test/a").unwrap();
    let target = |location: &[u8]| resolve_location(&from, location, "pictures.test");
    for location in [
        b"ftp://pictures.test/a".as_slice(),
        b"file:///etc/passwd",
        b"gopher://127.0.0.1:6379/_FLUSHALL",
        b"data:image/png;base64,AA==",
        b"https://user:pass@pictures.test/",
        b"//user@pictures.test/",
        b"https://",
        b"https://pictures.test:99999/",
        b"/\xff",
        &[b'a'; MAX_URL_BYTES],
    ] {
        let shown = location.escape_ascii();
        let Err(FetchError::BadRedirect { source, .. }) = target(location) else {
            panic!("{shown}");
        };
        assert_eq!(source.blame(), Blame::Client, "{shown}");
    }
    assert_fails!(
        target(b"http://pictures.test/a"),
        FetchError::RedirectDowngrade { .. },
        Upstream
    );
    assert_eq!(
        target(b"//other.test/b").unwrap().as_str(),
        "https://other.test/b"
    );
    let from = Url::parse("http://pictures.test/a").unwrap();
    let up = resolve_location(&from, b"https://pictures.test/", "").unwrap();
    assert_eq!(up.scheme(), "https");
}

#[tokio::test]
async fn a_redirect_cannot_lead_inside() {
    let inside = Server::everywhere().await;
    let port = inside.port;
    let server = Server::start(move |path| match path {
        "/metadata" => redirect("302 Found", "http://169.254.169.254/latest/meta-data/"),
        "/name" => redirect(
            "307 Temporary Redirect",
            &format!("http://inside.test:{port}/"),
        ),
        "/again" => redirect("301 Moved Permanently", "/loopback"),
        "/v6" => redirect("302 Found", &format!("http://[::1]:{port}/")),
        _ => redirect("302 Found", &format!("http://127.0.0.1:{port}/")),
    })
    .await;
    let names = Names::new(&[("inside.test", &[&["127.0.0.1"]])]);
    let fetcher = names.fetcher(policy(&[&server.allowed()]));
    for path in ["/metadata", "/name", "/again", "/v6", "/loopback"] {
        let error = assert_fails!(
            fetcher.fetch(&server.url(path)).await,
            FetchError::HostNotAllowed { .. },
            Client
        );
        let text = error.to_string();
        assert!(
            text.contains("fetched from a redirect from 127.0.0.1: "),
            "{text}"
        );
        assert!(
            !text.contains("inside.test") && !text.contains("254"),
            "{text}"
        );
    }
    assert_eq!(inside.settled_connections().await, 0);
    assert_eq!(server.connections(), 6);
}
