//! Tests of refusals before any connection, and of the list of allowed hosts that decides them.

use super::*;

#[tokio::test]
async fn inner_addresses_are_refused_however_they_are_written() {
    use AddressClass as C;
    let server = Server::everywhere().await;
    let fetcher = Fetcher::new(policy(&[])).unwrap();
    let cases = [
        // Loopback, in every notation that `url` reads.
        ("127.0.0.1", C::Loopback),
        ("127.0.0.2", C::Loopback),
        ("127.255.255.254", C::Loopback),
        ("127.0.0.1.", C::Loopback),
        ("127.1", C::Loopback),
        ("127.0.1", C::Loopback),
        ("2130706433", C::Loopback),
        ("017700000001", C::Loopback),
        ("0x7f000001", C::Loopback),
        ("0x7F.1", C::Loopback),
        ("0177.0.0.1", C::Loopback),
        ("0177.0x0.0.1", C::Loopback),
        ("0x7f.0x0.0x0.0x1", C::Loopback),
        ("00000177.0.0.01", C::Loopback),
        ("%31%32%37.0.0.1", C::Loopback),
        ("127%2e0%2e0%2e1", C::Loopback),
        ("１２７.０.０.１", C::Loopback),
        ("127。0。0。1", C::Loopback),
        ("①②⑦.⓪.⓪.①", C::Loopback),
        ("[::1]", C::Loopback),
        ("[0:0:0:0:0:0:0:1]", C::Loopback),
        ("[0000::0001]", C::Loopback),
        ("[::ffff:127.0.0.1]", C::Loopback),
        ("[::ffff:7f00:1]", C::Loopback),
        ("[0:0:0:0:0:FFFF:7F00:0001]", C::Loopback),
        ("[::127.0.0.1]", C::Loopback),
        ("[64:ff9b::127.0.0.1]", C::Loopback),
        ("[2002:7f00:1::]", C::Loopback),
        ("localhost", C::Loopback),
        ("LOCALHOST", C::Loopback),
        ("loc%61lhost", C::Loopback),
        ("ｌｏｃａｌｈｏｓｔ", C::Loopback),
        // Also this machine, for many systems.
        ("0.0.0.0", C::Unspecified),
        ("0", C::Unspecified),
        ("0x0", C::Unspecified),
        ("0.1", C::Unspecified),
        ("[::]", C::Unspecified),
        ("[::ffff:0.0.0.0]", C::Unspecified),
        // The inner network and its neighbours.
        ("10.0.0.1", C::Private),
        ("172.16.0.1", C::Private),
        ("172.31.255.255", C::Private),
        ("192.168.1.1", C::Private),
        ("3232235777", C::Private),
        ("0xc0a80101", C::Private),
        ("[::ffff:192.168.1.1]", C::Private),
        ("[2002:a00:1::]", C::Private),
        ("169.254.169.254", C::LinkLocal),
        ("2852039166", C::LinkLocal),
        ("0xa9fea9fe", C::LinkLocal),
        ("0251.0376.0251.0376", C::LinkLocal),
        ("[::ffff:169.254.169.254]", C::LinkLocal),
        ("[64:ff9b::a9fe:a9fe]", C::LinkLocal),
        ("[fe80::1]", C::LinkLocal),
        ("[fd00:ec2::254]", C::UniqueLocal),
        ("[fc00::1]", C::UniqueLocal),
        ("[fec0::1]", C::SiteLocal),
        ("100.64.0.1", C::CarrierShared),
        ("100.100.100.200", C::CarrierShared),
        ("168.63.129.16", C::Platform),
        // Addresses of no host.
        ("224.0.0.1", C::Multicast),
        ("[ff02::1]", C::Multicast),
        ("255.255.255.255", C::Broadcast),
        ("4294967295", C::Broadcast),
        ("192.0.0.192", C::Protocol),
        ("192.0.2.1", C::Documentation),
        ("198.51.100.1", C::Documentation),
        ("203.0.113.1", C::Documentation),
        ("[2001:db8::1]", C::Documentation),
        ("198.18.0.1", C::Benchmarking),
        ("240.0.0.1", C::Reserved),
        ("[64:ff9b:1::1]", C::LocalTranslation),
        ("[2001::1]", C::Teredo),
        ("[100::1]", C::Discard),
        ("[2001:10::1]", C::Orchid),
        ("[2001:20::1]", C::Orchid),
        ("[4000::1]", C::Reserved),
    ];
    assert!(cases.len() >= 40);
    for (host, expected) in cases {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{}/latest/meta-data", server.port);
            assert_fails!(
                fetcher.fetch(&url).await,
                FetchError::HostNotAllowed { class, .. } if *class == expected,
                Client
            );
        }
    }
    assert_eq!(server.settled_connections().await, 0);

    // The server is reachable: only the list makes the difference.
    let allowed = Fetcher::new(policy(&["127.0.0.0/8"])).unwrap();
    for host in ["127.0.0.1", "0x7f.1", "①②⑦.⓪.⓪.①"] {
        let url = format!("http://{host}:{}/", server.port);
        assert_eq!(allowed.fetch(&url).await.unwrap(), PICTURE);
    }
}

