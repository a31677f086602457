//! Judges a configured model: where its files are, the number format that it would be loaded in and why, and whether
//! it fits in the memory of its device.

use serde::Serialize;

use super::{
    facts::{Host, ModelFacts, Whereabouts},
    names::download_bytes,
    needs::MemoryNeeds,
};
use crate::{
    config::ModelConfig,
    engine::{Device, Dtype, Quantisation},
};

/// The vector instructions that compute bf16, by the compiler's name, where the engine has code for them.
const NATIVE_BF16: &str = "avx512bf16";

/// The quantisation that the files of a model have.
const GGUF: &str = "gguf";

/// What is found about a model.
#[derive(Debug, Clone, Serialize)]
pub struct ModelFindings {
    /// Its name.
    pub id: String,
    /// Its folder, repository or provider.
    pub source: String,
    /// Where its files are.
    pub files: Whereabouts,
    /// Bytes of its weights' files; `None` if unknown.
    pub file_bytes: Option<u64>,
    /// Whether that is an upper bound, by the name of the model alone.
    pub is_estimate: bool,
    /// How it would be loaded; `None` for a model that runs elsewhere, and where the build has no engine.
    pub loading: Option<Loading>,
    /// The memory that it takes; `None` if its size is unknown.
    pub needs: Option<MemoryNeeds>,
    /// Whether that fits.
    pub fits: Fit,
    /// What stands in its way.
    pub faults: Vec<String>,
    /// What may stand in its way, by an estimate.
    pub doubts: Vec<String>,
}

/// How a model would be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loading {
    /// `cpu`, `metal` or `cuda`.
    pub device: String,
    /// The number format; `None` if the engine could not choose one.
    pub dtype: Option<Dtype>,
    /// The quantisation while loading, or `gguf` for that of the files.
    pub quantisation: Option<String>,
    /// Why it is that format.
    pub reason: String,
}

/// Whether something fits in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// In the memory that is available now.
    Yes,
    /// In the memory of the machine, if other programs leave it.
    IfFreed,
    /// Not in the memory of the machine.
    No,
    /// It is not known how large it is.
    Unknown,
    /// It takes no memory of this machine.
    Elsewhere,
}

impl ModelFindings {
    /// Judges `model` on `host`. `budget` is the most memory that models may take by the configuration.
    #[must_use]
    pub fn of(model: &ModelConfig, facts: &ModelFacts, host: &Host, budget: Option<u64>) -> Self {
        let file_bytes = facts.files.as_ref().map(|files| files.bytes);
        let mut findings = Self {
            id: model.id.clone(),
            source: facts.source.clone(),
            files: facts.whereabouts,
            file_bytes: file_bytes.or_else(|| download_bytes(model)),
            is_estimate: file_bytes.is_none(),
            loading: None,
            needs: None,
            fits: Fit::Elsewhere,
            faults: facts.fault.iter().cloned().collect(),
            doubts: Vec::new(),
        };
        if facts.whereabouts == Whereabouts::Elsewhere {
            findings.is_estimate = false;
            findings.file_bytes = None;
            return findings;
        }
        if !host.engine.has_engine {
            let fault = "this build has no engine, so only providers run models; build it with its default features";
            findings.faults.push(fault.to_owned());
            findings.fits = Fit::Unknown;
            return findings;
        }
        let loading = Loading::of(model, facts, host);
        let quantisation = loading.quantisation.as_deref();
        let dtype = loading.dtype.unwrap_or_default();
        findings.needs = MemoryNeeds::of(model, facts, dtype, quantisation);
        let (total, available) = memory(&loading.device, host);
        findings.loading = Some(loading);
        findings.fits = match findings.needs.map(|needs| needs.total_bytes) {
            None => Fit::Unknown,
            Some(bytes) if bytes <= available => Fit::Yes,
            Some(bytes) if bytes <= total => Fit::IfFreed,
            Some(_) => Fit::No,
        };
        let is_quantised = findings.loading.as_ref().is_some_and(Loading::is_quantised);
        let weights = if is_quantised {
            findings.needs.map(|needs| needs.weights_bytes)
        } else {
            file_bytes
        };
        let counted = weights.map(|bytes| bytes.saturating_add(model.prompt_cache_bytes));
        if let (Some(bytes), Some(budget)) = (model.memory_bytes.or(counted), budget)
            && bytes > budget
        {
            findings.faults.push(format!(
                "it counts as {bytes} bytes, and memory.budget_bytes allows {budget} for all models; raise it"
            ));
        }
        let is_away = facts.whereabouts == Whereabouts::NotDownloaded;
        let free = host.cache.free_bytes.unwrap_or(u64::MAX);
        if is_away && host.cache.offline {
            let fault =
                "it is not downloaded, and downloads are forbidden (hub.offline, HF_HUB_OFFLINE)";
            findings.faults.push(fault.to_owned());
        } else if is_away && findings.file_bytes.is_some_and(|bytes| bytes > free) {
            let doubt = "its download may not fit on the disk of the model cache";
            findings.doubts.push(doubt.to_owned());
        }
        findings
    }

