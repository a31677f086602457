use std::path::PathBuf;

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::Notify,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use super::*;

/// A server's reaction to the next command, not counting those that the client sends by itself.
enum Reply {
    Says(&'static [u8]),
    /// Answers, and reads nothing more until it is released.
    Stalls(&'static [u8], Arc<Notify>),
    /// Signals the test that the command has come, and sends the client nothing.
    Hangs(Arc<Notify>),
    Leaves,
}

/// The commands that a server received.
type Served = JoinHandle<Vec<Vec<Vec<u8>>>>;

/// The connection of a client and a server.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

type Socket = BufReader<Box<dyn Wire>>;

/// Starts a server that answers by a script. When the script ends a connection, the next one goes
/// on from there.
async fn server(replies: Vec<Reply>) -> (SecretString, Served) {
    let (port, served) = server_behind(None, replies).await;
    (format!("redis://127.0.0.1:{port}").into(), served)
}

/// Starts such a server, with TLS if asked, and returns its port.
async fn server_behind(tls: Option<TlsAcceptor>, replies: Vec<Reply>) -> (u16, Served) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut replies, mut got) = (replies.into_iter().peekable(), Vec::new());
        while replies.peek().is_some() {
            let (socket, _) = listener.accept().await.unwrap();
            let socket: Box<dyn Wire> = match &tls {
                None => Box::new(socket),
                Some(tls) => match tls.accept(socket).await {
                    Ok(socket) => Box::new(socket),
                    Err(_) => continue,
                },
            };
            let mut socket = BufReader::new(socket);
            while let Some(command) = command(&mut socket).await {
                if command[0] == b"CLIENT" {
                    say(&mut socket, b"+OK\r\n").await;
                    continue;
                }
                got.push(command);
                match replies.next() {
                    Some(Reply::Says(text)) => say(&mut socket, text).await,
                    Some(Reply::Stalls(text, may_read)) => {
                        say(&mut socket, text).await;
                        may_read.notified().await;
                    }
                    Some(Reply::Leaves) | None => break,
                    Some(Reply::Hangs(got_it)) => {
                        got_it.notify_one();
                        // Waits until the client closes the connection.
                        continue;
                    }
                }
                if replies.peek().is_none() {
                    break;
                }
            }
        }
        got
    });
    (port, served)
}

async fn say(socket: &mut Socket, text: &[u8]) {
    socket.write_all(text).await.unwrap();
    socket.flush().await.unwrap();
}

/// Reads the next command; `None` if the client has disconnected.
async fn command(socket: &mut Socket) -> Option<Vec<Vec<u8>>> {
    let parts = length(socket).await?;
    let mut command = Vec::new();
    for _ in 0..parts {
        let mut part = vec![0; length(socket).await? + 2];
        socket.read_exact(&mut part).await.ok()?;
        part.truncate(part.len() - 2);
        command.push(part);
    }
    Some(command)
}

/// Reads the number behind `*` or `$`.
async fn length(socket: &mut Socket) -> Option<usize> {
    let mut line = String::new();
    socket.read_line(&mut line).await.ok()?;
    line.trim_end().get(1..)?.parse().ok()
}

async fn get(store: &RedisStore) -> Result<Option<Bytes>, StoreError> {
    store.get(b"k", 5).await
}

#[tokio::test]
async fn it_finds_and_misses_and_writes() {
    let (address, served) = server(vec![
        Reply::Says(b"$5\r\nvalue\r\n"),
        Reply::Says(b"$0\r\n\r\n"),
        Reply::Says(b"$6\r\nvalues\r\n"),
        Reply::Says(b"-WRONGTYPE Operation against a key\r\n"),
        Reply::Says(b"+OK\r\n"),
    ])
    .await;
    let store = RedisStore::new(&address, None).unwrap();
    assert_eq!(get(&store).await.unwrap().unwrap(), "value");
    assert_eq!(get(&store).await.unwrap(), None);
    assert_eq!(get(&store).await.unwrap(), None, "it is too large");
    assert_eq!(get(&store).await.unwrap(), None, "it is no string");
    let ttl = Duration::from_millis(1500);
    store.put(b"k", "a\r\n\0b".into(), ttl).await.unwrap();
    let got = served.await.unwrap();
    assert_eq!(got[0], [&b"GETRANGE"[..], b"k", b"0", b"5"]);
    assert_eq!(got[4], [&b"SET"[..], b"k", b"a\r\n\0b", b"PX", b"1500"]);
}

