//! From the probability that a model gave to a value to how often such values are right.

use std::path::Path;

use serde::Deserialize;
use thiserror::Error;

use crate::receipt::{key::Digest, schema::FieldKind};

/// Why a calibration cannot be used.
#[derive(Debug, Error)]
pub enum CalibrationError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// It is no calibration.
    #[error("{path}: {error}")]
    Json {
        /// The file.
        path: String,
        /// What the parser says.
        error: serde_json::Error,
    },
    /// A curve is not one.
    #[error(
        "{path}: the curve of {kind} wants at least one point, log-probabilities that rise and \
         confidences from 0 to 1 that do not fall"
    )]
    Curve {
        /// The file.
        path: String,
        /// Which curve.
        kind: &'static str,
    },
}

/// Curves by kind of value, measured on receipts whose truth is known.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// What it is called and which version it is, `receipt-nano-1`.
    pub name: String,
    /// How it was made, for people.
    #[serde(rename = "made")]
    _made: String,
    curves: Curves,
    /// Of the file.
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

/// Points (log-probability, confidence), between which lines are drawn.
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

    /// Tells it from every other.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How often a value of that kind is right whose tokens have that log-probability, 0 to 1.
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

    /// Linear between points, level beyond them.
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
    fn what_is_no_curve_is_refused() {
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
