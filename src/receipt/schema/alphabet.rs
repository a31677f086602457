//! The characters that texts of a schema may contain: those of all languages in Latin script, the
//! usual marks, and other scripts that the settings name.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A script that texts may use. Latin is always allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Alphabet {
    /// Arabic, Persian and Urdu.
    Arabic,
    /// Armenian.
    Armenian,
    /// Bengali and Assamese.
    Bengali,
    /// Russian, Ukrainian, Bulgarian, Serbian and others.
    Cyrillic,
    /// Hindi, Marathi and Nepali.
    Devanagari,
    /// Amharic and Tigrinya.
    Ethiopic,
    /// Georgian.
    Georgian,
    /// Greek.
    Greek,
    /// Gujarati.
    Gujarati,
    /// Punjabi.
    Gurmukhi,
    /// Chinese characters, with their full-width digits and marks.
    Han,
    /// Korean.
    Hangul,
    /// Hebrew and Yiddish.
    Hebrew,
    /// Hiragana and katakana; Japanese needs `han` too.
    Kana,
    /// Kannada.
    Kannada,
    /// Khmer.
    Khmer,
    /// Lao.
    Lao,
    /// Latin, which is always allowed.
    Latin,
    /// Malayalam.
    Malayalam,
    /// Burmese.
    Myanmar,
    /// Sinhala.
    Sinhala,
    /// Tamil.
    Tamil,
    /// Telugu.
    Telugu,
    /// Thai.
    Thai,
}

/// The Latin letters, their combining marks, and common marks: quotes, dashes, currency signs,
/// fractions, arrows, ticks. Characters that JSON has to escape and invisible ones are left out.
const LATIN: &str = r"!#-\[\]-~¡-\u{36f}\u{1e00}-\u{1eff}\u{2010}-\u{2027}\u{2030}-\u{205e}\u{2070}-\u{209c}\u{20a0}-\u{20c0}\u{2100}-\u{218b}\u{2190}-\u{21ff}\u{2200}-\u{22ff}\u{25a0}-\u{27bf}\u{2c60}-\u{2c7f}\u{a720}-\u{a7ff}\u{fb00}-\u{fb06}";

/// Joiners between letters, which some scripts require.
const JOINERS: &str = r"\u{200c}-\u{200d}";

impl Alphabet {
    /// Returns the script's blocks of Unicode, as ranges of a character class.
    fn ranges(self) -> &'static str {
        match self {
            Self::Latin => "",
            Self::Arabic => {
                r"\u{606}-\u{61b}\u{61d}-\u{6dc}\u{6de}-\u{6ff}\u{750}-\u{77f}\u{8a0}-\u{8e1}\u{8e3}-\u{8ff}\u{fb50}-\u{fdff}\u{fe70}-\u{fefc}"
            }
            Self::Armenian => r"\u{531}-\u{58f}\u{fb13}-\u{fb17}",
            Self::Bengali => r"\u{980}-\u{9fe}",
            Self::Cyrillic => r"\u{400}-\u{52f}\u{1c80}-\u{1c8a}\u{2de0}-\u{2dff}\u{a640}-\u{a69f}",
            Self::Devanagari => r"\u{900}-\u{97f}\u{a8e0}-\u{a8ff}",
            Self::Ethiopic => r"\u{1200}-\u{139f}\u{2d80}-\u{2ddf}\u{ab01}-\u{ab2e}",
            Self::Georgian => r"\u{10a0}-\u{10ff}\u{1c90}-\u{1cbf}\u{2d00}-\u{2d2d}",
            Self::Greek => r"\u{370}-\u{3ff}\u{1f00}-\u{1fff}",
            Self::Gujarati => r"\u{a81}-\u{aff}",
            Self::Gurmukhi => r"\u{a01}-\u{a76}",
            Self::Han => {
                r"\u{3001}-\u{303f}\u{3200}-\u{33ff}\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{f900}-\u{faff}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}"
            }
            Self::Hangul => {
                r"\u{1100}-\u{11ff}\u{3001}-\u{303f}\u{3131}-\u{318e}\u{3200}-\u{32ff}\u{a960}-\u{a97c}\u{ac00}-\u{d7a3}\u{d7b0}-\u{d7fb}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}"
            }
            Self::Hebrew => r"\u{591}-\u{5f4}\u{fb1d}-\u{fb4f}",
            Self::Kana => {
                r"\u{3001}-\u{303f}\u{3041}-\u{30ff}\u{31f0}-\u{31ff}\u{3200}-\u{33ff}\u{ff01}-\u{ff9f}\u{ffe0}-\u{ffe6}"
            }
            Self::Kannada => r"\u{c80}-\u{cf3}",
            Self::Khmer => r"\u{1780}-\u{17f9}\u{19e0}-\u{19ff}",
            Self::Lao => r"\u{e81}-\u{edf}",
            Self::Malayalam => r"\u{d00}-\u{d7f}",
            Self::Myanmar => r"\u{1000}-\u{109f}\u{a9e0}-\u{a9fe}\u{aa60}-\u{aa7f}",
            Self::Sinhala => r"\u{d81}-\u{df4}",
            Self::Tamil => r"\u{b82}-\u{bfa}",
            Self::Telugu => r"\u{c00}-\u{c7f}",
            Self::Thai => r"\u{e01}-\u{e5b}",
        }
    }

    /// Returns whether the script needs invisible joiners.
    fn joins(self) -> bool {
        matches!(
            self,
            Self::Arabic
                | Self::Bengali
                | Self::Devanagari
                | Self::Gujarati
                | Self::Gurmukhi
                | Self::Kannada
                | Self::Khmer
                | Self::Malayalam
                | Self::Myanmar
                | Self::Sinhala
                | Self::Tamil
                | Self::Telugu
        )
    }
}

