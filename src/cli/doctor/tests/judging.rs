//! Machines and models that are made up.

use super::*;

const EVERY_STATE: &str = r#"
[[models]]
id = "near"
path = "models/near"
dtype = "f32"
preload = true
prompt_cache_bytes = 0

[[models]]
id = "pulled"
repo = "acme/Reader-2B"
isq = "Q4K"
concurrency = 2

[[models]]
id = "away"
repo = "Qwen/Qwen2-VL-2B-Instruct"

[[models]]
id = "text"
repo = "acme/Writer-0.5B-GGUF"
gguf = ["writer-q4_k_m.gguf"]
reads = "page_text"

[[models]]
id = "text-away"
repo = "acme/Other-0.5B-GGUF"
gguf = ["other-q4_k_m.gguf"]
reads = "page_text"

[[models]]
id = "lost"
path = "models/lost"

[[models]]
id = "nameless"
repo = "acme/reader"

[[models]]
id = "far"
provider = "p"

[providers.p]
base_url = "http://127.0.0.1:9/v1"
"#;

fn every_state() -> Vec<ModelFacts> {
    let gguf = ModelFacts {
        files: Some(ModelFiles {
            bytes: 491_000_000,
            weights: BTreeMap::new(),
            kept: 0,
            shape: here(1).files.unwrap().shape,
        }),
        picture_tokens: None,
        ..here(1)
    };
    vec![
        ModelFacts {
            whereabouts: Whereabouts::Here,
            source: "models/near".into(),
            ..here(7_000_000)
        },
        here(2_200_000_000),
        away("Qwen/Qwen2-VL-2B-Instruct"),
        gguf,
        ModelFacts {
            picture_tokens: None,
            ..away("acme/Other-0.5B-GGUF")
        },
        ModelFacts {
            whereabouts: Whereabouts::Missing,
            source: "models/lost".into(),
            fault: Some("models/lost has no file config.json".into()),
            ..away("")
        },
        away("acme/reader"),
        ModelFacts {
            whereabouts: Whereabouts::Elsewhere,
            source: "p".into(),
            ..away("")
        },
    ]
}

#[test]
fn every_state_of_a_model_is_told() {
    let config = config(EVERY_STATE);
    let report = judged(&host(24 * GIGA, 20 * GIGA), &config, every_state());
    assert!(report.start.succeeds, "{:?}", report.start);
    insta::assert_snapshot!("text", written(&report));
    insta::assert_json_snapshot!("json", report);
}

#[test]
fn needs_are_summed() {
    let config = config("[[models]]\nid = \"m\"\nrepo = \"acme/m-2B\"\nconcurrency = 2\n");
    let report = judged(&host(24 * GIGA, 20 * GIGA), &config, vec![here(1000)]);
    let needs = report.models[0].needs.unwrap();
    // A picture, the prompt and the answer.
    assert_eq!(needs.context_tokens, 1280 + 2000 + 4000);
    assert_eq!(needs.weights_bytes, 2 * 1010);
    assert_eq!(needs.contexts_bytes, Some(2 * 7280 * 28_672));
    assert_eq!(needs.prompt_cache_bytes, 256 << 20);
    assert_eq!(
        needs.total_bytes,
        2020 + 2 * 7280 * 28_672 + (256 << 20) + (512 << 20)
    );
}

#[test]
fn a_model_that_does_not_fit_stops_a_start_that_loads_it() {
    let entry = "[[models]]\nid = \"m\"\nrepo = \"acme/m-8B\"\npreload = true\nisq = \"off\"\n";
    let loaded = config(entry);
    let fit = |available, facts| {
        let report = judged(&host(16 * GIGA, available), &loaded, vec![facts]);
        (report.models[0].fits, report.start.succeeds)
    };
    assert_eq!(fit(16 * GIGA, here(8 * GIGA)), (Fit::No, false));
    // By its name alone it is not certain.
    assert_eq!(fit(16 * GIGA, away("acme/m-8B")), (Fit::No, true));
    assert_eq!(fit(6 * GIGA, here(3 * GIGA)), (Fit::IfFreed, true));
    assert_eq!(fit(8 * GIGA, here(3 * GIGA)), (Fit::Yes, true));
    let report = judged(&host(16 * GIGA, 16 * GIGA), &loaded, vec![here(8 * GIGA)]);
    let told = written(&report);
    assert!(told.contains("gateway.toml: a start would fail"), "{told}");
    assert!(
        told.contains("fault: models.m: it is loaded at the start and does not fit in memory"),
        "{told}"
    );
    let idle = config(&entry.replace("true", "false"));
    let report = judged(&host(16 * GIGA, 16 * GIGA), &idle, vec![here(8 * GIGA)]);
    assert!(report.start.succeeds);
}

