//! Calibration: converts the probability that a model gave to a value into the share of such values
//! that are right.

use std::path::Path;

use serde::Deserialize;
use thiserror::Error;

use crate::receipt::{digest::Digest, schema::FieldKind};

/// Reason why a calibration cannot be used.
#[derive(Debug, Error)]
pub enum CalibrationError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}")]
    Read {
        /// The file.
        path: String,
        /// Error of the system.
        error: std::io::Error,
    },
    /// The file is not a calibration.
    #[error("{path} is not a calibration: {error}")]
    Json {
        /// The file.
        path: String,
        /// Error of the parser.
        error: serde_json::Error,
    },
    /// A curve is not valid.
    #[error(
        "{path}: the curve of {kind} needs at least one point, log-probabilities that rise and \
         confidences from 0 to 1 that do not fall"
    )]
    Curve {
        /// The file.
        path: String,
        /// Kind of value of the curve.
        kind: &'static str,
    },
}

/// Curves by kind of value, measured on receipts with known contents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Name and version of the calibration, such as `receipt-nano-1`.
    pub name: String,
    /// Description of its making, for people.
    #[serde(rename = "made")]
    _made: String,
    curves: Curves,
    /// Digest of the file.
    #[serde(skip)]
    digest: Digest,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Curves {
    number: Curve,
    date: Curve,
    text: Curve,
    choice: Curve,
}

/// Points (log-probability, confidence) of a curve that is linear between them.
#[derive(Debug, Clone, Deserialize)]
struct Curve(Vec<(f64, f64)>);

impl Calibration {
    /// Reads a calibration file.
    ///
    /// # Errors
    /// See [`CalibrationError`].
    pub fn load(path: &Path) -> Result<Self, CalibrationError> {
        let name = path.display().to_string();
        let text = std::fs::read(path).map_err(|error| CalibrationError::Read {
            path: name.clone(),
            error,
        })?;
        let mut calibration: Self =
            serde_json::from_slice(&text).map_err(|error| CalibrationError::Json {
                path: name.clone(),
                error,
            })?;
        calibration.digest = *blake3::hash(&text).as_bytes();
        for kind in FieldKind::ALL {
            if !calibration.curve(kind).is_sound() {
                let kind = kind.as_str();
                return Err(CalibrationError::Curve { path: name, kind });
            }
        }
        Ok(calibration)
    }

    /// Returns the digest that identifies the calibration.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the share, 0 to 1, of right values among those of this kind and log-probability.
    #[must_use]
    pub fn confidence(&self, kind: FieldKind, logprob: f64) -> f64 {
        self.curve(kind).at(logprob)
    }

    fn curve(&self, kind: FieldKind) -> &Curve {
        match kind {
            FieldKind::Number => &self.curves.number,
            FieldKind::Date => &self.curves.date,
            FieldKind::Text => &self.curves.text,
            FieldKind::Choice => &self.curves.choice,
        }
    }
}

impl Curve {
    fn is_sound(&self) -> bool {
        let points = &self.0;
        !points.is_empty()
            && points.iter().all(|(_, y)| (0.0..=1.0).contains(y))
            && points
                .windows(2)
                .all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1)
    }

    /// Evaluates the curve, which is linear between points and constant beyond them.
    fn at(&self, x: f64) -> f64 {
        let points = &self.0;
        let next = points.partition_point(|point| point.0 < x);
        match (next.checked_sub(1).map(|i| points[i]), points.get(next)) {
            (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
            (Some((_, y)), None) | (None, Some(&(_, y))) => y,
            (None, None) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn load(number: &str) -> Result<Calibration, CalibrationError> {
        let flat = "[[0, 0.5]]";
        let text = format!(
            r#"{{"name": "test-1", "made": "by hand", "curves": {{"number": {number},
                "date": {flat}, "text": {flat}, "choice": {flat}}}}}"#
        );
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Calibration::load(file.path())
    }

    #[test]
    fn curves_are_lines_between_points_and_level_beyond() {
        let calibration = load("[[-4, 0.1], [-2, 0.5], [0, 0.9]]").unwrap();
        for (logprob, expected) in [
            (-9.0, 0.1),
            (-4.0, 0.1),
            (-3.0, 0.3),
            (-2.0, 0.5),
            (-1.0, 0.7),
            (0.0, 0.9),
            (1.0, 0.9),
        ] {
            let confidence = calibration.confidence(FieldKind::Number, logprob);
            assert!((confidence - expected).abs() < 1e-12, "{logprob}");
        }
        assert_eq!(calibration.confidence(FieldKind::Date, -7.0), 0.5);
    }

    #[test]
    fn invalid_curves_are_refused() {
        for curve in [
            "[]",
            "[[0, 1.5]]",
            "[[-1, 0.5], [0, 0.4]]",
            "[[0, 0.4], [0, 0.5]]",
        ] {
            assert!(
                matches!(
                    load(curve),
                    Err(CalibrationError::Curve { kind: "number", .. })
                ),
                "{curve}"
            );
        }
        assert!(matches!(load("7"), Err(CalibrationError::Json { .. })));
        assert!(matches!(
            Calibration::load(Path::new("/nowhere")),
            Err(CalibrationError::Read { .. })
        ));
    }
}