#[tokio::test]
async fn a_connection_that_was_reset_is_made_anew() {
    let (address, served) = server(vec![
        Reply::Says(b"$1\r\na\r\n"),
        Reply::Leaves,
        Reply::Says(b"$1\r\nb\r\n"),
    ])
    .await;
    let store = RedisStore::new(&address, None).unwrap();
    assert_eq!(get(&store).await.unwrap().unwrap(), "a");
    assert!(get(&store).await.is_err());
    assert_eq!(get(&store).await.unwrap().unwrap(), "b");
    assert_eq!(served.await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_connection_that_hung_is_not_used_again() {
    let got_it = Arc::new(Notify::new());
    let hangs = Reply::Hangs(got_it.clone());
    let (address, served) = server(vec![hangs, Reply::Says(b"$1\r\nb\r\n")]).await;
    let store = RedisStore::new(&address, None).unwrap();
    tokio::select! {
        answer = get(&store) => panic!("{answer:?}"),
        () = got_it.notified() => {}
    }
    assert!(
        store.working().is_none(),
        "it was given up with the question"
    );
    assert_eq!(get(&store).await.unwrap().unwrap(), "b");
    served.await.unwrap();
}

#[tokio::test]
async fn garbage_is_a_fault_and_the_next_connection_is_sound() {
    let (address, served) = server(vec![
        Reply::Says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        Reply::Says(b"$1\r\nb\r\n"),
    ])
    .await;
    let store = RedisStore::new(&address, None).unwrap();
    assert!(get(&store).await.is_err());
    assert_eq!(get(&store).await.unwrap().unwrap(), "b");
    served.await.unwrap();
}

#[tokio::test]
async fn an_unreachable_server_is_a_fault_without_the_password() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let address = format!("redis://:hunter2@127.0.0.1:{port}").into();
    let store = RedisStore::new(&address, None).unwrap();
    let fault = get(&store).await.unwrap_err().to_string();
    assert!(!fault.is_empty() && !fault.contains("hunter2"), "{fault}");
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code_alone() {
    let (address, served) = server(vec![Reply::Says(b"-NOPERM user hunter2 may not\r\n")]).await;
    let store = RedisStore::new(&address, None).unwrap();
    let fault = get(&store).await.unwrap_err().to_string();
    assert!(
        fault.contains("NOPERM") && !fault.contains("hunter2"),
        "{fault}"
    );
    served.await.unwrap();
}

#[tokio::test]
async fn a_refused_write_is_told_from_a_server_that_fails() {
    let (address, served) = server(vec![
        Reply::Says(b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"),
        Reply::Leaves,
    ])
    .await;
    let store = RedisStore::new(&address, None).unwrap();
    let put = || store.put(b"k", "v".into(), Duration::from_secs(1));
    let refused = put().await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Refused(reason) if reason.ends_with("OOM")),
        "{refused:?}"
    );
    let failed = put().await.unwrap_err();
    assert!(matches!(failed, StoreError::Failed(_)), "{failed:?}");
    served.await.unwrap();
}

#[test]
fn an_invalid_address_is_refused_without_repeating_it() {
    for address in ["", "hunter2", "http://hunter2", "rediss://:hunter2@"] {
        let fault = RedisStore::new(&address.into(), None)
            .err()
            .unwrap()
            .to_string();
        assert!(!fault.contains("hunter2"), "{fault}");
    }
}

/// Returns the path of a file of the certificate of `localhost`, which is its own CA.
fn file(name: &str) -> PathBuf {
    Path::new("tests/fixtures/tls").join(name)
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(file("certificate.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn with_tls_it_finds_and_writes_and_connects_anew() {
    let script = vec![
        Reply::Says(b"+OK\r\n"),
        Reply::Says(b"$5\r\nvalue\r\n"),
        Reply::Leaves,
        Reply::Says(b"+OK\r\n"),
        Reply::Says(b"+OK\r\n"),
    ];
    let (port, served) = server_behind(Some(acceptor()), script).await;
    let address = format!("rediss://:hunter2@localhost:{port}").into();
    let store = RedisStore::new(&address, Some(&file("certificate.pem"))).unwrap();
    assert_eq!(get(&store).await.unwrap().unwrap(), "value");
    assert!(get(&store).await.is_err());
    let ttl = Duration::from_secs(1);
    store.put(b"k", "v".into(), ttl).await.unwrap();
    let got = served.await.unwrap();
    assert_eq!(got[0], [&b"AUTH"[..], b"hunter2"]);
    assert_eq!(got[1][0], b"GETRANGE");
    assert_eq!(got[4][0], b"SET");
}

#[tokio::test]
async fn a_write_with_tls_that_hung_is_given_up() {
    // More than fits into the buffers in between.
    const LENGTH: usize = 64 << 20;
    let may_read = Arc::new(Notify::new());
    let stalls = Reply::Stalls(b"$1\r\nb\r\n", may_read.clone());
    let (port, served) = server_behind(Some(acceptor()), vec![stalls, Reply::Leaves]).await;
    let address = format!("rediss://localhost:{port}").into();
    let store = RedisStore::new(&address, Some(&file("certificate.pem"))).unwrap();
    assert_eq!(get(&store).await.unwrap().unwrap(), "b");
    let put = store.put(b"k", vec![0; LENGTH].into(), Duration::from_secs(1));
    tokio::select! {
        biased;
        written = put => panic!("{written:?}"),
        () = let_other_tasks_run() => {}
    }
    let_other_tasks_run().await;
    may_read.notify_one();
    assert!(get(&store).await.is_err());
    let got = served.await.unwrap();
    assert_eq!(got[1][0], b"GETRANGE", "the write was not finished");
}

/// Lets other tasks run.
async fn let_other_tasks_run() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_server_with_the_certificate_of_another_is_not_asked() {
    let (port, served) = server_behind(Some(acceptor()), vec![Reply::Leaves]).await;
    let address = format!("rediss://:hunter2@127.0.0.1:{port}").into();
    let store = RedisStore::new(&address, Some(&file("certificate.pem"))).unwrap();
    let fault = get(&store).await.unwrap_err();
    assert!(
        matches!(&fault, StoreError::Failed(reason) if reason.contains("certificate")),
        "{fault:?}"
    );
    assert!(!served.is_finished());
    served.abort();
}

#[test]
fn a_file_without_certificates_is_named() {
    let address = "rediss://localhost".into();
    for name in ["key.pem", "missing.pem"] {
        let fault = RedisStore::new(&address, Some(&file(name)));
        let fault = fault.err().unwrap().to_string();
        assert!(fault.contains(name), "{fault}");
    }
}
