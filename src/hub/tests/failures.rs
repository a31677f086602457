//! Tests of the error messages about a missing model.

use super::*;

#[tokio::test]
async fn offline_the_first_missing_file_is_named_with_its_cure() {
    let setup = Setup::new().await;
    let offline = setup.offline();
    let error = offline.pull(&model()).await.unwrap_err().to_string();
    assert!(
        error.starts_with("config.json of acme/reader is not in the cache"),
        "{error}"
    );

    let folder = setup.online().pull(&model()).await.unwrap();
    fs::remove_file(folder.join(SECOND)).unwrap();
    let error = offline.pull(&model()).await.unwrap_err().to_string();
    assert!(error.starts_with(SECOND), "{error}");
    assert!(error.contains(folder.to_str().unwrap()), "{error}");
    assert!(
        error.ends_with("fetch it with `receipt-gateway models pull acme/reader`"),
        "{error}"
    );
    let error = offline
        .pull(&model().at(COMMIT))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with(&format!("models pull acme/reader --revision {COMMIT}`")),
        "{error}"
    );

    // In the order in which they are checked.
    for (gone, named) in [
        (
            "model.safetensors.index.json",
            "model.safetensors.index.json",
        ),
        (FIRST, "model.safetensors"),
        ("preprocessor_config.json", "preprocessor_config.json"),
        ("tokenizer.json", "tokenizer.json"),
        ("config.json", "config.json"),
    ] {
        fs::remove_file(folder.join(gone)).unwrap();
        let HubError::NotCached { file, .. } = offline.cached(&model()).unwrap_err() else {
            panic!("{gone}")
        };
        assert_eq!(file, named);
    }
}

#[tokio::test]
async fn a_repository_that_cannot_be_served_is_refused_before_its_weights() {
    let setup = Setup::with(&[("config.json", b"{}"), ("model.safetensors", b"weights")]).await;
    let error = setup.online().pull(&model()).await.unwrap_err().to_string();
    assert!(error.contains("has no tokenizer.json"), "{error}");
    assert_eq!(setup.fake.take_downloads(), ["config.json all"]);
}

#[tokio::test]
async fn a_file_of_another_size_than_listed_is_discarded() {
    let setup = Setup::new().await;
    setup
        .fake
        .change(|hub| hub.listed_size.extend([(SECOND.to_owned(), 200_001)]));
    let error = setup.online().pull(&model()).await.unwrap_err();
    assert!(
        matches!(
            error,
            HubError::WrongSize {
                received: 200_000,
                size: 200_001,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        !setup
            .model_folder()
            .join("snapshots")
            .join(COMMIT)
            .join(SECOND)
            .exists()
    );
    setup.fake.change(|hub| hub.listed_size.clear());
    setup.fake.take_downloads();
    setup.online().pull(&model()).await.unwrap();
    assert!(
        setup
            .fake
            .take_downloads()
            .contains(&format!("{SECOND} all"))
    );
}

#[tokio::test]
async fn the_hubs_refusals_are_told_apart() {
    let setup = Setup::new().await;
    let hub = setup.online();
    let error = hub.pull(&ModelRef::new("acme/other")).await.unwrap_err();
    assert!(matches!(error, HubError::RepoNotFound { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .contains("no model `acme/other` at 127.0.0.1"),
        "{error}"
    );
    let error = hub.pull(&model().at("v9")).await.unwrap_err();
    assert!(
        matches!(error, HubError::RevisionNotFound { .. }),
        "{error:?}"
    );

    let anonymous = Hub::new(HubSettings {
        token: Some("".into()),
        ..setup.settings()
    })
    .unwrap();
    for (status, code) in [
        (401, "GatedRepo"),
        (403, "GatedRepo"),
        (401, "RepoNotFound"),
        (401, ""),
        (403, ""),
    ] {
        setup.fake.change(|fake| fake.refuse = Some((status, code)));
        for hub in [&anonymous, &hub] {
            let error = hub.pull(&model()).await.unwrap_err();
            assert!(
                matches!(error, HubError::AccessDenied { status: is, .. } if is == status),
                "{error:?}"
            );
            assert!(error.to_string().contains("HF_TOKEN"), "{error}");
            assert_eq!(
                error.to_string().contains("accept its terms"),
                code == "GatedRepo",
                "{error}"
            );
            assert!(!format!("{error} {error:?} {hub:?}").contains("hf_secret"));
        }
    }
    for status in [429, 503] {
        setup.fake.change(|fake| fake.refuse = Some((status, "")));
        let error = hub.pull(&model()).await.unwrap_err();
        assert!(matches!(error, HubError::Status { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn an_unreachable_hub_is_a_network_failure() {
    let setup = Setup::new().await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let hub = Hub::new(HubSettings {
        endpoint: Some(closed),
        ..setup.settings()
    })
    .unwrap();
    let error = hub.pull(&model()).await.unwrap_err();
    assert!(matches!(error, HubError::Network { .. }), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_a_disk_failure() {
    let setup = Setup::new().await;
    fs::write(setup.cache.path().join(".locks"), "in the way").unwrap();
    let error = setup.online().pull(&model()).await.unwrap_err();
    assert!(matches!(error, HubError::Disk { .. }), "{error:?}");
    assert!(error.to_string().contains(".locks"), "{error}");
}

#[tokio::test]
async fn names_that_are_no_names_are_refused() {
    let setup = Setup::new().await;
    let hub = setup.online();
    for repo in [
        "", "a/b/c", "../x", "a//b", "/x", "a b", "a/..", "a/.b", "a--b/c",
    ] {
        let error = hub.pull(&ModelRef::new(repo)).await.unwrap_err();
        assert!(
            matches!(error, HubError::BadRepo { .. }),
            "{repo}: {error:?}"
        );
    }
    for revision in ["", "..", "../../x", "/x", "-x", "a//b", "a b", "x;y"] {
        let error = hub.cached(&model().at(revision)).unwrap_err();
        assert!(
            matches!(error, HubError::BadRevision { .. }),
            "{revision}: {error:?}"
        );
    }
    let outside = model().with_files(FileSelection::Gguf(vec!["../x.gguf".to_owned()]));
    assert!(matches!(
        hub.cached(&outside),
        Err(HubError::BadFile { .. })
    ));
    let bad = HubSettings {
        token: Some("hf_a\nb".into()),
        ..setup.settings()
    };
    assert!(matches!(Hub::new(bad), Err(HubError::BadToken)));
    assert!(setup.fake.seen().is_empty());
}

#[tokio::test]
async fn an_index_that_points_outside_is_refused() {
    let index = br#"{"weight_map": {"a": "../../../x.safetensors"}}"#;
    let setup = Setup::with(&[
        ("config.json", b"{}"),
        ("model.safetensors.index.json", index),
        ("tokenizer.json", b"{}"),
    ])
    .await;
    let error = setup.online().pull(&model()).await.unwrap_err();
    assert!(matches!(error, HubError::BadIndex { .. }), "{error:?}");
}
