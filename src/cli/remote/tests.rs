use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{gateway::TRIES_WHEN_BUSY, *};

/// Starts a server that answers each request with the next of `answers`, then closes the connection; it keeps the
/// requests.
async fn server(answers: Vec<String>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    tokio::spawn(async move {
        for answer in answers {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"END") {
                assert_ne!(client.read_buf(&mut request).await.unwrap(), 0);
            }
            seen.lock()
                .unwrap()
                .push(String::from_utf8(request).unwrap());
            client.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, asked)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

fn busy() -> String {
    http(
        "429 Too Many Requests",
        "retry-after: 0\r\n",
        r#"{"error": "The model is busy.", "code": "busy"}"#,
    )
}

fn remote(address: SocketAddr, ask: &Ask) -> Remote {
    let key = SecretString::from("secret".to_owned());
    let mut remote = Remote::new(&format!("http://{address}/at/"), Some(&key), ask).unwrap();
    remote.route.first_wait = Duration::from_millis(1);
    remote
}

async fn read(answers: Vec<String>, ask: &Ask) -> (Result<FileReading, FileFault>, Vec<String>) {
    let (address, asked) = server(answers).await;
    let read = remote(address, ask)
        .read(Bytes::from_static(b"pixels END"), "a")
        .await;
    let asked = asked.lock().unwrap().clone();
    (read, asked)
}

#[tokio::test]
async fn the_request_has_every_option() {
    let ask = Ask {
        model: Some("a b".to_owned()),
        schema: Some("toll".to_owned()),
        meta: true,
        fresh: true,
        grounding: Some(Grounding::Report),
    };
    let body = r#"{"invoice": {"z": 1, "a": 2}, "meta": {"confidence": 0.5}}"#;
    let (read, asked) = read(vec![http("200 OK", "", body)], &ask).await;
    let read = read.unwrap();
    assert_eq!(read.invoice.to_string(), r#"{"z":1,"a":2}"#);
    assert_eq!(read.meta.unwrap()["confidence"], 0.5);
    let request = asked[0].to_ascii_lowercase();
    assert!(request.starts_with(
        "post /at/extract?model=a+b&schema=toll&include=meta&grounding=report http/1.1\r\n"
    ));
    for header in [
        "authorization: bearer secret",
        "cache-control: no-cache",
        "content-type: application/octet-stream",
    ] {
        assert!(request.contains(header), "{request}");
    }
}

#[tokio::test]
async fn a_bare_answer_is_the_invoice() {
    let (read, asked) = read(vec![http("200 OK", "", r#"{"a": 1}"#)], &Ask::default()).await;
    assert_eq!(read.unwrap().invoice.to_string(), r#"{"a":1}"#);
    assert!(asked[0].starts_with("POST /at/extract HTTP/1.1"));
    assert!(!asked[0].contains("no-cache"));
}

#[tokio::test]
async fn a_busy_gateway_is_asked_again() {
    let answers = vec![busy(), busy(), http("200 OK", "", "{}")];
    let (read, asked) = read(answers, &Ask::default()).await;
    assert!(read.is_ok());
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn a_busy_gateway_is_not_asked_for_ever() {
    let (read, asked) = read(vec![busy(); 20], &Ask::default()).await;
    assert_eq!(read.unwrap_err().to_string(), "The model is busy. (busy)");
    assert_eq!(asked.len(), TRIES_WHEN_BUSY as usize);
}

#[tokio::test]
async fn a_gateway_that_closes_the_connection_is_asked_again() {
    let answers = vec![String::new(), http("200 OK", "", "{}")];
    let (read, asked) = read(answers, &Ask::default()).await;
    assert!(read.is_ok());
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn some_refusals_end_the_run() {
    for (status, body, fault, fatal) in [
        (
            "415 Unsupported Media Type",
            r#"{"error": "This is no image.", "code": "unsupported_image"}"#,
            "This is no image. (unsupported_image)",
            false,
        ),
        (
            "401 Unauthorized",
            r#"{"error": "The key is wrong.", "code": "unauthorized"}"#,
            "The key is wrong. (unauthorized)",
            true,
        ),
        (
            "502 Bad Gateway",
            "<html>",
            "The server answered 502 Bad Gateway without an error of a gateway; check --server. (http_502)",
            false,
        ),
        (
            "200 OK",
            "[1]",
            "The gateway's answer is not a JSON object. (bad_answer)",
            false,
        ),
    ] {
        let (read, asked) = read(vec![http(status, "", body)], &Ask::default()).await;
        let refused = read.unwrap_err();
        assert_eq!(
            (refused.to_string().as_str(), refused.fatal),
            (fault, fatal)
        );
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn an_unreachable_gateway_is_named() {
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let file = Bytes::from_static(b"x");
    let fault = remote(address, &Ask::default())
        .read(file, "a")
        .await
        .unwrap_err();
    assert!(fault.fatal);
    let start = format!("No gateway answers at http://{address}/at/extract: Connection refused");
    assert!(fault.message.starts_with(&start), "{fault}");
}

#[test]
fn invalid_addresses_are_refused() {
    for server in ["localhost:8000", "ftp://localhost", "", "127.0.0.1"] {
        let refused = Remote::new(server, None, &Ask::default()).err().unwrap();
        assert!(format!("{refused:#}").contains("like http://localhost:8000"));
    }
}

#[tokio::test]
async fn text_is_asked_for_at_the_route_of_page_text() {
    let body = r#"{"pages": [{"index": 0, "markdown": "TOTAL 5"}], "model": "page-reader"}"#;
    let (address, asked) = server(vec![http("200 OK", "", body)]).await;
    let reader = RemoteText::new(&format!("http://{address}/at/"), None).unwrap();
    let read = reader.read_text(Bytes::from_static(b"pixels END")).await;
    assert_eq!(read.unwrap()["pages"][0]["markdown"], "TOTAL 5");
    let request = asked.lock().unwrap()[0].clone();
    assert!(
        request.starts_with("POST /at/v1/ocr HTTP/1.1\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn refusals_in_the_form_of_openai_are_told() {
    for (status, body, told) in [
        (
            "501 Not Implemented",
            r#"{"error": {"message": "It is off.", "code": "page_reader_off", "type": "server_error"}}"#,
            "It is off. (page_reader_off)",
        ),
        (
            "200 OK",
            "{}",
            "The gateway's answer has no pages; check --server. (bad_answer)",
        ),
    ] {
        let (address, _) = server(vec![http(status, "", body)]).await;
        let reader = RemoteText::new(&format!("http://{address}"), None).unwrap();
        let refused = reader.read_text(Bytes::from_static(b"x END")).await;
        assert_eq!(refused.unwrap_err().to_string(), told);
    }
}
