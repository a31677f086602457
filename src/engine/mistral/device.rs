//! Asks the engine for the devices that it would use, and for the number format that it would choose there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mistralrs::{
    Device as EngineDevice, ModelDType, best_device,
    core::{MemoryUsage, TryIntoDType},
};

use crate::engine::{DeviceFacts, Dtype, EngineFacts};

/// Returns the facts of the engine's devices; loads nothing.
pub(in crate::engine) fn facts() -> EngineFacts {
    let best = guarded(|| best_device(false).map_err(|error| error.to_string()));
    let (accelerator, fault) = match best {
        Ok(EngineDevice::Cpu) => (None, None),
        Ok(device) => (Some(device_facts(&device)), None),
        Err(fault) => (None, Some(fault)),
    };
    EngineFacts {
        has_engine: true,
        accelerator,
        fault,
        cpu_dtype: automatic(&EngineDevice::Cpu),
    }
}

fn device_facts(device: &EngineDevice) -> DeviceFacts {
    let name = match device {
        EngineDevice::Cpu => "cpu",
        EngineDevice::Cuda(_) => "cuda",
        EngineDevice::Metal(_) => "metal",
    };
    let bytes = |found: Result<usize, String>| found.ok().map(|bytes| bytes as u64);
    DeviceFacts {
        name: name.to_owned(),
        total_bytes: bytes(guarded(|| {
            let total = MemoryUsage.get_total_memory(device);
            total.map_err(|error| error.to_string())
        })),
        available_bytes: bytes(guarded(|| {
            let available = MemoryUsage.get_memory_available(device);
            available.map_err(|error| error.to_string())
        })),
        dtype: automatic(device),
    }
}

/// Returns the number format that the engine chooses on `device` where none is set; `None` if it fails to.
fn automatic(device: &EngineDevice) -> Option<Dtype> {
    let chosen = guarded(|| {
        let chosen = ModelDType::Auto.try_into_dtype(&[device]);
        chosen.map_err(|error| error.to_string())
    });
    match chosen.ok()?.as_str() {
        "bf16" => Some(Dtype::Bf16),
        "f16" => Some(Dtype::F16),
        "f32" => Some(Dtype::F32),
        _ => None,
    }
}

/// Returns what `ask` returns, or why it panicked: drivers that are installed by halves make the engine panic.
fn guarded<T>(ask: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| Err("the engine panicked".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpu_takes_bf16_where_nothing_is_set() {
        let facts = facts();
        assert!(facts.has_engine);
        assert_eq!(facts.cpu_dtype, Some(Dtype::Bf16));
        assert_eq!(facts.fault, None);
    }

    #[test]
    fn a_panic_is_a_fault() {
        let found: Result<(), _> = guarded(|| Err("no device".to_owned()));
        assert_eq!(found, Err("no device".to_owned()));
    }
}
