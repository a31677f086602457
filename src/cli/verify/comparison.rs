//! The comparison of an engine with one reference, on a device.

use std::path::PathBuf;

use futures::future::join_all;
use serde::Serialize;

use super::{
    agreement::Agreement,
    reference::{ReferenceCase, ReferenceSet},
};
use crate::{
    cli::{progress::RunProgress, samples::SampleFolder},
    engine::{self, Device, Dtype, Engine, LoadSettings},
};

/// Sequences of a batch, so that cases share one.
const BATCH: usize = 8;
/// The configuration's own default: the cases that share a beginning also try the cache of prompts.
const PROMPT_CACHE_BYTES: u64 = 256 << 20;

/// The place of a model's files.
pub(super) enum Place {
    /// A temporary folder.
    Unpacked(SampleFolder),
    /// A folder of the configuration.
    Folder(PathBuf),
}

impl Place {
    fn path(&self) -> PathBuf {
        match self {
            Self::Unpacked(folder) => folder.path(),
            Self::Folder(folder) => folder.clone(),
        }
    }
}

/// Asks `engine` for every case of `set`, one after the other, and compares; `done` is called after each.
pub async fn compare_alone(
    set: &ReferenceSet,
    engine: &dyn Engine,
    done: &(dyn Fn() + Sync),
) -> Vec<Agreement> {
    let mut agreements = Vec::new();
    for case in &set.cases {
        agreements.push(compare(case, engine).await);
        done();
    }
    agreements
}

/// Asks `engine` for all cases of `set` at once, so that they share batches, and compares; `done` is called after each.
pub async fn compare_together(
    set: &ReferenceSet,
    engine: &dyn Engine,
    done: &(dyn Fn() + Sync),
) -> Vec<Agreement> {
    let compared = set.cases.iter().map(async |case| {
        let agreement = compare(case, engine).await;
        done();
        agreement
    });
    join_all(compared).await
}

async fn compare(case: &ReferenceCase, engine: &dyn Engine) -> Agreement {
    match case.ask(engine).await {
        Ok(answer) => Agreement::of(case, &answer),
        Err(error) => Agreement::failed(case, format!("{error:#}")),
    }
}

/// The comparison with one reference.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    pub reference: String,
    /// The device that computed; none if nothing was computed.
    pub device: Option<String>,
    /// Why nothing was compared; none if something was.
    pub not_run: Option<String>,
    /// Why the model could not be loaded, which counts as a disagreement.
    pub not_loaded: Option<String>,
    /// One case after the other.
    pub alone: Vec<Agreement>,
    /// All cases at once.
    pub together: Vec<Agreement>,
}

impl Comparison {
    /// Loads the reference's model in single precision, and compares every case, alone and beside the others.
    pub(super) async fn made(
        name: &str,
        set: &ReferenceSet,
        place: &Place,
        device: Device,
        progress: &RunProgress<'_>,
    ) -> Self {
        let settings = LoadSettings {
            gguf: Vec::new(),
            dtype: Dtype::F32,
            isq: None,
            chat_template: None,
            device,
            max_batch: BATCH,
            forced_tokens: true,
            prompt_cache_bytes: PROMPT_CACHE_BYTES,
        };
        let engine = match engine::load(&place.path(), &settings).await {
            Ok(engine) => engine,
            Err(error) => {
                return Self {
                    not_loaded: Some(error.to_string()),
                    ..Self::empty(name)
                };
            }
        };
        let bar = progress.bar();
        let advance = move || bar.inc(1);
        Self {
            device: Some(engine.info().device.clone()),
            alone: compare_alone(set, &*engine, &advance).await,
            together: compare_together(set, &*engine, &advance).await,
            ..Self::empty(name)
        }
    }

    /// Returns a comparison that was not made.
    pub(super) fn not_run(name: &str, reason: String) -> Self {
        Self {
            not_run: Some(reason),
            ..Self::empty(name)
        }
    }

    fn empty(name: &str) -> Self {
        Self {
            reference: name.to_owned(),
            device: None,
            not_run: None,
            not_loaded: None,
            alone: Vec::new(),
            together: Vec::new(),
        }
    }

    /// Returns all answers that were compared, each with how it was asked for.
    pub(super) fn answers(&self) -> impl Iterator<Item = (&'static str, &Agreement)> {
        let alone = self.alone.iter().map(|agreement| ("alone", agreement));
        let together = self
            .together
            .iter()
            .map(|agreement| ("together", agreement));
        alone.chain(together)
    }

    /// Returns whether something disagrees.
    pub(super) fn disagrees(&self) -> bool {
        let mut answers = self.answers();
        self.not_loaded.is_some() || answers.any(|(_, answer)| answer.disagreement.is_some())
    }

    /// Returns the largest difference of a log-probability; none if the engine told none.
    pub(super) fn largest_difference(&self) -> Option<f32> {
        self.answers()
            .filter_map(|(_, answer)| answer.largest_difference)
            .max_by(f32::total_cmp)
    }
}
