//! `[codes]`: codes that are printed on pages.

use std::time::Duration;

use serde::Deserialize;

use super::{ConfigError, within};
use crate::codes::CodeLimits;

/// The section `[codes]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CodesConfig {
    /// Whether codes are sought.
    pub enabled: bool,
    /// Most codes of a page.
    pub max_codes: usize,
    /// Milliseconds after which nothing more is tried on a page.
    pub max_milliseconds: u64,
}

impl Default for CodesConfig {
    fn default() -> Self {
        let limits = CodeLimits::default();
        Self {
            enabled: true,
            max_codes: limits.most_codes,
            max_milliseconds: u64::try_from(limits.most_time.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl CodesConfig {
    /// Returns the bounds of seeking codes; `None` if they are not sought.
    #[must_use]
    pub fn limits(self) -> Option<CodeLimits> {
        self.enabled.then(|| CodeLimits {
            most_codes: self.max_codes,
            most_time: Duration::from_millis(self.max_milliseconds),
            ..CodeLimits::default()
        })
    }

    pub(super) fn check(self) -> Result<(), ConfigError> {
        within("codes.max_codes", self.max_codes, 1, 64)?;
        within("codes.max_milliseconds", self.max_milliseconds, 1, 60_000)
    }
}
