//! The cache key of an extraction: a digest of all that decides its answer.

use blake3::Hasher;
use chrono::NaiveDate;
use serde_json::Value;

use super::DoubtPolicy;
use crate::{
    chat::{Sampling, Script},
    image::{BlankPages, EncodedImage, GridFit},
};

/// All that decides what an extraction answers. [`Inputs::key`] takes it apart field by field, so
/// that one added here cannot be forgotten there.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The pictures' files.
    pub files: &'a [EncodedImage],
    /// Name of the model.
    pub model: &'a str,
    /// What was loaded under that name: path or repository, revision, number format, quantisation.
    pub weights: &'a str,
    /// What the picture may cost.
    pub fit: GridFit,
    /// What the schema is called.
    pub schema_name: &'a str,
    /// The schema document, its currency set.
    pub schema: &'a Value,
    /// What the model is told.
    pub script: &'a Script,
    /// What the request says, where other models may be told it.
    pub said: Option<&'a Script>,
    /// How tokens are drawn.
    pub sampling: &'a Sampling,
    /// Tokens generated at most.
    pub max_tokens: usize,
    /// What becomes of pages on which nothing is printed.
    pub blank_pages: BlankPages,
    /// When the answer is asked for again.
    pub doubt: &'a DoubtPolicy,
    /// All else about the models that may read it: weights, prompts, calibrations.
    pub readers: &'a str,
    /// The day by which dates are judged.
    pub today: NaiveDate,
}

/// A 256-bit BLAKE3 digest.
pub type Key = [u8; blake3::OUT_LEN];

impl Inputs<'_> {
    /// The digest. Every part goes in behind its length, so that no two inputs run together.
    #[must_use]
    pub fn key(&self) -> Key {
        let Self {
            files,
            model,
            weights,
            fit:
                GridFit {
                    trim,
                    max_edge,
                    max_tokens: picture_tokens,
                },
            schema_name,
            schema,
            script,
            said,
            sampling,
            max_tokens,
            blank_pages,
            doubt,
            readers,
            today,
        } = *self;
        let mut hasher = Hasher::new_derive_key("receipt-gateway 2026-11-29 extraction");
        for part in files.iter().map(|file| &file.bytes[..]).chain([
            model.as_bytes(),
            weights.as_bytes(),
            &[u8::from(trim)],
            &max_edge.to_le_bytes(),
            &picture_tokens.to_le_bytes(),
            schema_name.as_bytes(),
            schema.to_string().as_bytes(),
            format!("{script:?}").as_bytes(),
            format!("{said:?}").as_bytes(),
            sampling_text(sampling).as_bytes(),
            &max_tokens.to_le_bytes(),
            format!("{blank_pages:?}").as_bytes(),
            format!("{doubt:?}").as_bytes(),
            readers.as_bytes(),
            // Others judge an answer otherwise.
            env!("CARGO_PKG_VERSION").as_bytes(),
            today.to_string().as_bytes(),
            &files.len().to_le_bytes(),
        ]) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        *hasher.finalize().as_bytes()
    }
}

fn sampling_text(sampling: &Sampling) -> String {
    let Sampling {
        temperature,
        top_p,
        top_k,
        min_p,
        frequency_penalty,
        presence_penalty,
        repetition_penalty,
        seed,
        logit_bias,
    } = sampling;
    format!(
        "{temperature:?} {top_p:?} {top_k:?} {min_p:?} {frequency_penalty:?} \
         {presence_penalty:?} {repetition_penalty:?} {seed:?} {logit_bias:?}"
    )
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, time::Duration};

    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::{image::ImageFormat, receipt::OnDoubt};

    fn report() -> DoubtPolicy {
        DoubtPolicy {
            on_doubt: OnDoubt::Report,
            below: 0.5,
            max_attempts: 2,
            max_time: Duration::from_mins(1),
            retry_scale: 1.5,
            retry_temperature: 0.3,
            retry_prompt: "{findings}".into(),
            escalate_to: Vec::new(),
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a variant for every input")]
    fn every_input_counts() {
        let (schema, other_schema) = (json!({"type": "null"}), json!({"type": "boolean"}));
        let sampling = Sampling::greedy();
        let warm = Sampling {
            temperature: 0.1,
            seed: Some(1),
            ..Sampling::greedy()
        };
        let file = |bytes: &'static [u8]| EncodedImage {
            bytes: Bytes::from_static(bytes),
            format: ImageFormat::Png,
        };
        let doubt = report();
        let retry = DoubtPolicy {
            on_doubt: OnDoubt::Retry,
            ..doubt.clone()
        };
        let script = |prompt: &str| Script::below_pictures(1, prompt.to_owned());
        let (p, q) = (script("p"), script("q"));
        let abc = [file(b"abc")];
        let others = [
            vec![file(b"ab")],
            vec![file(b"abd")],
            vec![file(b"ab"), file(b"c")],
        ];
        let base = Inputs {
            files: &abc,
            model: "m",
            weights: "w",
            fit: GridFit {
                trim: false,
                max_edge: 1024,
                max_tokens: 1280,
            },
            schema_name: "s",
            schema: &schema,
            script: &p,
            said: None,
            sampling: &sampling,
            max_tokens: 100,
            blank_pages: BlankPages::LeaveOut,
            doubt: &doubt,
            readers: "r",
            today: NaiveDate::MIN,
        };
        let fit = |trim, max_edge, max_tokens| GridFit {
            trim,
            max_edge,
            max_tokens,
        };
        let all = [
            base,
            Inputs {
                files: &others[0],
                model: "cm",
                ..base
            },
            Inputs {
                files: &others[1],
                ..base
            },
            Inputs {
                files: &others[2],
                ..base
            },
            Inputs {
                doubt: &retry,
                ..base
            },
            Inputs {
                blank_pages: BlankPages::Read,
                ..base
            },
            Inputs { model: "n", ..base },
            Inputs {
                weights: "v",
                ..base
            },
            Inputs {
                fit: fit(false, 1025, 1280),
                ..base
            },
            Inputs {
                fit: fit(false, 1024, 1281),
                ..base
            },
            Inputs {
                fit: fit(true, 1024, 1280),
                ..base
            },
            Inputs {
                schema: &other_schema,
                ..base
            },
            Inputs {
                schema_name: "t",
                ..base
            },
            Inputs {
                today: NaiveDate::MAX,
                ..base
            },
            Inputs {
                readers: "q",
                ..base
            },
            Inputs { script: &q, ..base },
            Inputs {
                said: Some(&p),
                ..base
            },
            Inputs {
                sampling: &warm,
                ..base
            },
            Inputs {
                max_tokens: 101,
                ..base
            },
        ];
        let keys: HashSet<_> = all.iter().map(Inputs::key).collect();
        assert_eq!(keys.len(), all.len());
        assert_eq!(base.key(), base.clone().key());
    }
}
