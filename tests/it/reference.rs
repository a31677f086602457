//! The engine against Hugging Face transformers, token for token: see `tests/reference`.

use std::{fs, sync::Arc};

use futures::future::join_all;
use receipt_gateway::{
    cli::verify::{
        Agreement, Disagreement, ReferenceCase, ReferenceSet, compare_alone, compare_together,
    },
    engine::Engine,
};

use serde_json::Value;

use crate::support::{committed, loaded};

fn reference(model: &str) -> ReferenceSet {
    ReferenceSet::named(model).unwrap()
}

async fn engine(model: &str) -> Arc<dyn Engine> {
    committed(model, true, 256 << 20).await
}

fn assert_agrees(agreement: &Agreement) {
    assert!(agreement.tokens >= 64);
    assert_eq!(agreement.disagreement, None, "{}", agreement.case);
    assert!(agreement.largest_difference.is_some());
}

async fn run(engine: &dyn Engine, case: &ReferenceCase) -> Agreement {
    Agreement::of(case, &case.ask(engine).await.unwrap())
}

async fn alone(model: &str) {
    let engine = engine(model).await;
    let agreements = compare_alone(&reference(model), &*engine, &|| {}).await;
    agreements.iter().for_each(assert_agrees);
    let differences = agreements.iter().filter_map(|it| it.largest_difference);
    let largest = differences.fold(0f32, f32::max);
    println!("{model}: the largest difference of a log-probability is {largest}");
}

/// Equal-length prompts with different pictures, so that they run as rows of one batch, twice
/// over so that pictures come from the encoder's cache too.
async fn batched(model: &str) {
    let engine = engine(model).await;
    let reference = reference(model);
    let rows: Vec<_> = reference
        .cases
        .iter()
        .filter(|case| case.name.starts_with("batch"))
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(
        rows.iter()
            .all(|row| row.prompt_tokens == rows[0].prompt_tokens)
    );
    let plug = reference
        .cases
        .iter()
        .find(|case| case.name == "two-pictures")
        .unwrap();
    for _ in 0..2 {
        // While this one is read, the rows gather at the engine's door and enter together.
        let plugged = run(&*engine, plug);
        let rows_run = join_all(rows.iter().map(|row| run(&*engine, row)));
        let (plugged, rows) = tokio::join!(plugged, rows_run);
        assert_agrees(&plugged);
        rows.iter().for_each(assert_agrees);
    }
}

/// Everything at once: text beside pictures, prompts of every length.
async fn mixed(model: &str) {
    let engine = engine(model).await;
    let agreements = compare_together(&reference(model), &*engine, &|| {}).await;
    agreements.iter().for_each(assert_agrees);
}

/// One changed token of one case, as an engine with a fault would write another, is found where it stands.
#[tokio::test(flavor = "multi_thread")]
async fn one_changed_token_disagrees() {
    let engine = engine("tiny-qwen2-vl").await;
    let mut reference = reference("tiny-qwen2-vl");
    let step = &mut reference.cases[3].steps[40];
    step.id += 1;
    let agreements = compare_alone(&reference, &*engine, &|| {}).await;
    for (number, agreement) in agreements.iter().enumerate() {
        let disagreement = agreement.disagreement.as_ref();
        let told = disagreement.map(Disagreement::describe);
        let expected = (number == 3).then(|| {
            let id = reference.cases[3].steps[40].id;
            format!("token 41 is {}, not {id}", id - 1)
        });
        assert_eq!(told, expected, "{}", agreement.case);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen2_vl_alone() {
    alone("tiny-qwen2-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen2_vl_batched() {
    batched("tiny-qwen2-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen2_vl_mixed() {
    mixed("tiny-qwen2-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_nano_alone() {
    alone("receipt-nano").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_nano_mixed() {
    mixed("receipt-nano").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen3_vl_alone() {
    alone("tiny-qwen3-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen3_vl_batched() {
    batched("tiny-qwen3-vl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen3_vl_mixed() {
    mixed("tiny-qwen3-vl").await;
}

/// transformers leaves out of `config.json` what is the default of the family, as in `NuExtract-2.0-2B`, and writes the
/// activation with a mark between its words.
#[tokio::test(flavor = "multi_thread")]
async fn qwen2_vl_by_a_configuration_without_defaults() {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir("models/tiny-qwen2-vl").unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let path = folder.path().join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let vision = config["vision_config"].as_object_mut().unwrap();
    for default in ["patch_size", "spatial_merge_size", "temporal_patch_size"] {
        assert!(vision.remove(default).is_some(), "{default}");
    }
    vision.insert("hidden_act".to_owned(), "quick_gelu".into());
    fs::write(&path, config.to_string()).unwrap();
    let engine = loaded(folder.path(), true, 0).await;
    let reference = reference("tiny-qwen2-vl");
    let shown = reference.cases.iter().find(|case| case.name == "batch-a");
    assert_agrees(&run(&*engine, shown.unwrap()).await);
}