#[tokio::test]
async fn what_is_not_an_acceptable_url_is_refused() {
    let server = Server::everywhere().await;
    // Every host would be allowed if the URL were.
    let fetcher = Names::new(&[]).fetcher(policy(&["0.0.0.0/0", "::/0"]));
    let port = server.port;
    let refused = async |url: &str| fetcher.fetch(url).await.unwrap_err();
    let long = format!("http://127.0.0.1:{port}/{}", "a".repeat(MAX_URL_BYTES));
    // `url` would trim this one.
    let padded = format!("http://127.0.0.1:{port}/{}", " ".repeat(MAX_URL_BYTES));
    for url in [
        "",
        "picture.png",
        "/picture.png",
        "//127.0.0.1/",
        "127.0.0.1/",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://127.0.0.1%00.test/",
        "http://127.0.0.1 .test/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1]extra/",
        "http://a{b/",
        &long,
        &padded,
    ] {
        let error = refused(url).await;
        assert!(matches!(error, FetchError::NotAUrl(_)), "{url}: {error:?}");
        assert_eq!(error.blame(), Blame::Client);
    }
    for url in [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "data:image/png;base64,AA==",
        "javascript:1",
        "unix:/run/docker.sock",
        "ws://127.0.0.1/",
        "localhost:80",
    ] {
        let error = refused(url).await;
        assert!(
            matches!(error, FetchError::SchemeNotAllowed { .. }),
            "{url}: {error:?}"
        );
        assert_eq!(error.blame(), Blame::Client);
    }
    for url in ["http://", "https:///", "http://?a"] {
        let error = refused(url).await;
        assert!(matches!(error, FetchError::NoHost), "{url}: {error:?}");
        assert_eq!(error.blame(), Blame::Client);
    }
    for url in [
        format!("http://user:pass@127.0.0.1:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        format!("http://:pass@127.0.0.1:{port}/"),
        format!("http://pictures.test@127.0.0.1:{port}/"),
        format!("http://pictures.test%2f@127.0.0.1:{port}/"),
        format!("http://pictures.test:80\\@127.0.0.1:{port}/@127.0.0.1"),
    ] {
        let error = refused(&url).await;
        // A backslash ends the host, so the last URL's host is `pictures.test`, which does not
        // exist.
        let known = match error {
            FetchError::CredentialsInUrl => !url.contains('\\'),
            FetchError::DoesNotResolve { .. } => url.contains('\\'),
            _ => false,
        };
        assert!(known, "{url}: {error:?}");
        assert_eq!(error.blame(), Blame::Client);
    }
    assert_eq!(server.settled_connections().await, 0);
    let bytes = fetcher
        .fetch(&format!(" http:127.0.0.1:{port}/ "))
        .await
        .unwrap();
    assert_eq!(bytes, PICTURE);
}

#[tokio::test]
async fn localhost_is_refused_by_what_the_system_makes_of_it() {
    let server = Server::everywhere().await;
    let url = format!("http://localhost:{}/", server.port);
    let error = assert_fails!(
        Fetcher::new(policy(&[])).unwrap().fetch(&url).await,
        FetchError::HostNotAllowed {
            class: AddressClass::Loopback,
            ..
        },
        Client
    );
    assert_eq!(
        error.to_string(),
        "The image may not be fetched from localhost: its address is loopback."
    );
    assert_eq!(server.settled_connections().await, 0);
    let listed = Fetcher::new(policy(&["localhost"])).unwrap();
    assert_eq!(listed.fetch(&url).await.unwrap(), PICTURE);
}

#[tokio::test]
async fn a_name_is_as_good_as_the_worst_of_its_addresses() {
    let server = Server::everywhere().await;
    let names = Names::new(&[
        ("inner.test", &[&["127.0.0.1"]]),
        (
            "inner-last.test",
            &[&["8.8.8.8", "2606:4700::1111", "127.0.0.1"]],
        ),
        ("inner-first.test", &[&["127.0.0.1", "8.8.8.8"]]),
        ("mapped.test", &[&["::ffff:127.0.0.1"]]),
        ("localhost.", &[&["127.0.0.1", "::1"]]),
        ("xn--mnchen-3ya.test", &[&["127.0.0.1"]]),
    ]);
    let fetcher = names.fetcher(policy(&[]));
    for host in [
        "inner.test",
        "inner-last.test",
        "inner-first.test",
        "mapped.test",
        "localhost.",
        "münchen.test",
    ] {
        let error = assert_fails!(
            fetcher
                .fetch(&format!("http://{host}:{}/", server.port))
                .await,
            FetchError::HostNotAllowed {
                class: AddressClass::Loopback,
                ..
            },
            Client
        );
        assert!(!format!("{error}").contains("127"), "{error}");
    }
    assert_eq!(server.settled_connections().await, 0);
}

#[tokio::test]
async fn what_was_checked_is_what_is_connected_to() {
    let server = Server::everywhere().await;
    // A public address at the first look-up and another one at the second: DNS rebinding.
    let names = Names::new(&[("rebound.test", &[&["127.0.0.1"], &["127.0.0.2"]])]);
    let fetcher = names.fetcher(policy(&["127.0.0.1"]));
    let url = format!("http://rebound.test:{}/", server.port);
    assert_eq!(fetcher.fetch(&url).await.unwrap(), PICTURE);
    assert_eq!(names.lookups(), 1);
    assert_fails!(
        fetcher.fetch(&url).await,
        FetchError::HostNotAllowed {
            class: AddressClass::Loopback,
            ..
        },
        Client
    );
    assert_eq!(names.lookups(), 2);
    assert_eq!(server.settled_connections().await, 1);
}

#[tokio::test]
async fn a_trusted_name_is_trusted_on_its_port_and_by_itself() {
    let server = Server::everywhere().await;
    let other = Server::everywhere().await;
    let names = Names::new(&[
        ("store.test", &[&["127.0.0.1"]]),
        ("a.rack.test", &[&["127.0.0.1"]]),
        ("rack.test", &[&["127.0.0.1"]]),
    ]);
    let fetcher = names.fetcher(policy(&[
        &format!("store.test:{}", server.port),
        ".rack.test",
    ]));
    for host in ["store.test", "a.rack.test"] {
        let url = format!("http://{host}:{}/", server.port);
        assert_eq!(fetcher.fetch(&url).await.unwrap(), PICTURE);
    }
    for url in [
        format!("http://store.test:{}/", other.port),
        format!("http://rack.test:{}/", other.port),
        format!("http://127.0.0.1:{}/", other.port),
    ] {
        assert_fails!(
            fetcher.fetch(&url).await,
            FetchError::HostNotAllowed { .. },
            Client
        );
    }
    assert_eq!(other.settled_connections().await, 0);
}

#[tokio::test]
async fn a_name_without_an_address_is_the_clients_mistake() {
    let names = Names::new(&[("empty.test", &[&[]])]);
    let fetcher = names.fetcher(policy(&["fail.trusted.test"]));
    for host in ["fail.test", "fail.trusted.test", "empty.test"] {
        let error = assert_fails!(
            fetcher.fetch(&format!("http://{host}/")).await,
            FetchError::DoesNotResolve { .. },
            Client
        );
        assert_eq!(
            error.to_string(),
            format!("The image could not be fetched: {host} does not resolve.")
        );
    }
}