#[test]
fn the_budget_of_models_counts_as_at_a_start() {
    let entry =
        "[[models]]\nid = \"m\"\nrepo = \"acme/m-2B\"\npreload = true\n[memory]\nbudget_bytes = ";
    let succeeds = |budget: u64| {
        let config = config(&format!("{entry}{budget}\n"));
        let report = judged(&host(16 * GIGA, 16 * GIGA), &config, vec![here(GIGA)]);
        report.start.succeeds
    };
    let counted = 2 * GIGA + 1000 + (256 << 20);
    assert!(succeeds(counted));
    assert!(!succeeds(counted - 1));
}

#[test]
fn number_formats_are_explained() {
    let loading = |entry: &str, host: &Host| {
        let config = config(&format!(
            "[[models]]\nid = \"m\"\nrepo = \"acme/m-2B\"\n{entry}"
        ));
        let report = judged(host, &config, vec![here(GIGA)]);
        report.models[0].loading.clone().unwrap()
    };
    let plain = host(16 * GIGA, 16 * GIGA);
    let auto = loading("", &plain);
    assert_eq!((auto.dtype, &*auto.device), (Some(Dtype::Bf16), "cpu"));
    assert!(
        auto.reason.contains("without instructions for bf16"),
        "{auto:?}"
    );
    let mut able = plain.clone();
    able.machine.processor.features.push("avx512bf16".into());
    let auto = loading("", &able);
    assert!(auto.reason.contains("was not compiled for"), "{auto:?}");
    able.build.features.push("avx512bf16".into());
    let auto = loading("", &able);
    assert!(
        auto.reason.contains("multiplies with avx512bf16"),
        "{auto:?}"
    );

    let set = loading("dtype = \"f32\"\n", &plain);
    assert_eq!(set.dtype, Some(Dtype::F32));
    assert_eq!(set.reason, "set in its entry; its files have bf16");
    let metal = accelerated("metal", 16 * GIGA);
    assert_eq!(loading("", &metal).device, "metal");
    assert_eq!(loading("device = \"cpu\"\n", &metal).device, "cpu");
    let mut old = accelerated("cuda", 16 * GIGA);
    old.engine.accelerator.as_mut().unwrap().dtype = Some(Dtype::F16);
    let auto = loading("", &old);
    assert_eq!(auto.dtype, Some(Dtype::F16));
    assert!(auto.reason.contains("does not compute bf16"), "{auto:?}");
}

#[test]
fn weights_that_do_not_fit_are_quantised() {
    let found = |entry: &str, host: &Host| {
        let config = config(&format!(
            "[[models]]\nid = \"m\"\nrepo = \"acme/m-8B\"\n{entry}"
        ));
        let report = judged(host, &config, vec![here(8 * GIGA)]);
        report.models[0].clone()
    };
    let small = host(16 * GIGA, 16 * GIGA);
    let model = found("", &small);
    let loading = model.loading.unwrap();
    assert_eq!(loading.quantisation.as_deref(), Some("8"));
    assert!(loading.reason.contains("do not hold it"), "{loading:?}");
    // Eight bits for each weight, and 16 for each block of 32.
    assert_eq!(
        model.needs.unwrap().weights_bytes,
        (8 * GIGA + 10) / 16 * 17
    );
    assert_eq!(model.fits, Fit::Yes);
    let told = {
        let config = config("[[models]]\nid = \"m\"\nrepo = \"acme/m-8B\"\n");
        written(&judged(&small, &config, vec![here(8 * GIGA)]))
    };
    assert!(told.contains("cpu bf16 8-bit"), "{told}");
    assert_eq!(found("isq = \"off\"\n", &small).fits, Fit::No);

    let large = host(64 * GIGA, 64 * GIGA);
    assert_eq!(found("", &large).loading.unwrap().quantisation, None);
    // The memory that counts is the device's.
    let metal = accelerated("metal", 12 * GIGA);
    let loading = found("", &metal).loading.unwrap();
    assert_eq!(loading.quantisation.as_deref(), Some("4"));
    let budget = |bytes: u64| format!("[memory]\nbudget_bytes = {bytes}\n");
    let counted = (8 * GIGA + 10) / 16 * 17 + (256 << 20);
    assert_eq!(found(&budget(counted), &small).faults, [""; 0]);
    assert_eq!(found(&budget(counted - 1), &small).faults.len(), 1);
}

