//! What a measurement was made with: the program, the machine, and the memory that this process takes.

use std::{
    env::consts::{ARCH, OS},
    num::NonZero,
    thread,
};

use serde::Serialize;

use super::version;

/// The program and the machine that it runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeasuredHost {
    /// Version of the program.
    pub version: &'static str,
    /// Kind of processor, and the instructions that were compiled in.
    pub processor: String,
    /// The engine, and the devices that it can use.
    pub engine: &'static str,
    /// Operating system.
    pub system: String,
    /// Cores that this process may use; none if the system does not tell.
    pub cores: Option<usize>,
}

impl MeasuredHost {
    /// Looks at the machine that the program runs on.
    #[must_use]
    pub fn here() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            processor: version::processor(),
            engine: version::ENGINE,
            system: format!("{OS} {ARCH}"),
            cores: thread::available_parallelism().map(NonZero::get).ok(),
        }
    }

    /// Returns the names and values as rows of a table.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<String>> {
        let cores = self
            .cores
            .map_or_else(String::new, |cores| cores.to_string());
        let rows = [
            ("version", self.version),
            ("processor", &self.processor),
            ("cores", &cores),
            ("system", &self.system),
            ("engine", self.engine),
        ];
        rows.map(|(name, value)| vec![name.to_owned(), value.to_owned()])
            .into()
    }
}

/// The memory of this process in bytes, as the system tells it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ProcessMemory {
    /// Bytes that lie in memory now; none if the system does not tell.
    pub resident: Option<u64>,
    /// The most bytes that lay in memory at once; none if the system does not tell.
    pub peak: Option<u64>,
}

impl ProcessMemory {
    /// Asks the system for the memory of this process. That of an accelerator with memory of its own is not in it.
    #[must_use]
    pub fn now() -> Self {
        #[cfg(target_os = "linux")]
        let now = std::fs::read_to_string("/proc/self/status")
            .map_or_else(|_| Self::default(), |status| Self::of_status(&status));
        #[cfg(all(unix, not(target_os = "linux")))]
        let now = Self {
            resident: resident_by_ps(),
            peak: None,
        };
        #[cfg(not(unix))]
        let now = Self::default();
        now
    }

    /// Reads Linux's file of a process's state.
    #[cfg(any(target_os = "linux", test))]
    fn of_status(status: &str) -> Self {
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes = line.trim().strip_suffix("kB")?.trim().parse::<u64>();
            Some(kibibytes.ok()? << 10)
        };
        Self {
            resident: bytes("VmRSS:"),
            peak: bytes("VmHWM:"),
        }
    }
}

/// Asks `ps`, since the standard library has no name for this and the systems' own interfaces differ.
#[cfg(all(unix, not(target_os = "linux")))]
fn resident_by_ps() -> Option<u64> {
    let id = std::process::id().to_string();
    let told = std::process::Command::new("ps")
        .args(["-o", "rss=", "-p", &id])
        .output()
        .ok()?;
    let kibibytes = String::from_utf8(told.stdout).ok()?.trim().parse::<u64>();
    Some(kibibytes.ok()? << 10)
}

/// Returns `bytes` in megabytes for people.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_process_tells_its_memory() {
        let status = "Name:\tx\nVmPeak:\t  900 kB\nVmHWM:\t    12 kB\nVmRSS:\t     8 kB\n";
        let memory = ProcessMemory::of_status(status);
        assert_eq!(
            (memory.resident, memory.peak),
            (Some(8 << 10), Some(12 << 10))
        );
        assert_eq!(
            ProcessMemory::of_status("VmRSS: many"),
            ProcessMemory::default()
        );
    }

    #[cfg(unix)]
    #[test]
    fn this_process_takes_memory() {
        assert!(ProcessMemory::now().resident.unwrap() > 1 << 20);
    }

    #[test]
    fn the_rows_name_the_machine() {
        let rows = MeasuredHost::here().rows();
        assert_eq!(rows[0], ["version", env!("CARGO_PKG_VERSION")]);
        assert!(rows[1][1].starts_with(ARCH));
    }
}
