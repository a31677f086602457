//! The accelerators of a machine, as its system lists them: that needs no driver library, so that a build for the
//! CPU alone finds them too.

use std::{fs, path::Path};

use serde::Serialize;

/// The interface to an accelerator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AcceleratorKind {
    /// Apple's, on every Mac of its own processors.
    Metal,
    /// NVIDIA's.
    Cuda,
}

impl AcceleratorKind {
    /// Returns its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Metal => "Metal",
            Self::Cuda => "CUDA",
        }
    }
}

/// An accelerator in a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstalledAccelerator {
    /// The interface to it.
    pub kind: AcceleratorKind,
    /// Its name, as the system gives it.
    pub name: String,
}

/// The folder in which NVIDIA's driver for Linux lists what it drives.
const NVIDIA: &str = "/proc/driver/nvidia/gpus";

pub(super) fn look() -> Vec<InstalledAccelerator> {
    if cfg!(target_os = "macos") {
        let name = "Apple GPU".to_owned();
        let kind = AcceleratorKind::Metal;
        let has_one = cfg!(target_arch = "aarch64");
        return has_one
            .then_some(InstalledAccelerator { kind, name })
            .into_iter()
            .collect();
    }
    of_nvidia(Path::new(NVIDIA))
}

/// Returns the accelerators that the files `*/information` in `folder` describe, in the order of their names.
fn of_nvidia(folder: &Path) -> Vec<InstalledAccelerator> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path().join("information"))
        .collect();
    files.sort();
    let texts = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    let found = texts.map(|text| {
        let mut lines = text.lines();
        let name = lines.find_map(|line| line.strip_prefix("Model:"));
        InstalledAccelerator {
            kind: AcceleratorKind::Cuda,
            name: name.map_or("NVIDIA GPU", str::trim).to_owned(),
        }
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_nvidias_driver_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of_nvidia(&folder.path().join("none")), []);
        for (place, text) in [
            (
                "0000:41:00.0",
                "Model: \t\t NVIDIA Example 24\nIRQ:   \t\t 90\n",
            ),
            ("0000:c1:00.0", "IRQ:   \t\t 91\n"),
        ] {
            let place = folder.path().join(place);
            fs::create_dir(&place).unwrap();
            fs::write(place.join("information"), text).unwrap();
        }
        fs::create_dir(folder.path().join("empty")).unwrap();
        let cuda = |name: &str| InstalledAccelerator {
            kind: AcceleratorKind::Cuda,
            name: name.to_owned(),
        };
        assert_eq!(
            of_nvidia(folder.path()),
            [cuda("NVIDIA Example 24"), cuda("NVIDIA GPU")]
        );
    }
}
