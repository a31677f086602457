//! Tests of downloads from allowed hosts, and of their failures.

use super::*;

#[tokio::test]
async fn a_picture_comes_back_whole() {
    let server = Server::start(|_| ok(PICTURE)).await;
    let bytes = fetcher(&server)
        .fetch(&server.url("/a?b=c#d"))
        .await
        .unwrap();
    assert_eq!(bytes, PICTURE);

    let request = server.requests.lock().unwrap().concat().to_lowercase();
    assert!(request.starts_with("get /a?b=c http/1.1\r\n"), "{request}");
    assert!(
        request.contains("user-agent: receipt-gateway/test\r\n"),
        "{request}"
    );
    for header in [
        "referer",
        "cookie",
        "authorization",
        "accept-encoding",
        "range",
    ] {
        assert!(!request.contains(header), "{request}");
    }
}

#[tokio::test]
async fn the_content_type_is_not_believed() {
    let server = Server::start(|_| send("200 OK", &[("Content-Type", "text/html")], b"<p>")).await;
    let bytes = fetcher(&server).fetch(&server.url("/")).await.unwrap();
    assert_eq!(bytes, b"<p>".as_slice());
}

#[tokio::test]
async fn a_compressed_answer_stays_compressed() {
    // The letter "a", compressed with gzip.
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x04\0\x43\xbe\xb7\xe8\x01\0\0\0";
    let server =
        Server::start(move |_| send("200 OK", &[("Content-Encoding", "gzip")], gzip)).await;
    let bytes = fetcher(&server).fetch(&server.url("/")).await.unwrap();
    assert_eq!(bytes, gzip.as_slice());
}

