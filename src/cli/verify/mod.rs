//! `receipt-gateway verify`: compares what the engine computes on this machine with Hugging Face transformers, and
//! measures a model of the configuration.

mod agreement;
mod comparison;
mod measured;
mod reference;
mod report;

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use tokio_util::sync::CancellationToken;

use super::{
    End,
    host::MeasuredHost,
    inputs::{self, InputFile},
    progress::RunProgress,
    samples::SampleFolder,
};
use crate::{
    config::{Config, ModelConfig, ModelSource},
    engine::Device,
};
use comparison::{Comparison, Place};
use measured::MeasuredModel;
use report::VerifyReport;

pub use agreement::{Agreement, Disagreement, TOLERANCE};
pub use comparison::{compare_alone, compare_together};
pub use reference::{
    CaseAnswer, REFERENCES, ReferenceCase, ReferenceSet, ReferenceStep, ReferenceTop,
};

/// The arguments of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArguments {
    /// Model of the configuration to measure; the one that reads receipts if left out. Its files are downloaded first
    /// if they are not here.
    pub model: Option<String>,
    /// Compare with the references only: no model of the configuration is measured.
    #[arg(long)]
    pub references_only: bool,
    /// Device for the references; that of MODEL if left out.
    #[arg(long, value_enum, value_name = "DEVICE")]
    pub device: Option<DeviceArgument>,
    /// Write one JSON object instead of Markdown.
    #[arg(long)]
    pub json: bool,
}

/// A device for the references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceArgument {
    /// Metal or CUDA if this program can use it, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
}

impl From<DeviceArgument> for Device {
    fn from(argument: DeviceArgument) -> Self {
        match argument {
            DeviceArgument::Auto => Self::Auto,
            DeviceArgument::Cpu => Self::Cpu,
        }
    }
}

/// Compares with the references, measures the model, and writes the report to `out`.
///
/// # Errors
/// Fails for an unknown model, one that runs elsewhere or cannot be loaded, and output that cannot be written.
pub async fn run(
    arguments: &VerifyArguments,
    config: &Config,
    stop: CancellationToken,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<End> {
    let receipts = SampleFolder::receipts()?;
    let work = Work {
        config,
        model: chosen(arguments, config)?,
        device: arguments.device,
        receipts: if arguments.references_only {
            None
        } else {
            Some(inputs::find(&[receipts.path()]))
        },
    };
    let report = tokio::select! {
        () = stop.cancelled() => return Ok(End::Interrupted),
        report = work.done(&stop, errors) => report?,
    };
    if arguments.json {
        writeln!(out, "{:#}", report.object())?;
    } else {
        out.write_all(report.block().as_bytes())?;
    }
    out.flush()?;
    Ok(report.end())
}

/// Returns the model that the arguments name, if it runs here.
fn chosen<'a>(arguments: &VerifyArguments, config: &'a Config) -> anyhow::Result<&'a ModelConfig> {
    let id = arguments.model.as_ref().unwrap_or(&config.extract.model);
    let model = config.models.iter().find(|model| model.id == *id);
    let model = model.with_context(|| {
        let ids = config.models.iter().map(|model| model.id.as_str());
        let ids = ids.collect::<Vec<_>>().join(", ");
        format!("there is no model {id:?} in the configuration; it has {ids}")
    })?;
    if let ModelSource::Provider(provider) = model.source("models")? {
        anyhow::ensure!(
            arguments.references_only,
            "the model {id:?} runs at the provider {provider:?}; verify measures models that run here: name another, \
             or use bench"
        );
    }
    Ok(model)
}

/// What is to be compared and measured.
struct Work<'a> {
    config: &'a Config,
    model: &'a ModelConfig,
    device: Option<DeviceArgument>,
    /// The receipts for the model to read; none if it is not measured.
    receipts: Option<Vec<InputFile>>,
}

impl Work<'_> {
    async fn done(
        self,
        stop: &CancellationToken,
        errors: &mut dyn Write,
    ) -> anyhow::Result<VerifyReport> {
        let sets = REFERENCES.map(|name| ReferenceSet::named(name).map(|set| (name, set)));
        let sets = sets.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        // Each case is asked for alone, then beside the others.
        let cases: usize = sets.iter().map(|(_, set)| 2 * set.cases.len()).sum();
        let receipts = self.receipts.as_ref().map_or(0, Vec::len);
        let terminal = io::stderr().is_terminal();
        let mut progress = RunProgress::new(cases + receipts, 0, terminal, errors);
        let device = self.device.map_or(self.model.device, Device::from);
        let mut comparisons = Vec::new();
        for (name, set) in &sets {
            let comparison = match self.place(name)? {
                Ok(place) => Comparison::made(name, set, &place, device, &progress).await,
                Err(reason) => {
                    (0..2 * set.cases.len()).for_each(|_| progress.advance());
                    Comparison::not_run(name, reason)
                }
            };
            comparisons.push(comparison);
        }
        let model = match self.receipts {
            Some(receipts) => {
                let measured =
                    MeasuredModel::of(self.config, self.model, receipts, stop, &mut progress);
                Some(measured.await?)
            }
            None => None,
        };
        Ok(VerifyReport {
            host: MeasuredHost::here(),
            comparisons,
            model,
        })
    }

    /// Returns the place of the files of a reference's model, or the reason why they are not here.
    fn place(&self, name: &str) -> anyhow::Result<Result<Place, String>> {
        if let Some(folder) = SampleFolder::model(name)? {
            return Ok(Ok(Place::Unpacked(folder)));
        }
        let mut models = self.config.models.iter();
        let Some(model) = models.find(|model| model.id == name) else {
            let reason = format!("the configuration has no model {name:?}");
            return Ok(Err(reason));
        };
        let folder: Option<PathBuf> = match model.source("models")? {
            ModelSource::Path(path) => Some(self.config.resolve(&path)),
            ModelSource::Hub { .. } | ModelSource::Provider(_) => None,
        };
        let here = folder.filter(|folder| folder.join("model.safetensors").is_file());
        Ok(here
            .map(Place::Folder)
            .ok_or_else(|| format!("the files of {name:?} are not on this machine")))
    }
}

#[cfg(test)]
mod tests;
