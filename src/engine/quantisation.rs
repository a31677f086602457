//! The quantisation of weights while they are loaded: as an entry says, or as the memory of the device needs.

use serde::{Deserialize, Serialize};

use super::Dtype;

/// The share of a device's memory that models may fill; the rest is the system's and other programs'.
pub const MEMORY_SHARE: (u64, u64) = (3, 4);

/// The types of so many bits a weight, of which the engine takes the form that suits the device.
const EIGHT_BITS: &str = "8";
const FOUR_BITS: &str = "4";

/// Bytes beside weights and kept prompts: the keys and values of contexts, and what a pass computes.
const BESIDE: u64 = 1 << 30;

/// The weights of a model that are floats in its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloatWeights {
    /// Their number.
    pub all: u64,
    /// The number of those that quantisation leaves as they are: of the vision tower and the embeddings.
    pub kept: u64,
}

/// The quantisation of weights while they are loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub enum Quantisation {
    /// None where the weights fit in the memory of their device, otherwise 8 bits a weight, or 4 where only those fit.
    #[default]
    Auto,
    /// None.
    Off,
    /// One of the engine's types: `Q4K`, `8` and so on.
    Type(String),
}

impl From<String> for Quantisation {
    fn from(name: String) -> Self {
        match name.as_str() {
            "auto" => Self::Auto,
            "off" => Self::Off,
            _ => Self::Type(name),
        }
    }
}

impl From<Quantisation> for String {
    fn from(quantisation: Quantisation) -> Self {
        match quantisation {
            Quantisation::Auto => "auto".to_owned(),
            Quantisation::Off => "off".to_owned(),
            Quantisation::Type(name) => name,
        }
    }
}

impl Quantisation {
    /// Returns the engine's type for weights that are numbers in `dtype`, or `None` for no quantisation. `weights` is
    /// `None` where they are quantised in their files. `kept_bytes` of the device's `device_bytes` are for kept prompts.
    #[must_use]
    pub fn on(
        &self,
        device_bytes: u64,
        weights: Option<FloatWeights>,
        dtype: Dtype,
        kept_bytes: u64,
    ) -> Option<&str> {
        match (self, weights) {
            (Self::Off, _) | (Self::Auto, None) => None,
            (Self::Type(name), _) => Some(name),
            (Self::Auto, Some(weights)) => {
                let (share, of) = MEMORY_SHARE;
                let room = device_bytes / of * share;
                let fits = |quantisation: Option<&str>| {
                    let bytes = weight_bytes(weights, dtype, quantisation);
                    bytes.saturating_add(kept_bytes).saturating_add(BESIDE) <= room
                };
                if fits(None) {
                    None
                } else if fits(Some(EIGHT_BITS)) {
                    Some(EIGHT_BITS)
                } else {
                    Some(FOUR_BITS)
                }
            }
        }
    }
}

/// Returns the bytes of weights in `dtype`, or as far as they are quantised in one of the engine's types, whose name
/// states its bits: each block of 32 weights, or of more, has a scale of 16 bits.
#[must_use]
pub fn weight_bytes(weights: FloatWeights, dtype: Dtype, quantisation: Option<&str>) -> u64 {
    let bits = quantisation.and_then(|name| name.chars().find_map(|it| it.to_digit(10)));
    match bits {
        Some(bits) => {
            let quantised = weights.all.saturating_sub(weights.kept) / 16;
            let kept = weights.kept.saturating_mul(dtype.bytes());
            kept.saturating_add(quantised.saturating_mul(2 * u64::from(bits) + 1))
        }
        None => weights.all.saturating_mul(dtype.bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIGA: u64 = 1_000_000_000;

    fn weights(all: u64) -> FloatWeights {
        FloatWeights { all, kept: 0 }
    }

    #[test]
    fn names_are_read_and_written() {
        for (name, quantisation) in [
            ("auto", Quantisation::Auto),
            ("off", Quantisation::Off),
            ("Q4K", Quantisation::Type("Q4K".to_owned())),
        ] {
            let read: Quantisation = serde_json::from_value(name.into()).unwrap();
            assert_eq!(read, quantisation);
            assert_eq!(serde_json::to_value(&read).unwrap(), name);
        }
    }

    #[test]
    fn weights_that_do_not_fit_are_quantised_as_little_as_is_needed() {
        let on =
            |device: u64, dtype| Quantisation::Auto.on(device, Some(weights(8 * GIGA)), dtype, 0);
        assert_eq!(on(24 * GIGA, Dtype::Bf16), None);
        assert_eq!(on(16 * GIGA, Dtype::Bf16), Some("8"));
        assert_eq!(on(24 * GIGA, Dtype::F32), Some("8"));
        assert_eq!(on(8 * GIGA, Dtype::Bf16), Some("4"));
        // Nothing smaller is known; whether it fits is for `doctor` to say.
        assert_eq!(on(2 * GIGA, Dtype::Bf16), Some("4"));
    }

    #[test]
    fn kept_prompts_take_room_too() {
        let on =
            |kept| Quantisation::Auto.on(24 * GIGA, Some(weights(8 * GIGA)), Dtype::Bf16, kept);
        assert_eq!(on(800 << 20), None);
        assert_eq!(on(1 << 30), Some("8"));
    }

    #[test]
    fn what_is_set_is_taken_whatever_fits() {
        let set = Quantisation::Type("Q8_0".to_owned());
        assert_eq!(
            set.on(GIGA, Some(weights(8 * GIGA)), Dtype::F32, 0),
            Some("Q8_0")
        );
        assert_eq!(
            Quantisation::Off.on(GIGA, Some(weights(8 * GIGA)), Dtype::F32, 0),
            None
        );
        assert_eq!(Quantisation::Auto.on(GIGA, None, Dtype::F32, 0), None);
    }

    #[test]
    fn bytes_follow_the_bits_of_the_type() {
        for (name, bytes) in [
            (None, 3200),
            (Some("8"), 1700),
            (Some("Q8_0"), 1700),
            (Some("Q4K"), 900),
            (Some("AFQ4"), 900),
            (Some("other"), 3200),
        ] {
            assert_eq!(
                weight_bytes(weights(1600), Dtype::Bf16, name),
                bytes,
                "{name:?}"
            );
        }
        assert_eq!(weight_bytes(weights(1600), Dtype::F32, None), 6400);
        let half = FloatWeights {
            all: 3200,
            kept: 1600,
        };
        assert_eq!(weight_bytes(half, Dtype::Bf16, Some("8")), 3200 + 1700);
        assert_eq!(weight_bytes(half, Dtype::Bf16, None), 6400);
    }
}