#[tokio::test]
async fn the_size_limit_is_inclusive() {
    let server = Server::start(|path| match path {
        "/told" => ok(&[7; 1000]),
        "/told-over" => ok(&[7; 1001]),
        "/untold" => send("200 OK", &[], &[7; 1000]),
        _ => send("200 OK", &[], &[7; 1001]),
    })
    .await;
    let fetcher = fetcher(&server);
    for path in ["/told", "/untold"] {
        let bytes = fetcher.fetch(&server.url(path)).await.unwrap();
        assert_eq!(bytes, [7; 1000].as_slice());
    }
    for path in ["/told-over", "/untold-over"] {
        assert_fails!(
            fetcher.fetch(&server.url(path)).await,
            FetchError::TooLarge { limit: 1000 },
            Client
        );
    }
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_waited_for() {
    let server = Server::start(|_| {
        vec![
            Step::Send(head("200 OK", &[("Content-Length", "99999999999")])),
            Step::Hang,
        ]
    })
    .await;
    assert_fails!(
        fetcher(&server).fetch(&server.url("/")).await,
        FetchError::TooLarge { .. },
        Client
    );
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let server = Server::start(|path| match path {
        "/plain" => vec![Step::Send(head("200 OK", &[])), Step::Flood(vec![7; 100])],
        _ => vec![
            Step::Send(head("200 OK", &[("Transfer-Encoding", "chunked")])),
            Step::Flood(b"5\r\nabcde\r\n".to_vec()),
        ],
    })
    .await;
    let fetcher = fetcher(&server);
    for path in ["/plain", "/chunked"] {
        assert_fails!(
            fetcher.fetch(&server.url(path)).await,
            FetchError::TooLarge { limit: 1000 },
            Client
        );
    }
}

#[tokio::test]
async fn the_timeout_covers_silence_and_dripping() {
    let server = Server::start(|path| match path {
        "/silent" => vec![Step::Hang],
        "/half-a-head" => vec![Step::Send(b"HTTP/1.1 200".to_vec()), Step::Hang],
        "/stuck" => vec![
            Step::Send(head("200 OK", &[("Content-Length", "9")])),
            Step::Hang,
        ],
        "/drip" => vec![
            Step::Send(head("200 OK", &[])),
            Step::Drip(Duration::from_millis(5)),
        ],
        // Each hop is quick enough; the whole download is not.
        _ => redirect("302 Found", "/silent"),
    })
    .await;
    let mut policy = policy(&[&server.allowed()]);
    policy.timeout = Duration::from_millis(150);
    let fetcher = Fetcher::new(policy).unwrap();
    for path in ["/silent", "/half-a-head", "/stuck", "/drip", "/redirect"] {
        let begun = Instant::now();
        assert_fails!(
            fetcher.fetch(&server.url(path)).await,
            FetchError::TimedOut,
            UpstreamTimeout
        );
        assert!(begun.elapsed() >= Duration::from_millis(150), "{path}");
        assert!(begun.elapsed() < PATIENCE / 2, "{path}");
    }
}

#[tokio::test]
async fn the_connect_timeout_covers_the_name() {
    let mut policy = policy(&[]);
    policy.connect_timeout = Duration::from_millis(30);
    let begun = Instant::now();
    assert_fails!(
        Names::new(&[]).fetcher(policy).fetch("http://stall/").await,
        FetchError::TimedOut,
        UpstreamTimeout
    );
    assert!(begun.elapsed() < PATIENCE / 2);
}

#[tokio::test]
async fn statuses_are_reported_with_whose_fault_they_are() {
    let server = Server::start(|path| send(&format!("{} X", &path[1..]), &[], b"text")).await;
    let fetcher = fetcher(&server);
    for (status, blame) in [
        (400, Blame::Client),
        (401, Blame::Client),
        (403, Blame::Client),
        (404, Blame::Client),
        (408, Blame::Upstream),
        (410, Blame::Client),
        (425, Blame::Upstream),
        (429, Blame::Upstream),
        (500, Blame::Upstream),
        (503, Blame::Upstream),
        // These redirects have no target.
        (300, Blame::Upstream),
        (304, Blame::Upstream),
        (305, Blame::Upstream),
    ] {
        let url = server.url(&format!("/{status}"));
        let error = fetcher.fetch(&url).await.unwrap_err();
        let FetchError::Status { status: got, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(got.as_u16(), status);
        assert_eq!(error.blame(), blame, "{status}");
    }
    let error = fetcher.fetch(&server.url("/404")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "The image could not be fetched: 127.0.0.1 answered 404 Not Found."
    );
}

#[tokio::test]
async fn nothing_is_no_picture() {
    let server = Server::start(|path| match path {
        "/told" => ok(b""),
        "/untold" => send("200 OK", &[], b""),
        _ => send("204 No Content", &[], b""),
    })
    .await;
    let fetcher = fetcher(&server);
    for path in ["/told", "/untold", "/no-content"] {
        assert_fails!(
            fetcher.fetch(&server.url(path)).await,
            FetchError::Empty { .. },
            Upstream
        );
    }
}

#[tokio::test]
async fn broken_connections_are_the_servers_fault() {
    let server = Server::start(|path| match path {
        "/short" => send("200 OK", &[("Content-Length", "100")], b"only this"),
        "/chunk" => send("200 OK", &[("Transfer-Encoding", "chunked")], b"5\r\nabc"),
        "/other-protocol" => vec![Step::Send(b"220 smtp ready\r\n".to_vec())],
        _ => Vec::new(),
    })
    .await;
    let fetcher = fetcher(&server);
    for path in ["/short", "/chunk", "/other-protocol", "/nothing"] {
        assert_fails!(
            fetcher.fetch(&server.url(path)).await,
            FetchError::ConnectionFailed { .. },
            Upstream
        );
    }
    // This server does not speak TLS.
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let https = format!("https://{}/", plain.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(&head("400 Bad Request", &[])).await
    });
    assert_fails!(
        Fetcher::new(policy(&["127.0.0.1"]))
            .unwrap()
            .fetch(&https)
            .await,
        FetchError::ConnectionFailed { .. },
        Upstream
    );
    // No server listens on this port.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = free.local_addr().unwrap().to_string();
    drop(free);
    assert_fails!(
        Fetcher::new(policy(&["127.0.0.1"]))
            .unwrap()
            .fetch(&format!("http://{closed}/"))
            .await,
        FetchError::ConnectionFailed { .. },
        Upstream
    );
}

#[tokio::test]
async fn errors_do_not_carry_the_url_into_the_log() {
    let server = Server::start(|_| Vec::new()).await;
    let error = fetcher(&server)
        .fetch(&server.url("/?signature=S3CR3T"))
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::ConnectionFailed { .. }));
    assert!(!format!("{error:?}").contains("S3CR3T"), "{error:?}");
}

#[test]
fn an_impossible_user_agent_is_found_at_once() {
    let mut policy = policy(&[]);
    policy.user_agent = "two\nlines".to_owned();
    let error = Fetcher::new(policy).unwrap_err();
    assert!(error.source().is_some(), "{error:?}");
}
