//! Configurations and models in files.

use super::*;

/// The folder of this repository.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Writes a configuration that is sound, with these entries too.
fn write(folder: &Path, more: &str) -> PathBuf {
    let file = folder.join("gateway.toml");
    let text = format!(
        "[server]\nport = 0\n[hub]\noffline = true\ncache = \"cache\"\n\
         [extract]\nmodel = \"nano\"\nschemas = \"{ROOT}/schemas\"\nprompt = \"{ROOT}/config/prompts/any.txt\"\n\
         [[models]]\nid = \"nano\"\npath = \"{ROOT}/models/receipt-nano\"\npreload = true\ndevice = \"cpu\"\n{more}"
    );
    fs::write(&file, text).unwrap();
    file
}

async fn examined(file: &Path) -> DoctorReport {
    let config = Config::load(file, &Environment::default());
    examine(file.to_owned(), config).await
}

#[tokio::test]
async fn a_sound_configuration_starts_and_loads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        folder.path(),
        "[[models]]\nid = \"m\"\nrepo = \"acme/m-2B\"\n",
    );
    let report = examined(&file).await;
    assert!(report.start.succeeds, "{:?}", report.start);
    let expected = "nano was not loaded, only its files were looked for";
    assert_eq!(report.start.not_checked[0], expected);
    let [nano, other] = &report.models[..] else {
        panic!("{:?}", report.models);
    };
    assert_eq!((nano.files, nano.fits), (Whereabouts::Here, Fit::Yes));
    let needs = nano.needs.unwrap();
    assert!(needs.contexts_bytes.is_some() && needs.context_tokens > 1000);
    assert_eq!(other.files, Whereabouts::NotDownloaded);
    assert_eq!(report.cache.folder, Some(folder.path().join("cache")));
    // Nothing was made there either.
    assert!(!folder.path().join("cache").exists());
}

#[tokio::test]
async fn a_model_that_a_start_loads_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let lost = "[[models]]\nid = \"lost\"\npath = \"empty\"\npreload = ";
    let report = examined(&write(folder.path(), &format!("{lost}true\n"))).await;
    assert!(!report.start.succeeds);
    assert_eq!(report.start.faults.len(), 1, "{:?}", report.start);
    let fault = &report.start.faults[0];
    assert!(fault.starts_with("models.lost: "), "{fault}");
    assert!(fault.ends_with("empty has no file config.json"), "{fault}");
    let report = examined(&write(folder.path(), &format!("{lost}false\n"))).await;
    assert!(report.start.succeeds, "{:?}", report.start);
    assert_eq!(report.models[1].files, Whereabouts::Missing);

    let away = "[[models]]\nid = \"away\"\nrepo = \"acme/m-2B\"\npreload = true\n";
    let report = examined(&write(folder.path(), away)).await;
    assert!(!report.start.succeeds);
    assert!(
        report.start.faults[0].starts_with("models.away: "),
        "{:?}",
        report.start
    );
}

#[tokio::test]
async fn a_configuration_that_fails_is_told_and_models_are_listed_where_it_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let report = examined(&write(folder.path(), "[log]\nlevel = \"receipts=loud=\"\n")).await;
    assert!(!report.start.succeeds);
    assert_eq!(report.models.len(), 1);
    let report = examined(&write(folder.path(), "[chat]\nunknown = 1\n")).await;
    assert!(!report.start.succeeds && report.start.has_config);
    assert_eq!(report.models.len(), 0);
    assert!(
        report.start.faults[0].contains("unknown"),
        "{:?}",
        report.start
    );
}

#[tokio::test]
async fn it_works_without_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.toml");
    let mut out = Vec::new();
    let config = Config::load(&file, &Environment::default());
    let asked = DoctorArguments { json: true };
    let starts = run(asked, file.clone(), config, &mut out).await.unwrap();
    assert!(!starts);
    let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(report["start"]["has_config"], false);
    assert_eq!(report["start"]["faults"], serde_json::json!([]));
    assert_eq!(report["models"], serde_json::json!([]));
    assert!(report["machine"]["memory"]["total_bytes"].as_u64() > Some(0));

    let told = written(&examined(&file).await);
    assert!(told.contains("there is no "), "{told}");
    assert!(told.contains("; a start would fail"), "{told}");
}

#[test]
fn the_recommendation_without_a_configuration_is_for_the_environment() {
    let known = recommend::known().into_iter().map(|model| {
        let facts = unknown(&model);
        (model, facts)
    });
    let start = StartFindings::default();
    let report = DoctorReport::of(&host(24 * GIGA, 20 * GIGA), start, None, &known.collect());
    let line = report.recommendation.line.as_deref();
    assert_eq!(
        line,
        Some("MODEL_NAME=Qwen/Qwen2-VL-2B-Instruct  # in the environment")
    );
}
