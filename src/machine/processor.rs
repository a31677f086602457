//! The processor: its name, its cores, and the vector instructions that make the models' arithmetic faster.

use serde::Serialize;
use sysinfo::System;

/// A processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Processor {
    /// Its name, as it gives it.
    pub name: String,
    /// The architecture that the program was compiled for, such as `x86_64`.
    pub architecture: String,
    /// Its cores, without their second threads.
    pub cores: usize,
    /// The threads that it runs at once.
    pub threads: usize,
    /// The vector instructions that it has, by the compiler's names.
    pub features: Vec<String>,
}

impl Processor {
    /// Returns whether it has those instructions.
    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|known| known == feature)
    }
}

pub(super) fn look(system: &System) -> Processor {
    let name = system.cpus().first().map(|cpu| cpu.brand().trim());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = System::physical_core_count().unwrap_or(threads);
    Processor {
        name: name.filter(|name| !name.is_empty()).map_or_else(
            || "unnamed processor".to_owned(),
            |name| name.split_whitespace().collect::<Vec<_>>().join(" "),
        ),
        architecture: std::env::consts::ARCH.to_owned(),
        // A container may run on fewer threads than the machine has cores.
        cores: cores.clamp(1, threads),
        threads,
        features: detected().into_iter().map(str::to_owned).collect(),
    }
}

/// Lists the features that `$detect` finds.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! found {
    ($detect:ident: $($feature:tt)*) => {
        [$(($feature, std::arch::$detect!($feature))),*]
    };
}

#[cfg(target_arch = "x86_64")]
fn detected() -> Vec<&'static str> {
    let features = found!(is_x86_feature_detected:
        "avx2" "fma" "f16c" "avxvnni" "avx512f" "avx512vnni" "avx512bf16");
    present(&features)
}

#[cfg(target_arch = "aarch64")]
fn detected() -> Vec<&'static str> {
    let features = found!(is_aarch64_feature_detected: "neon" "fp16" "dotprod" "i8mm" "bf16");
    present(&features)
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn detected() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn present(features: &[(&'static str, bool)]) -> Vec<&'static str> {
    let present = features.iter().filter(|(_, is_there)| *is_there);
    present.map(|(feature, _)| *feature).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_was_compiled_for_is_found() {
        let features = detected();
        for (feature, is_compiled_in) in [
            ("avx2", cfg!(target_feature = "avx2")),
            ("fma", cfg!(target_feature = "fma")),
            ("avx512f", cfg!(target_feature = "avx512f")),
            ("neon", cfg!(target_feature = "neon")),
        ] {
            assert!(!is_compiled_in || features.contains(&feature), "{feature}");
        }
    }
}