    /// Returns the whole memory of its device.
    #[must_use]
    pub fn memory_total(&self, host: &Host) -> u64 {
        let loading = self.loading.as_ref();
        let total = loading.map(|loading| memory(&loading.device, host).0);
        total.unwrap_or(0)
    }

    /// Returns whether it is put on another device than the CPU.
    #[must_use]
    pub fn is_accelerated(&self) -> bool {
        self.loading.as_ref().is_some_and(|it| it.device != "cpu")
    }
}

/// Returns the whole memory of a device by its name, and what is available of it.
fn memory(device: &str, host: &Host) -> (u64, u64) {
    let memory = host.machine.memory;
    let accelerator = host.engine.accelerator.as_ref();
    match accelerator.filter(|accelerator| accelerator.name == device) {
        Some(device) => {
            let total = device.total_bytes.unwrap_or(memory.total_bytes);
            (total, device.available_bytes.unwrap_or(total))
        }
        None => (memory.total_bytes, memory.available_bytes),
    }
}

impl Loading {
    fn of(model: &ModelConfig, facts: &ModelFacts, host: &Host) -> Self {
        let accelerator = host.engine.accelerator.as_ref();
        let accelerator = accelerator.filter(|_| model.device == Device::Auto);
        let device = accelerator
            .map_or("cpu", |device| device.name.as_str())
            .to_owned();
        let automatic = match accelerator {
            Some(device) => device.dtype,
            None => host.engine.cpu_dtype,
        };
        let is_gguf = !model.gguf.is_empty();
        let dtype = match model.dtype {
            // The engine has no such setting for GGUF.
            Dtype::Auto => automatic,
            _ if is_gguf => automatic,
            set => Some(set),
        };
        let stored = facts.files.as_ref().and_then(|files| files.format());
        let reason = if is_gguf {
            "the weights stay as the file has them; the dtype is that of keys and values".to_owned()
        } else if model.dtype != Dtype::Auto {
            match stored.filter(|stored| Some(*stored) != dtype.map(Dtype::name)) {
                Some(stored) => format!("set in its entry; its files have {stored}"),
                None => "set in its entry".to_owned(),
            }
        } else {
            automatic_reason(dtype, accelerator.is_some(), host).to_owned()
        };
        let quantisation = model.isq.on(
            memory(&device, host).0,
            facts.weights(model),
            dtype.unwrap_or_default(),
            model.prompt_cache_bytes,
        );
        let reason = match quantisation {
            Some(_) if !is_gguf && model.isq == Quantisation::Auto => {
                format!("{reason}; quantised, since three quarters of the memory do not hold it so")
            }
            _ => reason,
        };
        Self {
            device,
            dtype,
            quantisation: if is_gguf {
                Some(GGUF.to_owned())
            } else {
                quantisation.map(str::to_owned)
            },
            reason,
        }
    }

    /// Returns whether the weights take another form than in their files.
    fn is_quantised(&self) -> bool {
        let quantisation = self.quantisation.as_deref();
        quantisation.is_some_and(|quantisation| quantisation != GGUF)
    }
}

/// Tells why the engine chooses that number format where none is set.
fn automatic_reason(dtype: Option<Dtype>, is_accelerated: bool, host: &Host) -> &'static str {
    let is_native = host.build.features.iter().any(|it| it == NATIVE_BF16);
    match dtype {
        None => "auto; the engine could not choose on this device",
        Some(Dtype::Bf16) if is_accelerated => "auto; the device computes bf16",
        Some(Dtype::Bf16) if is_native => {
            "auto; the type of the families' weights, which this build multiplies with avx512bf16"
        }
        Some(Dtype::Bf16) if host.machine.processor.has(NATIVE_BF16) => {
            "auto; this build was not compiled for this processor's avx512bf16 and widens bf16 to f32 to multiply; \
             it takes half the memory of f32"
        }
        Some(Dtype::Bf16) => {
            "auto; without instructions for bf16 the engine widens it to f32 to multiply; it takes half the memory \
             of f32"
        }
        Some(_) => "auto; the device does not compute bf16",
    }
}
