//! The gateway on a real port: slow and greedy clients, TLS, and the end.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use receipt_gateway::{
    http::router,
    server::{ConnectionSettings, Tls, TlsFiles, serve},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use tokio_util::sync::CancellationToken;

use crate::support::{Options, Script, Scripted, app};

/// Long enough never to pass in a test.
const LONG: Duration = Duration::from_mins(10);

const GET: &str = "GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn settings() -> ConnectionSettings {
    ConnectionSettings {
        max: 8,
        handshake_timeout: LONG,
        header_timeout: LONG,
        write_timeout: LONG,
        max_header_bytes: 4096,
        tls: None,
    }
}

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Running {
    async fn start(settings: ConnectionSettings) -> Self {
        Self::with(Scripted::new([Script::text("x")]), settings).await
    }

    async fn with(engine: Arc<Scripted>, settings: ConnectionSettings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let router = router(app(engine, Options::default()));
        let current = move || router.clone();
        let serving = tokio::spawn(serve(listener, current, settings, stop.clone()));
        Self {
            address,
            stop,
            serving,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Asks, and reads the head and body of the answer.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    while !text.contains("alive") {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(read > 0, "{text}");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    text
}

/// What comes until the gateway closes the connection.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn who_does_not_finish_its_headers_is_cut_off() {
    let gateway = Running::start(ConnectionSettings {
        header_timeout: Duration::from_millis(50),
        ..settings()
    })
    .await;
    let mut silent = gateway.connect().await;
    let mut slow = gateway.connect().await;
    slow.write_all(b"GET /health HTTP/1.1\r\nhost:")
        .await
        .unwrap();
    let text = rest(&mut slow).await;
    assert!(!text.contains("200 OK"), "{text}");
    assert_eq!(rest(&mut silent).await, "");
}

#[tokio::test]
async fn who_reads_nothing_of_its_answer_is_cut_off_and_frees_its_place() {
    // More than all buffers on the way hold.
    let engine = Scripted::new([Script::text(&"x".repeat(200_000))]);
    let bounds = ConnectionSettings {
        write_timeout: Duration::from_millis(50),
        ..settings()
    };
    let gateway = Running::with(engine.clone(), bounds).await;
    let mut stream = gateway.connect().await;
    let body = r#"{"stream": true, "max_tokens": 200000, "messages": [{"role": "user", "content": "Hello"}]}"#;
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let cut_off = async {
        engine.until_running().await;
        engine.until_idle().await;
    };
    let cut_off = tokio::time::timeout(Duration::from_mins(1), cut_off).await;
    assert!(cut_off.is_ok());
    drop(stream);
}

#[tokio::test]
async fn the_head_of_a_request_is_bounded() {
    let gateway = Running::start(settings()).await;
    let greedy = format!(
        "GET /health/live HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n",
        "x".repeat(8000)
    );
    let mut stream = gateway.connect().await;
    stream.write_all(greedy.as_bytes()).await.unwrap();
    let text = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 431 "), "{text}");
    let text = ask(&mut gateway.connect().await, GET).await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_one_to_end() {
    let gateway = Running::start(ConnectionSettings {
        max: 1,
        ..settings()
    })
    .await;
    let mut first = gateway.connect().await;
    ask(&mut first, GET).await;
    let mut second = gateway.connect().await;
    second.write_all(GET.as_bytes()).await.unwrap();
    // The first is still served while the second waits.
    ask(&mut first, GET).await;
    let mut byte = [0; 1];
    assert!(second.try_read(&mut byte).is_err(), "the second was served");
    drop(first);
    let text = ask(&mut second, "").await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
}

#[tokio::test]
async fn it_ends_when_it_is_stopped_and_idle_connections_with_it() {
    let gateway = Running::start(settings()).await;
    let mut idle = gateway.connect().await;
    ask(&mut idle, GET).await;
    gateway.stop.cancel();
    assert_eq!(rest(&mut idle).await, "");
    gateway.serving.await.unwrap();
    assert!(TcpStream::connect(gateway.address).await.is_err());
}

fn files() -> TlsFiles {
    let file = |name: &str| PathBuf::from("tests/fixtures/tls").join(name);
    TlsFiles {
        certificate: file("certificate.pem"),
        key: file("key.pem"),
    }
}

fn with_tls(handshake_timeout: Duration) -> ConnectionSettings {
    ConnectionSettings {
        handshake_timeout,
        tls: Some(Arc::new(Tls::load(files()).unwrap())),
        ..settings()
    }
}

fn connector() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(files().certificate).unwrap();
    roots.add(certificate).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn tls_is_spoken_while_others_dawdle_over_their_handshakes() {
    let gateway = Running::start(with_tls(LONG)).await;
    let _dawdling = gateway.connect().await;
    let name = ServerName::try_from("localhost").unwrap();
    let stream = gateway.connect().await;
    let mut stream = connector().connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let text = ask(&mut stream, GET).await;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");

    let mut plain = gateway.connect().await;
    plain.write_all(GET.as_bytes()).await.unwrap();
    assert!(!rest(&mut plain).await.contains("alive"));
}

#[tokio::test]
async fn a_handshake_has_its_time() {
    let gateway = Running::start(with_tls(Duration::from_millis(50))).await;
    assert_eq!(rest(&mut gateway.connect().await).await, "");
}

#[test]
fn a_certificate_is_read_anew_and_kept_where_the_new_one_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let copy = TlsFiles {
        certificate: folder.path().join("certificate.pem"),
        key: folder.path().join("key.pem"),
    };
    std::fs::copy(files().certificate, &copy.certificate).unwrap();
    std::fs::copy(files().key, &copy.key).unwrap();
    let tls = Tls::load(copy.clone()).unwrap();
    let config = |tls: &Tls| tls.acceptor().config().clone();
    let before = config(&tls);
    std::fs::write(&copy.certificate, "none").unwrap();
    let error = tls.renew().unwrap_err().to_string();
    assert!(error.contains("certificate.pem"), "{error}");
    assert!(Arc::ptr_eq(&config(&tls), &before));
    std::fs::copy(files().certificate, &copy.certificate).unwrap();
    tls.renew().unwrap();
    assert!(!Arc::ptr_eq(&config(&tls), &before));
}
