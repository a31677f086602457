use std::{collections::HashSet, time::Duration};

use bytes::Bytes;

use super::*;
use crate::image::ImageFormat;

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
    let script = |prompt: &str| Script::below_pictures(1, prompt);
    let (p, q) = (script("p"), script("q"));
    let with_text = script("{page_text}p");
    let two_pictures = Script::below_pictures(2, "p");
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
        reads: Reads::Pictures,
        takes_instructions: true,
        pictures_first: false,
        grounding: Grounding::Enforce,
        weighs_answers: false,
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
            reads: Reads::PageText,
            ..reader.clone()
        }],
        vec![ReaderInputs {
            takes_instructions: false,
            ..reader.clone()
        }],
        vec![ReaderInputs {
            pictures_first: true,
            ..reader.clone()
        }],
        vec![ReaderInputs {
            grounding: Grounding::Report,
            ..reader.clone()
        }],
        vec![ReaderInputs {
            weighs_answers: true,
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
        xml: None,
        schema_name: "s",
        script: Some(&p),
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
            xml: Some(&abc[0].bytes),
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
            settings: [1; 32],
            ..base
        },
        Inputs {
            script: None,
            ..base
        },
        Inputs {
            script: Some(&q),
            ..base
        },
        Inputs {
            script: Some(&two_pictures),
            ..base
        },
        Inputs {
            script: Some(&with_text),
            ..base
        },
        Inputs {
            script: None,
            said: Some(&p),
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
        page_reader: None,
        e_invoices: EInvoiceSettings::default(),
        codes: None,
        weights: [0; 32],
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
        SettingsInputs {
            page_reader: Some("embedded"),
            ..base
        },
        SettingsInputs {
            e_invoices: EInvoiceSettings {
                in_pdfs: false,
                ..base.e_invoices
            },
            ..base
        },
        SettingsInputs {
            e_invoices: EInvoiceSettings {
                xml: XmlLimits {
                    depth: 3,
                    ..XmlLimits::default()
                },
                ..base.e_invoices
            },
            ..base
        },
        SettingsInputs {
            codes: Some(CodeLimits::default()),
            ..base
        },
        SettingsInputs {
            weights: [1; 32],
            ..base
        },
    ];
    let digests: HashSet<_> = all.iter().map(SettingsInputs::digest).collect();
    assert_eq!(digests.len(), all.len());
}
