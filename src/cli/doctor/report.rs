//! What `doctor` tells: the machine, whether a start would succeed, the models, and the recommended one.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    facts::{Build, DownloadFolder, Host, ModelFacts, Whereabouts},
    model::{Fit, ModelFindings},
    recommend::{Recommendation, recommend},
};
use crate::{
    config::{Config, ModelConfig},
    machine::{AcceleratorKind, Machine},
};

/// Everything that `doctor` tells.
#[derive(Debug, Clone, Serialize)]
pub struct DoctorReport {
    /// What was compiled in.
    pub build: Build,
    /// The machine.
    pub machine: Machine,
    /// What this build makes of its accelerators.
    pub acceleration: Acceleration,
    /// The folder of downloads.
    pub cache: DownloadFolder,
    /// Whether a start would succeed.
    pub start: StartFindings,
    /// The configured models.
    pub models: Vec<ModelFindings>,
    /// The recommended model.
    pub recommendation: Recommendation,
}

/// What a build makes of the accelerators of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceleration {
    /// The device that models are put on by default: `cpu`, `metal` or `cuda`; `None` without an engine.
    pub device: Option<String>,
    /// Bytes of the accelerator's memory.
    pub total_bytes: Option<u64>,
    /// Bytes of it that are free.
    pub available_bytes: Option<u64>,
    /// Why it is that device, and what would make it another.
    pub reason: String,
}

/// What the start's own checks find.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StartFindings {
    /// The configuration's file.
    pub config: PathBuf,
    /// Whether there is such a file.
    pub has_config: bool,
    /// Whether a start would succeed, as far as it was checked.
    pub succeeds: bool,
    /// What would stop it.
    pub faults: Vec<String>,
    /// What is valid but hardly intended.
    pub warnings: Vec<String>,
    /// What was not checked.
    pub not_checked: Vec<String>,
}

/// The models to judge, each with what is known of it.
pub type Known = Vec<(ModelConfig, ModelFacts)>;

impl DoctorReport {
    /// Judges what is known.
    #[must_use]
    pub fn of(
        host: &Host,
        mut start: StartFindings,
        config: Option<&Config>,
        known: &Known,
    ) -> Self {
        let budget = config.and_then(|config| config.memory.budget_bytes);
        let judged = known.iter().map(|(model, facts)| {
            let found = ModelFindings::of(model, facts, host, budget);
            (model, found)
        });
        let judged: Vec<_> = judged.collect();
        let pairs: Vec<_> = judged
            .iter()
            .map(|(model, found)| (*model, found))
            .collect();
        let recommendation = recommend(&pairs, config, host);
        let preloaded = judged.iter().filter(|(model, _)| model.preload);
        for (_, found) in preloaded {
            start.add_faults_of(found);
        }
        start.succeeds = start.has_config && start.faults.is_empty();
        Self {
            build: host.build.clone(),
            machine: host.machine.clone(),
            acceleration: Acceleration::of(host),
            cache: host.cache.clone(),
            start,
            // Without a configuration those are only the ones to choose among.
            models: match config {
                Some(_) => judged.into_iter().map(|(_, found)| found).collect(),
                None => Vec::new(),
            },
            recommendation,
        }
    }

    /// Returns the vector instructions that the processor has, and that the program was not compiled for.
    #[must_use]
    pub fn unused_features(&self) -> Vec<&str> {
        let features = self.machine.processor.features.iter();
        let unused = features.filter(|feature| !self.build.features.contains(feature));
        unused.map(String::as_str).collect()
    }
}

impl StartFindings {
    /// Adds what hinders a model that a start loads.
    fn add_faults_of(&mut self, found: &ModelFindings) {
        let id = &found.id;
        let faults = found
            .faults
            .iter()
            .map(|fault| format!("models.{id}: {fault}"));
        let known = self.faults.clone();
        // The start's own checks name a missing file too.
        let is_new = |fault: &String| !known.iter().any(|known| known == fault);
        self.faults.extend(faults.filter(is_new));
        let doubts = found.doubts.iter();
        self.warnings
            .extend(doubts.map(|doubt| format!("models.{id}: {doubt}")));
        if found.fits == Fit::No && found.files != Whereabouts::Missing {
            let text = format!("models.{id}: it is loaded at the start and does not fit in memory");
            if found.is_estimate {
                self.warnings.push(format!("{text}, by its name"));
            } else {
                self.faults.push(text);
            }
        }
    }
}

impl Acceleration {
    fn of(host: &Host) -> Self {
        let installed = host.machine.accelerators.first();
        let names: Vec<_> = host
            .machine
            .accelerators
            .iter()
            .map(|it| &*it.name)
            .collect();
        let used = host.engine.accelerator.as_ref();
        let reason = match (used, installed, &host.engine.fault) {
            _ if !host.engine.has_engine => {
                "this build has no engine: only providers run models".to_owned()
            }
            (Some(_), _, _) if names.is_empty() => "this build uses it".to_owned(),
            (Some(_), _, _) => format!("{}; this build uses it", names.join(", ")),
            (None, _, Some(fault)) => format!("this build could not use an accelerator: {fault}"),
            (None, None, None) => "none is found; models run on the CPU".to_owned(),
            (None, Some(it), None) => {
                let kind = it.kind.title();
                let build = match it.kind {
                    AcceleratorKind::Cuda => "build with --features cuda",
                    AcceleratorKind::Metal => "build on the Mac itself",
                };
                let names = names.join(", ");
                format!(
                    "{names} ({kind}), which this build cannot use: {build}; models run on the CPU"
                )
            }
        };
        let device = used.map_or("cpu", |device| device.name.as_str());
        Self {
            device: host.engine.has_engine.then(|| device.to_owned()),
            total_bytes: used.and_then(|device| device.total_bytes),
            available_bytes: used.and_then(|device| device.available_bytes),
            reason,
        }
    }
}
