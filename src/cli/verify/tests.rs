use std::path::Path;

use clap::Parser;

use super::*;
use crate::config::Environment;

/// The model whose files come with the configuration.
const RECEIPT_NANO: &str = "receipt-nano";

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    verify: VerifyArguments,
}

fn arguments(words: &[&str]) -> VerifyArguments {
    Arguments::try_parse_from([&["verify"], words].concat())
        .unwrap()
        .verify
}

fn config() -> Config {
    let environment = Environment::new([("", ""); 0]);
    Config::load(Path::new("config/gateway.toml"), &environment).unwrap()
}

fn report(comparisons: Vec<Comparison>) -> VerifyReport {
    VerifyReport {
        host: MeasuredHost::here(),
        comparisons,
        model: None,
    }
}

/// A comparison of which one answer disagrees, beside others that do not.
fn disagreeing() -> Comparison {
    let set = ReferenceSet::named("tiny-qwen2-vl").unwrap();
    let empty = CaseAnswer {
        prompt_tokens: set.cases[0].prompt_tokens,
        tokens: Vec::new(),
    };
    Comparison {
        device: Some("cpu".to_owned()),
        not_run: None,
        together: vec![Agreement::of(&set.cases[0], &empty)],
        ..Comparison::not_run("tiny-qwen2-vl", String::new())
    }
}

#[test]
fn the_model_is_the_one_that_reads_receipts_unless_another_is_named() {
    let config = config();
    assert_eq!(chosen(&arguments(&[]), &config).unwrap().id, "receipt-nano");
    let tiny = chosen(&arguments(&["tiny-qwen2-vl"]), &config).unwrap();
    assert_eq!(tiny.id, "tiny-qwen2-vl");
    let unknown = chosen(&arguments(&["none"]), &config).unwrap_err();
    let unknown = unknown.to_string();
    assert!(
        unknown.contains("no model \"none\"") && unknown.contains("receipt-nano"),
        "{unknown}"
    );
}

#[test]
fn a_disagreement_makes_the_status_1_and_is_told_by_its_token() {
    let report = report(vec![disagreeing()]);
    assert_eq!(report.end(), End::Faults);
    let block = report.block();
    assert!(block.contains("**1 of 1 references disagree**"), "{block}");
    let id = ReferenceSet::named("tiny-qwen2-vl").unwrap().cases[0].steps[0].id;
    let line = format!("- tiny-qwen2-vl, text-only, together: token 1 is the end, not {id}\n");
    assert!(block.contains(&line), "{block}");
    assert_eq!(report.object()["verdict"], "disagrees");
    let told = &report.object()["references"][0]["together"][0]["disagreement"];
    assert_eq!(told["kind"], "token");
}

#[test]
fn a_model_that_does_not_load_disagrees() {
    let comparison = Comparison {
        not_run: None,
        not_loaded: Some("no such kernel".to_owned()),
        ..Comparison::not_run("tiny-qwen3-vl", String::new())
    };
    let report = report(vec![comparison]);
    assert_eq!(report.end(), End::Faults);
    assert!(
        report
            .block()
            .contains("- tiny-qwen3-vl cannot be loaded: no such kernel\n")
    );
}

#[test]
fn what_was_not_run_is_told_and_is_no_fault() {
    let report = report(vec![Comparison::not_run(
        RECEIPT_NANO,
        "it is not here".to_owned(),
    )]);
    assert_eq!(report.end(), End::Clean);
    let block = report.block();
    assert!(block.contains("no reference was run; 1 not run"), "{block}");
    assert!(
        block.contains("- receipt-nano was not run: it is not here\n"),
        "{block}"
    );
}

#[test]
fn the_reference_of_a_model_without_files_is_not_run() {
    let mut config = config();
    let work = |config: &Config| {
        let model = config.models[0].clone();
        let work = Work {
            config,
            model: &model,
            device: None,
            receipts: None,
        };
        work.place(RECEIPT_NANO).unwrap().map(|_| ())
    };
    assert_eq!(work(&config), Ok(()));
    let nano = config
        .models
        .iter_mut()
        .find(|model| model.id == RECEIPT_NANO);
    nano.unwrap().path = Some("nowhere".into());
    let reason = work(&config).unwrap_err();
    assert_eq!(
        reason,
        "the files of \"receipt-nano\" are not on this machine"
    );
    config.models.retain(|model| model.id != RECEIPT_NANO);
    let reason = work(&config).unwrap_err();
    assert_eq!(reason, "the configuration has no model \"receipt-nano\"");
}
