//! The facts of the machine that a gateway runs on: its processor, memory, accelerators and free disk space.

mod graphics;
mod processor;

use std::path::Path;

use serde::Serialize;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

pub use graphics::{AcceleratorKind, InstalledAccelerator};
pub use processor::Processor;

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Name and version of the operating system.
    pub system: String,
    /// The processor.
    pub processor: Processor,
    /// The memory of the processor.
    pub memory: MachineMemory,
    /// The accelerators in it, whether or not this build can use them.
    pub accelerators: Vec<InstalledAccelerator>,
}

/// The memory of a machine, or of the container that the program runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MachineMemory {
    /// All of it.
    pub total_bytes: u64,
    /// The part that programs may take now.
    pub available_bytes: u64,
}

impl Machine {
    /// Looks at the machine that this program runs on.
    #[must_use]
    pub fn look() -> Self {
        let what = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(what);
        Self {
            system: System::long_os_version().unwrap_or_else(|| std::env::consts::OS.to_owned()),
            processor: processor::look(&system),
            memory: memory_of(&system),
            accelerators: graphics::look(),
        }
    }
}

impl MachineMemory {
    /// Looks at the memory of the machine that this program runs on.
    #[must_use]
    pub fn look() -> Self {
        let memory = MemoryRefreshKind::nothing().with_ram();
        memory_of(&System::new_with_specifics(
            RefreshKind::nothing().with_memory(memory),
        ))
    }
}

/// Returns the memory of the machine, or of the control group if that has less.
fn memory_of(system: &System) -> MachineMemory {
    let all = MachineMemory {
        total_bytes: system.total_memory(),
        available_bytes: system.available_memory(),
    };
    match system.cgroup_limits() {
        Some(limits) if limits.total_memory > 0 => MachineMemory {
            total_bytes: all.total_bytes.min(limits.total_memory),
            available_bytes: all.available_bytes.min(limits.free_memory),
        },
        _ => all,
    }
}

/// Returns the bytes that are free at `path`, or at the nearest folder above it that exists; `None` where the system
/// does not tell.
#[must_use]
pub fn free_disk_bytes(path: &Path) -> Option<u64> {
    let path = std::path::absolute(path).ok()?;
    let folder = path.ancestors().find(|folder| folder.exists())?;
    free_bytes(folder)
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_cores_and_memory() {
        let machine = Machine::look();
        assert!(machine.processor.threads > 0);
        assert!(machine.processor.cores <= machine.processor.threads);
        let MachineMemory {
            total_bytes,
            available_bytes,
        } = machine.memory;
        assert!(available_bytes > 0 && available_bytes <= total_bytes);
        assert!(total_bytes > 1 << 28, "{total_bytes}");
        assert!(!machine.system.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_still_missing_has_the_space_of_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("models/of/the/hub");
        assert!(free_disk_bytes(&missing).is_some());
        assert!(!missing.exists());
    }
}
