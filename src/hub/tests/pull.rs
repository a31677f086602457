//! Tests of the files that a pull fetches and leaves out.

use super::*;

#[tokio::test]
async fn a_fresh_pull_brings_what_a_server_needs() {
    let setup = Setup::new().await;
    let folder = setup.online().pull(&model()).await.unwrap();
    assert_eq!(folder, setup.model_folder().join("snapshots").join(COMMIT));
    let expected = [
        "config.json",
        FIRST,
        SECOND,
        "model.safetensors.index.json",
        "preprocessor_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ];
    assert_eq!(names(&folder), expected);
    for name in expected {
        setup.assert_same(&folder, name);
    }
    assert_eq!(
        fs::read_to_string(setup.model_folder().join("refs/main")).unwrap(),
        COMMIT
    );
    assert!(
        names(&setup.model_folder().join("blobs"))
            .iter()
            .all(|name| !name.contains('.'))
    );
    #[cfg(unix)]
    assert!(
        fs::read_link(folder.join(FIRST))
            .unwrap()
            .starts_with("../../blobs")
    );
}

#[tokio::test]
async fn a_second_pull_downloads_nothing() {
    let setup = Setup::new().await;
    setup.online().pull(&model()).await.unwrap();
    assert_eq!(setup.fake.take_downloads().len(), 7);
    setup.online().pull(&model()).await.unwrap();
    assert_eq!(
        setup.fake.seen().len(),
        1,
        "only the listing: {:?}",
        setup.fake.seen()
    );
    assert!(setup.fake.take_downloads().is_empty());
}

#[tokio::test]
async fn a_pinned_commit_in_the_cache_makes_no_request() {
    let setup = Setup::new().await;
    let pinned = model().at(COMMIT);
    let folder = setup.online().pull(&pinned).await.unwrap();
    assert_eq!(setup.fake.take_downloads().len(), 7);
    assert_eq!(setup.online().pull(&pinned).await.unwrap(), folder);
    assert!(setup.fake.seen().is_empty());
    assert!(
        !setup.model_folder().join("refs").exists(),
        "a commit needs no ref"
    );

    // A missing shard causes a request for that shard alone.
    fs::remove_file(folder.join(SECOND).canonicalize().unwrap()).unwrap();
    setup.online().pull(&pinned).await.unwrap();
    assert_eq!(setup.fake.take_downloads(), [format!("{SECOND} all")]);
    setup.assert_same(&folder, SECOND);
}

#[tokio::test]
async fn an_interrupted_download_is_continued_by_the_next_pull() {
    let setup = Setup::new().await;
    setup
        .fake
        .change(|hub| hub.cut = Some((SECOND.to_owned(), 77_777)));
    let error = setup.online().pull(&model()).await.unwrap_err();
    let HubError::Interrupted {
        file,
        received: 77_777,
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(file, SECOND);
    assert!(
        error.to_string().contains("77777 of 200000 bytes"),
        "{error}"
    );
    assert!(
        !setup.model_folder().join("refs").exists(),
        "the revision stays where it was"
    );
    assert!(setup.offline().cached(&model()).is_err());

    setup.fake.take_downloads();
    let folder = setup.online().pull(&model()).await.unwrap();
    assert!(
        setup
            .fake
            .take_downloads()
            .contains(&format!("{SECOND} bytes=77777-"))
    );
    setup.assert_same(&folder, FIRST);
    setup.assert_same(&folder, SECOND);
    assert!(
        names(&setup.model_folder().join("blobs"))
            .iter()
            .all(|name| !name.ends_with(".incomplete"))
    );
}

#[tokio::test]
async fn a_server_without_ranges_sends_an_interrupted_file_anew() {
    let setup = Setup::new().await;
    setup.fake.change(|hub| {
        hub.ignore_ranges = true;
        hub.cut = Some((FIRST.to_owned(), 1_000));
    });
    setup.online().pull(&model()).await.unwrap_err();
    let folder = setup.online().pull(&model()).await.unwrap();
    setup.assert_same(&folder, FIRST);
}

#[tokio::test]
async fn weights_on_another_host_come_without_the_token() {
    let setup = Setup::new().await;
    setup.fake.change(|hub| {
        hub.redirect = true;
        hub.cut = Some((FIRST.to_owned(), 10));
    });
    let error = setup.online().pull(&model()).await.unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("signature"),
        "{error:?}"
    );
    let folder = setup.online().pull(&model()).await.unwrap();
    setup.assert_same(&folder, FIRST);
    let (second, first): (Vec<_>, Vec<_>) = setup
        .fake
        .seen()
        .into_iter()
        .partition(|seen| seen.at_second_host);
    let token = |seen: &fake::Seen| seen.headers.get("authorization").cloned();
    assert!(
        first
            .iter()
            .all(|seen| token(seen).as_deref() == Some("Bearer hf_secret"))
    );
    assert!(!second.is_empty() && second.iter().all(|seen| token(seen).is_none()));
    assert!(second.iter().any(|seen| {
        seen.headers
            .get("range")
            .is_some_and(|range| range == "bytes=10-")
    }));
    let blob = folder.join(FIRST).canonicalize().unwrap();
    assert_ne!(
        blob.file_name().unwrap(),
        "elsewhere",
        "the hub's own etag names the blob"
    );
}

#[tokio::test]
async fn contents_that_another_snapshot_has_are_not_fetched_again() {
    let setup = Setup::new().await;
    let folder = setup.online().pull(&model()).await.unwrap();
    setup.fake.take_downloads();
    fs::rename(&folder, folder.with_file_name("f".repeat(40))).unwrap();
    setup.online().pull(&model()).await.unwrap();
    assert!(setup.fake.take_downloads().is_empty());
    setup.assert_same(&folder, FIRST);
}

#[tokio::test]
async fn two_pulls_at_once_share_the_work() {
    let setup = Setup::new().await;
    let (one, other) = (setup.online(), setup.online());
    let tasks = [one, other].map(|hub| tokio::spawn(async move { hub.pull(&model()).await }));
    let mut folder = PathBuf::new();
    for task in tasks {
        folder = task.await.unwrap().unwrap();
    }
    setup.assert_same(&folder, FIRST);
    assert_eq!(setup.fake.take_downloads().len(), 7);
}

#[tokio::test]
async fn a_revision_with_a_slash_is_one_segment_of_the_address() {
    let setup = Setup::new().await;
    setup.online().pull(&model().at("refs/pr/1")).await.unwrap();
    assert_eq!(
        fs::read_to_string(setup.model_folder().join("refs/refs/pr/1")).unwrap(),
        COMMIT
    );
    setup
        .offline()
        .pull(&model().at("refs/pr/1"))
        .await
        .unwrap();
}

#[tokio::test]
async fn gguf_files_come_by_name() {
    let setup = Setup::with(&[
        ("config.json", b"{}"),
        ("q4/reader.gguf", b"GGUF four"),
        ("reader-q8.gguf", b"GGUF eight"),
        ("tokenizer.json", b"{}"),
    ])
    .await;
    let named = |name: &str| model().with_files(FileSelection::Gguf(vec![name.to_owned()]));
    let folder = setup.online().pull(&named("q4/reader.gguf")).await.unwrap();
    assert_eq!(names(&folder), ["config.json", "q4", "tokenizer.json"]);
    setup.assert_same(&folder, "q4/reader.gguf");
    assert_eq!(
        setup
            .offline()
            .pull(&named("q4/reader.gguf"))
            .await
            .unwrap(),
        folder
    );

    let error = setup
        .online()
        .pull(&named("reader-q5.gguf"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("; it has q4/reader.gguf, reader-q8.gguf"),
        "{error}"
    );
    let error = setup.online().pull(&model()).await.unwrap_err().to_string();
    assert!(
        error.contains("has no model.safetensors") && error.contains("GGUF files"),
        "{error}"
    );
}

#[tokio::test]
async fn offline_a_whole_model_is_answered_from_the_cache() {
    let setup = Setup::new().await;
    let folder = setup.online().pull(&model()).await.unwrap();
    let requests = setup.fake.seen().len();
    let offline = setup.offline();
    assert_eq!(offline.pull(&model()).await.unwrap(), folder);
    assert_eq!(offline.cached(&model()).unwrap(), folder);
    assert_eq!(offline.pull(&model().at(COMMIT)).await.unwrap(), folder);
    assert_eq!(setup.fake.seen().len(), requests);
}

#[tokio::test]
async fn the_progress_of_a_pull_is_known_while_it_goes_on() {
    let setup = Setup::new().await;
    let (hub, model) = (setup.online(), model());
    assert_eq!(hub.progress(&model), None);
    let pull = hub.pull(&model);
    tokio::pin!(pull);
    let mut told = Vec::new();
    let folder = loop {
        match futures::poll!(&mut pull) {
            std::task::Poll::Ready(folder) => break folder.unwrap(),
            std::task::Poll::Pending => tokio::task::yield_now().await,
        }
        told.extend(hub.progress(&model));
    };
    assert_eq!(hub.progress(&model), None);
    let sizes = names(&folder)
        .into_iter()
        .map(|name| fs::metadata(folder.join(name)).unwrap().len());
    let total: u64 = sizes.sum();
    assert!(
        told.is_sorted() && told.iter().all(|(_, all)| *all == total),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|(received, _)| (1..total).contains(received)),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_page_reader_is_its_nets_and_their_texts() {
    let files: [(&str, &[u8]); 6] = [
        ("README.md", b"about"),
        ("characters.txt", b"ab"),
        ("detection.onnx", b"a net"),
        ("other/detection.onnx", b"another net"),
        ("reader.toml", b"form = \"receipt-gateway\""),
        ("recognition.onnx", b"one more"),
    ];
    let reader = || model().with_files(FileSelection::PageReader);
    let setup = Setup::with(&files).await;
    let folder = setup.online().pull(&reader()).await.unwrap();
    let expected = [
        "characters.txt",
        "detection.onnx",
        "reader.toml",
        "recognition.onnx",
    ];
    assert_eq!(names(&folder), expected);
    assert_eq!(setup.offline().cached(&reader()).unwrap(), folder);

    let setup = Setup::with(&[("config.json", b"{}")]).await;
    let error = setup.online().pull(&reader()).await.unwrap_err();
    assert!(error.to_string().contains("detection.onnx"), "{error}");
}
