//! The cache key of an extraction: a digest of all that decides its answer.

use std::sync::Arc;

use blake3::Hasher;
use chrono::{Datelike, NaiveDate};

use super::DoubtPolicy;
use crate::{
    chat::{Line, Sampling, Script, Turn},
    image::{BlankPages, EncodedImage, GridFit, Limits},
};

/// A 256-bit BLAKE3 digest.
pub type Digest = [u8; 32];

/// That of all that decides an answer.
pub type Key = Digest;

/// All that decides what an extraction answers. [`Inputs::key`] takes it apart field by field, so
/// that one added here cannot be forgotten there; so does what it consists of.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The pictures' files.
    pub files: &'a [EncodedImage],
    /// What the schema is called.
    pub schema_name: &'a str,
    /// What the model is told.
    pub script: &'a Script,
    /// What the request says, where other models may be told it.
    pub said: Option<&'a Script>,
    /// How tokens are drawn.
    pub sampling: &'a Sampling,
    /// Tokens generated at most.
    pub max_tokens: usize,
    /// The same for every request.
    pub settings: Digest,
    /// Who reads it, and then those who may.
    pub readers: &'a [ReaderInputs<'a>],
    /// The day by which dates are judged.
    pub today: NaiveDate,
}

/// What a model brings to an answer.
#[derive(Debug, Clone)]
pub struct ReaderInputs<'a> {
    /// Its name.
    pub model: &'a str,
    /// What was loaded under that name: path or repository, revision, number format, quantisation.
    pub weights: &'a str,
    /// What the picture may cost.
    pub fit: GridFit,
    /// Whether it can be told anything but its own prompts.
    pub takes_instructions: bool,
    /// Whether it is told below the pictures, not above them.
    pub pictures_first: bool,
    /// Of its calibration.
    pub calibration: Option<Digest>,
    /// Its own prompt.
    pub prompt: Arc<str>,
    /// Of the schema that its answers are held to, the currency set.
    pub schema: Digest,
}

/// What of the settings decides every answer.
#[derive(Debug, Clone, Copy)]
pub struct SettingsInputs<'a> {
    /// What becomes of pages on which nothing is printed.
    pub blank_pages: BlankPages,
    /// When the answer is asked for again.
    pub doubt: &'a DoubtPolicy,
    /// How pictures are decoded.
    pub pictures: Limits,
}

impl Inputs<'_> {
    /// The digest.
    #[must_use]
    pub fn key(&self) -> Key {
        let Self {
            files,
            schema_name,
            script,
            said,
            sampling,
            max_tokens,
            settings,
            readers,
            today,
        } = *self;
        let mut parts = Parts(Hasher::new_derive_key(
            "receipt-gateway 2026-11-29 extraction 2",
        ));
        parts.count(files.len());
        for file in files {
            parts.add(&file.bytes);
        }
        parts.add(schema_name.as_bytes());
        parts.script(script);
        parts.count(usize::from(said.is_some()));
        if let Some(said) = said {
            parts.script(said);
        }
        parts.add(sampling_text(sampling).as_bytes());
        parts.count(max_tokens);
        parts.add(&settings);
        parts.count(readers.len());
        for reader in readers {
            parts.reader(reader);
        }
        // Others judge an answer otherwise.
        parts.add(env!("CARGO_PKG_VERSION").as_bytes());
        parts.add(&today.num_days_from_ce().to_le_bytes());
        parts.digest()
    }
}

impl SettingsInputs<'_> {
    /// The digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let Self {
            blank_pages,
            doubt,
            pictures,
        } = self;
        let text = format!("{blank_pages:?} {doubt:?} {pictures:?}");
        *blake3::hash(text.as_bytes()).as_bytes()
    }
}

/// What a digest is made of. Every part goes in behind its length, so that no two run together.
struct Parts(Hasher);

impl Parts {
    fn add(&mut self, part: &[u8]) {
        self.count(part.len());
        self.0.update(part);
    }

    fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_le_bytes());
    }

    fn script(&mut self, script: &Script) {
        let Script { turns } = script;
        self.count(turns.len());
        for Turn { role, lines } in turns {
            self.add(role.as_str().as_bytes());
            self.count(lines.len());
            for line in lines {
                match line {
                    Line::Picture => self.count(0),
                    Line::Text(text) => {
                        self.count(1);
                        self.add(text.as_bytes());
                    }
                }
            }
        }
    }

    fn reader(&mut self, reader: &ReaderInputs<'_>) {
        let ReaderInputs {
            model,
            weights,
            fit:
                GridFit {
                    trim,
                    max_edge,
                    max_tokens,
                },
            takes_instructions,
            pictures_first,
            calibration,
            prompt,
            schema,
        } = reader;
        self.add(model.as_bytes());
        self.add(weights.as_bytes());
        self.add(&[*trim, *takes_instructions, *pictures_first].map(u8::from));
        self.add(&max_edge.to_le_bytes());
        self.add(&max_tokens.to_le_bytes());
        self.add(calibration.as_ref().map_or(&[][..], |digest| &digest[..]));
        self.add(prompt.as_bytes());
        self.add(schema);
    }

    fn digest(&self) -> Digest {
        *self.0.finalize().as_bytes()
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

    use super::*;
    use crate::{
        image::{DecodeLimits, ImageFormat},
        receipt::OnDoubt,
    };

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
        let script = |prompt: &str| Script::below_pictures(1, prompt.to_owned());
        let (p, q) = (script("p"), script("q"));
        let two_pictures = Script::below_pictures(2, "p".to_owned());
        let abc = [file(b"abc")];
        let others = [
            vec![file(b"ab")],
            vec![file(b"abd")],
            vec![file(b"ab"), file(b"c")],
        ];
        let reader = ReaderInputs {
            model: "m",
            weights: "w",
            fit: GridFit {
                trim: false,
                max_edge: 1024,
                max_tokens: 1280,
            },
            takes_instructions: true,
            pictures_first: false,
            calibration: None,
            prompt: "p".into(),
            schema: [1; 32],
        };
        let fit = |trim, max_edge, max_tokens| {
            vec![ReaderInputs {
                fit: GridFit {
                    trim,
                    max_edge,
                    max_tokens,
                },
                ..reader.clone()
            }]
        };
        let readers = [
            vec![ReaderInputs {
                model: "n",
                ..reader.clone()
            }],
            vec![ReaderInputs {
                weights: "v",
                ..reader.clone()
            }],
            fit(true, 1024, 1280),
            fit(false, 1025, 1280),
            fit(false, 1024, 1281),
            vec![ReaderInputs {
                takes_instructions: false,
                ..reader.clone()
            }],
            vec![ReaderInputs {
                pictures_first: true,
                ..reader.clone()
            }],
            vec![ReaderInputs {
                calibration: Some([1; 32]),
                ..reader.clone()
            }],
            vec![ReaderInputs {
                prompt: "q".into(),
                ..reader.clone()
            }],
            vec![ReaderInputs {
                schema: [2; 32],
                ..reader.clone()
            }],
            vec![reader.clone(), reader.clone()],
            vec![],
        ];
        let first = [reader];
        let base = Inputs {
            files: &abc,
            schema_name: "s",
            script: &p,
            said: None,
            sampling: &sampling,
            max_tokens: 100,
            settings: [0; 32],
            readers: &first,
            today: NaiveDate::MIN,
        };
        let mut all = vec![
            base,
            Inputs {
                schema_name: "t",
                ..base
            },
            Inputs {
                today: NaiveDate::MAX,
                ..base
            },
            Inputs {
                settings: [1; 32],
                ..base
            },
            Inputs { script: &q, ..base },
            Inputs {
                script: &two_pictures,
                ..base
            },
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
        all.extend(others.iter().map(|files| Inputs { files, ..base }));
        all.extend(readers.iter().map(|readers| Inputs { readers, ..base }));
        let keys: HashSet<_> = all.iter().map(Inputs::key).collect();
        assert_eq!(keys.len(), all.len());
        assert_eq!(base.key(), base.clone().key());
    }

    #[test]
    fn every_setting_counts() {
        let doubt = report();
        let retry = DoubtPolicy {
            on_doubt: OnDoubt::Retry,
            ..doubt.clone()
        };
        let pictures = Limits {
            decode: DecodeLimits {
                max_side: 1,
                max_pixels: 2,
                max_aspect_ratio: 3.0,
            },
            max_pages: 4,
            pdf_dots_per_inch: 5.0,
        };
        let base = SettingsInputs {
            blank_pages: BlankPages::LeaveOut,
            doubt: &doubt,
            pictures,
        };
        let all = [
            base,
            SettingsInputs {
                blank_pages: BlankPages::Read,
                ..base
            },
            SettingsInputs {
                doubt: &retry,
                ..base
            },
            SettingsInputs {
                pictures: Limits {
                    max_pages: 5,
                    ..pictures
                },
                ..base
            },
        ];
        let digests: HashSet<_> = all.iter().map(SettingsInputs::digest).collect();
        assert_eq!(digests.len(), all.len());
    }
}
