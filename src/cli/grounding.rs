//! The argument for holding values to what is printed.

use clap::ValueEnum;

use crate::receipt::Grounding;

/// Whether values are held to what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroundingArgument {
    /// Marked fields are chosen from what is printed.
    Enforce,
    /// Values are free, and it is reported which are printed.
    Report,
    /// Values are free, and the text of the pages is not looked at.
    Off,
}

impl From<GroundingArgument> for Grounding {
    fn from(argument: GroundingArgument) -> Self {
        match argument {
            GroundingArgument::Enforce => Self::Enforce,
            GroundingArgument::Report => Self::Report,
            GroundingArgument::Off => Self::Off,
        }
    }
}
