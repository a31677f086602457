use std::sync::Arc;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

use super::*;

/// What a server does with the next command that is not the client's own.
enum Reply {
    Says(&'static [u8]),
    /// Tells that it got the command, and nothing to the client.
    Hangs(Arc<Notify>),
    Leaves,
}

/// A server that answers by script, and the commands that it got. A connection ends with the script
/// where it says so, and the next begins there.
async fn server(replies: Vec<Reply>) -> (SecretString, JoinHandle<Vec<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!(
        "redis://127.0.0.1:{}",
        listener.local_addr().unwrap().port()
    );
    let served = tokio::spawn(async move {
        let (mut replies, mut got) = (replies.into_iter().peekable(), Vec::new());
        while replies.peek().is_some() {
            let (socket, _) = listener.accept().await.unwrap();
            let mut socket = BufReader::new(socket);
            while let Some(command) = command(&mut socket).await {
                if command[0] == b"CLIENT" {
                    socket.write_all(b"+OK\r\n").await.unwrap();
                    continue;
                }
                got.push(command);
                match replies.next() {
                    Some(Reply::Says(text)) => socket.write_all(text).await.unwrap(),
                    Some(Reply::Leaves) | None => break,
                    Some(Reply::Hangs(got_it)) => {
                        got_it.notify_one();
                        // Until the client gives the connection up.
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
    (address.into(), served)
}

/// The next command; `None` where the client has left.
async fn command(socket: &mut BufReader<TcpStream>) -> Option<Vec<Vec<u8>>> {
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

/// The number behind `*` or `$`.
async fn length(socket: &mut BufReader<TcpStream>) -> Option<usize> {
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
    let store = RedisStore::new(&address).unwrap();
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
    let store = RedisStore::new(&address).unwrap();
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
    let store = RedisStore::new(&address).unwrap();
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
    let store = RedisStore::new(&address).unwrap();
    assert!(get(&store).await.is_err());
    assert_eq!(get(&store).await.unwrap().unwrap(), "b");
    served.await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_a_fault_that_tells_no_password() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let address = format!("redis://:hunter2@127.0.0.1:{port}").into();
    let store = RedisStore::new(&address).unwrap();
    let fault = get(&store).await.unwrap_err().to_string();
    assert!(!fault.is_empty() && !fault.contains("hunter2"), "{fault}");
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code_alone() {
    let (address, served) = server(vec![Reply::Says(b"-NOPERM user hunter2 may not\r\n")]).await;
    let store = RedisStore::new(&address).unwrap();
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
    let store = RedisStore::new(&address).unwrap();
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
fn an_address_that_is_none_is_refused_without_repeating_it() {
    for address in ["", "hunter2", "http://hunter2", "rediss://:hunter2@h"] {
        let fault = RedisStore::new(&address.into()).err().unwrap().to_string();
        assert!(!fault.contains("hunter2"), "{fault}");
    }
}