/// The definitions of a schema to which the scripts of the settings are added.
const TEXTS: [&str; 2] = ["/$defs/text", "/$defs/short_text"];

/// Allows `scripts` in the texts of `document`.
pub fn widen(document: &mut Value, scripts: &[Alphabet]) {
    if scripts.iter().all(|script| *script == Alphabet::Latin) {
        return;
    }
    let pattern = pattern(scripts);
    for pointer in TEXTS {
        let text = document
            .pointer_mut(pointer)
            .and_then(Value::as_object_mut)
            .filter(|text| is_text(text));
        if let Some(text) = text {
            text.insert("pattern".to_owned(), pattern.clone().into());
        }
    }
}

fn is_text(definition: &Map<String, Value>) -> bool {
    definition.get("type").and_then(Value::as_str) == Some("string")
        && definition.contains_key("pattern")
}

/// Returns a pattern for texts in Latin and `scripts` that do not begin with a blank.
fn pattern(scripts: &[Alphabet]) -> String {
    let mut letters = LATIN.to_owned();
    letters.extend(scripts.iter().map(|script| script.ranges()));
    if scripts.iter().any(|script| script.joins()) {
        letters.push_str(JOINERS);
    }
    let letters = unescaped(&letters);
    format!("^[{letters}][ {letters}]*$")
}