#[test]
fn what_a_build_makes_of_an_accelerator_is_told() {
    let config = config("[[models]]\nid = \"m\"\nrepo = \"acme/m-2B\"\n");
    let told = |host: &Host| written(&judged(host, &config, vec![here(GIGA)]));
    let mut idle = host(16 * GIGA, 16 * GIGA);
    assert!(told(&idle).contains("accelerator   none is found; models run on the CPU\n"));
    let name = "Example GPU".to_owned();
    let kind = AcceleratorKind::Cuda;
    idle.machine.accelerators = vec![InstalledAccelerator { kind, name }];
    assert!(
        told(&idle).contains(
            "Example GPU (CUDA), which this build cannot use: build with --features cuda"
        ),
        "{}",
        told(&idle)
    );
    idle.engine.fault = Some("no driver".into());
    assert!(told(&idle).contains("could not use an accelerator: no driver"));
    let used = accelerated("metal", 16 * GIGA);
    assert!(
        told(&used).contains("accelerator   metal, 16.0 GB, 16.0 GB free: this build uses it\n"),
        "{}",
        told(&used)
    );
    let mut bare = host(16 * GIGA, 16 * GIGA);
    bare.engine = EngineFacts::default();
    let report = judged(&bare, &config, vec![here(GIGA)]);
    assert_eq!(report.models[0].loading, None);
    assert_eq!(report.recommendation.model, None);
    assert!(written(&report).contains("only providers run models"));
}

#[test]
fn a_model_is_recommended_by_machine() {
    let entries = r#"
[[models]]
id = "nano"
path = "models/nano"
[[models]]
id = "text"
repo = "acme/Writer-0.5B-GGUF"
gguf = ["writer-q4_k_m.gguf"]
reads = "page_text"
[[models]]
id = "two"
repo = "Qwen/Qwen2-VL-2B-Instruct"
[[models]]
id = "two-too"
repo = "Qwen/Qwen3-VL-2B-Instruct"
[[models]]
id = "eight"
repo = "Qwen/Qwen3-VL-8B-Instruct"
"#;
    let config = config(entries);
    let facts = || {
        let near = ModelFacts {
            whereabouts: Whereabouts::Here,
            ..here(7_000_000)
        };
        let repos = ["acme/Writer-0.5B-GGUF", "a/b", "a/b", "a/b"];
        std::iter::once(near)
            .chain(repos.map(away))
            .collect::<Vec<_>>()
    };
    let recommended = |host: &Host| judged(host, &config, facts()).recommendation;
    let name = |host: &Host| recommended(host).model.unwrap_or_default();
    assert_eq!(name(&host(32 * GIGA, 32 * GIGA)), "two");
    // With four bits a weight.
    assert_eq!(name(&host(6 * GIGA, 6 * GIGA)), "two");
    assert_eq!(name(&host(3 * GIGA, 3 * GIGA)), "text");
    assert_eq!(name(&host(GIGA, GIGA)), "");
    assert_eq!(name(&accelerated("metal", 48 * GIGA)), "eight");
    assert_eq!(name(&accelerated("cuda", 12 * GIGA)), "eight");
    assert_eq!(name(&accelerated("cuda", 6 * GIGA)), "two");
    let mut full = host(32 * GIGA, 32 * GIGA);
    full.cache.free_bytes = Some(GIGA);
    assert_eq!(name(&full), "text");
    full.cache.offline = true;
    assert_eq!(name(&full), "");
    let advice = recommended(&host(32 * GIGA, 32 * GIGA));
    assert_eq!(
        advice.line.as_deref(),
        Some("model = \"two\"  # in [extract]")
    );

    let mut set = config.clone();
    set.extract.model = "two".into();
    let advice = judged(&host(32 * GIGA, 32 * GIGA), &set, facts()).recommendation;
    assert_eq!(advice.line, None);
    assert!(advice.reason.contains("it is set already"), "{advice:?}");
}