/// Replaces `\u{...}` by the character itself, since not every dialect of patterns supports it.
fn unescaped(class: &str) -> String {
    let mut parts = class.split(r"\u{");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some((digits, rest)) = part.split_once('}') {
            let code = u32::from_str_radix(digits, 16).ok();
            plain.extend(code.and_then(char::from_u32));
            plain.push_str(rest);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::receipt::{Currency, Printed, ReceiptSchema};

    const ALL: [Alphabet; 24] = [
        Alphabet::Arabic,
        Alphabet::Armenian,
        Alphabet::Bengali,
        Alphabet::Cyrillic,
        Alphabet::Devanagari,
        Alphabet::Ethiopic,
        Alphabet::Georgian,
        Alphabet::Greek,
        Alphabet::Gujarati,
        Alphabet::Gurmukhi,
        Alphabet::Han,
        Alphabet::Hangul,
        Alphabet::Hebrew,
        Alphabet::Kana,
        Alphabet::Kannada,
        Alphabet::Khmer,
        Alphabet::Lao,
        Alphabet::Latin,
        Alphabet::Malayalam,
        Alphabet::Myanmar,
        Alphabet::Sinhala,
        Alphabet::Tamil,
        Alphabet::Telugu,
        Alphabet::Thai,
    ];

    /// Loads the schema `receipt-brief`, whose merchant is a text.
    fn brief(scripts: &[Alphabet]) -> ReceiptSchema {
        let text = std::fs::read("schemas/receipt-brief.schema.json").unwrap();
        let printed = Printed {
            currency: Currency::Detect,
            scripts: scripts.to_vec(),
        };
        let document = serde_json::from_slice(&text).unwrap();
        ReceiptSchema::new("receipt-brief", document, &printed).unwrap()
    }

    fn takes(scripts: &[Alphabet], merchant: &str) -> bool {
        let receipt = json!({"merchant": merchant, "date": null, "total": 1, "currency": "XXX"});
        brief(scripts).validate(&receipt).is_ok()
    }

    #[test]
    fn the_files_hold_the_latin_letters() {
        for name in ["invoice", "receipt-brief"] {
            let text = std::fs::read(format!("schemas/{name}.schema.json")).unwrap();
            let document: Value = serde_json::from_slice(&text).unwrap();
            for pointer in TEXTS {
                if let Some(text) = document.pointer(pointer) {
                    assert_eq!(text["pattern"], pattern(&[]), "{name} {pointer}");
                }
            }
        }
    }

    #[test]
    fn latin_languages_need_no_setting() {
        for name in [
            "McDonald’s – Bern",
            "Brutăria Iași",
            "Tiệm Bánh Mì Đặng",
            "Tie\u{302}\u{323}m Ba\u{301}nh",
            "Þórshöfn Æ",
            "Şişli Ğ ı İ",
            "Łódź Żółć",
            "Ɓaƙo Ɗan Ƴar",
            "ọ́fà Ẹ̀kọ́",
            "ʻOhana Hawaiʻi",
            "Māori Ōtautahi",
            "„Zum Löwen“ ‚a‘ «b»",
            "№ 5 • 3 ½ · 2⅓ × €4,20 ₫1.000 ₹5 ₱6 ₺7 £8 ¥9 ₦3 ₽2 ₿1",
            "Café™ ® © § ¶ † …",
            "−5 °C ≈ 3 ‰ ✓ → ★",
            "ﬁne ﬂour",
        ] {
            assert!(takes(&[], name), "{name}");
        }
        for name in [
            "ร้านกาแฟ",
            "好",
            "Хлеб",
            "a\u{200b}b",
            "a\u{202e}b",
            "a\u{2028}b",
            "a\u{a0}b",
            "a\tb",
            " a",
            "a\"b",
            "a\\b",
        ] {
            assert!(!takes(&[], name), "{name}");
        }
    }

    #[test]
    fn other_scripts_are_a_setting() {
        for (scripts, name) in [
            (vec![Alphabet::Thai], "ร้านกาแฟ 7"),
            (vec![Alphabet::Han], "好又多（北京）店"),
            (
                vec![Alphabet::Han, Alphabet::Kana],
                "セブン-イレブン 新宿店 ｶﾌｪ",
            ),
            (vec![Alphabet::Hangul], "서울 상점"),
            (vec![Alphabet::Arabic], "مخبز الأمل ٢٠٢٤"),
            (vec![Alphabet::Arabic], "می\u{200c}خواهم"),
            (vec![Alphabet::Hebrew], "מאפייה"),
            (vec![Alphabet::Cyrillic], "Пекарня «Хлеб» №1"),
            (vec![Alphabet::Greek], "Αρτοποιείο"),
            (vec![Alphabet::Devanagari], "हिन्दी दुकान"),
            (vec![Alphabet::Tamil], "தமிழ் கடை"),
        ] {
            assert!(takes(&scripts, name), "{name}");
            assert!(!takes(&[Alphabet::Latin], name), "{name}");
            assert!(takes(&scripts, "Tiệm"), "{name}");
        }
    }

    #[test]
    fn every_script_is_bounded_and_can_be_held() {
        let schema = brief(&ALL);
        assert!(schema.max_tokens() < brief(&[]).max_tokens() + 60);
        assert!(takes(&ALL, "a"));
    }

    #[test]
    fn a_text_of_another_kind_is_left_alone() {
        let mut document =
            json!({"$defs": {"text": {"enum": ["a"]}, "short_text": {"type": "string"}}});
        let before = document.clone();
        widen(&mut document, &[Alphabet::Thai]);
        assert_eq!(document, before);
    }
}
